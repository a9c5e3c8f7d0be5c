"""The manager interface: sessions, login, and what stands between the wire and the actions.

Messages and their wording are Asterisk's. A wrong user and a wrong secret get the same answer after the same pause,
and no secret is ever logged. Sessions that do not log in, send too much or read too little are closed; the times for
that are real seconds, because they protect a process and not a call.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from router.asterisk.ami_codec import AmiParser, AmiProtocolError, Message, encode_message

from .ami_filters import Filter, passes
from .core import Core, log
from .event_bus import Fields, one_line, privilege
from .events import SYSTEM
from .quantities import whole
from .spec import ALL_CLASSES, CLASS_BITS, AmiUser

BANNER = b"Asterisk Call Manager/11.0.0\r\n"
BEFORE_LOGIN = frozenset({"login", "logoff", "challenge"})


@dataclass(frozen=True, slots=True)
class AmiLimits:
    """``login_real``: ``authtimeout``; ``unauthenticated``: ``authlimit``; ``failed_login_real``: the pause before a
    failed login is answered; ``max_unread``: bytes that a session may leave unread."""

    login_real: float = 30.0
    unauthenticated: int = 50
    sessions: int = 500
    failed_login_real: float = 1.0
    max_unread: int = 8 << 20
    max_line: int = 4096
    max_lines: int = 128
    max_waiting: int = 256


Handler = Callable[["AmiSession", Message], Awaitable[None] | None]


@dataclass(frozen=True, slots=True)
class AmiAction:
    """One action: its name, the classes of which one is needed to send it (empty: none), what it does."""

    name: str
    classes: frozenset[str]
    handler: Handler
    synopsis: str


class AmiServer:
    """Listens on the loopback address and keeps the sessions. ``actions`` are found by name without regard to case."""

    def __init__(
        self, core: Core, users: Mapping[str, AmiUser], actions: Mapping[str, AmiAction], limits: AmiLimits
    ) -> None:
        self.core = core
        self.users = dict(users)
        self.actions = actions
        self.limits = limits
        self.sessions: set[AmiSession] = set()
        self._server: asyncio.Server | None = None

    @property
    def port(self) -> int:
        """The port, 0 before `start`."""
        return int(self._server.sockets[0].getsockname()[1]) if self._server and self._server.sockets else 0

    async def start(self, host: str, port: int) -> None:
        """Listen. Raises `OSError` when the address cannot be had."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: AmiSession(self), host, port, backlog=128)

    async def stop(self) -> None:
        """Tell the sessions (``Shutdown``), close them and stop listening."""
        self.core.bus.send("Shutdown", SYSTEM, [("Shutdown", "Cleanly"), ("Restart", "False")])
        for session in tuple(self.sessions):
            session.close()
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()
            self._server = None


class AmiSession(asyncio.Protocol):
    """One connection. Actions are performed one after the other; one that waits holds up those behind it."""

    def __init__(self, server: AmiServer) -> None:
        self.server = server
        self.core = server.core
        self.user: AmiUser | None = None
        self.username = ""
        self.challenge = ""
        self.filters: list[Filter] = []
        self.events: frozenset[str] = frozenset()
        limits = server.limits
        self._parser = AmiParser(blank=True, max_line=limits.max_line, max_lines=limits.max_lines)
        self._transport: asyncio.Transport | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._waiting: deque[Message] = deque()
        self._busy: asyncio.Task[None] | None = None
        self._paused = False
        self._closing = False

    # ---- asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        server, limits = self.server, self.server.limits
        unauthenticated = sum(1 for session in server.sessions if session.user is None)
        if unauthenticated >= limits.unauthenticated or len(server.sessions) >= limits.sessions:
            log.warning("AMI: too many sessions, a connection was closed")
            transport.abort()
            return
        server.sessions.add(self)
        transport.write(BANNER)
        self._timer = asyncio.get_running_loop().call_later(limits.login_real, self._login_late)

    def connection_lost(self, exc: Exception | None) -> None:
        self._closing = True
        self.server.sessions.discard(self)
        self.core.bus.remove(self)
        if self._timer is not None:
            self._timer.cancel()
        if self._busy is not None:
            self._busy.cancel()

    def data_received(self, data: bytes) -> None:
        if self._closing:
            return
        try:
            self._waiting.extend(self._parser.feed(data))
        except AmiProtocolError as error:
            words = (
                "Failed to parse message: line too long"
                if error.code == "line-too-long"
                else "Too many lines in message or allocation failure"
            )
            self._work()
            self.error(Message(), words)
            self.close()
            return
        if len(self._waiting) > self.server.limits.max_waiting and self._transport is not None:
            self._paused = True
            self._transport.pause_reading()
        self._work()

    # ---- actions

    def _work(self) -> None:
        """Perform what waits, until an action takes time."""
        while self._waiting and self._busy is None and not self._closing:
            going_on = self._perform(self._waiting.popleft())
            if going_on is not None:
                self._busy = asyncio.ensure_future(self._finish(going_on))
        if self._paused and not self._waiting and self._transport is not None and not self._closing:
            self._paused = False
            self._transport.resume_reading()

    async def _finish(self, going_on: Awaitable[None]) -> None:
        await going_on
        self._busy = None
        self._work()

    def _perform(self, message: Message) -> Awaitable[None] | None:
        name = message.get("Action")
        if not name:
            self.error(message, "Missing action in request")
            return None
        if self.user is None and name.lower() not in BEFORE_LOGIN:
            self.error(message, "Permission denied")
            return None
        action = self.server.actions.get(name.lower())
        if action is None:
            words = f"Invalid/unknown command: {name}. Use Action: ListCommands to show available commands."
            self.error(message, words)
            return None
        if action.classes and (self.user is None or not action.classes & self.user.write):
            self.error(message, "Permission denied")
            return None
        return action.handler(self, message)

    # ---- answers

    def send(self, fields: Fields, body: tuple[str, ...] = ()) -> None:
        """Send a message as it is."""
        self._write(encode_message(Message.of(one_line(fields), body)))

    def respond(self, message: Message, response: str, words: str = "", extra: Fields = (), listing: str = "") -> None:
        """Answer an action: ``Response``, its ``ActionID``, ``EventList`` where events follow, ``Message``."""
        fields: list[tuple[str, object]] = [("Response", response)]
        if message.action_id:
            fields.append(("ActionID", message.action_id))
        if listing:
            fields.append(("EventList", listing))
        if words:
            fields.append(("Message", words))
        self.send([*fields, *extra])

    def ack(self, message: Message, words: str) -> None:
        """Answer that an action is done."""
        self.respond(message, "Success", words)

    def error(self, message: Message, words: str) -> None:
        """Answer that an action is not done."""
        self.respond(message, "Error", words)

    def listed(self, message: Message, name: str, fields: Fields) -> None:
        """Send one event of a list that answers an action."""
        self.send([("Event", name), *([("ActionID", message.action_id)] if message.action_id else ()), *fields])

    def list_complete(self, message: Message, name: str, items: int, extra: Fields = ()) -> None:
        """Send the event that ends a list."""
        self.listed(message, name, [("EventList", "Complete"), ("ListItems", items), *extra])

    def _write(self, data: bytes) -> None:
        transport = self._transport
        if transport is None or transport.is_closing():
            return
        if transport.get_write_buffer_size() > self.server.limits.max_unread:
            log.warning("AMI: a session does not read, it is closed")
            self._closing = True
            transport.abort()
            return
        transport.write(data)

    # ---- events

    def wants(self, classes: frozenset[str]) -> bool:
        return not self.events.isdisjoint(classes)

    def event(self, message: Message, encoded: bytes, classes: frozenset[str]) -> None:
        if passes(self.filters, message):
            self._write(encoded)

    def set_event_mask(self, mask: str) -> bool | None:
        """``EventMask``: ``on``, ``off``, classes by name or as bits. Whether it names any class; names that are none
        count for nothing. None, and no change, for an empty mask."""
        words = [word.strip().lower() for word in mask.split(",")]
        if words == [""]:
            return None
        if words in (["on"], ["yes"], ["true"], ["1"]) or "all" in words:
            named = ALL_CLASSES
        elif (bits := whole(mask)) is not None:
            named = frozenset(name for bit, name in CLASS_BITS.items() if bits >> bit & 1)
        else:
            named = ALL_CLASSES.intersection(words)
        readable = self.user.read if self.user is not None else frozenset()
        self.events = readable & named
        return bool(named)

    # ---- login

    def new_challenge(self) -> str:
        """A challenge for an MD5 login, used once."""
        self.challenge = str(self.core.rng.randrange(100_000_000, 1_000_000_000))
        return self.challenge

    def authenticate(self, message: Message) -> AmiUser | None:
        """The user that ``Login`` names, None unless its secret or its answer to the challenge is right."""
        user = self.server.users.get(message.get("Username"))
        secret = user.secret if user is not None else "no such user"
        if message.get("AuthType").upper() == "MD5":
            challenge, self.challenge = self.challenge, ""
            # The protocol's own digest: Asterisk has no other.
            expected = hashlib.md5((challenge + secret).encode(), usedforsecurity=False).hexdigest()
            right = bool(challenge) and _same(message.get("Key").lower(), expected)
        else:
            right = _same(message.get("Secret"), secret)
        return user if right and user is not None and user.secret else None

    def logged_in(self, username: str, user: AmiUser) -> None:
        """Begin the session of ``user``."""
        self.user, self.username = user, username
        self.events = user.read & ALL_CLASSES
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self.core.bus.add(self)

    def fully_booted(self) -> None:
        """``FullyBooted``, told to each session that has just logged in and reads the class ``system``."""
        if not self.events.isdisjoint(SYSTEM):
            now = self.core.clock.now()
            self.send(
                [
                    ("Event", "FullyBooted"),
                    ("Privilege", privilege(SYSTEM)),
                    ("Uptime", int(now - self.core.started)),
                    ("LastReload", int(now - self.core.started)),
                    ("Status", "Fully Booted"),
                ]
            )

    def _login_late(self) -> None:
        self._timer = None
        log.warning("AMI: a connection did not log in in time")
        self.close()

    def close(self) -> None:
        """Close when what was written is out."""
        self._closing = True
        if self._transport is not None:
            self._transport.close()


def _same(given: str, expected: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "surrogateescape"), expected.encode("utf-8", "surrogateescape"))
