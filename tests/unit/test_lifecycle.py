"""When a number may be reached."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from router.lifecycle import add_months, connectable, expiry, refusal, seeded_state, service_window
from router.model import LifeState, NumberFacts, Route

SHANGHAI = ZoneInfo("Asia/Shanghai")
NUMBER = "4008001234"


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).timestamp()


def code(facts: NumberFacts, moment: str, state: LifeState = "bound") -> str | None:
    fault = connectable(facts, state, at(moment), SHANGHAI)
    return fault.code if fault else None


@pytest.mark.parametrize(
    ("state", "expected", "by"),
    [
        ("reserved", "not_routed", "carrier"),
        ("submitted", "not_routed", "carrier"),
        ("review", "not_routed", "carrier"),
        ("opened", "not_routed", "carrier"),
        ("routed", "unbound", "configuration"),
        ("suspended", "suspended", "configuration"),
        ("expired", "expired", "configuration"),
        ("released", "released", "configuration"),
        ("transferring", "transferring", "carrier"),
    ],
)
def test_only_a_bound_number_is_connected(state: LifeState, expected: str, by: str) -> None:
    fault = connectable(NumberFacts(NUMBER), state, at("2026-10-12T10:00"), SHANGHAI)
    assert fault is not None
    assert (fault.code, fault.by) == (expected, by)
    assert NUMBER in fault.message.en
    assert NUMBER in fault.message.zh
    assert code(NumberFacts(NUMBER), "2026-10-12T10:00") is None


def test_a_number_is_connected_from_the_day_of_its_purchase_on() -> None:
    facts = NumberFacts(NUMBER, purchased=date(2026, 9, 1))
    assert code(facts, "2026-08-31T23:59:59") == "not_purchased"
    assert code(facts, "2026-09-01T00:00:00") is None


def test_without_renewal_it_is_kept_seven_days_after_expiry() -> None:
    facts = NumberFacts(NUMBER, expires=date(2026, 12, 1), auto_renew=False)
    assert code(facts, "2026-12-08T23:59:59") is None
    assert code(facts, "2026-12-09T00:00:00") == "expired"


def test_with_renewal_it_never_expires() -> None:
    assert code(NumberFacts(NUMBER, expires=date(2026, 12, 1), auto_renew=True), "2030-01-01T00:00") is None


def test_the_first_period_is_three_months() -> None:
    facts = NumberFacts(NUMBER, purchased=date(2026, 9, 1), auto_renew=False)
    assert expiry(facts) == date(2026, 12, 1)
    assert code(facts, "2026-12-08T10:00") is None
    assert code(facts, "2026-12-09T10:00") == "expired"
    assert expiry(NumberFacts(NUMBER)) is None


def test_a_far_expiry_means_never() -> None:
    facts = NumberFacts(NUMBER, expires=date(9999, 12, 31), auto_renew=False)
    assert service_window(facts, SHANGHAI)[1] == float("inf")


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2027, 11, 30), 3, date(2028, 2, 29)),
        (date(2026, 12, 31), 1, date(2027, 1, 31)),
        (date(2026, 9, 1), 3, date(2026, 12, 1)),
    ],
)
def test_months_end_on_a_day_that_exists(day: date, months: int, expected: date) -> None:
    assert add_months(day, months) == expected


def test_the_seeded_state_follows_the_route() -> None:
    facts = NumberFacts(NUMBER)
    assert seeded_state(facts, None) == "opened"
    assert seeded_state(facts, Route(NUMBER)) == "opened"
    assert seeded_state(facts, Route(NUMBER, flow="welcome")) == "opened"
    assert seeded_state(facts, Route(NUMBER, line="bj")) == "routed"
    assert seeded_state(facts, Route(NUMBER, line="bj", flow="welcome")) == "bound"
    assert seeded_state(NumberFacts(NUMBER, state="review"), Route(NUMBER, line="bj", flow="welcome")) == "review"


def test_how_a_carrier_refuses() -> None:
    for unallocated in ("unknown_number", "unbound", "released", "expired", "not_purchased"):
        assert refusal(unallocated) == (1, "tone:unallocated")
    assert refusal("not_routed") == (17, "tone:busy")
    assert refusal("line_busy") == (17, "tone:busy")
