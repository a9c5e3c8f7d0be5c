"""A bill as a value: lines with unit price, quantity, list price, discount and amount due; the sum of the lines is it.

What is kept of a bill is its JSON, with codes where a reader sees words; `router.billing.words` puts them into words.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal, get_args

from .money import ZERO, to_fen
from .months import Month

LineCode = Literal[
    "inbound",
    "inbound_pack",
    "minimum",
    "rent",
    "base_number",
    "long_distance",
    "seats",
    "pack",
    "correction",
]
LINE_CODES: tuple[LineCode, ...] = get_args(LineCode)
FREE: tuple[LineCode, ...] = ("rent", "base_number", "long_distance")
"""The three frees of the product: no rent, no base-number fee, no long-distance fee."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line. ``number`` None: of the company as a whole. ``list_price`` is ``unit_price`` × ``quantity`` to the fen,
    ``due`` is ``list_price`` less ``discount``. ``facts``: what explains the line, texts and whole numbers."""

    code: LineCode
    number: str | None
    unit_price: Decimal
    quantity: int
    discount: Decimal = ZERO
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def list_price(self) -> Decimal:
        """The price without discount."""
        return to_fen(self.unit_price * self.quantity)

    @property
    def due(self) -> Decimal:
        """What is to be paid."""
        return self.list_price - self.discount

    def as_json(self) -> dict[str, Any]:
        """As it is printed and kept; amounts are texts in yuan."""
        return {
            "code": self.code,
            "number": self.number,
            "unit_price": str(self.unit_price),
            "quantity": self.quantity,
            "list_price": str(self.list_price),
            "discount": str(self.discount),
            "due": str(self.due),
            "facts": dict(self.facts),
        }

    @classmethod
    def of(cls, value: Mapping[str, Any]) -> Line:
        """What `as_json` made."""
        return cls(
            value["code"],
            value["number"],
            Decimal(value["unit_price"]),
            value["quantity"],
            Decimal(value["discount"]),
            dict(value["facts"]),
        )


@dataclass(frozen=True, slots=True)
class Bill:
    """What a company owes for a month. ``account`` is its credit code, or its name where it has no qualification.
    ``prices``: the day of the price table. ``choices``: the rules it was made with, by name. ``until``: of a month that
    is not over, up to which moment (ISO) calls are in it. ``pack_use``: minutes drawn, by pack."""

    account: str
    company: str
    month: Month
    lines: tuple[Line, ...]
    prices: str
    choices: Mapping[str, Any] = field(default_factory=dict)
    pack_use: Mapping[int, int] = field(default_factory=dict)
    until: str | None = None

    @property
    def list_price(self) -> Decimal:
        """The sum of the lines' list prices."""
        return sum((line.list_price for line in self.lines), ZERO)

    @property
    def discount(self) -> Decimal:
        """The sum of the lines' discounts."""
        return sum((line.discount for line in self.lines), ZERO)

    @property
    def due(self) -> Decimal:
        """The sum of the lines: what is to be paid; below zero, what the company gets back."""
        return sum((line.due for line in self.lines), ZERO)

    @property
    def minutes(self) -> int:
        """All billable minutes, those covered by packs included."""
        return sum(line.quantity for line in self.lines if line.code in ("inbound", "inbound_pack"))

    def numbers(self) -> list[str]:
        """The numbers on it, in order."""
        return list(dict.fromkeys(line.number for line in self.lines if line.number is not None))

    def due_of(self, number: str | None) -> Decimal:
        """The part of one number, or of the company as a whole."""
        return sum((line.due for line in self.lines if line.number == number), ZERO)

    def as_json(self) -> dict[str, Any]:
        """As it is printed and kept."""
        return {
            "account": self.account,
            "company": self.company,
            "month": str(self.month),
            "prices": self.prices,
            "choices": dict(self.choices),
            "until": self.until,
            "lines": [line.as_json() for line in self.lines],
            "numbers": {number: str(self.due_of(number)) for number in self.numbers()},
            "minutes": self.minutes,
            "pack_use": {str(pack): minutes for pack, minutes in self.pack_use.items()},
            "list_price": str(self.list_price),
            "discount": str(self.discount),
            "due": str(self.due),
        }

    @classmethod
    def of(cls, value: Mapping[str, Any]) -> Bill:
        """What `as_json` made."""
        return cls(
            value["account"],
            value["company"],
            Month.parse(value["month"]),
            tuple(Line.of(line) for line in value["lines"]),
            value["prices"],
            dict(value["choices"]),
            {int(pack): minutes for pack, minutes in value["pack_use"].items()},
            value["until"],
        )
