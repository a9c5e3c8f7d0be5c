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
from router.tariffs import BillingRules

from .books import Books

ARREARS = "欠费 / arrears "
"""How the reason of such a suspension begins; the bill's number follows."""
_SETTLED = "结清 / settled "
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
    Calling it again changes nothing. Raises `LifeError` where a life is ahead of that moment, when the others are
    done."""
    overdue: dict[str, IssuedBill] = {}
    for bill in await store.issued_bills(account, unpaid=True):
        if cuts_off(bill, books.rules, books.at):
            overdue.setdefault(books.same(bill.bill.account), bill)
    wanted: list[tuple[Life, EventName, str, str]] = []
    for owner, bill in overdue.items():
        for number in books.held_by(owner):
            life = await _life_of(store, books, number)
            if life is not None and (life.state, "suspend") in BY_PAIR:
                wanted.append((life, "suspend", owner, bill.number))
    for life in await store.lives(books.at):
        story = books.stories.get(life.number)
        holder = story[-1].account if story else None
        if for_arrears(life) and holder is not None and holder not in overdue and account in (None, holder):
            wanted.append((life, "resume", holder, life.said.removeprefix(ARREARS)))
    done: list[Settled] = []
    refused: LifeError | None = None
    for life, event, owner, number in wanted:
        reason = f"{ARREARS if event == 'suspend' else _SETTLED}{number}"
        try:
            if await _happen(store, books, life, event, reason, actor, now):
                done.append(Settled(life.number, event, owner, number))
        except LifeError as error:
            refused = refused or error  # the other numbers do not wait for this one
    if refused is not None:
        raise refused
    return done


def for_arrears(life: Life) -> bool:
    """Whether a number is suspended for an unpaid bill, and for nothing else."""
    return life.state == "suspended" and life.said.startswith(ARREARS)


def cuts_off(bill: IssuedBill, rules: BillingRules, at: float) -> bool:
    """Whether numbers are suspended at ``at`` for what is outstanding of ``bill``."""
    grace = rules.grace_days
    return grace is not None and bill.outstanding > 0 and at >= bill.due_by + grace * _DAY


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
