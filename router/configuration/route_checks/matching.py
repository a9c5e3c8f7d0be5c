"""Which rules of a route can match, exactly: time and callers are cut where any of its conditions changes.

The conditions are those of `router.partition`; no call is resolved here. A share neither takes every call nor none (0
and 100 percent do), so that what stands behind it can be reached: rules are independent of each other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from router.calendars import Calendar
from router.model import Rule, When
from router.partition.asked import condition_of
from router.partition.classes import CallerClass, CallerSpace
from router.partition.conditions import Condition, Interned
from router.partition.timelines import Hours, Interval, Timeline, Times

HORIZON = timedelta(days=400)
FURTHEST = timedelta(days=5 * 366)
"""Rules with dates beyond are taken to match."""
LOOK_BACK_YEARS = 30


@dataclass(frozen=True, slots=True)
class Situation:
    """Calls that all conditions of a route tell alike: when, and from whom. ``today`` is when the day of the check
    begins."""

    when: tuple[Interval, ...]
    who: CallerClass
    today: float

    @property
    def ahead(self) -> tuple[Interval, ...]:
        """The part of `when` that is not over."""
        return tuple((max(start, self.today), end) for start, end in self.when if end > self.today)

    @property
    def moment(self) -> float:
        """A whole minute well inside the longest interval ahead, or of those in the past where there is none."""
        start, end = max(self.ahead or self.when, key=lambda interval: (interval[1] - interval[0], -interval[0]))
        inside = (start + min(3600.0, (end - start) / 2)) // 60 * 60
        return max(start, inside)


@dataclass(slots=True)
class Outcomes:
    """What becomes of the rules of a route, by their index. ``reached``: situations in which a call may match it;
    ``meant``: one in which its own condition holds, with the rule that takes such calls before it (None: nothing ever
    meets its condition); ``unmatched``: situations in which a call may match no rule at all."""

    reached: list[list[Situation]]
    meant: list[tuple[Situation, int] | None]
    unmatched: list[Situation] = field(default_factory=list)


class Matching:
    """Works out `Outcomes`, each list of conditions once, for the year from ``day`` on, or to ``last``.

    Where a calendar asks for statutory holidays that are not known for all of that time, the range begins with the last
    year for which they are: a rule for holidays is not called useless because nobody has published them yet.
    """

    def __init__(
        self,
        calendars: Mapping[str, Calendar],
        lists: Mapping[str, tuple[str, ...]],
        zone: ZoneInfo,
        day: date,
        last: date,
    ) -> None:
        self._calendars = calendars
        self.lists = lists
        self.zone = zone
        self.day = day
        self.last = min(max(last, day + HORIZON), day + FURTHEST)
        first = min((self._first_day(calendar) for calendar in calendars.values()), default=day)
        self._times = Times(self._midnight(first), self._midnight(self.last + timedelta(days=1)))
        self._today = self._midnight(day)
        self._callers = CallerSpace()
        self._interned = Interned()
        self._known: dict[tuple[When | None, ...], Outcomes] = {}

    @property
    def range(self) -> tuple[float, float]:
        """The moments ahead that are looked at, from and to."""
        return self._today, self._times.last

    def outcomes(self, rules: tuple[Rule, ...]) -> Outcomes:
        """What becomes of ``rules``, which are in order."""
        key = tuple(rule.when for rule in rules)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = self._work_out(key)
        return found

    def never(self, calendar: str, state: str) -> bool:
        """Whether ``calendar`` is never in ``state`` within the range."""
        number = self._times.calendar(self._calendars[calendar])
        return self._times.hours(Hours(number, (state,), (), (), self.zone)) == Timeline(False)

    def _work_out(self, conditions: tuple[When | None, ...]) -> Outcomes:
        timelines: dict[Timeline, int] = {}
        callers: dict[Condition, int] = {}
        wanted: list[tuple[int, int]] = []
        for when in conditions:
            time_bit = caller_bit = 0
            if when is not None and (when.hours is not None or when.dates or when.weekday):
                time_bit = 1 << timelines.setdefault(self._timeline(when), len(timelines))
            if when is not None and when.caller is not None:
                condition = condition_of(when.caller, self, self._interned)
                caller_bit = 1 << callers.setdefault(condition, len(callers))
            wanted.append((time_bit, caller_bit))
        signatures = self._times.signatures(tuple(timelines))
        found = Outcomes([[] for _ in conditions], [None] * len(conditions))
        classes = self._callers.classes(tuple(callers))
        for signature, intervals in self._times.grouped(signatures).items():
            for there in classes:
                self._walk(conditions, wanted, signature, Situation(intervals, there, self._today), found)
        return found

    def _walk(
        self,
        conditions: tuple[When | None, ...],
        wanted: list[tuple[int, int]],
        signature: int,
        situation: Situation,
        found: Outcomes,
    ) -> None:
        taken: int | None = None
        meets = situation.who.meets
        for index, ((time_bit, caller_bit), when) in enumerate(zip(wanted, conditions, strict=True)):
            if time_bit & ~signature or caller_bit & ~meets:
                continue
            share = None if when is None else when.share
            if share == 0:
                continue
            if taken is None:
                found.reached[index].append(situation)
                if share is None or share == 100:
                    taken = index
            elif found.meant[index] is None:
                found.meant[index] = (situation, taken)
        if taken is None:
            found.unmatched.append(situation)

    def _timeline(self, when: When) -> Timeline:
        calendar = self._times.calendar(self._calendars[when.hours]) if when.hours is not None else None
        states = tuple(sorted(when.hours_is)) if when.hours is not None else ()
        return self._times.hours(Hours(calendar, states, when.dates, tuple(sorted(set(when.weekday))), self.zone))

    def _first_day(self, calendar: Calendar) -> date:
        """The day of the check, or the first of the last year whose holidays ``calendar`` knows."""
        unknown = set(calendar.uncovered_years(self.day.year - LOOK_BACK_YEARS, self.last.year))
        if not unknown & set(range(self.day.year, self.last.year + 1)):
            return self.day
        known = [year for year in range(self.day.year - LOOK_BACK_YEARS, self.day.year + 1) if year not in unknown]
        return date(known[-1], 1, 1) if known else self.day

    def _midnight(self, day: date) -> float:
        return datetime.combine(day, time(), self.zone).timestamp()
