"""Whatever the nodes of a flow are and whatever happens to its calls: a session ends in exactly one `End`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr_flows import commands as c
from ivr_flows import compile_flow, lint, load_flow
from ivr_flows import results as r
from ivr_flows.findings import has_errors
from ivr_flows.nodes import NODE_TYPES
from ivr_flows.session import MAX_NODES_PER_CALL, Session
from router.record import OUTCOMES

from .environment import AT, KnownNames, context
from .random_flows import MAKERS, Pick, flow_text

pytestmark = pytest.mark.dateless

Make = Callable[[Pick, Callable[[], str]], dict[str, Any]]
INNER = """flow: inner
nodes:
  ask: { gather: { prompt: 请输入。, retries: 1, into: digits }, on: { ok: decide, no_input: out } }
  decide:
    branch: [ { when: "{{ digits == '1' }}", next: out }, { when: "{{ digits | int > limit | int }}", next: end } ]
  out: { return: vip, values: { level: "{{ digits }}" } }
  end: { hangup: normal }
"""
OUTER = """flow: outer
nodes:
  say: { play: "{{ digits }}", next: go }
  go: { subflow: { flow: inner, with: { limit: "{{ digits }}" } }, on: { ok: back, vip: back, failed: back } }
  back: { return: ok }
"""
THERE = """flow: there
on_hangup: tell
nodes:
  once: { loop: 2, on: { again: say, done: back } }
  say: { play: "{{ digits }}", next: back }
  back: { goto_flow: { flow: here, with: { limit: "2" } } }
  tell: { notify: left_there, next: back }
"""
HERE = """flow: here
language: en
nodes:
  go: { subflow: { flow: leaving, with: { digits: "7" } }, on: { ok: end } }
  end: { hangup: normal }
"""
LEAVING = """flow: leaving
nodes:
  ask: { menu: { prompt: 请按键。, retries: 0 }, on: { 1: out, 2: done, no_input: done } }
  out: { goto_flow: there }
  done: { return: ok }
"""
"""Flows that a call may go round in, in and out of a subflow."""
HOOK = """  tell: { notify: left, next: more }
  more: { subflow: { flow: inner, with: { limit: "1" } }, on: { ok: end, vip: end } }
"""
"""Runs behind a caller who hung up, up to a node of a subflow that needs the caller."""


def _subflow(pick: Pick, to: Callable[[], str]) -> dict[str, Any]:
    name = pick(["inner", "outer"])
    on = {"ok": to()} | ({"vip": to()} if name == "inner" else {}) | pick([{}, {"failed": to()}])
    return {"subflow": {"flow": name, "with": {"limit": pick(["3", "{{ vip }}", "x"])}}, "on": on}


def _goto_flow(pick: Pick, to: Callable[[], str]) -> dict[str, Any]:
    return {"goto_flow": {"flow": pick(["there", "outer", "here"]), "with": pick([{}, {"digits": "3"}])}}


def _speech(pick: Pick, to: Callable[[], str]) -> dict[str, Any]:
    options = {"prompt": "请说。", "intents": ["账单", "报修"], "retries": pick([0, 2])}
    return {"speech": options, "on": {"账单": to(), "报修": to(), "no_input": to()} | pick([{}, {"no_match": to()}])}


def _message(pick: Pick, to: Callable[[], str]) -> dict[str, Any]:
    return {"message": {"text": "{{ digits }}"}, "on": {"sent": to(), "failed": to()}}


def _return(pick: Pick, to: Callable[[], str]) -> dict[str, Any]:
    return {"return": pick(["ok", "vip"])}


def _pure(pick: Pick, to: Callable[[], str]) -> dict[str, Any]:
    kind = pick(["language", "logging", "recording", "notify", "set", "opaque", "loop"])
    if kind == "opaque":
        return {"opaque": "other:Node", "on": {"next": to()}}
    if kind == "loop":
        return {"loop": pick([1, 3]), "on": {"again": to(), "done": to()}}
    main: Any = {
        "language": pick(["en", "zh-CN"]),
        "logging": pick(["on", "off"]),
        "recording": pick(["on", "off"]),
        "notify": "came_here",
        "set": {"digits": pick(["1", "{{ 1 / 0 }}", "{{ last }}"])},
    }[kind]
    more = {"scope": "caller"} if kind == "set" and pick([True, False]) else {}
    node: dict[str, Any] = {kind: main, **more}
    return node | ({"next": to()} if pick([True, False]) else {})


ALL_MAKERS: tuple[Make, ...] = (*MAKERS, _subflow, _subflow, _goto_flow, _speech, _message, _return, _pure, _pure)
ENVIRONMENT = KnownNames(subflows=(INNER, OUTER, THERE, HERE, LEAVING))
HANG_UPS: list[Callable[[float], Any]] = [
    lambda at: r.HungUp("caller", 16, at),
    lambda at: r.HungUp("switch", 38, at),
    lambda at: r.Failed("it did not work", at),
]
ANSWERS: dict[type[Any], list[Callable[[float], Any]]] = {
    c.Play: [r.Done, lambda at: r.Key("1", at)],
    c.Gather: [lambda at, keys=keys: r.Digits(keys, at) for keys in ("", "1", "2", "77", "*")],  # type: ignore[misc]
    c.Listen: [lambda at: r.Digits("2", at), lambda at: r.Digits("", at), lambda at: r.Said("我要报修", at)],
    c.Record: [lambda at: r.Recorded(3.0, at)],
    c.Queue: [lambda at, how=how: r.QueueLeft(how, at) for how in ("answered", "timeout", "full", "no_agents")],  # type: ignore[misc]
    c.Dial: [lambda at, how=how: r.DialEnded(how, at) for how in ("answered", "busy", "no_answer", "failed")],  # type: ignore[misc]
    c.Fetch: [lambda at, value=value: r.Fetched(value, at) for value in ({}, None, [1], "text", {"status": "paid"})],  # type: ignore[misc]
    c.Staffing: [lambda at: r.Staffed(0, at), lambda at: r.Staffed(2, at)],
    c.Hangup: [lambda at: r.HungUp("flow", 16, at)],
}


@st.composite
def flows_of_every_type(draw: st.DrawFn) -> str:
    def pick(choices: list[Any]) -> Any:
        return choices[draw(st.integers(0, len(choices) - 1))]

    text = flow_text(draw(st.integers(1, 8)), pick, makers=ALL_MAKERS)
    return text.replace("start: begin\n", "start: begin\non_hangup: tell\n") + HOOK if pick([True, False]) else text


def test_the_flows_are_made_of_every_type() -> None:
    def all_of(choices: list[Any]) -> Any:
        return choices[-1]

    made: set[str] = set()
    for maker in ALL_MAKERS:
        for pick in (all_of, lambda choices: choices[0]):
            made |= set(maker(pick, lambda: "end"))
    assert made | {"language", "logging", "recording", "notify", "set", "opaque", "loop"} >= set(NODE_TYPES)


@given(text=flows_of_every_type(), data=st.data())
@settings(max_examples=300, deadline=None)
def test_every_session_ends_once(text: str, data: st.DataObject) -> None:
    definition, findings = load_flow(text, "example.flow.yaml")
    assert definition is not None, [finding.as_text() for finding in findings]
    wrong = lint(definition, ENVIRONMENT)
    assert not has_errors(wrong), [finding.as_text() for finding in wrong if finding.severity == "error"]
    flow = compile_flow(definition, ENVIRONMENT)
    session = flow.session(context())
    command, at, left = session.start(), AT, False
    steps = 0
    while not isinstance(command, c.End):
        steps += 1
        at += 1.0
        assert not left or not isinstance(
            command, c.Play | c.Gather | c.Record | c.Queue | c.Dial | c.Hangup | c.Answer
        )
        assert steps < 30 * MAX_NODES_PER_CALL
        answers = ANSWERS.get(type(command), [r.Done])
        if steps < 60:
            chosen = data.draw(st.sampled_from([*answers, *answers, *HANG_UPS] if steps % 4 == 0 else answers))
        else:
            chosen = answers[steps % len(answers)]
        result = chosen(at)
        left = left or (isinstance(result, r.HungUp) and result.by != "flow")
        command = session.resume(result)
    assert command.outcome in OUTCOMES
    assert_over(session)
    assert len(session.path) <= MAX_NODES_PER_CALL + 1
    assert all(path_id in flow.nodes for path_id in session.path)


def assert_over(session: Session) -> None:
    for result in (r.Done(AT), r.HungUp("caller", 16, AT)):
        with pytest.raises(RuntimeError):
            session.resume(result)
