"""Arrears: numbers of a company with an overdue bill are suspended, and come back when nothing is overdue any more.

A number moves by `Store.happen` alone. Only what was suspended for arrears is resumed by itself: the reason of the
suspension says so.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from router.life.model import Life, LifeError, Request
from router.life.seeding import seeded_life
from router.life.table import BY_PAIR, EventName
from router.store import Store
from router.store.billing_rows import IssuedBill

from .books import Books

ARREARS = "欠费 / arrears "
"""How the reason of such a suspension begins; the bill's number follows."""
ACTOR = "billing"
_DAY = 86_400


@dataclass(frozen=True, slots=True)
class Settled:
    """A number that was suspended or resumed, and the bill for which."""

    number: str
    event: EventName
    account: str
    bill: str


async def settle_arrears(
    store: Store, books: Books, now: float, actor: str = ACTOR, account: str | None = None
) -> list[Settled]:
    """Suspend and resume what bills ask for at the moment of the books, of one account or of all; what happened.
    Calling it again changes nothing. Raises `LifeError` where a life is ahead of that moment."""
    bills = await store.issued_bills(account)
    overdue: dict[str, IssuedBill] = {}
    for bill in bills:
        if _cuts_off(bill, books):
            overdue.setdefault(books.same(bill.bill.account), bill)
    done: list[Settled] = []
    for owner in dict.fromkeys(books.same(bill.bill.account) for bill in bills):
        cause = overdue.get(owner)
        for number in books.held_by(owner):
            life = await _life_of(store, books, number)
            if life is None:
                continue
            if cause is not None and (life.state, "suspend") in BY_PAIR:
                said = ARREARS + cause.number
                if await _happen(store, books, life, "suspend", said, actor, now):
                    done.append(Settled(number, "suspend", owner, cause.number))
            elif cause is None and life.state == "suspended" and life.said.startswith(ARREARS):
                bill_number = life.said.removeprefix(ARREARS)
                if await _happen(store, books, life, "resume", f"结清 / settled {bill_number}", actor, now):
                    done.append(Settled(number, "resume", owner, bill_number))
    return done


def _cuts_off(bill: IssuedBill, books: Books) -> bool:
    grace = books.rules.grace_days
    return grace is not None and bill.outstanding > 0 and books.at >= bill.due_by + grace * _DAY


def _seed(books: Books, number: str) -> Life | None:
    facts = next((one for one in books.configuration.numbers if one.number == number), None)
    return None if facts is None else seeded_life(facts, books.configuration.routes.get(number))


async def _life_of(store: Store, books: Books, number: str) -> Life | None:
    life = await store.life(number, books.at)
    if life is None:
        life = _seed(books, number)
        known = await store.number_state(number)
        if life is not None and known is not None:
            life = replace(life, state=known.state, since=known.since)
    return life


async def _happen(
    store: Store, books: Books, life: Life, event: EventName, reason: str, actor: str, now: float
) -> bool:
    """Whether the event happened here, and not by somebody else meanwhile."""
    seed = _seed(books, life.number)
    try:
        await store.happen(life.number, event, Request(reason=reason), books.at, actor, now, seed=seed)
    except LifeError:
        current = await store.life(life.number, books.at)
        if current is not None and (current.state == "suspended") == (event == "suspend"):
            return False
        raise
    return True
