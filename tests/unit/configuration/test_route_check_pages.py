"""The pages of ``docs/rules/routes``: what is wrong there is found, what is right is not, and the command shows it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from router.app.main import run
from router.configuration import load
from router.configuration.route_checks import CODES, RULES

FOLDER = Path(__file__).resolve().parents[3] / "docs" / "rules" / "routes"
DAY = date(2026, 11, 24)
BASE = {
    "line400.yaml": "company: 示例科技\n",
    "numbers.yaml": (
        "numbers:\n  - { number: 400-800-1234, purchased: 2026-01-01 }\n"
        "  - { number: 400-600-5678, purchased: 2026-01-01 }\n"
    ),
    "lines.yaml": (
        "lines:\n  bj: { base_number: 010-88880001, trunk: t }\n  sh: { base_number: 021-66660002, trunk: t }\n"
    ),
    "routes.yaml": (
        "routes:\n  400-800-1234: { line: bj, flow: welcome }\n  400-600-5678: { line: sh, flow: sales }\n"
    ),
    "calendars.yaml": 'calendars:\n  office: { holidays: CN, open: { workday: ["09:00-18:00"] } }\n',
    "flows/sales.flow.yaml": "flow: sales\nnodes:\n  bye: { play: 销售。, next: end }\n  end: { hangup: normal }\n",
}


@dataclass(frozen=True, slots=True)
class Case:
    page: str
    code: str
    wrong: dict[str, str]
    right: dict[str, str]
    call: str | None
    shows: tuple[str, str] | None


def files_of(part: str) -> dict[str, str]:
    found = {}
    for block in re.findall(r"```yaml\n(.*?)```", part, re.DOTALL):
        first, _, rest = block.partition("\n")
        found[first.removeprefix("# ")] = rest
    return found


def cases() -> list[Case]:
    found = []
    for path in sorted(FOLDER.glob("*.md")):
        if path.stem == "index":
            continue
        parts = re.split(r"^## ", path.read_text("utf-8"), flags=re.MULTILINE)[1:]
        for wrong, right in zip(parts[::2], parts[1::2], strict=True):
            other = re.match(r"Wrong \((.*)\)", wrong)
            code = other[1] if other else path.stem
            assert right.startswith(f"Right ({code})" if other else "Right"), path
            call = re.search(r"^Shown by: `(.*)` → `(.*): (.*)`$", wrong, re.MULTILINE)
            shows = (call[2], call[3]) if call else None
            found.append(Case(path.stem, code, files_of(wrong), files_of(right), call[1] if call else None, shows))
    return found


CASES = cases()


def written(folder: Path, files: dict[str, str]) -> Path:
    for name, text in {**BASE, **files}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def anybody(command: str | None) -> str | None:
    """``command`` with whichever caller: which one is shown is a matter of the tables of places."""
    return None if command is None else re.sub(r"--from \d+", "--from CALLER", command)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.code)
def test_what_is_wrong_is_found_with_its_command(case: Case, tmp_path: Path) -> None:
    found = load(written(tmp_path, case.wrong), at=DAY, examples=True).findings
    assert [finding for finding in found if finding.severity == "error"] == []
    (finding,) = [finding for finding in found if finding.code == case.code]
    rule = CODES[case.code]
    assert finding.severity == rule.severity
    assert finding.place.line > 1
    assert anybody(finding.counter_example) == anybody(case.call)
    assert rule.behaviour == (case.call is not None)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.code)
def test_what_is_right_is_clean(case: Case, tmp_path: Path) -> None:
    found = load(written(tmp_path, case.right), at=DAY, examples=True).findings
    assert [f for f in found if f.severity != "info" or f.code == case.code] == []


@pytest.mark.parametrize("case", [case for case in CASES if case.call], ids=lambda case: case.code)
def test_the_command_shows_the_fault(case: Case, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = written(tmp_path / "config", case.wrong)
    assert case.shows is not None
    key, value = case.shows
    found = load(folder, at=DAY, examples=True).findings
    for command in (case.call, next(f.counter_example for f in found if f.code == case.code)):
        assert command is not None
        words = command.split()
        assert words[0] == "line400"
        run(["--config", str(folder), "--json", *words[1:]], {})
        said = json.loads(capsys.readouterr().out)
        assert (said[key]["code"] if isinstance(said[key], dict) else said[key]) == value


def test_every_check_has_a_page_and_stands_in_the_list() -> None:
    assert {case.page for case in CASES} == {rule.code for rule in RULES}
    assert {case.code for case in CASES} == set(CODES)
    listed = (FOLDER / "index.md").read_text("utf-8")
    for rule in RULES:
        others = f" ({', '.join(f'`{code}`' for code in rule.others)})" if rule.others else ""
        summary = f"{rule.summary.en} / {rule.summary.zh}"
        assert f"| [{rule.code}]({rule.code}.md){others} | {rule.severity} | {summary} |" in listed
