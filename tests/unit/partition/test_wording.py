"""Times and callers in words: what people read is exactly what holds."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from router.model import CalendarSpec, CallerMatch, Rule, When
from router.partition import Interval, describe_callers, describe_groups, describe_times, joined, partition
from router.partition.day_words import describe_days

from .books import NUMBER, book

ZONE = ZoneInfo("Asia/Shanghai")
OFFICE = CalendarSpec("office", holidays="CN", workday=((540, 720), (810, 1080)), weekdays={5: ((600, 960),)})
SHOP = CalendarSpec("shop", workday=((540, 1260),), weekdays={5: ((540, 1320),), 6: ((540, 1320),)})


def moment(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE).timestamp()


def groups(rule: Rule, first: str, last: str, *calendars: CalendarSpec) -> list[list[Interval]]:
    """The intervals in which the rule matches, and those in which it does not."""
    one = book(rule, calendars={calendar.name: calendar for calendar in calendars})
    cells = partition([one], NUMBER, moment(first), moment(last)).cells
    return [
        list(joined([cell.when for cell in cells if (cell.resolutions[0].rule == rule.name) is wanted]))
        for wanted in (True, False)
    ]


def words(rule: Rule, first: str, last: str, *calendars: CalendarSpec) -> list[str]:
    found = groups(rule, first, last, *calendars)
    return [describe_times(group, moment(first), moment(last), ZONE).zh for group in found]


YEAR = ("2026-01-01", "2027-01-01")


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        (When(hours="office"), "工作日 09:00–12:00、13:30–18:00；周六 10:00–16:00"),
        (When(hours="office", hours_is=("holiday",)), "法定节假日"),
        (When(hours="shop"), "周一至周五 09:00–21:00；周六、周日 09:00–22:00"),
        (When(weekday=(0,)), "周一"),
        (When(weekday=(5, 6)), "周六、周日"),
        (When(dates=((date(2026, 10, 1), date(2026, 10, 7)),)), "国庆节 2026-10-01–2026-10-07"),
        (When(dates=((date(2026, 9, 1), date(2026, 12, 31)),)), "2026-09-01 起每天"),
        (When(dates=((date(2026, 5, 20), date(2026, 5, 20)),)), "2026-05-20"),
        (
            When(weekday=(0, 1, 2, 3, 4), dates=((date(2026, 7, 1), date(2026, 8, 31)),)),
            "2026-07-01 至 2026-08-31 工作日",
        ),
    ],
)
def test_the_times_of_a_rule_in_words(when: When, expected: str):
    assert words(Rule("r", when), *YEAR, OFFICE, SHOP)[0] == expected


def test_a_holiday_in_a_short_range_is_not_every_day():
    holiday = When(hours="office", hours_is=("holiday",))
    assert words(Rule("r", holiday), "2026-10-01", "2026-10-11", OFFICE)[0] == "法定节假日"


def test_everything_is_all_times_and_the_longest_words_are_the_rest():
    assert words(Rule("r", None), *YEAR)[0] == "全部时间"
    found = groups(Rule("r", When(hours="office")), *YEAR, OFFICE)
    said = describe_groups(found, moment(YEAR[0]), moment(YEAR[1]), ZONE)
    assert [text.zh for text in said] == ["工作日 09:00–12:00、13:30–18:00；周六 10:00–16:00", "其余时间"]
    assert said[1].en == "at all other times"


def test_seconds_are_shown_where_there_are_any():
    first = moment("2026-10-12")
    assert describe_times([(first, first + 3601.0)], first, first + 2 * 86_400, ZONE).en == "2026-10-12 00:00–01:00:01"


DAYS = [date(2026, 9, 1) + timedelta(days=day) for day in range(60)]


@given(st.sets(st.sampled_from(DAYS), min_size=1))
@settings(max_examples=60, deadline=None)
def test_different_days_have_different_words(chosen: set[date]):
    some = sorted(chosen)
    text = describe_days(some, DAYS).zh
    assert text
    if "等共" in text:
        return  # of many single days the first are named and how many there are
    for other in (some[1:], sorted({*some, DAYS[7]}), sorted({*some} ^ {DAYS[30]})):
        if other and other != some:
            assert describe_days(other, DAYS).zh != text


def test_callers_are_named_by_who_they_are_or_by_who_they_are_not():
    one = book(
        Rule("blocked", When(CallerMatch(lists=("blocked",)))),
        Rule("shanghai", When(CallerMatch(province=("上海",), carrier=("mobile", "telecom")))),
        Rule("hidden", When(CallerMatch(kind=("hidden",)))),
    )
    classes = partition([one], NUMBER, moment("2026-10-12"), moment("2026-10-13")).classes
    by_words = {who.words.zh: who for who in classes}
    assert set(by_words) == {"名单 blocked 中的来电", "上海移动、电信来电", "隐藏号码来电", "其余来电"}
    listed, hidden = by_words["名单 blocked 中的来电"], by_words["隐藏号码来电"]
    others = [who for who in classes if who is not listed]
    assert describe_callers(classes, classes).zh == "所有来电"
    assert describe_callers(others, classes).zh == "除名单 blocked 中的来电外的所有来电"
    assert describe_callers([listed, hidden], classes).zh == "名单 blocked 中的来电、隐藏号码来电"
