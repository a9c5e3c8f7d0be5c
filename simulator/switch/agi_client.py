"""FastAGI from the switch's side: connects to the router, sends the environment, performs its commands one by one.

As ``res_agi`` does it: while STREAM FILE, GET DATA, GET OPTION or WAIT FOR DIGIT is at work, whatever the router sends
(or its going away) ends it, without a reply except for WAIT FOR DIGIT. A hang-up, or an absolute timeout, gives
``HANGUP`` on a line of its own (``AGISIGHUP=no``: nothing) and leaves a dead channel on which only some commands are
allowed; with ``AGIEXITONHANGUP=yes`` the session ends there. Both variables count as they are when the session begins.
``AGISTATUS`` is ``SUCCESS`` when the router closes
the connection, in whatever way, also when it is killed; ``FAILURE`` when it cannot be reached or a command failed;
``HANGUP`` when the channel hung up.

One limit is in real seconds, because it measures the router and not the simulated world: how long the router may
think between two commands. A generated dialplan has the same by ``TIMEOUT(absolute)`` and ``AGIEXITONHANGUP``.
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass
from urllib.parse import urlsplit

from router.asterisk.agi_codec import (
    HANGUP_LINE,
    AgiProtocolError,
    LineSplitter,
    Reply,
    decode_text,
    encode_environment,
    encode_reply,
)

from .agi_commands import perform
from .channel import Channel
from .core import log

AGI_PORT = 4573
CONNECT_SECONDS = 2.0
"""Real seconds: ``MAX_AGI_CONNECT`` of ``res_agi``."""
MAX_WAITING_LINES = 64
MAX_UNREAD = 1 << 20
TRUE, FALSE = frozenset({"yes", "true", "y", "t", "1", "on"}), frozenset({"no", "false", "n", "f", "0", "off"})
"""What ``ast_true`` and ``ast_false`` take for it."""
VERSION = "22.0.0-line400"
_NO_BREAKS = str.maketrans("\r\n\0", "   ")


class _Connection(asyncio.Protocol):
    """The socket: bytes to lines. ``changed`` is set whenever there is something to look at."""

    def __init__(self, channel: Channel) -> None:
        self.lines: deque[bytes] = deque()
        self.closed = False
        self.broken: AgiProtocolError | None = None
        self.changed = asyncio.Event()
        self.transport: asyncio.Transport | None = None
        self._channel = channel
        self._splitter = LineSplitter()
        self._paused = False

    @property
    def readable(self) -> bool:
        """Whether the router has sent something that nobody has taken, or is gone."""
        return bool(self.lines) or self.closed

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        try:
            self.lines.extend(self._splitter.feed(data))
        except AgiProtocolError as error:
            self._fail(error)
        if len(self.lines) > MAX_WAITING_LINES and self.transport is not None and not self._paused:
            self._paused = True
            self.transport.pause_reading()
        self._tell()

    def eof_received(self) -> bool:
        # Asterisk reads by fgets: half a line at the end of the stream is a line.
        if self._splitter.pending and self.broken is None:
            self.lines.append(self._splitter.pending)
        self.closed = True
        self._tell()
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        self.closed = True
        self._tell()

    def take(self) -> bytes:
        """The next line; only when there is one."""
        line = self.lines.popleft()
        if self._paused and not self.lines and self.transport is not None:
            self._paused = False
            self.transport.resume_reading()
        return line

    def send(self, data: bytes) -> None:
        """Write; a router that does not read what it asked for is cut off."""
        if self.transport is None or self.transport.is_closing():
            return
        if self.transport.get_write_buffer_size() > MAX_UNREAD:
            self.transport.abort()
            return
        self.transport.write(data)

    def close(self) -> None:
        """Close the connection."""
        if self.transport is not None:
            self.transport.close()

    def _fail(self, error: AgiProtocolError) -> None:
        self.broken = error
        self.closed = True
        if self.transport is not None:
            self.transport.abort()

    def _tell(self) -> None:
        self.changed.set()
        self._channel.interrupt()


@dataclass(frozen=True, slots=True)
class AgiLimits:
    """``idle_real`` is how many real seconds the router may take between two commands."""

    idle_real: float = 15.0
    connect_real: float = CONNECT_SECONDS


def environment(channel: Channel, url: str, arguments: list[str]) -> dict[str, str]:
    """The variables of ``setup_env`` in Asterisk's order; a value is one line whatever the caller sent."""
    script = urlsplit(url).path.lstrip("/")
    values = {
        "agi_network": "yes",
        "agi_network_script": script,
        "agi_request": url,
        "agi_channel": channel.name,
        "agi_language": channel.language,
        "agi_type": channel.name.partition("/")[0],
        "agi_uniqueid": channel.uniqueid,
        "agi_version": VERSION,
        "agi_callerid": channel.caller_number or "unknown",
        "agi_calleridname": channel.caller_name or "unknown",
        "agi_callingpres": "0",
        "agi_callingani2": "0",
        "agi_callington": "0",
        "agi_callingtns": "0",
        "agi_dnid": channel.dnid or "unknown",
        "agi_rdnis": channel.redirecting_from or "unknown",
        "agi_context": channel.context,
        "agi_extension": channel.exten,
        "agi_priority": str(channel.priority),
        "agi_enhanced": "0.0",
        "agi_accountcode": channel.account,
        "agi_threadid": str(int(channel.uniqueid.rpartition(".")[2])),
    }
    if not script:
        del values["agi_network_script"]
    values.update({f"agi_arg_{place}": argument for place, argument in enumerate(arguments, 1)})
    return {name: value.translate(_NO_BREAKS) for name, value in values.items()}


async def run_agi(channel: Channel, url: str, arguments: list[str], limits: AgiLimits) -> str:
    """Run an AGI session on ``channel``. Returns, and sets as ``AGISTATUS``, how it ended."""
    status = await _run(channel, url, arguments, limits)
    channel.set_variable("AGISTATUS", status)
    return status


async def _run(channel: Channel, url: str, arguments: list[str], limits: AgiLimits) -> str:
    parts = urlsplit(url)
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(limits.connect_real):
            _, connection = await loop.create_connection(
                lambda: _Connection(channel), parts.hostname or "127.0.0.1", parts.port or AGI_PORT
            )
    except (OSError, TimeoutError) as error:
        log.warning("connecting to %s failed: %s", url, type(error).__name__)
        return "FAILURE"
    session = _Session(channel, connection, limits)
    channel.interrupts = lambda: connection.readable
    channel.on_gone.append(connection.changed.set)
    try:
        connection.send(encode_environment(environment(channel, url, arguments)))
        return await session.run()
    finally:
        channel.interrupts = None
        channel.on_gone.remove(connection.changed.set)
        connection.close()


class _Session:
    """The loop of one AGI session (``run_agi`` of ``res_agi``)."""

    def __init__(self, channel: Channel, connection: _Connection, limits: AgiLimits) -> None:
        self.channel = channel
        self.connection = connection
        self.limits = limits
        self.dead = False
        self.failed = False
        self.tells = channel.get_variable("AGISIGHUP").lower() not in FALSE
        self.exits = channel.get_variable("AGIEXITONHANGUP").lower() in TRUE

    async def run(self) -> str:
        channel, connection = self.channel, self.connection
        while True:
            if (channel.gone or channel.timed_out) and not self.dead:
                self.dead = True
                if self.tells:
                    # Once for the hang-up, and once for the end of the session.
                    connection.send(HANGUP_LINE * (2 if self.exits else 1))
                if self.exits:
                    return "HANGUP"
            if connection.lines:
                await self._command(connection.take())
            elif connection.closed:
                break
            else:
                connection.changed.clear()
                try:
                    async with asyncio.timeout(self.limits.idle_real):
                        await connection.changed.wait()
                except TimeoutError:
                    log.warning("the AGI server at work on %s does nothing", channel.name)
                    return "HANGUP" if self.dead else "FAILURE"
        if connection.broken is not None:
            log.warning("AGI: %s", connection.broken)
            return "FAILURE"
        if self.dead or channel.gone:
            return "HANGUP"
        return "FAILURE" if self.failed else "SUCCESS"

    async def _command(self, line: bytes) -> None:
        reply, failed = await perform(self.channel, decode_text(line), line, self.dead)
        self.failed = self.failed or (failed and not self.channel.gone)
        if reply is not None:
            self._send(reply)

    def _send(self, reply: Reply) -> None:
        try:
            self.connection.send(encode_reply(reply))
        except AgiProtocolError:
            # A value with a line break cannot be told; Asterisk would send it and lose the thread.
            self.connection.send(encode_reply(Reply(200, text="result=0")))
