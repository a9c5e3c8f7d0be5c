"""Hearing of changes: a counter that every change raises, and waiting for it to move.

On PostgreSQL a change announces itself (LISTEN/NOTIFY); the counter is still read every few seconds, because a
notification can be lost with its connection. On SQLite the counter is read several times a second.
"""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from .base import CHANNEL, StoreBase
from .database import Database
from .tables import changes

POLL_S: Final = 0.2
"""How often SQLite's counter is read: a change is in force well within the second that is promised."""

SAFETY_S: Final = 5.0


class Listener:
    """A connection of PostgreSQL that listens; it wakes every waiter, also when the connection is lost."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._stack: AsyncExitStack | None = None
        self._opening = asyncio.Lock()
        self._moved = asyncio.Event()

    async def arm(self) -> asyncio.Event:
        """Listen, if not listening already; the event that the next notification sets."""
        async with self._opening:
            if self._stack is None:
                async with AsyncExitStack() as stack:
                    connection = await stack.enter_async_context(self._database.hold())
                    driver: Any = (await connection.get_raw_connection()).driver_connection
                    driver.add_termination_listener(self._lost)
                    stack.callback(driver.remove_termination_listener, self._lost)
                    await driver.add_listener(CHANNEL, self._notified)
                    stack.push_async_callback(self._unlisten, connection, driver)
                    self._stack = stack.pop_all()
            if self._moved.is_set():
                self._moved = asyncio.Event()
            return self._moved

    async def close(self) -> None:
        """Stop listening."""
        stack, self._stack = self._stack, None
        self._moved.set()
        if stack is not None:
            await stack.aclose()

    async def renew(self) -> None:
        """Drop a connection that was lost, so that `arm` makes a new one."""
        async with self._opening:
            stack = self._stack
            if stack is not None and self._is_lost:
                self._stack = None
                self._is_lost = False
                await stack.aclose()

    _is_lost = False

    def _notified(self, *_: object) -> None:
        self._moved.set()

    def _lost(self, _connection: object) -> None:
        self._is_lost = True
        self._moved.set()

    async def _unlisten(self, connection: AsyncConnection, driver: Any) -> None:
        if driver.is_closed():
            await connection.invalidate()
        else:
            await driver.remove_listener(CHANNEL, self._notified)


class WatchPart(StoreBase):
    """What `router.store.Store` does to let routers hear of changes."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self._listener = Listener(database) if database.backend == "postgresql" else None

    async def change_counter(self) -> int:
        """A number that every change of the current revision, the overlay or a life state raises. Cheap to read."""
        async with self._database.read() as connection:
            return int((await connection.execute(select(changes.c.counter))).scalar_one())

    async def wait_change(self, counter: int, timeout: float) -> int:
        """Wait, at most ``timeout`` real seconds, until the change counter is no longer ``counter``; the counter now.

        Raises `StoreError` when the store cannot be read meanwhile; the caller tries again after a while.
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout
        while True:
            moved = None if self._listener is None else await self._armed(self._listener)
            now = await self.change_counter()
            left = deadline - loop.time()
            if now != counter or left <= 0:
                return now
            if moved is None:
                await asyncio.sleep(min(POLL_S, left))
                continue
            try:
                async with asyncio.timeout(min(SAFETY_S, left)):
                    await moved.wait()
            except TimeoutError:
                continue

    @staticmethod
    async def _armed(listener: Listener) -> asyncio.Event:
        await listener.renew()
        return await listener.arm()
