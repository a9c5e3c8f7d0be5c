"""Time cut where a condition begins or ceases to hold: exact edges, in epoch seconds.

A *timeline* is the list of moments within a range at which one yes-or-no condition changes. Several are merged into
signatures: a whole number with one bit for each condition that holds. Nothing here steps through minutes.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import TypeAlias

from ..calendars import Calendar, compile_calendar
from ..model import CalendarSpec, DayHours

Interval: TypeAlias = tuple[float, float]
"""Moments from the first (inclusive) to the last (exclusive)."""

_LOOK_AHEAD = 800 * 86_400.0


@dataclass(frozen=True, slots=True)
class Timeline:
    """Whether a condition holds: ``at_first`` from the range's beginning on, and the other way round from each of
    ``edges`` on."""

    at_first: bool
    edges: tuple[float, ...] = ()

    def holds(self, at: float) -> bool:
        """Whether it holds at ``at``, which lies within the range."""
        return self.at_first != bool(bisect_right(self.edges, at) & 1)


@dataclass(frozen=True, slots=True)
class Signatures:
    """Signatures from each of ``starts`` on, the first of them the range's beginning."""

    starts: tuple[float, ...]
    values: tuple[int, ...]

    def at(self, moment: float) -> int:
        """The signature at ``moment``, which lies within the range."""
        return self.values[bisect_right(self.starts, moment) - 1]


@dataclass(frozen=True, slots=True)
class Hours:
    """The condition of being in one of ``states`` of a calendar, on one of the ``weekdays`` and within ``dates``, of
    each of them only where it is given. ``zone`` is that of the days."""

    calendar: int | None
    states: tuple[str, ...]
    dates: tuple[tuple[date, date], ...]
    weekdays: tuple[int, ...]
    zone: tzinfo


class Times:
    """Timelines of one range of time, each made once. The range is ``[first, last)``."""

    def __init__(self, first: float, last: float) -> None:
        if not first < last:
            raise ValueError("a range of time ends after its beginning")
        self.first = first
        self.last = last
        self._calendars: list[Calendar] = []
        self._known: dict[int, int] = {}
        self._states: dict[int, tuple[tuple[float, ...], tuple[str, ...]]] = {}
        self._days: dict[tzinfo, tuple[tuple[float, ...], tuple[date, ...]]] = {}
        self._timelines: dict[Hashable, Timeline] = {}
        self._merged: dict[tuple[Timeline, ...], Signatures] = {}
        self._grouped: dict[int, dict[int, tuple[Interval, ...]]] = {}

    def calendar(self, calendar: Calendar) -> int:
        """A number for ``calendar``; calendars that say the same have the same."""
        found = self._known.get(id(calendar))
        if found is None:
            for index, there in enumerate(self._calendars):
                if there.spec == calendar.spec and there.zone == calendar.zone:
                    found = index
                    break
            else:
                found = len(self._calendars)
            self._calendars.append(calendar)  # kept, so that its identity stays its own
            self._known[id(calendar)] = found
        return found

    def hours(self, condition: Hours) -> Timeline:
        """When ``condition`` holds."""
        found = self._timelines.get(condition)
        if found is None:
            parts: list[Timeline] = []
            if condition.calendar is not None:
                starts, states = self._of_calendar(condition.calendar)
                parts.append(_timeline(starts, [state in condition.states for state in states]))
            if condition.dates or condition.weekdays:
                starts, days = self.days(condition.zone)
                parts.append(_timeline(starts, [_on(condition, day) for day in days]))
            found = self._timelines[condition] = self.together(parts)
        return found

    def clock(self, intervals: DayHours, zone: tzinfo) -> Timeline:
        """When the clock on the wall of ``zone`` shows one of ``intervals`` (minutes of the day)."""
        spec = CalendarSpec("clock", workday=intervals, weekdays={5: intervals, 6: intervals})
        return self.hours(Hours(self.calendar(compile_calendar(spec, zone)), ("open",), (), (), zone))

    def since(self, moment: float) -> Timeline:
        """From ``moment`` on."""
        if moment <= self.first:
            return Timeline(True)
        return Timeline(False, (moment,) if moment < self.last else ())

    def signatures(self, timelines: Sequence[Timeline]) -> Signatures:
        """The signature at every moment: bit *i* is set where ``timelines[i]`` holds."""
        key = tuple(timelines)
        found = self._merged.get(key)
        if found is None:
            toggles: dict[float, int] = {}
            now = 0
            for index, timeline in enumerate(timelines):
                bit = 1 << index
                if timeline.at_first:
                    now |= bit
                for edge in timeline.edges:
                    toggles[edge] = toggles.get(edge, 0) ^ bit
            starts, values = [self.first], [now]
            for edge in sorted(toggles):
                if toggles[edge]:
                    now ^= toggles[edge]
                    starts.append(edge)
                    values.append(now)
            found = self._merged[key] = Signatures(tuple(starts), tuple(values))
        return found

    def grouped(self, signatures: Signatures) -> dict[int, tuple[Interval, ...]]:
        """The intervals in which each signature holds."""
        found = self._grouped.get(id(signatures))
        if found is None:
            gathered: dict[int, list[Interval]] = {}
            ends = (*signatures.starts[1:], self.last)
            for start, end, value in zip(signatures.starts, ends, signatures.values, strict=True):
                gathered.setdefault(value, []).append((start, end))
            found = self._grouped[id(signatures)] = {value: tuple(there) for value, there in gathered.items()}
        return found

    def days(self, zone: tzinfo) -> tuple[tuple[float, ...], tuple[date, ...]]:
        """The local days of the range: the moment at which each begins (the first: the range's beginning) and its
        date. Days have the length that the clock of ``zone`` gives them."""
        found = self._days.get(zone)
        if found is None:
            starts, days = [self.first], [datetime.fromtimestamp(self.first, zone).date()]
            day = days[0]
            while True:
                day += timedelta(days=1)
                begins = datetime(day.year, day.month, day.day, tzinfo=zone).timestamp()
                if begins >= self.last:
                    break
                if begins > starts[-1]:
                    starts.append(begins)
                    days.append(datetime.fromtimestamp(begins, zone).date())
            found = self._days[zone] = (tuple(starts), tuple(days))
        return found

    def _of_calendar(self, number: int) -> tuple[tuple[float, ...], tuple[str, ...]]:
        found = self._states.get(number)
        if found is None:
            calendar = self._calendars[number]
            starts, states = [self.first], [calendar.state(self.first)]
            at = self.first
            while at < self.last:
                edge = calendar.next_edge(at)
                if edge is None:
                    at += _LOOK_AHEAD
                    continue
                if edge >= self.last:
                    break
                starts.append(edge)
                states.append(calendar.state(edge))
                at = edge
            found = self._states[number] = (tuple(starts), tuple(states))
        return found

    def together(self, parts: Sequence[Timeline]) -> Timeline:
        """Where all of ``parts`` hold; everywhere without any."""
        if not parts:
            return Timeline(True)
        if len(parts) == 1:
            return parts[0]
        merged = self.signatures(parts)
        everything = (1 << len(parts)) - 1
        return _timeline(merged.starts, [value == everything for value in merged.values])


def _on(condition: Hours, day: date) -> bool:
    if condition.dates and not any(first <= day <= last for first, last in condition.dates):
        return False
    return not condition.weekdays or day.weekday() in condition.weekdays


def _timeline(starts: Sequence[float], values: Sequence[bool]) -> Timeline:
    edges = [start for start, value, before in zip(starts[1:], values[1:], values[:-1], strict=True) if value != before]
    return Timeline(values[0], tuple(edges))


def minutes_of(intervals: Sequence[Interval]) -> int:
    """How many whole minutes ``intervals`` last together."""
    return round(sum(end - start for start, end in intervals)) // 60


def joined(groups: Sequence[Sequence[Interval]]) -> tuple[Interval, ...]:
    """All intervals of ``groups`` in order, those that touch or overlap made one."""
    found: list[Interval] = []
    for start, end in sorted(interval for group in groups for interval in group):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return tuple(found)
