"""Placing the calls of scenarios over the embedded switch, each with a router, a switch and a clock of its own that
stands at the call's moment."""

from __future__ import annotations

from router.book import RouteBook
from router.record import CallRecord

from ..call import TestCall
from ..embedded import Embedded
from ..parties import AgentScript, TargetScript
from ..script import CallerScript
from .running import PlaceCall


def over_switch(book: RouteBook) -> PlaceCall:
    """The way ``switch`` for `simulator.scenarios.run_over`."""

    async def place(call: TestCall, caller: CallerScript, agents: AgentScript, targets: TargetScript) -> CallRecord:
        async with Embedded(book, call.at) as embedded:
            return await embedded.place(call, caller, agents, targets)

    return place
