"""Which rules can match is worked out exactly: held against the route book, call by call."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from router.book import RouteBook
from router.calendars import compile_calendar
from router.configuration.route_checks.matching import Matching
from router.model import CalendarSpec, CallerMatch, Rule, When
from router.resolution import Inbound
from tests.unit.partition.books import CALENDARS, CALLERS, LISTS, NUMBER, ZONE, book, rules

pytestmark = pytest.mark.dateless

DAY = date(2026, 9, 28)
MOMENTS = [
    datetime.combine(DAY + timedelta(days=days), datetime.min.time(), ZONE).timestamp() + minutes * 60
    for days in (0, 1, 3, 5, 6, 9, 11, 12, 13, 20, 40)
    for minutes in (0, 359, 360, 539, 540, 620, 719, 720, 810, 959, 960, 1079, 1080, 1320, 1439)
]


def matching(day: date = DAY) -> Matching:
    calendars = {name: compile_calendar(spec, ZONE) for name, spec in CALENDARS.items()}
    return Matching(calendars, LISTS, ZONE, day, day)


def certain(rule: Rule) -> Rule:
    """``rule`` without chance."""
    if rule.when is None or rule.when.share is None:
        return rule
    return replace(rule, when=replace(rule.when, share=None))


def taken(found: RouteBook, caller: str | None, at: float, call_id: str = "x") -> str | None:
    return found.resolve(Inbound(NUMBER, caller, at, call_id=call_id)).rule


lists_of_rules = st.integers(1, 5).flatmap(lambda count: st.tuples(*(rules(index) for index in range(1, count + 1))))


@settings(max_examples=25, deadline=None)
@given(found=lists_of_rules.map(lambda rules: tuple(certain(rule) for rule in rules)))
def test_a_rule_is_said_to_be_reached_exactly_if_a_call_reaches_it(found: tuple[Rule, ...]) -> None:
    there = book(*found)
    outcomes = matching().outcomes(found)
    for index, rule in enumerate(found):
        for situation in outcomes.reached[index]:
            assert taken(there, situation.who.caller, situation.moment) == rule.name
        meant = outcomes.meant[index]
        if meant is not None:
            assert taken(there, meant[0].who.caller, meant[0].moment) == found[meant[1]].name
    for situation in outcomes.unmatched:
        assert taken(there, situation.who.caller, situation.moment) == "default"
    brute = {taken(there, caller, at) for at in MOMENTS for caller in CALLERS}
    never = {rule.name for rule, reached in zip(found, outcomes.reached, strict=True) if not reached}
    assert not brute & never
    assert outcomes.unmatched or "default" not in brute


@settings(max_examples=20, deadline=None)
@given(found=lists_of_rules)
def test_with_shares_no_rule_is_called_useless_that_a_call_reaches(found: tuple[Rule, ...]) -> None:
    there = book(*found)
    outcomes = matching().outcomes(found)
    never = {rule.name for rule, reached in zip(found, outcomes.reached, strict=True) if not reached}
    brute = {taken(there, caller, at, f"c{n}") for at in MOMENTS[::7] for caller in CALLERS for n in range(5)}
    assert not brute & never
    assert outcomes.unmatched or "default" not in brute


def rule(name: str, **when: object) -> Rule:
    return Rule(name, When(**when), flow="welcome")  # type: ignore[arg-type]


def test_a_rule_for_holidays_is_not_useless_where_next_years_are_not_known() -> None:
    late = matching(date(2026, 12, 1))
    found = (rule("holiday", hours="office", hours_is=("holiday",)),)
    assert late.outcomes(found).reached[0]
    assert matching(date(2031, 5, 1)).outcomes(found).reached[0]


def test_a_moment_that_is_shown_lies_ahead_where_one_does() -> None:
    late = matching(date(2026, 12, 1))
    today = datetime(2026, 12, 1, tzinfo=ZONE).timestamp()
    (situation, *_) = late.outcomes((rule("open", hours="office"),)).reached[0]
    assert situation.moment >= today


def test_a_calendar_is_never_open_only_if_it_has_no_hours() -> None:
    calendars = {
        name: compile_calendar(spec, ZoneInfo("Europe/Berlin"))
        for name, spec in {**CALENDARS, "none": CalendarSpec("none", holidays="CN")}.items()
    }
    there = Matching(calendars, LISTS, ZoneInfo("Europe/Berlin"), DAY, DAY)
    assert {name for name in calendars if there.never(name, "open")} == {"none"}


def test_conditions_of_one_rule_that_exclude_each_other_are_met_by_nobody() -> None:
    outcomes = matching().outcomes((rule("x", caller=CallerMatch(province=("上海",), kind=("hidden",))),))
    assert outcomes.reached == [[]]
    assert outcomes.meant == [None]
