"""Stores for tests: the fixtures that open them, on every database that is there, and records to put in them.

A test module imports the fixtures it uses, and `pytest_generate_tests`, which runs its tests once per database.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from router.record import CallRecord
from router.store import Store
from router.store.tables import metadata
from tests.postgres import PostgresServer, backends

ROOT = Path(__file__).resolve().parents[1]
NOON = 1_790_000_000.0
FILES = {"line400.yaml": "company: 示例科技\n".encode(), "flows/welcome.flow.yaml": b"flow: welcome\n"}
Opener = Callable[..., Awaitable[Store]]
Tables = dict[str, list[dict[str, object]]]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run what needs a ``backend`` once per database, or on those that the module names in ``BACKENDS``."""
    if "backend" in metafunc.fixturenames:
        names = getattr(metafunc.module, "BACKENDS", None) or backends(metafunc.config)
        metafunc.parametrize("backend", names)


@pytest.fixture
async def url(backend: str, tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[str]:
    """The URL of an empty store of the test's own."""
    if backend == "sqlite":
        yield f"sqlite:///{tmp_path / 'store.db'}"
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    lent = await server.store()
    yield lent
    server.give_back(lent)


@pytest.fixture
async def another_url(backend: str, tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[str]:
    """The URL of a second empty store."""
    if backend == "sqlite":
        yield f"sqlite:///{tmp_path / 'another.db'}"
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    lent = await server.store()
    yield lent
    server.give_back(lent)


@pytest.fixture
async def open_store(url: str, another_url: str) -> AsyncIterator[Opener]:
    """Opens stores and closes them at the end; without a URL, the test's own."""
    opened: list[Store] = []

    async def opener(other: str | None = None, **options: object) -> Store:
        store = await Store.open(other or url, **options)  # type: ignore[arg-type]
        opened.append(store)
        return store

    yield opener
    for store in opened:
        await store.close()


@pytest.fixture
async def store(open_store: Opener) -> Store:
    """The test's own store, open."""
    return await open_store()


def up(call_id: str = "c1", started: float = NOON, **facts: object) -> CallRecord:
    """The record of a call that is up."""
    base = CallRecord(
        call_id=call_id,
        caller="13800138000",
        caller_kind="mobile",
        called="4008001234",
        called_by="dialled",
        dialled="400-800-1234",
        started=started,
        base_number="01088880001",
        line="bj-unicom",
        trunk="unicom-bj",
        flow="welcome",
        revision="r1",
        rule="default",
    )
    return replace(base, **facts)  # type: ignore[arg-type]


def over(call_id: str = "c1", started: float = NOON, **facts: object) -> CallRecord:
    """The record of a call that is over."""
    finished: dict[str, object] = {
        "path": ["greeting", "menu", "admit"],
        "heard": ["您好，欢迎致电示例科技。", "tone:busy"],
        "inputs": ["2", "", "h"],
        "outcome": "queued",
        "queue": "default",
        "hangup_by": "caller",
        "hangup_cause": 16,
        "entered": started + 0.5,
        "answered": started + 1.25,
        "ended": started + 12.375,
    }
    return up(call_id, started, **(finished | facts))


async def everything(store: Store) -> Tables:
    """Every row of every table."""
    async with store._database.read() as connection:
        return {
            table.name: [
                dict(row._mapping)
                for row in await connection.execute(table.select().order_by(*table.primary_key.columns))
            ]
            for table in metadata.sorted_tables
        }
