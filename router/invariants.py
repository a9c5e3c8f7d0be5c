"""Invariants: what must never, or must always, be true of calls, whatever the routes say (``invariants.yaml``).

Values only. They are checked exactly, against every call there can be (`simulator.proving.check_invariants`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from ivr_flows.findings import Place, Text

from .model import NOWHERE, CallerMatch

TargetKind = Literal["queue", "flow", "line", "voicemail", "transfer", "end"]

_TARGETS: dict[TargetKind, Text] = {
    "queue": Text("queue", "队列"),
    "flow": Text("flow", "流程"),
    "line": Text("line", "线路"),
    "voicemail": Text("voicemail", "语音信箱"),
    "transfer": Text("transfer", "转接"),
    "end": Text("end", "结束方式"),
}


@dataclass(frozen=True, slots=True)
class Target:
    """What a call reaches: any of ``names`` of this kind. An ``end`` is what `prove` calls it (``rejected``,
    ``announcement`` …)."""

    kind: TargetKind
    names: tuple[str, ...]

    @property
    def words(self) -> Text:
        """The target in words."""
        word, shown = _TARGETS[self.kind], ", ".join(self.names)
        return Text(f"{word.en} {shown}", f"{word.zh} {shown}")


@dataclass(frozen=True, slots=True)
class Moments:
    """When an invariant holds: everything given at once. ``clock`` are minutes of the local day, ``[start, end)``, an
    end beyond 1440 runs into the next day; the rest is as in `router.model.When`."""

    clock: tuple[tuple[int, int], ...] = ()
    hours: str | None = None
    hours_is: tuple[str, ...] = ("open",)
    dates: tuple[tuple[date, date], ...] = ()
    weekday: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Invariant:
    """``always``: every such call reaches the target, else none does. ``numbers`` empty: all numbers. Whether a call
    reaches a flow or line is decided by routing; a queue, voicemail or transfer is reached where the caller's keys can
    lead there."""

    name: str
    always: bool
    reaches: Target
    caller: CallerMatch | None = None
    when: Moments = Moments()
    numbers: tuple[str, ...] = ()
    place: Place = NOWHERE
