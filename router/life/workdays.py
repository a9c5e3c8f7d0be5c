"""Working days in China: Monday to Friday that is no statutory holiday, and make-up days (调休)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta, tzinfo

from router.calendars import Calendar
from router.model import CalendarSpec, HolidayYear

_WHOLE_DAY = ((0, 1440),)


@dataclass(frozen=True, slots=True)
class Counted:
    """A day so many working days on. ``assumed`` are the years on the way without holiday data: in them the rule of the
    weekday was taken, so that the day may be too early."""

    day: date
    assumed: tuple[int, ...] = ()


class Workdays:
    """The statutory calendar. ``years`` are the year files of the configuration; they stand before packaged data."""

    def __init__(self, zone: tzinfo, years: Mapping[int, HolidayYear] | None = None) -> None:
        spec = CalendarSpec("workdays", "CN", workday=_WHOLE_DAY, holiday_years=dict(years or {}))
        self._calendar = Calendar(spec, zone)

    def is_working(self, day: date) -> bool:
        """Whether offices work on ``day``."""
        return bool(self._calendar.day(day).hours)

    def after(self, day: date, count: int) -> Counted:
        """The ``count``-th working day after ``day``, which does not count itself."""
        found = day
        while count > 0:
            found += timedelta(days=1)
            count -= self.is_working(found)
        return Counted(found, tuple(self._calendar.uncovered_years(day.year, found.year)))
