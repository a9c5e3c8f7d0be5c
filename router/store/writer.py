"""Writing call records beside the calls: a call never waits for the disk, and many calls share one transaction.

A record handed over is on disk within the interval plus one transaction; within four intervals where many calls make
the transactions long. When the store fails, calls go on: what could not be written is kept (up to a bound) and tried
again, and the owner is told.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Any, Final

from ivr_flows.findings import Text
from router.record import CallRecord

from .calls import CallsPart, row_of
from .errors import StoreError

Report = Callable[[StoreError, int], None]
"""Called with the error and how many records were given up because of it (0: they wait for another try). Must not
raise."""

FIRST_PAUSE_S: Final = 0.2
LONGEST_PAUSE_S: Final = 5.0
SHARE: Final = 50.0
"""Records are gathered for that many times as long as writing took, so that many calls do not mean many
transactions…"""
MOST_GATHERED: Final = 4.0
"""…but never longer than so many intervals."""


class CallWriter:
    """A queue of call records and the task that writes them. All methods belong to one event loop.

    ``interval`` seconds are waited to gather records into one transaction; at most ``batch`` go into one. Beyond
    ``limit`` waiting records, calls that are merely up are given up first (their end brings the whole record), then
    the oldest.
    """

    def __init__(
        self,
        store: CallsPart,
        router_id: str,
        on_error: Report,
        *,
        interval: float = 0.05,
        batch: int = 500,
        limit: int = 100_000,
    ) -> None:
        self._store = store
        self._router_id = router_id
        self._on_error = on_error
        self._interval = interval
        self._batch = batch
        self._limit = limit
        # By call id, in the order of arrival: the newest state of each call is all that is worth writing.
        self._opened: dict[str, CallRecord] = {}
        self._finished: dict[str, CallRecord] = {}
        self._pause = interval
        self._wake = asyncio.Event()
        self._hurry = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._stopping = False
        self._task: asyncio.Task[None] | None = None

    @property
    def waiting(self) -> int:
        """How many records are not written yet."""
        return len(self._opened) + len(self._finished)

    async def __aenter__(self) -> CallWriter:
        self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def start(self) -> None:
        """Begin writing."""
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name="call-writer")

    def journal(self, record: CallRecord) -> None:
        """Write soon that a call is up, as ``record`` is now. Returns at once."""
        if record.call_id not in self._finished:
            self._opened[record.call_id] = record.snapshot()
            self._added()

    def close_call(self, record: CallRecord) -> None:
        """Write soon how a call ended. Returns at once. Raises `ValueError` when the record has no outcome or end."""
        if record.outcome is None or record.ended is None:
            raise ValueError(f"call {record.call_id} is still up: it has no outcome or no end")
        self._opened.pop(record.call_id, None)
        self._finished.setdefault(record.call_id, record.snapshot())
        self._added()

    async def drain(self, timeout: float | None = None) -> bool:
        """Wait until everything handed over is written; whether it was within ``timeout`` real seconds."""
        if self._task is None:
            return not self.waiting
        self._hurry.set()
        idle = asyncio.create_task(self._idle.wait())
        try:
            await asyncio.wait({idle, self._task}, timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
        finally:
            idle.cancel()
        return self._idle.is_set()

    async def close(self, timeout: float = 5.0) -> bool:
        """Write what is left and stop; whether everything was written within ``timeout`` real seconds."""
        task, written = self._task, await self.drain(timeout)
        if task is None:
            return written
        self._task = None
        self._stopping = True
        self._wake.set()
        if not written:
            task.cancel()
        await asyncio.wait({task})
        if not task.cancelled():
            task.result()
        return written

    def _added(self) -> None:
        self._idle.clear()
        self._wake.set()
        if self.waiting > self._limit:
            crowded = self._opened or self._finished
            crowded.pop(next(iter(crowded)))
            self._on_error(_overrun(self._store.where), 1)

    async def _run(self) -> None:
        pause = FIRST_PAUSE_S
        while True:
            await self._wake.wait()
            if self._stopping:
                return
            if self.waiting < self._batch:
                await self._gather(self._pause)
            opened, finished = self._take()
            began = time.monotonic()
            try:
                await self._store.write_calls(self._rows(opened), self._rows(finished))
            except asyncio.CancelledError:
                self._put_back(opened, finished)
                raise
            except StoreError as error:
                if error.code == "invalid_data":
                    await self._one_by_one(opened, finished)
                    continue
                self._put_back(opened, finished)
                self._on_error(error, 0)
                self._hurry.clear()
                await self._gather(pause)
                pause = min(pause * 2, LONGEST_PAUSE_S)
            else:
                pause = FIRST_PAUSE_S
            self._pause = min(max(self._interval, SHARE * (time.monotonic() - began)), MOST_GATHERED * self._interval)
            self._settle()

    async def _gather(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._hurry.wait()
        except TimeoutError:
            return

    def _settle(self) -> None:
        if not self.waiting:
            self._wake.clear()
            self._hurry.clear()
            self._idle.set()

    def _rows(self, records: Mapping[str, CallRecord]) -> list[dict[str, Any]]:
        return [row_of(record, self._router_id) for record in records.values()]

    def _take(self) -> tuple[dict[str, CallRecord], dict[str, CallRecord]]:
        finished = dict(list(self._finished.items())[: self._batch])
        opened = dict(list(self._opened.items())[: self._batch - len(finished)])
        for call_id in finished:
            del self._finished[call_id]
        for call_id in opened:
            del self._opened[call_id]
        return opened, finished

    def _put_back(self, opened: dict[str, CallRecord], finished: dict[str, CallRecord]) -> None:
        """What came meanwhile is newer than what goes back; a call that ended meanwhile need not be journaled."""
        self._finished = {**self._finished, **finished}
        waiting = {call_id: record for call_id, record in opened.items() if call_id not in self._finished}
        self._opened = {**waiting, **self._opened}

    async def _one_by_one(self, opened: dict[str, CallRecord], finished: dict[str, CallRecord]) -> None:
        """One record that the store does not take must not cost the others."""
        records = [(record, False) for record in opened.values()] + [(record, True) for record in finished.values()]
        for record, is_finished in records:
            row = row_of(record, self._router_id)
            try:
                await self._store.write_calls([] if is_finished else [row], [row] if is_finished else [])
            except StoreError as error:
                if error.code == "invalid_data":
                    self._on_error(error, 1)
                else:
                    kept = {record.call_id: record}
                    self._put_back({} if is_finished else kept, kept if is_finished else {})
                    self._on_error(error, 0)
        self._settle()


def _overrun(where: str) -> StoreError:
    return StoreError(
        Text(
            f"Too many call records wait for the store {where}; the oldest is given up.",
            f"等待写入存储 {where} 的通话记录过多，最早的一条已放弃。",
        ),
        Text("Repair the store; calls go on meanwhile.", "请修复存储；期间通话不受影响。"),
        "failed",
        transient=True,
    )
