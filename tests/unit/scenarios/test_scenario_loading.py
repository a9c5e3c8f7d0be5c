"""Scenario files: what is read, and every fault of a file with its place and a cure."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from simulator.scenarios.loading import ScenariosMissing, load_file, load_files, load_text, scenario_files
from simulator.scenarios.schema import scenario_json_schema

CHINA = timezone(timedelta(hours=8))
WHOLE = """\
scenario: 国庆假期来电听到放假通知
tags: [假期, hours]
call: { to: 400-800-1234, from: "13800138000", at: 2026-10-01T10:00:00+08:00 }
agents: answer:5:30
targets: busy
steps:
  - hears: 欢迎致电
    within: 3s
  - presses: 1
  - presses: "12#"
  - silent_for: 6s
  - waits: 1m30s
  - queued_in: support
  - transferred_to: 010-88880009
  - hangs_up:
expect: { outcome: completed, called: "4008001234", path: [greeting, menu], hangup_by: flow, fault: null }
"""


def head(**more: str) -> str:
    keys = {
        "scenario": "一个场景",
        "call": "{ to: 400-800-1234, at: 2026-10-01T10:00:00 }",
        "steps": "[ { hears: 欢迎 } ]",
    } | more
    return "\n".join(f"{key}: {value}" for key, value in keys.items() if value) + "\n"


def test_the_whole_of_a_scenario_is_read() -> None:
    loaded = load_text(WHOLE, "a.scenario.yaml")
    assert loaded.findings == []
    (scenario,) = loaded.scenarios
    assert scenario.name == "国庆假期来电听到放假通知"
    assert (scenario.to, scenario.caller) == ("400-800-1234", "13800138000")
    assert scenario.at == datetime(2026, 10, 1, 10, tzinfo=CHINA)
    assert (scenario.agents.kind, scenario.agents.after_s, scenario.targets.kind) == ("answer", 5.0, "busy")
    assert scenario.tags == ("假期", "hours")
    assert [str(step) for step in scenario.steps] == [
        "hears: 欢迎致电 (within 3s)",
        "presses: 1",
        "presses: 12#",
        "silent_for: 6s",
        "waits: 90s",
        "queued_in: support",
        "transferred_to: 010-88880009",
        "hangs_up:",
    ]
    assert [(step.place.line, step.place.column) for step in scenario.steps[:3]] == [(7, 5), (9, 5), (10, 5)]
    assert [(item.key, item.value) for item in scenario.expect] == [
        ("outcome", "completed"),
        ("called", "4008001234"),
        ("path", ["greeting", "menu"]),
        ("hangup_by", "flow"),
        ("fault", None),
    ]
    assert str(scenario.expect[0].place) == "a.scenario.yaml:16:11"


def test_a_time_without_offset_is_in_the_configured_zone() -> None:
    (scenario,) = load_text(head()).scenarios
    assert scenario.moment(ZoneInfo("Asia/Shanghai")) == datetime(2026, 10, 1, 10, tzinfo=CHINA).timestamp()
    assert scenario.moment(ZoneInfo("UTC")) == datetime(2026, 10, 1, 18, tzinfo=CHINA).timestamp()


def test_a_file_may_hold_several_scenarios() -> None:
    one = (
        "  - scenario: {}\n"
        "    call: {{ to: 400-800-1234, at: 2026-10-01T10:00:00 }}\n"
        "    steps: [ {{ hears: 欢迎 }} ]\n"
    )
    loaded = load_text("scenarios:\n" + one.format("甲") + one.format("乙"))
    assert loaded.findings == []
    assert [(scenario.name, scenario.place.line) for scenario in loaded.scenarios] == [("甲", 2), ("乙", 5)]


def test_the_good_scenarios_of_a_file_are_read_beside_a_bad_one() -> None:
    text = """\
scenarios:
  - scenario: 好
    call: { to: 400-800-1234, at: 2026-10-01T10:00:00 }
    steps: [ { hears: 欢迎 } ]
  - scenario: 坏
    call: { to: 400-800-1234 }
    steps: [ { hears: 欢迎 } ]
"""
    loaded = load_text(text, "b.scenario.yaml")
    assert [scenario.name for scenario in loaded.scenarios] == ["好"]
    assert [(finding.code, str(finding.place)) for finding in loaded.findings] == [
        ("missing-key", "b.scenario.yaml:6:5")
    ]


def test_the_call_id_depends_on_name_and_seed_alone() -> None:
    (first,) = load_text(head(), "a.scenario.yaml").scenarios
    (second,) = load_text("# moved\n" + head(), "b.scenario.yaml").scenarios
    assert first.id_for(7) == second.id_for(7) != first.id_for(8)
    (given,) = load_text(head(call="{ to: 400-800-1234, at: 2026-10-01T10:00:00, call_id: c-1 }")).scenarios
    assert given.id_for(7) == "c-1"


def test_data_keeps_the_types_that_its_author_wrote() -> None:
    data = '{ level: 3, vip: true, none: null, code: "3", order: 0123, rate: 1.5, list: [1, "a"] }'
    (scenario,) = load_text(head(call=f"{{ to: 400-800-1234, at: 2026-10-01T10:00:00, data: {data} }}")).scenarios
    assert scenario.data == {
        "level": 3,
        "vip": True,
        "none": None,
        "code": "3",
        "order": "0123",
        "rate": 1.5,
        "list": [1, "a"],
    }


def test_agents_and_targets_may_stand_in_the_call() -> None:
    call = "{ to: 400-800-1234, at: 2026-10-01T10:00:00, agents: never, targets: busy }"
    (scenario,) = load_text(head(call=call)).scenarios
    assert (scenario.agents.kind, scenario.targets.kind) == ("never", "busy")


BAD = {
    "no moment": (head(call="{ to: 400-800-1234 }"), "missing-key", 2, 1, "never reads the clock", "at:"),
    "wrong moment": (
        head(call="{ to: 400-800-1234, at: tomorrow }"),
        "bad-time",
        2,
        27,
        "`tomorrow` is no time",
        "ISO 8601",
    ),
    "no name": (head(scenario=""), "missing-key", 1, 1, "`scenario` is missing", "scenario"),
    "no call": (head(call=""), "missing-key", 1, 1, "`call` is missing", "call"),
    "nothing checked": (head(steps=""), "empty-scenario", 1, 1, "checks nothing", "steps"),
    "unknown verb": (head(steps="[ { heers: 欢迎 } ]"), "unknown-key", 3, 12, "`heers`", "Did you mean `hears`?"),
    "unknown key": (head(expected="{ outcome: completed }"), "unknown-key", 4, 1, "`expected`", "`expect`"),
    "unknown key of call": (
        head(call="{ to: 400-800-1234, at: 2026-10-01T10:00:00, agent: none }"),
        "unknown-key",
        2,
        52,
        "`agent`",
        "Did you mean `agents`?",
    ),
    "two verbs": (head(steps="[ { hears: a, presses: 1 } ]"), "bad-step", 3, 10, "hears, presses", "dash"),
    "no verb": (head(steps="[ { within: 3s } ]"), "bad-step", 3, 10, "no verb", "hears"),
    "a step that is a text": (head(steps="[ hears ]"), "bad-step", 3, 10, "`hears` is no step", "colon"),
    "a verb without value": (head(steps="[ { waits: } ]"), "bad-step", 3, 10, "`waits` has no value", "waits"),
    "within beside presses": (
        head(steps="[ { presses: 1, within: 3s } ]"),
        "bad-step",
        3,
        10,
        "`within` cannot stand beside `presses`",
        "hears",
    ),
    "a bare hash": (head(steps="\n  - presses: #\n  - hears: a"), "bad-keys", 4, 5, "no keys", "quotes"),
    "not a key": (head(steps='[ { presses: "1x" } ]'), "bad-keys", 3, 12, "`x` in `1x`", "0-9"),
    "h is no key": (head(steps="[ { presses: h } ]"), "bad-keys", 3, 12, "`h`", "hangs_up"),
    "hang-up with a value": (head(steps="[ { hangs_up: 3s } ]"), "bad-step", 3, 12, "no value", "waits"),
    "empty text": (head(steps='[ { hears: "" } ]'), "empty-text", 3, 12, "empty text", "part"),
    "no duration": (head(steps="[ { waits: soon } ]"), "bad-duration", 3, 12, "`soon`", "5s"),
    "bad agents": (head(agents="sometimes"), "bad-agents", 4, 1, "`sometimes`", "never"),
    "bad targets": (head(targets="gone"), "bad-targets", 4, 1, "`gone`", "busy"),
    "agents twice": (
        head(call="{ to: 400-800-1234, at: 2026-10-01T10:00:00, agents: never }", agents="never"),
        "given-twice",
        1,
        1,
        "twice",
        "Keep one",
    ),
    "unknown outcome": (head(expect="{ outcome: complete }"), "bad-value", 4, 11, "`complete`", "`completed`"),
    "unknown expectation": (head(expect="{ out_come: x }"), "unknown-key", 4, 11, "`out_come`", "`outcome`"),
    "path is no list": (head(expect="{ path: greeting }"), "bad-value", 4, 11, "a list", "a list"),
    "not a mapping": ("- a\n- b\n", "bad-scenario-file", 1, 1, "mapping", "scenario"),
    "beside the list": (
        "scenarios:\n  - scenario: a\n    call: { to: 400-800-1234, at: 2026-10-01T10:00:00 }\n"
        "    steps: [ { hears: 欢迎 } ]\nseed: 1\n",
        "unknown-key",
        5,
        1,
        "`seed`",
        "Move it",
    ),
    "empty list": ("scenarios: []\n", "bad-value", 1, 1, "at least one", "scenario"),
    "empty file": ("", "empty-file", 1, 1, "empty", "Write"),
    "tab": ("scenario: a\ncall:\n\tto: 1\n", "tab", 3, 1, "tab", "spaces"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_fault_has_its_place_and_a_cure(case: str) -> None:
    text, code, line, column, message, cure = BAD[case]
    (finding,) = load_text(text, "x.scenario.yaml").findings
    assert (finding.code, finding.place.line, finding.place.column) == (code, line, column)
    assert message in finding.message.en
    assert cure in finding.cure.en
    assert finding.message.zh
    assert finding.cure.zh


def test_all_faults_of_a_file_are_told_at_once() -> None:
    text = head(
        call="{ to: 400-800-1234, from: 1 }",
        steps="\n  - heers: a\n  - waits: soon\n  - presses: h",
        expect="{ outcome: complete }",
    )
    codes = [finding.code for finding in load_text(text).findings]
    assert sorted(codes) == ["bad-duration", "bad-keys", "bad-value", "missing-key", "unknown-key"]


def test_scenario_files_are_found_below_a_folder_in_order(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    for name in ("b/z.scenario.yaml", "a.scenario.yaml", "notes.yaml"):
        (tmp_path / name).write_text(head(), encoding="utf-8")
    found = scenario_files([tmp_path, tmp_path / "a.scenario.yaml"])
    assert [path.relative_to(tmp_path).as_posix() for path in found] == ["a.scenario.yaml", "b/z.scenario.yaml"]
    assert len(load_files([tmp_path]).scenarios) == 2


def test_a_path_that_is_not_there_or_holds_nothing_is_said(tmp_path: Path) -> None:
    with pytest.raises(ScenariosMissing, match="There is no"):
        scenario_files([tmp_path / "none"])
    with pytest.raises(ScenariosMissing, match="no scenario in"):
        scenario_files([tmp_path])


def test_bytes_that_are_not_utf8_are_a_finding(tmp_path: Path) -> None:
    path = tmp_path / "a.scenario.yaml"
    path.write_bytes("scenario: 假期".encode("gbk"))
    (finding,) = load_file(path).findings
    assert finding.code == "wrong-encoding"


def test_the_json_schema_names_every_verb_and_key() -> None:
    schema = scenario_json_schema()
    step = schema["$defs"]["StepModel"]["properties"]
    assert set(step) == {
        "hears",
        "presses",
        "silent_for",
        "waits",
        "hangs_up",
        "queued_in",
        "transferred_to",
        "within",
    }
    assert set(schema["$defs"]["CallModel"]["required"]) == {"to", "at"}
    assert "from" in schema["$defs"]["CallModel"]["properties"]
