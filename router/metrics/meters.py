"""What a router counts as its calls go on: plain counters, so that a call pays next to nothing for them.

Labels have few values: outcomes, fault codes, instances. No number, caller or call id ever becomes one.
"""

from __future__ import annotations

from collections import Counter

from ..record import CallRecord
from ..timing import Timings


class Meters:
    """``calls`` by outcome, instance and whether it was a test; ``faults`` by code and whose; ``minutes``
    that are billed, by instance; ``setup``: seconds from the switch's connection to the first thing that it is told."""

    def __init__(self) -> None:
        self.calls: Counter[tuple[str, str, bool]] = Counter()
        self.faults: Counter[tuple[str, str]] = Counter()
        self.minutes: Counter[str] = Counter()
        self.setup = Timings()

    def by_outcome(self) -> dict[str, int]:
        """Calls that are over, by outcome."""
        found: Counter[str] = Counter()
        for (outcome, _, _), count in self.calls.items():
            found[outcome] += count
        return dict(sorted(found.items()))

    def ended(self, record: CallRecord, instance: str) -> None:
        """The call of ``record`` is over; ``instance`` is that of its number."""
        self.calls[record.outcome or "failed", instance, record.test] += 1
        if record.fault is not None:
            self.faults[record.fault.code, record.fault.by] += 1
        if not record.test:
            self.minutes[instance] += record.billable_minutes
