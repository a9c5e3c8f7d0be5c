"""What the store tells of billing, as values. Amounts are in yuan."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from router.billing.bill import Bill
from router.billing.months import Month
from router.tariffs import TariffMode


@dataclass(frozen=True, slots=True)
class ModeRow:
    """From ``month`` on, an account or one of its instances (None: the others) pays by ``mode``, for so many seats."""

    account: str
    instance: str | None
    month: Month
    mode: TariffMode
    seats: int


@dataclass(frozen=True, slots=True)
class PackRow:
    """A voice pack. ``used`` are the minutes that issued bills drew from it."""

    id: int
    account: str
    minutes: int
    price: Decimal
    bought: float
    expires: float
    by: str
    used: int = 0


@dataclass(frozen=True, slots=True)
class CorrectionRow:
    """What corrects the bill ``bill`` (its number): ``amount`` is added to the bill ``taken``, None until there is
    one."""

    id: int
    bill: str
    account: str
    amount: Decimal
    content: dict[str, Any]
    reason: str
    at: float
    by: str
    taken: str | None


@dataclass(frozen=True, slots=True)
class IssuedBill:
    """A bill that was issued, and what was paid of it. ``due_by`` is the first moment at which it is overdue."""

    id: int
    number: str
    bill: Bill
    issued: float
    due_by: float
    by: str
    reason: str | None
    paid: Decimal

    @property
    def outstanding(self) -> Decimal:
        """What is still to be paid; zero for a bill that gives money back."""
        return max(Decimal("0.00"), self.bill.due - self.paid)

    def state_at(self, at: float) -> str:
        """``settled``, ``open`` or ``overdue``."""
        if self.outstanding == 0:
            return "settled"
        return "overdue" if at >= self.due_by else "open"


@dataclass(frozen=True, slots=True)
class BilledCall:
    """What billing must know of a call: its 400 number, when its flow began, its started minutes."""

    number: str
    entered: float
    minutes: int


@dataclass(frozen=True, slots=True)
class LifeEvent:
    """A move of a number's life from the audit: when it happened, the state before it, what it changed."""

    number: str
    at: float
    before: str
    changed: dict[str, Any]
