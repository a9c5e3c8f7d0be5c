"""What every part of the store stands on: the database, and the steps that transactions share."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from router.happenings import Telling
from router.model import Retention
from router.timing import Timings

from .database import Database, clean
from .tables import audit, changes

CHANNEL = "line400_change"
"""The channel on which PostgreSQL tells routers that something changed."""


class StoreBase:
    """An open store. The parts (calls, revisions, overlay …) are classes on top of this one."""

    retention: Retention = Retention()
    """For how long what is written from here on is kept; whoever knows the settings sets it."""

    telling: Telling = Telling()
    """What receivers of webhooks are to be told of calls; whoever knows the settings sets it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @property
    def reads(self) -> Timings:
        """How long transactions that read took, with what was done in them."""
        return self._database.reads

    @property
    def writes(self) -> Timings:
        """How long transactions that write took, waiting for their turn included."""
        return self._database.writes

    @property
    def where(self) -> str:
        """The store as messages may name it: without a password."""
        return self._database.where

    @property
    def backend(self) -> str:
        """``sqlite`` or ``postgresql``."""
        return self._database.backend

    @asynccontextmanager
    async def _change(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that routers must hear of. It first raises the change counter, whose row lock makes such
        transactions follow one another, and tells the listeners when it commits."""
        async with self._database.write() as connection:
            raised = await connection.execute(
                update(changes).values(counter=changes.c.counter + 1).returning(changes.c.counter)
            )
            counter = raised.scalar_one()
            if self._database.backend == "postgresql":
                await connection.execute(select(func.pg_notify(CHANNEL, str(counter))))
            yield connection

    @staticmethod
    async def _audit(
        connection: AsyncConnection,
        actor: str,
        action: str,
        subject: str,
        at: float,
        reason: str | None = None,
        before: Any = None,
        after: Any = None,
    ) -> None:
        await connection.execute(insert(audit).values(audit_row(actor, action, subject, at, reason, before, after)))


def audit_row(
    actor: str, action: str, subject: str, at: float, reason: str | None, before: Any, after: Any
) -> dict[str, Any]:
    """A row of the audit."""
    return {
        "at": at,
        "actor": clean(actor),
        "action": action,
        "subject": clean(subject),
        "reason": None if reason is None else clean(reason),
        "before": clean_json(before),
        "after": clean_json(after),
    }


def clean_json(value: Any) -> Any:
    """A JSON value whose texts every database takes; see `clean`."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict):
        return {clean(str(key)): clean_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [clean_json(item) for item in value]
    return value
