"""Estimates: the best choice of packs is the best of all choices, and the arithmetic is that of bills."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from router.accounting.estimating import told
from router.billing.estimate import NumberProfile, Option, Profile, break_even, compare, holdings, option
from router.billing.refusal import BillingError
from router.billing.words import arithmetic
from router.tariffs import MODES, USUAL_RULES, BillingRules

from .months import NUMBER, TABLE, World, always, call, mode, pack

D = Decimal


@pytest.mark.parametrize(
    ("minutes", "seats", "mode", "packs", "total"),
    [
        (0, 1, "usage", {}, "1125.00"),  # three minimums
        (5_000, 10, "usage", {}, "3000.00"),  # packs would leave months to the minimum: 3,800 and more
        # 16,200 and three minimums. Two packs of 30,000 and two of 10,000 would be 14,600 + 375 + 375 + 2,000 = 17,350.
        (30_000, 10, "usage", {30_000: 3}, "17325.00"),
        (400_000, 10, "usage", {1_000_000: 1, 100_000: 2}, "185125.00"),  # 150,000 + 34,000 + three minimums
    ],
)
def test_the_cheapest_way_of_a_traffic(minutes: int, seats: int, mode: str, packs: dict, total: str) -> None:
    best = compare(told(minutes, 3, seats), TABLE, USUAL_RULES, ("普通",))[0]
    assert (best.mode, best.packs, best.total) == (mode, packs, D(total))


def choices(sizes: list[int], minutes: int) -> Iterator[dict[int, int]]:
    """Every choice of packs that could be worth buying: one more of any size than would hold everything."""
    for counts in product(*(range(minutes // size + 2) for size in sizes)):
        yield {size: count for size, count in zip(sizes, counts, strict=True) if count}


def slow(profile: Profile, table, rules: BillingRules, mode: str, packs: Mapping[int, int]) -> Decimal:
    """What an option costs, month by month, for one number."""
    (one,) = profile.numbers
    held = sum(size * count for size, count in packs.items())
    total = sum((table.packs[size] * count for size, count in packs.items()), D(0))
    for minutes in one.minutes:
        covered = min(held, minutes)
        held -= covered
        calls = table.inbound[mode] * (minutes - covered)
        counted = calls + (table.inbound[mode] * covered if rules.pack_use_counts else 0)
        total += calls + max(D(0), table.minimums[one.tier] - counted)
        if mode == "seats":
            total += table.seat_price(profile.seats) * profile.seats
    return total


prices = st.integers(1, 3_000).map(lambda fen: D(fen) / 100)


@given(
    offers=st.dictionaries(st.sampled_from([1, 2, 3, 5, 7]), prices, min_size=1, max_size=3),
    minutes=st.lists(st.integers(0, 7), min_size=1, max_size=3),
    minimum=prices,
    price=st.integers(1, 500).map(lambda fen: D(fen) / 100),
    counts=st.booleans(),
    seats=st.integers(0, 3),
)
@settings(max_examples=150, deadline=None)
def test_the_best_packs_are_the_best_of_all(
    offers: dict, minutes: list[int], minimum: Decimal, price: Decimal, counts: bool, seats: int
) -> None:
    table = replace(TABLE, packs=offers, inbound=dict.fromkeys(MODES, price), minimums={"普通": minimum})
    rules = replace(USUAL_RULES, pack_use_counts=counts)
    profile = Profile((NumberProfile("普通", tuple(minutes)),), seats)
    best = compare(profile, table, rules)[0]
    least = min(
        slow(profile, table, rules, mode, packs)
        for mode in (MODES if seats else ("usage",))
        for packs in choices(sorted(offers), sum(minutes))
    )
    assert best.total == least
    assert slow(profile, table, rules, best.mode, best.packs) == least


@given(st.dictionaries(st.integers(1, 9), prices, min_size=1, max_size=3), st.integers(0, 20))
@settings(max_examples=100, deadline=None)
def test_holdings_rise_in_minutes_and_price_and_are_made_of_packs(offers: dict, wanted: int) -> None:
    found = [(held, price, packs()) for held, price, packs in holdings(offers, wanted)]
    assert found[0] == (0, D(0), {})
    assert found == sorted(found, key=lambda one: one[:2])
    assert len({price for _, price, _ in found}) == len(found)
    assert found[-1][0] >= wanted
    for held, price, packs in found:
        assert sum(size * count for size, count in packs.items()) == held
        assert sum(offers[size] * count for size, count in packs.items()) == price


@given(st.integers(0, 60_000), st.sampled_from(list(TABLE.minimums)), st.sampled_from(MODES), st.integers(0, 400))
@settings(max_examples=60, deadline=None)
def test_an_estimate_without_packs_is_what_the_bill_is(minutes: int, tier: str, name: str, seats: int) -> None:
    profile = told(minutes, 3, seats, tier)
    made = option(profile, TABLE, USUAL_RULES, name, None, {})
    world = World(
        [call(NUMBER, "2026-10-05T10:00", minutes)] if minutes else [],
        {NUMBER: always(tier=tier)},
        modes=[mode("2026-10", name, seats if name == "seats" else 0)],
    )
    assert made.months[0].total == world.bill("2026-10").due


@given(st.lists(st.integers(0, 30_000), min_size=3, max_size=3), st.booleans())
@settings(max_examples=30, deadline=None)
def test_an_estimate_with_packs_is_what_the_bills_are(minutes: list[int], counts: bool) -> None:
    rules = replace(USUAL_RULES, pack_use_counts=counts)
    profile = Profile((NumberProfile("普通", tuple(minutes)),))
    best = compare(profile, TABLE, rules, modes=("usage",))[0]
    months = ("2026-10", "2026-11", "2026-12")
    keys = [size for size, count in best.packs.items() for _ in range(count)]
    packs = [pack(key, size, "2026-10-01T00:00", "2027-01-01T00:00") for key, size in enumerate(keys, 1)]
    calls = [call(NUMBER, f"{month}-05T10:00", used) for month, used in zip(months, minutes, strict=True) if used]
    world = World(calls, {NUMBER: always()}, packs, rules=rules)
    assert sum(world.bill(month).due for month in months) == best.total


def test_several_numbers_have_a_minimum_each() -> None:
    profile = Profile((NumberProfile("普通", (1_000,)), NumberProfile("优选", (1_000,))))
    (made,) = (one for one in compare(profile, TABLE, USUAL_RULES, modes=("usage",)) if not one.packs)
    assert (made.months[0].calls, made.months[0].minimum) == (D("400.00"), D("725.00"))


@pytest.mark.parametrize(
    ("tier", "usage", "seats"),
    [("普通", 1_875, 2_084), ("优选", 3_750, 4_167), ("精选", 7_500, 8_334), ("金牌", 12_500, 13_889),
     ("白金", 25_000, 27_778), ("VIP", 62_500, 69_445), ("VVIP", 100_000, 111_112)],
)  # fmt: skip
def test_from_how_many_minutes_on_the_minimum_is_used_up(tier: str, usage: int, seats: int) -> None:
    assert (break_even(TABLE, tier, "usage"), break_even(TABLE, tier, "seats")) == (usage, seats)


def test_too_large_a_traffic_is_refused() -> None:
    with pytest.raises(BillingError) as refused:
        compare(told(10**10, 3, 0), TABLE, USUAL_RULES)
    assert refused.value.code == "profile-too-large"
    compare(told(10**7, 3, 0), TABLE, USUAL_RULES, ("普通",), ("usage",))


def test_the_arithmetic_sums_up() -> None:
    best: Option = compare(told(30_000, 3, 10), TABLE, USUAL_RULES, ("普通",))[0]
    said = [line.en for line in arithmetic(best, TABLE.inbound[best.mode])]
    assert said[-1].startswith(f"together {best.total:,} yuan in 3 months")
    totals = [D(line.rsplit("→ ", 1)[1].replace(",", "")) for line in said if "→" in line]
    assert sum(totals) + best.pack_price == best.total
