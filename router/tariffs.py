"""What a 400 number costs, as values: dated price tables, and the choices where the sources leave a question open.

Money is ``decimal.Decimal`` in yuan everywhere; nothing here is a float. The figures themselves are data:
``router/billing/prices.yaml`` and a file ``prices.yaml`` of the configuration.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal, get_args

from ivr_flows.findings import Place
from ivr_flows.findings import Text as Said

TariffMode = Literal["usage", "seats"]
"""``usage``: pay as you go (按量付费); ``seats``: so much a seat and month (坐席包月)."""
MODES: tuple[TariffMode, ...] = get_args(TariffMode)
MODE_TEXTS: dict[TariffMode, Said] = {
    "usage": Said("pay as you go", "按量付费"),
    "seats": Said("seats by the month", "坐席包月"),
}
Section = Literal["inbound", "seats", "packs", "minimums", "free"]
Confidence = Literal["sourced", "inferred", "own"]
Share = Literal["full", "days", "none"]
"""Of a minimum in a month that is not whole: all of it, by days, nothing."""
TransferRule = Literal["days", "new", "old", "both"]
"""Who bears the minimum of a month in which a number goes to another company: each by days, the new one, the old one,
each in full."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Where the figures of a section come from: the day they are of, how sure they are, the source in words."""

    date: date
    confidence: Confidence
    source: str


@dataclass(frozen=True, slots=True)
class PriceTable:
    """The prices of months that begin on ``since`` or later, until a later table's.

    ``inbound``: yuan per started minute by mode. ``seats``: from so many seats on → yuan per seat and month, for all of
    them. ``packs``: minutes → yuan, valid for ``pack_months`` from the moment of purchase. ``minimums``: tier → yuan a
    month."""

    since: date
    inbound: Mapping[TariffMode, Decimal]
    seats: Mapping[int, Decimal]
    packs: Mapping[int, Decimal]
    pack_months: int
    minimums: Mapping[str, Decimal]
    marks: Mapping[Section, Mark] = field(default_factory=dict)
    place: Place = Place("-")  # noqa: RUF009 - frozen

    def seat_price(self, seats: int) -> Decimal:
        """What one of so many seats costs a month."""
        return self.seats[max(step for step in self.seats if step <= max(seats, 1))]


@dataclass(frozen=True, slots=True)
class BillingRules:
    """``billing:`` of line400.yaml. Each but the mode and the days answers a question that the sources leave open; a
    bill shows the answers it was made with.

    ``timezone``: whose midnight ends a month. ``mode``: the tariff of a company that chose none. ``pack_use_counts``:
    whether minutes covered by a pack count to the minimum, at their list price. ``packs_with_seats``: whether packs
    cover calls under ``seats``. ``minimum_of``: every number has its own minimum, or all of one tier share one.
    ``first_month``, ``last_month``, ``suspended_days``: the minimum of a month that is not whole. ``due_days``: days
    from the issue of a bill until it is due; ``grace_days``: further days until numbers are suspended for it, None:
    never."""

    timezone: str = "Asia/Shanghai"
    mode: TariffMode = "usage"
    pack_use_counts: bool = False
    packs_with_seats: bool = True
    minimum_of: Literal["number", "tier"] = "number"
    first_month: Share = "full"
    last_month: Share = "full"
    suspended_days: Share = "full"
    transfer: TransferRule = "days"
    due_days: int = 15
    grace_days: int | None = 0


USUAL_RULES = BillingRules()


def table_for(tables: tuple[PriceTable, ...], day: date) -> PriceTable | None:
    """The table whose prices hold on ``day``; None before the first."""
    return max((table for table in tables if table.since <= day), key=lambda table: table.since, default=None)
