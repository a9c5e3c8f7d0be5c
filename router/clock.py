"""The one place that asks the time: a clock with an offset and a speed, shared by a router and its switch.

``serve`` runs at speed 1 without an offset; a private test run sets the offset so that now is ``--at``, and a speed
so that a 60 s queue does not take a minute of somebody's life.
"""

from __future__ import annotations

import asyncio
import time


class Clock:
    """Time as a router sees it. ``speed`` virtual seconds pass per real second from ``start`` (epoch seconds;
    None: the real time)."""

    def __init__(self, start: float | None = None, speed: float = 1.0) -> None:
        self.speed = speed
        self._real0 = time.monotonic()
        self._start = time.time() if start is None else start

        self._held = False
        self._real = start is None and speed == 1.0

    def now(self) -> float:
        """The moment, in epoch seconds."""
        if self._held:
            return self._start
        if self._real:
            return time.time()  # a step of the system's clock is a step of a router's
        return self._start + (time.monotonic() - self._real0) * self.speed

    def hold(self, at: float) -> None:
        """Stand still at ``at`` until `run`: a test call arrives at the moment that was asked for, however long its
        connections take. Sleeping goes on as before."""
        self._start = at
        self._held = True
        self._real = False

    def run(self) -> None:
        """Go on from where the clock was held."""
        if self._held:
            self._held = False
            self._real0 = time.monotonic()

    def real(self, seconds: float) -> float:
        """How many real seconds ``seconds`` of this clock take."""
        return seconds / self.speed

    async def sleep(self, seconds: float) -> None:
        """Let ``seconds`` of this clock pass."""
        await asyncio.sleep(max(0.0, seconds) / self.speed)
