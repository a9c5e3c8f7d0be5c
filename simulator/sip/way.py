"""Placing calls over a real Asterisk, each with switches, a router and a clock of its own: the way ``asterisk``."""

from __future__ import annotations

from pathlib import Path

from router.asterisk.host import Programs
from router.asterisk.prompts import Catalogue
from router.book import RouteBook
from router.clock import Clock
from router.overlay import Overlay
from router.record import CallRecord

from ..call import TestCall
from ..embedded import Embedded, SwitchMaker
from ..parties import AgentScript, TargetScript
from ..scenarios.running import PlaceCall
from ..script import CallerScript
from .switch import RealSwitch


def real_switch(programs: Programs, sounds: Path) -> SwitchMaker:
    """Makes real switches of ``programs``; prompts are spoken once into ``sounds`` and used again."""

    def make(book: RouteBook, clock: Clock, secret: str, catalogue: Catalogue) -> RealSwitch:
        return RealSwitch(book, clock, programs, secret, catalogue, sounds)

    return make


def over_asterisk(book: RouteBook, programs: Programs, sounds: Path, overlay: Overlay | None = None) -> PlaceCall:
    """What places calls of ``book`` as real SIP calls, with the announcements and blocks of ``overlay`` in force. Time
    is real: a queue of a minute takes a minute."""

    async def place(call: TestCall, caller: CallerScript, agents: AgentScript, targets: TargetScript) -> CallRecord:
        async with Embedded(
            book,
            call.at,
            speed=1.0,
            overlay=overlay,
            traffic=call.traffic,
            make_switch=real_switch(programs, sounds),
        ) as own:
            return await own.place(call, caller, agents, targets)

    return place
