"""What a router knows of its callers while the store is being written and read at the same time."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, cast

from router.asterisk.remembering import StoreMemory
from router.clock import Clock
from router.model import Retention
from router.store import Store

CALLER = "13800138000"


class SlowStore:
    """A store whose writes and reads end when they are let go; a read sees what was written when it began."""

    def __init__(self) -> None:
        self.kept: dict[str, dict[str, Any]] = {}
        self.write = asyncio.Event()
        self.read = asyncio.Event()
        self.writing = asyncio.Event()

    async def keep_callers(self, values: Mapping[str, Mapping[str, Any]], now: float, until: float | None) -> None:
        self.writing.set()
        await self.write.wait()
        for caller, kept in values.items():
            self.kept[caller] = {**self.kept.get(caller, {}), **kept}

    async def recall_caller(self, caller: str, now: float) -> dict[str, Any]:
        found = dict(self.kept.get(caller, {}))
        await self.read.wait()
        return found


def memory_of(store: SlowStore) -> StoreMemory:
    return StoreMemory(cast(Store, store), Clock(0.0), Retention())


async def test_what_is_being_written_is_known_to_the_next_call() -> None:
    store = SlowStore()
    store.read.set()
    memory = memory_of(store)
    memory.start()
    memory.keep(CALLER, {"visits": 1})
    await store.writing.wait()
    await memory.prepare(CALLER)
    assert memory.recall(CALLER) == {"visits": 1}
    store.write.set()
    await memory.stop()


async def test_a_read_that_began_before_the_write_ended_does_not_undo_it() -> None:
    store = SlowStore()
    memory = memory_of(store)
    memory.start()
    memory.keep(CALLER, {"visits": 1})
    await store.writing.wait()
    preparing = asyncio.create_task(memory.prepare(CALLER))
    await asyncio.sleep(0)
    store.write.set()
    await memory.stop()
    store.read.set()
    await preparing
    assert memory.recall(CALLER) == {"visits": 1}
