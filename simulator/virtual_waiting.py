"""Queues and legs in virtual time: waiting for somebody to answer, and the talk behind it."""

from __future__ import annotations

from itertools import cycle
from typing import TYPE_CHECKING, Final, cast

from ivr_flows.commands import Dial, Queue
from ivr_flows.prompts import speech_seconds
from ivr_flows.results import (
    AgentAnswered,
    AgentRinging,
    Announced,
    CallerQueued,
    DialEnded,
    Failed,
    HungUp,
    QueueExit,
    QueueLeft,
    Result,
    ScriptEnded,
    TargetAnswered,
)
from router.leg import LegImpossible, plan_leg

if TYPE_CHECKING:
    from .virtual import VirtualCall

_MOMENT: Final = 1e-5
"""Seconds within which two moments are the same one."""


def due(call: VirtualCall) -> HungUp | None:
    """The hang-up that is due now, before a command that may take no time at all."""
    ended = call.pass_time(0.0) if call.plan else None
    return ended if isinstance(ended, HungUp) else None


def perform_queue(call: VirtualCall, command: Queue) -> Result:
    """Wait in a queue and talk with the agent who answers."""
    agents = call.agents
    answers = agents.kind == "answer" and agents.after_s < command.timeout
    known = call.book is None or command.name in call.book.environment.queues
    if answers and known and not call.plan and not call.watches and command.announcement is None:
        # Nothing can happen between the admission and the end of the talk.
        answered = call.now + agents.after_s
        call.now = at = answered + agents.talk_s
        return QueueLeft("answered", at, "", answered, "agent")
    gone = due(call)
    if gone is not None:
        return gone
    if not known:
        return Failed(f"there is no queue {command.name}", call.now)
    if agents.kind in ("full", "no_agents"):
        return QueueLeft(cast(QueueExit, agents.kind), call.now)
    session = call.session
    session.observe(CallerQueued(command.name, call.now))
    if call.watches:
        call.intend(call.caller.queued(command.name, call.now))
    if agents.kind == "none":
        session.observe(ScriptEnded(call.now))
        return HungUp("caller", 16, call.now)
    if answers:
        session.observe(AgentRinging("agent", call.now))
    ended = _wait_in_queue(call, command, agents.after_s if answers else command.timeout, answers)
    if ended is not None:
        return ended if isinstance(ended, HungUp) else QueueLeft("key", call.now, ended)
    if not answers:
        return QueueLeft("timeout", call.now)
    session.observe(AgentAnswered("agent", call.now))
    ended = _talk(call, agents.talk_s)
    return ended if ended is not None else QueueLeft("answered", call.now)


def _wait_in_queue(call: VirtualCall, command: Queue, seconds: float, answers: bool) -> HungUp | str | None:
    """Wait ``seconds``, behind which an agent ``answers`` or the wait is over. An announcement due as the agent answers
    has begun, one due as the wait is over has not."""
    edge = call.now + seconds + (_MOMENT if answers else -_MOMENT)
    every = command.announce_every
    said = command.announcements
    if not said:
        return call.pass_time(seconds, command.exit_keys)
    until = call.now + seconds
    for announcement in cycle(said):
        if call.now + every >= edge:
            break
        ended = call.pass_time(every, command.exit_keys)
        if ended is not None:
            return ended
        call.session.observe(Announced(announcement.heard, call.now))
        if call.watches:
            call.intend(call.caller.heard(announcement.heard, call.now, speech_seconds(announcement.heard)))
    return call.pass_time(until - call.now, command.exit_keys)


def _talk(call: VirtualCall, seconds: float) -> HungUp | None:
    if call.watches:
        call.intend(call.caller.talking(call.now))
    ended = call.pass_time(seconds)
    return ended if isinstance(ended, HungUp) else None


def perform_dial(call: VirtualCall, command: Dial) -> Result:
    """Place a leg and talk with the target that answers."""
    targets = call.targets
    gone = due(call)
    if gone is not None:
        return gone
    book = call.book
    if book is not None:
        context = call.session.context
        try:
            plan_leg(command, book.lines.get(context.line), context.caller.number, book.lines, book.trunks)
        except LegImpossible as impossible:
            return Failed(impossible.reason, call.now)
    if call.watches:
        call.intend(call.caller.transferred(command.to or command.line or "", call.now))
    if targets.kind in ("busy", "failed"):
        return DialEnded("busy" if targets.kind == "busy" else "failed", call.now)
    answers = targets.kind == "answer" and targets.after_s < command.timeout
    ended = call.pass_time(targets.after_s if answers else command.timeout)
    if isinstance(ended, HungUp):
        return ended
    if not answers:
        return DialEnded("no_answer", call.now)
    call.session.observe(TargetAnswered(call.now))
    hung_up = _talk(call, targets.talk_s)
    return hung_up if hung_up is not None else DialEnded("answered", call.now)
