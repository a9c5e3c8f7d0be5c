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
- it writes values as they are: a line break in one would be a second header or action, so it is refused;
- it makes a mapping that ignores case of every event, which costs more than all the rest of its work: events that no
  action asked for are taken from the bytes here, and their headers read only when somebody looks at them.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from panoramisk.ami_protocol import AMIProtocol
from panoramisk.manager import Manager as PanoramiskManager

log = logging.getLogger("line400.ami")

MAX_MESSAGE = 256 * 1024
"""Longest message without an end that is kept, in bytes."""
_END = b"\r\n\r\n"
_EVENT, _ASKED_FOR, _SHUTDOWN = b"Event: ", b"\r\nActionID: ", b"Event: Shutdown\r\n"
_UNIQUEID = b"\r\nUniqueid: "


class RawEvent:
    """One event as it came. ``name`` and ``uniqueid`` (of the channel that it is of, empty where it is of none) cost
    little; `get` reads all headers when it is first asked."""

    __slots__ = ("_headers", "_text", "name", "uniqueid")

    def __init__(self, text: bytes) -> None:
        self._text = text
        self._headers: dict[str, str] | None = None
        self.name = _decoded(text[len(_EVENT) : _end_of_line(text, 0)])
        begin = text.find(_UNIQUEID)
        self.uniqueid = "" if begin < 0 else _decoded(text[begin + len(_UNIQUEID) : _end_of_line(text, begin + 2)])

    def get(self, key: str, default: str = "") -> str:
        """The first value of a header, whatever its case."""
        if key == "Event":
            return self.name
        headers = self._headers
        if headers is None:
            # As Asterisk writes it, nearly always.
            sought = f"\r\n{key}: ".encode()
            begin = self._text.find(sought)
            if begin >= 0:
                return _decoded(self._text[begin + len(sought) : _end_of_line(self._text, begin + 2)])
            headers = self._headers = {}
            for line in _decoded(self._text).split("\r\n"):
                name, colon, value = line.partition(":")
                if colon:
                    headers.setdefault(name.lower(), value.strip())
        return headers.get(key.lower(), default)


def _end_of_line(text: bytes, begin: int) -> int:
    end = text.find(b"\r\n", begin)
    return len(text) if end < 0 else end


def _decoded(text: bytes) -> str:
    return text.decode("utf-8", "replace").strip()


class ConnectionProtocol(AMIProtocol):  # type: ignore[misc]
    """panoramisk's protocol for whole messages, events beside it, a bound, and no exception into the event loop."""

    _rest = b""

    def data_received(self, data: bytes) -> None:
        try:
            *messages, self._rest = (self._rest + data).split(_END)
            if len(self._rest) > MAX_MESSAGE:
                raise ValueError("a message without an end")
            for message in messages:
                event = self.factory.event
                if (
                    event is not None
                    and message.startswith(_EVENT)
                    and _ASKED_FOR not in message
                    and not message.startswith(_SHUTDOWN)
                ):
                    event(RawEvent(message))
                else:
                    super().data_received(message + _END)
        except Exception as error:
            log.warning("AMI: the connection is closed because of what came over it (%s)", type(error).__name__)
            self.connection_lost(error)


class ConnectionManager(PanoramiskManager):  # type: ignore[misc]
    """One connection: tells `lost` once, never reconnects, sends nothing again. ``event`` is given every event that no
    action asked for; without it they go the way that panoramisk has for them."""

    pinger: asyncio.TimerHandle | None

    def __init__(
        self, lost: Callable[[], None], event: Callable[[RawEvent], None] | None = None, **config: Any
    ) -> None:
        self._lost = lost
        self.event = event
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
