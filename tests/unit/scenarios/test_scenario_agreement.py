"""A scenario of `presses` steps and the same keys given to ``--press`` walk the same way."""

from __future__ import annotations

from datetime import datetime

from hypothesis import given
from hypothesis import strategies as st

from router.book import RouteBook
from router.record import CallRecord
from simulator.call import TestCall
from simulator.parties import AgentScript, TargetScript
from simulator.scenarios import load_text, run_one
from simulator.script import PressScript
from simulator.virtual import run_virtual

from .company import scenario

AT = datetime.fromisoformat("2026-10-12T10:00:00+08:00").timestamp()
KEYS = st.text(st.sampled_from("0123*#"), min_size=1, max_size=3)
AGENTS = st.sampled_from(["none", "answer:5:30", "never", "full", "no_agents"])
TARGETS = st.sampled_from(["answer", "busy", "no_answer", "failed"])


def facts(record: CallRecord) -> dict[str, object]:
    from zoneinfo import ZoneInfo

    document = record.as_json(ZoneInfo("Asia/Shanghai"))
    return {key: value for key, value in document.items() if key != "call_id"}


@given(st.lists(KEYS, max_size=4), AGENTS, TARGETS)
def test_presses_and_press_agree(book: RouteBook, items: list[str], agents: str, targets: str) -> None:
    steps = [f'presses: "{item}"' for item in items] or ["silent_for: 1s"]
    more = f"agents: {agents}\ntargets: {targets}\n"
    (written,) = load_text(scenario("a", *steps, more=more)).scenarios
    by_steps = run_one(written, book).record
    by_press = run_virtual(
        book,
        TestCall("400-800-1234", "13800138000", AT),
        PressScript(items),
        AgentScript.parse(agents),
        TargetScript.parse(targets),
    )
    assert by_steps is not None
    assert facts(by_steps) == facts(by_press)


@given(st.lists(KEYS, max_size=4), AGENTS, TARGETS)
def test_pressed_replays_the_call(book: RouteBook, items: list[str], agents: str, targets: str) -> None:
    parties = (AgentScript.parse(agents), TargetScript.parse(targets))
    first = run_virtual(book, TestCall("400-800-1234", "13800138000", AT), PressScript(items), *parties)
    again = run_virtual(book, TestCall("400-800-1234", "13800138000", AT), PressScript.parse(first.pressed), *parties)
    assert (again.path, again.heard, again.pressed) == (first.path, first.heard, first.pressed)


STEPS = st.one_of(
    st.sampled_from(["欢迎", "人工请按1", "停电", "再见"]).map(lambda text: f"hears: {text}"),
    KEYS.map(lambda keys: f'presses: "{keys}"'),
    st.sampled_from(["0s", "0.5s", "3s", "40s"]).map(lambda text: f"silent_for: {text}"),
    st.sampled_from(["0s", "0.5s", "3s", "40s"]).map(lambda text: f"waits: {text}"),
    st.sampled_from(["hangs_up:", "queued_in: support", "transferred_to: 010-88880009"]),
    st.sampled_from(["{ hears: 人工, within: 4s }", "{ queued_in: support, within: 1s }"]),
)


@given(st.lists(STEPS, min_size=1, max_size=7), AGENTS, TARGETS)
def test_any_steps_end_in_a_verdict_that_is_the_same_again(
    book: RouteBook, steps: list[str], agents: str, targets: str
) -> None:
    loaded = load_text(scenario("a", *steps, more=f"agents: {agents}\ntargets: {targets}\n"))
    assert loaded.findings == []
    (written,) = loaded.scenarios
    result = run_one(written, book)
    assert result.record is not None
    assert result.record.outcome is not None
    assert result.ok == (result.message() == "")
    if not result.ok:
        (failure,) = result.failures
        assert failure.step is not None
        assert failure.expected == str(written.steps[failure.step - 1])
    assert run_one(written, book).as_json() == result.as_json()
