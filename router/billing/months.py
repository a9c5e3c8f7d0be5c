"""Months and their moments. A call belongs to the month in which its flow began, however long it goes on."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

from ivr_flows.findings import Text
from router.lifecycle import add_months

from .refusal import BillingError

_WRITTEN = re.compile(r"(\d{4})-?(\d{2})")


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A month of the calendar."""

    year: int
    month: int

    @classmethod
    def parse(cls, text: str) -> Month:
        """``2026-10``. Raises `BillingError`."""
        found = _WRITTEN.fullmatch(text.strip())
        if found and 1 <= int(found[2]) <= 12 and int(found[1]) >= 1:
            return cls(int(found[1]), int(found[2]))
        raise BillingError(
            "bad-month",
            Text(f"`{text[:20]}` is no month.", f"`{text[:20]}` 不是月份。"),
            Text("Write year and month: 2026-10.", "请写年和月：2026-10。"),
        )

    @classmethod
    def of(cls, at: float, zone: tzinfo) -> Month:
        """The month of a moment."""
        day = datetime.fromtimestamp(at, zone)
        return cls(day.year, day.month)

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.month:02d}"

    @property
    def first(self) -> date:
        """Its first day."""
        return date(self.year, self.month, 1)

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.plus(1).first - self.first).days

    def plus(self, months: int) -> Month:
        """So many months on."""
        day = add_months(self.first, months)
        return Month(day.year, day.month)

    def start(self, zone: tzinfo) -> float:
        """The moment at which it begins."""
        return midnight(self.first, zone)

    def end(self, zone: tzinfo) -> float:
        """The moment at which it is over: the first that is not in it."""
        return self.plus(1).start(zone)

    def day_ends(self, zone: tzinfo) -> list[float]:
        """The end of each of its days, in order."""
        return [midnight(self.first + timedelta(days=day + 1), zone) for day in range(self.days)]


def midnight(day: date, zone: tzinfo) -> float:
    """The moment at which ``day`` begins."""
    return datetime(day.year, day.month, day.day, tzinfo=zone).timestamp()


def months_later(at: float, months: int, zone: tzinfo) -> float:
    """The same time of day so many months after ``at``, on the last day of a month that is too short."""
    moment = datetime.fromtimestamp(at, zone)
    day = add_months(moment.date(), months)
    return moment.replace(year=day.year, month=day.month, day=day.day).timestamp()
