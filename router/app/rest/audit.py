"""``/audit``: who did what, to what, when and why."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from ivr_flows.findings import Text
from router.api.fields import Line, ListQuery, Moment, Output
from router.api.operation import Call, Operation, Page

from ..moments import iso_time, parse_time
from ..served import Served


class AuditModel(Output):
    """One change, or something that was refused. ``before`` and ``after`` are what was, and what is since then."""

    id: int
    at: str
    actor: str
    action: str
    subject: str
    reason: str | None
    before: Any
    after: Any


class AuditQuery(ListQuery):
    """Which entries; everything given must hold. The newest come first."""

    actor: Line | None = None
    action: Line | None = None
    subject: Line | None = None
    since: Annotated[Moment | None, Field(description="At this time or later.")] = None
    until: Annotated[Moment | None, Field(description="Before this time.")] = None


async def list_audit(call: Call[None, AuditQuery, None], served: Served) -> Page:
    """The entries that the query asks for."""
    query = call.query
    entries = await served.store.audit_entries(
        actor=query.actor,
        action=query.action,
        subject=query.subject,
        since=None if query.since is None else parse_time(query.since, served.zone),
        until=None if query.until is None else parse_time(query.until, served.zone),
        before=None if call.after is None else int(call.after[0]),
        limit=query.limit + 1,
    )
    shown = entries[: query.limit]
    items = [
        {
            "id": entry.id,
            "at": iso_time(entry.at, served.zone),
            "actor": entry.actor,
            "action": entry.action,
            "subject": entry.subject,
            "reason": entry.reason,
            "before": entry.before,
            "after": entry.after,
        }
        for entry in shown
    ]
    return Page(items, (shown[-1].id,) if len(entries) > query.limit else None)


OPERATIONS = (
    Operation(
        "list_audit",
        "GET",
        "/audit",
        "audit",
        Text("Who did what, when and why", "谁在何时因何做了什么"),
        "audit.read",
        list_audit,
        query=AuditQuery,
        answer=AuditModel,
        paged=True,
    ),
)
