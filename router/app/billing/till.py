"""Where ``line400 bill`` is served: store and books of one command, and what it was asked."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TypeVar

from ivr_flows.findings import Text
from router.accounting.books import Books, read_books
from router.accounting.drafting import Ledger, NoLedger
from router.billing.months import Month
from router.billing.refusal import BillingError
from router.desk import Desk, Unclear
from router.model import Configuration
from router.number400 import Number400
from router.store import Store
from router.tariffs import MODES, TariffMode

from ..invocation import Invocation
from ..life.at_desk import Counter
from ..loading import load_folder
from ..problems import usage

T = TypeVar("T")
_USAGE = frozenset({"bad-month", "which-company", "too-many-months", "profile-too-large"})
_BILL = re.compile(r"B\d{6}-\d{4,}", re.IGNORECASE)
_MODE_WORDS: dict[str, TariffMode] = {"坐席包月": "seats", "包月": "seats", "按量付费": "usage", "按量": "usage"}


@dataclass(frozen=True, slots=True)
class Asked:
    """What the options said; each action takes what it needs."""

    what: str | None
    company: str | None
    month: str | None
    number: str | None
    minutes: int | None
    count: int
    seats: int | None
    mode: str | None
    instance: str | None
    calls: int | None
    duration: str | None
    tier: str | None
    recorded: bool
    amount: str | None
    out: Path | None
    unpaid: bool
    all: bool


@dataclass(frozen=True, slots=True)
class Till:
    """``counter`` is that of the life of numbers; ``configuration`` is free of errors."""

    counter: Counter
    configuration: Configuration

    @property
    def invocation(self) -> Invocation:
        """How it prints."""
        return self.counter.invocation

    @property
    def at(self) -> float:
        """The moment at which it is asked."""
        return self.counter.at

    def look(self, work: Callable[[Ledger, Books], Awaitable[T]]) -> T:
        """What ``work`` reads; where there is no store, from the files alone."""

        async def action(desk: Desk) -> T:
            with _understood():
                books = await read_books(desk.store, self.configuration, desk.at)
                return await work(desk.store or NoLedger(), books)

        return self.counter.read(action)[1]

    def change(self, work: Callable[[Store, Books], Awaitable[T]]) -> T:
        """Let ``work`` change the store, deadlines that are over having taken effect."""

        async def action(desk: Desk) -> T:
            with _understood():
                await desk.settle()
                return await work(desk.open_store, await read_books(desk.open_store, self.configuration, desk.at))

        return self.counter.change(action)[1]

    def month(self, asked: Asked, books: Books, back: int = 0) -> Month:
        """The month that was asked for; without, ``back`` months before the one of this moment."""
        return Month.parse(asked.month) if asked.month else Month.of(self.at, books.zone).plus(-back)


def open_till(invocation: Invocation, at: str | None, author: str | None, reason: str | None) -> Till:
    """The till of one command. Raises `Problem` (status 2) with the findings of a configuration that has errors."""
    counter = Counter(invocation, at, author, reason)
    return Till(counter, counter.configuration or load_folder(invocation))


@contextmanager
def _understood() -> Iterator[None]:
    """What was asked wrongly is told from what the rules refuse."""
    try:
        yield
    except BillingError as error:
        if error.code in _USAGE:
            raise Unclear(error.code, error.message, error.cure) from error
        raise


def bill_number(text: str | None) -> str | None:
    """``B202610-0001`` in canonical form; None where ``text`` is no number of a bill."""
    return text.upper() if text and _BILL.fullmatch(text.strip()) else None


def number_asked(asked: Asked) -> str | None:
    """The 400 number that was asked for, by option or by position. Raises `NumberError`."""
    text = asked.number or (asked.what if asked.what and bill_number(asked.what) is None else None)
    return None if text is None else Number400.parse(text).digits


def amount_of(text: str, *, signed: bool = False) -> Decimal:
    """Yuan with at most two decimals. Raises `Problem`."""
    if re.fullmatch((r"-?" if signed else "") + r"\d{1,9}(\.\d{1,2})?", text.strip()):
        return Decimal(text.strip())
    raise usage(
        "bad-amount",
        Text(f"`{text[:40]}` is no amount in yuan.", f"`{text[:40]}` 不是以元为单位的金额。"),
        Text("Write yuan and fen: 375.00.", "请写元和分：375.00。"),
    )


def mode_word(text: str | None) -> TariffMode | None:
    """A tariff mode by its word in either language. Raises `Problem`."""
    if text is None:
        return None
    word = _MODE_WORDS.get(text.strip(), text.strip().lower())
    for mode in MODES:
        if mode == word:
            return mode
    raise usage(
        "unknown-mode",
        Text(f"There is no tariff mode `{text[:40]}`.", f"没有资费模式 `{text[:40]}`。"),
        Text("Write usage (pay as you go) or seats (by the month).", "请写 usage（按量付费）或 seats（坐席包月）。"),
    )
