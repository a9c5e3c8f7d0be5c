"""Bills of random months, against a reckoning that goes minute by minute; and what holds of every bill."""

from __future__ import annotations

import random
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from router.billing.bill import FREE, Bill
from router.billing.months import Month
from router.tariffs import BillingRules

from .months import FOREVER, LATE, NUMBER, OTHER, ZONE, A, B, World, call, held, mode, naive, pack

pytestmark = pytest.mark.dateless

NUMBERS = (NUMBER, OTHER, "4001112222")
START, END = Month(2026, 9).start(ZONE), Month(2026, 12).end(ZONE)
TIERS = ("普通", "优选", "VVIP")


def story(chance: random.Random) -> list:
    """What may happen to a number between September and December."""
    tier, instance = chance.choice(TIERS), chance.choice((None, "support"))
    entries = [held(FOREVER, "bound", A, tier, instance)]
    if chance.random() < 0.5:
        entries = [held(FOREVER, "stock", None), held(_some(chance), "opened", A, tier, instance)]
    at = max(entries[-1].at, START)
    for _ in range(chance.randrange(4)):
        at += chance.choice((1.0, 3_600.0, 86_400.0, 86_400.0 * chance.randrange(1, 40)))
        before = entries[-1]
        if before.state == "released":
            entries.append(held(at, "opened", chance.choice((A, B)), tier, instance))
        elif before.state == "suspended":
            entries.append(replace(before, at=at, state="bound"))
        else:
            state = chance.choice(("suspended", "released", "bound", "transferring", "expired"))
            account = B if before.account == A else A
            if state == "bound":
                entries.append(replace(before, at=at, account=account))
            else:
                entries.append(
                    replace(before, at=at, state=state, account=None if state == "released" else before.account)
                )
    return entries


def _some(chance: random.Random) -> float:
    """A moment; often one at which a month or a day turns."""
    edges = [Month(2026, month).start(ZONE) for month in (9, 10, 11, 12)]
    at = chance.choice((*edges, chance.uniform(START, END), chance.uniform(START, END)))
    return float(int(at)) + chance.choice((-1.0, 0.0, 0.0, 1.0))


def world(chance: random.Random) -> World:
    """A random company of one to three numbers."""
    numbers = NUMBERS[: chance.randrange(1, 4)]
    packs = []
    for key in range(1, chance.randrange(1, 5)):
        bought = _some(chance)
        packs.append(pack(key, chance.randrange(1, 60), bought, bought + chance.randrange(1, 80) * 86_400.0))
    modes = [mode(f"2026-{chance.randrange(8, 12):02d}", chance.choice(("usage", "seats")), 3, instance)
             for instance in (None, "support") if chance.random() < 0.4]  # fmt: skip
    calls = [call(chance.choice(numbers), _some(chance), chance.randrange(1, 9)) for _ in range(chance.randrange(60))]
    rules = BillingRules(
        pack_use_counts=chance.random() < 0.5,
        packs_with_seats=chance.random() < 0.5,
        first_month=chance.choice(("full", "days", "none")),
        last_month=chance.choice(("full", "days", "none")),
        suspended_days=chance.choice(("full", "days", "none")),
        transfer=chance.choice(("days", "new", "old", "both")),
    )
    return World(calls, {number: story(chance) for number in numbers}, packs, modes, rules=rules)


def told(bill: Bill) -> dict:
    return {
        (line.number, line.code): (line.quantity, line.due)
        for line in bill.lines
        if line.code in ("inbound", "inbound_pack", "minimum")
    }


@pytest.mark.parametrize("block", range(10))
def test_thousands_of_random_months_agree_with_the_slow_reckoning(block: int) -> None:
    for seed in range(block * 100, block * 100 + 100):
        made = world(random.Random(seed))
        for month in (9, 10, 11, 12):
            assert told(made.bill(f"2026-{month:02d}")) == naive(made, 2026, month), (seed, month)


def lawful(bill: Bill) -> None:
    """What holds of every bill."""
    assert bill.due == sum((line.due for line in bill.lines), Decimal(0))
    assert bill.due == sum((bill.due_of(number) for number in (*bill.numbers(), None)), Decimal(0))
    for line in bill.lines:
        assert line.due == line.list_price - line.discount
        assert line.due == line.due.quantize(Decimal("0.01"))
    for number in bill.numbers():
        assert [line.due for line in bill.lines if line.number == number and line.code in FREE] == [Decimal(0)] * 3
    assert Bill.of(bill.as_json()) == bill


@given(st.integers(0, 10**9))
@settings(max_examples=60, deadline=None)
def test_no_minute_is_lost_or_billed_twice(seed: int) -> None:
    made = world(random.Random(seed))
    bills = [made.bill(f"2026-{month:02d}", account) for month in (8, 9, 10, 11, 12) for account in (A, B)]
    for bill in bills:
        lawful(bill)
    billed = {(number, str(bill.month), bill.account) for bill in bills for number in bill.numbers()}
    # A number that its company only kept, or had applied for, takes no calls; it is on no bill.
    wanted = 0
    for one in made.calls:
        entry = next(entry for entry in reversed(made.stories[one.number]) if entry.at <= one.entered)
        if (one.number, str(Month.of(one.entered, ZONE)), entry.account) in billed:
            wanted += one.minutes
    assert sum(bill.minutes for bill in bills) == wanted
    drawn: dict[int, int] = {}
    for bill in bills:
        for key, minutes in bill.pack_use.items():
            drawn[key] = drawn.get(key, 0) + minutes
        covered = sum(line.quantity for line in bill.lines if line.code == "inbound_pack")
        assert covered == sum(bill.pack_use.values())
    for row in made.packs:
        assert 0 <= drawn.get(row.id, 0) <= row.minutes


@given(st.integers(0, 10**9), st.randoms())
@settings(max_examples=40, deadline=None)
def test_the_order_in_which_calls_are_recorded_does_not_matter(seed: int, shuffled: random.Random) -> None:
    made = world(random.Random(seed))
    mixed = list(made.calls)
    shuffled.shuffle(mixed)
    for month in ("2026-09", "2026-10", "2026-11", "2026-12"):
        assert replace(made, calls=mixed).bill(month) == made.bill(month)


@given(st.integers(0, 10**9), st.sampled_from(NUMBERS), st.integers(1, 30))
@settings(max_examples=60, deadline=None)
def test_more_minutes_never_cost_less(seed: int, number: str, minutes: int) -> None:
    chance = random.Random(seed)
    made = world(chance)
    made.rules = replace(made.rules, pack_use_counts=False)
    more = replace(made, calls=[*made.calls, call(number, _some(chance), minutes)])
    if number not in made.stories:
        return
    for month in ("2026-09", "2026-10", "2026-11", "2026-12"):
        assert more.bill(month).due >= made.bill(month).due


@given(st.integers(0, 10**9))
@settings(max_examples=40, deadline=None)
def test_a_pack_is_never_used_before_an_earlier_one_that_was_valid_too(seed: int) -> None:
    made = world(random.Random(seed))
    ahead = pack(99, 5, FOREVER_AGO, START + 1)
    with_ahead = replace(made, packs=[*made.packs, ahead])
    for month in ("2026-09", "2026-10"):
        before, after = made.draft(month, at=LATE).bill, with_ahead.draft(month, at=LATE).bill
        for key, minutes in after.pack_use.items():
            assert key == 99 or minutes <= before.pack_use.get(key, 0) + 5


FOREVER_AGO = Month(2026, 8).start(ZONE)
