"""Who did what, when and why: the audit, the roles, the actors; and which routers use the store."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, and_, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from ivr_flows.findings import Text

from .base import StoreBase
from .database import clean
from .errors import StoreError
from .rows import Actor, AuditEntry, Role, RouterRow
from .tables import actors, audit, roles, routers

_ENTRY = [column for column in audit.c if column.name != "told_as"]


class PeoplePart(StoreBase):
    """What `router.store.Store` does with audit entries, roles, actors and routers."""

    async def audit(
        self,
        actor: str,
        action: str,
        subject: str,
        at: float,
        reason: str | None = None,
        before: Any = None,
        after: Any = None,
    ) -> None:
        """Write down something that changed nothing in the store, such as a refused outbound call. ``before`` and
        ``after`` are JSON values. The store's own changes are audited by the methods that make them."""
        async with self._database.write() as connection:
            await self._audit(connection, actor, action, subject, at, reason, before, after)

    async def audit_entries(
        self,
        *,
        actor: str | None = None,
        action: str | None = None,
        subject: str | None = None,
        since: float | None = None,
        until: float | None = None,
        before: int | None = None,
        limit: int | None = None,
        offset: int = 0,
    ) -> list[AuditEntry]:
        """Audit entries, newest first; ``since`` <= at < ``until``, and older than the entry with the id ``before``."""
        terms: list[ColumnElement[bool]] = []
        for column, value in ((audit.c.actor, actor), (audit.c.action, action), (audit.c.subject, subject)):
            if value is not None:
                terms.append(column == clean(value))
        if since is not None:
            terms.append(audit.c.at >= since)
        if until is not None:
            terms.append(audit.c.at < until)
        if before is not None:
            terms.append(audit.c.id < before)
        statement = select(*_ENTRY).where(and_(True, *terms)).order_by(audit.c.id.desc())
        if limit is not None or offset:
            statement = statement.limit(2**62 if limit is None else limit).offset(offset)
        async with self._database.read() as connection:
            return [AuditEntry(**row._mapping) for row in await connection.execute(statement)]

    async def roles(self) -> list[Role]:
        """The roles, by name."""
        async with self._database.read() as connection:
            return [Role(**row._mapping) for row in await connection.execute(select(roles).order_by(roles.c.role))]

    async def actors(self) -> list[Actor]:
        """Everybody with a role, by name."""
        async with self._database.read() as connection:
            return [Actor(**row._mapping) for row in await connection.execute(select(actors).order_by(actors.c.name))]

    async def set_actor(self, name: str, role: str, at: float, author: str, reason: str | None = None) -> Actor:
        """Give ``name`` the role ``role``, new or instead of another. Raises `StoreError` ``invalid_data`` for a role
        that is none."""
        async with self._database.write() as connection:
            known = (await connection.execute(select(roles.c.role).order_by(roles.c.role))).scalars().all()
            if role not in known:
                raise StoreError(
                    Text(f"There is no role {role}.", f"没有角色 {role}。"),
                    Text(f"The roles are {', '.join(known)}.", f"可用的角色：{'、'.join(known)}。"),
                    "invalid_data",
                )
            found = (await connection.execute(select(actors).where(actors.c.name == clean(name)))).one_or_none()
            if found is None:
                await connection.execute(insert(actors).values(name=clean(name), role=role, created=at))
            else:
                await connection.execute(update(actors).where(actors.c.name == clean(name)).values(role=role))
            before = None if found is None else {"role": found.role}
            await self._audit(connection, author, "set_actor", name, at, reason, before, {"role": role})
        return Actor(name, role, at if found is None else found.created)

    async def register_router(self, router_id: str, at: float, pid: int | None = None, host: str | None = None) -> None:
        """Write down that a router started; it keeps its row over restarts, and when it was last alive before."""
        insertion = postgresql.insert if self._database.backend == "postgresql" else sqlite.insert
        values = {"router_id": router_id, "started": at, "heartbeat": at, "pid": pid, "host": host}
        statement = insertion(routers).values(values)
        fresh: dict[str, Any] = {name: values[name] for name in ("started", "heartbeat", "pid", "host")}
        fresh["previous"] = routers.c.heartbeat
        async with self._database.write() as connection:
            await connection.execute(statement.on_conflict_do_update(index_elements=["router_id"], set_=fresh))

    async def heartbeat(self, router_id: str, at: float) -> None:
        """Write down that a router is alive at ``at``. Should come every few seconds: it dates the end of the calls
        that a dead router leaves."""
        insertion = postgresql.insert if self._database.backend == "postgresql" else sqlite.insert
        statement = insertion(routers).values(router_id=router_id, started=at, heartbeat=at)
        fresh = {"heartbeat": statement.excluded.heartbeat}
        newer = statement.excluded.heartbeat > routers.c.heartbeat
        async with self._database.write() as connection:
            await connection.execute(
                statement.on_conflict_do_update(index_elements=["router_id"], set_=fresh, where=newer)
            )

    async def routers(self) -> list[RouterRow]:
        """Every router that the store knows, by id."""
        async with self._database.read() as connection:
            rows = await connection.execute(select(routers).order_by(routers.c.router_id))
            return [RouterRow(**row._mapping) for row in rows]

    async def forget_router(self, router_id: str) -> None:
        """Remove a router that stopped in an orderly way."""
        async with self._database.write() as connection:
            await connection.execute(delete(routers).where(routers.c.router_id == router_id))
