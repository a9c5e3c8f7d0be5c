"""Commands: what a session asks its driver to do. Imperatives, frozen, reusable between calls.

One command is outstanding at a time and gets exactly one result (`ivr_flows.results`). What must happen
*during* a command (barge-in keys, a queue's announcements and exit keys) is declared in the command.
All times are seconds. What every driver derives from a command (how long its prompts last) is derived once, when the
command is made.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from .findings import Fault
from .prompts import speech_seconds

ALL_KEYS = frozenset("0123456789*#")


@dataclass(frozen=True, slots=True)
class Prompt:
    """One thing the caller hears: ``text`` to be spoken, or the recorded ``file`` (``text`` is then its words,
    empty when nobody wrote them down), in ``language`` and with ``voice`` (None: the language's own). ``ssml`` is the
    markup of a text that has marks for the speech synthesis, ``pause`` the seconds of silence in it.

    ``heard`` is what a call record shows for it (the text, else ``file:NAME``), ``seconds`` how long it lasts.
    """

    text: str
    file: str | None = None
    language: str = "zh-CN"
    voice: str | None = None
    ssml: str | None = None
    pause: float = 0.0
    heard: str = field(init=False, compare=False)
    seconds: float = field(init=False, compare=False)

    def __post_init__(self) -> None:
        heard = self.text or (f"file:{self.file}" if self.file else "")
        object.__setattr__(self, "heard", heard)
        object.__setattr__(self, "seconds", round(speech_seconds(heard) + self.pause, 2))


@dataclass(frozen=True, slots=True)
class Answer:
    """Answer the call. Result: `Done`."""


@dataclass(frozen=True, slots=True)
class Play:
    """Play prompts in order. Keys pressed meanwhile are dropped unless ``barge_in``, which lets the first key
    end the playing. Result: `Done`, or `Key` when interrupted."""

    prompts: tuple[Prompt, ...]
    barge_in: bool = False
    seconds: float = field(init=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "seconds", sum(prompt.seconds for prompt in self.prompts))


@dataclass(frozen=True, slots=True)
class Gather:
    """One input attempt: play prompts, then collect keys. Result: `Digits` (empty for silence).

    ``keys`` is the set of complete answers of a menu (collecting stops as soon as one is complete and no longer
    one is possible, or as soon as none is possible any more), None where any keys are collected up to
    ``max_digits`` or the ``terminator``. ``timeout`` runs from the end of the prompts to the first key,
    ``digit_timeout`` between keys. ``typed_ahead`` are keys that interrupted a play before: the first keys
    of this attempt, interrupting its prompts before they begin; prompts that cannot be interrupted are played even
    where these keys are a complete answer.
    `ivr_flows.digits.Collector` is the one implementation of when an attempt is complete; ``single_keys`` are those of
    which one, pressed by itself, is a whole attempt.
    """

    prompts: tuple[Prompt, ...]
    timeout: float
    digit_timeout: float
    max_digits: int = 1
    terminator: str = ""
    barge_in: bool = True
    keys: frozenset[str] | None = None
    sensitive: bool = False
    typed_ahead: str = ""
    seconds: float = field(init=False, compare=False)
    single_keys: frozenset[str] = field(init=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "seconds", sum(prompt.seconds for prompt in self.prompts))
        alone = self.keys if self.max_digits == 1 and not self.typed_ahead else None
        object.__setattr__(self, "single_keys", alone or frozenset())


@dataclass(frozen=True, slots=True)
class Listen(Gather):
    """One attempt to hear what the caller wants: as `Gather`, but the caller may speak instead. ``intents`` are the
    phrases that are expected, key ``1`` standing for the first. Result: `Said` or `Digits`."""

    intents: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Record:
    """Play prompts, then record the caller for at most ``max_s``, ending early after ``silence`` (0: never).

    ``box`` names the voicemail box; None for a recording of the flow. Result: `Recorded`.
    """

    prompts: tuple[Prompt, ...]
    max_s: float
    silence: float = 0.0
    box: str | None = None


@dataclass(frozen=True, slots=True)
class Queue:
    """Wait in a queue and talk to the agent who answers. Result: `QueueLeft`.

    While waiting the driver observes `CallerQueued`, `AgentRinging`, `AgentAnswered`, `Announced`.
    ``timeout`` bounds the wait, not the talk. ``announce_every`` 0: no waiting announcement; ``hold``: several of
    them, played in turn instead of ``announcement``. The agent who answers hears ``whisper`` first.
    ``last_agent_first``: the agent who last spoke with the caller is to be rung before others.
    """

    name: str
    timeout: float
    priority: int = 1
    skill: str | None = None
    music: str | None = None
    announce_every: float = 0.0
    announcement: Prompt | None = None
    say_position: bool = False
    exit_keys: frozenset[str] = frozenset()
    hold: tuple[Prompt, ...] = ()
    whisper: Prompt | None = None
    last_agent_first: bool = False

    @property
    def announcements(self) -> tuple[Prompt, ...]:
        """What is announced while waiting, in turn; empty where nothing is."""
        if self.announce_every <= 0:
            return ()
        return self.hold or ((self.announcement,) if self.announcement is not None else ())


@dataclass(frozen=True, slots=True)
class Dial:
    """Place a leg to a target (``to``, a number) or out of a line to where it lands (``line``), and connect.

    The leg presents the base number of the line it leaves by; a 400 number never. Result: `DialEnded`.
    While ringing and talking the driver observes `TargetAnswered`. The target hears ``whisper`` first.
    """

    to: str | None
    line: str | None
    timeout: float
    post_digits: str = ""
    whisper: Prompt | None = None


@dataclass(frozen=True, slots=True)
class Fetch:
    """An HTTP request to an allow-listed host. Result: `Fetched` or `Failed`."""

    url: str
    method: str = "GET"
    body: str | None = None
    headers: tuple[tuple[str, str], ...] = ()
    timeout: float = 5.0


@dataclass(frozen=True, slots=True)
class Wait:
    """Let ``seconds`` pass. Result: `Done`."""

    seconds: float


@dataclass(frozen=True, slots=True)
class SendDigits:
    """Send digits to the connected leg. Result: `Done`."""

    digits: str


@dataclass(frozen=True, slots=True)
class Notify:
    """Tell the outside of an event; needs no caller. Result: `Done`."""

    event: str
    data: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Remember:
    """Keep ``values`` for later calls of this caller; needs no caller on the line. Result: `Done`."""

    values: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class RecordCall:
    """Record the call from here on, or no longer (``on``). Result: `Recorded` of no seconds where it began, `Done`
    where it ended, or `Failed`."""

    on: bool


@dataclass(frozen=True, slots=True)
class Staffing:
    """Ask how many agents are signed in at a queue. Result: `Staffed` or `Failed`."""

    queue: str


@dataclass(frozen=True, slots=True)
class SendMessage:
    """Send ``text`` to the number ``to`` over ``channel``; needs no caller. Result: `Done` or `Failed`."""

    to: str
    text: str
    channel: str = "sms"


@dataclass(frozen=True, slots=True)
class Hangup:
    """End the call with a Q.850 cause; before answer that is the refusal the caller gets. Result: `HungUp`."""

    cause: int = 16


@dataclass(frozen=True, slots=True)
class End:
    """The session is over; nothing answers it. ``outcome`` is one of `ivr_flows.session.OUTCOMES`."""

    outcome: str
    fault: Fault | None = None


Command: TypeAlias = (
    Answer
    | Play
    | Gather
    | Listen
    | Record
    | Queue
    | Dial
    | Fetch
    | Wait
    | SendDigits
    | Notify
    | Remember
    | RecordCall
    | Staffing
    | SendMessage
    | Hangup
    | End
)
