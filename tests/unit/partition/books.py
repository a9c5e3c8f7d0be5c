"""Random books and calls for the property tests of partitions."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from router.book import RouteBook
from router.call_ids import call_id_of
from router.model import CalendarSpec, CallerMatch, Configuration, Line, NumberFacts, Route, Rule, When
from router.overlay import Announcement, Block, Overlay
from router.resolution import Resolution

ZONE = ZoneInfo("Asia/Shanghai")
NUMBER = "4008001234"
PLAIN = NumberFacts(NUMBER)
FIRST = datetime(2026, 9, 28, tzinfo=ZONE).timestamp()
LAST = datetime(2026, 10, 12, tzinfo=ZONE).timestamp()
LINES = {
    "bj": Line("bj", "01088880001", "trunk-bj"),
    "sh": Line("sh", "02188880001", "trunk-sh"),
}
LISTS = {
    "blocked": ("13900000000", "0085*", "13912*"),
    "vip": ("13800138000", "13900000000", "02166660001"),
    "wide": ("139*", "021*"),
}
CALENDARS = {
    "office": CalendarSpec(
        "office",
        holidays="CN",
        workday=((9 * 60, 12 * 60), (13 * 60 + 30, 18 * 60)),
        weekdays={5: ((10 * 60, 16 * 60),)},
        overrides={date(2026, 10, 9): ((600, 700),), date(2026, 10, 11): None},
    ),
    "night": CalendarSpec("night", workday=((22 * 60, 30 * 60),)),
}
CALLERS = (
    *("13900000000", "13912345678", "13900001111", "13800138000", "13816012345", "13301331234"),
    *("02166660001", "02188880001", "01088880001", "02812345678", "075566660001", "0085221234567"),
    *("0012025550123", "95588", "14400000001", "700123456789012", "1064123456789", "7777777", "alice"),
    *(None, "()", "anonymous", "0085", "139", "139123", "13912", "1391234567890", "00851234567"),
)


def some(values: Any, *, most: int = 2) -> st.SearchStrategy[tuple[Any, ...]]:
    """Up to ``most`` different ones of ``values``."""
    return st.lists(st.sampled_from(values), max_size=most, unique=True).map(tuple)


matches = st.builds(
    CallerMatch,
    lists=some(sorted(LISTS)),
    not_lists=some(sorted(LISTS), most=1),
    number=some(("13900000000", "139*", "1391*", "0085221234567", "02166660001")),
    prefix=some(("13912", "139", "0", "00", "021", "9")),
    province=some(("上海", "北京", "广东", "未知", "香港")),
    city=some(("上海", "深圳", "成都")),
    carrier=some(("mobile", "telecom", "unknown")),
    kind=some(("mobile", "landline", "hidden", "foreign", "service", "unknown", "iot")),
).map(lambda match: match if match != CallerMatch() else CallerMatch(kind=("mobile",)))
days = st.tuples(st.integers(0, 12), st.integers(0, 3)).map(
    lambda found: (
        date.fromordinal(date(2026, 9, 28).toordinal() + found[0]),
        date.fromordinal(date(2026, 9, 28).toordinal() + found[0] + found[1]),
    )
)
by = st.sampled_from(("caller", "call"))
whens = st.builds(
    When,
    caller=st.none() | matches,
    hours=st.none() | st.sampled_from(sorted(CALENDARS)),
    hours_is=st.lists(st.sampled_from(("open", "closed", "holiday")), min_size=1, max_size=2, unique=True).map(tuple),
    dates=st.lists(days, max_size=2).map(tuple),
    weekday=some((0, 2, 4, 5, 6)),
    share=st.none() | st.sampled_from((20.0, 50.0, 12.345, 0.07, 100.0, 0.0)),
    share_by=by,
)


@st.composite
def rules(draw: st.DrawFn, index: int) -> Rule:
    """One rule, named alike in different books."""
    split = draw(
        st.sampled_from(((), (), (("welcome", 80.0), ("sales", 20.0)), (("a", 33.3), ("b", 33.3), ("c", 33.4))))
    )
    reject = None if split else draw(st.sampled_from((None, None, "blocked", "busy")))
    return Rule(
        f"rule-{index}",
        when=draw(st.none() | whens | whens | whens),
        line=draw(st.sampled_from((None, "sh"))),
        flow=None if split else draw(st.sampled_from((None, "sales", "welcome", "b"))),
        split=split,
        split_by=draw(by),
        reject=reject,
    )


@st.composite
def books(draw: st.DrawFn) -> RouteBook:
    """A book with one number and up to four rules."""
    count = draw(st.integers(0, 4))
    found = [draw(rules(index)) for index in range(1, count + 1)]
    return book(
        *found,
        line=draw(st.sampled_from(("bj", "bj", "sh"))),
        facts=NumberFacts(
            NUMBER,
            purchased=draw(st.sampled_from((None, date(2026, 10, 1)))),
            expires=draw(st.sampled_from((None, date(2026, 9, 30)))),
            auto_renew=draw(st.booleans()),
        ),
    )


def book(*rules: Rule, line: str = "bj", facts: NumberFacts = PLAIN, **more: Any) -> RouteBook:
    """A book with one number whose binding is flow ``welcome``; flows are named and never run."""
    given = {"lists": LISTS, "calendars": CALENDARS, **more}
    configuration = Configuration(
        numbers=(facts,), lines=LINES, routes={NUMBER: Route(NUMBER, line, "welcome", rules)}, **given
    )
    return RouteBook(configuration, "", {})


moments = st.integers(int(FIRST), int(LAST) - 1).map(float) | st.builds(
    lambda day, minute: FIRST + day * 86_400 + minute * 60,
    st.integers(0, 13),
    st.sampled_from((0, 1, 359, 360, 539, 540, 541, 719, 720, 810, 1079, 1080, 1319, 1320, 1439)),
)
callers = st.sampled_from(CALLERS) | st.builds(
    lambda head, digits: head + digits,
    st.sampled_from(("139", "13912", "0085", "021", "138", "0", "1", "", "95", "0108888000", "0218888000")),
    st.text("0123456789", max_size=9),
)
call_ids = st.integers(0, 10_000).map(call_id_of)
overlays = st.sampled_from(
    (
        Overlay(),
        Overlay(
            [Announcement("all", "台风", FIRST + 300_000.0)], [Block("13900001111"), Block("021*", FIRST + 90_000.5)]
        ),
        Overlay([Announcement(NUMBER, "故障", FIRST + 100_000.0, end_call=True)], [], {NUMBER: "suspended"}),
    )
)


def where(resolution: Resolution) -> tuple[object, ...]:
    """Where a call goes: everything of a resolution but its trace."""
    fault = resolution.fault
    return (
        resolution.line,
        resolution.base_number,
        resolution.flow,
        resolution.rule,
        resolution.reject,
        resolution.announce,
        fault.code if fault else None,
        resolution.emergency,
        resolution.end_after_emergency,
    )
