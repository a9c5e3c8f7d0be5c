"""The FastAGI server: one connection of the switch is one call.

Built on the sans-I/O codec `router.asterisk.agi_codec`. Whatever connects is hostile until its environment has been
read: line length, number of lines and the time to send them are bounded, connections are bounded, an answer nobody
asked for closes the connection. Bytes are taken as they come and never read past, so none is lost between the
environment and the first reply.

All times here are real seconds: they bound what a peer may cost, not what a caller waits.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal, cast

from . import agi_codec
from .agi_codec import AgiProtocolError, EnvironmentParser, HangupNotice, LineSplitter, Reply, ReplyParser

log = logging.getLogger("line400.fastagi")

GoneReason = Literal["hangup", "refused", "closed", "silent", "protocol"]
DEAD_CHANNEL = 511
LEAVES_WITHIN = 5.0
"""Seconds for the peer to close its side behind the last command."""
MAX_NOTICES = 16
"""Most ``HANGUP`` lines taken from one connection; Asterisk sends one."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one peer may cost. ``headers_seconds`` bounds the time from connecting to the blank line,
    ``idle_seconds`` the time one command may take when its caller names no other bound."""

    max_line: int = agi_codec.MAX_LINE
    max_headers: int = agi_codec.MAX_HEADERS
    headers_seconds: float = 5.0
    idle_seconds: float = 4 * 3600.0
    max_connections: int = 2000
    backlog: int = 512


class CallerGone(Exception):
    """The call can take no more commands. ``hangup``: the switch said that the caller hung up; ``refused``: the caller
    had hung up before the command began; ``closed``: the connection ended; ``silent``: a command got no reply in its
    time; ``protocol``: the peer broke the protocol."""

    def __init__(self, reason: GoneReason) -> None:
        super().__init__(reason)
        self.reason = reason


class AgiChannel:
    """One call as the router sees it: its environment, and commands one at a time.

    ``hung_up`` becomes True when the switch says ``HANGUP``; the outstanding command still gets its reply, and
    commands that a dead channel allows (variables) may still follow. ``limited``: the dialplan ends the call soon
    unless `lengthen` is called.
    """

    def __init__(self, environment: dict[str, str], connection: _Connection) -> None:
        self.environment = environment
        self.limited = False
        self._connection = connection

    @property
    def hung_up(self) -> bool:
        """Whether the switch has said that the caller hung up."""
        return self._connection.hung_up

    @property
    def closed(self) -> bool:
        """Whether the connection is gone."""
        return self._connection.closed

    @property
    def gone(self) -> bool:
        """Whether the caller cannot be reached any more."""
        return self.hung_up or self.closed

    async def command(self, name: str, *arguments: str | int, within: float | None = None) -> Reply:
        """Send a command and wait for its reply, at most ``within`` real seconds.

        Returns the reply whatever its code, except 511 (dead channel). Raises `CallerGone`, and `AgiProtocolError`
        when an argument cannot be sent (a line break); nothing has been sent then.
        """
        return await self._connection.command(agi_codec.encode_command(name, *arguments), within)

    def give_up(self) -> None:
        """Close the connection because the call is known to be over: a waiting command ends as ``silent``."""
        self._connection.give_up()

    async def lengthen(self, seconds: int) -> None:
        """The sign of life that a limited call waits for: it may last ``seconds``. Once is enough. Raises
        `CallerGone`."""
        if self.limited:
            self.limited = False
            await self.set_variable("TIMEOUT(absolute)", str(seconds))

    def leave(self, name: str, value: str) -> None:
        """Set a channel variable as the last act, and let the dialplan go on behind the request; nothing is waited for.
        Raises `CallerGone` where the connection is gone."""
        self._connection.leave(agi_codec.encode_command("SET VARIABLE", name, value))

    async def get_variable(self, name: str) -> str | None:
        """The value of a channel variable, None when it is not set. Raises `CallerGone`."""
        reply = await self.command("GET VARIABLE", name, within=15.0)
        return reply.data if reply.ok and reply.number == 1 else None

    async def set_variable(self, name: str, value: str) -> None:
        """Set a channel variable. Raises `CallerGone`."""
        await self.command("SET VARIABLE", name, value, within=15.0)


Handler = Callable[[AgiChannel], Awaitable[None]]


class FastAgiServer:
    """Accepts FastAGI connections and runs ``handler`` for each call, in a task of its own.

    ``refused`` counts connections closed before or without a call, by reason.
    """

    def __init__(self, handler: Handler, limits: Limits | None = None) -> None:
        self.handler = handler
        self.limits = limits or Limits()
        self.refused: Counter[str] = Counter()
        self._server: asyncio.Server | None = None
        self._connections: set[_Connection] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._full = False

    @property
    def port(self) -> int:
        """The port listened on; 0 before `start`."""
        return int(self._server.sockets[0].getsockname()[1]) if self._server and self._server.sockets else 0

    @property
    def connections(self) -> int:
        """How many connections are open."""
        return len(self._connections)

    async def start(self, host: str, port: int) -> None:
        """Listen. Raises `OSError` when the address cannot be had."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            lambda: _Connection(self), host, port, backlog=self.limits.backlog, reuse_address=True
        )

    def stop_listening(self) -> None:
        """Accept nothing more; calls in progress go on."""
        if self._server is not None:
            self._server.close()

    async def stop(self, drain_seconds: float = 0.0) -> None:
        """Stop listening, give calls ``drain_seconds`` to end, then close what is left."""
        self.stop_listening()
        if self._tasks and drain_seconds > 0:
            await asyncio.wait(self._tasks, timeout=drain_seconds)
        # Tasks first: a call that we end must not look like one whose caller hung up.
        for task in list(self._tasks):
            task.cancel()
        if self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)
        for connection in list(self._connections):
            connection.close(leaving=False)
        if self._server is not None:
            await self._server.wait_closed()
            self._server = None

    # ---- told by connections

    def admit(self, connection: _Connection) -> bool:
        """Whether one more connection is within the limit. Said once in the log until there is room again."""
        if len(self._connections) >= self.limits.max_connections:
            if not self._full:
                self._full = True
                log.warning("FastAGI: %d connections open, further ones are closed", len(self._connections))
            self.refused["too-many-connections"] += 1
            return False
        self._full = False
        self._connections.add(connection)
        return True

    def forget(self, connection: _Connection) -> None:
        """The connection is gone."""
        self._connections.discard(connection)

    def call(self, channel: AgiChannel, connection: _Connection) -> None:
        """The environment has been read: run the handler."""
        task = asyncio.get_running_loop().create_task(self._run(channel, connection))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _run(self, channel: AgiChannel, connection: _Connection) -> None:
        try:
            await self.handler(channel)
        except CallerGone as gone:
            log.debug("FastAGI call ended: %s", gone.reason)
        except Exception as error:
            # The call must not take the router with it. No text of the error: it may hold personal data.
            log.error("FastAGI handler failed: %s", type(error).__name__)
        finally:
            connection.close()


class _Connection(asyncio.Protocol):
    """Bytes to environment, replies and notices. Never awaits; `command` is the only thing that waits."""

    def __init__(self, server: FastAgiServer) -> None:
        self._server = server
        self._lines = LineSplitter(server.limits.max_line)
        self._environment: EnvironmentParser | None = EnvironmentParser(server.limits.max_headers)
        self._replies = ReplyParser()
        self._waiting: asyncio.Future[Reply] | None = None
        self._transport: asyncio.Transport | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._notices = 0
        self._reason: GoneReason = "closed"
        self.closed = False

    @property
    def hung_up(self) -> bool:
        return self._notices > 0

    # ---- asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # No isinstance: the transports of uvloop are none of asyncio's, and behave like them.
        self._transport = cast(asyncio.Transport, transport)
        if not self._server.admit(self):
            self.closed = True
            self._transport.abort()
            return
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(self._server.limits.headers_seconds, self._headers_late)

    def data_received(self, data: bytes) -> None:
        if self.closed:
            return
        try:
            for line in self._lines.feed(data):
                self._line(line)
                if self.closed:
                    return
        except AgiProtocolError as error:
            self._refuse(error.code)

    def eof_received(self) -> bool:
        if self._environment is not None and not self.closed:
            self._refuse("eof-in-headers")
        elif self._lines.pending and not self.closed:
            self._refuse("half-a-line")
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        if self._environment is not None and not self.closed:
            self._refuse("eof-in-headers")
        self._end()
        self._server.forget(self)

    # ---- lines

    def _line(self, line: bytes) -> None:
        if self._environment is not None:
            environment = self._environment.line(line)
            if environment is not None:
                self._environment = None
                self._stop_timer()
                if not environment:
                    self._refuse("empty-headers")
                    return
                self._server.call(AgiChannel(environment, self), self)
            return
        answer = self._replies.line(line)
        if answer is None:
            return
        if isinstance(answer, HangupNotice):
            self._notices += 1
            if self._notices > MAX_NOTICES:
                self._refuse("flood")
            return
        if answer.code // 100 == 1:  # 100 Trying: progress, not the reply
            return
        waiting, self._waiting = self._waiting, None
        if waiting is None:
            self._refuse("unasked-reply")
        elif not waiting.done():
            waiting.set_result(answer)

    async def command(self, line: bytes, within: float | None) -> Reply:
        """Write one command line and wait for its reply."""
        if self.closed or self._transport is None:
            raise CallerGone(self._reason)
        if self._waiting is not None:
            raise RuntimeError("an AGI command is outstanding already")
        loop = asyncio.get_running_loop()
        waiting: asyncio.Future[Reply] = loop.create_future()
        self._waiting = waiting
        self._transport.write(line)
        limit = self._server.limits.idle_seconds if within is None else within
        # A bare timer: asyncio.timeout costs more than all else that a command needs here.
        late = loop.call_later(limit, self._no_reply, waiting, limit)
        try:
            reply = await waiting
        finally:
            late.cancel()
        if reply.code == DEAD_CHANNEL:
            self._notices = max(1, self._notices)
            raise CallerGone("refused")
        return reply

    # ---- ends

    def leave(self, line: bytes) -> None:
        """Write the last command line and end our side. Its reply is not read: the peer closes its side behind it."""
        if self.closed or self._transport is None:
            raise CallerGone(self._reason)
        self._transport.write(line)
        self._transport.write_eof()
        self._end()
        self._timer = asyncio.get_running_loop().call_later(LEAVES_WITHIN, self._transport.abort)

    def _no_reply(self, waiting: asyncio.Future[Reply], limit: float) -> None:
        if not waiting.done():
            self._reason = "silent"
            log.warning("FastAGI: no reply from the switch in %.0f s, connection closed", limit)
            waiting.set_exception(CallerGone("silent"))
            self.close()

    def close(self, *, leaving: bool = True) -> None:
        """Close the connection; whoever waits for a reply is told. One behind its last command is closed by the peer,
        unless ``leaving`` is not to be waited for."""
        if leaving and self.closed and self._timer is not None:
            return
        self._end()
        if self._transport is not None:
            self._transport.close()

    def give_up(self) -> None:
        """Close although the peer did not."""
        self._reason = "silent"
        self.close()

    def _headers_late(self) -> None:
        self._timer = None
        self._refuse("headers-too-slow")

    def _refuse(self, code: str) -> None:
        """Close because of what the peer did: one line in the log, none of its text in it."""
        if self.closed:
            return
        self._server.refused[code] += 1
        self._reason = "protocol"
        log.warning("FastAGI connection closed: %s", code)
        self._end()
        if self._transport is not None:
            self._transport.abort()

    def _end(self) -> None:
        self.closed = True
        self._stop_timer()
        waiting, self._waiting = self._waiting, None
        if waiting is not None and not waiting.done():
            waiting.set_exception(CallerGone("hangup" if self.hung_up else self._reason))

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
