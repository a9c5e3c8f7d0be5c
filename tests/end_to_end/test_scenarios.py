"""The scenarios of the example company hold against its configuration, and the documentation's examples are true."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from ivr_flows.commands import ALL_KEYS
from router.book import RouteBook
from simulator.scenarios import Report, load_files, load_text, run_over, run_virtually, scenario_json_schema
from simulator.scenarios.schema import BOUNDED_VERBS, VERBS
from simulator.scenarios.setup import book_from
from simulator.scenarios.switch_way import over_switch

ROOT = Path(__file__).parents[2]
SCENARIOS = ROOT / "config" / "scenarios"
PAGE = ROOT / "docs" / "scenarios.md"


@pytest.fixture(scope="module")
def company() -> RouteBook:
    return book_from(ROOT / "config")


@pytest.fixture(scope="module")
def report(company: RouteBook) -> Report:
    loaded = load_files([SCENARIOS])
    assert [finding.as_text() for finding in loaded.findings] == []
    return run_virtually(loaded, company)


def test_every_scenario_of_the_example_company_holds(report: Report) -> None:
    assert [result.message() for result in report.results if not result.ok] == []
    assert len(report.results) >= 15


def test_they_reach_every_flow_and_every_way_a_call_can_end(report: Report, company: RouteBook) -> None:
    records = [result.record for result in report.results if result.record is not None]
    assert {record.flow for record in records} >= {
        "welcome",
        "welcome-v2",
        "service",
        "sales",
        "promotion",
        "holiday",
        "after-hours",
    }
    assert {record.outcome for record in records} >= {
        "answered",
        "voicemail",
        "completed",
        "abandoned",
        "queued",
        "rejected",
        "no_route",
    }
    assert {record.called for record in records} >= set(company_numbers())


def company_numbers() -> list[str]:
    from router.configuration import load

    configuration = load(ROOT / "config").configuration
    assert configuration is not None
    return [facts.number for facts in configuration.numbers]


def test_a_scenario_notices_when_the_configuration_changes(company: RouteBook) -> None:
    text = (SCENARIOS / "blocked-caller.scenario.yaml").read_text(encoding="utf-8")
    loaded = load_text(text.replace("13900000000", "13800138000"))
    (result,) = run_virtually(loaded, company).results
    assert not result.ok


def test_the_schema_file_is_the_schema() -> None:
    written = json.loads((SCENARIOS / "scenario.schema.json").read_text(encoding="utf-8"))
    assert written == json.loads(json.dumps(scenario_json_schema()))


def test_every_scenario_file_names_the_schema_and_a_moment() -> None:
    for file in SCENARIOS.glob("*.scenario.yaml"):
        assert file.read_text(encoding="utf-8").startswith("# yaml-language-server: $schema=scenario.schema.json\n")


def _blocks(language: str) -> list[str]:
    text = PAGE.read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def test_the_examples_of_the_documentation_hold(company: RouteBook) -> None:
    wholes = [block for block in _blocks("yaml") if block.startswith("scenario")]
    assert len(wholes) == 3
    for block in wholes:
        loaded = load_text(block)
        assert loaded.findings == []
        assert [result.message() for result in run_virtually(loaded, company).results if not result.ok] == []


async def test_the_python_example_of_the_documentation_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    (block,) = _blocks("python")
    names: dict[str, object] = {}
    exec(compile(block, str(PAGE), "exec"), names)
    example = names["test_repair"]
    assert callable(example)
    await example()


def test_the_documentation_names_every_verb_key_and_option() -> None:
    text = PAGE.read_text(encoding="utf-8")
    definitions = scenario_json_schema()["$defs"]
    for verb in VERBS:
        assert f"`{verb}:" in text
    for key in (*definitions["CallModel"]["properties"], *definitions["ScenarioModel"]["properties"]):
        assert f"`{key}" in text or f"{key}:" in text, key
    plugin = (ROOT / "simulator" / "pytest_plugin.py").read_text(encoding="utf-8")
    for option in re.findall(r'"(--line400-\w+)"', plugin):
        assert option in text
    assert set(VERBS) >= BOUNDED_VERBS
    assert {"*", "#"} <= ALL_KEYS


AGREED = ("path", "heard", "pressed", "outcome", "called", "line", "rule", "hangup", "fault")


async def test_every_scenario_holds_over_the_embedded_switch_and_agrees(company: RouteBook, report: Report) -> None:
    live = await run_over(load_files([SCENARIOS]), company.zone, over_switch(company), n=4)
    assert [result.message() for result in live.results if not result.ok] == []
    for virtual, switch in zip(report.results, live.results, strict=True):
        assert virtual.record is not None
        assert switch.record is not None
        said = virtual.record.as_json(company.zone)
        done = switch.record.as_json(company.zone)
        assert {key: done[key] for key in AGREED} == {key: said[key] for key in AGREED}, virtual.name
