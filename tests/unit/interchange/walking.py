"""Walking a compiled flow with results drawn from a seed, to see whether two flows behave the same."""

from __future__ import annotations

import random

from ivr_flows import Flow
from ivr_flows.commands import Answer, Command, Dial, End, Gather, Hangup, Play, Queue, Record
from ivr_flows.results import DialEnded, Digits, Done, HungUp, QueueLeft, Recorded, Result
from tests.unit.flows.environment import AT, context

Trace = tuple[list[str], list[str], list[str], str | None]


KEYS = ["1", "2", "1234", "0077", "", "9", "#"]
WAYS: dict[type[Command], list[str]] = {
    Queue: ["answered", "timeout", "full", "no_agents"],
    Dial: ["answered", "busy", "no_answer", "failed"],
}


class Caller:
    """Draws results. What happens at the n-th input (the n-th queue …) depends on the seed and n alone, so that two
    flows with other nodes in between meet the same caller."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.counts: dict[str, int] = {}

    def chance(self, kind: str) -> random.Random:
        number = self.counts[kind] = self.counts.get(kind, 0) + 1
        return random.Random(f"{self.seed} {kind} {number}")

    def result_of(self, command: Command, at: float) -> Result:
        if isinstance(command, Gather):
            chance = self.chance("input")
            if chance.random() < 0.05:
                return HungUp("caller", 16, at)
            return Digits(chance.choice(KEYS)[: command.max_digits], at)
        if isinstance(command, Queue):
            return QueueLeft(self.chance("queue").choice(WAYS[Queue]), at)  # type: ignore[arg-type]
        if isinstance(command, Dial):
            return DialEnded(self.chance("dial").choice(WAYS[Dial]), at)  # type: ignore[arg-type]
        if isinstance(command, Record):
            return Recorded(3.0, at)
        if isinstance(command, Hangup):
            return HungUp("flow", command.cause, at)
        assert isinstance(command, Answer | Play), command
        return Done(at)


def walk(flow: Flow, seed: int) -> Trace:
    """What a call with the chances of ``seed`` hears and does: path, heard, inputs, outcome."""
    caller = Caller(seed)
    session = flow.session(context())
    command = session.start()
    at = AT
    for _ in range(2000):
        if isinstance(command, End):
            return session.path, session.heard, session.inputs, session.outcome
        at += 1
        command = session.resume(caller.result_of(command, at))
    raise AssertionError("the session has no end")
