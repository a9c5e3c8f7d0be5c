"""The store: one class, opened on a URL, made of its parts."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import Final

from sqlalchemy import text

from .access import AccessPart
from .asked import AskedPart
from .backup import BackupPart
from .billing import BillingPart
from .calls import CallsPart
from .database import Database
from .errors import StoreError, corrupt
from .inbox import InboxPart
from .lives import LivesPart
from .memory import MemoryPart
from .overlay import OverlayPart
from .people import PeoplePart
from .reconciling import ReconcilingPart
from .schedule import SchedulePart
from .schema import prepare
from .urls import check_file, parse_url
from .vendor import VendorPart
from .watch import WatchPart
from .webhooks import WebhooksPart

_RETRY_S: Final = 0.05


class Store(
    CallsPart,
    SchedulePart,
    OverlayPart,
    PeoplePart,
    WatchPart,
    InboxPart,
    MemoryPart,
    ReconcilingPart,
    LivesPart,
    BillingPart,
    AccessPart,
    AskedPart,
    VendorPart,
    WebhooksPart,
    BackupPart,
):
    """Call records, revisions and their moments, overlay, life states, audit and people, on SQLite or PostgreSQL.

    Made by `Store.open`, used by one event loop. Every method raises `StoreError` (with message and cure in both
    languages) when the store cannot do its work, and nothing of a database driver.
    """

    @classmethod
    async def open(cls, url: str, *, create: bool = True, read_only: bool = False, busy_timeout: float = 5.0) -> Store:
        """Open the store at ``url``: ``sqlite:///PATH`` or ``postgresql://USER:PASSWORD@HOST:PORT/DATABASE``.

        An absent or empty store is made when ``create``; an older schema is brought up to date. ``read_only``: nothing
        is ever written, not even that. ``busy_timeout`` seconds are waited for another process's transaction.
        Raises `StoreError`.
        """
        target = parse_url(url)
        if target.path is not None:
            check_file(target.path, create=create, reading=read_only)
        database = Database(target, reading=read_only, busy_timeout=busy_timeout)
        async with AsyncExitStack() as stack:
            stack.push_async_callback(database.close)
            await prepare(database, create=create)
            if target.backend == "sqlite" and not read_only:
                await _use_write_ahead_log(database)
            stack.pop_all()
        return cls(database)

    async def close(self) -> None:
        """Close every connection. Closing twice is allowed; any other use afterwards raises ``closed``."""
        if self._listener is not None:
            await self._listener.close()
        await self._database.close()

    async def __aenter__(self) -> Store:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def check(self) -> None:
        """See that the store answers and, on SQLite, that its file is sound. Raises `StoreError`."""
        if self.backend != "sqlite":
            await self.change_counter()
            return
        async with self._database.read() as connection:
            said = (await connection.execute(text("PRAGMA quick_check(1)"))).scalar_one()
        if said != "ok":
            raise corrupt(self.where, str(said).splitlines()[0])


async def _use_write_ahead_log(database: Database) -> None:
    """Turn on WAL, which the file remembers. SQLite does not wait here as it does for a transaction, so we do."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + database.busy_timeout
    while True:
        try:
            async with database.hold() as connection:
                driver = (await connection.get_raw_connection()).driver_connection
                assert driver is not None
                await driver.execute_fetchall("PRAGMA journal_mode=WAL")
            return
        except StoreError as error:
            if error.code != "locked" or loop.time() >= deadline:
                raise
            await asyncio.sleep(_RETRY_S)
