"""What arrives, and what the route book says of it. Values only; `router.book` decides."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from ivr_flows.findings import Fault, Language

from .explain import explain
from .hunting import Hunted
from .route_options import Handling
from .traffic import Traffic

Draw: TypeAlias = Callable[[str, bool], int]
"""The bucket 0..9999 of a rule's share, by the rule's name and whether it is drawn by call (else by caller)."""


@dataclass(frozen=True, slots=True)
class Inbound:
    """A call as it reaches us. ``dialled`` is a 400 number or a base number in any spelling; ``caller`` as the
    switch shows it, None when hidden; ``original_called`` the 400 number that a header of the trunk named.
    ``draw`` is for asking what may happen: it decides shares where no real caller and call id are at hand.
    ``traffic`` is what is going on meanwhile; without it no cap is reached and no line is in use."""

    dialled: str
    caller: str | None
    at: float
    trunk: str | None = None
    original_called: str | None = None
    call_id: str = ""
    draw: Draw | None = None
    traffic: Traffic | None = None


@dataclass(frozen=True, slots=True)
class TraceStep:
    """Why one rule matched or not. ``code`` is stable (``caller_not_in_list``, ``hours_closed`` …); ``why`` is made
    of ``details`` when somebody reads it."""

    rule: str
    matched: bool
    code: str
    details: tuple[str, ...] = ()


@dataclass(slots=True)
class Resolution:
    """Where a call goes, and why.

    ``number`` None: unknown. ``reject`` is ``busy``, ``blocked``, ``unallocated``, a Q.850 cause as text, or None;
    ``announce`` is played before a rejection. ``rule`` is the rule's name, ``default``, or None where no rule was
    asked. ``fault`` says why there is no flow. ``line_mismatch`` is the line that a rule would have chosen although
    the call arrived on another. ``hunted`` is how a dialled call hunts over several lines (``line`` is the first of
    them); ``handling`` what is done beside the flow, or in its place.
    """

    number: str | None
    line: str | None
    base_number: str | None
    flow: str | None
    rule: str | None
    called_by: str | None
    reject: str | None = None
    announce: str | None = None
    fault: Fault | None = None
    line_mismatch: str | None = None
    emergency: str | None = None
    end_after_emergency: bool = False
    trace: tuple[TraceStep, ...] = field(default_factory=tuple)
    hunted: Hunted | None = None
    handling: Handling | None = None

    @property
    def forwarded(self) -> bool:
        """Whether a leg is placed in place of a flow."""
        return self.handling is not None and self.handling.forward is not None

    @property
    def enters(self) -> bool:
        """Whether the call is connected: to a flow, or by a leg in its place."""
        return self.reject is None and self.fault is None and (self.flow is not None or self.forwarded)

    def as_json(self, language: Language = "en") -> dict[str, object]:
        """The resolution as ``resolve --json`` prints it (CONTRACT: ``resolve``)."""
        handling = self.handling
        forward = handling.forward if handling else None
        return {
            "number": self.number,
            "line": self.line,
            "base_number": self.base_number,
            "flow": self.flow,
            "rule": self.rule,
            "reject": self.reject,
            "called_by": self.called_by,
            "fault": self.fault.as_json(language) if self.fault else None,
            "line_mismatch": self.line_mismatch,
            "emergency": self.emergency,
            "hunt": list(self.hunted.lines) if self.hunted else None,
            "forward": (forward.to or forward.line) if forward else None,
            "pin": handling is not None and handling.pin is not None,
            "priority": handling.priority if handling else None,
            "trace": [
                {
                    "rule": step.rule,
                    "matched": step.matched,
                    "code": step.code,
                    "why": explain(step).to(language),
                }
                for step in self.trace
            ],
        }


__all__ = ["Draw", "Inbound", "Resolution", "TraceStep"]
