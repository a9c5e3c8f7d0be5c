"""What callers notice of a change where a PIN stands before the flow, or a forwarding in its place."""

from __future__ import annotations

import pytest

from router.book import RouteBook
from router.pins import hash_pin
from simulator.behaviour import Behaviour, Bounds, compare
from simulator.behaviour.calls import Stimulus

from .test_behaviour import DAYS, FILES, FIRST, Edit, changed, configuration, swap, zh

PIN = '    pin: { codes: ["2580"], prompt: 请输入密码。 }\n'
FORWARD = """\
    rules:
      - name: 值班
        when: { weekday: sunday }
        forward: { to: 13800138000, on: { busy: night, no_answer: service } }
"""
TEXT = swap("flows/service.flow.yaml", "人工请按0。", "人工请按0，谢谢。")
NUMBER = "4006005678"


def start_with(options: str) -> dict[str, str]:
    """The company with ``options`` in the route of 400-600-5678."""
    head, found, tail = FILES["routes.yaml"].partition("  400-600-5678:\n")
    assert found
    return {**FILES, "routes.yaml": f"{head}{found}{options}{tail}"}


def both(*edits: Edit) -> Edit:
    def edit(files: dict[str, str]) -> None:
        for one in edits:
            one(files)

    return edit


def test_what_changed_behind_a_pin_is_told_with_the_pin() -> None:
    row = next(row for row in changed(TEXT, start_with(PIN)).rows if NUMBER in row.numbers)
    assert row.stimulus.press.startswith("2580")
    assert row.after.zh == "听到「咨询请按1，人工请按0，谢谢。」"


def test_another_pin_is_told_for_those_who_key_either() -> None:
    behaviour = changed(swap("routes.yaml", '"2580"', '"1357"'), start_with(PIN))
    assert {"2580", "1357"} <= {row.stimulus.press.split(",")[0] for row in behaviour.rows}
    assert behaviour.complete


def test_one_more_pin_is_told_for_those_who_key_it() -> None:
    behaviour = changed(swap("routes.yaml", '["2580"]', '["2580", "1357"]'), start_with(PIN))
    assert [row.stimulus.press for row in behaviour.rows] == ["1357"]
    assert "密码错误" in behaviour.rows[0].before.zh


def test_a_rule_behind_a_pin_is_told_by_those_who_pass() -> None:
    rule = "    rules:\n      - { name: 周日, when: { weekday: sunday }, flow: night }\n"
    (row,) = changed(swap("routes.yaml", PIN, PIN + rule), start_with(PIN)).rows
    assert row.stimulus.press == "2580"
    assert "密码错误" not in row.before.zh + row.after.zh


def test_what_changed_behind_a_pin_that_nobody_knows_is_not_called_the_same() -> None:
    hashed = f"    pin: {{ hashed: ['{hash_pin('2580', b'12345678')}'] }}\n"
    behaviour = changed(TEXT, start_with(hashed))
    assert not any(NUMBER in row.numbers for row in behaviour.rows)
    assert not behaviour.complete


def test_a_flow_behind_a_forwarding_is_compared() -> None:
    edit = swap("flows/night.flow.yaml", "现在是下班时间。", "我们已经下班。")
    (row,) = changed(edit, start_with(FORWARD)).rows
    assert (row.stimulus.target, row.after.zh) == ("busy", "听到「我们已经下班。」")


def test_what_follows_a_forwarding_that_fails_is_compared() -> None:
    behaviour = changed(swap("routes.yaml", "busy: night, no_answer", "failed: night, no_answer"), start_with(FORWARD))
    assert {row.stimulus.target for row in behaviour.rows} == {"busy", "failed"}


def test_a_priority_does_not_hide_what_changed_in_the_flow() -> None:
    start = start_with("    rules:\n      - { name: 周日, when: { weekday: sunday }, priority: 5 }\n")
    edit = both(
        swap("routes.yaml", "priority: 5", "priority: 9"),
        swap("flows/service.flow.yaml", '"0": agent, no_input', '"0": ask, no_input'),
    )
    rows = [row for row in changed(edit, start).rows if NUMBER in row.numbers]
    assert {row.minutes for row in rows} == {DAYS * 1440}


def test_each_row_is_shown_by_a_call_of_its_own_callers() -> None:
    trial = "    trial: { flow: night, callers: testers, share: 5 }\n"
    lists = 'lists:\n  testers: ["13700137000", "01088*"]\n'
    before, after = ({**FILES, **start_with(options)} for options in (trial, ""))
    for files in (before, after):
        files["routes.yaml"] = files["routes.yaml"].replace("lists:\n", lists)
    behaviour: Behaviour = compare(configuration(before), configuration(after), FIRST, bounds=Bounds(DAYS))
    assert len(behaviour.rows) == 2
    for row in behaviour.rows:
        caller = row.stimulus.caller or ""
        listed = "testers" in row.who.zh and "除" not in row.who.zh
        assert listed == caller.startswith(("13700137000", "01088")), zh(row)
        assert len(caller) == 11


def test_a_message_is_told_by_what_asked_for_it() -> None:
    box = (
        "flow: night\nnodes:\n  closed: { play: 现在是下班时间。, next: box }\n"
        "  box: { voicemail: general, next: thanks }\n"
        "  thanks: { play: 留言已收到。, next: end }\n  end: { hangup: normal }\n"
    )
    start = {**FILES, "flows/night.flow.yaml": box}
    behaviour = changed(
        swap(
            "routes.yaml",
            "  400-600-5678:\n    line: sh\n    flow: service",
            "  400-600-5678:\n    line: sh\n    flow: night",
        ),
        start,
    )
    (row,) = behaviour.rows
    assert row.after.zh == "听到「现在是下班时间。」后留言（流程 night）"


def test_a_number_that_no_call_reaches_is_named() -> None:
    start = {
        **FILES,
        "routes.yaml": FILES["routes.yaml"].replace("    line: cd\n", "    line: cd\n    flow: service\n"),
    }
    unpaid = "  - { number: 400-000-1357, state: suspended,"
    start["numbers.yaml"] = start["numbers.yaml"].replace("  - { number: 400-000-1357,", unpaid)
    assert unpaid in start["numbers.yaml"]
    edit = swap("routes.yaml", "    line: cd\n    flow: service\n", "    line: cd\n    flow: night\n")
    behaviour = changed(edit, start)
    assert behaviour.rows == ()
    assert behaviour.sentence().zh == "行为没有变化：没有来电会走不同的路（400-000-1357 不接通任何来电）。"


def test_a_pin_of_the_environment_is_shown_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINE400_TEST_PINS", "8642")
    start = start_with("    pin: { secret_env: LINE400_TEST_PINS }\n")
    behaviour = changed(
        both(TEXT, swap("routes.yaml", "line: bj\n    flow: welcome", "line: cd\n    flow: night")), start
    )
    assert behaviour.rows
    assert not any("8642" in f"{row.sentence()} {row.stimulus.command(behaviour.zone)}" for row in behaviour.rows)
    assert not behaviour.complete
    book = RouteBook.compile(configuration(start))
    assert Stimulus(NUMBER, "13800138000", FIRST, press="8642").run(book).path[:2] == ["pin", "menu"]
