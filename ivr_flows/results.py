"""Results and events: what happened. Past facts, each with its moment ``at`` (seconds since the epoch, UTC).

A *result* answers the outstanding command; an *event* is an out-of-band fact given to `Session.observe`.
Any command may be answered by `HungUp` or `Failed`. Results are plain slotted objects, made once per command
and never changed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

Party = Literal["caller", "flow", "agent", "target", "carrier", "switch", "line400"]
QueueExit = Literal["answered", "timeout", "full", "no_agents", "key"]
DialExit = Literal["answered", "busy", "no_answer", "failed"]


@dataclass(slots=True, eq=False)
class Done:
    """The command was performed."""

    at: float


@dataclass(slots=True, eq=False)
class Key:
    """A `Play` with barge-in was interrupted by ``key``."""

    key: str
    at: float


@dataclass(slots=True, eq=False)
class Digits:
    """One input attempt ended. ``digits`` is what was pressed, the terminator not included; ``terminated`` says
    that the terminator ended it. Empty digits: silence, or a terminator alone. ``unheard`` is how many of the
    command's prompts never began, because a key interrupted one before them."""

    digits: str
    at: float
    terminated: bool = False
    unheard: int = 0


@dataclass(slots=True, eq=False)
class Said:
    """What was understood of a caller's words in a `Listen`; empty for none. ``unheard`` as in `Digits`; ``intent`` is
    which of the command's intents was meant, where the recogniser is sure of one."""

    text: str
    at: float
    unheard: int = 0
    intent: str = ""


@dataclass(slots=True, eq=False)
class Recorded:
    """A recording of ``seconds`` ended; ``reference`` is how the switch names it."""

    seconds: float
    at: float
    reference: str | None = None


@dataclass(slots=True, eq=False)
class QueueLeft:
    """The caller left the queue and is still on the line. ``answered``: the conversation is over, the agent hung
    up. ``key``: an exit key was pressed."""

    how: QueueExit
    at: float
    key: str = ""
    answered_at: float | None = None
    agent: str = ""


@dataclass(slots=True, eq=False)
class DialEnded:
    """The leg ended and the caller is still on the line. ``answered``: the target spoke and hung up."""

    how: DialExit
    at: float


@dataclass(slots=True, eq=False)
class Fetched:
    """The answer of a `Fetch`, decoded."""

    value: Any
    at: float


@dataclass(slots=True, eq=False)
class Staffed:
    """How many ``agents`` are signed in at the queue that was asked about."""

    agents: int
    at: float


@dataclass(slots=True, eq=False)
class Failed:
    """The switch could not perform the command; the call is still up as far as is known."""

    reason: str
    at: float


@dataclass(slots=True, eq=False)
class HungUp:
    """The call is over. ``cause`` is Q.850. ``partial`` is what the outstanding command had got until then:
    the keys of a `Gather`, the seconds of a `Record` (as text); ``unheard`` how many of its prompts never began;
    ``reference`` how the switch names the recording that a `Record` had begun."""

    by: Party
    cause: int
    at: float
    partial: str = ""
    unheard: int = 0
    reference: str | None = None


Result: TypeAlias = Done | Key | Digits | Said | Recorded | QueueLeft | DialEnded | Fetched | Staffed | Failed | HungUp


@dataclass(slots=True, eq=False)
class CallerQueued:
    """The queue admitted the caller."""

    queue: str
    at: float


@dataclass(slots=True, eq=False)
class AgentRinging:
    """An agent's telephone rings for this caller."""

    agent: str
    at: float


@dataclass(slots=True, eq=False)
class AgentAnswered:
    """An agent took the call: from here the outcome is ``answered``."""

    agent: str
    at: float


@dataclass(slots=True, eq=False)
class TargetAnswered:
    """The target of a `Dial` took the call."""

    at: float


@dataclass(slots=True, eq=False)
class Announced:
    """A queue announcement began."""

    prompt: str
    at: float


@dataclass(slots=True, eq=False)
class StrayDigit:
    """A key that no command waited for; it is dropped."""

    digit: str
    at: float


@dataclass(slots=True, eq=False)
class ScriptEnded:
    """The test caller's script has ended while the call is up: the hang-up that follows says nothing of a caller's
    patience (outcome ``queued`` where it waits in a queue)."""

    at: float


@dataclass(slots=True, eq=False)
class SpeechUnavailable:
    """What a caller says to a `Listen` cannot be understood: there is no recogniser (``reason`` is empty), or it
    failed."""

    reason: str
    at: float


Event: TypeAlias = (
    CallerQueued
    | AgentRinging
    | AgentAnswered
    | TargetAnswered
    | Announced
    | StrayDigit
    | ScriptEnded
    | SpeechUnavailable
)
