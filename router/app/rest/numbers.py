"""``/numbers``: the 400 numbers of the running revision; ``/resolve``: where a call would go, and why."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any, Literal

from pydantic import Field

from ivr_flows.findings import Text
from router.api.fields import Input, Line, Listed, ListQuery, Moment, OneQuery, Output
from router.api.operation import Call, Operation, Page
from router.api.refusal import not_found
from router.model import NumberFacts
from router.number400 import Number400
from router.resolution import Inbound

from ..moments import parse_time
from ..resolving import explained
from ..served import Served

SCANNED: int = 2000
"""Numbers that are looked through before other requests and calls get their turn."""

WHAT = Text("a number", "号码")
Number = Annotated[Line, Field(min_length=1, max_length=80, examples=["4008001234"])]


class FaultModel(Output):
    """Why a call is not connected, and whose fault it is."""

    code: str
    by: str
    message: str


class NumberModel(Output):
    """A 400 number. ``fault`` says why a call to it would not be connected now; ``rules`` is how many rules stand
    before its default route."""

    number: str
    company: str
    carrier: str | None
    tier: str
    instance: str | None
    purchased: str | None
    expires: str | None
    auto_renew: bool
    state: str
    line: str | None
    flow: str | None
    rules: int
    fault: FaultModel | None
    revision: str


class ResolutionModel(Listed):
    """What ``line400 resolve --json`` prints."""

    number: str | None
    line: str | None
    base_number: str | None
    flow: str | None
    rule: str | None
    reject: str | None
    called_by: str | None
    fault: FaultModel | None
    trace: list[dict[str, Any]]


class NumberPath(Input):
    """A 400 number in any spelling."""

    number: Number


class NumbersQuery(ListQuery):
    """Which numbers; everything given must hold."""

    company: Annotated[Line | None, Field(description="Exactly this company.")] = None
    instance: Line | None = None
    line: Line | None = None
    flow: Line | None = None
    state: Annotated[Line | None, Field(description="A life state, such as bound.")] = None
    prefix: Annotated[str | None, Field(pattern=r"^[0-9]{1,10}$", description="First digits.")] = None
    sort: Literal["number", "-number"] = "number"


class ResolveQuery(OneQuery):
    """A call that is thought of."""

    number: Annotated[Number, Field(description="A 400 number or a base number, in any spelling.")]
    caller: Annotated[Line | None, Field(alias="from", description="The caller; hidden without it.")] = None
    at: Moment | None = None
    trunk: Line | None = None
    original_called: Annotated[Line | None, Field(description="The 400 number in the header of the call.")] = None


async def list_numbers(call: Call[None, NumbersQuery, None], served: Served) -> Page:
    """The numbers that the query asks for, in their order."""
    query, facts = call.query, served.directory.facts
    descending = query.sort == "-number"
    low, high = 0, len(facts)
    if query.prefix is not None:
        low, high = served.directory.position(query.prefix), served.directory.position(query.prefix + ":")
    if call.after is not None:
        at = served.directory.position(str(call.after[0]))
        low, high = (low, min(high, at)) if descending else (max(low, _behind(facts, at, call.after[0])), high)
    found: list[dict[str, Any]] = []
    for looked, index in enumerate(range(high - 1, low - 1, -1) if descending else range(low, high)):
        if looked % SCANNED == SCANNED - 1:
            await asyncio.sleep(0)
        if _asked(query, facts[index], served):
            if len(found) == query.limit:
                return Page(found, (found[-1]["number"],))
            found.append(_number(facts[index], served, call))
    return Page(found)


async def get_number(call: Call[NumberPath, OneQuery, None], served: Served) -> dict[str, Any]:
    """One number."""
    number = Number400.parse(call.path.number).digits
    facts = served.directory.find(number)
    if facts is None:
        raise not_found(WHAT, call.path.number)
    return _number(facts, served, call)


async def resolve(call: Call[None, ResolveQuery, None], served: Served) -> dict[str, Any]:
    """Where a call would go. A number that is not configured is an answer too: its fault says so."""
    query = call.query
    at = call.now if query.at is None else parse_time(query.at, served.zone)
    inbound = Inbound(query.number, query.caller, at, trunk=query.trunk, original_called=query.original_called)
    return explained(served.book, served.overlay, inbound).as_json(call.language)


def _behind(facts: Any, at: int, number: Any) -> int:
    return at + 1 if at < len(facts) and facts[at].number == number else at


def _asked(query: NumbersQuery, facts: NumberFacts, served: Served) -> bool:
    if query.company is not None and facts.company != query.company:
        return False
    if query.instance is not None and facts.instance != query.instance:
        return False
    if query.state is not None and served.book.state_of(facts.number, served.overlay) != query.state:
        return False
    if query.line is None and query.flow is None:
        return True
    line, flow, _ = served.book.binding_of(facts.number)
    return query.line in (None, line) and query.flow in (None, flow)


def _number(facts: NumberFacts, served: Served, call: Call[Any, Any, Any]) -> dict[str, Any]:
    book, number = served.book, facts.number
    line, flow, rules = book.binding_of(number)
    fault = book.connectable(number, call.now, served.overlay)
    return {
        "number": number,
        "company": facts.company,
        "carrier": facts.carrier,
        "tier": facts.tier,
        "instance": facts.instance,
        "purchased": facts.purchased.isoformat() if facts.purchased else None,
        "expires": facts.expires.isoformat() if facts.expires else None,
        "auto_renew": facts.auto_renew,
        "state": book.state_of(number, served.overlay),
        "line": line,
        "flow": flow,
        "rules": rules,
        "fault": fault.as_json(call.language) if fault else None,
        "revision": book.revision,
    }


NUMBER_EXAMPLE = {
    "number": "4008001234",
    "company": "示例科技",
    "carrier": "telecom",
    "tier": "普通",
    "instance": "support-center",
    "purchased": "2026-09-01",
    "expires": None,
    "auto_renew": True,
    "state": "bound",
    "line": "bj-unicom",
    "flow": "welcome",
    "rules": 4,
    "fault": None,
    "revision": "r1",
}

OPERATIONS = (
    Operation(
        "list_numbers",
        "GET",
        "/numbers",
        "numbers",
        Text("The numbers of the running revision", "当前版本的号码"),
        "numbers.read",
        list_numbers,
        query=NumbersQuery,
        answer=NumberModel,
        paged=True,
        answer_example=NUMBER_EXAMPLE,
    ),
    Operation(
        "get_number",
        "GET",
        "/numbers/{number}",
        "numbers",
        Text("One number", "一个号码"),
        "numbers.read",
        get_number,
        path_model=NumberPath,
        query=OneQuery,
        answer=NumberModel,
        answer_example=NUMBER_EXAMPLE,
    ),
    Operation(
        "resolve",
        "GET",
        "/resolve",
        "numbers",
        Text("Where a call would go, and why", "一通来电会去哪里，为什么"),
        "numbers.read",
        resolve,
        query=ResolveQuery,
        answer=ResolutionModel,
    ),
)
