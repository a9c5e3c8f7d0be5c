"""How much one client, and all together, may ask for at a time.

Rates are judged by a clock that never jumps. A client that is over its rate waits and is told how long; a service that
has too much to do says so at once instead of queueing.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from ivr_flows.findings import Text

from .refusal import Refused

MOST_BUCKETS: Final = 10_000


@dataclass(frozen=True, slots=True)
class Limits:
    """``rate`` requests a second for each token or session, ``burst`` of them at once; ``concurrent`` requests in
    progress altogether; ``attempts`` wrong tokens or passwords a minute from one address;
    ``body_seconds`` within which a body must be there."""

    rate: float = 1000.0
    burst: float = 2000.0
    concurrent: int = 200
    attempts: float = 20.0
    body_seconds: float = 20.0


class Buckets:
    """Token buckets by name: ``rate`` a second, ``burst`` at once. Full buckets are forgotten."""

    def __init__(self, rate: float, burst: float, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._rate = rate
        self._burst = burst
        self._monotonic = monotonic
        self._levels: dict[str, list[float]] = {}

    def take(self, name: str, amount: float = 1.0) -> float:
        """Take ``amount``; 0 when it was there, else the seconds until it will be."""
        now = self._monotonic()
        level = self._levels.get(name)
        if level is None:
            if len(self._levels) >= MOST_BUCKETS:
                self._forget(now)
            level = self._levels[name] = [self._burst, now]
        have = min(self._burst, level[0] + (now - level[1]) * self._rate)
        level[1] = now
        if have < amount:
            level[0] = have
            return (amount - have) / self._rate
        level[0] = have - amount
        return 0.0

    def level(self, name: str) -> float:
        """How much ``name`` may take now."""
        level = self._levels.get(name)
        if level is None:
            return self._burst
        return min(self._burst, level[0] + (self._monotonic() - level[1]) * self._rate)

    def _forget(self, now: float) -> None:
        full = self._burst / self._rate
        self._levels = {name: level for name, level in self._levels.items() if now - level[1] < full}
        if len(self._levels) >= MOST_BUCKETS:  # somebody makes names faster than they run full
            self._levels.clear()


def too_many(seconds: float) -> Refused:
    """429: more than the rate allows."""
    wait = max(1, math.ceil(seconds))
    return Refused(
        429,
        "too-many-requests",
        Text("Too many requests.", "请求过于频繁。"),
        Text(f"Try again in {wait} s.", f"请在 {wait} 秒后重试。"),
        headers={"Retry-After": str(wait)},
    )


def too_busy() -> Refused:
    """503: too many requests are in progress."""
    return Refused(
        503,
        "too-busy",
        Text("Too many requests are in progress.", "同时处理的请求过多。"),
        Text("Try again in a moment.", "请稍后重试。"),
        headers={"Retry-After": "1"},
    )
