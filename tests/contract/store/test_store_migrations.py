"""Every migration goes forward and back with data in the tables, on SQLite and on PostgreSQL alike.

Nothing here knows a table: the tables of each version are read from the database, filled, and compared after the way to
the newest version and back.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Connection,
    Float,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    func,
    insert,
    select,
)

from router.store import schema
from router.store.database import Database
from router.store.tables import VERSION_TABLE
from router.store.urls import parse_url

ROWS = 3


@pytest.fixture
async def empty_url(backend: str, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """The URL of a database that holds nothing."""
    if backend == "sqlite":
        return f"sqlite:///{tmp_path / 'new.db'}"
    made: str = await request.getfixturevalue("postgres").database()
    return made


def migrate(connection: Connection, wanted: str) -> None:
    """Bring the database to the version ``wanted`` (``base``: to none), forward or back."""
    scripts, versions = schema._scripts(), ["base", *schema.known_versions()]

    def steps(version: Any, _context: Any) -> Any:
        there = version[0] if version else "base"
        back = versions.index(wanted) < versions.index(there)
        return scripts._downgrade_revs(wanted, version) if back else scripts._upgrade_revs(wanted, version)

    context = MigrationContext.configure(
        connection, opts={"fn": steps, "version_table": VERSION_TABLE, "transactional_ddl": True}
    )
    with Operations.context(context):
        context.run_migrations()


def tables(connection: Connection) -> dict[str, Table]:
    """The tables that are there, those that others refer to first."""
    found = MetaData()
    found.reflect(connection)
    return {table.name: table for table in found.sorted_tables if table.name != VERSION_TABLE}


def value(column: Column[Any], row: int) -> Any:
    kind = column.type
    if isinstance(kind, Boolean):
        return row % 2 == 0
    if isinstance(kind, Integer):
        return row
    if isinstance(kind, Float):
        return 1_790_000_000.25 + row
    if isinstance(kind, LargeBinary):
        return bytes([0, 255, row])
    if isinstance(kind, JSON):
        return {"第几行": row, "list": [1, None, "x"]}
    return f"{column.name} 第 {row} 行 '\""


def fill(connection: Connection) -> None:
    """Rows in every table that has none; what may be null is null in the last of them."""
    for table in tables(connection).values():
        if connection.execute(select(func.count()).select_from(table)).scalar_one():
            continue
        rows = []
        for row in range(1, ROWS + 1):
            made = {}
            for column in table.columns:
                key = next(iter(column.foreign_keys), None)
                if key is not None:
                    known = connection.execute(select(key.column).order_by(key.column)).scalars().all()
                    made[column.name] = known[row % len(known)]
                else:
                    made[column.name] = None if column.nullable and row == ROWS else value(column, row)
            rows.append(made)
        connection.execute(insert(table), rows)


def content(connection: Connection) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table."""
    return {
        name: sorted((dict(row) for row in connection.execute(select(table)).mappings()), key=repr)
        for name, table in tables(connection).items()
    }


def columns(connection: Connection) -> dict[str, list[str]]:
    return {name: [column.name for column in table.columns] for name, table in tables(connection).items()}


def common(rows: dict[str, list[dict[str, Any]]], others: dict[str, list[str]]) -> dict[str, list[dict[str, Any]]]:
    """Of ``rows`` the tables and columns that ``others`` has too."""
    return {
        name: sorted(
            ({key: value for key, value in row.items() if key in others[name]} for row in rows[name]), key=repr
        )
        for name in rows
        if name in others
    }


@pytest.mark.parametrize("version", schema.known_versions())
async def test_a_store_of_any_version_with_data_goes_to_the_newest_and_back(empty_url: str, version: str) -> None:
    newest = schema.known_versions()[-1]

    def there_and_back(connection: Connection) -> None:
        migrate(connection, version)
        fill(connection)
        before, old = content(connection), columns(connection)
        assert all(before.values()), "a table stayed empty"
        migrate(connection, newest)
        after, new = content(connection), columns(connection)
        assert common(after, old) == common(before, new)
        fill(connection)
        full = content(connection)
        migrate(connection, version)
        assert columns(connection) == old
        assert common(content(connection), new) == common(full, old)
        migrate(connection, newest)
        assert columns(connection) == new

    database = Database(parse_url(empty_url))
    try:
        async with database.write() as connection:
            await connection.run_sync(there_and_back)
    finally:
        await database.close()


async def test_taken_back_altogether_nothing_is_left(empty_url: str) -> None:
    def all_the_way(connection: Connection) -> None:
        migrate(connection, schema.known_versions()[-1])
        fill(connection)
        migrate(connection, "base")
        assert tables(connection) == {}

    database = Database(parse_url(empty_url))
    try:
        async with database.write() as connection:
            await connection.run_sync(all_the_way)
    finally:
        await database.close()
