"""Placing a test call: the carrier translates what was dialled, and the call arrives on its line.

A dialled 400 number goes both ways of the mapping: the carrier chooses the line as its route configuration says, then
the call arrives on that line's base number, with the 400 number in the header that the trunk carries, or in none.
"""

from __future__ import annotations

from dataclasses import dataclass

from router.arrival import Arrival, Refusal, arrive
from router.book import RouteBook
from router.number400 import Number400, NumberError
from router.overlay import Overlay
from router.resolution import Inbound
from router.tried import Tried

from .call import TestCall
from .carrier import Carrier, Translation


@dataclass(frozen=True, slots=True)
class Placed:
    """A call that has arrived, or that the carrier refused (``arrival.refusal``), at the moment ``at``: lines that the
    carrier let ring before took their time. ``fallback_announcement`` is what the line plays where the call goes to its
    fallback."""

    arrival: Arrival
    translation: Translation
    at: float
    fallback_announcement: str | None = None


def place(book: RouteBook, call: TestCall, overlay: Overlay | None = None, carrier: Carrier | None = None) -> Placed:
    """Translate and arrive. The record's ``dialled`` is what the caller dialled, ``called_by`` ``dialled`` where the
    400 number was."""
    carrier = carrier or Carrier(book, traffic=call.traffic)
    translation = carrier.translate(call.to, call.caller, call.at, call.call_id, overlay)
    refused = translation.refused
    if refused is not None or translation.base_number is None:
        inbound = Inbound(call.to, call.caller, call.at, call_id=call.call_id)
        arrival = arrive(book, inbound, overlay, test=True, data=call.data)
        if refused is not None and refused.fault != arrival.resolution.fault:
            # The carrier has its own reason, no free channel; whatever the book would do with the call, it never comes.
            arrival.session = None
            arrival.record.flow = arrival.record.entered = None
            arrival.record.fault = refused.fault
            arrival.refusal = Refusal(refused.cause, "no_route", "carrier", refused.tone)
        arrival.record.tried = tried_of(translation)
        return Placed(arrival, translation, call.at + translation.seconds)
    at = call.at + translation.seconds
    inbound = Inbound(
        translation.base_number,
        translation.caller_shown,
        at,
        trunk=translation.trunk,
        original_called=translation.original_called,
        call_id=call.call_id,
        traffic=carrier.traffic,
    )
    arrival = arrive(book, inbound, overlay, test=True, data=call.data)
    arrival.record.dialled = call.to
    arrival.record.tried = tried_of(translation)
    if arrival.record.called is not None and arrival.record.called == dialled_400(call.to):
        arrival.record.called_by = "dialled"
    fallback = None
    if arrival.refusal is not None and arrival.refusal.to_fallback and arrival.record.line:
        fallback = book.lines[arrival.record.line].fallback.announce
    return Placed(arrival, translation, at, fallback)


def tried_of(translation: Translation) -> tuple[Tried, ...]:
    """The lines that the carrier tried, as the record keeps them: none where the first one took the call."""
    attempts = translation.attempts
    if len(attempts) == 1 and attempts[0].result == "taken":
        return ()
    tried = [Tried(attempt.line, attempt.result, attempt.seconds) for attempt in attempts]
    if translation.stopped_after is not None:
        tried.append(Tried("", "forwards_used_up", float(translation.stopped_after)))
    return tuple(tried)


def dialled_400(text: str) -> str | None:
    """The 400 number that ``text`` spells, or None where it is another number."""
    try:
        return Number400.parse(text).digits
    except NumberError:
        return None
