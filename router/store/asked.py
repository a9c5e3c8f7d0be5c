"""What was asked of the API: requests that must not be done twice, and long work that is followed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from sqlalchemy import and_, delete, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from ivr_flows.findings import Text

from .access_tables import operations, request_keys
from .base import StoreBase, clean_json
from .database import clean

OperationState = Literal["running", "done", "failed", "cancelled"]
UNDER_WAY_SECONDS: Final = 900.0
"""A request that is under way longer than this was lost with its router; its key may be used again."""


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """What a request with this key was answered. ``status`` None: it is under way."""

    asked: str
    created: float
    status: int | None
    headers: Mapping[str, str]
    body: str


@dataclass(frozen=True, slots=True)
class OperationRow:
    """Long work: how far it is (``done`` of ``total``, what was ``said`` last), and how it ended."""

    id: str
    kind: str
    owner: str
    state: OperationState
    done: float | None
    total: float | None
    said: Text | None
    result: Any
    error: Any
    created: float
    updated: float
    router_id: str


class AskedPart(StoreBase):
    """What `router.store.Store` does with repeated requests and long work."""

    async def begin_request(self, digest: str, asked: str, at: float, keep: float) -> KeptAnswer | None:
        """Take the key with that digest for a request; None: it is taken, go on. Otherwise what is known of the request
        that has it. Keys older than ``keep`` seconds are forgotten."""
        lost = and_(request_keys.c.status.is_(None), request_keys.c.created < at - UNDER_WAY_SECONDS)
        insertion = postgresql.insert if self.backend == "postgresql" else sqlite.insert
        statement = insertion(request_keys).values(digest=digest, asked=asked, created=at)
        async with self._database.write() as connection:
            await connection.execute(delete(request_keys).where(or_(request_keys.c.created < at - keep, lost)))
            made = await connection.execute(statement.on_conflict_do_nothing(index_elements=["digest"]))
            if made.rowcount:
                return None
            row = (await connection.execute(select(request_keys).where(request_keys.c.digest == digest))).one()
        return KeptAnswer(row.asked, row.created, row.status, row.headers or {}, row.body or "")

    async def end_request(self, digest: str, status: int, headers: Mapping[str, str], body: str) -> None:
        """Keep the answer of the request that has the key."""
        values = {"status": status, "headers": dict(headers), "body": clean(body)}
        async with self._database.write() as connection:
            await connection.execute(update(request_keys).where(request_keys.c.digest == digest).values(values))

    async def drop_request(self, digest: str) -> None:
        """Let the key be used again: its request did nothing."""
        async with self._database.write() as connection:
            await connection.execute(delete(request_keys).where(request_keys.c.digest == digest))

    async def add_operation(self, id_: str, kind: str, owner: str, at: float, router_id: str) -> OperationRow:
        """Write down that long work begins."""
        values = {"id": id_, "kind": kind, "owner": clean(owner), "state": "running", "created": at, "updated": at}
        async with self._database.write() as connection:
            await connection.execute(insert(operations).values(**values, router_id=router_id))
        return OperationRow(id_, kind, owner, "running", None, None, None, None, None, at, at, router_id)

    async def update_operation(self, row: OperationRow) -> None:
        """Write down how far it is, or how it ended. What has ended stays as it ended."""
        values = {
            "state": row.state,
            "done": row.done,
            "total": row.total,
            "said_en": None if row.said is None else clean(row.said.en),
            "said_zh": None if row.said is None else clean(row.said.zh),
            "result": clean_json(row.result),
            "error": clean_json(row.error),
            "updated": row.updated,
        }
        running = and_(operations.c.id == row.id, operations.c.state == "running")
        async with self._database.write() as connection:
            await connection.execute(update(operations).where(running).values(values))

    async def operation(self, id_: str) -> OperationRow | None:
        """One of them."""
        async with self._database.read() as connection:
            row = (await connection.execute(select(operations).where(operations.c.id == clean(id_)))).one_or_none()
        return None if row is None else _operation(row)

    async def operations(
        self, *, owner: str | None = None, after: tuple[float, str] | None = None, limit: int = 50
    ) -> list[OperationRow]:
        """The newest first; ``after`` is created and id of the last one seen."""
        statement = select(operations).order_by(operations.c.created.desc(), operations.c.id.desc()).limit(limit)
        if owner is not None:
            statement = statement.where(operations.c.owner == clean(owner))
        if after is not None:
            created, id_ = after
            older = or_(operations.c.created < created, operations.c.id < clean(id_))
            statement = statement.where(operations.c.created <= created, older)
        async with self._database.read() as connection:
            return [_operation(row) for row in await connection.execute(statement)]

    async def lose_operations(self, router_id: str, at: float, error: Any) -> int:
        """End as failed what a router of this id left running when it died; how many. Older than 30 days: removed."""
        running = and_(operations.c.router_id == router_id, operations.c.state == "running")
        async with self._database.write() as connection:
            await connection.execute(delete(operations).where(operations.c.updated < at - 30 * 86400))
            lost = await connection.execute(
                update(operations).where(running).values(state="failed", error=clean_json(error), updated=at)
            )
        return int(lost.rowcount)


def _operation(row: Any) -> OperationRow:
    said = None if row.said_en is None else Text(row.said_en, row.said_zh)
    return OperationRow(
        row.id,
        row.kind,
        row.owner,
        row.state,
        row.done,
        row.total,
        said,
        row.result,
        row.error,
        row.created,
        row.updated,
        row.router_id,
    )
