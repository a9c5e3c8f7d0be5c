"""Performing `Dial`: a leg out of a line, presenting the base number of that line.

A 400 number is inbound only (domain_400 §2): no leg may present one, in no header and no display name. The number
presented is checked last thing before it is set; a 400 there fails the command and is audited. The display name and
the redirecting number, which would travel as ``From`` and ``Diversion``, are cleared.
"""

from __future__ import annotations

import math
import re
from collections.abc import Awaitable, Callable

from ivr_flows.commands import Dial
from ivr_flows.results import DialEnded, DialExit, Failed, Result, TargetAnswered

from ..callers import CallerError, base_number
from ..model import Line, Trunk
from ..number400 import presents_400
from .fastagi import CallerGone
from .live_call import EventMessage, LiveCall

LONGEST_TALK = 4 * 3600.0
_DIALLABLE = re.compile(r"[0-9*#]{1,32}\Z")
_PEER = re.compile(r"[A-Za-z0-9_.-]{1,80}\Z")
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
_CLEARED = ("CALLERID(name)", "REDIRECTING(from-num)", "REDIRECTING(from-name)")

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
        line = call.line if command.line is None else call.lines.get(command.line)
        if line is None:
            return Failed("there is no line to dial out of", call.clock.now())
        number = _canonical(command.to) if command.to is not None else line.base_number
        if not _DIALLABLE.match(number) or not _PEER.match(line.trunk):
            return Failed("the target cannot be dialled", call.clock.now())
        presented = self._presented(line, call.trunks.get(line.trunk))
        if presents_400(presented):
            if audit is not None:
                await audit("outbound_400", presented)
            return Failed("outbound_400: a leg must not present a 400 number", call.clock.now())
        before = await call.variable("CALLERID(num)")
        await call.set("CALLERID(num)", presented)
        for name in _CLEARED:
            await call.set(name, "")
        call.listener = self._event
        try:
            await call.execute("Dial", self._arguments(number, line.trunk), command.timeout + LONGEST_TALK)
        except CallerGone:
            await self._catch_up(await call.variable("DIALSTATUS"))
            raise
        finally:
            call.listener = None
        status = await call.variable("DIALSTATUS")
        await self._catch_up(status)
        await call.set("CALLERID(num)", before)
        return DialEnded(_ENDED.get(status, "failed"), call.clock.now())

    def _presented(self, line: Line, trunk: Trunk | None) -> str:
        caller = self.call.caller
        if trunk is not None and trunk.caller_passthrough and caller and not presents_400(caller):
            return caller
        return line.base_number

    def _arguments(self, number: str, trunk: str) -> str:
        # g: go on behind Dial when the target hangs up; D: digits once it has answered.
        digits = "".join(key for key in self.command.post_digits if key in "0123456789*#wW")
        options = f"gD({digits})" if digits else "g"
        return f"PJSIP/{number}@{trunk},{max(1, math.ceil(self.command.timeout))},{options}"

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


def _canonical(target: str) -> str:
    """What is dialled for ``target`` as a flow writes it: the number canonical, an extension without separators."""
    try:
        return base_number(target)
    except CallerError:
        return re.sub(r"[\s().-]", "", target)
