"""Telling a web service of the company's own what happens in calls (``events`` of line400.yaml).

A call never waits: events stand in a bounded line and are sent beside the calls, each tried `TRIES` times.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Final

from .client import Refused
from .service import ServiceClient

log = logging.getLogger("line400.call")

MOST_WAITING: Final = 1000
SENDERS: Final = 4
"""Events sent at a time."""
PAUSES: Final = (1.0, 5.0)
"""Real seconds before the second and the third try."""
TRIES: Final = len(PAUSES) + 1


@dataclass(frozen=True, slots=True)
class Told:
    """One event of one call; ``at`` in epoch seconds, ``number`` the 400 number that was called."""

    event: str
    call_id: str
    number: str
    caller: str | None
    at: float
    data: Mapping[str, object]

    def as_json(self, zone: tzinfo) -> dict[str, object]:
        """The event as it is sent."""
        return {
            "event": self.event,
            "call_id": self.call_id,
            "number": self.number,
            "caller": self.caller,
            "at": datetime.fromtimestamp(self.at, zone).isoformat(timespec="seconds"),
            "data": dict(self.data),
        }


class EventSender:
    """Sends events in the order in which they came, as far as the service takes them at once. `start` it in the loop
    of the calls; calling it returns at once."""

    def __init__(self, client: ServiceClient, zone: tzinfo, pauses: tuple[float, ...] = PAUSES) -> None:
        self._client = client
        self._zone = zone
        self._pauses = pauses
        self._waiting: asyncio.Queue[Told] = asyncio.Queue(MOST_WAITING)
        self._senders: list[asyncio.Task[None]] = []
        self.given_up = 0

    def start(self) -> None:
        """Begin sending."""
        if not self._senders:
            self._senders = [asyncio.create_task(self._run(), name=f"events-{place}") for place in range(SENDERS)]

    async def close(self, timeout: float = 2.0) -> None:
        """Send what waits within ``timeout`` real seconds, then stop."""
        try:
            async with asyncio.timeout(timeout):
                await self._waiting.join()
        except TimeoutError:
            log.warning("%d events were not delivered before the stop", self._waiting.qsize())
        for sender in self._senders:
            sender.cancel()
        await asyncio.gather(*self._senders, return_exceptions=True)
        self._senders = []
        await self._client.close()

    def __call__(self, told: Told) -> None:
        """Send ``told`` soon. One that finds the line full is given up."""
        try:
            self._waiting.put_nowait(told)
        except asyncio.QueueFull:
            self._give_up(told, "too many events wait")

    async def _run(self) -> None:
        while True:
            told = await self._waiting.get()
            try:
                await self._send(told)
            finally:
                self._waiting.task_done()

    async def _send(self, told: Told) -> None:
        body = json.dumps(told.as_json(self._zone), default=str).encode()
        reason = ""
        for pause in (0.0, *self._pauses):
            if pause:
                await asyncio.sleep(pause)
            try:
                await self._client.post(body, "application/json", read=False)
            except Refused as refused:
                reason = str(refused)
            else:
                return
        self._give_up(told, reason)

    def _give_up(self, told: Told, reason: str) -> None:
        self.given_up += 1
        log.warning("the event %s of call %s was not delivered: %s", told.event, told.call_id, reason)
