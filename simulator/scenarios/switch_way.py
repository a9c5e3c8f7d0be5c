"""Placing calls over the embedded switch, each with a router, a switch and a clock of its own that stands at the call's
moment: the way ``switch`` of scenarios and of ``line400 call``."""

from __future__ import annotations

from pathlib import Path

from router.book import RouteBook
from router.overlay import Overlay
from router.record import CallRecord

from ..call import TestCall
from ..embedded import Embedded
from ..parties import AgentScript, TargetScript
from ..script import CallerScript
from .running import PlaceCall


def over_switch(book: RouteBook, overlay: Overlay | None = None, spool: Path | None = None) -> PlaceCall:
    """What places calls of ``book``, with the announcements and blocks of ``overlay`` in force. Recordings are kept in
    the folder ``spool`` (None: nowhere)."""

    async def place(call: TestCall, caller: CallerScript, agents: AgentScript, targets: TargetScript) -> CallRecord:
        async with Embedded(book, call.at, overlay=overlay, traffic=call.traffic, spool=spool) as embedded:
            return await embedded.place(call, caller, agents, targets)

    return place
