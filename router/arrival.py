"""A call arrives: resolved, recorded, and given its session or its refusal. Shared by every driver.

Pure: no clock, no switch, no store. The driver performs what `Arrival` says and calls `finish` or `refuse`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ivr_flows.environment import Context
from ivr_flows.results import Party
from ivr_flows.session import Session

from .caller_memory import Memory
from .callers import Caller, caller_facts
from .causes import REJECT_CAUSES, tone_of
from .left import left_of
from .lifecycle import refusal as carrier_refusal
from .number400 import Number400, NumberError
from .record import CallRecord
from .resolution import Inbound, Resolution

if TYPE_CHECKING:
    from .book import RouteBook
    from .overlay import Overlay


@dataclass(frozen=True, slots=True)
class Refusal:
    """How a call without a flow ends. ``announce`` is played without answering, then the cause and its tone.
    ``to_fallback``: the line's fallback takes the caller instead."""

    cause: int
    outcome: str
    by: Party
    tone: str | None = None
    announce: str | None = None
    to_fallback: bool = False


@dataclass(slots=True)
class Arrival:
    """One call at its beginning. Exactly one of ``session`` and ``refusal`` is given."""

    record: CallRecord
    resolution: Resolution
    caller: Caller
    session: Session | None = None
    refusal: Refusal | None = None


def arrive(
    book: RouteBook,
    inbound: Inbound,
    overlay: Overlay | None = None,
    *,
    test: bool = False,
    data: Mapping[str, Any] | None = None,
    memory: Memory | None = None,
) -> Arrival:
    """Resolve ``inbound`` and open its record. ``data`` are a scenario's variables, ``memory`` what earlier calls of
    callers kept (a test call is told nothing of it)."""
    resolution = book.resolve(inbound, overlay)
    caller = caller_facts(inbound.caller, resolution.base_number)
    line = book.lines.get(resolution.line) if resolution.line else None
    called, called_by = resolution.number, resolution.called_by
    if called is None and called_by is None:
        called = _dialled_400(inbound.dialled)
        called_by = None if called is None else "dialled"
    session = None
    if resolution.enters:
        kept = memory.recall(caller.number) if memory is not None and caller.number and not test else None
        session = _begin(book, resolution, inbound, caller, data, kept)
    record = CallRecord(
        call_id=inbound.call_id,
        caller=caller.number,
        caller_kind=caller.kind,
        called=called,
        called_by=called_by,
        dialled=inbound.dialled,
        started=inbound.at,
        base_number=resolution.base_number,
        line=resolution.line,
        trunk=line.trunk if line else inbound.trunk,
        flow=resolution.flow if session else None,
        revision=book.revision or None,
        rule=resolution.rule,
        test=test,
        path=session.path if session else [],
        heard=session.heard if session else [],
        inputs=session.inputs if session else [],
        entered=inbound.at if session else None,
        fault=resolution.fault,
        priority=resolution.handling.priority if resolution.handling else None,
    )
    return Arrival(record, resolution, caller, session, None if session else _refusal(resolution))


def _begin(
    book: RouteBook,
    resolution: Resolution,
    inbound: Inbound,
    caller: Caller,
    data: Mapping[str, Any] | None,
    remembered: Mapping[str, Any] | None,
) -> Session:
    """A session of the flow that ``resolution`` names, with the facts of this call."""
    number = resolution.number or ""
    return book.flow_of(resolution).session(
        Context(
            call_id=inbound.call_id,
            at=inbound.at,
            called=number,
            caller=caller,
            line=resolution.line or "",
            company=book.company_of(number),
            instance=book.instance_of(number),
            announcement=resolution.emergency,
            end_after_announcement=resolution.end_after_emergency,
            data=data,
            remembered=remembered,
            priority=resolution.handling.priority if resolution.handling else None,
        )
    )


def _dialled_400(dialled: str) -> str | None:
    """The 400 number that was dialled although nobody here has it: the record names it all the same."""
    try:
        return Number400.parse(dialled).digits
    except NumberError:
        return None


def _refusal(resolution: Resolution) -> Refusal:
    fault = resolution.fault
    if fault is not None and fault.code == "ambiguous_number":
        return Refusal(16, "fallback", "line400", to_fallback=True)
    if resolution.reject is not None:
        cause = REJECT_CAUSES.get(resolution.reject) or int(resolution.reject)
        return Refusal(cause, "rejected", "line400", tone_of(cause), resolution.announce)
    cause, tone = carrier_refusal(fault.code if fault else "")
    return Refusal(cause, "no_route", "carrier", tone, resolution.announce)


def refuse(record: CallRecord, refusal: Refusal, at: float, fallback_announcement: str | None = None) -> CallRecord:
    """Close the record of a call that entered no flow."""
    heard = [text for text in (refusal.announce, fallback_announcement, refusal.tone) if text]
    record.heard = [*record.heard, *heard]
    record.outcome = refusal.outcome
    record.hangup_by = refusal.by
    record.hangup_cause = refusal.cause
    record.ended = at
    return record


def finish(record: CallRecord, session: Session) -> CallRecord:
    """Close the record of a call whose session has ended."""
    record.outcome = session.outcome
    record.abandoned_in = session.abandoned_in
    record.queue = session.queue
    record.agent = session.agent
    record.hangup_by = session.hangup_by
    record.hangup_cause = session.hangup_cause
    record.answered = session.answered_at
    record.ended = session.ended_at
    if session.notes:
        record.left = left_of(session.notes)
    if session.fault is not None:
        record.fault = session.fault
    return record
