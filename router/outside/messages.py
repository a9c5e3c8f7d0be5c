"""Sending the messages of flows through a web service of the company's own (``messages`` of line400.yaml).

No sender is ever named: a message cannot come from a 400 number by anything that is said here, and none goes to one.
"""

from __future__ import annotations

import json
import re

from ivr_flows.commands import SendMessage
from ivr_flows.results import Done, Failed, Result

from ..clock import Clock
from ..number400 import presents_400
from .client import Refused
from .service import ServiceClient

_NUMBER = re.compile(r"\+?[0-9]{3,20}")
_SEPARATORS = re.compile(r"[\s().-]")


class HttpMessenger:
    """Performs the `SendMessage` commands of a router."""

    def __init__(self, client: ServiceClient, clock: Clock) -> None:
        self._client = client
        self._clock = clock

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()

    async def __call__(self, command: SendMessage, call_id: str) -> Result:
        """`Done` when the service took the message, else `Failed` with the reason."""
        to = _SEPARATORS.sub("", command.to)
        if presents_400(command.to):
            return Failed("a 400 number takes no messages", self._clock.now())
        if not _NUMBER.fullmatch(to):
            return Failed("the receiver is no telephone number", self._clock.now())
        message = {"to": to, "text": command.text, "channel": command.channel, "call_id": call_id}
        try:
            await self._client.post(json.dumps(message).encode(), "application/json", read=False)
        except Refused as refused:
            return Failed(str(refused), self._clock.now())
        return Done(self._clock.now())
