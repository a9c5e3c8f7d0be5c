"""What flows keep of callers, in the store: read as a call arrives, written beside the calls.

A call waits for the store no longer than `PATIENCE`; what this router knows of the caller stands in then, and a store
that is away costs a warning. What is kept is known here at once and written soon.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from typing import Any

from ..book import RouteBook
from ..caller_memory import CallerMemory, merged
from ..clock import Clock
from ..left import DAY
from ..model import Retention
from ..store import Store, StoreError
from .background import in_background

log = logging.getLogger("line400.service")

PATIENCE = 0.05
"""Real seconds that a call waits for what is kept of its caller."""
GATHER = 0.05
FIRST_PAUSE = 0.5
LONGEST_PAUSE = 10.0
MOST_WAITING = 10_000
"""Callers of whom something waits to be written; beyond them nothing new waits."""
AGENT_PATIENCE = 0.3
"""Real seconds that a caller waits to be queued while it is found out who spoke with them last."""


def remembers(book: RouteBook) -> bool:
    """Whether a flow of ``book`` keeps something of callers; where none does, nothing need be read."""
    flows = [book.flow(name) for name in book.environment.flows]
    return any(
        getattr(node.options, "scope", None) == "caller" for flow in flows for node in flow.definition.nodes.values()
    )


class StoreMemory:
    """The memory of a router with a store. `start` and `stop` it with the router."""

    def __init__(self, store: Store, clock: Clock, retention: Retention) -> None:
        self._store = store
        self._clock = clock
        self._days = retention.callers
        self._known = CallerMemory()
        self._waiting: dict[str, dict[str, Any]] = {}
        self._writing: dict[str, dict[str, Any]] = {}
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._away = ""

    def start(self) -> None:
        """Begin writing."""
        if self._task is None:
            self._task = in_background(self._run(), "caller-memory")

    async def stop(self, timeout: float = 2.0) -> None:
        """Write what waits, within ``timeout`` real seconds, and stop."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        if self._waiting:
            try:
                async with asyncio.timeout(timeout):
                    await self._write()
            except (StoreError, TimeoutError):
                log.warning("what was kept of %d callers could not be written", len(self._waiting))

    async def prepare(self, caller: str) -> None:
        """Learn what the store keeps of ``caller``, so that `recall` tells it. Never raises."""
        # What is on its way into the store as the read begins may be neither in it nor on its way when the read ends.
        under_way = self._unwritten(caller)
        try:
            async with asyncio.timeout(PATIENCE):
                found = await self._store.recall_caller(caller, self._clock.now())
        except (StoreError, TimeoutError) as error:
            self._say_away(error.code if isinstance(error, StoreError) else "slow")
            return
        self._away = ""
        self._known.replace(caller, merged(merged(found, under_way), self._unwritten(caller)))

    def _unwritten(self, caller: str) -> dict[str, Any]:
        """What of ``caller`` waits to be written or is being written."""
        return merged(self._writing.get(caller, {}), self._waiting.get(caller, {}))

    def recall(self, caller: str) -> Mapping[str, Any]:
        """What is known to be kept of ``caller``."""
        return self._known.recall(caller)

    def keep(self, caller: str, values: Mapping[str, object]) -> None:
        """Keep ``values``; returns at once."""
        self._known.keep(caller, values)
        if caller in self._waiting or len(self._waiting) < MOST_WAITING:
            self._waiting[caller] = merged(self._waiting.get(caller, {}), values)
            self._wake.set()

    async def last_agent(self, caller: str, days: float) -> str | None:
        """Who last spoke with ``caller`` within ``days``, None where nobody did or it cannot be found out in time."""
        try:
            async with asyncio.timeout(AGENT_PATIENCE):
                return await self._store.last_agent(caller, self._clock.now() - days * DAY)
        except (StoreError, TimeoutError) as error:
            self._say_away(error.code if isinstance(error, StoreError) else "slow")
            return None

    async def _run(self) -> None:
        pause = FIRST_PAUSE
        while True:
            await self._wake.wait()
            await asyncio.sleep(GATHER)
            self._wake.clear()
            try:
                await self._write()
                pause = FIRST_PAUSE
            except StoreError as error:
                self._say_away(error.code)
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE)
                self._wake.set()

    async def _write(self) -> None:
        batch, self._waiting = self._waiting, {}
        self._writing = batch
        now = self._clock.now()
        try:
            await self._store.keep_callers(batch, now, None if self._days is None else now + self._days * DAY)
        except BaseException as error:
            if isinstance(error, StoreError) and error.code == "invalid_data":
                log.error("what was kept of %d callers is given up: %s", len(batch), error.message.en)
                return
            for caller, values in batch.items():
                self._waiting[caller] = merged(values, self._waiting.get(caller, {}))
            raise
        finally:
            self._writing = {}

    def _say_away(self, code: str) -> None:
        if code != self._away:
            log.warning("what is kept of callers cannot be read or written now: %s", code)
            self._away = code
