"""Revisions that come into force at a moment, and how the calls of a revision go.

The moment is the store's: all routers on one store see the same clock, whatever their own show. A router claims what
is due for a while, judges it, then applies or refuses it in one transaction; one that dies meanwhile loses the claim,
and another router takes over.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import Row, and_, func, insert, literal_column, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ivr_flows.findings import Text
from router.switch_calls import ROUTER_LOST

from .database import clean
from .errors import Conflict, StoreError
from .revisions import RevisionsPart, digest_of, pack, unpack
from .rows import LiveOutcomes, Revision, Scheduled
from .tables import calls, scheduled

OURS: Final = ("configuration", "line400")
"""Whose fault makes a failed call count against a revision."""

FAILED: Final = ("failed", "fallback")
_FACTS: Final = tuple(column for column in scheduled.c if column.name != "scenarios")


class SchedulePart(RevisionsPart):
    """What `router.store.Store` does with scheduled revisions, and with revisions in general."""

    async def moment(self) -> float:
        """The store's own clock, epoch seconds."""
        async with self._database.read() as connection:
            return await self._moment(connection)

    async def schedule(
        self,
        files: Mapping[str, bytes],
        scenarios: Mapping[str, bytes],
        due: float,
        author: str,
        reason: str | None,
        at: float,
        *,
        base: str | None,
        overrides: Mapping[str, str] | None = None,
    ) -> Scheduled:
        """Keep ``files`` as a revision that is to come into force at ``due``. ``scenarios`` are judged again then;
        ``base`` is the revision that must still be current then. Raises `StoreError`."""
        content, digest = pack(files), digest_of(files)
        async with self._change() as connection:
            number = await self._add(connection, content, digest, author, reason, at)
            values: dict[str, Any] = {
                "number": number,
                "base": None if base is None else int(base.removeprefix("r")),
                "due": due,
                "author": clean(author),
                "reason": None if reason is None else clean(reason),
                "created": at,
                "overrides": {gate: clean(why) for gate, why in (overrides or {}).items()},
                "scenarios": pack(scenarios),
                "state": "waiting",
            }
            made = await connection.execute(insert(scheduled).values(values).returning(scheduled.c.id))
            number_of_it = int(made.scalar_one())
            after = {"id": number_of_it, "due": due, "digest": digest}
            await self._audit(connection, author, "schedule", f"r{number}", at, reason, None, after)
            return _row(await self._scheduled(connection, number_of_it))

    async def schedules(self, *, waiting: bool = False) -> list[Scheduled]:
        """What was scheduled, by the moment at which it is due; only what still waits when ``waiting``."""
        statement = select(*_FACTS).order_by(scheduled.c.due, scheduled.c.id)
        if waiting:
            statement = statement.where(scheduled.c.state == "waiting")
        async with self._database.read() as connection:
            return [_row(row) for row in await connection.execute(statement)]

    async def scenarios_of(self, number: int) -> dict[str, bytes]:
        """The scenarios kept with the schedule ``number``: path below the configuration folder → content."""
        async with self._database.read() as connection:
            found = await connection.execute(select(scheduled.c.scenarios).where(scheduled.c.id == number))
            return unpack(found.scalar_one())

    async def cancel_schedule(self, number: int, author: str, reason: str | None, at: float) -> Scheduled:
        """Take back what was scheduled. Raises `StoreError` ``unknown_schedule``, and `Conflict` where it does not wait
        any more."""
        async with self._change() as connection:
            before = _row(await self._scheduled(connection, number))
            if before.state != "waiting":
                raise _over(before)
            await self._end(connection, number, "cancelled", at, author, None)
            await self._audit(
                connection, author, "cancel_schedule", before.revision, at, reason, {"id": number, "due": before.due}
            )
            return _row(await self._scheduled(connection, number))

    async def next_due(self) -> tuple[Scheduled, float] | None:
        """What comes into force next, and the seconds until then by the store's clock (negative: overdue)."""
        statement = (
            select(*_FACTS).where(scheduled.c.state == "waiting").order_by(scheduled.c.due, scheduled.c.id).limit(1)
        )
        async with self._database.read() as connection:
            row = (await connection.execute(statement)).one_or_none()
            return None if row is None else (_row(row), row.due - await self._moment(connection))

    async def claim_schedule(self, number: int, router_id: str, seconds: float) -> bool:
        """Whether ``router_id`` may judge and apply it: it waits, is due by the store's clock, and no other router has
        claimed it. The claim ends after ``seconds``."""
        async with self._database.write() as connection:
            now = await self._moment(connection)
            free = or_(
                scheduled.c.claimed_until.is_(None),
                scheduled.c.claimed_until < now,
                scheduled.c.claimed_by == clean(router_id),
            )
            claimed = await connection.execute(
                update(scheduled)
                .where(and_(scheduled.c.id == number, scheduled.c.state == "waiting", scheduled.c.due <= now, free))
                .values(claimed_by=clean(router_id), claimed_until=now + seconds)
            )
            return bool(claimed.rowcount)

    async def apply_schedule(self, number: int, router_id: str, at: float) -> Revision:
        """Make it the current revision: the pointer, its end and the audit in one transaction. Raises `Conflict` where
        it does not wait any more, is another router's, or another revision than its base is current."""
        async with self._change() as connection:
            row = await self._scheduled(connection, number)
            found = _row(row)
            if found.state != "waiting" or row.claimed_by not in (None, clean(router_id)):
                raise _over(found)
            await self._activate(connection, row.number, found.author, found.reason, at, "apply", found.base)
            await self._audit_overrides(connection, found.revision, found.author, at, found.overrides)
            await self._end(connection, number, "applied", at, router_id, None)
        return (await self.get_revision(found.revision)).revision

    async def refuse_schedule(self, number: int, router_id: str, said: Text, at: float) -> None:
        """Give it up and write down why. Nothing happens where it does not wait any more."""
        async with self._change() as connection:
            found = _row(await self._scheduled(connection, number))
            if found.state != "waiting":
                return
            await self._end(connection, number, "refused", at, router_id, said)
            await self._audit(
                connection, router_id, "refuse_schedule", found.revision, at, said.en, {"id": number, "due": found.due}
            )

    async def live_outcomes(self, revision: str, since: float) -> LiveOutcomes:
        """How the real calls of ``revision`` that ended at ``since`` or later went. Test calls never count."""
        ended = and_(
            calls.c.revision == revision, calls.c.test.is_(False), calls.c.ended >= since, calls.c.outcome.is_not(None)
        )
        lost = calls.c.fault_code == ROUTER_LOST.code  # a router that was stopped says nothing of the revision
        ours = and_(ended, calls.c.outcome.in_(FAILED), calls.c.fault_by.in_(OURS), ~lost)
        async with self._database.read() as connection:
            counts = [
                int((await connection.execute(select(func.count()).select_from(calls).where(term))).scalar_one())
                for term in (ended, ours)
            ]
        return LiveOutcomes(*counts)

    async def _moment(self, connection: AsyncConnection) -> float:
        expression = (
            "(julianday('now') - 2440587.5) * 86400.0"
            if self.backend == "sqlite"
            else "extract(epoch FROM clock_timestamp())::double precision"
        )
        return float((await connection.execute(select(literal_column(expression)))).scalar_one())

    @staticmethod
    async def _scheduled(connection: AsyncConnection, number: int) -> Row[*tuple[Any, ...]]:
        row = (await connection.execute(select(*_FACTS).where(scheduled.c.id == number))).one_or_none()
        if row is None:
            raise StoreError(
                Text(f"Nothing is scheduled under {number}.", f"没有编号为 {number} 的定时应用。"),
                Text("`line400 apply --list` shows what is.", "`line400 apply --list` 查看已排定的内容。"),
                "unknown_schedule",
            )
        return row

    @staticmethod
    async def _end(connection: AsyncConnection, number: int, state: str, at: float, by: str, said: Text | None) -> None:
        values: dict[str, Any] = {"state": state, "ended": at, "ended_by": clean(by)}
        if said is not None:
            values |= {"said_en": clean(said.en), "said_zh": clean(said.zh)}
        await connection.execute(update(scheduled).where(scheduled.c.id == number).values(values))


def _row(row: Row[*tuple[Any, ...]]) -> Scheduled:
    return Scheduled(
        row.id,
        f"r{row.number}",
        None if row.base is None else f"r{row.base}",
        row.due,
        row.author,
        row.reason,
        row.created,
        row.overrides,
        row.state,
        None if row.said_en is None else Text(row.said_en, row.said_zh),
        row.ended,
        row.ended_by,
    )


def _over(found: Scheduled) -> Conflict:
    words = {"applied": "已生效", "refused": "已被拒绝", "cancelled": "已取消", "waiting": "正由另一台路由器处理"}
    state = "being applied by another router" if found.state == "waiting" else found.state
    return Conflict(
        Text(f"The scheduled revision {found.id} is {state}.", f"定时应用 {found.id} {words[found.state]}。"),
        Text("`line400 apply --list` shows what is scheduled.", "`line400 apply --list` 查看已排定的内容。"),
    )
