"""Performing `Dial`: a leg out of a line, presenting the base number of that line.

A 400 number is inbound only (domain_400 §2): no leg may present one, in no header and no display name. What the leg
presents is decided by `router.leg`; a 400 there fails the command and is audited. The display name and
the redirecting number, which would travel as ``From`` and ``Diversion``, are cleared.
"""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable

from ivr_flows.commands import Dial
from ivr_flows.results import DialEnded, DialExit, Failed, Result, TargetAnswered

from ..leg import LegImpossible, LegPlan, plan_leg
from ..model import Trunk
from .agi_codec import escape_application_argument
from .fastagi import CallerGone
from .generated.names import leg_guard, leg_target
from .live_call import EventMessage, LiveCall

LONGEST_TALK = 4 * 3600.0
_ENDED: dict[str, DialExit] = {
    "ANSWER": "answered",
    "BUSY": "busy",
    "NOANSWER": "no_answer",
    "CANCEL": "no_answer",
    "CHANUNAVAIL": "failed",
    "CONGESTION": "failed",
    "DONTCALL": "failed",
    "TORTURE": "failed",
    "INVALIDARGS": "failed",
}
# i: without telling the caller of it, who would be sent a 181.
_CLEARED = ("CALLERID(name)", "REDIRECTING(from-num,i)", "REDIRECTING(from-name,i)")

RefusalAudit = Callable[[str, str], Awaitable[None]]
"""Told of a refused leg: the code of the refusal and the number that would have been presented."""


class Leg:
    """One outgoing leg of a call."""

    def __init__(self, call: LiveCall, command: Dial) -> None:
        self.call = call
        self.command = command
        self.answered = False

    async def perform(self, audit: RefusalAudit | None) -> Result:
        """Dial and talk to the end. Raises `CallerGone` when the caller left the call in it."""
        call, command = self.call, self.command
        try:
            plan = plan_leg(command, call.line, call.caller, call.lines, call.trunks)
        except LegImpossible as impossible:
            if impossible.presented is not None and audit is not None:
                await audit("outbound_400", impossible.presented)
            return Failed(impossible.reason, call.clock.now())
        before = await call.variable("CALLERID(num)")
        await call.set("CALLERID(num)", plan.presented)
        for name in _CLEARED:
            await call.set(name, "")
        call.listener = self._event
        try:
            await call.execute("Dial", self._arguments(plan), command.timeout + LONGEST_TALK)
        except CallerGone:
            await self._catch_up(await call.variable("DIALSTATUS"))
            raise
        finally:
            call.listener = None
        status = await call.variable("DIALSTATUS")
        await self._catch_up(status)
        call.still_there()
        await call.set("CALLERID(num)", before)
        return DialEnded(_ENDED.get(status, "failed"), call.clock.now())

    def _arguments(self, plan: LegPlan) -> str:
        # g: go on behind Dial when the target hangs up; D: digits once it has answered.
        digits = "".join(key for key in self.command.post_digits if key in "0123456789*#wW")
        options = f"gD({digits})" if digits else "g"
        options += leg_guard()
        if self.command.whisper is not None:
            # A: played to the target alone, before it is connected.
            options += f"A({escape_application_argument(self.call.catalogue.use(self.command.whisper))})"
        target = leg_target(
            plan.number, self.call.lines[plan.line], self.call.trunks.get(plan.trunk) or Trunk(plan.trunk)
        )
        return f"{target},{max(1, math.ceil(self.command.timeout))},{options}"

    async def _catch_up(self, status: str) -> None:
        if status == "ANSWER" and not self.answered:
            await self.call.settle()
            self._target_answered()

    def _event(self, name: str, message: EventMessage) -> None:
        if name == "DialEnd" and message.get("DialStatus") == "ANSWER":
            self._target_answered()

    def _target_answered(self) -> None:
        if not self.answered:
            self.answered = True
            self.call.observe(TargetAnswered(self.call.clock.now()))
