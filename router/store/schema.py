"""Which schema a store has, and bringing it to ours.

Alembic keeps its migration context in module globals, so two stores that open at once in one process must not migrate
at once: migrations run one at a time in a thread with an event loop and a connection of their own. Every step runs in
one transaction: a failed migration leaves the store as it was.
"""

from __future__ import annotations

import asyncio
import threading
from functools import cache
from typing import Any

from sqlalchemy import inspect, select
from sqlalchemy.engine import Connection
from sqlalchemy.ext.asyncio import AsyncConnection

from ivr_flows.findings import Text

from .database import Database
from .errors import StoreError
from .tables import SCHEMA, VERSION_TABLE, metadata
from .urls import Target

_one_at_a_time = threading.Lock()


def version_table() -> Any:
    """The table in which Alembic keeps the version."""
    from sqlalchemy import Column, MetaData, String, Table

    return Table(VERSION_TABLE, MetaData(), Column("version_num", String(32)))


def _read_version(connection: Connection) -> tuple[str | None, frozenset[str]]:
    names = frozenset(inspect(connection).get_table_names())
    if VERSION_TABLE not in names:
        return None, names
    return connection.execute(select(version_table().c.version_num)).scalar_one_or_none(), names


async def stored_version(connection: AsyncConnection) -> tuple[str | None, frozenset[str]]:
    """The schema version of the store, and the names of all its tables. None: it has none."""
    return await connection.run_sync(_read_version)


@cache
def _scripts() -> Any:
    from pathlib import Path

    from alembic.script import ScriptDirectory

    return ScriptDirectory(str(Path(__file__).parent / "migrations"))


def known_versions() -> list[str]:
    """All schema versions that this line400 knows, oldest first."""
    return [script.revision for script in _scripts().walk_revisions()][::-1]


def _upgrade(connection: Connection) -> None:
    from alembic.operations import Operations
    from alembic.runtime.migration import MigrationContext

    scripts = _scripts()

    def steps(version: Any, _context: Any) -> Any:
        return scripts._upgrade_revs("head", version)

    context = MigrationContext.configure(
        connection, opts={"fn": steps, "version_table": VERSION_TABLE, "transactional_ddl": True}
    )
    with Operations.context(context):
        context.run_migrations()


async def _migrate(target: Target, busy_timeout: float) -> None:
    from sqlalchemy import text

    database = Database(target, busy_timeout=busy_timeout)
    try:
        async with database.write() as connection:
            if target.backend == "postgresql":
                await connection.execute(text("SELECT pg_advisory_xact_lock(4008001234)"))
            # Another process may have migrated while this one waited for the lock.
            version, _ = await stored_version(connection)
            if version != SCHEMA:
                await connection.run_sync(_upgrade)
    finally:
        await database.close()


def _migrate_in_thread(target: Target, busy_timeout: float) -> None:
    with _one_at_a_time:
        asyncio.run(_migrate(target, busy_timeout))


async def prepare(database: Database, *, create: bool) -> None:
    """Bring the store to our schema, or say why it cannot be used.

    An empty database becomes a store when ``create``. Raises `StoreError`: ``store_missing`` (empty), ``foreign``
    (tables of somebody else), ``schema_newer``, ``schema_older`` (and it may not be changed).
    """
    async with database.read() as connection:
        version, names = await stored_version(connection)
    if version == SCHEMA:
        return
    where = database.where
    if version is None:
        ours = names & set(metadata.tables)
        if (names and database.backend == "sqlite") or ours:
            raise StoreError(
                Text(
                    f"{where} is a database of something else: it holds the tables {', '.join(sorted(names)[:3])}.",
                    f"{where} 是其他程序的数据库：其中有表 {', '.join(sorted(names)[:3])}。",
                ),
                Text("Set `store` in line400.yaml to a place of its own.", "请在 line400.yaml 中为 `store` 另选位置。"),
                "foreign",
            )
        if database.reading or not create:
            raise StoreError(
                Text(f"The store {where} is empty.", f"存储 {where} 是空的。"),
                Text(
                    "Start `line400 serve` once; it makes the tables.", "请先运行一次 `line400 serve`，它会建立各表。"
                ),
                "store_missing",
            )
    elif version not in known_versions():
        raise StoreError(
            Text(
                f"The store {where} was written by a newer line400 (schema {version}; this one knows up to {SCHEMA}).",
                f"存储 {where} 由更新版本的 line400 写入（结构版本 {version}；本版本最高支持 {SCHEMA}）。",
            ),
            Text("Install that version of line400 or a newer one.", "请安装该版本或更新版本的 line400。"),
            "schema_newer",
        )
    elif database.reading:
        raise StoreError(
            Text(
                f"The store {where} has the older schema {version} and is opened for reading only.",
                f"存储 {where} 的结构版本 {version} 较旧，且以只读方式打开。",
            ),
            Text(
                "Open it once for writing, for instance with `line400 serve`.",
                "请以可写方式打开一次，例如运行 `line400 serve`。",
            ),
            "schema_older",
        )
    await asyncio.to_thread(_migrate_in_thread, database.target, max(database.busy_timeout, 30.0))
