"""Writing down what receivers of webhooks are to be told, in the transaction in which it happens."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from router.happenings import Happening

from .base import clean_json
from .database import clean
from .webhook_tables import happenings


async def tell(connection: AsyncConnection, backend: str, told: Iterable[Happening]) -> None:
    """Write down what happened; one whose id is known is not written again."""
    rows = [
        {
            "name": clean(one.id),
            "kind": one.kind,
            "subject": clean(one.subject),
            "at": one.at,
            "data": clean_json(dict(one.data)),
            "spread": False,
        }
        for one in told
    ]
    if rows:
        insertion = postgresql.insert if backend == "postgresql" else sqlite.insert
        await connection.execute(insertion(happenings).on_conflict_do_nothing(index_elements=["name"]), rows)
