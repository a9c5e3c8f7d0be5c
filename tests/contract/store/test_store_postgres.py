"""What is PostgreSQL's own: logging in, a server that goes away and comes back, a schema shared with others."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text

from router.store import Store, StoreError
from tests.postgres import PostgresServer
from tests.stores import NOON, Opener, over

BACKENDS = ["postgresql"]


async def refusal(url: str) -> StoreError:
    with pytest.raises(StoreError) as caught:
        await Store.open(url)
    return caught.value


@pytest.fixture
async def own_server(postgres: PostgresServer) -> AsyncIterator[PostgresServer]:
    """The server, running again after the test whatever the test did to it."""
    yield postgres
    postgres.halt()
    postgres.resume()


async def test_a_wrong_password_is_said_without_the_password(postgres: PostgresServer) -> None:
    error = await refusal(postgres.url("postgres", password="letmein-123"))
    assert error.code == "unreachable"
    assert "password authentication failed" in error.message.en
    for said in (*error.message, *error.cure, str(error), repr(error), repr(error.__cause__)):
        assert "letmein-123" not in said


async def test_a_database_that_is_not_there_is_named(postgres: PostgresServer) -> None:
    error = await refusal(postgres.url("nowhere"))
    assert error.code == "unreachable"
    assert "nowhere" in error.message.en
    assert postgres.password not in error.message.en


async def test_a_server_that_is_not_there_is_unreachable() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: connecting is refused
        error = await refusal(f"postgresql://u:p@127.0.0.1:{taken.getsockname()[1]}/x")
    assert error.code == "unreachable"
    assert error.transient
    assert "127.0.0.1" in error.message.en


async def test_tables_of_others_beside_ours_do_no_harm(postgres: PostgresServer) -> None:
    url = await postgres.database()
    async with await Store.open(url) as store, store._database.write() as connection:
        await connection.execute(text("CREATE TABLE songs (title TEXT)"))
    async with await Store.open(url) as store:
        assert len(await store.roles()) == 6


async def test_a_table_of_somebody_else_with_a_name_of_ours_is_refused(postgres: PostgresServer) -> None:
    import asyncpg

    url = await postgres.database()
    connection = await asyncpg.connect(url)
    await connection.execute("CREATE TABLE calls (id int)")
    await connection.close()
    assert (await refusal(url)).code == "foreign"


async def test_a_change_is_told_and_not_only_found_by_looking(
    open_store: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("router.store.watch.SAFETY_S", 3600.0)
    here, there = await open_store(), await open_store()
    counter = await here.change_counter()
    waiting = asyncio.create_task(here.wait_change(counter, 3600.0))
    await asyncio.sleep(0.05)
    await there.block("1*", "li", NOON)
    async with asyncio.timeout(30):  # ends a test that fails
        assert await waiting == counter + 1


async def test_a_store_survives_a_restart_of_its_server(own_server: PostgresServer, open_store: Opener) -> None:
    store = await open_store()
    await store.save(over())
    counter = await store.change_counter()
    waiting = asyncio.create_task(store.wait_change(counter, 60.0))
    await asyncio.sleep(0.05)
    own_server.halt()
    with pytest.raises(StoreError) as caught:
        await waiting
    assert caught.value.code == "unreachable"
    with pytest.raises(StoreError) as caught:
        await store.count_calls()
    assert (caught.value.code, caught.value.transient) == ("unreachable", True)
    own_server.resume()
    assert await store.count_calls() == 1
    again = asyncio.create_task(store.wait_change(counter, 60.0))
    await asyncio.sleep(0.05)
    await store.announce("all", "x", NOON + 1, "li", NOON)
    assert await again == counter + 1
