"""One AMI connection by panoramisk, with the parts closed off that a router cannot live with.

What panoramisk 1.4 does that a router cannot live with, and what is done about it here:

- it reconnects by itself, for ever and after `close` too: every connection gets a manager of its own that does not;
- after a reconnection it sends again what had no answer, an Originate included: nothing is ever sent twice;
- an action whose answer never comes waits for ever, and a ping that is never answered is not noticed: every action
  has a time limit, and a ping without an answer ends the connection;
- it decodes chunk by chunk (a character cut in two is lost) and keeps what has no end in memory: the bytes go
  through a decoder that remembers, and a message has a greatest length;
- an exception in a callback or for a malformed message ends the connection with a traceback: both are caught,
  counted and end it quietly;
- it writes values as they are: a line break in one would be a second header or action, so it is refused.
"""

from __future__ import annotations

import asyncio
import codecs
import logging
from collections.abc import Callable
from typing import Any

from panoramisk.ami_protocol import AMIProtocol
from panoramisk.manager import Manager as PanoramiskManager

log = logging.getLogger("line400.ami")

MAX_MESSAGE = 256 * 1024
"""Longest message without an end that is kept, in characters."""


class ConnectionProtocol(AMIProtocol):  # type: ignore[misc]
    """panoramisk's protocol with a decoder that remembers, a bound, and no exception into the event loop."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def data_received(self, data: bytes) -> None:
        try:
            # Every character is whole now, so panoramisk's own decoding loses none.
            super().data_received(self._decoder.decode(data).encode())
            if self.queue and len(self.queue[0]) > MAX_MESSAGE:
                raise ValueError("a message without an end")
        except Exception as error:
            log.warning("AMI: the connection is closed because of what came over it (%s)", type(error).__name__)
            self.connection_lost(error)


class ConnectionManager(PanoramiskManager):  # type: ignore[misc]
    """One connection: tells `lost` once, never reconnects, sends nothing again."""

    pinger: asyncio.TimerHandle | None

    def __init__(self, lost: Callable[[], None], **config: Any) -> None:
        self._lost = lost
        super().__init__(**config)

    async def send_awaiting_actions(self, *_: object) -> None:
        self.awaiting_actions.clear()

    def connection_lost(self, exc: object) -> None:
        self._connected = False
        if self.pinger:
            self.pinger.cancel()
            self.pinger = None
        self.awaiting_actions.clear()
        self._lost()
