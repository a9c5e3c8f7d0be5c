"""What is going on while a call arrives: calls on lines and numbers, calls of the month, lines that are down.

Routing only reads it; who carries calls (the live router, the simulated carrier) counts in it. No clock: the month of a
call is that of the moment with which it arrived.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, tzinfo
from functools import lru_cache

from .route_options import LineState

QUARTER = 900
"""Seconds; months begin on a quarter of an hour in every time zone."""


class Traffic:
    """Counted calls. ``states``: lines that take no call, and why; ``lines`` and ``trunks``: channels in use;
    ``numbers``: connected calls per 400 number; ``months``: its connected calls per month (``2026-10``); ``turns``:
    how many calls the hunting of a number and rule has delivered."""

    __slots__ = ("lines", "months", "numbers", "states", "trunks", "turns")

    def __init__(
        self,
        states: Mapping[str, LineState] | None = None,
        lines: Mapping[str, int] | None = None,
        numbers: Mapping[str, int] | None = None,
    ) -> None:
        self.states: dict[str, LineState] = dict(states or {})
        self.lines: Counter[str] = Counter(lines or {})
        self.trunks: Counter[str] = Counter()
        self.numbers: Counter[str] = Counter(numbers or {})
        self.months: Counter[tuple[str, str]] = Counter()
        self.turns: Counter[tuple[str, str]] = Counter()

    def copy(self) -> Traffic:
        """The same counts, counted on apart."""
        other = Traffic(self.states, self.lines, self.numbers)
        other.trunks.update(self.trunks)
        other.months.update(self.months)
        other.turns.update(self.turns)
        return other

    def connect(self, number: str, at: float, zone: tzinfo) -> None:
        """Count a call to ``number`` that is connected at ``at``."""
        self.numbers[number] += 1
        self.months[number, month_of(at, zone)] += 1

    def leave(self, number: str) -> None:
        """A call to ``number`` is over."""
        if self.numbers[number] > 0:
            self.numbers[number] -= 1


def month_of(at: float, zone: tzinfo) -> str:
    """The calendar month of ``at``, as ``2026-10``."""
    return _month_of_quarter(int(at // QUARTER), zone)


@lru_cache(maxsize=256)
def _month_of_quarter(quarter: int, zone: tzinfo) -> str:
    return datetime.fromtimestamp(quarter * QUARTER, zone).strftime("%Y-%m")
