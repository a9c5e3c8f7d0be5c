"""What lies over the current revision without a plan: emergency announcements, blocked callers, numbers' life states.

Each change is one transaction with its audit row, and raises the change counter that routers watch.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, get_args

from sqlalchemy import Row, Select, and_, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from router.model import LifeState

from .base import StoreBase
from .database import clean
from .life_tables import lives
from .rows import AnnouncementRow, BlockRow, NumberState, OverlayRows
from .tables import announcements, blocks, changes, number_states

LIFE_STATES: Final[frozenset[str]] = frozenset(get_args(LifeState))


def _announcement(row: Row[*tuple[Any, ...]]) -> AnnouncementRow:
    return AnnouncementRow(**row._mapping)


def _block(row: Row[*tuple[Any, ...]]) -> BlockRow:
    return BlockRow(**row._mapping)


def _announcements_at(at: float) -> Select[*tuple[Any, ...]]:
    in_force = and_(
        announcements.c.created <= at,
        announcements.c.until > at,
        or_(announcements.c.ended.is_(None), announcements.c.ended > at),
    )
    return select(announcements).where(in_force).order_by(announcements.c.id)


def _blocks_at(at: float) -> Select[*tuple[Any, ...]]:
    in_force = and_(
        blocks.c.created <= at,
        or_(blocks.c.until.is_(None), blocks.c.until > at),
        or_(blocks.c.ended.is_(None), blocks.c.ended > at),
    )
    return select(blocks).where(in_force).order_by(blocks.c.id)


def _state(value: str) -> str:
    if value not in LIFE_STATES:
        raise ValueError(f"{value!r} is no life state; the states are {', '.join(sorted(LIFE_STATES))}")
    return value


class OverlayPart(StoreBase):
    """What `router.store.Store` does with announcements, blocks and life states."""

    async def announce(
        self,
        number: str,
        text: str,
        until: float,
        author: str,
        at: float,
        *,
        end_call: bool = False,
        reason: str | None = None,
    ) -> AnnouncementRow:
        """Play ``text`` first to everybody who calls ``number`` (canonical, or ``all``), from ``at`` to ``until``;
        ``end_call``: and hang up then. It takes the place of an earlier announcement on the same ``number``."""
        if until <= at:
            raise ValueError("an announcement must end after it begins")
        async with self._change() as connection:
            earlier = await self._end_announcements(connection, number, at)
            values = {
                "number": clean(number),
                "text": clean(text),
                "until": until,
                "end_call": end_call,
                "author": clean(author),
                "reason": None if reason is None else clean(reason),
                "created": at,
                "ended": None,
            }
            made = (await connection.execute(insert(announcements).values(values).returning(announcements.c.id))).one()
            after = {"id": made.id, "text": text, "until": until, "end_call": end_call}
            await self._audit(connection, author, "announce", number, at, reason, earlier or None, after)
        return AnnouncementRow(made.id, number, text, until, end_call, author, reason, at, None)

    async def end_announcement(self, number: str, author: str, at: float, reason: str | None = None) -> bool:
        """End the announcement on ``number`` (or ``all``) before its time; whether there was one."""
        async with self._database.read() as connection:
            in_force = (await connection.execute(_announcements_at(at))).all()
        if not any(row.number == number for row in in_force):
            return False
        async with self._change() as connection:
            earlier = await self._end_announcements(connection, number, at)
            if earlier:
                await self._audit(connection, author, "end_announcement", number, at, reason, earlier, None)
        return bool(earlier)

    async def block(
        self, caller: str, author: str, at: float, *, until: float | None = None, reason: str | None = None
    ) -> BlockRow:
        """Block ``caller`` (a canonical number, or a prefix ending in ``*``) from ``at`` on, until ``until`` or until
        it is taken back. It takes the place of an earlier block of the same ``caller``."""
        if until is not None and until <= at:
            raise ValueError("a block must end after it begins")
        async with self._change() as connection:
            earlier = await self._end_blocks(connection, caller, at)
            values = {
                "caller": clean(caller),
                "until": until,
                "author": clean(author),
                "reason": None if reason is None else clean(reason),
                "created": at,
                "ended": None,
            }
            made = (await connection.execute(insert(blocks).values(values).returning(blocks.c.id))).one()
            after = {"id": made.id, "until": until}
            await self._audit(connection, author, "block", caller, at, reason, earlier or None, after)
        return BlockRow(made.id, caller, until, author, reason, at, None)

    async def unblock(self, caller: str, author: str, at: float, reason: str | None = None) -> bool:
        """Take back the block of exactly ``caller``; whether there was one."""
        async with self._database.read() as connection:
            in_force = (await connection.execute(_blocks_at(at))).all()
        if not any(row.caller == caller for row in in_force):
            return False
        async with self._change() as connection:
            earlier = await self._end_blocks(connection, caller, at)
            if earlier:
                await self._audit(connection, author, "unblock", caller, at, reason, earlier, None)
        return bool(earlier)

    async def overlay(self, at: float) -> OverlayRows:
        """Everything in force at ``at``, read at one moment, with the counter of that moment. What ends by itself
        carries its ``until``: the reader must not wait for a change to let it end."""
        async with self._database.read(snapshot=True) as connection:
            counter = int((await connection.execute(select(changes.c.counter))).scalar_one())
            announced = [_announcement(row) for row in await connection.execute(_announcements_at(at))]
            blocked = [_block(row) for row in await connection.execute(_blocks_at(at))]
            states = await self._states(connection)
            due = select(lives.c.number, lives.c.state, lives.c.coming).where(lives.c.due.is_not(None))
            changing = (await connection.execute(due)).all()
        coming = {row.number: tuple((at, state) for at, state in row.coming) for row in changing if row.coming}
        # What time does to an application is its deadline, to every other number its last paid day.
        paid = frozenset(row.number for row in changing if row.state != "reserved")
        return OverlayRows(announced, blocked, states, counter, coming, paid)

    async def seed_states(self, states: Mapping[str, str], at: float, by: str = "configuration") -> int:
        """Give each number its first life state; a number that has one keeps it (the store wins). How many were new.

        Raises `ValueError` for a state that is none.
        """
        for value in set(states.values()):
            _state(value)
        async with self._database.read() as connection:
            known = set((await connection.execute(select(number_states.c.number))).scalars())
        missing = [number for number in states if number not in known]
        if not missing:
            return 0
        insertion = postgresql.insert if self._database.backend == "postgresql" else sqlite.insert
        statement = insertion(number_states).on_conflict_do_nothing(index_elements=["number"])
        rows = [{"number": number, "state": states[number], "since": at, "by": clean(by)} for number in missing]
        async with self._change() as connection:
            # Between reading and the lock somebody may have seeded too; what they wrote stays.
            present = set((await connection.execute(select(number_states.c.number))).scalars())
            rows = [row for row in rows if row["number"] not in present]
            if rows:
                await connection.execute(statement, rows)
                after = {row["number"]: row["state"] for row in rows[:20]}
                seeded = {"count": len(rows), "first": after}
                await self._audit(connection, by, "seed_states", "numbers", at, None, None, seeded)
        return len(rows)

    async def states(self) -> dict[str, LifeState]:
        """The life state of every number that has one."""
        async with self._database.read() as connection:
            return await self._states(connection)

    async def number_state(self, number: str) -> NumberState | None:
        """The life state of one number with its date and author, or None."""
        statement = select(number_states).where(number_states.c.number == clean(number))
        async with self._database.read() as connection:
            row = (await connection.execute(statement)).one_or_none()
        return None if row is None else NumberState(**row._mapping)

    async def set_state(
        self, number: str, state: LifeState, at: float, actor: str, reason: str | None = None
    ) -> NumberState:
        """Move ``number`` to ``state``. Raises `ValueError` for a state that is none."""
        _state(state)
        insertion = postgresql.insert if self._database.backend == "postgresql" else sqlite.insert
        async with self._change() as connection:
            found = await connection.execute(select(number_states.c.state).where(number_states.c.number == number))
            before = found.scalar_one_or_none()
            values = {"number": number, "state": state, "since": at, "by": clean(actor)}
            statement = insertion(number_states).values(values)
            await connection.execute(
                statement.on_conflict_do_update(
                    index_elements=["number"], set_={name: values[name] for name in ("state", "since", "by")}
                )
            )
            await self._audit(connection, actor, "set_state", number, at, reason, {"state": before}, {"state": state})
        return NumberState(number, state, at, actor)

    @staticmethod
    async def _states(connection: AsyncConnection) -> dict[str, LifeState]:
        rows = await connection.execute(select(number_states.c.number, number_states.c.state))
        return {row.number: row.state for row in rows}

    @staticmethod
    async def _end_announcements(connection: AsyncConnection, number: str, at: float) -> list[dict[str, Any]]:
        rows = [row for row in await connection.execute(_announcements_at(at)) if row.number == number]
        ids = [row.id for row in rows]
        if ids:
            await connection.execute(update(announcements).where(announcements.c.id.in_(ids)).values(ended=at))
        return [{"id": row.id, "text": row.text, "until": row.until, "end_call": row.end_call} for row in rows]

    @staticmethod
    async def _end_blocks(connection: AsyncConnection, caller: str, at: float) -> list[dict[str, Any]]:
        rows = [row for row in await connection.execute(_blocks_at(at)) if row.caller == caller]
        ids = [row.id for row in rows]
        if ids:
            await connection.execute(update(blocks).where(blocks.c.id.in_(ids)).values(ended=at))
        return [{"id": row.id, "until": row.until} for row in rows]
