"""How the simulated caller and the answering parties pass time: what an exploration must know of a replay.

Only differences of time decide anything (which of two timeouts is shorter, when a caller hangs up), so the values
are those of the simulator's scripts; whoever replays paths hands in its own.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..commands import Gather
from ..digits import Collector
from ..results import Digits


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds: to the first key of an input, between its keys, from the ring to the answer, of a conversation, and of
    a message."""

    first_key: float = 0.6
    key_gap: float = 0.3
    answer_after: float = 5.0
    talk: float = 30.0
    speaks: float = 4.0


@dataclass(frozen=True, slots=True)
class Attempt:
    """One input attempt answered by an item of ``--press``: its result's digits, and how long it took."""

    digits: str
    terminated: bool
    seconds: float

    def result(self, at: float) -> Digits:
        """The result, the attempt having begun at ``at``."""
        return Digits(self.digits, at + self.seconds, self.terminated)


def attempt(gather: Gather, item: str, pace: Pace) -> Attempt:
    """What `Collector`, the one implementation of when an attempt is complete, makes of ``item``."""
    collector = Collector(gather)
    if collector.complete:
        return Attempt(collector.digits, collector.terminated, 0.0)
    seconds = gather.seconds
    wait = pace.first_key
    for key in item:
        if wait > collector.wait:
            break
        seconds += wait
        if collector.press(key):
            return Attempt(collector.digits, collector.terminated, seconds)
        wait = pace.key_gap
    return Attempt(collector.digits, collector.terminated, seconds + collector.wait)
