"""What a run says of a scenario: the words of a failed step, expectations by exact value, and every verb end to end."""

from __future__ import annotations

from pathlib import Path

import pytest

from router.book import RouteBook
from router.record import CallRecord
from simulator.scenarios import Report, load_text, run_virtually
from simulator.scenarios.schema import ExpectModel
from simulator.scenarios.setup import book_from
from simulator.scenarios.verdict import ScenarioResult

from .company import scenario, write_company


def run(book: RouteBook, text: str, seed: int = 0) -> Report:
    loaded = load_text(text, "x.scenario.yaml")
    assert loaded.findings == []
    return run_virtually(loaded, book, seed=seed)


def one(book: RouteBook, text: str) -> ScenarioResult:
    (result,) = run(book, text).results
    return result


def test_a_failed_step_prints_expectation_heard_path_and_place(book: RouteBook) -> None:
    result = one(book, scenario("按2听到外线", "hears: 欢迎致电", "presses: 0", "hears: 外线请按3"))
    assert result.message() == (
        "x.scenario.yaml:6:5  step 3 of 3\n"
        "  expected  hears: 外线请按3\n"
        "  why       The call ended before this step (outcome completed, hang-up by flow).\n"
        "  hint      The closest heard: 人工请按1，外线请按2，结束请按0。\n"
        "  heard     1. 您好，欢迎致电测试公司。\n"
        "            2. 人工请按1，外线请按2，结束请按0。\n"
        "  path      greeting → menu → bye"
    )
    assert result.as_json() == {
        "name": "按2听到外线",
        "file": "x.scenario.yaml",
        "line": 6,
        "ok": False,
        "expected": "hears: 外线请按3",
        "heard": ["您好，欢迎致电测试公司。", "人工请按1，外线请按2，结束请按0。"],
        "path": ["greeting", "menu", "bye"],
        "message": result.message(),
    }


def test_the_words_exist_in_chinese(book: RouteBook) -> None:
    message = one(book, scenario("a", "hears: 停电通知")).message("zh")
    assert "第 1 步，共 1 步" in message
    assert "期望      hears: 停电通知" in message
    assert "此步骤之前通话已结束" in message


def test_a_text_that_was_heard_before_the_step_is_said_to_be_earlier(book: RouteBook) -> None:
    result = one(book, scenario("a", "hears: 人工请按1", "presses: 0", "hears: 欢迎致电"))
    assert "heard earlier" in result.message()


def test_a_step_that_comes_late_says_when(book: RouteBook) -> None:
    result = one(book, scenario("a", "hears: 人工请按1\n    within: 1s"))
    assert "s after the step before, not within 1 s." in result.message()
    assert result.path == ("greeting", "menu")


def test_a_call_that_ends_at_the_queue_says_how_to_go_on(book: RouteBook) -> None:
    result = one(book, scenario("a", "presses: 1", "queued_in: support", "waits: 5s"))
    assert "`agents: never`" in result.message()


def test_another_queue_and_another_target_are_named(book: RouteBook) -> None:
    assert "queued_in: support" in one(book, scenario("a", "presses: 1", "queued_in: sales")).message()
    message = one(book, scenario("a", "presses: 2", "transferred_to: 010-88880008")).message()
    assert "transferred_to: 010-88880009" in message or "transferred_to: 01088880009" in message


def test_keys_that_nothing_asks_for_fail(book: RouteBook) -> None:
    text = scenario("a", "presses: 1", "presses: 2", more="agents: answer\n")
    result = one(book, text)
    assert result.failures[0].step == 2
    assert "Nothing asked for these keys" in result.message()


def test_a_number_that_is_none_is_said_at_its_place(book: RouteBook) -> None:
    result = one(book, scenario("a", "hears: 欢迎").replace("400-800-1234", "400-800-12345"))
    (failure,) = result.failures
    assert (failure.place.line, failure.expected) == (2, "to: 400-800-12345")


PASSING = {
    "hears and presses": scenario("a", "hears: 欢迎", "presses: 1", more="expect: { pressed: '1', queue: support }\n"),
    "an answered queue": scenario(
        "a", "presses: 1", "queued_in: support", more="agents: answer:3:9\nexpect: { outcome: answered }\n"
    ),
    "a transfer that is busy": scenario(
        "a",
        "presses: 2",
        "transferred_to: 010-88880009",
        "hears: 外线请按2",
        more="targets: busy\nexpect: { path: [greeting, menu, outside, menu, bye] }\n",
    ),
    "silence": scenario(
        "a",
        "hears: 人工请按1",
        "silent_for: 30s",
        more="expect: { path: [greeting, menu, bye], pressed: ',', hangup_by: flow }\n",
    ),
    "a hang-up": scenario(
        "a",
        "hears: 人工请按1",
        "waits: 1s",
        "hangs_up:",
        more="expect: { outcome: abandoned, abandoned_in: flow, hangup: { by: caller, cause: 16 } }\n",
    ),
    "a key into the prompt": scenario(
        "a", "hears: 人工请按1", "waits: 0.5s", "presses: 0", more="expect: { pressed: '0', billable_minutes: 1 }\n"
    ),
    "a key that is dropped": scenario(
        "a", "hears: 欢迎", "waits: 0.5s", "presses: 0", "hears: 人工", more="expect: { pressed: ',' }\n"
    ),
    "a rejection": scenario(
        "a",
        "hears: tone:reorder",
        more="expect: { outcome: rejected, rule: 黑名单, hangup: { cause: 21 }, path: [], answered: null }\n",
    ).replace("13800138000", "13900000000"),
    "moments": scenario(
        "a",
        "hears: 欢迎",
        more="expect: { started: 2026-10-12T02:00:00+00:00, answered: 2026-10-12T10:00:00, test: true }\n",
    ),
    "no fault": scenario("a", "presses: 0", more="expect: { fault: null, abandoned_in: null, queue: null }\n"),
}


@pytest.mark.parametrize("case", PASSING)
def test_every_verb_in_virtual_time(book: RouteBook, case: str) -> None:
    result = one(book, PASSING[case])
    assert result.message() == ""
    assert result.ok


@pytest.mark.parametrize(
    ("expect", "got"),
    [
        ("outcome: answered", "outcome is completed."),
        ("called: 400-800-1234", "called is 4008001234."),
        ("path: [greeting]", "path is [greeting, menu, bye]."),
        ("pressed: ''", "pressed is 0."),
        ("hangup_by: caller", "hangup_by is flow."),
        ("hangup: { by: flow, cause: 17 }", "hangup is {by: flow, cause: 16}."),
        ("fault: { code: unbound }", "fault is null."),
        ("queue: support", "queue is null."),
        ("duration_s: 1000", "duration_s is"),
        ("test: false", "test is true."),
        ("answered: null", "answered is 2026-10-12T10:00:00"),
    ],
)
def test_an_expectation_is_exact(book: RouteBook, expect: str, got: str) -> None:
    result = one(book, scenario("a", "presses: 0", more=f"expect:\n  {expect}\n"))
    (failure,) = result.failures
    assert got in failure.why.en
    assert (failure.place.line, failure.place.column, failure.step) == (6, 3, None)


def test_all_expectations_that_do_not_hold_are_told(book: RouteBook) -> None:
    result = one(book, scenario("a", "presses: 0", more="expect: { outcome: queued, hangup_by: agent, line: bj }\n"))
    assert [failure.expected for failure in result.failures] == ["outcome: queued", "hangup_by: agent"]


def test_expectations_are_not_compared_when_a_step_failed(book: RouteBook) -> None:
    result = one(book, scenario("a", "hears: 停电", more="expect: { outcome: queued }\n"))
    assert [failure.expected for failure in result.failures] == ["hears: 停电"]


def test_expect_knows_every_key_of_a_call_result() -> None:
    from zoneinfo import ZoneInfo

    record = CallRecord("1", None, "hidden", None, None, "", 0.0)
    assert set(ExpectModel.model_fields) == {*record.as_json(ZoneInfo("UTC")), "hangup_by"}
    assert all(field.default is None for field in ExpectModel.model_fields.values())


def test_the_same_seed_gives_the_same_report(book: RouteBook) -> None:
    text = scenario("a", "presses: 1", "hears: 停电")
    assert run(book, text, 3).as_json() == run(book, text, 3).as_json()
    assert run(book, text, 3).as_json()["seed"] == 3


def test_data_are_variables_of_the_flow(tmp_path: Path) -> None:
    folder = write_company(tmp_path)
    (folder / "flows" / "main.flow.yaml").write_text(
        """\
flow: main
start: decide
nodes:
  decide:
    branch: [ { when: "{{ code == '7' }}", next: known } ]
    else: ask
  ask:
    gather: { prompt: 请输入会员号, max_digits: 1, into: code, retries: 0 }
    on: { ok: decide, no_input: bye, no_match: bye }
  known: { play: "会员{{ code }}您好", next: bye }
  bye: { hangup: normal }
""",
        encoding="utf-8",
    )
    company = book_from(folder)
    text = scenario("a", "hears: 会员7您好")
    assert one(company, text.replace("+08:00 }", '+08:00, data: { code: "7" } }')).ok
    assert one(company, text).path == ("decide", "ask", "bye")
