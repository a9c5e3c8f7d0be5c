"""Opening hours: whether a calendar is ``open``, ``closed`` or on ``holiday`` at a moment.

The rules are those of CONTRACT.md, *calendars*. Hours are wall-clock hours: a calendar is open whenever the clock
on the wall of its time zone shows a time inside one of the day's intervals, whatever daylight saving does to
that day. Statutory holidays and make-up working days (调休) of China come from the year files of the configuration,
else from ``chinesecalendar``; its ``is_holiday`` is true for any weekend, so only a day with a *name* counts here. For
a year that neither covers the weekday rule holds, and `Calendar.uncovered_years` says so.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from typing import Literal

from .model import CalendarSpec, DayHours

DayKind = Literal["workday", "weekday", "make_up", "holiday", "override"]

_DAY = 86_400
_EPOCH_ORDINAL = date(1970, 1, 1).toordinal()
_FIRST_DAY = date.min.toordinal() - _EPOCH_ORDINAL + 2
_LAST_DAY = date.max.toordinal() - _EPOCH_ORDINAL - 2
_CACHED_DAYS = 4_000
_HORIZON_DAYS = 800


@dataclass(frozen=True, slots=True)
class Day:
    """What a calendar says of one day. ``hours`` are the intervals that begin on it; ``is_holiday`` is what the rest
    of the day is; ``kind`` is which of the calendar's entries decided; ``name`` the holiday's name, if it has one."""

    kind: DayKind
    hours: DayHours
    is_holiday: bool
    name: str | None = None


class Calendar:
    """A compiled calendar. `state` is the hot path; everything it works out is kept."""

    __slots__ = ("_days", "_edges", "_notices", "_now", "name", "spec", "zone")

    def __init__(self, spec: CalendarSpec, zone: tzinfo) -> None:
        self.name = spec.name
        self.spec = spec
        self.zone = zone
        self._now: tuple[float, float, str] = (0.0, 0.0, "closed")
        self._edges: dict[int, tuple[list[float], list[str]]] = {}
        self._days: dict[int, Day] = {}
        self._notices: dict[date, tuple[bool, bool, str | None]] = {}
        for year in spec.holiday_years.values():
            self._notices.update(dict.fromkeys(year.workdays, (False, True, None)))
            self._notices.update({day: (True, False, name) for day, name in year.holidays.items()})

    def state(self, at: float) -> str:
        """``open``, ``closed`` or ``holiday`` at the moment ``at`` (epoch seconds); ``closed`` where there is no
        calendar day, before the year 1 and after 9999."""
        begin, end, state = self._now
        if begin <= at < end:
            return state
        window = int(at // _DAY)
        edges, states = self._window(window)
        index = bisect_right(edges, at) - 1
        end = edges[index + 1] if index + 1 < len(edges) else float((window + 1) * _DAY)
        self._now = (edges[index], end, states[index])
        return states[index]

    def next_edge(self, at: float) -> float | None:
        """The first moment after ``at`` at which the state differs from that at ``at``; None when it does not
        change within the next 800 days (always open, say)."""
        state = self.state(at)
        window = int(at // _DAY)
        for day in range(window, window + _HORIZON_DAYS):
            edges, states = self._window(day)
            for edge, there in zip(edges, states, strict=True):
                if edge > at and there != state:
                    return edge
        return None

    def day(self, day: date) -> Day:
        """What decides the hours of ``day``."""
        return self._day(day.toordinal() - _EPOCH_ORDINAL)

    def uncovered_years(self, first: int, last: int) -> list[int]:
        """Those of the years ``first`` to ``last`` (inclusive) for which statutory holidays are asked for and no data
        exists: in them every day follows the weekday rule, save the calendar's own overrides."""
        if self.spec.holidays is None:
            return []
        return [year for year in range(first, last + 1) if year not in self.spec.holiday_years and not covers(year)]

    def _statutory(self, day: date) -> tuple[bool, bool, str | None]:
        """`statutory_day` with the year files: what a file says of a day, and nothing else of its whole year."""
        notice = self._notices.get(day)
        if notice is not None:
            return notice
        if day.year in self.spec.holiday_years:
            return False, False, None
        return statutory_day(day)

    def _day(self, number: int) -> Day:
        found = self._days.get(number)
        if found is None:
            if len(self._days) >= _CACHED_DAYS:
                self._days.clear()
            found = self._days[number] = self._decide(date.fromordinal(number + _EPOCH_ORDINAL))
        return found

    def _decide(self, day: date) -> Day:
        spec = self.spec
        statutory, make_up, name = self._statutory(day) if spec.holidays == "CN" else (False, False, None)
        if day in spec.overrides:
            hours = spec.overrides[day]
            if hours is None:
                return Day("override", spec.holiday_hours, True, name)
            return Day("override", hours, statutory, name)
        if statutory:
            return Day("holiday", spec.holiday_hours, True, name)
        if make_up:
            return Day("make_up", spec.workday, False, name)
        weekday = day.weekday()
        if weekday in spec.weekdays:
            return Day("weekday", spec.weekdays[weekday], False)
        return Day("workday", spec.workday, False) if weekday < 5 else Day("weekday", (), False)

    def _window(self, window: int) -> tuple[list[float], list[str]]:
        """The edges of the UTC day ``window`` and the state from each of them on."""
        found = self._edges.get(window)
        if found is None:
            if len(self._edges) >= _CACHED_DAYS:
                self._edges.clear()
            found = self._edges[window] = self._make_window(window)
        return found

    def _make_window(self, window: int) -> tuple[list[float], list[str]]:
        edges: list[float] = []
        states: list[str] = []
        if not _FIRST_DAY <= window <= _LAST_DAY:
            return [float(window * _DAY)], ["closed"]
        for begin, end, offset in _pieces(self.zone, window * _DAY, (window + 1) * _DAY):
            for wall in self._cuts(begin + offset, end + offset):
                state = self._wall_state(wall)
                if not states or states[-1] != state:
                    edges.append(float(wall - offset))
                    states.append(state)
        return edges, states

    def _cuts(self, begin: int, end: int) -> list[int]:
        """The wall seconds within ``[begin, end)`` at which the state may change, ``begin`` included."""
        cuts = {begin}
        for number in range(begin // _DAY - 1, (end - 1) // _DAY + 1):
            midnight = number * _DAY
            cuts.add(midnight)
            for opens, closes in self._day(number).hours:
                cuts.add(midnight + opens * 60)
                cuts.add(midnight + closes * 60)
        return sorted(cut for cut in cuts if begin <= cut < end)

    def _wall_state(self, wall: int) -> str:
        number, second = divmod(wall, _DAY)
        today = self._day(number)
        if _within(today.hours, second) or _within(self._day(number - 1).hours, second + _DAY):
            return "open"
        return "holiday" if today.is_holiday else "closed"


def compile_calendar(spec: CalendarSpec, zone: tzinfo) -> Calendar:
    """The calendar of ``spec`` in ``zone``."""
    return Calendar(spec, zone)


def statutory_day(day: date) -> tuple[bool, bool, str | None]:
    """Of ``day`` in China, by the library: whether it is a statutory holiday by name, whether it is a make-up working
    day, and the holiday's English name. A day of a year without data is neither."""
    import chinese_calendar  # its tables are needed only where a calendar asks for them

    try:
        is_holiday, name = chinese_calendar.get_holiday_detail(day)
    except NotImplementedError:
        return False, False, None
    if name is None:
        return False, False, None
    return is_holiday, not is_holiday, str(name)


def covers(year: int) -> bool:
    """Whether the library has data on the statutory holidays of ``year``."""
    import chinese_calendar

    try:
        chinese_calendar.get_holiday_detail(date(year, 1, 1))
    except NotImplementedError:
        return False
    return True


def _within(hours: DayHours, second: int) -> bool:
    return any(opens * 60 <= second < closes * 60 for opens, closes in hours)


def _offset(zone: tzinfo, at: int) -> int:
    delta = datetime.fromtimestamp(at, UTC).astimezone(zone).utcoffset()
    assert delta is not None, "an aware datetime has an offset"
    return int(delta.total_seconds())


def _pieces(zone: tzinfo, begin: int, end: int) -> Iterator[tuple[int, int, int]]:
    """``[begin, end)`` cut where the zone's offset changes: begin, end and offset of each piece."""
    offset = _offset(zone, begin)
    start = begin
    for probe in range(begin + 3600, end + 1, 3600):
        there = _offset(zone, probe)
        if there != offset:
            low, high = probe - 3600, probe
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (middle, high) if _offset(zone, middle) == offset else (low, middle)
            if high >= end:
                break
            yield start, high, offset
            start, offset = high, there
    yield start, end, offset
