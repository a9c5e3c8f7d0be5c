"""The schemas of ``calendars.yaml`` and of a year file, ``calendars/2027.yaml``."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema

from ivr_flows.schema import Strict
from router.model import DayHours

from .values import Dates, Hours, Name, OneOrMore, read_dates, read_hours


def _read_override(value: object) -> object:
    text = value.strip() if isinstance(value, str) else None
    return text if text in ("holiday", "workday") else read_hours(value)


Override = Annotated[
    DayHours | Literal["holiday", "workday"],
    BeforeValidator(_read_override),
    WithJsonSchema(
        {
            "oneOf": [
                {"enum": ["holiday", "workday", "closed"]},
                {"type": "string", "pattern": r"^\d{1,2}:\d{2}-\d{1,2}:\d{2}$"},
                {"type": "array", "items": {"type": "string"}},
            ]
        }
    ),
]


class OpenEntry(Strict):
    """Opening intervals by kind of day; what is not named is closed."""

    workday: Hours = ()
    monday: Hours | None = None
    tuesday: Hours | None = None
    wednesday: Hours | None = None
    thursday: Hours | None = None
    friday: Hours | None = None
    saturday: Hours | None = None
    sunday: Hours | None = None
    holiday: Hours = ()


class CalendarEntry(Strict):
    """One calendar of opening hours."""

    holidays: Literal["CN"] | None = None
    open: OpenEntry = OpenEntry()
    overrides: dict[Annotated[tuple[date, date], BeforeValidator(read_dates)], Override] = Field(default={})


class CalendarsFile(Strict):
    """``calendars.yaml``."""

    calendars: dict[Name, CalendarEntry] = Field(default={})


class HolidayYearFile(Strict):
    """``calendars/2027.yaml``: the State Council's notice for a year. ``holidays``: name → days off; ``workdays``: the
    days of weekends on which people work."""

    holidays: Annotated[
        dict[
            Annotated[str, Field(min_length=1, max_length=40)],
            Annotated[tuple[Dates, ...], OneOrMore, Field(min_length=1)],
        ],
        Field(min_length=1),
    ]
    workdays: Annotated[tuple[Dates, ...], OneOrMore] = ()
