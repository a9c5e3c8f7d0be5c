"""Bills of numbers with a life in the store, and of random months, on every database."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from router.accounting.arrears import settle_arrears
from router.accounting.books import read_books
from router.accounting.drafting import draft
from router.accounting.issuing import accounts_to_bill, issue
from router.billing.months import Month
from router.billing.refusal import BillingError
from router.configuration.price_parts import packaged_prices
from router.life.materials import REQUIRED
from router.life.model import Request, RoutePlan
from router.life.qualification import Qualification
from router.life.table import EventName
from router.model import Configuration
from router.store import Store
from router.store.qualifications import LifeFile
from tests.stores import over
from tests.unit.billing.months import A, B
from tests.unit.billing.test_random_months import world as random_world

from .test_store_billing import (
    COMPANY,
    NOVEMBER,
    NUMBER,
    OCTOBER,
    OTHER,
    ZONE,
    books_of,
    buy,
    call,
    issued,
    moment,
    save,
)

BOUGHT = "4000453456"


async def qualified(store: Store, code: str, name: str) -> int:
    known = Qualification(
        *(0, code, name, "review", moment("2026-09-01T00:00"), date(2026, 9, 1), date(2036, 9, 1), True, "张三", "m")
    )
    made, _ = await store.submit_qualification(
        known, b"sealed", [LifeFile("licence", "l.png", "image/png", 1, 10, "d", b"\x01")], "li", 1.0, None
    )
    await store.decide_qualification(code, True, moment("2026-09-02T00:00"), "wang", 1.0, "")
    return made.id


async def test_the_events_of_a_life_tell_who_pays_for_which_days(store: Store) -> None:
    first = await qualified(store, "91110000600037341L", "甲公司")
    second = await qualified(store, "91110105MA01A2B3C4", "乙公司")

    async def happen(event: EventName, at: str, owner: int = first) -> None:
        request = Request(
            owner=owner, offered=("金牌", "unicom"), handler="李四", plan=RoutePlan(("bj",)), flow="welcome"
        )
        await store.happen(BOUGHT, event, request, moment(at), "li", 1.0)

    await happen("apply", "2026-09-03T10:00")
    life = await store.life(BOUGHT, moment("2026-09-03T11:00"))
    assert life is not None
    for kind in REQUIRED:
        await store.keep_file(
            life.application, LifeFile(kind, "f.png", "image/png", 1, 1, "d", b"\x01"), 1.0, "li", 1.0
        )
    for event, at in (
        ("materials", "2026-09-04T10:00"),
        ("forward", "2026-09-05T10:00"),
        ("approve", "2026-09-11T10:00"),
        ("order_route", "2026-09-11T11:00"),
        ("route_done", "2026-09-12T10:00"),
        ("bind", "2026-09-12T11:00"),
    ):
        await happen(event, at)  # type: ignore[arg-type]
    await happen("transfer", "2026-10-10T10:00", second)
    await happen("transfer_done", "2026-10-16T10:00")
    await save(
        store,
        call("first", "2026-10-09T10:00", 61, called=BOUGHT),
        call("second", "2026-10-16T10:00:01", 30, called=BOUGHT),
    )
    books = await read_books(store, Configuration(prices=packaged_prices()), moment("2026-12-01T00:00"))
    september = {
        key: [(t.days, t.begins, t.ends, t.tier) for t in own] for key, own in books.tenures(Month(2026, 9)).items()
    }
    assert september == {"91110000600037341L": [(20, "purchase", None, "金牌")]}
    october = {key: (t.days, t.begins, t.ends) for key, (t,) in books.tenures(OCTOBER).items()}
    assert october == {"91110000600037341L": (15, None, "transfer"), "91110105MA01A2B3C4": (16, "transfer", None)}
    dues = {}
    for account in await accounts_to_bill(store, books, OCTOBER):
        bill = (await draft(store, books, account, OCTOBER)).bill
        dues[bill.company] = (bill.minutes, bill.due)
    # 2,500 × 15/31 = 1,209.68 and 2,500 × 16/31 = 1,290.32: each company its days.
    assert dues == {"甲公司": (2, Decimal("1209.68")), "乙公司": (1, Decimal("1290.32"))}


async def test_a_company_keeps_its_packs_and_bills_when_it_is_qualified(store: Store) -> None:
    pack = await buy(store, 10_000, "2026-10-01T00:00")
    bill, _ = await issued(store, OCTOBER, "2026-11-02T10:00")
    code = "91110000600037341L"
    await qualified(store, code, COMPANY)
    later = await books_of(store, "2026-12-02T10:00")
    assert later.account(None) == later.account(COMPANY) == code
    assert [row.id for row in await store.voice_packs(code)] == [pack]
    assert await issue(store, later, code, OCTOBER, "li", 5.0, None) == (bill, False)
    with pytest.raises(BillingError):
        await store.choose_mode(code, None, OCTOBER, "seats", 3, "li", 1.0, None)
    assert {one.number for one in await settle_arrears(store, later, 8.0)} == {NUMBER, OTHER}
    await store.pay_bill(bill.number, None, later.at, "li", 9.0, None)
    assert {one.event for one in await settle_arrears(store, later, 9.0, account=code)} == {"resume"}


async def test_deadlines_that_nobody_wrote_down_count_all_the_same(store: Store) -> None:
    owner = await qualified(store, "91110000600037341L", "甲公司")
    request = Request(owner=owner, offered=("普通", "unicom"), handler="李四", plan=RoutePlan(("bj",)))
    await store.happen(BOUGHT, "apply", request, moment("2026-09-03T10:00"), "li", 1.0)
    books = await read_books(store, Configuration(prices=packaged_prices()), moment("2026-10-15T00:00"))
    assert [entry.state for entry in books.stories[BOUGHT]] == ["reserved", "released"]
    assert books.tenures(Month(2026, 9)) == {}


@pytest.mark.parametrize("seed", range(6))
async def test_what_the_database_sums_is_what_a_list_of_calls_gives(store: Store, seed: int) -> None:
    chance = random.Random(seed)
    world = random_world(chance)
    # Which of two calls of one instant a pack covers first is told by their ids; here every call has its own.
    world.calls = list({one.entered: one for one in world.calls}.values())
    for index, one in enumerate(world.calls):
        seconds = 60.0 * one.minutes - chance.choice((0.0, 1.0, 59.0))
        await store.save(over(f"c{index:03d}", one.entered - 1, called=one.number, entered=one.entered,
                              answered=one.entered, ended=one.entered + seconds))  # fmt: skip
    packs = []
    for one in world.packs:
        month = Month.of(one.bought, ZONE)
        packs += await store.buy_packs(A, one.minutes, 1, one.price, one.bought, one.expires, month, "li", 1.0, None)
    for row in world.modes:
        await store.choose_mode(A, row.instance, row.month, row.mode, row.seats, "li", 1.0, None)
    books = replace(world, packs=packs).books()
    for month in (Month(2026, 9), OCTOBER, NOVEMBER, Month(2026, 12)):
        for account in (A, B):
            expected = await draft(replace(world, packs=packs), books, account, month)
            found = await draft(store, books, account, month)
            assert found.bill == expected.bill
