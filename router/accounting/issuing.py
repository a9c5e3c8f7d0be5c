"""Issuing bills, correcting them, taking payments."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from ivr_flows.findings import Text
from router.billing.money import ZERO
from router.billing.months import Month, midnight
from router.billing.refusal import BillingError
from router.store import Store
from router.store.billing import no_bill
from router.store.billing_rows import CorrectionRow, IssuedBill, ModeRow

from .books import Books
from .drafting import draft, empty, nothing_to_bill, pack_delta, seats_of

_TRIES = 20


async def issue(
    store: Store, books: Books, account: str, month: Month, actor: str, now: float, reason: str | None
) -> tuple[IssuedBill, bool]:
    """Issue the bill of ``account`` for ``month`` at the moment of the books; the bill, and whether it is new: issued
    again, it stays as it is. Raises `BillingError`: the month is not over, calls of it are still up, an earlier month
    that draws on the same packs is not issued."""
    known = await store.issued_bills(account, month)
    if known:
        return known[0], False
    if books.at < month.end(books.zone):
        raise BillingError(
            "month-not-over",
            Text(f"{month} is not over yet.", f"{month} 尚未结束。"),
            Text(
                f"`line400 bill show --month {month}` shows it so far.",
                f"用 `line400 bill show --month {month}` 查看。",
            ),
        )
    for _ in range(_TRIES):
        seen = await store.billing_counter()
        made = await draft(store, books, account, month)
        if empty(made.bill):
            raise nothing_to_bill(made.bill.company, month)
        if made.up:
            raise BillingError(
                "calls-up",
                Text(
                    f"{made.up} calls of {month} are not over; what they cost is not known.",
                    f"{month} 还有 {made.up} 通来电未结束，费用未定。",
                ),
                Text(
                    "Wait for them; `line400 serve` closes those that a router lost.",
                    "请等待其结束；`line400 serve` 会关闭丢失的来电。",
                ),
            )
        if made.waits_for is not None:
            raise BillingError(
                "earlier-month-open",
                Text(
                    f"{made.waits_for} draws on the same packs and is not issued yet.",
                    f"{made.waits_for} 使用同一语音包，尚未出账。",
                ),
                Text(
                    f"Issue it first: line400 bill issue --month {made.waits_for}.",
                    f"请先出账：line400 bill issue --month {made.waits_for}。",
                ),
            )
        day = datetime.fromtimestamp(books.at, books.zone).date() + timedelta(days=books.rules.due_days + 1)
        due_by = midnight(day, books.zone)
        done = await store.issue_bill(made.bill, made.corrections, seen, books.at, due_by, actor, now, reason)
        if done is not None:
            return done
    raise BillingError(
        "store-busy",
        Text("The store changes faster than a bill can be made.", "数据变化过快，暂时无法出账。"),
        Text("Try again.", "请重试。"),
    )


async def accounts_to_bill(store: Store, books: Books, month: Month) -> list[str]:
    """The accounts that have anything on a bill for ``month``."""
    start, end = month.start(books.zone), month.end(books.zone)
    found = dict.fromkeys(books.tenures(month))
    found |= dict.fromkeys(books.same(pack.account) for pack in await store.voice_packs() if start <= pack.bought < end)
    modes: dict[str, list[ModeRow]] = {}
    for row in await store.tariff_modes():
        modes.setdefault(books.same(row.account), []).append(row)
    found |= dict.fromkeys(account for account, rows in modes.items() if seats_of(rows, month))
    return [account for account in found if account in books.companies]


async def correct(
    store: Store, books: Books, number: str, amount: Decimal | None, actor: str, now: float, reason: str
) -> CorrectionRow | None:
    """Correct the bill ``number`` on the next one: by ``amount`` (below zero: a credit), or by what the calls known by
    now make different; None where that is nothing. Raises `BillingError`."""
    bill = await store.issued_bill(number)
    if bill is None:
        raise no_bill(number)
    content: dict[str, object] = {"month": str(bill.bill.month), "kind": "recount" if amount is None else "credit"}
    uses: dict[int, int] = {}
    if amount is None:
        drawn = await store.pack_use_of(number)
        made, uses = await pack_delta(store, books, bill, drawn)
        earlier = [one for one in await store.corrections(books.same(bill.bill.account)) if one.bill == number]
        before = sum((one.amount for one in earlier if one.content["kind"] == "recount"), ZERO)
        amount = made.due - bill.bill.due - before
        counted = sum(int(one.content["minutes"]) for one in earlier if one.content["kind"] == "recount")
        content["minutes"] = made.minutes - bill.bill.minutes - counted
        if not amount and not uses and not content["minutes"]:
            return None
    return await store.correct_bill(number, amount, uses, content, books.at, actor, now, reason)
