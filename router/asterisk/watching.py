"""Watching the store: announcements, blocks and life states within a second, a new revision as soon as it is current.

When the store cannot be read, calls go on with what is known; the watch tries again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from math import isfinite
from typing import Protocol

from ..book import RouteBook
from ..clock import Clock
from ..overlay import Announcement, Block, Overlay
from ..store import OverlayRows, Store, StoreError
from .background import described, in_background

log = logging.getLogger("line400.service")

HEARTBEAT_SECONDS = 3.0
PAUSE_SECONDS = 0.5

Loader = Callable[[str], Awaitable[RouteBook]]
"""Compiles the revision of a name (``r3``)."""


class Watcher(Protocol):
    """Who is told; see `router.asterisk.service.LiveRouter`."""

    @property
    def book(self) -> RouteBook: ...
    @property
    def clock(self) -> Clock: ...
    def swap(self, book: RouteBook) -> None: ...
    def set_overlay(self, overlay: Overlay) -> None: ...
    def store_works(self) -> None: ...


def overlay_of(rows: OverlayRows, book: RouteBook) -> Overlay:
    """``rows`` as the overlay over ``book``: only the life states that differ from what the book was compiled with, and
    the numbers that the book lets end."""
    return Overlay(
        [Announcement(row.number, row.text, row.until, row.end_call, row.author) for row in rows.announcements],
        [Block(row.caller, row.until, row.author) for row in rows.blocks],
        {number: state for number, state in rows.states.items() if book.state_of(number) not in (None, state)},
        {number: coming for number, coming in rows.coming.items() if number in book},
        [number for number in rows.paid if number in book and isfinite(book.service_window_of(number)[1])],
    )


class StoreWatch:
    """Follows the change counter of a store for one router, and writes its heartbeat."""

    def __init__(self, router: Watcher, store: Store, router_id: str, loader: Loader | None) -> None:
        self.router = router
        self.store = store
        self.router_id = router_id
        self.loader = loader
        self.failed_revision: str | None = None
        self._rows: OverlayRows | None = None
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Read what is in force now, then follow. Raises `StoreError` when even that cannot be read."""
        counter = await self._read()
        self._task = in_background(self._follow(counter), "store-watch")

    async def stop(self) -> None:
        """Follow no more."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    def lay_over(self) -> None:
        """Lay what is in force over the router's book, which may be another than before."""
        if self._rows is not None:
            self.router.set_overlay(overlay_of(self._rows, self.router.book))

    async def _read(self) -> int:
        rows = await self.store.overlay(self.router.clock.now())
        await self._revision()
        self._rows = rows
        self.lay_over()
        return rows.counter

    async def _revision(self) -> None:
        if self.loader is None:
            return
        current = await self.store.current()
        if current is None or current.revision in (self.router.book.revision, self.failed_revision):
            return
        try:
            book = await self.loader(current.revision)
        except StoreError:
            raise
        except Exception as error:
            # The revision was checked before it became current; the one that runs stays, and this is shown.
            self.failed_revision = current.revision
            log.error("revision %s could not be loaded: %s", current.revision, described(error))
            return
        self.failed_revision = None
        self.router.swap(book)
        log.info("revision %s is in force", current.revision)

    async def _follow(self, counter: int) -> None:
        while True:
            try:
                now = await self.store.wait_change(counter, HEARTBEAT_SECONDS)
                if now != counter:
                    counter = await self._read()
                else:
                    await self.store.heartbeat(self.router_id, self.router.clock.now())
                self.router.store_works()
            except StoreError as error:
                log.warning("the store cannot be watched: %s", error.code)
                await asyncio.sleep(PAUSE_SECONDS)
