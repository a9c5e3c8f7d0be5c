"""What a traffic would cost under every mode and tier, and which packs are best for it: exactly, not by trial.

A profile is looked at over the months for which a pack is valid. Packs are bought when it begins, so that a combination
matters only by the minutes it holds and what it costs: the cheapest price of every holding is found by dynamic
programming (an unbounded knapsack), and each holding is then priced with the minutes that it leaves over.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import ceil, gcd

from ivr_flows.findings import Text
from router.tariffs import MODES, BillingRules, PriceTable, TariffMode

from .money import ZERO, to_fen
from .refusal import BillingError

MOST_STATES = 200_000
"""Holdings that are compared at most: 2,000 million minutes with packs of ten thousand."""


@dataclass(frozen=True, slots=True)
class NumberProfile:
    """The billable minutes of a number, month by month, and its tier."""

    tier: str
    minutes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Profile:
    """A traffic: its numbers, all for the same months, and how many seats serve it."""

    numbers: tuple[NumberProfile, ...]
    seats: int = 0

    @property
    def months(self) -> int:
        """How many months it tells of."""
        return len(self.numbers[0].minutes) if self.numbers else 0

    def monthly(self) -> list[int]:
        """The minutes of each month, all numbers together."""
        return [sum(one.minutes[month] for one in self.numbers) for month in range(self.months)]


@dataclass(frozen=True, slots=True)
class MonthCost:
    """A month of an option: its minutes, how many packs cover, what the others cost, what is added to the minimum."""

    minutes: int
    covered: int
    calls: Decimal
    minimum: Decimal
    seats: Decimal

    @property
    def total(self) -> Decimal:
        """The month without packs' price."""
        return self.calls + self.minimum + self.seats


@dataclass(frozen=True, slots=True)
class Option:
    """A way to pay: ``mode``, ``tier`` (None: each number's own), how many packs of each size, and what comes of it."""

    mode: TariffMode
    tier: str | None
    packs: Mapping[int, int]
    pack_price: Decimal
    months: tuple[MonthCost, ...]

    @property
    def total(self) -> Decimal:
        """Everything, over all months."""
        return self.pack_price + sum((month.total for month in self.months), ZERO)

    @property
    def monthly(self) -> Decimal:
        """The mean of a month."""
        return to_fen(Fraction(self.total) / len(self.months))


def compare(
    profile: Profile,
    table: PriceTable,
    rules: BillingRules,
    tiers: Sequence[str | None] = (None,),
    modes: Sequence[TariffMode] = MODES,
) -> list[Option]:
    """Every mode and tier without packs and with the best ones, the cheapest first. Nobody answers without a seat:
    without any, seats by the month are left out. Raises `BillingError`."""
    found: list[Option] = []
    for mode in modes if profile.seats else [one for one in modes if one != "seats"]:
        for tier in tiers:
            plain = option(profile, table, rules, mode, tier, {})
            found.append(plain)
            if mode == "usage" or rules.packs_with_seats:
                best = with_best_packs(profile, table, rules, mode, tier)
                if best.packs:
                    found.append(best)
    order = {mode: index for index, mode in enumerate(MODES)}
    return sorted(found, key=lambda one: (one.total, sum(one.packs.values()), order[one.mode]))


def with_best_packs(
    profile: Profile, table: PriceTable, rules: BillingRules, mode: TariffMode, tier: str | None
) -> Option:
    """The cheapest choice of packs; of equally cheap ones that with the fewest minutes in them (none, if it can be)."""
    best: tuple[Decimal, int, Mapping[int, int]] | None = None
    for held, price, packs in holdings(table.packs, sum(profile.monthly())):
        total = price + sum((month.total for month in _months(profile, table, rules, mode, tier, held)), ZERO)
        if best is None or (total, held) < best[:2]:
            best = total, held, packs()
    assert best is not None
    return option(profile, table, rules, mode, tier, best[2])


def option(
    profile: Profile,
    table: PriceTable,
    rules: BillingRules,
    mode: TariffMode,
    tier: str | None,
    packs: Mapping[int, int],
) -> Option:
    """What ``profile`` costs under ``mode``, with every number of ``tier`` and these packs."""
    price = sum((table.packs[size] * count for size, count in packs.items()), ZERO)
    held = sum(size * count for size, count in packs.items())
    months = tuple(_months(profile, table, rules, mode, tier, held))
    return Option(mode, tier, dict(sorted(packs.items(), reverse=True)), to_fen(price), months)


def break_even(table: PriceTable, tier: str, mode: TariffMode) -> int:
    """From how many minutes a month on a number of ``tier`` pays for its calls and no longer the minimum."""
    return ceil(Fraction(table.minimums[tier]) / Fraction(table.inbound[mode]))


class _Packs:
    """How a holding is made up, told only when it is asked for."""

    def __init__(self, last: Sequence[int], held: int, unit: int) -> None:
        self._last, self._held, self._unit = last, held, unit

    def __call__(self) -> dict[int, int]:
        found: dict[int, int] = {}
        held = self._held
        while held:
            size = self._last[held]
            found[size * self._unit] = found.get(size * self._unit, 0) + 1
            held -= size
        return found


def holdings(offers: Mapping[int, Decimal], wanted: int) -> Iterator[tuple[int, Decimal, _Packs]]:
    """Every number of minutes that packs can hold together and that no larger one undercuts, with the least that it
    costs and how it is made up; enough of them to hold ``wanted``. The first is nothing, for nothing."""
    unit = gcd(*offers) if offers else 1
    sizes = {size // unit: price for size, price in offers.items()}
    most = -(-wanted // unit) + max(sizes, default=0)
    if most > MOST_STATES:
        raise BillingError(
            "profile-too-large",
            Text(
                f"{wanted:,} minutes are too many to compare packs of {unit:,} minutes.",
                f"{wanted:,} 分钟过多，无法比较以 {unit:,} 分钟为单位的语音包。",
            ),
            Text("Estimate a part of the traffic.", "请分批估算。"),
        )
    least: list[Decimal | None] = [ZERO] + [None] * most
    last = [0] * (most + 1)
    for held in range(1, most + 1):
        for size, price in sizes.items():
            before = least[held - size] if size <= held else None
            so_far = least[held]
            if before is not None and (so_far is None or before + price < so_far):
                least[held], last[held] = before + price, size
    kept: list[tuple[int, Decimal]] = []
    floor: Decimal | None = None
    for held in range(most, -1, -1):
        price_of = least[held]
        if price_of is not None and (floor is None or price_of < floor):
            kept.append((held, price_of))
            floor = price_of
    for held, price in reversed(kept):
        yield held * unit, price, _Packs(last, held, unit)


def _months(
    profile: Profile, table: PriceTable, rules: BillingRules, mode: TariffMode, tier: str | None, held: int
) -> Iterator[MonthCost]:
    price = Fraction(table.inbound[mode])
    seats = to_fen(table.seat_price(profile.seats) * profile.seats) if mode == "seats" else ZERO
    for index, minutes in enumerate(profile.monthly()):
        covered = min(held, minutes)
        held -= covered
        calls = minimum = ZERO
        for one in profile.numbers:
            # Calls of several numbers are taken as evenly mixed: packs cover the same part of each.
            own = one.minutes[index]
            charged = Fraction(own * (minutes - covered), minutes) if minutes else Fraction(0)
            amount = to_fen(price * charged)
            counted = amount + (to_fen(price * (own - charged)) if rules.pack_use_counts else ZERO)
            calls += amount
            minimum += max(ZERO, to_fen(table.minimums[tier or one.tier]) - counted)
        yield MonthCost(minutes, covered, calls, minimum, seats)
