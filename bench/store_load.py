"""Reading the life states of a million numbers from a store, as a router does when it starts."""

from __future__ import annotations

import asyncio
import random
import sqlite3
import tempfile
import time
from pathlib import Path

from router.store import Store

NUMBERS = 1_000_000
ROUNDS = 3
AT = 1_790_000_000.0
SEED = 400


def store_load_seconds() -> dict[str, object]:
    """Seconds until the states of `NUMBERS` numbers are a dictionary, from SQLite through the store; the reference is
    the driver's own cursor over the same file, into the same dictionary."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "store.db"
        seeded = asyncio.run(_fill(file))
        value = min(asyncio.run(_load(file)) for _ in range(ROUNDS))
        reference = min(_by_hand(file) for _ in range(ROUNDS))
    return {
        "value": round(value, 2),
        "unit": "s",
        "reference": round(reference, 2),
        "ratio": round(value / reference, 2),
        "note": f"{NUMBERS:,} numbers, SQLite; reference: sqlite3 alone; seeding them at first {seeded:.1f} s",
    }


async def _fill(file: Path) -> float:
    chance = random.Random(SEED)
    states = {
        f"400{number:07d}": chance.choice(("bound", "bound", "bound", "routed", "suspended"))
        for number in chance.sample(range(10_000_000), NUMBERS)
    }
    async with await Store.open(f"sqlite:///{file}") as store:
        begin = time.perf_counter()
        await store.seed_states(states, AT)
        return time.perf_counter() - begin


async def _load(file: Path) -> float:
    async with await Store.open(f"sqlite:///{file}") as store:
        begin = time.perf_counter()
        overlay = await store.overlay(AT)
        taken = time.perf_counter() - begin
        assert len(overlay.states) == NUMBERS
        return taken


def _by_hand(file: Path) -> float:
    connection = sqlite3.connect(file)
    begin = time.perf_counter()
    states = dict(connection.execute("SELECT number, state FROM number_states"))
    taken = time.perf_counter() - begin
    connection.close()
    assert len(states) == NUMBERS
    return taken
