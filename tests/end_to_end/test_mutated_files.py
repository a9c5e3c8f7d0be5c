"""Files as typing, merging and broken disks leave them: whatever looks at a configuration ends with findings, never
with a traceback."""

from __future__ import annotations

import random
import shutil
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ivr_flows import editing
from ivr_flows.schema import Refusal
from ivr_flows.yaml_source import read_text
from router.app.main import run
from router.editor.actions import all_fixed, quick_fixes
from router.editor.checking import Checker
from router.editor.workspace import Workspace

ROOT = Path(__file__).resolve().parents[2]
FILES = (
    "flows/service.flow.yaml",
    "flows/holiday.flow.yaml",
    "flows/sales.flow.yaml",
    "routes.yaml",
    "calendars.yaml",
    "lines.yaml",
    "queues.yaml",
    "scenarios/holiday.scenario.yaml",
)
PIECES = [
    *(
        "{",
        "}",
        "[",
        "]",
        ":",
        "-",
        '"',
        "'",
        "#",
        "&a",
        "*a",
        "!!x",
        "|",
        ">",
        "{{",
        "}}",
        "{%",
        "%}",
        "null",
        "~",
        "on",
    ),
    *("9" * 30, "1e999", "-1", ".nan", "😀", "?", "---", "...", "${x}", "on:", "next:", "start:", "nodes:", "texts:"),
    *("{{texts.x}}", "0x1F", "1:2:3", "2026-02-30", "@", "`", "%", "\t", "\n", "\u2028", "\x85", "\x00", "\ufeff"),
]
MUTATIONS = settings(
    max_examples=40, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def mutated(text: str, chance: random.Random) -> bytes:
    for _ in range(chance.randrange(1, 5)):
        at, to = chance.randrange(len(text) + 1), chance.randrange(len(text) + 1)
        words = text.split()
        lines = text.split("\n")
        line = chance.randrange(len(lines))
        match chance.randrange(6):
            case 0:
                text = text[:at] + text[at + chance.randrange(1, 8) :]
            case 1:
                text = text[:at] + chance.choice(PIECES) + text[at:]
            case 2:
                text = text[:at] + text[min(at, to) : max(at, to)][:200] + text[at:]
            case 3:
                lines[line] = " " * chance.randrange(6) + lines[line].lstrip()
                text = "\n".join(lines)
            case 4:
                other = chance.randrange(len(lines))
                lines[line], lines[other] = lines[other], lines[line]
                text = "\n".join(lines)
            case _:
                text = text.replace(chance.choice(words), chance.choice([*words, *PIECES]), 1) if words else text
    data = bytearray(text.encode("utf-8"))
    if data and chance.random() < 0.15:
        data[chance.randrange(len(data))] = chance.randrange(256)
    return bytes(data)


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(shutil.copytree(ROOT / "config", tmp_path_factory.mktemp("mutated") / "config"))


@MUTATIONS
@given(name=st.sampled_from(FILES), seed=st.integers(0, 2**32))
def test_commands_end_with_a_status(company: Path, name: str, seed: int) -> None:
    chance = random.Random(seed)
    file = company / name
    whole = file.read_bytes()
    subject = Path(name).name.removesuffix(".flow.yaml") if name.startswith("flows/") else "service"
    commands = [["check", "--at", "2026-10-12"], ["diagram", subject, "--mermaid", "--at", "2026-10-12T10:00"]]
    if name.startswith("flows/"):
        commands.append(["explore", subject, "--cover", "--at", "2026-10-12T10:00"])
        commands.append(["fmt", "--check", str(file)])
    try:
        file.write_bytes(mutated(whole.decode("utf-8"), chance))
        command = chance.choice(commands)
        assert run(["--config", str(company), "--json", *command], {}) in (0, 1, 2), command
    finally:
        file.write_bytes(whole)


@MUTATIONS
@given(name=st.sampled_from(FILES), seed=st.integers(0, 2**32))
def test_the_editor_goes_on(company: Path, name: str, seed: int) -> None:
    chance = random.Random(seed)
    file = company / name
    text = mutated(file.read_text("utf-8"), chance).decode("utf-8", "replace")
    checker, workspace = Checker(), Workspace()
    findings = checker.findings(file, text, {file: text})
    is_flow = name.startswith("flows/")
    for finding in findings:
        list(quick_fixes(finding, text, is_flow=is_flow))
    for named in workspace.names(file, {file: text})[file][:5]:
        with suppress(Refusal):
            workspace.rename(named, "another", file, {file: text})
    if is_flow:
        all_fixed(findings, text)
        tree, lines = read_text(text, str(file)), text.split("\n")
        for _ in range(4):
            line = chance.randrange(len(lines))
            column = chance.randrange(len(lines[line]) + 1)
            editing.complete(text, line, column, checker.environment(file))
            editing.hover(tree, line, column)
