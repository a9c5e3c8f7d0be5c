"""The documents say what the program does: commands, options, statuses, links, and every command line in them."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.main import get_command

from router.app.arguments import FLAGS, VALUES
from router.app.registry import COMMANDS, Entry

ROOT = Path(__file__).resolve().parents[2]
CLI = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
DOCUMENTS = [
    ROOT / "README.md",
    ROOT / "README.zh-CN.md",
    ROOT / "CONTRIBUTING.md",
    *sorted((ROOT / "docs").glob("*.md")),
]
GLOBAL = {*FLAGS, *VALUES, "--help", "--version"}


def options_of(entry: Entry) -> set[str]:
    app = typer.Typer(add_completion=False)
    app.command()(entry.load())
    command: Any = get_command(app)
    return {
        name
        for parameter in command.params
        if parameter.param_type_name == "option"
        for name in (*parameter.opts, *parameter.secondary_opts)
        if name != "--help"
    }


def sections(text: str) -> dict[str, str]:
    parts = re.split(r"^## (.+)$", text, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def documented_options(section: str) -> set[str]:
    """The options in the first column of a section's tables."""
    cells = re.findall(r"^\| ((?:`[^`]+`(?:, )?)+) \|", section, re.MULTILINE)
    return {word for cell in cells for word in re.findall(r"`(--?[a-z][a-z-]*)", cell)}


@pytest.mark.parametrize("entry", COMMANDS, ids=lambda entry: entry.name)
def test_every_command_is_documented_with_exactly_its_options(entry: Entry):
    assert documented_options(sections(CLI)[entry.name]) == options_of(entry)


def test_no_command_is_documented_that_is_not_there():
    assert set(sections(CLI)) - {"Global options", "Exit status"} == {entry.name for entry in COMMANDS}


def test_the_global_options_are_documented():
    assert documented_options(sections(CLI)["Global options"]) == GLOBAL


def command_lines(text: str) -> list[str]:
    """The ``line400 …`` lines of code blocks, and those in backticks that name a command with more behind it."""
    blocks = re.findall(r"^```[a-z]*\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    found = [line.strip() for block in blocks for line in block.splitlines()]
    found += re.findall(r"`(line400 [a-z]+ [^`\n]+)`", text)
    lines = [re.sub(r"^\$ ?", "", line).removeprefix(".venv/bin/") for line in found]
    return [line.split("  #")[0] for line in lines if line.startswith("line400 ") and "[GLOBAL" not in line]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_command_line_in_a_document_names_what_there_is(document: Path):
    known = {entry.name: entry for entry in COMMANDS}
    for line in command_lines(document.read_text(encoding="utf-8")):
        words = shlex.split(line)[1:]
        names = [word for word in words if not word.startswith("-")]
        if not names or names[0] == "COMMAND":
            continue
        assert names[0] in known, line
        options = {word.split("=")[0] for word in words if re.match(r"--?[a-z]", word)}
        assert options <= options_of(known[names[0]]) | GLOBAL, line


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_to_files(document: Path):
    for target in re.findall(r"\]\(([^)#:]+?)(?:#[^)]*)?\)", document.read_text(encoding="utf-8")):
        assert (document.parent / target).exists(), target


def test_the_readme_begins_with_what_to_install():
    for name in ("README.md", "README.zh-CN.md"):
        text = (ROOT / name).read_text(encoding="utf-8")
        first = next(line for line in text.splitlines() if line.strip() and not line.startswith("#"))
        assert "apt install git make python3-venv" in first


def test_files_that_documents_name_are_there():
    for document in DOCUMENTS:
        for name in re.findall(r"`((?:router|ivr_flows|simulator|tests|docs)/[\w/.-]+)`", document.read_text("utf-8")):
            assert (ROOT / name).exists(), f"{document.name}: {name}"


def test_the_licence_is_there_in_full():
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert "Apache License" in text
    assert "Version 2.0, January 2004" in text
    assert "END OF TERMS AND CONDITIONS" in text
