"""What goes on in the calls of a router, written down for the receivers of webhooks beside the calls.

A call never waits for it. While the store is away up to `MOST_WAITING` happenings wait; beyond them the oldest is given
up, and said to be.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from ..clock import Clock
from ..happenings import (
    AGENT_ANSWERED,
    CALL_ANSWERED,
    CALL_ENDED,
    CALL_QUEUED,
    CALL_STARTED,
    NODE_ENTERED,
    Happening,
    of_call,
)
from ..record import CallRecord
from ..store import Store, StoreError

log = logging.getLogger("line400.webhooks")

MOST_WAITING: Final = 20_000
BATCH: Final = 500
GATHER_S: Final = 0.1
"""Real seconds that are waited to gather happenings into one transaction."""
PAUSE_S: Final = 1.0
"""Real seconds between tries while the store is away."""


@dataclass(slots=True)
class _Told:
    """How much of a call was told."""

    place: int = 0
    nodes: int = 0
    queued: bool = False
    answered: bool = False
    agent: str | None = None


class CallTeller:
    """Tells of those ``kinds`` that somebody wants. `start` and `stop` it with the router."""

    def __init__(self, store: Store, clock: Clock, kinds: frozenset[str]) -> None:
        self._store = store
        self._clock = clock
        self._kinds = kinds
        self._calls: dict[str, _Told] = {}
        self._waiting: deque[Happening] = deque()
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._away = False
        self.given_up = 0

    def start(self) -> None:
        """Begin writing."""
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name="call-teller")

    async def stop(self, timeout: float = 2.0) -> None:
        """Write what waits, within ``timeout`` real seconds, and stop."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        try:
            async with asyncio.timeout(timeout):
                while self._waiting:
                    await self._write()
        except (StoreError, TimeoutError):
            log.warning("%d happenings were not written down before the stop", len(self._waiting))

    # ---- what goes on

    def began(self, record: CallRecord) -> None:
        """The call of ``record`` was resolved."""
        if record.test:
            return
        self._calls[record.call_id] = told = _Told()
        self._say(CALL_STARTED, record, told, record.started, rule=record.rule, revision=record.revision)

    def moved(self, record: CallRecord, queue: str | None, agent: str | None, answered: float | None) -> None:
        """Look at what is new in the call since it was looked at last."""
        told = self._calls.get(record.call_id)
        if told is None:
            return
        now = self._clock.now()
        for place in range(told.nodes, len(record.path)):
            self._say(NODE_ENTERED, record, told, now, node=record.path[place], position=place)
        told.nodes = len(record.path)
        if queue is not None and not told.queued:
            told.queued = True
            self._say(CALL_QUEUED, record, told, now, queue=queue)
        if answered is not None and not told.answered:
            told.answered = True
            self._say(CALL_ANSWERED, record, told, answered)
        if agent is not None and agent != told.agent:
            told.agent = agent
            self._say(AGENT_ANSWERED, record, told, now, queue=queue, agent=agent)

    def ended(self, record: CallRecord) -> None:
        """The call is over: ``record`` is whole."""
        self.moved(record, record.queue, record.agent, record.answered)
        told = self._calls.pop(record.call_id, _Told())
        if record.test:
            return
        at = self._clock.now() if record.ended is None else record.ended
        self._say(
            CALL_ENDED,
            record,
            told,
            at,
            outcome=record.outcome,
            abandoned_in=record.abandoned_in,
            hangup_by=record.hangup_by,
            hangup_cause=record.hangup_cause,
            duration_s=round(record.duration_s, 3),
            fault=None if record.fault is None else record.fault.code,
        )

    def _say(self, kind: str, record: CallRecord, told: _Told, at: float, **more: object) -> None:
        # Counted whether somebody wants it or not: what has an id keeps it when the settings change.
        place = told.place
        told.place += 1
        if kind not in self._kinds:
            return
        self._waiting.append(of_call(kind, record, at, place, **more))
        if len(self._waiting) > MOST_WAITING:
            self._waiting.popleft()
            self.given_up += 1
            if self.given_up % 1000 == 1:
                log.error("%d happenings were given up: the store takes nothing", self.given_up)
        self._wake.set()

    # ---- writing

    async def _run(self) -> None:
        while True:
            await self._wake.wait()
            await asyncio.sleep(GATHER_S)
            try:
                await self._write()
            except StoreError as error:
                if not self._away:
                    log.error("what happens in calls waits to be told: %s", error.code)
                self._away = True
                await asyncio.sleep(PAUSE_S)
                continue
            self._away = False
            if not self._waiting:
                self._wake.clear()

    async def _write(self) -> None:
        some = list(_first(self._waiting, BATCH))
        try:
            await self._store.tell(some)
        except StoreError as error:
            if error.code != "invalid_data":
                raise
            log.error("%d happenings cannot be written down", len(some))
        for one in some:
            if self._waiting and self._waiting[0] is one:
                self._waiting.popleft()


def _first(waiting: deque[Happening], count: int) -> Iterator[Happening]:
    for place, one in enumerate(waiting):
        if place == count:
            return
        yield one
