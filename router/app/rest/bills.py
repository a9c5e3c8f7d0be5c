"""``/bills``: what is billed, issued and paid, as ``line400 bill`` does it."""

from __future__ import annotations

from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import Field

from ivr_flows.findings import Text
from router.accounting.arrears import settle_arrears
from router.accounting.books import Books, read_books
from router.accounting.drafting import draft
from router.accounting.issuing import issue
from router.accounting.showing import Shown, bill_json, listed_json, settled_json
from router.api.fields import Input, Line, Listed, ListQuery, Moment, OneQuery
from router.api.operation import Answer, Call, Operation, Page
from router.api.refusal import not_found
from router.billing.months import Month

from ..billing.till import amount_of
from ..life.at_desk import refusals
from ..moments import parse_time
from ..served import Served

WHAT = Text("a bill", "账单")
MonthText = Annotated[str, Field(pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])$", examples=["2026-10"])]


class BillModel(Listed):
    """A bill, as ``line400 bill show --json`` prints it; amounts are texts in yuan, to the fen."""


class BillsQuery(ListQuery):
    """Which bills."""

    company: Line | None = None
    month: MonthText | None = None
    unpaid: bool = False
    at: Moment | None = None


class DraftQuery(OneQuery):
    """Whose bill of which month is drafted."""

    company: Line | None = None
    month: MonthText
    at: Moment | None = None


class BillPath(Input):
    """A bill's number."""

    number: Annotated[str, Field(pattern=r"^B[0-9]{6}-[0-9]{4,}$", max_length=20, examples=["B202610-0001"])]


class IssueBody(Input):
    """Whose bill of which month is issued."""

    company: Line | None = None
    month: MonthText
    at: Moment | None = None
    reason: Line | None = None


class PayBody(Input):
    """How much is paid; all that is outstanding without ``amount``."""

    amount: Annotated[str | None, Field(pattern=r"^[0-9]{1,9}(\.[0-9]{1,2})?$", examples=["375.00"])] = None
    at: Moment | None = None
    reason: Line | None = None


async def list_bills(call: Call[None, BillsQuery, None], served: Served) -> Page:
    """The issued bills, by number."""
    query = call.query
    at = _moment(call, served, query.at)
    with refusals():
        books = await _books(served, at)
        account = books.account(query.company) if query.company else None
        month = Month.parse(query.month) if query.month else None
        bills = sorted(await served.store.issued_bills(account, month), key=lambda bill: bill.number)
    behind = "" if call.after is None else str(call.after[0])
    rest = [bill for bill in bills if bill.number > behind and (bill.outstanding or not query.unpaid)]
    shown = rest[: query.limit]
    after = (shown[-1].number,) if len(rest) > len(shown) else None
    return Page([listed_json(bill, at, _zone(served)) for bill in shown], after)


async def get_bill(call: Call[BillPath, OneQuery, None], served: Served) -> dict[str, Any]:
    """One issued bill, whole."""
    known = next((bill for bill in await served.store.issued_bills() if bill.number == call.path.number), None)
    if known is None:
        raise not_found(WHAT, call.path.number)
    return bill_json(Shown(known.bill, known, call.now, _zone(served)), call.language)


async def draft_bill(call: Call[None, DraftQuery, None], served: Served) -> dict[str, Any]:
    """What the bill of a month would be now; the issued one where it is there."""
    query = call.query
    at = _moment(call, served, query.at)
    with refusals():
        books = await _books(served, at)
        account, month = books.account(query.company), Month.parse(query.month)
        issued = await served.store.issued_bills(account, month)
        bill = issued[0].bill if issued else (await draft(served.store, books, account, month)).bill
    return bill_json(Shown(bill, issued[0] if issued else None, at, books.zone), call.language)


async def issue_bill(call: Call[None, None, IssueBody], served: Served) -> Answer:
    """Issue the bill of a month; one that was issued stays as it is."""
    wanted = call.body
    at = _moment(call, served, wanted.at)
    with refusals():
        books = await _books(served, at)
        account, month = books.account(wanted.company), Month.parse(wanted.month)
        made, new = await issue(served.store, books, account, month, call.who.name, at, wanted.reason)
    document = {"new": new, **bill_json(Shown(made.bill, made, at, _zone(served)), call.language)}
    return Answer(document, location=f"/bills/{made.number}")


async def pay_bill(call: Call[BillPath, None, PayBody], served: Served) -> dict[str, Any]:
    """Enter a payment; numbers that were suspended for it come back when nothing is overdue any more."""
    wanted = call.body
    at = _moment(call, served, wanted.at)
    amount = None if wanted.amount is None else amount_of(wanted.amount)
    with refusals():
        bill, paid = await served.store.pay_bill(call.path.number, amount, at, call.who.name, call.now, wanted.reason)
        books = await _books(served, at)
        moved = await settle_arrears(served.store, books, at, call.who.name, books.same(bill.bill.account))
    return {
        **listed_json(bill, at, _zone(served)),
        "entered": str(paid),
        "moved": [settled_json(one) for one in moved],
    }


async def _books(served: Served, at: float) -> Books:
    return await read_books(served.store, served.configuration, at)


def _zone(served: Served) -> ZoneInfo:
    return ZoneInfo(served.configuration.settings.billing.timezone)


def _moment(call: Call[Any, Any, Any], served: Served, at: str | None) -> float:
    return call.now if at is None else parse_time(at, served.zone)


OPERATIONS = (
    Operation(
        "list_bills",
        "GET",
        "/bills",
        "bills",
        Text("Issued bills", "已出账单"),
        "life.read",
        list_bills,
        query=BillsQuery,
        answer=BillModel,
        paged=True,
    ),
    Operation(
        "draft_bill",
        "GET",
        "/bills/draft",
        "bills",
        Text("What the bill of a month would be", "某月账单预览"),
        "life.read",
        draft_bill,
        query=DraftQuery,
        answer=BillModel,
        errors=(409,),
    ),
    Operation(
        "get_bill",
        "GET",
        "/bills/{number}",
        "bills",
        Text("One bill", "一张账单"),
        "life.read",
        get_bill,
        path_model=BillPath,
        query=OneQuery,
        answer=BillModel,
    ),
    Operation(
        "issue_bill",
        "POST",
        "/bills",
        "bills",
        Text("Issue the bill of a month", "出账"),
        "life.work",
        issue_bill,
        body=IssueBody,
        answer=BillModel,
        creates=True,
        errors=(409,),
        body_example={"company": "示例科技", "month": "2026-10"},
    ),
    Operation(
        "pay_bill",
        "POST",
        "/bills/{number}/payments",
        "bills",
        Text("Enter a payment", "登记付款"),
        "life.work",
        pay_bill,
        path_model=BillPath,
        body=PayBody,
        answer=BillModel,
        repeatable=True,
        errors=(409,),
        body_example={"amount": "375.00"},
    ),
)
