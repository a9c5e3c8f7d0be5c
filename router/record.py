"""The call record: one slotted object per call, journaled open, closed once.

The record names the 400 number as the called number, never the base number (customer_source:
呼叫记录被叫号码显示为400).
Times are epoch seconds; ISO texts are made when somebody reads them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime, tzinfo
from typing import Literal, get_args

from ivr_flows.findings import Fault, Language

from .left import Left
from .tried import Tried

Outcome = Literal[
    "answered",
    "transferred",
    "voicemail",
    "completed",
    "abandoned",
    "queued",
    "rejected",
    "no_route",
    "fallback",
    "failed",
]
OUTCOMES: tuple[str, ...] = get_args(Outcome)
UNBILLED = frozenset({"rejected", "no_route", "fallback"})


@dataclass(slots=True)
class CallRecord:
    """Everything known of one call. ``outcome`` is None while the call is up. ``tried`` are the lines that a simulated
    carrier tried, ``priority`` is that of the caller in queues, where a rule gives one.

    ``inputs`` has one item per input attempt that took place: its digits, ``""`` for silence, ``h`` for a hang-up
    there, ``•`` for sensitive input. ``entered`` is when the flow began (billing starts there), ``answered`` when
    the caller was connected. ``left`` is what the caller left behind, ``agent`` who answered in a
    queue.
    """

    call_id: str
    caller: str | None
    caller_kind: str
    called: str | None
    called_by: str | None
    dialled: str
    started: float
    base_number: str | None = None
    line: str | None = None
    trunk: str | None = None
    flow: str | None = None
    revision: str | None = None
    rule: str | None = None
    test: bool = False
    path: Sequence[str] = field(default_factory=list)
    heard: Sequence[str] = field(default_factory=list)
    inputs: Sequence[str] = field(default_factory=list)
    outcome: str | None = None
    abandoned_in: str | None = None
    queue: str | None = None
    hangup_by: str | None = None
    hangup_cause: int | None = None
    fault: Fault | None = None
    entered: float | None = None
    answered: float | None = None
    ended: float | None = None
    tried: Sequence[Tried] = ()
    priority: int | None = None
    left: Sequence[Left] = ()
    agent: str | None = None

    def snapshot(self) -> CallRecord:
        """The record as it is now; what happens to this one later does not reach it."""
        now = object.__new__(CallRecord)
        for name in _FIELDS:
            setattr(now, name, getattr(self, name))
        now.path, now.heard, now.inputs = tuple(self.path), tuple(self.heard), tuple(self.inputs)
        return now

    @property
    def pressed(self) -> str:
        """The inputs in the grammar of ``--press``: replaying them walks the same path."""
        return ",".join(self.inputs)

    @property
    def duration_s(self) -> float:
        """Seconds from start to end; 0 while the call is up."""
        return 0.0 if self.ended is None else max(0.0, self.ended - self.started)

    @property
    def billable_minutes(self) -> int:
        """Started minutes from flow entry to end (CONTRACT; the vendor's price list counts from IVR entry)."""
        if self.entered is None or self.ended is None or self.outcome in UNBILLED:
            return 0
        return max(1, math.ceil(round(self.ended - self.entered, 3) / 60))

    def as_json(self, zone: tzinfo, language: Language = "en") -> dict[str, object]:
        """The record as ``call --json`` and ``cdr --json`` print it (CONTRACT: ``call``)."""

        def iso(at: float | None) -> str | None:
            return None if at is None else datetime.fromtimestamp(at, zone).isoformat(timespec="milliseconds")

        return {
            "call_id": self.call_id,
            "test": self.test,
            "caller": self.caller,
            "caller_kind": self.caller_kind,
            "called": self.called,
            "called_by": self.called_by,
            "dialled": self.dialled,
            "base_number": self.base_number,
            "line": self.line,
            "trunk": self.trunk,
            "flow": self.flow,
            "revision": self.revision,
            "rule": self.rule,
            "path": list(self.path),
            "heard": list(self.heard),
            "pressed": self.pressed,
            "outcome": self.outcome,
            "abandoned_in": self.abandoned_in,
            "queue": self.queue,
            "hangup": None if self.hangup_by is None else {"by": self.hangup_by, "cause": self.hangup_cause},
            "fault": self.fault.as_json(language) if self.fault else None,
            "started": iso(self.started),
            "answered": iso(self.answered),
            "ended": iso(self.ended),
            "agent": self.agent,
            "left": [left.as_json() for left in self.left],
            "tried": [tried.as_json(language) for tried in self.tried],
            "priority": self.priority,
            "duration_s": round(self.duration_s, 3),
            "billable_minutes": self.billable_minutes,
        }


_FIELDS = tuple(part.name for part in fields(CallRecord))
