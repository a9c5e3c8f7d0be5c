"""Bills, packs, tariffs and estimates as JSON: what the command line prints and an API answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo
from decimal import Decimal
from typing import Any

from ivr_flows.findings import Language
from router.billing.bill import Bill, Line
from router.billing.estimate import Option, Profile, break_even
from router.billing.reckoning import choices_of
from router.billing.words import arithmetic, choice_texts, item_of
from router.store.billing_rows import IssuedBill, ModeRow, PackRow
from router.tariffs import MODES, BillingRules, PriceTable

from .arrears import Settled
from .estimating import Recorded


@dataclass(frozen=True, slots=True)
class Shown:
    """A bill as it is shown: issued, or a draft (``issued`` None). ``number``: only the part of that 400 number."""

    bill: Bill
    issued: IssuedBill | None
    at: float
    zone: tzinfo
    number: str | None = None

    @property
    def state(self) -> str:
        """``draft``, ``open``, ``overdue`` or ``settled``."""
        return "draft" if self.issued is None else self.issued.state_at(self.at)

    @property
    def lines(self) -> list[Line]:
        """The lines that are shown."""
        return [line for line in self.bill.lines if self.number in (None, line.number)]

    @property
    def due(self) -> Decimal:
        """The sum of the lines that are shown."""
        return self.bill.due if self.number is None else self.bill.due_of(self.number)


@dataclass(frozen=True, slots=True)
class Compared:
    """The outcome of an estimate."""

    traffic: Recorded
    options: list[Option]
    table: PriceTable

    @property
    def profile(self) -> Profile:
        """The minutes that were compared."""
        return self.traffic.profile


def bill_json(shown: Shown, language: Language) -> dict[str, Any]:
    """A bill; every line with its words."""
    issued = shown.issued
    found = shown.bill.as_json()
    found["lines"] = [{**line.as_json(), "text": item_of(line).to(language)} for line in shown.lines]
    found["choices_text"] = [said.to(language) for said in choice_texts(shown.bill.choices)]
    found["due"] = str(shown.due)
    if shown.number is not None:
        found["part_of"] = shown.number
        found["list_price"] = str(sum((line.list_price for line in shown.lines), Decimal("0.00")))
        found["discount"] = str(sum((line.discount for line in shown.lines), Decimal("0.00")))
    return {"state": shown.state, **issued_json(issued, shown.zone), **found}


def issued_json(issued: IssuedBill | None, zone: tzinfo) -> dict[str, Any]:
    """What issuing and paying added to a bill."""
    if issued is None:
        names = ("bill", "issued", "issued_by", "reason", "due_by", "paid", "outstanding")
        return dict.fromkeys(names)
    return {
        "bill": issued.number,
        "issued": _iso(issued.issued, zone),
        "issued_by": issued.by,
        "reason": issued.reason,
        "due_by": _iso(issued.due_by, zone),
        "paid": str(issued.paid),
        "outstanding": str(issued.outstanding),
    }


def listed_json(bill: IssuedBill, at: float, zone: tzinfo) -> dict[str, Any]:
    """An issued bill without its lines."""
    return {
        **issued_json(bill, zone),
        "state": bill.state_at(at),
        "account": bill.bill.account,
        "company": bill.bill.company,
        "month": str(bill.bill.month),
        "due": str(bill.bill.due),
    }


def pack_json(pack: PackRow, left: int, at: float, zone: tzinfo) -> dict[str, Any]:
    """A pack and what is left of it."""
    return {
        "pack": pack.id,
        "minutes": pack.minutes,
        "price": str(pack.price),
        "bought": _iso(pack.bought, zone),
        "expires": _iso(pack.expires, zone),
        "left": left,
        "valid": pack.bought <= at < pack.expires,
        "by": pack.by,
    }


def mode_json(row: ModeRow) -> dict[str, Any]:
    """A choice of tariff."""
    return {"month": str(row.month), "instance": row.instance, "mode": row.mode, "seats": row.seats}


def option_json(option: Option, table: PriceTable, language: Language) -> dict[str, Any]:
    """An option, with its arithmetic."""
    return {
        "mode": option.mode,
        "tier": option.tier,
        "packs": [{"minutes": size, "count": count} for size, count in option.packs.items()],
        "pack_price": str(option.pack_price),
        "months": [
            {
                "minutes": month.minutes,
                "covered": month.covered,
                "calls": str(month.calls),
                "minimum": str(month.minimum),
                "seats": str(month.seats),
                "total": str(month.total),
            }
            for month in option.months
        ],
        "total": str(option.total),
        "monthly": str(option.monthly),
        "arithmetic": [line.to(language) for line in arithmetic(option, table.inbound[option.mode])],
    }


def estimate_json(found: Compared, rules: BillingRules, language: Language) -> dict[str, Any]:
    """An estimate, the cheapest option first."""
    options = [option_json(option, found.table, language) for option in found.options]
    return {
        "prices": found.table.since.isoformat(),
        "months": found.profile.months,
        "minutes": found.profile.monthly(),
        "seats": found.profile.seats,
        "numbers": list(found.traffic.numbers),
        "calls": found.traffic.calls,
        "cheapest": options[0],
        "options": options,
        "break_even": {
            tier: {mode: break_even(found.table, tier, mode) for mode in MODES} for tier in found.table.minimums
        },
        "choices": [said.to(language) for said in choice_texts(choices_of(rules))],
    }


def prices_json(table: PriceTable) -> dict[str, Any]:
    """A price table."""
    return {
        "from": table.since.isoformat(),
        "inbound": {mode: str(price) for mode, price in table.inbound.items()},
        "seats": {str(step): str(price) for step, price in table.seats.items()},
        "packs": {str(size): str(price) for size, price in table.packs.items()},
        "pack_months": table.pack_months,
        "minimums": {tier: str(price) for tier, price in table.minimums.items()},
        "marks": {
            name: {"date": mark.date.isoformat(), "confidence": mark.confidence, "source": mark.source}
            for name, mark in table.marks.items()
        },
    }


def settled_json(one: Settled) -> dict[str, str]:
    """What arrears did to a number."""
    return {"number": one.number, "event": one.event, "account": one.account, "bill": one.bill}


def _iso(at: float, zone: tzinfo) -> str:
    return datetime.fromtimestamp(at, zone).isoformat(timespec="seconds")
