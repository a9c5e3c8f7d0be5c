"""Placing a test call: what the carrier refuses never reaches a line, whatever the router would have said of it."""

from __future__ import annotations

from router.book import RouteBook
from router.lifecycle import SUSPENDED_ANNOUNCEMENT
from router.model import Configuration, LifeState, Line, NumberFacts, Route, Rule
from simulator.call import TestCall
from simulator.carrier import Carrier
from simulator.placing import place

HOTLINE = "4008001234"
MORNING = 1_791_770_400.0


def book(*rules: Rule, state: LifeState | None = None, line: str | None = "bj") -> RouteBook:
    return RouteBook.compile(
        Configuration(
            numbers=(NumberFacts(HOTLINE, state=state),),
            lines={"bj": Line("bj", "01088880001", "trunk-bj", channels=1)},
            routes={HOTLINE: Route(HOTLINE, line, "greeting", rules)},
            flow_sources={"greeting": ("greeting.flow.yaml", "flow: greeting\nnodes:\n  say:\n    play: 您好\n")},
        )
    )


def busy(routes: RouteBook) -> Carrier:
    carrier = Carrier(routes)
    carrier.occupy("bj")
    return carrier


def test_a_call_for_which_no_channel_is_free_hears_congestion() -> None:
    for routes in (book(), book(Rule("黑名单", reject="blocked")), book(state="suspended")):
        arrival = place(routes, TestCall(HOTLINE, "13800138000", MORNING), carrier=busy(routes)).arrival
        refusal = arrival.refusal
        assert arrival.session is None
        assert arrival.record.flow is None
        assert refusal is not None
        assert (refusal.cause, refusal.outcome, refusal.by, refusal.tone) == (34, "no_route", "carrier", "tone:reorder")
        assert refusal.announce is None
        assert arrival.record.fault is not None
        assert arrival.record.fault.code == "line_full"


def test_a_rule_rejects_what_arrives_on_a_free_channel() -> None:
    routes = book(Rule("黑名单", reject="blocked"))
    refusal = place(routes, TestCall(HOTLINE, "13800138000", MORNING)).arrival.refusal
    assert refusal is not None
    assert (refusal.cause, refusal.outcome, refusal.by) == (21, "rejected", "line400")


def test_a_suspended_number_is_rejected_with_its_announcement_with_a_line_or_without() -> None:
    for line in ("bj", None):
        refusal = place(book(state="suspended", line=line), TestCall(HOTLINE, "13800138000", MORNING)).arrival.refusal
        assert refusal is not None
        assert (refusal.cause, refusal.outcome, refusal.announce) == (21, "rejected", SUSPENDED_ANNOUNCEMENT)
