"""What the store promises of bills, on every database: minutes as the records have them, bills issued once and frozen,
corrections, payments, arrears through the life of numbers."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from router.accounting.arrears import settle_arrears
from router.accounting.books import Books, read_books
from router.accounting.drafting import draft, packs_left
from router.accounting.issuing import accounts_to_bill, correct, issue
from router.accounting.keeping import ArrearsKeeper
from router.billing.months import Month, months_later
from router.billing.refusal import BillingError
from router.clock import Clock
from router.configuration.price_parts import packaged_prices
from router.life.model import Request
from router.life.seeding import seeded_life
from router.model import Configuration, NumberFacts, Route, Settings
from router.record import OUTCOMES, CallRecord
from router.store import Store
from router.store.billing_tables import bills as bills_table
from router.store.tables import audit
from router.tariffs import USUAL_RULES
from tests.stores import Opener, over

ZONE = ZoneInfo("Asia/Shanghai")
NUMBER, OTHER = "4008001234", "4006667777"
COMPANY = "示例科技"
OCTOBER, NOVEMBER = Month(2026, 10), Month(2026, 11)


def moment(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE).timestamp()


def configuration(**rules: object) -> Configuration:
    """One company with two numbers that only the files know."""
    return Configuration(
        settings=Settings(company=COMPANY, billing=replace(USUAL_RULES, **rules)),  # type: ignore[arg-type]
        numbers=tuple(
            NumberFacts(number, COMPANY, "unicom", purchased=date(2026, 9, 1), state="bound")
            for number in (NUMBER, OTHER)
        ),
        routes={NUMBER: Route(NUMBER, line="bj", flow="welcome"), OTHER: Route(OTHER, line="bj", flow="welcome")},
        prices=packaged_prices(),
    )


async def books_of(store: Store, at: str, **rules: object) -> Books:
    return await read_books(store, configuration(**rules), moment(at))


def call(call_id: str, at: str, seconds: float = 30.0, **facts: object) -> CallRecord:
    entered = moment(at)
    known: dict[str, object] = {"called": NUMBER, "entered": entered, "answered": entered, "ended": entered + seconds}
    return over(call_id, entered - 2.0, **(known | facts))


async def save(store: Store, *records: CallRecord) -> None:
    for record in records:
        await store.save(record)


async def buy(store: Store, minutes: int, at: str, price: str = "1900") -> int:
    bought = moment(at)
    made = await store.buy_packs(
        COMPANY,
        minutes,
        1,
        Decimal(price),
        bought,
        months_later(bought, 3, ZONE),
        Month.of(bought, ZONE),
        "li",
        1.0,
        None,
    )
    return made[0].id


async def issued(store: Store, month: Month, at: str):
    books = await books_of(store, at)
    return await issue(store, books, COMPANY, month, "li", 5.0, None)


LENGTHS = (0.0, 0.001, 59.999, 60.0, 60.001, 119.9995, 120.0, 3_599.5, 3_600.4, 86_400.0, -3.0)


async def test_the_database_counts_minutes_as_the_record_does(store: Store) -> None:
    records = [
        call(f"{outcome}-{index}", "2026-10-05T10:00", length, outcome=outcome)
        for outcome in OUTCOMES
        for index, length in enumerate(LENGTHS)
    ]
    records += [
        call("test", "2026-10-05T10:00", test=True),
        call("no-flow", "2026-10-05T10:00", outcome="rejected", entered=None),
        call("other", "2026-10-05T10:00", called=OTHER),
    ]
    await save(store, *records)
    windows = {NUMBER: [(moment("2026-10-01T00:00"), moment("2026-11-01T00:00"))]}
    billed = [record for record in records if record.called == NUMBER and not record.test and record.billable_minutes]
    assert await store.used_minutes(windows) == {
        NUMBER: (len(billed), sum(record.billable_minutes for record in billed))
    }
    assert sorted([one.minutes async for one in store.used_calls(windows)]) == sorted(
        record.billable_minutes for record in billed
    )


async def test_a_call_belongs_to_the_window_in_which_its_flow_began(store: Store) -> None:
    await save(
        store,
        call("ends-later", "2026-10-31T23:59:59.999", 600),
        call("first", "2026-11-01T00:00:00", 10),
        call("rang-before", "2026-11-01T00:00:01", 10),
    )
    for month, minutes in ((OCTOBER, 10), (NOVEMBER, 2)):
        windows = {NUMBER: [(month.start(ZONE), month.end(ZONE))]}
        assert (await store.used_minutes(windows))[NUMBER][1] == minutes
    both = {NUMBER: [(moment("2026-11-01T00:00:01"), moment("2026-12-01T00:00")), (0.0, moment("2026-11-01T00:00"))]}
    assert (await store.used_minutes(both))[NUMBER] == (2, 11)
    assert [one.entered async for one in store.used_calls(both)] == sorted(
        [moment("2026-10-31T23:59:59.999"), moment("2026-11-01T00:00:01")]
    )


async def test_calls_come_in_the_order_of_their_flow_entry(store: Store) -> None:
    await save(store, *(call(f"c{index}", f"2026-10-{28 - index:02d}T10:00", 60.0 * index + 1) for index in range(20)))
    windows = {NUMBER: [(0.0, moment("2026-11-01T00:00"))]}
    assert [one.minutes async for one in store.used_calls(windows)] == list(range(20, 0, -1))


async def test_calls_that_are_up_are_told_and_not_counted(store: Store) -> None:
    up = call("up", "2026-10-31T23:00")
    await store.journal(replace(up, outcome=None, ended=None), "router")
    windows = {NUMBER: [(OCTOBER.start(ZONE), OCTOBER.end(ZONE))]}
    assert await store.calls_up(windows) == 1
    assert await store.used_minutes(windows) == {}
    with pytest.raises(BillingError) as refused:
        await issued(store, OCTOBER, "2026-11-01T10:00")
    assert refused.value.code == "calls-up"
    await save(store, up)
    assert (await issued(store, OCTOBER, "2026-11-01T10:00"))[0].bill.minutes == 1


async def test_a_bill_is_issued_once_and_stays_as_it_was(store: Store) -> None:
    await save(store, call("c1", "2026-10-05T10:00", 90))
    first, new = await issued(store, OCTOBER, "2026-11-02T10:00")
    assert (first.number, new, first.bill.minutes, first.bill.due) == ("B202610-0001", True, 2, Decimal("750.00"))
    assert first.due_by == moment("2026-11-18T00:00")
    await save(store, call("late", "2026-10-06T10:00", 600))
    again, new = await issued(store, OCTOBER, "2026-11-20T10:00")
    assert (again, new) == (first, False)
    rows = [entry for entry in await store.audit_entries() if entry.action == "bill_issue"]
    assert [(row.actor, row.subject, row.at) for row in rows] == [("li", "B202610-0001", 5.0)]


async def test_many_issue_the_same_bill_at_once_and_there_is_one(open_store: Opener) -> None:
    stores = [await open_store() for _ in range(4)]
    await save(stores[0], call("c1", "2026-10-05T10:00", 90))
    results = await asyncio.gather(*(issued(one, OCTOBER, "2026-11-02T10:00") for one in stores))
    assert len({bill.number for bill, _ in results}) == 1
    assert sum(new for _, new in results) == 1
    async with stores[0]._database.read() as connection:
        assert (await connection.execute(select(func.count()).select_from(bills_table))).scalar_one() == 1


async def test_a_bill_is_made_anew_when_something_changes_before_it_is_frozen(store: Store) -> None:
    await save(store, call("c1", "2026-10-05T10:00", 90))
    books = await books_of(store, "2026-11-02T10:00")
    made = await draft(store, books, COMPANY, OCTOBER)
    seen = await store.billing_counter()
    pack = await buy(store, 10_000, "2026-10-01T00:00")
    assert await store.issue_bill(made.bill, (), seen, books.at, books.at, "li", 5.0, None) is None
    bill, _ = await issue(store, books, COMPANY, OCTOBER, "li", 5.0, None)
    assert bill.bill.pack_use == {pack: 2}


async def test_a_month_that_is_not_over_is_not_issued(store: Store) -> None:
    with pytest.raises(BillingError) as refused:
        await issued(store, OCTOBER, "2026-10-31T23:59:59")
    assert refused.value.code == "month-not-over"
    assert (await issued(store, OCTOBER, "2026-11-01T00:00"))[1]


async def test_packs_go_on_from_month_to_month_and_months_are_issued_in_order(store: Store) -> None:
    pack = await buy(store, 10_000, "2026-10-01T00:00")
    await save(store, call("c1", "2026-10-05T10:00", 60 * 9_999), call("c2", "2026-11-05T10:00", 60 * 3))
    with pytest.raises(BillingError) as refused:
        await issued(store, NOVEMBER, "2026-12-02T10:00")
    assert refused.value.code == "earlier-month-open"
    december = await books_of(store, "2026-12-02T10:00")
    assert (await draft(store, december, COMPANY, NOVEMBER)).bill.pack_use == {pack: 1}
    first, _ = await issued(store, OCTOBER, "2026-11-02T10:00")
    second, _ = await issued(store, NOVEMBER, "2026-12-02T10:00")
    assert (first.bill.pack_use, second.bill.pack_use) == ({pack: 9_999}, {pack: 1})
    inbound = [(line.code, line.quantity) for line in second.bill.lines if line.number == NUMBER][:2]
    assert inbound == [("inbound", 2), ("inbound_pack", 1)]
    assert [(row.id, left) for row, left in await packs_left(store, december, COMPANY)] == [(pack, 0)]


async def test_nothing_is_changed_in_a_month_that_was_billed(store: Store) -> None:
    await issued(store, OCTOBER, "2026-11-02T10:00")
    for refused in (
        buy(store, 10_000, "2026-10-31T10:00"),
        store.choose_mode(COMPANY, None, OCTOBER, "seats", 3, "li", 1.0, None),
    ):
        with pytest.raises(BillingError) as error:
            await refused
        assert error.value.code == "month-issued"
    await store.choose_mode(COMPANY, None, NOVEMBER, "seats", 3, "li", 1.0, "new")
    await store.choose_mode(COMPANY, None, NOVEMBER, "seats", 4, "li", 1.0, "four")
    assert [(row.month, row.mode, row.seats) for row in await store.tariff_modes(COMPANY)] == [(NOVEMBER, "seats", 4)]


async def test_calls_that_come_late_are_a_correction_on_the_next_bill(store: Store) -> None:
    pack = await buy(store, 10_000, "2026-10-30T00:00")
    await save(store, call("c1", "2026-10-05T10:00", 60 * 3_000))
    bill, _ = await issued(store, OCTOBER, "2026-11-02T10:00")
    december = await books_of(store, "2026-12-02T10:00")
    assert await correct(store, december, bill.number, None, "li", 6.0, "recount") is None
    await save(store, call("late", "2026-10-06T10:00", 60 * 10), call("covered", "2026-10-31T10:00", 60 * 5))
    made = await correct(store, december, bill.number, None, "li", 6.0, "calls of a router that was away")
    assert made is not None
    assert made.amount == Decimal("2.00")
    assert made.content == {"month": "2026-10", "kind": "recount", "minutes": 15}
    assert await store.pack_use_of(bill.number) == {pack: 5}
    assert await correct(store, december, bill.number, None, "li", 6.0, "again") is None
    await correct(store, december, bill.number, Decimal("-50"), "li", 6.0, "goodwill")
    assert await correct(store, december, bill.number, None, "li", 6.0, "again") is None
    second, _ = await issued(store, NOVEMBER, "2026-12-02T10:00")
    lines = [(line.due, line.facts["bill"]) for line in second.bill.lines if line.code == "correction"]
    assert lines == [(Decimal("2.00"), bill.number), (Decimal("-50.00"), bill.number)]
    assert second.bill.due == Decimal("702.00")
    assert [one.taken for one in await store.corrections(COMPANY)] == [second.number] * 2
    assert (await store.issued_bill(bill.number)).bill == bill.bill  # type: ignore[union-attr]


async def test_a_payment_settles_and_more_than_is_owed_is_refused(store: Store) -> None:
    bill, _ = await issued(store, OCTOBER, "2026-11-02T10:00")
    at = moment("2026-11-10T10:00")
    paid, entered = await store.pay_bill(bill.number, Decimal("100.50"), at, "li", 7.0, "part")
    assert (entered, paid.outstanding, paid.state_at(at)) == (Decimal("100.50"), Decimal("649.50"), "open")
    assert paid.state_at(bill.due_by) == "overdue"
    with pytest.raises(BillingError) as refused:
        await store.pay_bill(bill.number, Decimal("649.51"), at, "li", 7.0, None)
    assert refused.value.code == "pays-too-much"
    paid, entered = await store.pay_bill(bill.number, None, at, "li", 7.0, None)
    assert (entered, paid.outstanding, paid.state_at(bill.due_by)) == (Decimal("649.50"), Decimal("0.00"), "settled")
    assert (await store.pay_bill(bill.number, None, at, "li", 7.0, None))[1] == 0
    with pytest.raises(BillingError) as refused:
        await store.pay_bill("B209901-0001", None, at, "li", 7.0, None)
    assert refused.value.code == "no-bill"


async def state(store: Store, number: str, at: str) -> str:
    life = await store.life(number, moment(at))
    return life.state if life else "bound"


async def test_arrears_suspend_after_the_due_date_and_payment_resumes(store: Store) -> None:
    bill, _ = await issued(store, OCTOBER, "2026-11-02T10:00")
    before = await books_of(store, "2026-11-17T23:59:59")
    assert await settle_arrears(store, before, 8.0) == []
    due = await books_of(store, "2026-11-18T00:00")
    done = await settle_arrears(store, due, 8.0)
    assert {(one.number, one.event, one.bill) for one in done} == {
        (NUMBER, "suspend", bill.number),
        (OTHER, "suspend", bill.number),
    }
    assert await settle_arrears(store, due, 8.0) == []
    assert await state(store, NUMBER, "2026-11-18T01:00") == "suspended"
    later = await books_of(store, "2026-11-20T10:00")
    await store.pay_bill(bill.number, None, later.at, "li", 9.0, None)
    assert {(one.number, one.event) for one in await settle_arrears(store, later, 9.0)} == {
        (NUMBER, "resume"),
        (OTHER, "resume"),
    }
    assert await state(store, OTHER, "2026-11-20T11:00") == "bound"
    said = [(row.action, row.reason) for row in await store.audit_entries(subject=NUMBER)]
    assert said == [
        ("life_resume", f"结清 / settled {bill.number}"),
        ("life_suspend", f"欠费 / arrears {bill.number}"),
    ]
    november = (
        await draft(store, await books_of(store, "2026-12-01T10:00", suspended_days="days"), COMPANY, NOVEMBER)
    ).bill
    minimum = next(line for line in november.lines if line.code == "minimum" and line.number == NUMBER)
    assert (minimum.facts["suspended"], minimum.due) == (2, Decimal("350.00"))


async def test_what_was_suspended_for_another_reason_stays_so(store: Store) -> None:
    bill, _ = await issued(store, OCTOBER, "2026-11-02T10:00")
    seed = seeded_life(configuration().numbers[0], configuration().routes[NUMBER])
    await store.happen(NUMBER, "suspend", Request(reason="投诉"), moment("2026-11-05T10:00"), "li", 1.0, seed=seed)
    due = await books_of(store, "2026-11-20T00:00")
    assert [one.number for one in await settle_arrears(store, due, 8.0)] == [OTHER]
    await store.pay_bill(bill.number, None, due.at, "li", 9.0, None)
    assert [one.number for one in await settle_arrears(store, due, 9.0)] == [OTHER]
    assert await state(store, NUMBER, "2026-11-21T00:00") == "suspended"


async def test_a_running_router_looks_after_arrears(store: Store) -> None:
    bill, _ = await issued(store, OCTOBER, "2026-11-02T10:00")
    clock = Clock()
    keeper = ArrearsKeeper(store, configuration, clock)
    moved = []
    for at in ("2026-11-17T23:59", "2026-11-18T00:00", "2026-11-18T00:10"):
        clock.hold(moment(at))
        moved.append([(one.number, one.event) for one in await keeper.settle()])
    assert moved == [[], [(NUMBER, "suspend"), (OTHER, "suspend")], []]
    await store.pay_bill(bill.number, None, clock.now(), "li", 9.0, None)
    assert [one.event for one in await keeper.settle()] == ["resume", "resume"]
    assert await keeper.settle() == []


async def test_grace_days_wait_and_never_is_never(store: Store) -> None:
    await issued(store, OCTOBER, "2026-11-02T10:00")
    assert await settle_arrears(store, await books_of(store, "2026-11-24T23:59", grace_days=7), 8.0) == []
    assert await settle_arrears(store, await books_of(store, "2027-02-01T00:00", grace_days=None), 8.0) == []
    assert len(await settle_arrears(store, await books_of(store, "2026-11-25T00:00", grace_days=7), 8.0)) == 2


async def test_bills_and_packs_come_back_from_a_backup(
    store: Store, open_store: Opener, another_url: str, tmp_path
) -> None:
    pack = await buy(store, 10_000, "2026-10-01T00:00")
    await save(store, call("c1", "2026-10-05T10:00", 90))
    bill, _ = await issued(store, OCTOBER, "2026-11-02T10:00")
    await store.pay_bill(bill.number, Decimal("1.00"), 1.0, "li", 1.0, None)
    await store.backup(tmp_path / "saved.zip", 1.0)
    other = await open_store(another_url)
    await other.restore(tmp_path / "saved.zip", 2.0, "li")
    assert await other.issued_bill(bill.number) == replace(bill, paid=Decimal("1.00"))
    assert (await issued(other, OCTOBER, "2026-11-02T10:00"))[1] is False
    assert (await issued(other, NOVEMBER, "2026-12-02T10:00"))[0].number == "B202611-0001"
    assert await buy(other, 10_000, "2026-12-01T00:00") == pack + 1


async def test_the_audit_names_who_when_and_why(store: Store) -> None:
    await buy(store, 10_000, "2026-10-01T00:00")
    await store.choose_mode(COMPANY, "hotline", NOVEMBER, "seats", 20, "wang", 3.0, "more agents")
    async with store._database.read() as connection:
        rows = (await connection.execute(select(audit.c.actor, audit.c.action, audit.c.subject, audit.c.reason))).all()
    assert [tuple(row) for row in rows] == [
        ("li", "bill_packs", COMPANY, None),
        ("wang", "bill_mode", COMPANY, "more agents"),
    ]


async def test_who_has_anything_on_a_bill(store: Store) -> None:
    books = await books_of(store, "2026-12-02T10:00")
    assert await accounts_to_bill(store, books, Month(2026, 8)) == []
    assert await accounts_to_bill(store, books, OCTOBER) == [COMPANY]
    await store.choose_mode(COMPANY, None, Month(2026, 7), "seats", 3, "li", 1.0, None)
    await store.choose_mode(COMPANY, None, Month(2026, 8), "usage", 0, "li", 1.0, None)
    assert await accounts_to_bill(store, books, Month(2026, 7)) == [COMPANY]
    assert await accounts_to_bill(store, books, Month(2026, 8)) == []
