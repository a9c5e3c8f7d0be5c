"""The dialplan of a line: the call's facts, the router over AGI, and the fallback where the router did not finish.

The router tells by ``LINE400_DONE=1``, its last act, that it has finished: ``AGISTATUS`` says SUCCESS also of a
router that was killed. Without that variable, and with the caller still there, the line's fallback takes the call.
"""

from __future__ import annotations

from collections.abc import Sequence

from ivr_flows.prompts import speech_seconds

from . import applications, events, functions
from .agi_client import AgiLimits, run_agi
from .channel import AbsoluteTimeout, Channel, ChannelHungUp
from .core import log
from .spec import SwitchLine

LONGEST_CALL = 4 * 3600.0
NO_FALLBACK_CAUSE = 41
"""Q.850 temporary failure: a line without a fallback, and the router away."""


class LineDialplan:
    """One call through the dialplan of ``line``. ``sets`` are variables and functions that it sets besides its own
    before the router. ``fallback_used`` tells afterwards whether the fallback took it.

    ``AGIEXITONHANGUP`` is left unset, unlike in the generated dialplan: a router that is given a scripted call may ask
    its channel behind the hang-up how the script ended.
    """

    def __init__(
        self,
        channel: Channel,
        line: SwitchLine,
        agi_url: str,
        limits: AgiLimits,
        sets: Sequence[tuple[str, str]] = (),
    ) -> None:
        self.channel = channel
        self.line = line
        self.agi_url = agi_url
        self.limits = limits
        self.sets = sets
        self.fallback_used = False

    async def run(self) -> None:
        """Run the call to its end; the channel is hung up afterwards, not destroyed."""
        channel = self.channel
        try:
            await self._main()
        except ChannelHungUp:
            return
        except AbsoluteTimeout:
            await self._timed_out()
        channel.hang_up("flow", 16)

    async def _main(self) -> None:
        channel = self.channel
        self._step(1, "Set", f"TIMEOUT(absolute)={LONGEST_CALL:.0f}")
        channel.set_absolute_timeout(LONGEST_CALL)
        for name, value in self.sets:
            self._step(1, "Set", f"{name}={value}")
            functions.write(channel, name, value)
        self._step(2, "AGI", f"{self.agi_url},{self.line.name}")
        await run_agi(channel, self.agi_url, [self.line.name], self.limits)
        if channel.gone:
            raise ChannelHungUp
        if channel.timed_out:
            raise AbsoluteTimeout
        self._step(3, "GotoIf", '$["${LINE400_DONE}"="1"]?done:fallback')
        if channel.get_variable("LINE400_DONE") != "1":
            await self._fallback()

    async def _timed_out(self) -> None:
        channel = self.channel
        channel.forgive_timeout()
        try:
            if channel.get_variable("LINE400_DONE") != "1":
                await self._fallback()
        except ChannelHungUp:
            log.debug("%s hung up in the fallback", channel.name)

    async def _fallback(self) -> None:
        channel, fallback = self.channel, self.line.fallback
        self.fallback_used = True
        channel.set_absolute_timeout(0)
        log.warning("the router did not finish the call on line %s: fallback", self.line.name)
        if fallback.number:
            channel.caller_number = channel.ani = self.line.base_number
            channel.caller_name = channel.redirecting_from = channel.redirecting_name = ""
            await self._application(4, "Dial", f"PJSIP/{fallback.number}@{self.line.trunk},60")
        elif fallback.announce:
            channel.answer()
            self._step(4, "Playback", "line400-fallback")
            await channel.say(fallback.announce, speech_seconds(fallback.announce))
        channel.hang_up("switch", 16 if fallback.number or fallback.announce else NO_FALLBACK_CAUSE)

    async def _application(self, priority: int, name: str, data: str) -> None:
        self._step(priority, name, data)
        await applications.run(self.channel, name, data)

    def _step(self, priority: int, name: str, data: str) -> None:
        self.channel.priority = priority
        self.channel.application, self.channel.application_data = name, data
        events.newexten(self.channel, name, data)
