"""Situations: the callers and moments among which an exploration chooses, and how a step of it narrows them.

A situation is concrete: a caller, a moment, a call id. A flow that asks for a fact (the caller's province, the state
of a calendar, the bucket of a share) splits the situations that are still possible by the answer, computed for each
of them by the code that a real call uses. What is left at the end of a path is therefore a set of real calls that
take this path, and any one of them replays it.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ..environment import NO_INSTANCE, CallerFacts, Environment, Instance


@dataclass(frozen=True, slots=True)
class Situation:
    """One way in which a call may arrive. ``shown`` is the caller as it is written behind ``--from`` (None: hidden);
    ``at`` epoch seconds; ``seed`` what makes ``call_id`` (None where it does not matter)."""

    caller: CallerFacts
    at: float
    call_id: str = "explore"
    seed: int | None = None
    line: str = ""
    called: str = ""
    company: str = ""
    instance: Instance = NO_INSTANCE


class Missing(Exception):
    """An exploration was given no situation at all."""


class Steering:
    """What is still possible in the step being run, and the choices made in it.

    ``mask`` has a bit for every situation that is possible; ``data`` holds the values chosen for what the outside
    answers (a fetch, a recogniser). A step that asks for a fact with several answers takes the one that ``script``
    says, or the first; ``taken`` counts the answers there were, so that the others can be taken by running the step
    again.
    """

    def __init__(self, situations: Sequence[Situation], start: float) -> None:
        if not situations:
            raise Missing
        self.situations = tuple(situations)
        self.start = start
        self.mask = (1 << len(self.situations)) - 1
        self.data: dict[Hashable, Any] = {}
        self.script: list[int] = []
        self.taken: list[list[int]] = []
        self._tables: dict[Hashable, dict[Hashable, int]] = {}
        self._moments: dict[float, int] = {}
        for index, situation in enumerate(self.situations):
            self._moments[situation.at] = self._moments.get(situation.at, 0) | 1 << index

    def begin(self, mask: int, data: Mapping[Hashable, Any], script: list[int]) -> None:
        """Run a step from here, answering its first questions as ``script`` says."""
        self.mask = mask
        self.data = dict(data)
        self.script = script
        self.taken = []

    def next_script(self) -> list[int] | None:
        """The script of the next run of the same step; None when every combination of answers was taken."""
        taken = self.taken
        while taken:
            chosen, count = taken[-1]
            if chosen + 1 < count:
                return [choice for choice, _ in taken[:-1]] + [chosen + 1]
            taken.pop()
        return None

    def choose(self, count: int) -> int:
        """One of ``count`` answers."""
        if count == 1:
            return 0
        position = len(self.taken)
        chosen = self.script[position] if position < len(self.script) else 0
        self.taken.append([chosen, count])
        return chosen

    def fact(self, name: str) -> Any:
        """A fact of the situation (``call_id``, ``line`` …), or of its caller."""
        table = self._tables.get(name)
        if table is None:
            of_caller = name in CALLER_FIELDS
            table = self._tables[name] = self._table(
                lambda situation: getattr(situation.caller if of_caller else situation, name)
            )
        return self._split(table)

    def moment(self, what: Hashable, value_at: Callable[[float], Any], at: float) -> Any:
        """A fact of the moment, such as a calendar's state: ``value_at`` the moment of arrival and what passed of the
        call since."""
        passed = round(at - self.start, 3)
        key = (what, passed)
        table = self._tables.get(key)
        if table is None:
            table = self._tables[key] = {}
            for moment, mask in self._moments.items():
                value = value_at(moment + passed)
                table[value] = table.get(value, 0) | mask
        return self._split(table)

    def value(self, key: Hashable, values: Sequence[Any]) -> Any:
        """What the outside answers: one of ``values``, the same whenever ``key`` is asked for in one call."""
        if key not in self.data:
            self.data[key] = values[self.choose(len(values))]
        return self.data[key]

    def _table(self, of: Callable[[Situation], Hashable]) -> dict[Hashable, int]:
        table: dict[Hashable, int] = {}
        for index, situation in enumerate(self.situations):
            value = of(situation)
            table[value] = table.get(value, 0) | 1 << index
        return table

    def _split(self, table: Mapping[Hashable, int]) -> Any:
        mask = self.mask
        if len(table) == 1:
            return next(iter(table))
        possible = [(value, left) for value, part in table.items() if (left := part & mask)]
        value, self.mask = possible[self.choose(len(possible))]
        return value

    def one(self, mask: int) -> Situation:
        """The first situation of ``mask``."""
        return self.situations[(mask & -mask).bit_length() - 1]


CALLER_FIELDS = ("number", "kind", "province", "city", "carrier")


class SteeredCaller:
    """`CallerFacts` that split the situations when they are read."""

    __slots__ = ("_steering",)

    def __init__(self, steering: Steering) -> None:
        self._steering = steering

    @property
    def number(self) -> str | None:
        found: str | None = self._steering.fact("number")
        return found

    @property
    def kind(self) -> str:
        return str(self._steering.fact("kind"))

    @property
    def province(self) -> str:
        return str(self._steering.fact("province"))

    @property
    def city(self) -> str:
        return str(self._steering.fact("city"))

    @property
    def carrier(self) -> str:
        return str(self._steering.fact("carrier"))


class SteeredContext:
    """The `Context` of an explored call: one object for all of them, its facts split when they are read."""

    announcement = None
    end_after_announcement = False
    priority: int | None = None
    remembered: Mapping[str, Any] | None = None

    def __init__(self, steering: Steering) -> None:
        self._steering = steering
        self.caller = SteeredCaller(steering)
        self.at = steering.start
        self.data: Mapping[str, Any] | None = None

    def __getattr__(self, name: str) -> Any:
        if name in Situation.__slots__:
            return self._steering.fact(name)
        raise AttributeError(name)


class _AlwaysOpen(dict[str, Callable[[float], str]]):
    """Calendars of which nothing is known: every name is one, and open."""

    def __missing__(self, name: str) -> Callable[[float], str]:
        return lambda at: "open"


class SteeredEnvironment:
    """An `Environment` whose calendars and clock are those of the situations that are still possible."""

    def __init__(self, base: Environment, steering: Steering) -> None:
        self._base = base
        self._steering = steering
        self.calendars: dict[str, Callable[[float], str]] = _AlwaysOpen()
        if base.calendars is not None:
            self.calendars = {name: self._calendar(name, state) for name, state in base.calendars.items()}

    def _calendar(self, name: str, state: Callable[[float], str]) -> Callable[[float], str]:
        def chosen(at: float) -> str:
            return str(self._steering.moment(("calendar", name), state, at))

        return chosen

    def local_time(self, at: float) -> datetime:
        """The local time of the situation."""
        found: datetime = self._steering.moment("now", self._base.local_time, at)
        return found

    def __getattr__(self, name: str) -> Any:
        return getattr(self._base, name)
