"""Every pair of a state and an event is a move of the table, or a refusal with a reason and a next step."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from router.life.diagram import with_diagrams
from router.life.machine import advance, coming_states, due, settle
from router.life.model import STAGES, Life, LifeError, Request, RoutePlan, Stage
from router.life.table import BY_PAIR, EVENTS, MOVES, NEXT, STATE_TEXTS, EventName
from tests.unit.life.lives import DAY, NUMBER, RULES, START, WAYS, in_state, lived, moment, request, step

PAIRS = [(state, event) for state in STAGES for event in EVENTS]


@pytest.mark.parametrize(("state", "event"), PAIRS)
def test_every_pair_is_a_move_or_a_refusal(state: Stage, event: EventName) -> None:
    life = in_state(state)
    at = life.since + 3600
    if (state, event) in BY_PAIR:
        made = advance(life, event, request(event), at, RULES)
        assert made.after.state in {move.to for move in BY_PAIR[state, event]}
        assert made.after.number == NUMBER
        return
    with pytest.raises(LifeError) as caught:
        advance(life, event, request(event), at, RULES)
    error = caught.value
    assert NUMBER in error.message.en
    assert NUMBER in error.message.zh
    assert error.cure.en
    assert error.cure.zh
    assert "{" not in error.cure.en + error.cure.zh + error.message.en + error.message.zh


def test_every_state_is_reached_and_told_in_both_languages() -> None:
    assert set(WAYS) == set(STAGES) == set(STATE_TEXTS) == set(NEXT)
    for state in STAGES:
        assert lived(*WAYS[state]).state == state


def test_every_event_happens_in_some_state() -> None:
    assert {move.event for move in MOVES} == set(EVENTS)


def test_the_document_shows_the_table() -> None:
    document = (Path(__file__).resolve().parents[3] / "docs" / "life.md").read_text("utf-8")
    assert with_diagrams(document) == document, "python tools/life_diagram.py writes it anew"


def test_materials_are_late_from_the_deadline_on_to_the_second() -> None:
    life = lived("apply")
    assert life.deadline == START + 7 * DAY
    assert settle(life, START + 7 * DAY - 1, RULES) == []
    (lapsed,) = settle(life, START + 7 * DAY, RULES)
    assert (lapsed.event, lapsed.at, lapsed.after.state, lapsed.after.owner) == (
        *("lapse", START + 7 * DAY, "released"),
        None,
    )
    # Whoever looks a year later sees that it happened then.
    assert settle(life, START + 365 * DAY, RULES) == [lapsed]
    assert settle(lapsed.after, START + 365 * DAY, RULES) == []


def test_returned_materials_have_a_deadline_of_their_own() -> None:
    life = in_state("review")
    returned = step(life, "return", START + 30 * DAY).after
    assert (returned.state, returned.deadline, returned.said) == ("reserved", START + 37 * DAY, "缘由")


def test_nothing_is_bound_before_the_ticket_is_done_and_the_error_names_ticket_and_contact() -> None:
    with pytest.raises(LifeError) as caught:
        step(in_state("opened"), "bind")
    assert caught.value.code == "route-pending"
    assert f"R{NUMBER}-1" in caught.value.message.zh
    assert "400 支持组" in caught.value.cure.en
    assert "400 支持组" in caught.value.cure.zh


def test_a_new_instance_waits_for_the_ticket_and_is_bound_with_it() -> None:
    waiting = step(in_state("opened"), "instance").after
    assert (waiting.state, waiting.flow, waiting.instance) == ("opened", "welcome", "support")
    assert step(waiting, "route_done").after.state == "bound"
    assert step(in_state("opened"), "route_done").after.state == "routed"


def test_the_first_period_is_three_months_and_renewal_keeps_the_day() -> None:
    life = lived("apply", "materials", "forward")
    opened = step(life, "approve", moment("2026-10-31T15:00")).after
    assert (opened.purchased, opened.expires) == (date(2026, 10, 31), date(2027, 1, 31))
    (once,) = settle(opened, moment("2027-02-01T00:00"), RULES)
    assert (once.event, once.after.expires) == ("extend", date(2027, 2, 28))
    assert settle(opened, moment("2027-03-01T00:00"), RULES)[-1].after.expires == date(2027, 3, 31)


def test_a_bound_number_serves_through_its_kept_days_and_is_released_then() -> None:
    bound = lived(*WAYS["bound"], auto_renew=False)
    assert bound.expires == date(2027, 1, 12)
    assert settle(bound, moment("2027-01-19T23:59:59"), RULES) == []
    (over,) = settle(bound, moment("2027-01-20T00:00:00"), RULES)
    assert (over.event, over.after.state) == ("lapse", "released")
    assert coming_states(bound, RULES) == ((moment("2027-01-20T00:00"), "released"),)


def test_a_number_without_a_binding_expires_and_can_be_renewed_within_seven_days() -> None:
    routed = lived(*WAYS["routed"], auto_renew=False)
    assert coming_states(routed, RULES) == (
        (moment("2027-01-13T00:00"), "expired"),
        (moment("2027-01-20T00:00"), "released"),
    )
    expired = settle(routed, moment("2027-01-15T00:00"), RULES)[-1].after
    renewed = step(expired, "renew", moment("2027-01-15T00:00")).after
    assert (renewed.state, renewed.expires, renewed.resume) == ("routed", date(2027, 2, 12), None)


def test_a_suspended_number_does_not_renew_itself() -> None:
    assert due(lived(*WAYS["suspended"]), RULES) == (moment("2027-01-20T00:00"), "lapse")
    assert due(lived(*WAYS["bound"]), RULES) == (moment("2027-01-13T00:00"), "extend")


def test_a_transfer_ends_with_the_new_owner_or_the_old_one() -> None:
    moving = step(in_state("bound"), "transfer").after
    assert (moving.owner, moving.target, moving.state) == (1, 2, "transferring")
    done = step(moving, "transfer_done").after
    assert (done.owner, done.state, done.flow, done.target) == (2, "bound", "welcome", None)
    assert done.application != moving.application
    refused = step(moving, "transfer_refused").after
    assert (refused.owner, refused.state, refused.target) == (1, "bound", None)


def test_a_change_of_line_keeps_the_binding() -> None:
    changed = step(in_state("bound"), "route_done").after
    assert changed.state == "bound"
    assert changed.ticket is not None
    assert changed.ticket.done is not None


def test_a_clock_that_goes_back_changes_nothing() -> None:
    with pytest.raises(LifeError) as caught:
        step(in_state("bound"), "suspend", START - 1)
    assert caught.value.code == "clock-back"


@pytest.mark.parametrize(
    ("state", "event", "asked", "code"),
    [
        ("stock", "apply", Request(owner=1), "not-on-offer"),
        ("stock", "apply", Request(owner=1, offered=("普通", "unicom"), tier="金牌"), "other-tier"),
        ("stock", "apply", Request(owner=1, offered=("普通", "unicom"), carrier="mobile"), "other-carrier"),
        ("reserved", "materials", Request(handler="李四", missing=("acceptance",)), "materials-missing"),
        ("reserved", "materials", Request(), "materials-missing"),
        ("opened", "order_route", Request(), "no-line"),
        ("opened", "order_route", Request(plan=RoutePlan(("a", "b"), (60.0, 30.0))), "bad-shares"),
        ("bound", "renew", Request(months=0), "bad-months"),
        ("bound", "transfer", Request(owner=1), "same-owner"),
    ],
)
def test_guards_refuse_with_their_own_code(state: Stage, event: EventName, asked: Request, code: str) -> None:
    life = lived(*WAYS[state])
    with pytest.raises(LifeError) as caught:
        advance(life, event, asked, life.since + 1, RULES)
    assert caught.value.code == code


def test_a_ticket_that_nobody_ordered_cannot_be_done() -> None:
    with pytest.raises(LifeError) as caught:
        step(lived(*WAYS["opened"]), "route_done")
    assert caught.value.code == "no-ticket"


@pytest.mark.parametrize("state", STAGES)
def test_what_the_store_keeps_of_a_life_is_the_whole_of_it(state: Stage) -> None:
    life = in_state(state)
    assert Life.of(life.number, life.state, life.since, life.owner, life.as_json()) == life
