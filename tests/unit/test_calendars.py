"""What a calendar says: open, closed or holiday, at every moment."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from router.calendars import compile_calendar
from router.model import CalendarSpec, DayHours

SHANGHAI = ZoneInfo("Asia/Shanghai")

# The State Council's notice for 2026, written out (not read from the library under test).
HOLIDAYS_2026 = frozenset(
    day
    for first, last in (
        (date(2026, 1, 1), date(2026, 1, 3)),
        (date(2026, 2, 15), date(2026, 2, 23)),
        (date(2026, 4, 4), date(2026, 4, 6)),
        (date(2026, 5, 1), date(2026, 5, 5)),
        (date(2026, 6, 19), date(2026, 6, 21)),
        (date(2026, 9, 25), date(2026, 9, 27)),
        (date(2026, 10, 1), date(2026, 10, 7)),
    )
    for day in (first + timedelta(n) for n in range((last - first).days + 1))
)
MAKE_UP_2026 = frozenset(
    {
        date(2026, 1, 4),
        date(2026, 2, 14),
        date(2026, 2, 28),
        date(2026, 5, 9),
        date(2026, 9, 20),
        date(2026, 10, 10),
    }
)


def hours(*texts: str) -> DayHours:
    """``"09:00-12:00"`` as the model holds it."""
    found = []
    for text in texts:
        first, last = (int(part[:2]) * 60 + int(part[3:]) for part in text.split("-"))
        found.append((first, last if last > first else last + 1440))
    return tuple(found)


OFFICE = CalendarSpec(
    "office",
    holidays="CN",
    workday=hours("09:00-12:00", "13:30-18:00"),
    weekdays={5: hours("10:00-16:00")},
    overrides={
        date(2026, 12, 31): hours("09:00-12:00"),
        date(2027, 1, 1): None,
        date(2026, 10, 7): hours("10:00-11:00"),
    },
)


def at(text: str, zone: ZoneInfo = SHANGHAI) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=zone).timestamp()


@pytest.mark.parametrize(
    ("moment", "state"),
    [
        ("2026-10-12T09:00", "open"),  # an interval begins with its start …
        ("2026-10-12T08:59:59.999", "closed"),
        ("2026-10-12T12:00", "closed"),  # … and ends before its end
        ("2026-10-12T11:59:59.999", "open"),
        ("2026-10-12T13:30", "open"),
        ("2026-10-12T18:00", "closed"),
        ("2026-10-17T10:00", "open"),  # Saturday has its own hours
        ("2026-10-17T17:00", "closed"),
        ("2026-10-18T10:00", "closed"),  # a mere Sunday is closed, not a holiday
        ("2026-10-01T10:00", "holiday"),
        ("2026-10-04T10:00", "holiday"),  # a Sunday inside the National Day week
        ("2026-10-10T09:30", "open"),  # a make-up Saturday works as a workday …
        ("2026-10-10T12:30", "closed"),  # … and not with Saturday's hours
        ("2026-10-10T17:00", "open"),
        ("2026-10-07T10:30", "open"),  # a holiday that an override gives hours
        ("2026-10-07T11:00", "holiday"),
        ("2026-12-31T11:00", "open"),
        ("2026-12-31T14:00", "closed"),
        ("2027-01-01T10:00", "holiday"),  # an override where no data exists yet
        ("2090-10-03T10:00", "open"),  # a Tuesday in National Day week of a year without data: the weekday rule
        ("2090-10-01T10:00", "closed"),  # a Sunday
    ],
)
def test_office_hours(moment: str, state: str) -> None:
    assert compile_calendar(OFFICE, SHANGHAI).state(at(moment)) == state


@pytest.mark.parametrize(
    ("moment", "state"),
    [
        ("2026-09-30T23:00", "open"),
        ("2026-10-01T05:59:59", "open"),  # the night that began on a workday runs into the holiday
        ("2026-10-01T06:00", "holiday"),
        ("2026-10-01T23:00", "holiday"),
        ("2026-10-08T05:00", "closed"),  # no night began on the 7th
        ("2026-10-08T22:00", "open"),
        ("2026-10-10T05:00", "open"),  # Friday's night ends on the make-up Saturday
    ],
)
def test_a_night_belongs_to_the_day_on_which_it_begins(moment: str, state: str) -> None:
    night = CalendarSpec("night", holidays="CN", workday=hours("22:00-06:00"))
    assert compile_calendar(night, SHANGHAI).state(at(moment)) == state


def test_24_00_is_the_end_of_the_day() -> None:
    spec = CalendarSpec("all", workday=((0, 1440),), weekdays={5: ((0, 1440),), 6: ()})
    calendar = compile_calendar(spec, SHANGHAI)
    assert calendar.state(at("2026-10-12T23:59:59.999")) == "open"
    assert calendar.state(at("2026-10-17T23:59:59.999")) == "open"
    assert calendar.state(at("2026-10-18T00:00")) == "closed"
    assert calendar.state(at("2026-10-19T00:00")) == "open"


def test_without_holidays_the_national_day_is_a_day_as_any_other() -> None:
    calendar = compile_calendar(CalendarSpec("plain", workday=hours("09:00-18:00")), SHANGHAI)
    assert calendar.state(at("2026-10-01T10:00")) == "open"
    assert calendar.uncovered_years(2026, 2030) == []


def test_every_holiday_and_make_up_day_of_2026_is_known() -> None:
    calendar = compile_calendar(OFFICE, SHANGHAI)
    year = [date(2026, 1, 1) + timedelta(n) for n in range(365)]
    assert {day for day in year if calendar.day(day).is_holiday} == HOLIDAYS_2026
    assert {day for day in year if calendar.day(day).kind == "make_up"} == MAKE_UP_2026


def test_years_without_data_are_reported_and_never_raised() -> None:
    calendar = compile_calendar(OFFICE, SHANGHAI)
    assert 2003 in calendar.uncovered_years(2003, 2026)
    assert calendar.uncovered_years(2024, 2026) == []
    assert calendar.uncovered_years(2090, 2091) == [2090, 2091]
    assert calendar.state(at("2090-01-02T10:00")) == "open"  # a Monday
    assert calendar.state(at("2003-10-01T10:00")) == "open"


def test_moments_outside_the_calendar_are_closed() -> None:
    calendar = compile_calendar(OFFICE, SHANGHAI)
    assert calendar.state(-1e12) == "closed"
    assert calendar.state(1e12) == "closed"


def test_next_edge_is_the_next_change_and_none_where_nothing_changes() -> None:
    calendar = compile_calendar(OFFICE, SHANGHAI)
    assert calendar.next_edge(at("2026-10-12T09:00")) == at("2026-10-12T12:00")
    assert calendar.next_edge(at("2026-10-12T12:00")) == at("2026-10-12T13:30")
    assert calendar.next_edge(at("2026-10-01T10:00")) == at("2026-10-07T10:00")
    never = compile_calendar(CalendarSpec("never"), SHANGHAI)
    assert never.next_edge(at("2026-10-12T09:00")) is None


def test_the_state_depends_on_the_moment_only_and_not_on_what_was_asked_before() -> None:
    moments = [at("2026-10-12T00:00") + 1800 * n for n in range(48 * 14)]
    forwards = compile_calendar(OFFICE, SHANGHAI)
    backwards = compile_calendar(OFFICE, SHANGHAI)
    there = {moment: backwards.state(moment) for moment in reversed(moments)}
    assert {moment: forwards.state(moment) for moment in moments} == there


def test_a_clock_change_within_an_hour_is_met_to_the_second() -> None:
    # Lord Howe Island springs from 02:00 to 02:30, at 15:30 UTC of the day before.
    island = ZoneInfo("Australia/Lord_Howe")
    calendar = compile_calendar(CalendarSpec("x", weekdays={6: hours("02:15-02:45")}), island)
    spring = datetime(2026, 10, 3, 15, 30, tzinfo=UTC).timestamp()
    assert calendar.state(spring - 0.001) == "closed"
    assert calendar.state(spring) == "open"
    assert calendar.next_edge(spring) == spring + 15 * 60
    # and falls back from 02:00 to 01:30, at 15:00 UTC: the half hour from 01:30 on comes twice
    twice = compile_calendar(CalendarSpec("x", weekdays={6: hours("01:40-01:50")}), island)
    autumn = datetime(2026, 4, 4, 15, 0, tzinfo=UTC).timestamp()
    opens = [minute for minute in range(-60, 60) if twice.state(autumn + 60 * minute) == "open"]
    assert opens == [*range(-20, -10), *range(10, 20)]


def test_a_clock_change_may_even_repeat_a_part_of_yesterday() -> None:
    # Newfoundland fell from 00:01 on Sunday back to 23:01 on Saturday until 2011, at 02:31 UTC.
    saturday = compile_calendar(CalendarSpec("x", weekdays={5: hours("23:01-23:30")}), ZoneInfo("America/St_Johns"))
    change = datetime(2010, 11, 7, 2, 31, tzinfo=UTC).timestamp()
    opens = [minute for minute in range(-120, 120) if saturday.state(change + 60 * minute) == "open"]
    assert opens == [*range(-60, -31), *range(29)]
    assert saturday.state(change - 0.001) == "closed"


def reference(spec: CalendarSpec, zone: ZoneInfo, moment: float) -> str:
    """The contract, read out for one moment: no edges, no cache, wall-clock minutes only."""
    local = datetime.fromtimestamp(moment, zone)

    def intervals(day: date) -> tuple[DayHours, bool]:
        official = spec.holidays == "CN" and day in HOLIDAYS_2026
        if day in spec.overrides:
            own = spec.overrides[day]
            return ((), True) if own is None else (own, official)
        if official:
            return (), True
        if spec.holidays == "CN" and day in MAKE_UP_2026:
            return spec.workday, False
        if day.weekday() in spec.weekdays:
            return spec.weekdays[day.weekday()], False
        return (spec.workday if day.weekday() < 5 else ()), False

    minute = local.hour * 60 + local.minute
    own, holiday = intervals(local.date())
    before, _ = intervals(local.date() - timedelta(1))
    if any(first <= minute < last for first, last in own):
        return "open"
    if any(first <= minute + 1440 < last for first, last in before):
        return "open"
    return "holiday" if holiday else "closed"


interval = st.tuples(st.integers(0, 1439), st.integers(1, 1440)).map(lambda pair: (pair[0], pair[0] + pair[1]))
day_hours = st.lists(interval, max_size=3).map(lambda found: tuple(sorted(found)))
days_2026 = st.dates(date(2026, 1, 1), date(2026, 12, 31))
specs = st.builds(
    CalendarSpec,
    name=st.just("any"),
    holidays=st.sampled_from(["CN", None]),
    workday=day_hours,
    weekdays=st.dictionaries(st.integers(0, 6), day_hours, max_size=3),
    overrides=st.dictionaries(
        st.one_of(days_2026, st.sampled_from(sorted(HOLIDAYS_2026 | MAKE_UP_2026))),
        st.one_of(st.none(), day_hours),
        max_size=4,
    ),
)
zones = st.sampled_from(
    ["Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Cairo"]
).map(ZoneInfo)
# Nights on which clocks change somewhere in `zones`, beside the holidays' edges.
interesting = st.sampled_from(
    [
        date(2026, 3, 8),
        date(2026, 3, 29),
        date(2026, 4, 5),
        date(2026, 4, 24),
        date(2026, 10, 4),
        date(2026, 10, 25),
        date(2026, 10, 29),
        date(2026, 11, 1),
        date(2026, 10, 1),
        date(2026, 10, 8),
        date(2026, 2, 14),
        date(2026, 2, 28),
    ]
)


@settings(max_examples=150, deadline=None)
@given(spec=specs, zone=zones, day=st.one_of(days_2026, interesting), step=st.sampled_from([7, 11, 13]))
def test_every_minute_agrees_with_the_contract(spec: CalendarSpec, zone: ZoneInfo, day: date, step: int) -> None:
    calendar = compile_calendar(spec, zone)
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    first = max(noon - timedelta(days=1), datetime(2026, 1, 3, tzinfo=UTC)).timestamp()
    last = min(noon + timedelta(days=1), datetime(2026, 12, 30, tzinfo=UTC)).timestamp()
    moment = first
    while moment < last:
        assert calendar.state(moment) == reference(spec, zone, moment), datetime.fromtimestamp(moment, zone)
        moment += step * 60


@settings(max_examples=60, deadline=None)
@given(spec=specs, zone=zones, day=st.one_of(days_2026, interesting))
def test_an_edge_is_exactly_where_the_state_changes(spec: CalendarSpec, zone: ZoneInfo, day: date) -> None:
    calendar = compile_calendar(spec, zone)
    moment = datetime(day.year, day.month, day.day, 12, tzinfo=UTC).timestamp()
    edge = calendar.next_edge(moment)
    if edge is not None:
        assert calendar.state(edge - 0.001) == calendar.state(moment) != calendar.state(edge)
