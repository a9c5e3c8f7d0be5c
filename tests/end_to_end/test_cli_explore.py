"""``line400 explore`` and ``line400 diagram``: what is printed is true, and can be copied."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from router.app.main import run

AT = "2026-10-12T10:00"
CONFIG = str(Path(__file__).resolve().parents[2] / "config")


def document(capsys: pytest.CaptureFixture[str], *arguments: str, status: int = 0) -> dict[str, Any]:
    assert run(["--config", CONFIG, "--json", *arguments], {}) == status
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


@pytest.mark.parametrize("subject", ["welcome", "holiday", "promotion", "400-800-1234", "400-100-6699", "4000001357"])
def test_every_call_shown_takes_its_path(subject: str, capsys: pytest.CaptureFixture[str]) -> None:
    explored = document(capsys, "explore", subject, "--at", AT)
    assert explored["complete"]
    assert explored["paths"]
    for way in explored["paths"]:
        words = shlex.split(way["call"])
        assert words[:2] == ["line400", "call"]
        record = document(capsys, *words[1:], "--no-store")
        assert (record["path"], record["outcome"]) == (way["path"], way["outcome"]), way
        assert (record["flow"], record["rule"]) == (way["flow"], way["rule"] or record["rule"])


def test_a_loop_without_a_bound_is_cut_and_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    explored = document(capsys, "explore", "service", "--at", AT)
    assert not explored["complete"]
    assert explored["bound"] == {"visits": 2, "paths": 10_000, "reached": ["visits"]}
    assert explored["coverage"]["service"]["nodes"] == {"taken": 17, "of": 17, "missed": []}
    assert explored["coverage"]["service"]["branches"]["missed"] == []
    assert explored["always_before_human"] == {"service": ["greeting", "hours", "menu"]} or (
        explored["always_before_human"] == {"service": ["greeting", "hours"]}
    )
    few = document(capsys, "explore", "service", "--at", AT, "--paths", "5")
    assert len(few["paths"]) == 5
    assert "paths" in few["bound"]["reached"]


def test_a_whole_number_goes_by_its_rules(capsys: pytest.CaptureFixture[str]) -> None:
    explored = document(capsys, "explore", "4006005678", "--at", AT)
    rules = {(way["rule"], way["flow"]) for way in explored["paths"]}
    assert rules == {("黑名单", None), ("节假日", "holiday"), ("下班", "after-hours"), ("default", "service")}
    blocked = next(way for way in explored["paths"] if way["rule"] == "黑名单")
    assert (blocked["path"], blocked["outcome"]) == ([], "rejected")


def test_covering_takes_few_paths(capsys: pytest.CaptureFixture[str]) -> None:
    explored = document(capsys, "explore", "service", "--cover", "--at", AT)
    assert len(explored["paths"]) < 30
    assert not explored["complete"]
    assert explored["coverage"]["service"]["branches"]["missed"] == []


def test_the_suite_has_its_own_coverage(capsys: pytest.CaptureFixture[str]) -> None:
    whole = document(capsys, "explore", "welcome", "--at", AT)["coverage"]["welcome"]["scenarios"]
    assert whole["nodes"]["taken"] == 3
    other = f"{CONFIG}/scenarios/holiday.scenario.yaml"
    none = document(capsys, "explore", "welcome", "--at", AT, "--scenarios", other)
    assert none["coverage"]["welcome"]["scenarios"]["nodes"]["taken"] == 0


def test_the_tree_is_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--config", CONFIG, "--lang", "zh", "explore", "welcome", "--at", AT], {}) == 0
    shown = capsys.readouterr().out
    assert "greeting" in shown
    assert "排队中" in shown
    assert "节点 3/3" in shown


@pytest.mark.parametrize(
    ("subject", "status", "code"),
    [("servise", 2, "unknown-subject"), ("400-000-0000", 1, "unknown-number"), ("12", 2, "unknown-subject")],
)
def test_what_is_neither_is_refused(subject: str, status: int, code: str, capsys: pytest.CaptureFixture[str]) -> None:
    for command in ("explore", "diagram"):
        assert document(capsys, command, subject, "--at", AT, status=status)["error"]["code"] == code


@pytest.mark.parametrize("subject", ["service", "welcome", "400-600-5678", "4000001357"])
def test_the_picture_is_whole(subject: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "picture.svg"
    found = document(capsys, "diagram", subject, "--svg", str(file), "--at", AT)
    tree = ElementTree.fromstring(file.read_text(encoding="utf-8"))
    groups = tree.findall(".//{http://www.w3.org/2000/svg}g/{http://www.w3.org/2000/svg}rect[@stroke-width]")
    assert len(groups) >= found["boxes"] >= 2
    mermaid = document(capsys, "diagram", subject, "--mermaid", "--at", AT)["mermaid"]
    assert mermaid.startswith("---\ntitle: ")
    assert mermaid.count("-->") + mermaid.count("-.->") == found["arrows"]


def test_a_picture_that_cannot_be_written(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = str(tmp_path / "no" / "such.svg")
    assert (
        document(capsys, "diagram", "welcome", "--svg", file, "--at", AT, status=2)["error"]["code"] == "not-writable"
    )


def test_a_forced_flow_and_data(capsys: pytest.CaptureFixture[str]) -> None:
    forced = ["call", "400-800-1234", "--at", AT, "--press", "", "--no-store", "--flow"]
    assert document(capsys, *forced, "holiday")["path"][:2] == ["notice", "choice"]
    assert document(capsys, *forced, "holidy", status=2)["error"]["code"] == "unknown-flow"
    bad = ["call", "400-800-1234", "--at", AT, "--press", "", "--data", "[1]", "--no-store"]
    assert document(capsys, *bad, status=2)["error"]["code"] == "bad-data"
