"""Calendars over a century: years without data, years that the configuration lists itself, leap days, skipped days."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from router.calendars import compile_calendar
from router.configuration import load, load_files
from router.model import CalendarSpec, DayHours, HolidayYear
from tests.unit.test_calendars import SHANGHAI, hours, reference, zones

SPRING = {date(2027, 2, 5) + timedelta(n): "春节" for n in range(7)}
YEAR_2027 = HolidayYear({date(2026, 12, 31): "元旦", date(2027, 1, 1): "元旦", **SPRING}, (date(2027, 2, 20),))
OFFICE = CalendarSpec("office", holidays="CN", workday=hours("09:00-18:00"), holiday_years={2027: YEAR_2027})

CONFIGURATION = {
    "line400.yaml": b"company: x\n",
    "numbers.yaml": b"numbers: [{ number: 400-800-1234, purchased: 2026-01-01 }]\n",
    "lines.yaml": b"lines: { bj: { base_number: 010-88880001, trunk: bj } }\n",
    "routes.yaml": (
        b"routes:\n  400-800-1234:\n    line: bj\n    flow: welcome\n"
        b"    rules: [{ when: { hours: office, is: holiday }, reject: busy }]\n"
    ),
    "calendars.yaml": b'calendars: { office: { holidays: CN, open: { workday: ["09:00-18:00"] } } }\n',
}
NOTICE = """\
holidays:
  元旦: [2026-12-31..2027-01-01]
  春节: 2027-02-05..2027-02-11
workdays: [2027-02-20]
"""


def moment(text: str, zone: ZoneInfo = SHANGHAI) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=zone).timestamp()


def findings(files: dict[str, str], at: date | None = None) -> list[tuple[str, str]]:
    loaded = load_files({**CONFIGURATION, **{name: text.encode() for name, text in files.items()}}, Path("c"), at=at)
    return [(finding.severity, finding.code) for finding in loaded.findings]


@pytest.mark.parametrize(
    ("at", "state"),
    [
        ("2027-01-01T10:00", "holiday"),
        ("2026-12-31T10:00", "holiday"),  # the notice of a year may begin in the year before
        ("2027-02-05T10:00", "holiday"),
        ("2027-02-11T23:59", "holiday"),
        ("2027-02-12T10:00", "open"),
        ("2027-02-20T10:00", "open"),  # a Saturday on which people work
        ("2027-02-27T10:00", "closed"),
        ("2027-10-01T10:00", "open"),  # a Friday that the file does not name
        ("2026-10-01T10:00", "holiday"),  # other years keep the packaged data
        ("2028-01-03T10:00", "open"),  # no data at all: a Monday
    ],
)
def test_a_year_file_stands_in_place_of_packaged_data(at: str, state: str) -> None:
    assert compile_calendar(OFFICE, SHANGHAI).state(moment(at)) == state


def test_a_year_that_a_file_covers_is_not_reported() -> None:
    assert compile_calendar(OFFICE, SHANGHAI).uncovered_years(2026, 2028) == [2028]


def test_the_file_of_a_year_is_read_and_its_absence_told() -> None:
    assert ("info", "no-holiday-data") in findings({}, at=date(2026, 12, 20))
    assert findings({"calendars/2027.yaml": NOTICE}, at=date(2026, 12, 20)) == []


def test_the_holidays_of_a_file_reach_every_calendar_that_asks_for_them(tmp_path: Path) -> None:
    for name, data in {**CONFIGURATION, "calendars/2027.yaml": NOTICE.encode()}.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(data)
    configuration = load(tmp_path).configuration
    assert configuration is not None
    assert configuration.calendars["office"].holiday_years == {2027: YEAR_2027}
    assert "calendars/2027.yaml" in configuration.files


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", ("error", "empty-file")),
        ("holidays: {}\n", ("error", "bad-value")),
        ("workdays: [2027-02-20]\n", ("error", "missing-key")),
        ("holidays: { 春节: 2027-02-30 }\n", ("error", "bad-date")),
        ("holidays: { 春节: [2027-02-05, 2027-02-05] }\n", ("error", "duplicate-date")),
        ("holidays: { 春节: 2027-02-06 }\nworkdays: [2027-02-06]\n", ("error", "duplicate-date")),
        ("holidays: { 国庆节: 2028-10-01 }\n", ("error", "date-outside-year")),
        ("holidays: { 春节: 2027-02-06 }\nworkdays: [2027-02-22]\n", ("warning", "make-up-on-weekday")),
        ("holidays: { 春节: 2027-02-06 }\nmakeup: [2027-02-20]\n", ("error", "unknown-key")),
    ],
)
def test_a_slip_in_a_year_file_is_told(text: str, found: tuple[str, str]) -> None:
    assert found in findings({"calendars/2027.yaml": text})


def test_a_file_that_is_not_named_by_a_year_is_told() -> None:
    assert findings({"calendars/next.yaml": NOTICE}) == [("warning", "unknown-file")]


century = st.dates(date(1990, 1, 1), date(2100, 12, 31))
interval = st.tuples(st.integers(0, 1439), st.integers(1, 1440)).map(lambda pair: (pair[0], pair[0] + pair[1]))
day_hours: st.SearchStrategy[DayHours] = st.lists(interval, max_size=3).map(lambda found: tuple(sorted(found)))


@settings(max_examples=200, deadline=None)
@given(day=century, zone=zones, own=st.booleans(), work=day_hours)
@example(day=date(2000, 2, 29), zone=SHANGHAI, own=False, work=hours("00:00-24:00"))
@example(day=date(2100, 2, 28), zone=SHANGHAI, own=True, work=hours("22:00-06:00"))
@example(day=date(2011, 12, 30), zone=ZoneInfo("Pacific/Apia"), own=True, work=hours("09:00-18:00"))  # a skipped day
def test_no_year_ever_raises(day: date, zone: ZoneInfo, own: bool, work: DayHours) -> None:
    years = {day.year: HolidayYear({day: "节"}, ())} if own else {}
    calendar = compile_calendar(CalendarSpec("any", "CN", work, holiday_years=years), zone)
    at = datetime(day.year, day.month, day.day, 12, tzinfo=zone).timestamp()
    assert calendar.state(at) in ("open", "closed", "holiday")
    edge = calendar.next_edge(at)
    assert edge is None or edge > at
    assert calendar.uncovered_years(1990, 2100) == [
        year for year in range(1990, 2101) if year not in years and not 2004 <= year <= 2026
    ]


@settings(max_examples=60, deadline=None)
@given(
    day=century.filter(lambda day: not 2003 < day.year < 2028),
    zone=zones,
    work=day_hours,
    weekdays=st.dictionaries(st.integers(0, 6), day_hours, max_size=3),
)
@example(day=date(2028, 2, 29), zone=SHANGHAI, work=hours("18:00-24:00"), weekdays={1: hours("23:00-07:00")})
@example(day=date(2096, 2, 29), zone=ZoneInfo("America/New_York"), work=hours("00:00-00:01"), weekdays={})
def test_without_data_every_minute_of_a_week_follows_the_weekday_rule(
    day: date, zone: ZoneInfo, work: DayHours, weekdays: dict[int, DayHours]
) -> None:
    spec = CalendarSpec("any", "CN", work, weekdays)
    plain = CalendarSpec("any", None, work, weekdays)
    calendar = compile_calendar(spec, zone)
    first = datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()
    edges = {first}
    for minute in range(0, 7 * 1440, 30):
        edges.add(first + minute * 60)
    at: float | None = first
    while at is not None and at < first + 7 * 86_400:
        edges.update((at - 1, at, at + 59))  # the last second before an edge, the edge, the end of its minute
        at = calendar.next_edge(at)
    for at in sorted(edges):
        assert calendar.state(at) == reference(plain, zone, at), datetime.fromtimestamp(at, zone)
