"""Calls in virtual time: keys and hang-ups at every moment, agents and targets, sameness of runs."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr_flows import Session
from ivr_flows.session import MAX_NODES_PER_CALL
from simulator.parties import AgentScript, TargetScript
from simulator.script import CallerScript, HangUp, Press, PressScript, TimedHangUp
from simulator.virtual import VirtualCall
from tests.unit.flows.environment import AT, compiled, context, nodes
from tests.unit.flows.random_flows import flows
from tests.unit.flows.test_session import SERVICE

SERVICE_FLOW = compiled(SERVICE)


def run(
    caller: CallerScript | str = "",
    agents: str = "none",
    target: str = "answer",
    flow: str | None = None,
    hours: str = "open",
) -> tuple[Session, VirtualCall]:
    session = (compiled(flow, hours) if flow else SERVICE_FLOW).session(context())
    script = PressScript.parse(caller) if isinstance(caller, str) else caller
    call = VirtualCall(session, script, AgentScript.parse(agents), TargetScript.parse(target), AT)
    call.run()
    return session, call


class Impatient(CallerScript):
    """Presses keys at fixed moments after the call was placed, whatever is played."""

    watches = True

    def __init__(self, *presses: tuple[float, str]) -> None:
        self.presses = presses

    def connected(self, at: float) -> list[Press]:
        return [Press(key, after) for after, key in self.presses]


@pytest.mark.parametrize(
    ("press", "path", "inputs", "outcome"),
    [
        ("1", ["greeting", "menu", "hours", "agent"], ["1"], "queued"),
        ("0", ["greeting", "menu", "agent"], ["0"], "queued"),
        ("", ["greeting", "menu", "agent"], ["", "", ""], "queued"),
        (",,", ["greeting", "menu", "agent"], ["", "", ""], "queued"),
        (",1", ["greeting", "menu", "hours", "agent"], ["", "1"], "queued"),
        ("9,8,7", ["greeting", "menu", "bye"], ["9", "8", "7"], "completed"),
        ("9,,0", ["greeting", "menu", "agent"], ["9", "", "0"], "queued"),
        ("h", ["greeting", "menu"], ["h"], "abandoned"),
        (",h", ["greeting", "menu"], ["", "h"], "abandoned"),
        ("123", ["greeting", "menu", "hours", "agent"], ["1"], "queued"),
    ],
)
def test_item_n_answers_attempt_n(press: str, path: list[str], inputs: list[str], outcome: str) -> None:
    session, _ = run(press)
    assert (session.path, session.inputs, session.outcome) == (path, inputs, outcome)


@pytest.mark.parametrize("press", ["1", "0", "", ",1", "9,8,7", "9,,0", "h", ",h", "123", "*", "#,1"])
def test_what_was_pressed_can_be_replayed(press: str) -> None:
    session, _ = run(press)
    again, _ = run(",".join(session.inputs))
    assert (again.path, again.inputs, again.outcome) == (session.path, session.inputs, session.outcome)


@pytest.mark.parametrize(
    ("agents", "path_end", "outcome", "by"),
    [
        ("none", "agent", "queued", "caller"),
        ("answer", "bye", "answered", "flow"),
        ("answer:70", "message", "voicemail", "flow"),
        ("never", "message", "voicemail", "flow"),
        ("full", "message", "voicemail", "flow"),
        ("no_agents", "message", "voicemail", "flow"),
    ],
)
def test_agents(agents: str, path_end: str, outcome: str, by: str) -> None:
    session, _ = run("0", agents)
    assert path_end in session.path[-2:]
    assert (session.outcome, session.hangup_by) == (outcome, by)


@pytest.mark.parametrize(
    ("target", "outcome"), [("answer", "answered"), ("busy", "completed"), ("failed", "completed")]
)
def test_targets(target: str, outcome: str) -> None:
    flow = nodes("""
human: { transfer: 010-88880009, on: { busy: bye, no_answer: bye, failed: bye } }
bye: { hangup: busy }
""")
    session, _ = run("", target=target, flow=flow)
    assert session.outcome == outcome
    assert session.hangup_by == ("target" if target == "answer" else "flow")


def test_a_call_of_minutes_takes_its_minutes_in_virtual_time_only() -> None:
    session, call = run("0", "answer:50:3600")
    assert call.now - AT > 3650
    assert session.ended_at == call.now


def test_keys_pressed_while_a_prompt_plays_that_cannot_be_interrupted_are_dropped() -> None:
    session, _ = run(Impatient((0.5, "1")))
    assert session.stray == 1
    assert session.inputs == ["", "", ""]


def test_a_key_pressed_into_the_menus_prompt_answers_it() -> None:
    session, _ = run(Impatient((4.5, "0")))
    assert session.inputs == ["0"]


BARGE = nodes("""
greet: { play: { text: 欢迎致电示例科技服务热线。, barge_in: true }, next: ask }
ask:
  gather: { prompt: 请输入三位分机号。, max_digits: 3, retries: 0 }
  on: { ok: bye, no_input: silent }
silent: { hangup: busy }
bye: { hangup: normal }
""")


def test_a_key_that_interrupts_a_play_is_the_first_of_the_number() -> None:
    session, _ = run(Impatient((1.0, "8"), (1.5, "0"), (2.0, "1")), flow=BARGE)
    assert session.inputs == ["801"]
    assert session.heard == ["欢迎致电示例科技服务热线。"], "the prompt that was never begun is not heard"


def test_keys_left_over_from_an_item_do_not_reach_the_next_attempt() -> None:
    flow = nodes("""
one: { menu: 请按1。, on: { 1: two, no_input: bye } }
two: { menu: 请按2。, on: { 2: bye, no_input: silent, no_match: wrong } }
silent: { hangup: 19 }
wrong: { hangup: 21 }
bye: { hangup: normal }
""")
    session, _ = run("12,", flow=flow)
    assert session.inputs == ["1", "", "", ""]
    assert session.path[-1] == "silent"


@given(
    after=st.floats(0, 200),
    agents=st.sampled_from(["none", "answer", "never", "full"]),
    press=st.sampled_from(["1", "0", "", "9"]),
)
@settings(max_examples=200, deadline=None)
def test_a_caller_may_hang_up_at_any_moment(after: float, agents: str, press: str) -> None:
    session, call = run(TimedHangUp(after, PressScript.parse(press)), agents)
    assert session.outcome is not None
    assert session.ended_at is not None
    assert session.ended_at >= AT
    if call.now > AT + after:  # the call outlived the caller's patience only where it had ended by then
        assert session.hangup_by != "caller" or session.outcome in ("answered", "queued", "voicemail")


@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_the_same_script_gives_the_same_call(data: st.DataObject) -> None:
    presses = data.draw(st.lists(st.tuples(st.floats(0, 40), st.sampled_from("0123456789*#")), max_size=6))
    leaves = data.draw(st.floats(0, 90))

    class Restless(Impatient):
        def connected(self, at: float) -> list[Press | HangUp]:  # type: ignore[override]
            return [*super().connected(at), HangUp(leaves)]

    traces = []
    for _ in range(2):
        session, call = run(Restless(*presses), "answer:4:20")
        traces.append((session.path, session.heard, session.inputs, session.outcome, session.stray, call.now))
    assert traces[0] == traces[1]


class Watching(PressScript):
    """Presses what the plain script presses, and is told of everything: the driver takes the way of every other."""

    def __init__(self, items: Sequence[str]) -> None:
        super().__init__(items)
        self.watches = True
        self.plain = ()


def shown(session: Session) -> dict[str, object]:
    """Everything of a session but its functions."""
    functions = ("_resume", "_on_gone", "_waiting_enter", "flow")
    return {name: getattr(session, name) for name in Session.__slots__ if name not in functions}


OPENINGS = {
    "begin": "",
    "hello": "  hello: { play: 您好。, next: begin }\n",
    "pick_up": "  pick_up: { answer: , next: hello }\n  hello: { play: 您好。, next: again }\n"
    "  again: { answer: , next: begin }\n",
}


@given(
    text=flows(),
    opening=st.sampled_from(list(OPENINGS)),
    keys=st.lists(st.sampled_from(["", "1", "2", "0", "5", "12", "1234#", "*", "h"]), max_size=6),
    agents=st.sampled_from(["none", "answer", "answer:40:10", "never", "full", "no_agents"]),
    target=st.sampled_from(["answer", "busy", "no_answer"]),
    announcement=st.sampled_from([None, "系统维护中。"]),
    ends=st.booleans(),
)
@settings(max_examples=200, deadline=None)
def test_a_caller_whom_nobody_watches_has_the_same_call(
    text: str, opening: str, keys: list[str], agents: str, target: str, announcement: str | None, ends: bool
) -> None:
    flow = compiled(text.replace("start: begin", f"start: {opening}") + OPENINGS[opening])
    facts = context(announcement=announcement, end_after_announcement=ends)
    parties = AgentScript.parse(agents), TargetScript.parse(target)
    calls = [VirtualCall(flow.session(facts), script(keys), *parties, AT) for script in (PressScript, Watching)]
    for call in calls:
        call.run()
    plain, watched = calls
    assert shown(plain.session) == shown(watched.session)
    assert (plain.now, plain.attempts, plain.recordings) == (watched.now, watched.attempts, watched.recordings)


def test_prompts_without_an_end_are_ended_with_a_fault() -> None:
    session, call = run(
        "",
        flow=nodes("""
one: { play: 您好。, next: two }
two: { play: 请稍候。, next: one }
"""),
    )
    assert session.fault is not None
    assert session.fault.code == "node_limit"
    assert len(session.path) == MAX_NODES_PER_CALL + 1
    assert len(session.heard) == MAX_NODES_PER_CALL
    assert session.ended_at == call.now


def test_the_first_prompt_is_heard_whole_where_it_answers_the_call() -> None:
    session, call = run(
        "",
        flow=nodes("""
one: { hours: office, on: { open: two, closed: two } }
two: { play: 您好。, next: three }
three: { hangup: normal }
"""),
    )
    assert session.heard == ["您好。"]
    assert session.answered_at == AT
    assert call.now > AT


def test_a_condition_that_fails_behind_a_prompt_is_the_configurations_fault() -> None:
    session, _ = run(
        "",
        flow=nodes("""
one: { play: 您好。, next: two }
two: { branch: [ { when: "{{ 1 / (last | int) }}", next: one } ], else: one }
"""),
    )
    assert session.path == ["one", "two"]
    assert session.fault is not None
    assert session.fault.code == "expression_failed"
