"""Backup and restore of a whole store, from SQLite or PostgreSQL to either."""

from __future__ import annotations

import asyncio
import os
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from sqlalchemy import case, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ivr_flows.findings import Text

from .access_tables import users
from .archive import BATCH, BackupFile, BackupReader, BackupSummary
from .base import StoreBase
from .billing_tables import bill_corrections, bill_payments, bills, pack_uses, tariff_modes, voice_packs
from .errors import StoreError
from .life_tables import handlers, life_files, qualifications
from .tables import (
    activations,
    actors,
    announcements,
    audit,
    blocks,
    calls,
    changes,
    inbox,
    metadata,
    number_states,
    revisions,
    scheduled,
)
from .webhook_tables import deliveries, happenings

_NUMBERED: Final = (
    activations,
    audit,
    announcements,
    blocks,
    scheduled,
    inbox,
    qualifications,
    handlers,
    life_files,
    bill_corrections,
    bill_payments,
    bills,
    pack_uses,
    tariff_modes,
    voice_packs,
    happenings,
    deliveries,
)
_WORTH_KEEPING: Final = (
    calls,
    inbox,
    revisions,
    audit,
    actors,
    announcements,
    blocks,
    number_states,
    qualifications,
    users,
    bills,
    voice_packs,
    tariff_modes,
)


class BackupPart(StoreBase):
    """What `router.store.Store` does to be saved and brought back."""

    async def backup(self, path: str | os.PathLike[str], at: float) -> BackupSummary:
        """Write everything, as it was at one moment, to the file ``path``; routers go on meanwhile. An existing file
        is replaced only by a whole one. Raises `StoreError`."""
        with BackupFile(Path(path), at) as file:
            async with self._database.read(snapshot=True) as connection:
                for table in metadata.sorted_tables:
                    await asyncio.to_thread(file.begin, table)
                    statement = select(table).order_by(*table.primary_key.columns)
                    result = await connection.stream(statement)
                    async for rows in result.mappings().partitions(BATCH):
                        await asyncio.to_thread(file.add, rows)
            return await asyncio.to_thread(file.finish)

    async def restore(
        self, path: str | os.PathLike[str], at: float, actor: str, reason: str | None = None, *, force: bool = False
    ) -> BackupSummary:
        """Bring back what `backup` wrote. The file is verified before the store is touched; then everything is
        replaced in one transaction, or nothing. A store that holds anything is refused unless ``force``.

        Raises `StoreError`: ``backup_invalid``, ``not_empty``.
        """
        reader = await asyncio.to_thread(BackupReader, Path(path))
        with reader:
            summary = await asyncio.to_thread(reader.verify)
            async with self._change() as connection:
                if not force:
                    await self._refuse_if_used(connection)
                await self._replace(connection, reader)
                after: dict[str, Any] = {"taken": summary.at, "rows": dict(summary.rows)}
                await self._audit(connection, actor, "restore", "store", at, reason, None, after)
        return summary

    async def _refuse_if_used(self, connection: AsyncConnection) -> None:
        for table in _WORTH_KEEPING:
            if (await connection.execute(select(table).limit(1))).first() is not None:
                raise StoreError(
                    Text(
                        f"The store {self.where} is not empty: it holds {table.name}.",
                        f"存储 {self.where} 不是空的：其中已有 {table.name}。",
                    ),
                    Text(
                        "Restore into a new store, or say that everything in this one may be replaced (--force).",
                        "请恢复到新的存储，或用 --force 表示可以替换其中的全部内容。",
                    ),
                    "not_empty",
                )

    async def _replace(self, connection: AsyncConnection, reader: BackupReader) -> None:
        for table in reversed(metadata.sorted_tables):
            if table is not changes:
                await connection.execute(delete(table))
        for table in metadata.sorted_tables:
            with closing(reader.batches(table)) as batches:
                while rows := await asyncio.to_thread(next, batches, None):
                    if table is not changes:
                        await connection.execute(insert(table), rows)
                        continue
                    # The counter only ever rises: routers must see that something changed.
                    saved = max(int(row["counter"]) for row in rows) + 1
                    higher = case((changes.c.counter < saved, saved), else_=changes.c.counter)
                    await connection.execute(update(changes).values(counter=higher))
        if self.backend == "postgresql":
            for table in _NUMBERED:
                last = select(func.max(table.c.id)).scalar_subquery()
                sequence = func.pg_get_serial_sequence(table.name, "id")
                await connection.execute(select(func.setval(sequence, func.coalesce(last, 1), last.is_not(None))))


__all__ = ["BackupPart", "BackupSummary"]
