"""The driver of virtual time: performs commands in-process, without sockets; a 60 s wait costs nothing.

The moment only moves when a command takes time. What the caller's script plans lies in a list ordered by moment and,
for equal moments, by the order of planning, so that the same script gives the same trace.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable, Sequence
from typing import Any, Final

from ivr_flows.commands import (
    Answer,
    Command,
    Dial,
    End,
    Fetch,
    Gather,
    Hangup,
    Listen,
    Notify,
    Play,
    Prompt,
    Queue,
    Record,
    RecordCall,
    Remember,
    SendDigits,
    SendMessage,
    Staffing,
    Wait,
)
from ivr_flows.digits import Collector
from ivr_flows.passing import begin, go_on
from ivr_flows.prompts import speech_seconds
from ivr_flows.results import (
    Digits,
    Done,
    HungUp,
    Key,
    Recorded,
    Result,
    Said,
    SpeechUnavailable,
    Staffed,
    StrayDigit,
)
from ivr_flows.session import Session
from router.arrival import finish, refuse
from router.book import RouteBook
from router.overlay import Overlay
from router.record import CallRecord
from router.recorded_answers import recorded_fetch, recorded_message, recorded_words
from router.recordings import recording_name

from .call import TestCall
from .carrier import Carrier
from .parties import AgentScript, TargetScript
from .placing import place
from .script import FIRST_KEY_AFTER, SPEAKS_FOR, Action, CallerScript, HangUp
from .virtual_waiting import due, perform_dial, perform_queue

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
        at = placed.at + sum(speech_seconds(text) for text in (refusal.announce,) if text)
        return refuse(arrival.record, refusal, at, placed.fallback_announcement)
    VirtualCall(arrival.session, caller, agents, targets, placed.at, fetcher, book).run()
    return finish(arrival.record, arrival.session)


_NOTHING_PLANNED: Final[list[tuple[float, int, str | None, int | None]]] = []
"""The plan of most calls; replaced, never changed in place."""


class VirtualCall:
    """One call in virtual time: a session on one side, a caller's script and answering parties on the other.

    ``book`` says which queues there are and what a leg may be; without one every queue exists and every leg is placed.
    """

    __slots__ = (
        "agents",
        "attempts",
        "book",
        "caller",
        "fetcher",
        "now",
        "plan",
        "recordings",
        "sequence",
        "session",
        "targets",
        "unheard",
        "watches",
    )

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
        self.plan = _NOTHING_PLANNED
        self.sequence = 0
        self.attempts = 0
        self.recordings = 0
        self.unheard = 0

    def run(self) -> None:
        """Run the session to its `End`."""
        session = self.session
        resume = session.resume
        perform = _PERFORM
        watched = self.watches
        command: Any
        if watched:
            self.intend(self.caller.connected(self.now))
            command = session.start()
        else:
            command, self.now = begin(session, self.now)
        kind = command.__class__
        while kind is not End:
            if watched or self.plan or kind not in _UNDISTURBED:
                command = resume(perform[kind](self, command))
            elif kind is Play:
                command, self.now = go_on(session, self.now + command.seconds)
            elif kind is Answer:
                command, self.now = go_on(session, self.now)
            else:
                command = resume(HungUp("flow", command.cause, self.now))
            kind = command.__class__

    # The caller's plan. -----------------------------------------------------------------------------------------

    def intend(self, actions: Sequence[Action]) -> None:
        """Add actions to the plan; a key None in it is a hang-up."""
        if actions and not self.plan:
            self.plan = []
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


_UNDISTURBED: Final = frozenset({Answer, Play, Hangup})
"""Commands of which there is nothing to decide where nothing is planned and nobody watches."""
_EVERY_KEY: Final = frozenset("0123456789*#")


def _answer(call: VirtualCall, command: Answer) -> Result:
    # Answering takes no time.
    return due(call) or Done(call.now)


def _play(call: VirtualCall, command: Play) -> Result:
    ended = call.play(command.prompts, _EVERY_KEY if command.barge_in else None)
    if ended is None:
        return Done(call.now)
    return ended if isinstance(ended, HungUp) else Key(ended, call.now)


def _gather(call: VirtualCall, command: Gather) -> Result:
    call.attempts = attempt = call.attempts + 1
    plain = call.caller.plain
    if attempt <= len(plain) and not call.plan:
        # Nothing is pending: one key that is an answer of a plain menu is the whole story of this attempt.
        key = plain[attempt - 1]
        if key in command.single_keys and command.timeout >= FIRST_KEY_AFTER:
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
    call.recordings += 1
    reference = recording_name(call.session.context.call_id, call.recordings)
    if call.watches:
        call.intend(call.caller.recording(call.now))
    seconds = command.max_s
    if command.silence:
        seconds = min(seconds, SPEAKS_FOR + command.silence)
    stopped = call.pass_time(seconds, frozenset("#"))
    if isinstance(stopped, HungUp):
        stopped.partial = f"{call.now - began:.3f}"
        stopped.reference = reference
        return stopped
    return Recorded(call.now - began, call.now, reference)


def _fetch(call: VirtualCall, command: Fetch) -> Result:
    if call.fetcher is not None:
        return call.fetcher(command, call.now)
    return recorded_fetch(call.session, command, call.now)


def _send_message(call: VirtualCall, command: SendMessage) -> Result:
    return recorded_message(call.session, call.now)


def _listen(call: VirtualCall, command: Listen) -> Result:
    call.attempts += 1
    words = recorded_words(call.session)
    if words is None and call.book is not None and call.book.settings.speech is None:
        call.session.observe(SpeechUnavailable("", call.now))
    if words is None or command.typed_ahead:
        return _collected(call, command, call.attempts)
    ended = call.play(command.prompts, _EVERY_KEY if command.barge_in else None)
    unheard = call.unheard
    if ended is None:
        ended = call.pass_time(FIRST_KEY_AFTER + speech_seconds(words))
    if isinstance(ended, HungUp):
        return ended
    return Said(words, call.now) if ended is None else Digits(ended, call.now, False, unheard)


def _staffing(call: VirtualCall, command: Staffing) -> Result:
    gone = due(call)
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
    gone = due(call)
    if gone is not None or not command.on:
        return gone or Done(call.now)
    return Recorded(0.0, call.now, recording_name(call.session.context.call_id, 0))


def _hangup(call: VirtualCall, command: Hangup) -> Result:
    return due(call) or HungUp("flow", command.cause, call.now)


_PERFORM: dict[type[Command], Callable[[VirtualCall, Any], Result]] = {
    Answer: _answer,
    Play: _play,
    Gather: _gather,
    Listen: _listen,
    Record: _record,
    Queue: perform_queue,
    Dial: perform_dial,
    Fetch: _fetch,
    Wait: _wait,
    SendDigits: _send_digits,
    Notify: _notify,
    Remember: _remember,
    RecordCall: _record_call,
    Staffing: _staffing,
    SendMessage: _send_message,
    Hangup: _hangup,
}
