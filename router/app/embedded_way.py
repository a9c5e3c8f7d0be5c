"""Running a test call over the embedded switch: the live driver, over TCP, on free ports, with a temporary store and a
clock that stands at the call's own moment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from router.book import RouteBook
from router.overlay import Overlay
from router.record import CallRecord

if TYPE_CHECKING:
    from simulator.call import TestCall
    from simulator.parties import AgentScript, TargetScript
    from simulator.scenarios import PlaceCall
    from simulator.script import CallerScript


def over_switch(book: RouteBook, overlay: Overlay | None = None) -> PlaceCall:
    """A way of placing calls, each on a router and a switch of its own."""

    async def place(call: TestCall, caller: CallerScript, agents: AgentScript, targets: TargetScript) -> CallRecord:
        from simulator.embedded import Embedded

        async with Embedded(book, call.at, overlay=overlay) as embedded:
            return await embedded.place(call, caller, agents, targets)

    return place
