"""Severities and limits by the key ``lint`` of line400.yaml."""

from __future__ import annotations

import json
import shlex
import shutil
from datetime import date
from pathlib import Path

import pytest

from ivr_flows import load_flow
from ivr_flows.findings import Finding
from ivr_flows.lint import LintSettings, lint
from ivr_flows.schema import read_model
from ivr_flows.yaml_source import read_text
from router.app.main import run
from router.configuration import load

from .rule_pages import world

ROOT = Path(__file__).resolve().parents[3]
LOOP = "flow: loop\nnodes:\n  ask: { menu: 人工请按0。, on: { 0: bye, no_input: ask } }\n  bye: { hangup: normal }\n"


def settings(text: str) -> tuple[LintSettings | None, list[Finding]]:
    return read_model(LintSettings, read_text(text, "line400.yaml"))


def severities(text: str, flow: str = LOOP, file: str = "config/flows/loop.flow.yaml") -> list[str]:
    chosen, findings = settings(text)
    assert chosen is not None, findings
    definition, _ = load_flow(flow, file)
    assert definition is not None
    return [finding.severity for finding in lint(definition, world(definition), chosen)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("rules: {}", ["warning"]),
        ("rules: { silent-loop: error }", ["error"]),
        ("rules: { silent-loop: info }", ["info"]),
        ("rules: { silent-loop: off }", []),
        ("files: { 'flows/loop.flow.yaml': { silent-loop: info } }", ["info"]),
        ("files: { 'flows/l*.flow.yaml': { silent-loop: off } }", []),
        ("files: { 'flows/other.flow.yaml': { silent-loop: off } }", ["warning"]),
        ("rules: { silent-loop: off }\nfiles: { 'flows/loop.flow.yaml': { silent-loop: error } }", ["error"]),
    ],
)
def test_a_severity_may_be_set_for_all_flows_and_for_some(text: str, expected: list[str]) -> None:
    assert severities(text) == expected


@pytest.mark.parametrize(
    ("text", "code", "cure"),
    [
        ("rules: { silent-lop: off }", "unknown-rule", "silent-loop"),
        ("rules: { unknown-node: off }", "rule-needed", "Correct"),
        ("files: { '*': { template-syntax: info } }", "rule-needed", "Correct"),
        ("rules: { silent-loop: quiet }", "bad-value", "warning"),
        ("prompt_characters: 1", "bad-value", "10"),
        ("prompt_length: 100", "unknown-key", ""),
    ],
)
def test_a_wrong_setting_is_a_finding(text: str, code: str, cure: str) -> None:
    chosen, findings = settings(text)
    assert chosen is None
    assert [finding.code for finding in findings] == [code]
    assert cure in findings[0].cure.en


def test_limits_may_be_set() -> None:
    long = "flow: long\nnodes:\n  a: { play: " + "您好" * 20 + " }\n"
    assert severities("prompt_characters: 40", long) == []
    assert severities("prompt_characters: 39", long) == ["warning"]
    far = (
        "flow: far\nnodes:\n  a: { play: 请稍候请稍候请稍候。, next: b }\n  b: { queue: support, on: { timeout: c } }\n"
    )
    far += "  c: { play: 座席忙。 }\n"
    assert severities("human_within: 10s", far) == []
    assert severities("human_within: 1s", far) == ["warning"]


def test_a_configuration_is_judged_by_its_settings(tmp_path: Path) -> None:
    folder = tmp_path / "config"
    shutil.copytree(ROOT / "config", folder)
    (folder / "flows" / "loop.flow.yaml").write_text(LOOP, "utf-8")

    def found() -> list[Finding]:
        findings = load(folder, at=date(2026, 10, 12), examples=True).findings
        return [finding for finding in findings if finding.code == "silent-loop"]

    (finding,) = found()
    assert finding.counter_example == "line400 call NUMBER --flow loop --press ''"
    with (folder / "line400.yaml").open("a", encoding="utf-8") as file:
        file.write("lint: { rules: { silent-loop: off } }\n")
    assert found() == []


def test_the_call_of_a_finding_can_be_copied(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "config"
    shutil.copytree(ROOT / "config", folder)
    sales = folder / "flows" / "sales.flow.yaml"
    sales.write_text(LOOP.replace("flow: loop", "flow: sales"), "utf-8")
    assert run(["--config", str(folder), "check", "--json", "--at", "2026-10-12", str(sales)], {}) == 1
    (finding,) = json.loads(capsys.readouterr().out)["findings"]
    words = shlex.split(finding["counter_example"])[1:]
    assert run([*words, "--config", str(folder), "--json", "--no-store", "--at", "2026-10-12T10:00"], {}) == 0
    record = json.loads(capsys.readouterr().out)
    assert record["fault"]["code"] == "node_limit"
    assert set(record["path"]) == {"ask"}


def test_the_call_dials_a_number_that_leads_to_the_flow(tmp_path: Path) -> None:
    folder = tmp_path / "config"
    shutil.copytree(ROOT / "config", folder)
    sales = folder / "flows" / "sales.flow.yaml"
    sales.write_text(LOOP.replace("flow: loop", "flow: sales"), "utf-8")
    findings = load(folder, at=date(2026, 10, 12), examples=True).findings
    (finding,) = [finding for finding in findings if finding.code == "silent-loop"]
    assert finding.counter_example == "line400 call 400-900-8888 --flow sales --press ''"
