"""``/operations``: long work that was begun, how far it is, how it ended. Everybody sees their own, ``admin`` all."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from aiohttp import web
from pydantic import Field

from ivr_flows.findings import Text
from router.api.application import API
from router.api.fields import Input, ListQuery, Output
from router.api.long_work import OPERATION, LongWork
from router.api.operation import Call, Operation, Page
from router.api.refusal import not_found
from router.store.asked import OperationRow

from ..served import Served

SEES_ALL = "access.manage"


class OperationModel(Output):
    """Long work. ``done`` of ``total`` is how far it is; ``error`` a problem document."""

    id: str
    kind: str
    state: Literal["running", "done", "failed", "cancelled"]
    owner: str
    done: float | None
    total: float | None
    said: str | None
    result: Any
    error: Any
    created: str
    updated: str


class OperationPath(Input):
    """An operation's id."""

    id: Annotated[str, Field(pattern=r"^o_[0-9a-f]{16}$", examples=["o_0123456789abcdef"])]


def _work(call: Call[Any, Any, Any]) -> LongWork:
    return call.request.app[API].long_work


async def _own(call: Call[OperationPath, Any, Any]) -> OperationRow:
    row = await _work(call).find(call.path.id)
    if row.owner != call.who.name and not call.who.may(SEES_ALL):
        raise not_found(OPERATION, call.path.id)
    return row


async def list_operations(call: Call[None, ListQuery, None], served: Served) -> Page:
    """The client's own operations, the newest first."""
    owner = None if call.who.may(SEES_ALL) else call.who.name
    after = None if call.after is None else (float(call.after[0]), str(call.after[1]))
    rows = await served.store.operations(owner=owner, after=after, limit=call.query.limit + 1)
    shown = rows[: call.query.limit]
    key = (shown[-1].created, shown[-1].id) if len(rows) > call.query.limit else None
    return Page([_work(call).document(row, call.language) for row in shown], key)


async def get_operation(call: Call[OperationPath, None, None], served: Served) -> Any:
    """One operation; events of its progress where ``Accept`` asks for them."""
    row = await _own(call)
    if "text/event-stream" in call.request.headers.get("Accept", ""):
        return await _work(call).stream(call, row.id)
    return _work(call).document(row, call.language)


async def follow_operation(call: Call[OperationPath, None, None], served: Served) -> web.StreamResponse:
    """Server-sent events until it has ended."""
    return await _work(call).stream(call, (await _own(call)).id)


async def cancel_operation(call: Call[OperationPath, None, None], served: Served) -> dict[str, Any]:
    """Cancel it; what has ended stays as it is."""
    row = await _work(call).cancel((await _own(call)).id)
    return _work(call).document(row, call.language)


OPERATIONS = (
    Operation(
        "list_operations",
        "GET",
        "/operations",
        "operations",
        Text("Long work that was begun", "已发起的长时操作"),
        "self.read",
        list_operations,
        query=ListQuery,
        answer=OperationModel,
        paged=True,
    ),
    Operation(
        "get_operation",
        "GET",
        "/operations/{id}",
        "operations",
        Text("How far an operation is", "操作进度"),
        "self.read",
        get_operation,
        path_model=OperationPath,
        answer=OperationModel,
    ),
    Operation(
        "follow_operation",
        "GET",
        "/operations/{id}/events",
        "operations",
        Text("Follow an operation: server-sent events until it has ended", "跟踪操作：服务器推送事件直至结束"),
        "self.read",
        follow_operation,
        path_model=OperationPath,
        media="text/event-stream",
    ),
    Operation(
        "cancel_operation",
        "DELETE",
        "/operations/{id}",
        "operations",
        Text("Cancel an operation", "取消操作"),
        "self.read",
        cancel_operation,
        path_model=OperationPath,
        answer=OperationModel,
        errors=(409,),
    ),
)
