"""What the flows of the benchmarks know of the outside: the calendars they are given, and any other name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from ivr_flows import FlowDefinition


def always_open(at: float) -> str:
    """A calendar that never closes."""
    return "open"


class Surroundings:
    """An `ivr_flows.environment.Environment` in UTC with ``calendars``; by default `office`, always open."""

    def __init__(self, calendars: Mapping[str, Callable[[float], str]] | None = None) -> None:
        self.calendars = calendars or {"office": always_open}
        self.queues = self.boxes = self.lines = self.flows = None

    def flow_definition(self, name: str) -> FlowDefinition | None:
        return None

    def presents_400(self, text: str) -> bool:
        return False

    def local_time(self, at: float) -> datetime:
        return datetime.fromtimestamp(at, UTC)
