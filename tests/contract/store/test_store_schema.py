"""What the store promises of opening, closing and its schema, on SQLite and on PostgreSQL alike."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Connection, inspect, text

from router.store import Store, StoreError, schema
from router.store.tables import SCHEMA, VERSION_TABLE, metadata
from tests.stores import Opener, over


@pytest.fixture
async def empty_url(backend: str, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """The URL of a database that holds nothing."""
    if backend == "sqlite":
        return f"sqlite:///{tmp_path / 'new.db'}"
    made: str = await request.getfixturevalue("postgres").database()
    return made


def test_the_newest_migration_is_the_one_that_the_code_knows() -> None:
    assert schema.known_versions()[-1] == SCHEMA


async def test_the_migrations_make_exactly_the_tables_that_the_code_uses(store: Store) -> None:
    def differences(connection: object) -> list[object]:
        context = MigrationContext.configure(
            connection,  # type: ignore[arg-type]
            opts={"version_table": VERSION_TABLE, "compare_type": True},
        )
        return list(compare_metadata(context, metadata))

    async with store._database.read() as connection:
        assert await connection.run_sync(differences) == []


async def test_opening_again_keeps_what_is_there(open_store: Opener) -> None:
    first = await open_store()
    await first.save(over())
    await first.close()
    again = await open_store()
    assert await again.count_calls() == 1


async def test_many_may_open_a_new_store_at_once(empty_url: str) -> None:
    stores = await asyncio.gather(*(Store.open(empty_url) for _ in range(4)))
    try:
        assert [len(await store.roles()) for store in stores] == [6, 6, 6, 6]
    finally:
        await asyncio.gather(*(store.close() for store in stores))


async def test_a_store_of_a_newer_line400_is_refused_and_untouched(store: Store, open_store: Opener) -> None:
    async with store._database.write() as connection:
        await connection.execute(text(f"UPDATE {VERSION_TABLE} SET version_num = '9999'"))
    with pytest.raises(StoreError) as caught:
        await open_store()
    assert caught.value.code == "schema_newer"
    assert "9999" in caught.value.message.en
    assert "9999" in caught.value.message.zh
    async with store._database.read() as connection:
        assert (await connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}"))).scalar_one() == "9999"


async def test_reading_only_never_writes(open_store: Opener) -> None:
    writing = await open_store()
    await writing.save(over())
    reading = await open_store(read_only=True)
    assert await reading.get_call("c1") == over()
    with pytest.raises(StoreError) as caught:
        await reading.save(over("c2"))
    assert caught.value.code == "read_only"
    assert await writing.count_calls() == 1


async def test_a_closed_store_says_so(open_store: Opener) -> None:
    closed = await open_store()
    await closed.close()
    await closed.close()
    with pytest.raises(StoreError) as caught:
        await closed.count_calls()
    assert caught.value.code == "closed"


async def test_check_passes_on_a_sound_store(store: Store) -> None:
    await store.save(over())
    await store.check()


async def test_a_migration_that_fails_leaves_the_database_as_it_was(
    empty_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = schema._upgrade

    def fails_at_its_end(connection: Connection) -> None:
        whole(connection)
        connection.execute(text("SELECT * FROM no_such_table"))

    with monkeypatch.context() as patch:
        patch.setattr(schema, "_upgrade", fails_at_its_end)
        with pytest.raises(StoreError):
            await Store.open(empty_url)
    with pytest.raises(StoreError) as caught:
        await Store.open(empty_url, create=False)
    assert caught.value.code == "store_missing"
    async with await Store.open(empty_url) as store:
        assert len(await store.roles()) == 6


async def test_the_migrations_can_be_taken_back(empty_url: str) -> None:
    def take_back(connection: Connection) -> set[str]:
        scripts = schema._scripts()
        context = MigrationContext.configure(
            connection,
            opts={"fn": lambda version, _: scripts._downgrade_revs("base", version), "version_table": VERSION_TABLE},
        )
        with Operations.context(context):
            context.run_migrations()
        return set(inspect(connection).get_table_names())

    async with await Store.open(empty_url) as store, store._database.write() as connection:
        assert await connection.run_sync(take_back) <= {VERSION_TABLE}


async def test_work_that_is_cancelled_leaves_a_store_that_works(open_store: Opener) -> None:
    store = await open_store(busy_timeout=2.0)
    counter = await store.change_counter()
    for step in range(40):
        work = [
            asyncio.ensure_future(store.save(over(f"c{step}"))),
            asyncio.ensure_future(store.overlay(0.0)),
            asyncio.ensure_future(store.wait_change(counter, 60.0)),
        ]
        await asyncio.sleep(step * 0.0002)
        for task in work:
            task.cancel()
        await asyncio.gather(*work, return_exceptions=True)
    await store.save(over("last"))
    assert await store.get_call("last") == over("last")
    assert await store.wait_change(counter, 0) == counter
