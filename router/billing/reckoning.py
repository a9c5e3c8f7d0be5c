"""From what was used to the lines of a bill. Pure arithmetic; each line is rounded to the fen once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from router.tariffs import BillingRules, PriceTable, TariffMode

from .bill import FREE, Line
from .minimum import minimum_of, minimum_share
from .money import ZERO, to_fen
from .tenure import Tenure


@dataclass(frozen=True, slots=True)
class NumberUse:
    """A number's month: whose and how long it was (``tenure``), under which ``mode``, its calls, their billable
    ``minutes``, and how many of those packs ``covered``."""

    tenure: Tenure
    mode: TariffMode
    calls: int = 0
    minutes: int = 0
    covered: int = 0


@dataclass(frozen=True, slots=True)
class Seats:
    """Seats by the month, of an instance or (None) of the company."""

    instance: str | None
    count: int


@dataclass(frozen=True, slots=True)
class BoughtPack:
    """A pack bought in the month: its id, minutes and price, when it ends (ISO)."""

    id: int
    minutes: int
    price: Decimal
    bought: str
    expires: str


@dataclass(frozen=True, slots=True)
class Correction:
    """What corrects an earlier bill: ``amount`` is added here, below zero for a credit."""

    bill: str
    amount: Decimal
    reason: str


@dataclass(frozen=True, slots=True)
class Used:
    """Everything that a company's bill for a month is made of."""

    numbers: Sequence[NumberUse] = ()
    seats: Sequence[Seats] = ()
    packs: Sequence[BoughtPack] = ()
    corrections: Sequence[Correction] = field(default=())


def lines_of(used: Used, table: PriceTable, rules: BillingRules, days_in_month: int) -> tuple[Line, ...]:
    """The lines: every number's, by number, then those of the company as a whole."""
    lines: list[Line] = []
    ordered = sorted(used.numbers, key=lambda use: use.tenure.number)
    for use in ordered:
        lines += _calls(use, table)
        if rules.minimum_of == "number":
            lines += _minimum([use], use.tenure.number, table, rules, days_in_month)
        lines += _frees(use)
    if rules.minimum_of == "tier":
        for tier in dict.fromkeys(use.tenure.tier for use in ordered):
            sharing = [use for use in ordered if use.tenure.tier == tier]
            lines += _minimum(sharing, None, table, rules, days_in_month)
    for seats in used.seats:
        if seats.count:
            lines.append(
                Line("seats", None, table.seat_price(seats.count), seats.count, facts={"instance": seats.instance})
            )
    for pack in used.packs:
        facts = {"pack": pack.id, "minutes": pack.minutes, "bought": pack.bought, "expires": pack.expires}
        lines.append(Line("pack", None, pack.price, 1, facts=facts))
    for correction in used.corrections:
        facts = {"bill": correction.bill, "reason": correction.reason}
        lines.append(Line("correction", None, correction.amount, 1, facts=facts))
    return tuple(lines)


def _calls(use: NumberUse, table: PriceTable) -> Iterable[Line]:
    price = table.inbound[use.mode]
    number = use.tenure.number
    facts = {"mode": use.mode, "calls": use.calls}
    yield Line("inbound", number, price, use.minutes - use.covered, facts=facts)
    if use.covered:
        yield Line("inbound_pack", number, price, use.covered, to_fen(price * use.covered), {"mode": use.mode})


def _minimum(
    uses: Sequence[NumberUse], number: str | None, table: PriceTable, rules: BillingRules, days_in_month: int
) -> Iterable[Line]:
    """What is lacking to the minimum: of one number, or of those that share one (the largest of their shares)."""
    tier = uses[0].tenure.tier
    share = max((minimum_share(use.tenure, days_in_month, rules) for use in uses), default=Fraction(0))
    minimum = minimum_of(table.minimums[tier], share)
    counted = ZERO
    for use in uses:
        price = table.inbound[use.mode]
        counted += to_fen(price * (use.minutes - use.covered))
        if rules.pack_use_counts:
            counted += to_fen(price * use.covered)
    facts: dict[str, object] = {
        "tier": tier,
        "monthly": str(table.minimums[tier]),
        "minimum": str(minimum),
        "counted": str(counted),
        "share": _share_of(share),
        "days": max(use.tenure.days for use in uses),
        "days_in_month": days_in_month,
        "suspended": max(use.tenure.suspended for use in uses),
    }
    if number is None:
        facts["numbers"] = [use.tenure.number for use in uses]
    yield Line("minimum", number, max(ZERO, minimum - counted), 1, facts=facts)


def _frees(use: NumberUse) -> Iterable[Line]:
    for code in FREE:
        yield Line(code, use.tenure.number, ZERO, use.minutes if code == "long_distance" else 1)


def _share_of(share: Fraction) -> str:
    return f"{share.numerator}/{share.denominator}" if share.denominator != 1 else str(share.numerator)


def choices_of(rules: BillingRules) -> Mapping[str, object]:
    """The answers to the open questions, as a bill shows them."""
    return {
        "timezone": rules.timezone,
        "pack_use_counts": rules.pack_use_counts,
        "packs_with_seats": rules.packs_with_seats,
        "minimum_of": rules.minimum_of,
        "first_month": rules.first_month,
        "last_month": rules.last_month,
        "suspended_days": rules.suspended_days,
        "transfer": rules.transfer,
    }
