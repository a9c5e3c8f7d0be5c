"""Findings as SARIF 2.1.0."""

from __future__ import annotations

import json
from pathlib import Path

from ivr_flows.findings import Finding, Place, Text
from ivr_flows.sarif import sarif
from router.app.main import run

from .rule_pages import judged

LOOP = "flow: loop\nnodes:\n  ask: { menu: 人工请按0。, on: { 0: bye, no_input: ask } }\n  bye: { hangup: normal }\n"


def test_a_finding_becomes_a_result_with_its_rule_and_place() -> None:
    log = sarif(judged(LOOP), "1.0")
    assert log["version"] == "2.1.0"
    (found,) = log["runs"]
    assert found["tool"]["driver"]["rules"][0]["id"] == "silent-loop"
    assert found["tool"]["driver"]["rules"][0]["help"]["text"] == "docs/rules/silent-loop.md"
    (result,) = found["results"]
    assert (result["ruleId"], result["ruleIndex"], result["level"]) == ("silent-loop", 0, "warning")
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {"uri": "example.flow.yaml", "uriBaseId": "%SRCROOT%"}
    assert place["region"] == {"startLine": 3, "startColumn": 48}
    assert result["properties"]["counterExample"].startswith("line400 call")


def test_infos_are_notes_and_paths_are_uris() -> None:
    text = Text("It is.", "是的。")
    place = Place("/etc/配置/a b.yaml")
    log = sarif([Finding("info", "some-code", place, text, text)] * 2, "1.0", "zh")
    results = log["runs"][0]["results"]
    assert [result["level"] for result in results] == ["note", "note"]
    assert len(log["runs"][0]["tool"]["driver"]["rules"]) == 1
    uri = results[0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert uri == "file:///etc/%E9%85%8D%E7%BD%AE/a%20b.yaml"
    assert results[0]["message"]["text"] == "是的。 是的。"


def test_check_writes_it_and_fixes(tmp_path: Path, capsys) -> None:
    file = tmp_path / "loop.flow.yaml"
    file.write_text(LOOP.replace("bye: {", "say: { say: 您好。 }\n  bye: {").replace("0: bye", "0: say"), "utf-8")
    log = tmp_path / "out.sarif"
    assert run(["check", "--fix", "--json", "--sarif", str(log), str(file)], {}) == 1
    shown = json.loads(capsys.readouterr().out)
    assert [item["code"] for item in shown["fixed"]] == ["deprecated-key"]
    assert sorted(item["code"] for item in shown["findings"]) == ["silent-loop", "unreachable-node"]
    assert "say: { play: 您好。 }" in file.read_text("utf-8")
    results = json.loads(log.read_text("utf-8"))["runs"][0]["results"]
    assert sorted(result["ruleId"] for result in results) == ["silent-loop", "unreachable-node"]
    assert next(r for r in results if r["ruleId"] == "silent-loop")["level"] == "warning"
