"""Calls per second and core of a Welcome-like flow in virtual time, against a hand-written chain of the same nodes.

The flow: answer, greet, menu answered with a key, hours branch, queue, hang-up. Counted per call: session, commands,
results, path, heard and the record as an object. Texts, ISO times and words are rendered when somebody reads them.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from typing import Any

from ivr_flows import Context, Flow, compile_flow, load_flow
from ivr_flows.commands import Answer, Command, End, Gather, Hangup, Play, Prompt, Queue
from ivr_flows.results import Digits, Done, HungUp, QueueLeft, Result
from router.arrival import finish
from router.callers import Caller, caller_facts
from router.record import CallRecord
from simulator.parties import AgentScript, TargetScript
from simulator.script import PressScript
from simulator.virtual import VirtualCall

from .surroundings import Surroundings, always_open

FLOW = """
flow: bench
start: pick_up
nodes:
  pick_up: { answer: , next: greeting }
  greeting: { play: 您好，欢迎致电示例科技。, next: menu }
  menu:
    menu: 业务咨询请按1，人工服务请按0。
    on: { 1: hours, 0: admit, no_input: bye }
  hours:
    hours: office
    on: { open: admit, closed: bye }
  admit:
    queue: default
    on: { answered: bye, timeout: bye }
  bye:
    hangup: normal
"""
AT = 1_790_000_000.0
PATH = ["pick_up", "greeting", "menu", "hours", "admit", "bye"]


def _flow() -> Flow:
    definition, findings = load_flow(FLOW, "bench.flow.yaml")
    assert definition is not None, findings
    return compile_flow(definition, Surroundings())


def _engine() -> Callable[[], CallRecord]:
    flow = _flow()
    press = PressScript.parse("1")
    agents = AgentScript.parse("answer:5:30")
    targets = TargetScript()
    caller = caller_facts("13800138000")

    def one_call() -> CallRecord:
        session = flow.session(Context("c", AT, "4008001234", caller))
        record = _record(caller, session.path, session.heard, session.inputs)
        VirtualCall(session, press, agents, targets, AT).run()
        return finish(record, session)

    return one_call


def _record(caller: Caller, path: list[str], heard: list[str], inputs: list[str]) -> CallRecord:
    return CallRecord(
        call_id="c",
        caller=caller.number,
        caller_kind=caller.kind,
        called="4008001234",
        called_by="dialled",
        dialled="4008001234",
        started=AT,
        flow="bench",
        path=path,
        heard=heard,
        inputs=inputs,
        entered=AT,
    )


class _Chain:
    """The state of one call in the hand-written chain."""

    __slots__ = ("after", "path", "record")

    def __init__(self, caller: Caller) -> None:
        self.path = ["pick_up"]
        self.record = _record(caller, self.path, [], [])
        self.after = _picked_up


_ANSWER, _GREET, _HANGUP = Answer(), Play((Prompt("您好，欢迎致电示例科技。"),)), Hangup(16)
_MENU = Gather((Prompt("业务咨询请按1，人工服务请按0。"),), timeout=5.0, digit_timeout=3.0, keys=frozenset("10"))
_QUEUE, _END = Queue("default", 60.0), End("answered")


def _picked_up(call: Any, result: Any) -> Command:
    call.record.answered = result.at
    call.path.append("greeting")
    call.record.heard.append("您好，欢迎致电示例科技。")
    call.after = _greeted
    return _GREET


def _greeted(call: Any, result: Any) -> Command:
    call.path.append("menu")
    call.record.heard.append("业务咨询请按1，人工服务请按0。")
    call.after = _chosen
    return _MENU


def _chosen(call: Any, result: Any) -> Command:
    call.record.inputs.append(result.digits)
    if result.digits == "1":
        call.path.append("hours")
        if always_open(result.at) == "open":
            call.path.append("admit")
            call.record.queue = "default"
            call.after = _queued
            return _QUEUE
    call.path.append("bye")
    call.after = _ended
    return _HANGUP


def _queued(call: Any, result: Any) -> Command:
    if result.how == "answered":
        call.record.outcome = "answered"
    call.path.append("bye")
    call.after = _ended
    return _HANGUP


def _ended(call: Any, result: Any) -> Command:
    record = call.record
    record.hangup_by, record.hangup_cause, record.ended = "flow", result.cause, result.at
    return _END


def _perform(command: Command, at: float) -> Result:
    kind = command.__class__
    if kind is Answer:
        return Done(at)
    if kind is Play:
        return Done(at + 3.0)
    if kind is Gather:
        return Digits("1", at + 5.0)
    if kind is Queue:
        return QueueLeft("answered", at + 35.0)
    return HungUp("flow", 16, at)


def _chain() -> Callable[[], CallRecord]:
    """The same call as a chain of the same nodes that somebody wrote by hand for this one flow and this one caller:
    no retries, no faults, no hang-up in between, no other agent."""
    caller = caller_facts("13800138000")

    def one_call() -> CallRecord:
        call = _Chain(caller)
        command: Command = _ANSWER
        at = AT
        while command is not _END:
            result = _perform(command, at)
            at = result.at
            command = call.after(call, result)
        return call.record

    return one_call


def _rate(one_call: Callable[[], CallRecord], calls: int) -> float:
    gc.collect()
    began = time.perf_counter()
    for _ in range(calls):
        one_call()
    return calls / (time.perf_counter() - began)


def welcome_calls_per_second_core(calls: int = 10_000, rounds: int = 40) -> dict[str, object]:
    """Best of interleaved rounds, which noise can only lower; the reference is the hand-written chain in the same
    rounds."""
    engine, chain = _engine(), _chain()
    for one_call in (engine, chain):
        record = one_call()
        assert list(record.path) == PATH, record
        assert record.outcome == "answered"
        assert record.pressed == "1"
    pairs = [(_rate(engine, calls), _rate(chain, calls)) for _ in range(rounds)]
    value, reference = max(pair[0] for pair in pairs), max(pair[1] for pair in pairs)
    return {
        "value": round(value),
        "unit": "calls/s",
        "reference": round(reference),
        "ratio": round(value / reference, 3),
        "note": "virtual time, one core, path and record included; reference: a hand-written chain of the same nodes",
    }


if __name__ == "__main__":
    print(welcome_calls_per_second_core())
