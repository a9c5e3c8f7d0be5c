"""What callers left behind as rows of the table ``inbox``, written with the record of their call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

from sqlalchemy import Row, Select, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from router.left import Left, LeftKind, expiry
from router.model import Retention
from router.record import CallRecord

from .database import clean
from .tables import inbox

LEFT: Final = "left"
"""Where the row of a call carries the rows of what was left in it."""
DELETED: Final = "deleted"
"""The state of an entry that was deleted; nobody is shown it."""


def left_rows(record: CallRecord) -> list[dict[str, Any]]:
    """The rows of what the caller left in the call of ``record``. They count from the beginning of the call."""
    return [
        {
            "call_id": clean(record.call_id),
            "position": position,
            "kind": left.kind,
            "number": _text(record.called),
            "caller": _text(record.caller),
            "node": clean(left.node),
            "box": _text(left.box),
            "file": _text(left.file),
            "seconds": left.seconds,
            "callback": _text(left.number),
            "queue": _text(left.queue),
            "score": left.score,
            "scale": _text(left.scale),
            "created": record.started,
            "state": "new",
            "assignee": None,
            "test": record.test,
        }
        for position, left in enumerate(record.left)
    ]


def _text(value: str | None) -> str | None:
    return None if value is None else clean(value)


def left_of_row(row: Row[*tuple[Any, ...]]) -> Left:
    """What was left, as the record of its call has it."""
    return Left(
        cast(LeftKind, row.kind),
        row.node,
        row.box,
        row.file,
        row.seconds,
        row.callback,
        row.queue,
        row.score,
        row.scale,
    )


async def add_left(
    connection: AsyncConnection, backend: str, rows: Sequence[Mapping[str, Any]], retention: Retention
) -> None:
    """Write rows made by `left_rows`. What is there already stays as it is, whatever became of it."""
    insert = postgresql.insert(inbox) if backend == "postgresql" else sqlite.insert(inbox)
    dated = [{**row, "expires": expiry(retention, row["kind"], row["created"])} for row in rows]
    await connection.execute(
        insert.on_conflict_do_nothing(index_elements=["call_id", "position"]),
        sorted(dated, key=lambda row: (row["call_id"], row["position"])),
    )


async def left_in(connection: AsyncConnection, ids: Select[*tuple[Any, ...]]) -> dict[str, tuple[Left, ...]]:
    """What is left of the calls whose ids ``ids`` selects, by call."""
    found: dict[str, tuple[Left, ...]] = {}
    chosen = select(ids.subquery().c[0])
    statement = (
        select(inbox)
        .where(inbox.c.call_id.in_(chosen), inbox.c.state != DELETED)
        .order_by(inbox.c.call_id, inbox.c.position)
    )
    for row in await connection.execute(statement):
        found[row.call_id] = (*found.get(row.call_id, ()), left_of_row(row))
    return found
