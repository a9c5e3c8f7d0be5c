"""The draft of a bill: what a company owes for a month as far as is known, nothing written down."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from ivr_flows.findings import Text
from router.billing.bill import Bill
from router.billing.months import Month
from router.billing.packs import Coverage, Pack, less
from router.billing.reckoning import BoughtPack, Correction, NumberUse, Seats, Used, choices_of, lines_of
from router.billing.refusal import BillingError
from router.billing.tenure import Tenure
from router.store.billing_rows import BilledCall, CorrectionRow, IssuedBill, ModeRow, PackRow
from router.store.usage import Windows, clipped
from router.tariffs import BillingRules, TariffMode

from .books import Books, company_of


class Ledger(Protocol):
    """What a draft asks of a store."""

    async def used_minutes(self, windows: Windows) -> dict[str, tuple[int, int]]: ...

    def used_calls(self, windows: Windows) -> AsyncIterator[BilledCall]: ...

    async def calls_up(self, windows: Windows) -> int: ...

    async def tariff_modes(self, account: str | None = None) -> list[ModeRow]: ...

    async def voice_packs(self, account: str | None = None) -> list[PackRow]: ...

    async def corrections(self, account: str | None = None, *, open_only: bool = False) -> list[CorrectionRow]: ...

    async def issued_bills(self, account: str | None = None, month: Month | None = None) -> list[IssuedBill]: ...


class NoLedger:
    """The ledger where there is no store yet: nothing was used, bought or issued."""

    async def used_minutes(self, _windows: Windows) -> dict[str, tuple[int, int]]:
        """No minutes."""
        return {}

    async def used_calls(self, _windows: Windows) -> AsyncIterator[BilledCall]:
        """No calls."""
        nothing: tuple[BilledCall, ...] = ()
        for call in nothing:
            yield call

    async def calls_up(self, _windows: Windows) -> int:
        """No calls."""
        return 0

    async def tariff_modes(self, _account: str | None = None) -> list[ModeRow]:
        """No choices."""
        return []

    async def voice_packs(self, _account: str | None = None) -> list[PackRow]:
        """No packs."""
        return []

    async def corrections(self, _account: str | None = None, *, open_only: bool = False) -> list[CorrectionRow]:
        """No corrections."""
        return []

    async def issued_bills(self, _account: str | None = None, _month: Month | None = None) -> list[IssuedBill]:
        """No bills."""
        return []


@dataclass(frozen=True, slots=True)
class Draft:
    """A bill that is not issued. ``up``: calls of the month that are not over; ``corrections``: ids of those on it;
    ``waits_for``: an earlier month with packs that must be issued first."""

    bill: Bill
    up: int
    corrections: tuple[int, ...]
    waits_for: Month | None


async def draft(ledger: Ledger, books: Books, account: str, month: Month) -> Draft:
    """The bill of ``account`` for ``month`` as the books and the calls have it. Raises `BillingError`."""
    numbers = books.tenures(month).get(account, [])
    windows = windows_of(books, numbers, month)
    modes = await ledger.tariff_modes(account)
    packs = await ledger.voice_packs(account)
    open_ones = [one for one in await ledger.corrections(account, open_only=True) if _month_of(one) < str(month)]
    start, end = month.start(books.zone), month.end(books.zone)
    held, waits_for = await _packs_at(ledger, books, account, month, packs, modes)
    use, coverage = await _use(ledger, books, numbers, month, held, modes)
    until = None
    if books.at < end:
        until = datetime.fromtimestamp(books.at, books.zone).isoformat(timespec="seconds")
    table = books.prices(month.first)
    used = Used(
        use,
        seats_of(modes, month),
        [_bought(books, pack) for pack in packs if start <= pack.bought < end],
        [Correction(one.bill, one.amount, one.reason) for one in open_ones],
    )
    bill = Bill(
        account,
        company_of(books, account),
        month,
        lines_of(used, table, books.rules, month.days),
        table.since.isoformat(),
        choices_of(books.rules),
        dict(sorted(coverage.used.items())),
        until,
    )
    return Draft(bill, await ledger.calls_up(windows), tuple(one.id for one in open_ones), waits_for)


async def packs_left(ledger: Ledger, books: Books, account: str) -> list[tuple[PackRow, int]]:
    """The packs of ``account``, each with the minutes that are left of it at the moment of the books."""
    packs = [pack for pack in await ledger.voice_packs(account) if pack.bought <= books.at]
    modes = await ledger.tariff_modes(account)
    month = Month.of(books.at, books.zone)
    left, _ = await _packs_at(ledger, books, account, month.plus(1), packs, modes)
    known = {pack.id: pack.left for pack in left}
    return [(pack, known[pack.id]) for pack in packs]


async def pack_delta(
    ledger: Ledger, books: Books, bill: IssuedBill, drawn: Mapping[int, int]
) -> tuple[Bill, dict[int, int]]:
    """An issued month made anew from what is known by now, without packs' prices and corrections changing: the bill as
    it would be, and by pack how many minutes more (below zero: fewer) it draws than ``drawn``."""
    account, month = books.same(bill.bill.account), bill.bill.month
    numbers = books.tenures(month).get(account, [])
    modes = await ledger.tariff_modes(account)
    packs = await ledger.voice_packs(account)
    held = [
        Pack(pack.id, pack.minutes, pack.bought, pack.expires, pack.minutes - pack.used + drawn.get(pack.id, 0))
        for pack in packs
    ]
    use, coverage = await _use(ledger, books, numbers, month, held, modes)
    table = books.prices(month.first)
    used = Used(use, seats_of(modes, month))
    lines = lines_of(used, table, books.rules, month.days)
    kept = tuple(line for line in bill.bill.lines if line.code in ("pack", "correction"))
    made = replace(bill.bill, lines=lines + kept, pack_use=dict(coverage.used))
    delta = {pack: coverage.used.get(pack, 0) - drawn.get(pack, 0) for pack in {*coverage.used, *drawn}}
    return made, {pack: minutes for pack, minutes in sorted(delta.items()) if minutes}


def windows_of(books: Books, numbers: Sequence[Tenure], month: Month) -> Windows:
    """In which windows the calls of ``numbers`` are on the bill, up to the moment of the books."""
    whole: Windows = {tenure.number: tenure.windows for tenure in numbers}
    return clipped(whole, month.start(books.zone), min(books.at, month.end(books.zone)))


def mode_of(modes: Sequence[ModeRow], instance: str | None, month: Month, rules: BillingRules) -> TariffMode:
    """How the numbers of ``instance`` are paid for in ``month``."""
    for named in (instance, None):
        row = _in_force(modes, named, month)
        if row is not None:
            return row.mode
    return rules.mode


def seats_of(modes: Sequence[ModeRow], month: Month) -> list[Seats]:
    """The seats to be paid for in ``month``: of the company, then by instance."""
    found: list[Seats] = []
    for instance in dict.fromkeys(row.instance for row in sorted(modes, key=lambda row: row.instance or "")):
        row = _in_force(modes, instance, month)
        if row is not None and row.mode == "seats" and row.seats:
            found.append(Seats(instance, row.seats))
    return found


def _in_force(modes: Sequence[ModeRow], instance: str | None, month: Month) -> ModeRow | None:
    rows = [row for row in modes if row.instance == instance and row.month <= month]
    return max(rows, key=lambda row: row.month, default=None)


async def _use(
    ledger: Ledger,
    books: Books,
    numbers: Sequence[Tenure],
    month: Month,
    packs: Sequence[Pack],
    modes: Sequence[ModeRow],
) -> tuple[list[NumberUse], Coverage]:
    """Minutes of each number, and which of them packs cover."""
    rules = books.rules
    windows = windows_of(books, numbers, month)
    used = await ledger.used_minutes(windows)
    mode = {tenure.number: mode_of(modes, tenure.instance, month, rules) for tenure in numbers}
    coverable = {number: own for number, own in windows.items() if mode[number] == "usage" or rules.packs_with_seats}
    coverage = Coverage(packs)
    for span in coverage.spans(month.start(books.zone), min(books.at, month.end(books.zone))):
        inside = clipped(coverable, span.start, span.end)
        minutes = {number: total for number, (_, total) in (await ledger.used_minutes(inside)).items()}
        if coverage.whole(span, minutes):
            continue
        async for call in ledger.used_calls(inside):
            if not coverage.call(call.number, call.entered, call.minutes):
                break
    found = [
        NumberUse(
            tenure,
            mode[tenure.number],
            *used.get(tenure.number, (0, 0)),
            coverage.covered.get(tenure.number, 0),
        )
        for tenure in numbers
    ]
    return found, coverage


async def _packs_at(
    ledger: Ledger,
    books: Books,
    account: str,
    month: Month,
    packs: Sequence[PackRow],
    modes: Sequence[ModeRow],
) -> tuple[list[Pack], Month | None]:
    """The packs as they are when ``month`` begins: less what issued bills drew, and what months that are not issued
    will draw. The first of those in which a pack is valid and minutes were used."""
    zone = books.zone
    held = [Pack(pack.id, pack.minutes, pack.bought, pack.expires, pack.minutes - pack.used) for pack in packs]
    valid = [pack for pack in held if pack.bought < month.start(zone)]
    waits_for: Month | None = None
    if not valid:
        return held, None
    issued = {row.bill.month for row in await ledger.issued_bills(account)}
    current = min(Month.of(pack.bought, zone) for pack in valid)
    while current < month:
        if current not in issued:
            numbers = books.tenures(current).get(account, [])
            _, coverage = await _use(ledger, books, numbers, current, held, modes)
            held = less(held, coverage.used)
            if coverage.used and waits_for is None and any(p.expires > month.start(zone) for p in valid):
                waits_for = current
        current = current.plus(1)
    return held, waits_for


def _bought(books: Books, pack: PackRow) -> BoughtPack:
    bought, expires = (
        datetime.fromtimestamp(moment, books.zone).isoformat(timespec="seconds")
        for moment in (pack.bought, pack.expires)
    )
    return BoughtPack(pack.id, pack.minutes, pack.price, bought, expires)


def _month_of(correction: CorrectionRow) -> str:
    """The month of the bill that is corrected."""
    return str(correction.content["month"])


def empty(bill: Bill) -> bool:
    """Whether there is nothing to bill."""
    return not bill.lines


def nothing_to_bill(account: str, month: Month) -> BillingError:
    """The company had nothing in the month."""
    return BillingError(
        "nothing-to-bill",
        Text(f"{account} had no number, seats or packs in {month}.", f"{account} 在 {month} 没有号码、坐席或语音包。"),
        Text("Choose another month or company.", "请选择其他月份或公司。"),
    )
