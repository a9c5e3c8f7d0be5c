"""What flows keep of callers, and who last spoke with them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, func, or_, select
from sqlalchemy.dialects import postgresql, sqlite

from router.caller_memory import merged

from .base import StoreBase, clean_json
from .database import clean
from .tables import caller_memory, calls


class MemoryPart(StoreBase):
    """What `router.store.Store` does with what is kept of callers. Callers are canonical numbers."""

    async def recall_caller(self, caller: str, at: float) -> dict[str, Any]:
        """What is kept of ``caller``, empty where there is nothing or its time is over."""
        lasting = or_(caller_memory.c.expires.is_(None), caller_memory.c.expires > at)
        statement = select(caller_memory.c.kept).where(caller_memory.c.caller == clean(caller), lasting)
        async with self._database.read() as connection:
            found: dict[str, Any] | None = (await connection.execute(statement)).scalar_one_or_none()
        return found or {}

    async def keep_callers(self, kept: Mapping[str, Mapping[str, Any]], at: float, expires: float | None) -> None:
        """Keep values of several callers beside what is kept of each (`router.caller_memory.merged`), all in one
        transaction. Of each caller all of it then lasts until ``expires``."""
        if not kept:
            return
        lasting = or_(caller_memory.c.expires.is_(None), caller_memory.c.expires > at)
        insert = postgresql.insert if self._database.backend == "postgresql" else sqlite.insert
        statement = insert(caller_memory)
        fresh = {name: statement.excluded[name] for name in ("kept", "updated", "expires")}
        rows = []
        async with self._database.write() as connection:
            # In one order everywhere, so that two routers cannot wait for each other in a circle.
            for caller, values in sorted(kept.items()):
                before = select(caller_memory.c.kept).where(caller_memory.c.caller == clean(caller), lasting)
                found = (await connection.execute(before.with_for_update())).scalar_one_or_none()
                whole = clean_json(merged(found or {}, values))
                rows.append({"caller": clean(caller), "kept": whole, "updated": at, "expires": expires})
            await connection.execute(statement.on_conflict_do_update(index_elements=["caller"], set_=fresh), rows)

    async def forget_callers(self, at: float) -> int:
        """Delete what is kept of callers and whose time is over; of how many there was something."""
        async with self._database.write() as connection:
            result = await connection.execute(delete(caller_memory).where(caller_memory.c.expires <= at))
        return result.rowcount

    async def count_remembered(self) -> int:
        """Of how many callers something is kept."""
        async with self._database.read() as connection:
            return int((await connection.execute(select(func.count()).select_from(caller_memory))).scalar_one())

    async def last_agent(self, caller: str, since: float) -> str | None:
        """The agent who last spoke with ``caller`` in a real call that began at ``since`` or later."""
        statement = (
            select(calls.c.agent)
            .where(
                calls.c.caller == clean(caller),
                calls.c.started >= since,
                calls.c.agent.is_not(None),
                calls.c.outcome == "answered",
                calls.c.test.is_(False),
            )
            .order_by(calls.c.started.desc(), calls.c.call_id.desc())
            .limit(1)
        )
        async with self._database.read() as connection:
            found: str | None = (await connection.execute(statement)).scalar_one_or_none()
        return found
