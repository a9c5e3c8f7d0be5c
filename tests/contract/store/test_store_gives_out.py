"""A store that fills up or goes away in the middle of a change says so and keeps nothing half, on every database."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from sqlalchemy import text

from router.store import Store, StoreError
from tests.stores import FILES, NOON, Opener, over

MANY = {f"400{number:07d}": "bound" for number in range(20_000)}
LARGE = {**FILES, "numbers.csv": random.Random(400).randbytes(400_000)}
CHANGES: dict[str, Callable[[Store], Awaitable[Any]]] = {
    "states of many numbers": lambda store: store.seed_states(MANY, NOON),
    "a revision": lambda store: store.apply_revision(LARGE, "li", "go", NOON),
}

TRIGGER = """
CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = '53100'; END $$
"""


async def fill(store: Store) -> Callable[[], Awaitable[None]]:
    """Leave room for hardly anything; the function that makes room again. SQLite is given a bound on its pages;
    PostgreSQL answers as on a full disk when the audit, the last step of a change, is written."""
    if store._database.backend == "sqlite":
        async with store._database.write() as connection:
            pages = (await connection.execute(text("PRAGMA page_count"))).scalar_one()
            await connection.execute(text(f"PRAGMA max_page_count = {pages + 4}"))

        async def empty() -> None:
            async with store._database.write() as connection:
                await connection.execute(text("PRAGMA max_page_count = 1073741823"))

        return empty
    async with store._database.write() as connection:
        await connection.execute(text(TRIGGER))
        await connection.execute(text("CREATE TRIGGER no_room BEFORE INSERT ON audit EXECUTE FUNCTION no_room()"))

    async def drop() -> None:
        async with store._database.write() as connection:
            await connection.execute(text("DROP TRIGGER no_room ON audit"))
            await connection.execute(text("DROP FUNCTION no_room"))

    return drop


async def whole(store: Store) -> tuple[object, ...]:
    """Everything that the changes of this module touch."""
    return (
        await store.states(),
        await store.history(),
        await store.current(),
        await store.activations(),
        [(entry.action, entry.subject) for entry in await store.audit_entries()],
        await store.change_counter(),
        await store.count_calls(),
    )


@pytest.mark.parametrize("change", CHANGES)
async def test_a_store_that_fills_up_keeps_all_it_had_and_nothing_of_the_change(store: Store, change: str) -> None:
    await store.save(over())
    await store.apply_revision(FILES, "li", "first", NOON)
    await store.seed_states({"4008001234": "bound"}, NOON)
    before = await whole(store)
    make_room = await fill(store)
    with pytest.raises(StoreError) as caught:
        await CHANGES[change](store)
    assert caught.value.code == "full"
    assert caught.value.cure.zh
    assert await whole(store) == before
    await store.check()
    await make_room()
    await CHANGES[change](store)
    assert await whole(store) != before


async def test_a_connection_that_is_cut_in_a_change_leaves_nothing_of_it(
    backend: str, open_store: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, other = await open_store(), await open_store()
    await store.apply_revision(FILES, "li", "first", NOON)
    before = await whole(store)
    audit = store._audit

    async def cut_off(connection: Any, *rest: Any, **more: Any) -> None:
        """The server closes the connection between the change and its last step."""
        if backend == "postgresql":
            mine = (await connection.execute(text("SELECT pg_backend_pid()"))).scalar_one()
            async with other._database.write() as theirs:
                await theirs.execute(text(f"SELECT pg_terminate_backend({mine})"))
            await asyncio.sleep(0.05)
        else:
            raw = await connection.get_raw_connection()
            await raw.driver_connection.close()
        await audit(connection, *rest, **more)

    with monkeypatch.context() as patch:
        patch.setattr(store, "_audit", cut_off)
        with pytest.raises(StoreError) as caught:
            await store.seed_states(MANY, NOON)
    assert caught.value.code in ("unreachable", "failed")
    assert await whole(other) == before
    if backend == "postgresql":
        assert await store.seed_states(MANY, NOON) == len(MANY)
