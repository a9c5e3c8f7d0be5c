"""``/inbox``: what callers left behind: listed, heard, assigned, done with, deleted. Every access is audited."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from aiohttp import web
from pydantic import Field

from ivr_flows.findings import Text
from router.api.fields import Input, Line, Listed, ListQuery, Moment, Name, OneQuery
from router.api.operation import Call, Operation, Page
from router.api.refusal import Refused, not_found
from router.asterisk.status import masked
from router.left import LeftKind, LeftState
from router.number400 import Number400
from router.spool import Spool, delete_entry
from router.store import InboxEntry, InboxFilter

from ..inbox_view import as_json
from ..moments import parse_time
from ..served import Served

WHAT = Text("an entry", "条目")
SEES_CALLERS = "callers.read"


class EntryModel(Listed):
    """Something that a caller left, as ``line400 inbox --json`` prints it."""

    id: int
    kind: LeftKind
    state: LeftState
    assignee: str | None
    number: str | None
    caller: str | None
    created: str
    box: str | None
    seconds: float | None
    callback: str | None
    queue: str | None
    score: int | None
    scale: str | None
    call_id: str
    node: str
    file: str | None
    test: bool
    expires: str | None


class EntryPath(Input):
    """An entry's number."""

    id: Annotated[int, Field(ge=1, le=2**62)]


class InboxQuery(ListQuery):
    """Which entries; everything given must hold."""

    kind: LeftKind | None = None
    number: Annotated[Line | None, Field(description="Left at this 400 number.")] = None
    state: LeftState | None = None
    assignee: Line | None = None
    since: Annotated[Moment | None, Field(description="Left at this time or later.")] = None
    test: Annotated[bool | None, Field(description="Only of test calls, or only of real ones.")] = None


class AssignBody(Input):
    """To whom it is given."""

    to: Annotated[Name, Field(examples=["li"])]
    reason: Line | None = None


class DoneBody(Input):
    """Why, where that is to be kept."""

    reason: Line | None = None


class WhyQuery(Input):
    """Why it is deleted."""

    reason: Line | None = None


async def list_inbox(call: Call[None, InboxQuery, None], served: Served) -> Page:
    """The entries that the query asks for, newest first."""
    query = call.query
    wanted = InboxFilter(
        kind=query.kind,
        number=None if query.number is None else Number400.parse(query.number).digits,
        state=query.state,
        assignee=query.assignee,
        since=None if query.since is None else parse_time(query.since, served.zone),
        test=query.test,
        limit=query.limit + 1,
        after=None if call.after is None else (float(call.after[0]), int(call.after[1])),
    )
    entries = await served.store.inbox(wanted, call.who.name, call.now)
    shown = entries[: query.limit]
    after = (shown[-1].created, shown[-1].id) if len(entries) > query.limit else None
    return Page([entry_json(entry, served, call) for entry in shown], after)


async def get_entry(call: Call[EntryPath, OneQuery, None], served: Served) -> dict[str, Any]:
    """One entry."""
    entry = await served.store.open_left(call.path.id, call.who.name, call.now, "inbox_open")
    return entry_json(entry, served, call)


async def hear(call: Call[EntryPath, None, None], served: Served) -> web.StreamResponse:
    """The audio of a voicemail or a recording."""
    call.need(SEES_CALLERS)
    entry = await served.store.open_left(call.path.id, call.who.name, call.now, "inbox_play")
    path = None
    if entry.file:
        path = await asyncio.to_thread(Spool(served.settings.recordings).find, entry.file)
    if path is None:
        raise not_found(Text("audio of entry", "录音，条目"), str(entry.id))
    kind = "audio/wav" if path.suffix.lower() == ".wav" else "application/octet-stream"
    return web.FileResponse(path, headers={"Content-Type": kind, "Content-Disposition": "attachment"})


async def assign(call: Call[EntryPath, None, AssignBody], served: Served) -> dict[str, Any]:
    """Give it to somebody."""
    wanted = call.body
    entry = await served.store.assign_left(call.path.id, wanted.to, call.who.name, call.now, wanted.reason)
    return entry_json(entry, served, call)


async def finish(call: Call[EntryPath, None, DoneBody], served: Served) -> dict[str, Any]:
    """Be done with it."""
    entry = await served.store.finish_left(call.path.id, call.who.name, call.now, call.body.reason)
    return entry_json(entry, served, call)


async def delete(call: Call[EntryPath, WhyQuery, None], served: Served) -> None:
    """Delete it with its audio."""
    entry = await served.store.open_left(call.path.id, call.who.name, call.now, "inbox_open")
    spool = Spool(served.settings.recordings)
    try:
        await delete_entry(served.store, spool, entry, call.who.name, call.now, call.query.reason)
    except OSError:
        raise Refused(
            503,
            "file-stuck",
            Text(
                f"The audio of entry {entry.id} could not be deleted; the entry stays.",
                f"条目 {entry.id} 的录音无法删除，条目保留。",
            ),
            Text(
                "Give line400 the right to delete in the folders of `recordings`.",
                "请授予 `recordings` 目录的删除权限。",
            ),
        ) from None


def entry_json(entry: InboxEntry, served: Served, call: Call[Any, Any, Any]) -> dict[str, Any]:
    """An entry as the client may see it."""
    document = as_json(entry, served.zone)
    if not call.who.may(SEES_CALLERS):
        document["caller"], document["callback"] = masked(entry.caller), masked(entry.callback)
    return document


OPERATIONS = (
    Operation(
        "list_inbox",
        "GET",
        "/inbox",
        "inbox",
        Text("What callers left behind", "来电者留下的内容"),
        "inbox.read",
        list_inbox,
        query=InboxQuery,
        answer=EntryModel,
        paged=True,
    ),
    Operation(
        "get_inbox_entry",
        "GET",
        "/inbox/{id}",
        "inbox",
        Text("One entry", "一个条目"),
        "inbox.read",
        get_entry,
        path_model=EntryPath,
        query=OneQuery,
        answer=EntryModel,
    ),
    Operation(
        "get_inbox_audio",
        "GET",
        "/inbox/{id}/audio",
        "inbox",
        Text("Hear a voicemail or a recording", "收听留言或录音"),
        "inbox.read",
        hear,
        path_model=EntryPath,
        media="audio/wav",
    ),
    Operation(
        "assign_inbox_entry",
        "POST",
        "/inbox/{id}/assign",
        "inbox",
        Text("Give an entry to somebody", "分派条目"),
        "inbox.work",
        assign,
        path_model=EntryPath,
        body=AssignBody,
        answer=EntryModel,
        repeatable=True,
        body_example={"to": "li"},
    ),
    Operation(
        "finish_inbox_entry",
        "POST",
        "/inbox/{id}/done",
        "inbox",
        Text("Be done with an entry", "办结条目"),
        "inbox.work",
        finish,
        path_model=EntryPath,
        body=DoneBody,
        answer=EntryModel,
        repeatable=True,
        body_example={},
    ),
    Operation(
        "delete_inbox_entry",
        "DELETE",
        "/inbox/{id}",
        "inbox",
        Text("Delete an entry with its audio", "删除条目及其录音"),
        "inbox.work",
        delete,
        path_model=EntryPath,
        query=WhyQuery,
        status=204,
    ),
)
