"""What callers notice of a change, found exactly and said in their words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from router.book import RouteBook
from router.configuration import load_files
from router.model import Configuration
from router.partition import Partition, partition
from simulator.behaviour import Behaviour, Bounds, Row, compare
from simulator.behaviour.calls import Stimulus, differ
from simulator.behaviour.flows import FlowBounds
from tests.end_to_end.conftest import COMPANY

FIRST = datetime.fromisoformat("2026-10-01T00:00:00+08:00").timestamp()
DAYS = 61
FILES = {
    **{name: text for name, text in COMPANY.items() if not name.startswith("scenarios/")},
    "calendars.yaml": "calendars:\n  office: { holidays: CN, open: { workday: ['09:00-18:00'] } }\n",
    "flows/night.flow.yaml": "flow: night\nstart: when\nnodes:\n"
    "  when: { hours: office, on: { open: agent, closed: bye } }\n"
    "  agent: { queue: default, on: { answered: end, timeout: end } }\n  bye: { play: 现在是下班时间。, next: end }\n"
    "  end: { hangup: normal }\n",
}
Edit = Callable[[dict[str, str]], None]


def configuration(files: dict[str, str]) -> Configuration:
    loaded = load_files({name: text.encode() for name, text in files.items()}, Path("config"))
    assert loaded.configuration is not None, loaded.findings
    return loaded.configuration


def changed(edit: Edit, start: dict[str, str] = FILES) -> Behaviour:
    after = dict(start)
    edit(after)
    return compare(configuration(start), configuration(after), FIRST, bounds=Bounds(DAYS))


def swap(name: str, old: str, new: str) -> Edit:
    def edit(files: dict[str, str]) -> None:
        assert old in files[name], (name, old)
        files[name] = files[name].replace(old, new)

    return edit


def zh(row: Row) -> str:
    return row.sentence().zh


RULE = """\
      - name: 周六上海
        when: { caller: { province: 上海 }, weekday: saturday }
        reject: busy
        announce: 周末请拨打其他号码。
"""


def test_a_new_rule_is_told_in_callers_words() -> None:
    behaviour = changed(swap("routes.yaml", "      - name: 上海来电\n", RULE + "      - name: 上海来电\n"))
    (row,) = behaviour.rows
    assert row.numbers == ("4008001234",)
    assert "周六" in row.when.zh
    assert row.who.zh == "上海来电"
    assert row.before.zh.startswith("听到「咨询请按1")
    assert row.after.zh == "听到「周末请拨打其他号码。」后被拒接（忙音）"
    assert row.minutes == 9 * 24 * 60
    assert row.stimulus.command(behaviour.zone).startswith("line400 call 400-800-1234 --from 021")


def test_a_comment_or_another_layout_changes_nothing() -> None:
    behaviour = changed(swap("routes.yaml", "routes:\n", "# 总路由\n\nroutes:\n"))
    assert behaviour.rows == ()
    assert behaviour.numbers == 0
    assert behaviour.sentence().zh.startswith("行为没有变化")
    moved = changed(swap("flows/service.flow.yaml", "title: 服务热线\n", "title: 热线\n# 说明\n"))
    assert (moved.rows, moved.numbers) == ((), 0)


def test_a_flow_that_only_has_another_name_changes_nothing() -> None:
    def rename(files: dict[str, str]) -> None:
        files["flows/hotline.flow.yaml"] = files.pop("flows/service.flow.yaml").replace(
            "flow: service", "flow: hotline"
        )
        files["routes.yaml"] = files["routes.yaml"].replace("flow: service", "flow: hotline")

    behaviour = changed(rename)
    assert behaviour.rows == ()
    assert behaviour.complete


def test_a_node_that_only_has_another_name_changes_nothing() -> None:
    behaviour = changed(swap("flows/service.flow.yaml", "bye", "goodbye"))
    assert (behaviour.rows, behaviour.numbers) == ((), 2)


def test_a_text_is_told_once_with_every_number_that_plays_it() -> None:
    behaviour = changed(swap("flows/service.flow.yaml", "人工请按0。", "人工请按0，谢谢。"))
    assert [(row.numbers, row.who.zh, row.keys.zh) for row in behaviour.rows] == [
        (("4008001234",), "上海来电", ""),
        (("4006005678",), "所有来电", ""),
    ]
    assert behaviour.rows[0].after.zh == "听到「咨询请按1，人工请按0，谢谢。」"


def test_a_branch_is_told_with_the_keys_that_lead_to_it() -> None:
    behaviour = changed(swap("flows/service.flow.yaml", '"0": agent, no_input', '"0": ask, no_input'))
    row = next(row for row in behaviour.rows if row.numbers == ("4006005678",) and row.before.zh.startswith("进入"))
    assert row.keys.zh == "，按 0"
    assert row.before.zh == "进入 default 队列"


def test_hours_that_only_a_flow_asks_are_cut_at_their_edges() -> None:
    start = {**FILES, "routes.yaml": FILES["routes.yaml"].replace("    flow: welcome\n", "    flow: night\n")}
    behaviour = changed(swap("calendars.yaml", "09:00-18:00", "09:00-17:30"), start)
    assert {(row.before.zh, row.after.zh, row.keys.zh) for row in behaviour.rows} == {
        ("进入 default 队列", "听到「现在是下班时间。」后挂断", ""),
        ("在 default 队列未接通后挂断", "听到「现在是下班时间。」后挂断", "，队列已满"),
    }
    row = behaviour.rows[0]
    assert "17:30–18:00" in row.when.zh
    assert row.who.zh == "其余来电"
    assert row.minutes % 30 == 0
    assert 35 * 30 <= row.minutes <= 45 * 30


def test_a_number_that_comes_and_one_that_goes() -> None:
    def edit(files: dict[str, str]) -> None:
        files["numbers.yaml"] = files["numbers.yaml"].replace("400-000-1357", "400-000-2468")
        files["routes.yaml"] = files["routes.yaml"].replace("400-000-1357", "400-000-2468")
        files["routes.yaml"] = files["routes.yaml"].replace("    line: cd\n", "    line: cd\n    flow: welcome\n")

    behaviour = changed(edit)
    assert {(row.numbers[0], row.before.zh[:4], row.after.zh[:4]) for row in behaviour.rows} == {
        ("4000002468", "无法接通", "进入 d"),
        ("4000001357", "无法接通", "无法接通"),
    }


def test_a_share_is_told_as_a_part_of_the_callers() -> None:
    share = "      - { name: 试运行, when: { share: 20, by: call }, flow: service }\n"
    behaviour = changed(swap("routes.yaml", "      - name: 上海来电\n", share + "      - name: 上海来电\n"))
    assert {row.who.zh for row in behaviour.rows} == {"上海来电中的 20%", "其余来电中的 20%"}


def test_numbers_that_behave_alike_are_one_row() -> None:
    many = dict(FILES)
    numbers = [f"400-810-{index:04d}" for index in range(20)]
    many["numbers.csv"] = "number,purchased\n" + "".join(f"{number},2026-01-01\n" for number in numbers)
    many["routes.csv"] = "number,line,flow\n" + "".join(f"{number},bj,service\n" for number in numbers)
    behaviour = changed(swap("flows/service.flow.yaml", "人工请按0。", "人工请按0，谢谢。"), many)
    assert max(len(row.numbers) for row in behaviour.rows) == 20
    assert behaviour.differing == 22


def test_the_company_is_heard() -> None:
    flow = "flow: welcome\nnodes:\n  a: { play: '您好，这里是{{ company }}。', next: b }\n  b: { hangup: normal }\n"
    behaviour = changed(swap("line400.yaml", "示例科技", "示例通信"), {**FILES, "flows/welcome.flow.yaml": flow})
    assert behaviour.rows[0].after.zh == "听到「您好，这里是示例通信。」"


def test_a_subflow_counts_for_the_flows_that_call_it() -> None:
    start = {
        **FILES,
        "flows/sub.flow.yaml": "flow: sub\nstart: a\nnodes:\n  a: { play: 一, next: b }\n  b: { return: ok }\n",
        "flows/outer.flow.yaml": "flow: outer\nnodes:\n"
        "  s: { subflow: sub, on: { ok: e, failed: e } }\n  e: { hangup: normal }\n",
        "routes.yaml": FILES["routes.yaml"].replace("    flow: welcome\n", "    flow: outer\n"),
    }
    behaviour = changed(swap("flows/sub.flow.yaml", "play: 一", "play: 二"), start)
    assert [(row.before.zh, row.after.zh) for row in behaviour.rows] == [("听到「一」", "听到「二」")]


EDITS: dict[str, Edit] = {
    "rule": swap("routes.yaml", "      - name: 上海来电\n", RULE + "      - name: 上海来电\n"),
    "province": swap("routes.yaml", "province: 上海 }", "province: [上海, 江苏] }"),
    "list": swap("routes.yaml", '["13900000000"]', '["139000*"]'),
    "line": swap("routes.yaml", "    line: bj\n    flow: welcome", "    line: cd\n    flow: welcome"),
    "flow": swap("flows/service.flow.yaml", '"0": agent, no_input: bye', '"0": agent, no_input: ask'),
    "hours": swap(
        "routes.yaml",
        "      - name: 上海来电\n",
        "      - { name: 下班, when: { hours: office, is: closed }, reject: busy }\n      - name: 上海来电\n",
    ),
}
CALLERS = ["13800138000", "13900000000", "13900001111", "02166660001", "02566660001", "95588", None, "0085221234567"]


FLOW_EDITS: dict[str, Edit] = {
    "text": swap("flows/service.flow.yaml", "人工请按0。", "人工请按0，谢谢。"),
    "branch": swap("flows/service.flow.yaml", '"0": agent, no_input', '"0": ask, no_input'),
    "deep": swap("flows/service.flow.yaml", "on: { ok: agent,", "on: { ok: bye,"),
    "start": swap("flows/service.flow.yaml", "start: menu", "start: ask"),
    "new node": swap(
        "flows/service.flow.yaml", "    hangup: normal", "    play: 再见。\n    next: end\n  end:\n    hangup: normal"
    ),
    "retries": swap("flows/service.flow.yaml", "retries: 1", "retries: 2"),
}


@pytest.mark.parametrize("name", sorted(FLOW_EDITS))
def test_a_flow_of_too_many_paths_is_told_by_what_changed(name: str) -> None:
    after = dict(FILES)
    FLOW_EDITS[name](after)
    sides = configuration(FILES), configuration(after)

    def told(paths: int) -> set[tuple[object, ...]]:
        found = compare(*sides, FIRST, bounds=Bounds(DAYS, flows=FlowBounds(paths)))
        assert found.complete
        return {(row.numbers, row.who, row.when, row.before, row.after) for row in found.rows}

    few, many = told(1), told(1_000)
    assert few
    assert few <= many
    assert {row[:3] for row in few} == {row[:3] for row in many}


@cache
def compared(name: str) -> tuple[RouteBook, RouteBook, Behaviour]:
    after = dict(FILES)
    EDITS[name](after)
    books = [RouteBook.compile(configuration(files)) for files in (FILES, after)]
    return books[0], books[1], changed(EDITS[name])


@cache
def cells(name: str, number: str) -> Partition:
    before, after, behaviour = compared(name)
    return partition((before, after), number, behaviour.first, behaviour.last)


@settings(max_examples=200, deadline=None)
@given(
    edit=st.sampled_from(sorted(EDITS)),
    caller=st.sampled_from(CALLERS),
    number=st.sampled_from(["4008001234", "4006005678", "4000001357"]),
    minute=st.integers(0, DAYS * 1440 - 1),
    press=st.sampled_from(["", "0", "1,12#", ",0", "h"]),
)
def test_a_call_that_differs_is_told_and_one_that_is_told_differs(
    edit: str, caller: str | None, number: str, minute: int, press: str
) -> None:
    before, after, behaviour = compared(edit)
    at = FIRST + minute * 60
    who = cells(edit, number).locate(caller, at).who.meets
    rows = [
        row
        for row in behaviour.rows
        if number in row.numbers
        and any(cell.who.meets == who and any(a <= at < b for a, b in cell.when) for cell in row.cells)
    ]
    stimulus = Stimulus(number, caller, at, press=press)
    assert not differ(stimulus.run(before), stimulus.run(after), {}) or rows
    for row in rows:
        shown = replace(row.stimulus, caller=caller, at=at)
        assert differ(shown.run(before), shown.run(after), {})
