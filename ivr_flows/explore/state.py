"""The state of an explored call between two commands: a session of the engine, and what was chosen so far."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, Literal

from ..commands import Command, Gather
from ..session import Session

_RECORDED = frozenset(
    {
        "path",
        "heard",
        "inputs",
        "stray",
        "agent",
        "queue",
        "ended_at",
        "answered_at",
        "hangup_by",
        "fault",
        "fault_noted",
        "notes",
        "hangup_cause",
        "flow",
        "context",
        "tries",
        "last",
        "_variables",
        "frames",
        "loops",
    }
)
"""What a session keeps for the record, and what `Signatures` looks at in a way of its own."""
_deciding = attrgetter(*(name for name in Session.__slots__ if name not in _RECORDED))


@dataclass(frozen=True, slots=True)
class Answering:
    """Who answers, as far as the path has shown: ``--agents`` and ``--target`` say it once for a whole call.

    ``kind`` is a word of the option, ``wait`` where somebody answers after at least ``least`` and less than ``most``
    seconds (infinite: never), ``staffed`` where all that is known is that agents are signed in.
    """

    kind: str = "open"
    least: float = 0.0
    most: float = float("inf")

    def after(self, usual: float) -> float:
        """The wait to replay the path with: the usual one where it fits."""
        return usual if self.least <= usual < self.most else self.least

    def covers(self, other: Answering) -> bool:
        """Whether everybody who may answer in ``other`` may answer here."""
        if self.kind == "open" or self == other:
            return True
        return self.kind == other.kind == "wait" and self.least <= other.least and other.most <= self.most

    def as_option(self, usual: float, never: str) -> str | None:
        """The option's value; None where the path asked nobody."""
        if self.kind in ("open", "staffed"):
            return None
        if self.kind != "wait":
            return self.kind
        if self.most == float("inf"):
            return never
        after = self.after(usual)
        return "answer" if after == usual else f"answer:{after:g}"


@dataclass(frozen=True, slots=True)
class Waits:
    """How often a path waited for an agent and for a target to answer, and how long in all that was taken to be. The
    wait of the call that replays the path is only known at its end."""

    agents: int = 0
    agents_taken: float = 0.0
    targets: int = 0
    targets_taken: float = 0.0

    def with_one(self, who: str, seconds: float) -> Waits:
        """One wait for ``who`` more."""
        if who == "agent":
            return Waits(self.agents + 1, self.agents_taken + seconds, self.targets, self.targets_taken)
        return Waits(self.agents, self.agents_taken, self.targets + 1, self.targets_taken + seconds)

    def late(self, agents: float, targets: float) -> float:
        """How much later everything after these waits is when they last this long."""
        return self.agents * agents - self.agents_taken + self.targets * targets - self.targets_taken


@dataclass(slots=True)
class State:
    """One point of an exploration: ``command`` is outstanding, ``at`` its moment, ``path_id`` stands for
    ``session.path``; ``mask`` are the situations that lead here, ``data`` the values chosen for outside answers.

    ``press`` is one item per input attempt, ``timed`` what the caller does at moments of their own. ``silent`` are the
    seconds since the caller last heard something, ``quiet`` the longest such time and the node it was in.
    """

    session: Session
    command: Command
    at: float
    path_id: int
    mask: int
    data: Mapping[Hashable, Any]
    press: tuple[str, ...] = ()
    timed: tuple[tuple[float, str, Waits], ...] = ()
    waits: Waits = Waits()
    agents: Answering = Answering()
    targets: Answering = Answering()
    talked_at: float | None = None
    talked_with: Literal["agent", "target"] | None = None
    talked_position: int = 0
    keys: int = 0
    silent: float = 0.0
    quiet: tuple[float, str] = (0.0, "")
    signature: Hashable = None
    parent: State | None = None

    @property
    def node(self) -> str:
        """The node whose command is outstanding."""
        path = self.session.path
        return path[-1] if path else ""


def clone(session: Session) -> Session:
    """A session that goes on from the same point without touching the first: the same flow and context, its own
    path and variables. What was heard and pressed decides nothing: a copy begins without it."""
    twin: Session = object.__new__(Session)
    for name in _SHARED:
        setattr(twin, name, getattr(session, name))
    twin.path = session.path[:]
    twin.heard, twin.inputs = [], []
    twin.loops = None if session.loops is None else dict(session.loops)
    twin._variables = None if session._variables is None else _own(session._variables)
    return twin


_SHARED = tuple(name for name in Session.__slots__ if name not in ("path", "heard", "inputs", "loops", "_variables"))


def _own(value: Any) -> Any:
    kind = value.__class__
    if kind is list:
        return [_own(item) for item in value]
    if kind is dict:
        return {key: _own(item) for key, item in value.items()}
    if kind is set:
        return set(value)
    return value


class Signatures:
    """What of a session decides its future, as a value: states with the same one go on alike.

    ``names`` are the variables that decide something; None: any may.
    """

    def __init__(self, names: Collection[str] | None) -> None:
        self._names = names
        self._last = names is None or "last" in names
        self._kept: dict[int, Any] = {}

    def of(self, session: Session, command: Command) -> Hashable:
        """The signature of ``session`` waiting for the result of ``command``."""
        found: list[Hashable] = [
            command.__class__.__name__,
            session.answered_at is None,
            session.tries if isinstance(command, Gather) else 0,
        ]
        if self._last:
            found.append(self._frozen(session.last))
        variables = session._variables
        if variables:
            names = self._names
            for name, value in sorted(variables.items()):
                if names is None or name in names:
                    found.append((name, self._frozen(value)))
        if session.frames or session.loops:
            found.append((self._frozen(session.frames), self._frozen(session.loops)))
        found.append(_deciding(session))
        return tuple(found)

    def _frozen(self, value: Any) -> Hashable:
        kind = value.__class__
        if kind in (str, int, float, bool, type(None)):
            return (kind.__name__, value)
        if kind in (list, tuple):
            return tuple([self._frozen(item) for item in value])
        if kind in (set, frozenset):
            return frozenset(self._frozen(item) for item in value)
        if kind is dict:
            return tuple(sorted(((str(key), self._frozen(item)) for key, item in value.items()), key=repr))
        # An object decides by what it is; it is kept so that its identity stays its own.
        self._kept[id(value)] = value
        return id(value)
