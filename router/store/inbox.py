"""The inbox: what callers left behind, found, given to somebody, done with, deleted; every access and change audited.

Audit entries name the entry, its kind, call and 400 number; never the caller.
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import ColumnElement, and_, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ivr_flows.findings import Text
from router.left import DAY, LEFT_KINDS, LeftState, days_kept
from router.model import Retention

from .base import StoreBase
from .database import clean
from .errors import StoreError
from .left_rows import DELETED
from .rows import InboxEntry, InboxFilter
from .tables import inbox

ECHO: Final = 7 * DAY
"""Seconds from the beginning of a call within which its record may still be written."""
_PERSONAL: Final = ("caller", "file", "callback", "score", "assignee")


class InboxPart(StoreBase):
    """What `router.store.Store` does with what callers left behind."""

    async def inbox(self, wanted: InboxFilter, actor: str, at: float, action: str = "inbox_list") -> list[InboxEntry]:
        """The entries that ``wanted`` asks for, newest first; that ``actor`` read them is audited as ``action``."""
        statement = select(inbox).where(_conditions(wanted)).order_by(inbox.c.created.desc(), inbox.c.id.desc())
        if wanted.limit is not None:
            statement = statement.limit(wanted.limit)
        async with self._database.write() as connection:
            found = [InboxEntry(**row._mapping) for row in await connection.execute(statement)]
            await self._audit(connection, actor, action, "inbox", at, None, None, {"entries": len(found)})
        return found

    async def open_left(self, entry_id: int, actor: str, at: float, action: str) -> InboxEntry:
        """One entry, to be heard or copied; that is audited as ``action``. Raises `StoreError` ``unknown_entry``."""
        async with self._database.write() as connection:
            entry = await self._entry(connection, entry_id)
            await self._audit(connection, actor, action, f"inbox {entry_id}", at, None, None, _facts(entry))
        return entry

    async def assign_left(
        self, entry_id: int, to: str, author: str, at: float, reason: str | None = None
    ) -> InboxEntry:
        """Give an entry to somebody. Raises `StoreError` ``unknown_entry``."""
        return await self._set_state(entry_id, "assigned", clean(to), author, at, reason)

    async def finish_left(self, entry_id: int, author: str, at: float, reason: str | None = None) -> InboxEntry:
        """Be done with an entry; whoever had it stays its assignee. Raises `StoreError` ``unknown_entry``."""
        return await self._set_state(entry_id, "done", None, author, at, reason)

    async def delete_left(self, entry_id: int, author: str, at: float, reason: str | None = None) -> InboxEntry:
        """Delete an entry; what it was, so that its file can be deleted too. An empty row stays for `ECHO` seconds of
        its call, lest a record that is written late brings the entry back. Raises `StoreError` ``unknown_entry``."""
        async with self._database.write() as connection:
            entry = await self._entry(connection, entry_id)
            blank: dict[str, Any] = dict.fromkeys(_PERSONAL)
            await connection.execute(update(inbox).where(inbox.c.id == entry_id).values(state=DELETED, **blank))
            await self._audit(connection, author, "inbox_delete", f"inbox {entry_id}", at, reason, _facts(entry), None)
        return entry

    async def date_left(self, retention: Retention, at: float) -> list[InboxEntry]:
        """Give every entry the end that ``retention`` says, counted from its call; those whose time is over at
        ``at``."""
        async with self._database.write() as connection:
            for kind in LEFT_KINDS:
                days = days_kept(retention, kind)
                end = None if days is None else inbox.c.created + days * DAY
                await connection.execute(update(inbox).where(inbox.c.kind == kind).values(expires=end))
            await connection.execute(delete(inbox).where(inbox.c.state == DELETED, inbox.c.created < at - ECHO))
            over = select(inbox).where(inbox.c.expires <= at, inbox.c.state != DELETED).order_by(inbox.c.id)
            return [InboxEntry(**row._mapping) for row in await connection.execute(over)]

    async def due_left(self, retention: Retention, at: float) -> list[InboxEntry]:
        """The entries whose time, as ``retention`` says, is over at ``at``; nothing is changed."""
        terms = [
            and_(inbox.c.kind == kind, inbox.c.created <= at - days * DAY)
            for kind in LEFT_KINDS
            if (days := days_kept(retention, kind)) is not None
        ]
        statement = select(inbox).where(inbox.c.state != DELETED, or_(False, *terms)).order_by(inbox.c.id)
        async with self._database.read() as connection:
            return [InboxEntry(**row._mapping) for row in await connection.execute(statement)]

    async def _set_state(
        self, entry_id: int, state: LeftState, to: str | None, author: str, at: float, reason: str | None
    ) -> InboxEntry:
        async with self._database.write() as connection:
            before = await self._entry(connection, entry_id)
            values: dict[str, Any] = {"state": state} if to is None else {"state": state, "assignee": to}
            await connection.execute(update(inbox).where(inbox.c.id == entry_id).values(**values))
            entry = await self._entry(connection, entry_id)
            action = "inbox_assign" if state == "assigned" else "inbox_done"
            await self._audit(
                connection, author, action, f"inbox {entry_id}", at, reason, _facts(before), _facts(entry)
            )
        return entry

    async def _entry(self, connection: AsyncConnection, entry_id: int) -> InboxEntry:
        row = None
        if 0 < entry_id < 2**63:
            found = select(inbox).where(inbox.c.id == entry_id, inbox.c.state != DELETED)
            row = (await connection.execute(found)).one_or_none()
        if row is None:
            raise StoreError(
                Text(f"There is no entry {entry_id} in the inbox.", f"收件箱中没有第 {entry_id} 条。"),
                Text("`line400 inbox` lists the entries.", "`line400 inbox` 列出所有条目。"),
                "unknown_entry",
            )
        return InboxEntry(**row._mapping)


def _conditions(wanted: InboxFilter) -> ColumnElement[bool]:
    terms: list[ColumnElement[bool]] = [inbox.c.state != DELETED]
    for name in ("kind", "number", "state", "assignee"):
        if (value := getattr(wanted, name)) is not None:
            terms.append(inbox.c[name] == clean(value))
    if wanted.since is not None:
        terms.append(inbox.c.created >= wanted.since)
    if wanted.test is not None:
        terms.append(inbox.c.test.is_(wanted.test))
    if wanted.after is not None:
        created, entry_id = wanted.after
        terms.append(or_(inbox.c.created < created, and_(inbox.c.created == created, inbox.c.id < entry_id)))
    return and_(*terms)


def _facts(entry: InboxEntry) -> dict[str, Any]:
    return {
        "kind": entry.kind,
        "call_id": entry.call_id,
        "number": entry.number,
        "state": entry.state,
        "assignee": entry.assignee,
    }
