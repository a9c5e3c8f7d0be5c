"""What can happen to a command: every result that leads somewhere else, with what it fixes for the rest of the call.

The results are made as a driver makes them, its events observed in its order. Nothing here knows node types: a menu is
a `Gather` whose keys are its choices, whatever asked for it.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from ..commands import (
    ALL_KEYS,
    Answer,
    Command,
    Dial,
    Fetch,
    Gather,
    Hangup,
    Listen,
    Notify,
    Play,
    Queue,
    Record,
    SendDigits,
    SendMessage,
    Staffing,
    Wait,
)
from ..definition import NodeDefinition
from ..results import (
    AgentAnswered,
    AgentRinging,
    CallerQueued,
    DialEnded,
    Done,
    Event,
    Failed,
    Fetched,
    HungUp,
    QueueLeft,
    Recorded,
    Result,
    ScriptEnded,
    Staffed,
    TargetAnswered,
)
from .pace import Pace, attempt
from .patterns import matching_digits
from .situations import Steering
from .state import Answering, State
from .values import Answer as OutsideAnswer
from .values import Values

SOON = 0.5
"""Seconds after which a caller leaves a queue or a ringing leg, or presses an exit key."""


NOTHING_SAID = 0.04


@dataclass(frozen=True, slots=True)
class Choice:
    """One result of a command. ``events`` are observed before it. ``press`` is the item of an input attempt, ``timed``
    what the caller does at a moment of the call (seconds, key or ``h``). ``quiet`` are seconds in which the caller
    hears nothing; with ``spoken`` they begin here. ``data`` is what the outside answers from now on."""

    result: Result
    events: tuple[Event, ...] = ()
    press: str | None = None
    timed: tuple[float, str] | None = None
    agents: Answering | None = None
    targets: Answering | None = None
    talked: Literal["agent", "target"] | None = None
    quiet: float = 0.0
    spoken: bool = False
    data: tuple[tuple[Hashable, Any], ...] = ()


@dataclass(slots=True)
class Choices:
    """Makes the choices of one flow. ``nodes`` are the definitions behind the ids of a path; ``hang_ups``: also callers
    who hang up in the middle of something."""

    nodes: Mapping[str, NodeDefinition]
    values: Values
    steering: Steering
    pace: Pace = field(default_factory=Pace)
    hang_ups: bool = True
    _items: dict[tuple[str, int], tuple[str, ...]] = field(default_factory=dict)
    _objects: dict[str, OutsideAnswer] = field(default_factory=dict)

    def of(self, state: State) -> Iterable[Choice]:
        """Every choice in ``state``, the usual ones first."""
        handler = _CHOICES.get(state.command.__class__)
        if handler is None:
            return _done(self, state, state.command)
        return handler(self, state, state.command)

    def moment(self, at: float) -> float:
        """Seconds since the call was placed."""
        return round(at - self.steering.start, 2)

    def hang_up(self, at: float, **changes: Any) -> Choice:
        """The caller hangs up at ``at``."""
        return Choice(HungUp("caller", 16, at), timed=(self.moment(at), "h"), **changes)

    def answer(self, node: str, value: Any) -> Any:
        """The answer of ``node``'s request: ``value``, for ``{}`` an object whose fields are chosen when read."""
        if value != {}:
            return value
        found = self._objects.get(node)
        if found is None:
            definition = self.nodes.get(node)
            names = tuple(definition.type.defines(definition.options)) if definition else ()
            found = OutsideAnswer(self.steering, self.values, names[:1], ("fetch", node))
            self._objects[node] = found
        return found

    def items(self, state: State, gather: Gather) -> Sequence[str]:
        """Items of ``--press`` that answer ``gather`` differently."""
        key = (state.node, id(gather))
        found = self._items.get(key)
        if found is None:
            found = self._items[key] = tuple(dict.fromkeys(self._entered(state.node, gather)))
        return found

    def _entered(self, name: str, gather: Gather) -> Iterator[str]:
        if gather.keys is not None:
            yield from sorted(gather.keys)
            yield from self.values.constants(("last",))
            yield from (key for key in "0123456789*#" if not any(known.startswith(key) for known in gather.keys))
            return
        node = self.nodes.get(name)
        options = getattr(node, "options", None)
        shortest = int(getattr(options, "min_digits", 1) or 1)
        ending = gather.terminator
        wanted: list[str] = []
        for defined in (*(node.type.defines(node.options) if node else ()), "last"):
            wanted.extend(self.values.constants((defined,)))
        pattern = getattr(options, "pattern", None)
        if pattern:
            valid = matching_digits(pattern, shortest, gather.max_digits)
        else:
            # One that no condition asks for.
            length = max(shortest, min(gather.max_digits, 4))
            usual = ("1234567890123456789012345"[:length], *(key * length for key in "5678902341"))
            valid = next((text for text in usual if text not in wanted), None)
        for text in [*wanted, *([valid] if valid else [])]:
            if len(text) <= gather.max_digits:
                yield text if len(text) == gather.max_digits or not ending else text + ending
        # What no pattern and no length allows: a key that is no digit, else too few digits.
        wrong = next((key for key in "*#" if key in ALL_KEYS and key != ending), "")
        yield wrong * min(gather.max_digits, 1) + (ending if gather.max_digits > 1 else "")


def _done(choices: Choices, state: State, command: Command) -> Iterator[Choice]:
    yield Choice(Done(state.at))


def _play(choices: Choices, state: State, command: Play) -> Iterator[Choice]:
    yield Choice(Done(state.at + command.seconds), spoken=True)
    if choices.hang_ups and command.seconds > 0:
        yield choices.hang_up(state.at + command.seconds / 2, spoken=True)


def _gather(choices: Choices, state: State, command: Gather) -> Iterator[Choice]:
    first = attempt(command, "", choices.pace)
    if command.typed_ahead and first.seconds == 0.0:
        yield Choice(first.result(state.at), press="")
        return
    spoken = bool(command.prompts)
    silence = Choice(first.result(state.at), press="", spoken=spoken, quiet=first.seconds - command.seconds)
    wrong: Choice | None = None
    for item in choices.items(state, command):
        made = attempt(command, item, choices.pace)
        choice = Choice(made.result(state.at), press=item, spoken=spoken)
        if command.keys is None or made.digits in command.keys or made.digits in choices.values.constants(("last",)):
            yield choice
        else:
            # One wrong key stands for all others; silence goes first, where both lead to the same place.
            wrong = wrong or choice
    yield silence
    if wrong is not None:
        yield wrong
    if choices.pace.first_key <= (command.digit_timeout if command.typed_ahead else command.timeout):
        at = state.at + command.seconds + choices.pace.first_key
        yield Choice(HungUp("caller", 16, at, command.typed_ahead), press="h", spoken=spoken)


def _record(choices: Choices, state: State, command: Record) -> Iterator[Choice]:
    pace = choices.pace
    begins = state.at + sum(prompt.seconds for prompt in command.prompts)
    spoken = bool(command.prompts)
    seconds = min(command.max_s, pace.speaks + command.silence) if command.silence else command.max_s
    yield Choice(Recorded(seconds, begins + seconds), spoken=spoken)
    if not choices.hang_ups:
        return
    during = min(1.0, seconds / 2)
    left = choices.hang_up(begins + during, spoken=spoken)
    yield replace(left, result=HungUp("caller", 16, begins + during, f"{during:.1f}"))
    # Before the first tenth of a second of a message there is none.
    yield choices.hang_up(state.at + (begins - state.at) / 2 if spoken else begins + NOTHING_SAID, spoken=spoken)


def _queue(choices: Choices, state: State, command: Queue) -> Iterator[Choice]:
    at, agents, timeout = state.at, state.agents, command.timeout
    queued = CallerQueued(command.name, at)
    if agents.kind in ("open", "staffed", "wait"):
        yield from _answered_in_queue(choices, state, command, queued)
        if agents.most > timeout:
            never = Answering("wait", max(agents.least, timeout), agents.most)
            yield Choice(QueueLeft("timeout", at + timeout), (queued,), agents=never)
        if timeout > 2 * SOON and agents.most > 1.0:
            later = Answering("wait", max(agents.least, 1.0), agents.most)
            for key in sorted(command.exit_keys):
                yield Choice(
                    QueueLeft("key", at + SOON, key), (queued,), timed=(choices.moment(at + SOON), key), agents=later
                )
            if choices.hang_ups:
                yield choices.hang_up(at + SOON, events=(queued,), agents=later)
    if agents.kind in ("open", "staffed"):
        gone = HungUp("caller", 16, at)
        yield Choice(gone, (queued, ScriptEnded(at)), agents=Answering("none"))
    for how in ("full", "no_agents"):
        if agents.kind in ("open", how) or (how == "full" and agents.kind == "staffed"):
            yield Choice(QueueLeft(how, at), agents=Answering(how))


def _answered_in_queue(choices: Choices, state: State, command: Queue, queued: Event) -> Iterator[Choice]:
    agents, pace = state.agents, choices.pace
    most = min(agents.most, command.timeout)
    if agents.least >= most:
        return
    usual = pace.answer_after
    after = usual if agents.least <= usual < most else agents.least
    soon = Answering("wait", agents.least, most)
    answered = state.at + after
    events = (queued, AgentRinging("agent", state.at), AgentAnswered("agent", answered))
    ended = answered + pace.talk
    yield Choice(QueueLeft("answered", ended), events, agents=soon, talked="agent", spoken=True)
    if choices.hang_ups:
        yield choices.hang_up(answered + pace.talk / 2, events=events, agents=soon, talked="agent", spoken=True)


def _dial(choices: Choices, state: State, command: Dial) -> Iterator[Choice]:
    at, targets, pace, timeout = state.at, state.targets, choices.pace, command.timeout
    if targets.kind in ("open", "wait"):
        most = min(targets.most, timeout)
        if targets.least < most:
            after = pace.answer_after if targets.least <= pace.answer_after < most else targets.least
            answered = at + after
            events = (TargetAnswered(answered),)
            soon = Answering("wait", targets.least, most)
            ended = DialEnded("answered", answered + pace.talk)
            yield Choice(ended, events, targets=soon, talked="target", spoken=True)
            if choices.hang_ups:
                talking = answered + pace.talk / 2
                yield choices.hang_up(talking, events=events, targets=soon, talked="target", spoken=True)
        if targets.most > timeout:
            never = Answering("wait", max(targets.least, timeout), targets.most)
            yield Choice(DialEnded("no_answer", at + timeout), targets=never)
        if choices.hang_ups and timeout > 2 * SOON and targets.most > 1.0:
            later = Answering("wait", max(targets.least, 1.0), targets.most)
            yield choices.hang_up(at + SOON, targets=later)
    for how in ("busy", "failed"):
        if targets.kind in ("open", how):
            yield Choice(DialEnded(how, at), targets=Answering(how))


def _fetch(choices: Choices, state: State, command: Fetch) -> Iterator[Choice]:
    """A node's request is answered alike whenever it is made in one call, as a scenario's data answer it."""
    quiet = command.timeout
    key = ("fetch", state.node)
    failed = Failed("no answer", state.at)
    if key in state.data:
        yield Choice(Fetched(choices.answer(state.node, state.data[key]), state.at), quiet=quiet)
        return
    failing = f"{state.node} fails"
    if failing not in state.data:
        for value in _answers(choices, state):
            answered = Fetched(choices.answer(state.node, value), state.at)
            yield Choice(answered, quiet=quiet, data=((key, value),))
    yield Choice(failed, quiet=quiet, data=((failing, True),))


def _answers(choices: Choices, state: State) -> Iterator[Any]:
    """What a fetch may answer: plain values, or ``{}`` for an object whose fields are chosen when they are read."""
    values = choices.values
    names = _defined(choices, state)
    plain = [value for name in names for value in values.of((name,)) if not isinstance(value, bool)]
    if any(values.fields((name,)) for name in names) or not plain:
        yield {}
    yield from plain


def _defined(choices: Choices, state: State) -> tuple[str, ...]:
    node = choices.nodes.get(state.node)
    return tuple(node.type.defines(node.options)) if node else ()


def _staffing(choices: Choices, state: State, command: Staffing) -> Iterator[Choice]:
    agents = state.agents
    if agents.kind != "no_agents":
        yield Choice(Staffed(1, state.at), agents=Answering("staffed") if agents.kind == "open" else None)
    if agents.kind in ("open", "no_agents"):
        yield Choice(Staffed(0, state.at), agents=Answering("no_agents"))


def _send_message(choices: Choices, state: State, command: SendMessage) -> Iterator[Choice]:
    """A node's message is sent, or is not, alike whenever it is sent in one call."""
    fails, sends = ("message", state.node, "error"), f"{state.node} sends"
    if fails not in state.data:
        yield Choice(Done(state.at), data=((sends, True),))
    if sends not in state.data:
        yield Choice(Failed("not sent", state.at), data=((fails, "not sent"),))


def _wait(choices: Choices, state: State, command: Wait) -> Iterator[Choice]:
    yield Choice(Done(state.at + command.seconds), quiet=command.seconds)
    if choices.hang_ups and command.seconds > 0 and not state.session.gone:
        yield choices.hang_up(state.at + command.seconds / 2)


def _hangup(choices: Choices, state: State, command: Hangup) -> Iterator[Choice]:
    yield Choice(HungUp("flow", command.cause, state.at))


_CHOICES: dict[type[Any], Callable[[Choices, State, Any], Iterator[Choice]]] = {
    Answer: _done,
    Play: _play,
    Gather: _gather,
    Listen: _gather,
    Record: _record,
    Queue: _queue,
    Dial: _dial,
    Fetch: _fetch,
    Staffing: _staffing,
    SendMessage: _send_message,
    Wait: _wait,
    SendDigits: _done,
    Notify: _done,
    Hangup: _hangup,
}
