"""The action ``Originate``: a leg that a manager asks for, judged before anything rings.

A leg that would present a 400 number, in ``CallerID`` or through a variable (``CALLERID(num)``, a PJSIP header), is
refused whoever asks and by whichever technology: ``Error``, an audit call and an event, no channel.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable
from typing import TYPE_CHECKING

from router.asterisk.ami_codec import Message
from simulator.parties import TargetScript

from . import applications, events, functions, guard
from .channel import DOWN, RINGING, AbsoluteTimeout, Channel, ChannelHungUp
from .core import Core
from .dial_application import number_of
from .quantities import whole

if TYPE_CHECKING:
    from .ami_server import AmiSession

_RESOURCE = re.compile(r"([A-Za-z0-9]+)/(.+)\Z")
DEFAULT_TIMEOUT = 30.0
REASONS = {"answer": 4, "busy": 5, "failed": 8, "no_answer": 3, "hangup": 1}
_MOST_VARIABLES = 64


def originate(session: AmiSession, message: Message) -> Awaitable[None] | None:
    """Answer with an error at once, or begin the leg; without ``Async`` the answer waits for the leg's."""
    resource = message.get("Channel")
    if not resource:
        session.error(message, "Channel not specified")
        return None
    match = _RESOURCE.match(resource)
    if match is None:
        session.error(message, "Invalid channel")
        return None
    priority = message.get("Priority")
    if priority and whole(priority) is None:
        session.error(message, "Invalid priority")
        return None
    if not message.get("Application") and not (message.get("Exten") and message.get("Context") and priority):
        session.error(message, "Originate with 'Exten' requires 'Context' and 'Priority'")
        return None
    if not message.get("Application") and session.core.extension(message.get("Context"), message.get("Exten")) is None:
        session.error(message, "Extension does not exist.")
        return None
    milliseconds = whole(message.get("Timeout") or "0")
    if milliseconds is None:
        session.error(message, "Invalid timeout")
        return None
    variables = _variables(message)
    found = guard.presented([("CallerID", message.get("CallerID"))]) or guard.of_variables(variables)
    if found is not None:
        guard.refuse(session.core, "originate", session.username, found)
        session.error(message, guard.REFUSED_MESSAGE)
        return None
    leg = _Originated(session.core, message, match[1], match[2], variables, milliseconds / 1000)
    if message.get("Async").lower() in ("true", "yes", "1", "on"):
        session.core.spawn(leg.run(report=True))
        session.ack(message, "Originate successfully queued")
        return None
    return _wait_for(session, message, leg)


async def _wait_for(session: AmiSession, message: Message, leg: _Originated) -> None:
    if await leg.ring() == "answer":
        session.core.spawn(leg.go_on())
        session.ack(message, "Originate successfully queued")
    else:
        session.error(message, "Originate failed")


def _variables(message: Message) -> list[tuple[str, str]]:
    assignments: list[tuple[str, str]] = []
    for header in message.get_all("Variable"):
        for text in applications.split_arguments(header):
            name, equals, value = text.partition("=")
            if equals:
                assignments.append((name.strip(), value))
    return assignments[:_MOST_VARIABLES]


class _Originated:
    """One leg of an Originate."""

    def __init__(
        self,
        core: Core,
        message: Message,
        technology: str,
        resource: str,
        variables: list[tuple[str, str]],
        timeout: float,
    ) -> None:
        self.core = core
        self.message = message
        self.timeout = timeout or DEFAULT_TIMEOUT
        self.number, self.trunk = number_of(resource)
        self.script: TargetScript = core.target_script(self.number)
        name, caller = functions.parse_caller_id(message.get("CallerID"))
        self.channel = Channel(
            core,
            f"{technology}/{self.trunk or self.number}",
            state=DOWN,
            caller_number=caller,
            caller_name=name,
            context=message.get("Context") or "default",
            exten=message.get("Exten"),
        )
        self.channel.account = message.get("Account")
        for key, value in variables:
            functions.write(self.channel, key, value)

    async def ring(self) -> str:
        """Ring to the answer or without one; `REASONS` has the words. The channel is destroyed unless answered."""
        channel, script = self.channel, self.script
        dial_string = f"{self.number}@{self.trunk}" if self.trunk else self.number
        events.dial("DialBegin", None, channel, [("DialString", dial_string)])
        outcome = await self._outcome(channel, script)
        status = {"answer": "ANSWER", "busy": "BUSY", "failed": "CHANUNAVAIL", "hangup": "CANCEL"}
        if outcome == "answer":
            channel.answer()
        events.dial("DialEnd", None, channel, [("DialStatus", status.get(outcome, "NOANSWER"))])
        if outcome != "answer":
            channel.hang_up("target", {"busy": 17, "failed": 20, "no_answer": 19}.get(outcome, 16))
            channel.destroy()
        return outcome

    async def _outcome(self, channel: Channel, script: TargetScript) -> str:
        if script.kind in ("busy", "failed"):
            return script.kind
        if self.core.trunk_full(self.trunk):
            return "failed"
        channel.set_state(RINGING)
        answers = script.kind == "answer" and script.after_s < self.timeout
        try:
            await channel.wait(script.after_s if answers else self.timeout)
        except (ChannelHungUp, AbsoluteTimeout):
            return "hangup"
        return "answer" if answers else "no_answer"

    async def go_on(self) -> None:
        """Run what the answered leg is for, then end it."""
        channel, message = self.channel, self.message
        try:
            application = message.get("Application")
            if application:
                events.newexten(channel, application, message.get("Data"))
                await applications.run(channel, application, message.get("Data"))
            else:
                await self.core.run_extension(channel)
        except (ChannelHungUp, AbsoluteTimeout):
            channel.hang_up("target")
        channel.hang_up("switch")
        channel.destroy(dialplan=True)

    async def run(self, *, report: bool) -> None:
        """Ring, tell the outcome (``OriginateResponse``), go on."""
        outcome = await self.ring()
        if report:
            self._report(outcome)
        if outcome == "answer":
            await self.go_on()

    def _report(self, outcome: str) -> None:
        channel, message, bus = self.channel, self.message, self.core.bus
        if not bus.watched(events.CALL):
            return
        where: events.Fields
        if message.get("Application"):
            where = [("Application", message.get("Application")), ("Data", message.get("Data"))]
        else:
            where = [("Context", channel.context), ("Exten", channel.exten)]
        fields: events.Fields = [
            *([("ActionID", message.action_id)] if message.action_id else ()),
            ("Response", "Success" if outcome == "answer" else "Failure"),
            ("Channel", channel.name if outcome == "answer" else message.get("Channel")),
            *where,
            ("Reason", REASONS[outcome]),
            ("Uniqueid", channel.uniqueid),
            ("CallerIDNum", channel.caller_number or "<unknown>"),
            ("CallerIDName", channel.caller_name or "<unknown>"),
        ]
        bus.send("OriginateResponse", events.CALL, fields)
