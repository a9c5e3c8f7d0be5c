"""How fast one key may ask, and how often one address may fail to sign: token buckets, in memory, bounded."""

from __future__ import annotations

import math
from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

MOST_BUCKETS: Final = 10_000


@dataclass(frozen=True, slots=True)
class Rate:
    """``per_second`` on the whole, ``burst`` at once."""

    per_second: float
    burst: float


PER_KEY: Final = Rate(100.0, 200.0)
FAILURES_PER_ADDRESS: Final = Rate(5.0, 100.0)


class Pace:
    """Buckets by name; the one that was not asked for longest is dropped where there are too many."""

    def __init__(self, rate: Rate, most: int = MOST_BUCKETS) -> None:
        self._rate = rate
        self._most = most
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, name: str, now: float) -> int:
        """Take one token of ``name``: 0, or after how many seconds there will be one."""
        left = self._left(name, now)
        if left < 1.0:
            return self._wait(left)
        self._keep(name, left - 1.0, now)
        return 0

    def wait(self, name: str, now: float) -> int:
        """After how many seconds there will be a token; none is taken."""
        left = self._left(name, now)
        return 0 if left >= 1.0 else self._wait(left)

    def _left(self, name: str, now: float) -> float:
        left, since = self._buckets.get(name, (self._rate.burst, now))
        return min(self._rate.burst, left + max(0.0, now - since) * self._rate.per_second)

    def _wait(self, left: float) -> int:
        return max(1, math.ceil((1.0 - left) / self._rate.per_second))

    def _keep(self, name: str, left: float, now: float) -> None:
        self._buckets[name] = (left, now)
        self._buckets.move_to_end(name)
        while len(self._buckets) > self._most:
            self._buckets.popitem(last=False)
