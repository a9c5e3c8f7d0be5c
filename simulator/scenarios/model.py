"""A scenario as a value: what was written, with the place of every part of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from hashlib import sha256
from typing import Any, Literal

from ivr_flows.findings import Place
from router.route_options import LineState

from ..parties import AgentScript, TargetScript

Verb = Literal["hears", "presses", "silent_for", "waits", "hangs_up", "queued_in", "transferred_to"]


@dataclass(frozen=True, slots=True)
class Step:
    """One step. ``text`` is the value of a verb that has words or keys, ``seconds`` that of a duration;
    ``within`` bounds the waiting in seconds of call time, None: until the call ends."""

    verb: Verb
    place: Place
    text: str = ""
    seconds: float = 0.0
    within: float | None = None

    def __str__(self) -> str:
        """The step as its author would write it."""
        if self.verb in ("silent_for", "waits"):
            written = f"{self.verb}: {self.seconds:g}s"
        elif self.verb == "hangs_up":
            written = "hangs_up:"
        else:
            written = f"{self.verb}: {self.text}"
        return written if self.within is None else f"{written} (within {self.within:g}s)"


@dataclass(frozen=True, slots=True)
class Expectation:
    """One key of ``expect`` with the exact value that the call's result must have there."""

    key: str
    value: Any
    place: Place


@dataclass(frozen=True, slots=True)
class Scenario:
    """One scenario. ``at`` without an offset is in the configured time zone; ``to_place`` is the place of
    ``call.to``. ``lines`` take no call, and why; ``occupied`` and ``month_calls`` as the options of ``call``."""

    name: str
    place: Place
    to_place: Place
    to: str
    at: datetime
    caller: str | None = None
    call_id: str | None = None
    data: Mapping[str, Any] = field(default_factory=dict)
    agents: AgentScript = field(default_factory=AgentScript)
    targets: TargetScript = field(default_factory=TargetScript)
    steps: tuple[Step, ...] = ()
    expect: tuple[Expectation, ...] = ()
    tags: tuple[str, ...] = ()
    lines: Mapping[str, LineState] = field(default_factory=dict)
    occupied: Mapping[str, int] = field(default_factory=dict)
    month_calls: Mapping[str, int] = field(default_factory=dict)

    def moment(self, zone: tzinfo) -> float:
        """When the call is placed, in epoch seconds; ``zone`` is the configured time zone."""
        return (self.at if self.at.tzinfo else self.at.replace(tzinfo=zone)).timestamp()

    def id_for(self, seed: int) -> str:
        """The call id: the one given, else one that depends on the name and the seed only."""
        return self.call_id or sha256(f"{self.name}\x1f{seed}".encode()).hexdigest()[:16]


_SPACES = re.compile(r"\s+")


def one_line(name: str) -> str:
    """A scenario's name on one line, as reports and node ids show it."""
    return _SPACES.sub(" ", name).strip()
