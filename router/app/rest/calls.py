"""``/calls``: recorded calls. Who may not see callers gets them masked."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from ivr_flows.findings import Text
from router.api.fields import Input, Line, Listed, ListQuery, Moment, OneQuery
from router.api.operation import Call, Operation, Page
from router.api.refusal import not_found
from router.asterisk.status import masked
from router.record import CallRecord

from ..records import call_filter
from ..served import Served

WHAT = Text("a call", "通话")
SEES_CALLERS = "callers.read"


class CallModel(Listed):
    """A call record, as ``line400 cdr --json`` prints it."""

    call_id: str
    test: bool
    caller: str | None
    caller_kind: str
    called: str | None
    line: str | None
    flow: str | None
    revision: str | None
    rule: str | None
    path: list[str]
    outcome: str | None
    started: str
    answered: str | None
    ended: str | None
    duration_s: float
    billable_minutes: int


class CallPath(Input):
    """A call's id."""

    call_id: Annotated[Line, Field(min_length=1)]


class CallsQuery(ListQuery):
    """Which calls; everything given must hold."""

    called: Annotated[Line | None, Field(description="Calls to this 400 number.")] = None
    caller: Annotated[Line | None, Field(description="Calls from this caller; needs the right to see callers.")] = None
    outcome: Line | None = None
    line: Line | None = None
    flow: Line | None = None
    since: Annotated[Moment | None, Field(description="Begun at this time or later.")] = None
    until: Annotated[Moment | None, Field(description="Begun before this time.")] = None
    test: Annotated[bool | None, Field(description="Only test calls, or only real ones.")] = None
    sort: Literal["-started", "started"] = "-started"


async def list_calls(call: Call[None, CallsQuery, None], served: Served) -> Page:
    """The calls that the query asks for."""
    query = call.query
    if query.caller is not None:
        call.need(SEES_CALLERS)
    wanted = call_filter(
        served.zone,
        called=query.called,
        caller=query.caller,
        outcome=query.outcome,
        line=query.line,
        flow=query.flow,
        since=query.since,
        until=query.until,
        test=query.test,
        limit=query.limit + 1,
        oldest_first=query.sort == "started",
        after=None if call.after is None else (float(call.after[0]), str(call.after[1])),
    )
    records = await served.store.query_calls(wanted)
    more = len(records) > query.limit
    shown = records[: query.limit]
    after = (shown[-1].started, shown[-1].call_id) if more else None
    return Page([call_json(record, served, call) for record in shown], after)


async def get_call(call: Call[CallPath, OneQuery, None], served: Served) -> dict[str, Any]:
    """One call."""
    record = await served.store.get_call(call.path.call_id)
    if record is None:
        raise not_found(WHAT, call.path.call_id)
    return call_json(record, served, call)


def call_json(record: CallRecord, served: Served, call: Call[Any, Any, Any]) -> dict[str, Any]:
    """A record as the client may see it."""
    document: dict[str, Any] = record.as_json(served.zone, call.language)
    if not call.who.may(SEES_CALLERS):
        document["caller"] = masked(record.caller)
        document["pressed"] = "•" if record.pressed else ""  # what was keyed in may be a telephone or card number
        document["left"] = [{**left, "callback": masked(left.get("callback"))} for left in document["left"]]
    return document


OPERATIONS = (
    Operation(
        "list_calls",
        "GET",
        "/calls",
        "calls",
        Text("Recorded calls", "呼叫记录"),
        "calls.read",
        list_calls,
        query=CallsQuery,
        answer=CallModel,
        paged=True,
    ),
    Operation(
        "get_call",
        "GET",
        "/calls/{call_id}",
        "calls",
        Text("One recorded call", "一条呼叫记录"),
        "calls.read",
        get_call,
        path_model=CallPath,
        query=OneQuery,
        answer=CallModel,
    ),
)
