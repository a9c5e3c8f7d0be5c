"""The driver of virtual time: performs commands in-process, without sockets; a 60 s wait costs nothing.

The moment only moves when a command takes time. What the caller's script plans lies in a list ordered by moment and,
for equal moments, by the order of planning, so that the same script gives the same trace.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable, Sequence
from typing import Any, Final, cast

from ivr_flows.commands import (
    Answer,
    Command,
    Dial,
    End,
    Fetch,
    Gather,
    Hangup,
    Notify,
    Play,
    Prompt,
    Queue,
    Record,
    RecordCall,
    Remember,
    SendDigits,
    Staffing,
    Wait,
)
from ivr_flows.digits import Collector
from ivr_flows.prompts import speech_seconds
from ivr_flows.results import (
    AgentAnswered,
    AgentRinging,
    Announced,
    CallerQueued,
    DialEnded,
    Digits,
    Done,
    Failed,
    HungUp,
    Key,
    QueueExit,
    QueueLeft,
    Recorded,
    Result,
    ScriptEnded,
    Staffed,
    StrayDigit,
    TargetAnswered,
)
from ivr_flows.session import Session
from router.arrival import finish, refuse
from router.book import RouteBook
from router.leg import LegImpossible, plan_leg
from router.overlay import Overlay
from router.record import CallRecord
from router.recorded_answers import recorded_fetch
from router.recordings import recording_name

from .call import TestCall
from .carrier import Carrier
from .parties import AgentScript, TargetScript
from .placing import place
from .script import FIRST_KEY_AFTER, SPEAKS_FOR, Action, CallerScript, HangUp

ANSWERING_SECONDS: Final = 0.0
SILENCE_ENDS_MESSAGE: Final = 10.0
_MOMENT: Final = 1e-5
"""Seconds within which two moments are the same one."""

Fetcher = Callable[[Fetch, float], Result]
"""Answers a `Fetch` in virtual time; without one the scenario's data do (`router.recorded_answers`)."""


def run_virtual(
    book: RouteBook,
    call: TestCall,
    caller: CallerScript,
    agents: AgentScript = AgentScript(),  # noqa: B008 - frozen value
    targets: TargetScript = TargetScript(),  # noqa: B008 - frozen value
    overlay: Overlay | None = None,
    carrier: Carrier | None = None,
    fetcher: Fetcher | None = None,
) -> CallRecord:
    """Place ``call`` through the simulated carrier and run it to its end. Returns the closed record.

    Raises what `router.book.RouteBook.resolve` raises for a ``to`` that is no number.
    """
    placed = place(book, call, overlay, carrier)
    arrival = placed.arrival
    if arrival.session is None:
        refusal = arrival.refusal
        assert refusal is not None
        at = call.at + sum(speech_seconds(text) for text in (refusal.announce,) if text)
        return refuse(arrival.record, refusal, at, placed.fallback_announcement)
    VirtualCall(arrival.session, caller, agents, targets, call.at, fetcher, book).run()
    return finish(arrival.record, arrival.session)


class VirtualCall:
    """One call in virtual time: a session on one side, a caller's script and answering parties on the other.

    ``book`` says which queues there are and what a leg may be; without one every queue exists and every leg is placed.
    """

    attempts = 0
    recordings = 0
    sequence = 0
    unheard = 0
    plan: list[tuple[float, int, str | None, int | None]]

    def __init__(
        self,
        session: Session,
        caller: CallerScript,
        agents: AgentScript,
        targets: TargetScript,
        at: float,
        fetcher: Fetcher | None = None,
        book: RouteBook | None = None,
    ) -> None:
        self.session = session
        self.caller = caller
        self.agents = agents
        self.targets = targets
        self.now = at
        self.fetcher = fetcher
        self.book = book
        self.watches = caller.watches
        self.plan = []

    def run(self) -> None:
        """Run the session to its `End`."""
        session = self.session
        if self.watches:
            self.intend(self.caller.connected(self.now))
        command = session.start()
        resume = session.resume
        perform = _PERFORM
        kind = command.__class__
        while kind is not End:
            command = resume(perform[kind](self, command))
            kind = command.__class__

    # The caller's plan. -----------------------------------------------------------------------------------------

    def intend(self, actions: Sequence[Action]) -> None:
        """Add actions to the plan; a key None in it is a hang-up."""
        for action in actions:
            if isinstance(action, HangUp):
                self.sequence += 1
                insort(self.plan, (self.now + action.after, self.sequence, None, None))
                continue
            moment = self.now + action.after
            for digit in action.digits:
                self.sequence += 1
                insort(self.plan, (moment, self.sequence, digit, action.attempt))
                moment += action.gap

    def pass_time(self, seconds: float, keys: frozenset[str] | None = None) -> HungUp | str | None:
        """Let time pass. Returns the hang-up or, of ``keys``, the key that came first; other keys are strays."""
        until = self.now + seconds
        while self.plan and self.plan[0][0] <= until:
            moment, _, digit, _ = self.plan.pop(0)
            self.now = max(self.now, moment)
            if digit is None:
                return HungUp("caller", 16, self.now)
            if keys is not None and digit in keys:
                return digit
            self.session.observe(StrayDigit(digit, self.now))
        self.now = until
        return None

    def play(self, prompts: Sequence[Prompt], keys: frozenset[str] | None) -> HungUp | str | None:
        """Play prompts to the caller; as `pass_time`. ``unheard`` is then how many of them never began."""
        self.unheard = len(prompts)
        for prompt in prompts:
            self.unheard -= 1
            seconds = prompt.seconds
            if self.watches:
                self.intend(self.caller.heard(prompt.heard, self.now, seconds))
            if self.plan:
                ended = self.pass_time(seconds, keys)
                if ended is not None:
                    if isinstance(ended, HungUp):
                        ended.unheard = self.unheard
                    return ended
            else:
                self.now += seconds
        return None


_EVERY_KEY: Final = frozenset("0123456789*#")


def _answer(call: VirtualCall, command: Answer) -> Result:
    if call.plan:
        ended = call.pass_time(ANSWERING_SECONDS)
        if isinstance(ended, HungUp):
            return ended
    return Done(call.now)


def _play(call: VirtualCall, command: Play) -> Result:
    if not call.watches and not call.plan:
        call.now += command.seconds
        return Done(call.now)
    ended = call.play(command.prompts, _EVERY_KEY if command.barge_in else None)
    if ended is None:
        return Done(call.now)
    return ended if isinstance(ended, HungUp) else Key(ended, call.now)


def _gather(call: VirtualCall, command: Gather) -> Result:
    call.attempts = attempt = call.attempts + 1
    plain = call.caller.plain
    if plain is not None and attempt <= len(plain) and not call.plan and not command.typed_ahead:
        # Nothing is pending: one key that is an answer of a plain menu is the whole story of this attempt.
        key = plain[attempt - 1]
        single = command.max_digits == 1 and command.keys is not None and key in command.keys
        if single and command.timeout >= FIRST_KEY_AFTER:
            call.now = at = call.now + command.seconds + FIRST_KEY_AFTER
            return Digits(key, at)
    return _collected(call, command, attempt)


def _collected(call: VirtualCall, command: Gather, attempt: int) -> Result:
    collector = Collector(command)
    call.unheard = 0
    ended = _collect(call, command, collector)
    if ended is not None:
        return ended
    if call.plan:
        call.plan = [item for item in call.plan if item[3] != attempt]
    return Digits(collector.digits, call.now, collector.terminated, call.unheard)


def _collect(call: VirtualCall, command: Gather, collector: Collector) -> HungUp | None:
    if command.prompts and not (command.typed_ahead and command.barge_in):
        ended = call.play(command.prompts, _EVERY_KEY if command.barge_in else None)
        if isinstance(ended, HungUp):
            ended.partial = collector.digits
            return ended
        if ended is not None:
            collector.press(ended)
    if collector.complete:
        return None
    actions = call.caller.attempt(call.attempts, call.now)
    if actions:
        call.intend(actions)
    while not collector.complete:
        pressed = call.pass_time(collector.wait, _EVERY_KEY)
        if pressed is None:
            collector.silence()
        elif isinstance(pressed, HungUp):
            pressed.partial = collector.digits
            return pressed
        else:
            collector.press(pressed)
    return None


def _record(call: VirtualCall, command: Record) -> Result:
    ended = call.play(command.prompts, None)
    if isinstance(ended, HungUp):
        return ended
    began = call.now
    reference = None
    if command.box is None:
        call.recordings += 1
        reference = recording_name(call.session.context.call_id, call.recordings)
    if call.watches:
        call.intend(call.caller.recording(call.now))
    seconds = min(command.max_s, SPEAKS_FOR + (command.silence or SILENCE_ENDS_MESSAGE))
    stopped = call.pass_time(seconds, frozenset("#"))
    if isinstance(stopped, HungUp):
        stopped.partial = f"{call.now - began:.1f}"
        return stopped
    return Recorded(call.now - began, call.now, reference)


def _due(call: VirtualCall) -> HungUp | None:
    """The hang-up that is due now, before a command that may take no time at all."""
    ended = call.pass_time(0.0) if call.plan else None
    return ended if isinstance(ended, HungUp) else None


def _queue(call: VirtualCall, command: Queue) -> Result:
    agents = call.agents
    session = call.session
    answers = agents.kind == "answer" and agents.after_s < command.timeout
    known = call.book is None or command.name in call.book.environment.queues
    if answers and known and not call.plan and not call.watches and command.announcement is None:
        # Nothing can happen between the admission and the end of the talk.
        answered = call.now + agents.after_s
        call.now = at = answered + agents.talk_s
        return QueueLeft("answered", at, "", answered, "agent")
    gone = _due(call)
    if gone is not None:
        return gone
    if not known:
        return Failed(f"there is no queue {command.name}", call.now)
    if agents.kind in ("full", "no_agents"):
        return QueueLeft(cast(QueueExit, agents.kind), call.now)
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
    announcement = command.announcement
    if announcement is None or not every:
        return call.pass_time(seconds, command.exit_keys)
    until = call.now + seconds
    while call.now + every < edge:
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


def _dial(call: VirtualCall, command: Dial) -> Result:
    targets = call.targets
    gone = _due(call)
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


def _fetch(call: VirtualCall, command: Fetch) -> Result:
    if call.fetcher is not None:
        return call.fetcher(command, call.now)
    session = call.session
    return recorded_fetch(session.context.data, session.path[-1], command, call.now)


def _staffing(call: VirtualCall, command: Staffing) -> Result:
    gone = _due(call)
    if gone is not None:
        return gone
    known = call.book is None or command.queue in call.book.environment.queues
    return Staffed(1 if known and call.agents.kind != "no_agents" else 0, call.now)


def _wait(call: VirtualCall, command: Wait) -> Result:
    ended = call.pass_time(command.seconds)
    return ended if isinstance(ended, HungUp) else Done(call.now)


def _send_digits(call: VirtualCall, command: SendDigits) -> Result:
    return Done(call.now)


def _notify(call: VirtualCall, command: Notify) -> Result:
    return Done(call.now)


def _remember(call: VirtualCall, command: Remember) -> Result:
    # A test call leaves nothing behind for the calls of real callers.
    return Done(call.now)


def _record_call(call: VirtualCall, command: RecordCall) -> Result:
    return _due(call) or Done(call.now)


def _hangup(call: VirtualCall, command: Hangup) -> Result:
    return _due(call) or HungUp("flow", command.cause, call.now)


_PERFORM: dict[type[Command], Callable[[VirtualCall, Any], Result]] = {
    Answer: _answer,
    Play: _play,
    Gather: _gather,
    Record: _record,
    Queue: _queue,
    Dial: _dial,
    Fetch: _fetch,
    Wait: _wait,
    SendDigits: _send_digits,
    Notify: _notify,
    Remember: _remember,
    RecordCall: _record_call,
    Staffing: _staffing,
    Hangup: _hangup,
}
