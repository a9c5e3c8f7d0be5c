"""Rules of a route: what each condition wants, in order, and the words for why not."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from datetime import date, datetime
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from router.book import RouteBook
from router.explain import CODES, explain
from router.model import (
    CalendarSpec,
    CallerMatch,
    Configuration,
    Line,
    NumberFacts,
    Route,
    Rule,
    When,
)
from router.resolution import Inbound, Resolution, TraceStep

SHANGHAI = ZoneInfo("Asia/Shanghai")
NUMBER = "4008001234"
SHANGHAI_MOBILE = "13816012345"
BEIJING_LANDLINE = "01088880009"
MONDAY_MORNING = "2026-10-12T10:00"


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).timestamp()


def book(*rules: Rule, **more: Any) -> RouteBook:
    """A book with one number whose binding is flow ``welcome`` on line ``bj``."""
    return RouteBook.compile(
        Configuration(
            numbers=(NumberFacts(NUMBER),),
            lines={
                "bj": Line("bj", "01088880001", "trunk-bj"),
                "sh": Line("sh", "02188880001", "trunk-sh"),
            },
            routes={NUMBER: Route(NUMBER, "bj", "welcome", rules)},
            lists={"blocked": ("13900000000", "0085*"), "vip": ("13800138000",)},
            calendars={
                "office": CalendarSpec("office", holidays="CN", workday=((9 * 60, 12 * 60), (13 * 60 + 30, 18 * 60)))
            },
            **more,
        )
    )


def call(
    book: RouteBook, caller: str | None = "13800138000", when: str = MONDAY_MORNING, call_id: str = "c1"
) -> Resolution:
    return book.resolve(Inbound(NUMBER, caller, at(when), call_id=call_id))


def rule(when: When | None, name: str = "r") -> Rule:
    return Rule(name, when, flow="other")


def step(when: When, caller: str | None = "13800138000", moment: str = MONDAY_MORNING) -> TraceStep:
    return call(book(rule(when)), caller, moment).trace[0]


def caller(**conditions: tuple[str, ...]) -> When:
    return When(caller=CallerMatch(**conditions))


@pytest.mark.parametrize(
    ("when", "who", "expected"),
    [
        (caller(lists=("blocked",)), "13900000000", "matched"),
        (caller(lists=("blocked",)), "+852 2345 6789", "matched"),  # 0085* meets a canonical foreign caller
        (caller(lists=("blocked", "vip")), "13800138000", "matched"),  # the values of one key OR
        (caller(lists=("blocked",)), "13800138000", "caller_not_in_list"),
        (caller(lists=("blocked",)), None, "caller_hidden"),
        (caller(number=("13800138000", "010*")), "010-88880009", "matched"),
        (caller(number=("13800138000",)), "+86 138 0013 8000", "matched"),
        (caller(number=("13800138000",)), "13800138001", "caller_number_differs"),
        (caller(number=("13800138000",)), None, "caller_hidden"),
        (caller(prefix=("138", "010")), BEIJING_LANDLINE, "matched"),
        (caller(prefix=("139*",)), "13900000000", "matched"),
        (caller(prefix=("139",)), "13800138000", "caller_prefix_differs"),
        (caller(prefix=("139",)), None, "caller_hidden"),
        (caller(province=("北京",)), BEIJING_LANDLINE, "matched"),
        (caller(province=("上海", "天津")), BEIJING_LANDLINE, "caller_province_differs"),
        (caller(province=("上海",)), None, "caller_province_differs"),
        (caller(province=("未知",)), None, "matched"),
        (caller(city=("上海",)), BEIJING_LANDLINE, "caller_city_differs"),
        (caller(city=("北京",)), BEIJING_LANDLINE, "matched"),
        (caller(carrier=("telecom",)), None, "caller_carrier_differs"),
        (caller(kind=("mobile",)), "13800138000", "matched"),
        (caller(kind=("hidden", "foreign")), None, "matched"),
        (caller(kind=("hidden", "foreign")), "+1 212 555 0100", "matched"),
        (caller(kind=("mobile",)), BEIJING_LANDLINE, "caller_kind_differs"),
        (caller(kind=("landline",), province=("上海",)), BEIJING_LANDLINE, "caller_province_differs"),  # keys AND
    ],
)
def test_conditions_on_the_caller(when: When, who: str | None, expected: str) -> None:
    assert step(when, who).code == expected


def test_the_lines_own_base_number_as_caller_is_a_hidden_caller() -> None:
    assert step(caller(kind=("hidden",)), "01088880001").matched
    assert not step(caller(kind=("hidden",)), "02188880001").matched


@pytest.mark.parametrize(
    ("hours_is", "moment", "expected"),
    [
        (("open",), "2026-10-12T10:00", "matched"),
        (("closed",), "2026-10-12T10:00", "hours_open"),
        (("closed",), "2026-10-12T19:00", "matched"),
        (("open",), "2026-10-12T19:00", "hours_closed"),
        (("closed",), "2026-10-01T10:00", "hours_holiday"),  # closed does not match a holiday
        (("closed", "holiday"), "2026-10-01T10:00", "matched"),
    ],
)
def test_hours(hours_is: tuple[str, ...], moment: str, expected: str) -> None:
    assert step(When(hours="office", hours_is=hours_is), moment=moment).code == expected


@pytest.mark.parametrize(
    ("moment", "matched"),
    [
        ("2026-09-30T23:59:59", False),
        ("2026-10-01T00:00:00", True),
        ("2026-10-07T23:59:59", True),
        ("2026-10-08T00:00:00", False),
        ("2026-12-31T12:00:00", True),
    ],
)
def test_dates_are_days_of_the_configured_zone_ends_included(moment: str, matched: bool) -> None:
    when = When(dates=((date(2026, 10, 1), date(2026, 10, 7)), (date(2026, 12, 31), date(2026, 12, 31))))
    assert step(when, moment=moment).code == ("matched" if matched else "date_outside")


def test_weekday_is_that_of_the_configured_zone() -> None:
    monday = When(weekday=(0,))
    assert step(monday, moment="2026-10-12T00:00").matched
    assert step(monday, moment="2026-10-11T23:59:59").code == "weekday_differs"


def test_the_first_rule_that_matches_decides_and_the_trace_says_why_the_earlier_did_not() -> None:
    found = call(
        book(
            Rule("黑名单", caller(lists=("blocked",)), reject="blocked", announce="再见"),
            Rule("上海来电", caller(province=("上海",)), line="sh", flow="sales"),
            Rule("rule-3", None, flow="late"),
            Rule("never", None, flow="never"),
        ),
        BEIJING_LANDLINE,
    )
    assert (found.flow, found.rule, found.line) == ("late", "rule-3", "bj")
    assert [(s.rule, s.matched, s.code) for s in found.trace] == [
        ("黑名单", False, "caller_not_in_list"),
        ("上海来电", False, "caller_province_differs"),
        ("rule-3", True, "always"),
    ]


def test_a_rule_may_reject_with_an_announcement() -> None:
    found = call(book(Rule("黑名单", caller(lists=("blocked",)), reject="21", announce="再见")), "13900000000")
    assert (found.reject, found.announce, found.flow, found.rule, found.fault) == ("21", "再见", None, "黑名单", None)


def test_a_rule_with_a_line_only_keeps_the_binding() -> None:
    found = call(book(Rule("bj-to-sh", None, line="sh")))
    assert (found.line, found.base_number, found.flow, found.rule) == ("sh", "02188880001", "welcome", "bj-to-sh")


def test_where_no_rule_matches_the_binding_holds() -> None:
    found = call(book(rule(caller(kind=("foreign",)))))
    assert (found.flow, found.rule, found.trace[-1].code) == ("welcome", "default", "default")


# -- shares ---------------------------------------------------------------------------------------------------


def bucket(*parts: str) -> int:
    return int.from_bytes(sha256("\x1f".join(parts).encode()).digest(), "big") % 10000


MOBILES = [f"138{n:08d}" for n in range(0, 3_000_000, 1_000)]


@pytest.mark.parametrize("share", [0.0, 0.07, 12.5, 20.0, 99.99, 100.0])
def test_a_share_takes_exactly_the_callers_whose_hash_falls_below_it(share: float) -> None:
    trial = book(Rule("试运行", When(share=share), flow="welcome-v2"))
    for who in MOBILES:
        expected = bucket(NUMBER, "试运行", who) < round(100 * share)
        assert (call(trial, who).rule == "试运行") == expected


@pytest.mark.parametrize(
    ("share", "number", "taken"),
    [(0.07, 6, True), (0.07, 7, False), (0.29, 29, False), (12.345, 1234, True), (12.345, 1235, False)],
)
def test_a_share_ends_at_its_bucket_exactly(share: float, number: int, taken: bool) -> None:
    call_id = next(text for text in map(str, count()) if bucket(NUMBER, "t", text) == number)
    for at_edge in (
        Rule("t", When(share=share, share_by="call"), flow="v2"),
        Rule("t", None, split=(("v2", share), ("welcome", 100 - share)), split_by="call"),
    ):
        assert (call(book(at_edge), call_id=call_id).flow == "v2") == taken


def test_a_share_is_sticky_for_a_caller_and_follows_the_call_id_for_a_hidden_one() -> None:
    trial = book(Rule("t", When(share=50.0), flow="v2"))
    by_call = book(Rule("t", When(share=50.0, share_by="call"), flow="v2"))
    for n in range(50):
        call_id = f"call-{n}"
        assert call(trial, call_id=call_id).rule == call(trial).rule
        expected = bucket(NUMBER, "t", call_id) < 5000
        assert (call(trial, None, call_id=call_id).rule == "t") == expected
        assert (call(by_call, call_id=call_id).rule == "t") == expected


def test_shares_of_different_rules_are_independent() -> None:
    pair = book(Rule("a", When(share=50.0), flow="a"), Rule("b", When(share=50.0), flow="b"))
    found = Counter(call(pair, who).rule for who in MOBILES)
    for name, expected in (("a", 0.5), ("b", 0.25), ("default", 0.25)):
        assert abs(found[name] / len(MOBILES) - expected) < 0.03


def test_a_split_covers_every_caller_in_the_order_written() -> None:
    split = book(Rule("s", None, split=(("welcome", 80.0), ("welcome-v2", 12.5), ("v3", 7.5))))
    for who in MOBILES:
        number = bucket(NUMBER, "s", who)
        expected = "welcome" if number < 8000 else "welcome-v2" if number < 9250 else "v3"
        found = call(split, who)
        assert (found.flow, found.rule, found.trace[0].code) == (expected, "s", "matched_split")


def test_a_split_under_a_share_divides_the_shares_callers() -> None:
    both = book(Rule("s", When(share=20.0), split=(("a", 50.0), ("b", 50.0))))
    found = Counter(call(both, who).flow for who in MOBILES)
    for flow, expected in (("a", 0.1), ("b", 0.1), ("welcome", 0.8)):
        assert abs(found[flow] / len(MOBILES) - expected) < 0.03


# -- properties -----------------------------------------------------------------------------------------------

whens = st.builds(
    When,
    caller=st.one_of(
        st.none(),
        st.builds(
            CallerMatch,
            lists=st.sampled_from([(), ("blocked",), ("vip",)]),
            prefix=st.sampled_from([(), ("138",), ("010", "139")]),
            kind=st.sampled_from([(), ("mobile",), ("hidden", "landline")]),
        ),
    ),
    hours=st.sampled_from([None, "office"]),
    hours_is=st.sampled_from([("open",), ("closed",), ("closed", "holiday")]),
    weekday=st.sampled_from([(), (0, 1), (5, 6)]),
    share=st.sampled_from([None, 30.0, 50.0]),
)
rules_of = st.lists(st.one_of(st.none(), whens), max_size=5)
callers = st.sampled_from(["13800138000", "13900000000", BEIJING_LANDLINE, None, "+85223456789"])
moments = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31)).map(
    lambda moment: moment.replace(tzinfo=SHANGHAI).timestamp()
)


@settings(deadline=None)
@given(whens=rules_of, who=callers, moment=moments)
def test_the_first_match_wins_and_each_rule_is_judged_alone(
    whens: list[When | None], who: str | None, moment: float
) -> None:
    rules = [Rule(f"rule-{n}", when, flow=f"flow-{n}") for n, when in enumerate(whens, 1)]
    inbound = Inbound(NUMBER, who, moment, call_id="c")
    alone = [book(single).resolve(inbound).rule == single.name for single in rules]
    together = book(*rules).resolve(inbound)
    first = next((single.name for single, matches in zip(rules, alone, strict=True) if matches), "default")
    assert together.rule == first
    assert [s.matched for s in together.trace] == [False] * (len(together.trace) - 1) + [True]
    assert [s.rule for s in together.trace[:-1]] == [single.name for single in rules[: len(together.trace) - 1]]


@settings(deadline=None)
@given(whens=rules_of, who=callers, moment=moments)
def test_resolving_is_deterministic_and_every_step_has_words(
    whens: list[When | None], who: str | None, moment: float
) -> None:
    rules = [Rule(f"rule-{n}", when, flow=f"flow-{n}") for n, when in enumerate(whens, 1)]
    inbound = Inbound(NUMBER, who, moment, call_id="c")
    first, second = book(*rules).resolve(inbound), book(*rules).resolve(replace(inbound))
    assert first == second
    for found in first.trace:
        text = explain(found)
        assert text.en
        assert text.zh
        assert "{" not in text.en + text.zh


# -- words ----------------------------------------------------------------------------------------------------


def test_a_reason_says_what_was_wanted_and_what_was_found() -> None:
    text = explain(step(caller(province=("上海",)), BEIJING_LANDLINE))
    for part in (BEIJING_LANDLINE, "北京", "上海"):
        assert part in text.en
        assert part in text.zh
    assert "office" in explain(step(When(hours="office"), moment="2026-10-01T10:00")).zh
    assert " 的省份为北京，规则要求上海" in text.zh
    assert "节假日" in explain(step(When(hours="office"), moment="2026-10-01T10:00")).zh
    assert "星期日" in explain(step(When(weekday=(0,)), moment="2026-10-11T10:00")).zh
    assert "2026-10-12" in explain(step(When(dates=((date(2026, 10, 1),) * 2,)))).en


def test_braces_in_what_people_wrote_stay_braces() -> None:
    text = explain(TraceStep("announcement", True, "announcement", ("{0} {x}", "me", "2026")))
    assert "{0} {x}" in text.zh


def test_every_code_used_in_the_sources_has_words() -> None:
    folder = Path(__file__).parents[2] / "router"
    used: set[str] = set()
    for path in folder.glob("*.py"):
        source = path.read_text("utf-8")
        used |= set(re.findall(r'TraceStep\(\s*"?[\w.]+"?,\s*(?:True|False),\s*"(\w+)"', source))
    assert {"default", "caller_not_in_list", "header_untrusted", "blocked_caller"} <= used
    assert used <= set(CODES)
