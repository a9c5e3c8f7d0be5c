"""The AMI link: panoramisk's manager, kept connected, its events handed to the calls they belong to.

What panoramisk 1.4 does that a router cannot live with is closed off in `ami_connection`; besides, every action has a
time limit here, and a ping without an answer ends the connection.

A call does not need AMI to go on: FastAGI carries it. What is missed while AMI is away is asked for again when it is
back (`Status`), or read from the channel's variables by the driver.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ..callers import base_number
from ..number400 import presents_400
from ..outbound import OutboundVerdict, judge_outbound
from .ami_codec import AmiProtocolError, encode_action
from .ami_connection import ConnectionManager, ConnectionProtocol, RawEvent
from .background import in_background
from .generated.names import REFUSED_EVENT
from .live_call import EventMessage
from .wanted_events import WANTED_EVENTS

log = logging.getLogger("line400.ami")

EVENT_CLASSES = "system,call,agent,user,dtmf"
ACTION_SECONDS = 5.0
PING_SECONDS = 10.0
SETTLE_SECONDS = 0.5
FIRST_BACK_OFF = 0.1
MOST_BACK_OFF = 10.0
NEVER = 10 * 365 * 86400

_NOT_PRESENTED = frozenset({"exten", "context", "priority", "application", "data", "timeout", "actionid"})
"""Headers of Originate that no called party ever sees; calling *to* a 400 number is allowed."""

_ONE_ANSWER = frozenset({"Originate", "QueueAdd"})
"""Actions behind whose answer panoramisk would wait for an event: one that the filter leaves out, or that never
comes."""

Listener = Callable[[EventMessage], None]
RefusalListener = Callable[[str, str, str], None]
"""Told of a leg that the switch itself refused: its unique id (empty: the switch names none), the channel or account
that asked, and what it would have shown."""
OriginateAudit = Callable[[OutboundVerdict, str, str], Any]


class AmiUnavailable(Exception):
    """AMI is not connected, or gave no answer in time."""


@dataclass(frozen=True, slots=True)
class AmiAccess:
    """Where AMI is and who we are there. ``secret`` is never shown."""

    host: str
    port: int
    username: str
    secret: str

    def __repr__(self) -> str:
        return f"AmiAccess({self.host}:{self.port}, {self.username})"


class AmiLink:
    """A connection to AMI that comes back. Events are handed to the listener of the call they name.

    ``on_up`` is called after every login, with whether it is the first; ``on_refused`` for each outbound leg that the
    switch refused by itself. ``reconnections`` counts the later logins.
    """

    def __init__(
        self,
        access: AmiAccess,
        *,
        on_up: Callable[[bool], None] | None = None,
        on_refused: RefusalListener | None = None,
    ) -> None:
        self.access = access
        self.on_refused = on_refused
        self.on_up = on_up
        self.reconnections = 0
        self.failures = 0
        self.last_failure = ""
        self.discarded = 0
        self._manager: ConnectionManager | None = None
        self._listeners: dict[str, Listener] = {}
        self._told: list[tuple[frozenset[str], Callable[[str], None]]] = []
        self._keeper: asyncio.Task[None] | None = None
        self._lost = asyncio.Event()
        self._up = asyncio.Event()
        self._pending: set[asyncio.Future[Any]] = set()
        self._logins = 0

    # ---- life

    @property
    def connected(self) -> bool:
        """Whether events come and actions can be sent now."""
        return self._up.is_set()

    def start(self) -> None:
        """Connect, and keep connected until `stop`. Returns at once; `wait_connected` waits."""
        if self._keeper is None:
            self._keeper = in_background(self._keep(), "ami-link")

    async def wait_connected(self, seconds: float) -> bool:
        """Wait for the login; False when it did not come in ``seconds`` (real)."""
        try:
            async with asyncio.timeout(seconds):
                await self._up.wait()
        except TimeoutError:
            return False
        return True

    async def stop(self) -> None:
        """Log off and stay away."""
        keeper, self._keeper = self._keeper, None
        if self.connected:
            try:
                await self.send("Logoff", within=0.5)
            except AmiUnavailable:
                log.debug("AMI: no answer to Logoff")
        if keeper is not None:
            keeper.cancel()
            await asyncio.gather(keeper, return_exceptions=True)
        self._close()

    async def _keep(self) -> None:
        pause = FIRST_BACK_OFF
        while True:
            try:
                await self._connect()
            except (OSError, AmiUnavailable) as error:
                self.failures += 1
                reason = str(error) if isinstance(error, AmiUnavailable) else type(error).__name__
                if reason != self.last_failure:
                    log.warning("AMI at %s:%d is away: %s", self.access.host, self.access.port, reason)
                self.last_failure = reason
            else:
                pause = FIRST_BACK_OFF
                self.last_failure = ""
                await self._watch()
                log.warning("AMI connection lost; calls go on, events are missed until it is back")
            self._close()
            await asyncio.sleep(pause)
            pause = min(pause * 2, MOST_BACK_OFF)

    async def _connect(self) -> None:
        loop = asyncio.get_running_loop()
        self._lost = asyncio.Event()
        manager = ConnectionManager(
            self._connection_lost,
            self._event,
            host=self.access.host,
            port=self.access.port,
            username=self.access.username,
            secret=self.access.secret,
            events=EVENT_CLASSES,
            loop=loop,
            log=logging.getLogger("line400.ami.panoramisk"),
            # Its own ping is not checked for an answer; ours is.
            ping_delay=NEVER,
            ping_interval=NEVER,
        )
        manager.log.setLevel(logging.CRITICAL)
        opened = loop.create_task(loop.create_connection(ConnectionProtocol, self.access.host, self.access.port))
        try:
            async with asyncio.timeout(ACTION_SECONDS):
                await opened
                self._manager = manager
                manager.connection_made(opened)
                login = manager.authenticated_future
                lost = loop.create_task(self._lost.wait())
                try:
                    await asyncio.wait({login, lost}, return_when=asyncio.FIRST_COMPLETED)
                finally:
                    lost.cancel()
        except TimeoutError:
            raise AmiUnavailable("no answer to the login") from None
        if not login.done() or self._lost.is_set():
            raise AmiUnavailable("the connection ended during the login")
        if not login.result().success:
            raise AmiUnavailable("the login was refused; check asterisk.username and its secret")
        await self._filter()
        first = self._logins == 0
        self._logins += 1
        self.reconnections += not first
        self._up.set()
        log.info("AMI connected to %s:%d", self.access.host, self.access.port)
        if self.on_up is not None:
            self.on_up(first)

    async def _filter(self) -> None:
        """Ask for the events that are used and no others. A switch that cannot filter sends all; they are dropped."""
        for name in WANTED_EVENTS:
            answer = await self._send({"Operation": "Add", "MatchCriteria": f"action(include),name({name})"}, "Filter")
            if not answer.success:
                return

    async def _watch(self) -> None:
        """Return when the connection is gone; a ping without an answer ends it."""
        while True:
            try:
                async with asyncio.timeout(PING_SECONDS):
                    await self._lost.wait()
                return
            except TimeoutError:
                try:
                    await self.send("Ping")
                except AmiUnavailable:
                    return

    def _connection_lost(self) -> None:
        self._lost.set()
        for future in self._pending:
            if not future.done():
                future.set_exception(AmiUnavailable("the connection was lost"))

    def _close(self) -> None:
        self._up.clear()
        self._connection_lost()
        manager, self._manager = self._manager, None
        if manager is not None:
            manager.close()
            manager.awaiting_actions.clear()

    # ---- events

    def listen(self, uniqueid: str, listener: Listener) -> None:
        """Hand the events of the channel ``uniqueid`` to ``listener``, in their order, until `unlisten`."""
        self._listeners[uniqueid] = listener

    def unlisten(self, uniqueid: str) -> None:
        """Hand on no more events of the channel ``uniqueid``."""
        self._listeners.pop(uniqueid, None)

    def tell(self, names: frozenset[str], told: Callable[[str], None]) -> None:
        """Tell ``told`` of the name of each event that is one of ``names``, of whatever channel; for good."""
        self._told.append((names, told))

    def _event(self, event: RawEvent) -> None:
        name = event.name
        if name == "UserEvent" and event.get("UserEvent") == REFUSED_EVENT and self.on_refused is not None:
            self.on_refused(event.uniqueid, event.get("Source"), event.get("Presented"))
        for names, tell in self._told:
            if name in names:
                tell(name)
        listener = self._listeners.get(event.uniqueid)
        if listener is None:
            return
        try:
            listener(event)
        except Exception as error:
            # One call's observer must not end the link that all calls share.
            self.discarded += 1
            log.error("AMI: an event of a call could not be taken: %s", type(error).__name__)

    # ---- actions

    async def send(
        self, action: str, headers: Mapping[str, object] | None = None, *, within: float = ACTION_SECONDS
    ) -> Any:
        """Send an action and wait for its answer: panoramisk's message, or a list of them.

        Raises `AmiUnavailable` when AMI is away or does not answer, and `AmiProtocolError` for a value that cannot
        be sent. ``Originate`` is not sent here: see `originate`.
        """
        if action.lower() == "originate":
            raise ValueError("Originate is sent by originate(), which judges it")
        if not self.connected:
            raise AmiUnavailable("AMI is not connected")
        return await self._send(headers or {}, action, within)

    async def _send(self, headers: Mapping[str, object], action: str, within: float = ACTION_SECONDS) -> Any:
        manager = self._manager
        if manager is None or self._lost.is_set():
            raise AmiUnavailable("AMI is not connected")
        fields = {key: str(value) for key, value in headers.items()}
        encode_action(action, fields.items())  # raises for a line break: panoramisk would send it
        one_answer = False if action in _ONE_ANSWER else None
        future: asyncio.Future[Any] = manager.send_action({"Action": action, **fields}, as_list=one_answer)
        self._pending.add(future)
        try:
            async with asyncio.timeout(within):
                return await future
        except TimeoutError:
            raise AmiUnavailable(f"no answer to {action}") from None
        finally:
            self._pending.discard(future)

    async def settle(self) -> None:
        """Return when the events sent before now have been handed out: Asterisk answers a ping behind them."""
        try:
            await self.send("Ping", within=SETTLE_SECONDS)
        except AmiUnavailable:
            log.debug("AMI did not answer while events were awaited")

    async def user_event(self, name: str, headers: Mapping[str, str]) -> bool:
        """Tell the switch of an event of ours. False when it was not taken."""
        clean = {_header_name(key): " ".join(value.split()) for key, value in headers.items()}
        try:
            answer = await self.send("UserEvent", {"UserEvent": name, **clean})
        except (AmiUnavailable, AmiProtocolError):
            return False
        return bool(answer.success)

    async def channels(self) -> set[str]:
        """The unique ids of the channels that are up now. Raises `AmiUnavailable`, also when the list is not whole."""
        answer = await self.send("Status")
        messages = answer if isinstance(answer, list) else [answer]
        if messages[-1].get("Event") != "StatusComplete":
            raise AmiUnavailable("the switch does not tell its channels")
        return {str(message.get("Uniqueid")) for message in messages if message.get("Event") == "Status"}

    async def channel_variable(self, channel: str, name: str) -> str:
        """A variable of a channel that is up; empty when it cannot be had."""
        try:
            answer = await self.send("Getvar", {"Channel": channel, "Variable": name})
        except (AmiUnavailable, AmiProtocolError):
            return ""
        return str(answer.get("Value", "")) if answer.success else ""

    async def originate(
        self,
        *,
        channel: str,
        from_: str,
        headers: Mapping[str, str] | None = None,
        audit: OriginateAudit | None = None,
        within: float = 60.0,
    ) -> tuple[OutboundVerdict, Any]:
        """The only way an Originate leaves this router: the policy is judged first.

        ``from_`` is the number the leg presents. Returns the verdict and the answer of the switch (None when refused:
        nothing was sent). ``audit`` is told verdict, from and channel of a refusal. Raises `CallerError` for a
        ``from_`` that is no number, `AmiUnavailable`.
        """
        verdict = judge_outbound(from_)
        for key, value in (headers or {}).items():
            # A variable can set what ``from_`` does not say: CALLERID(name), a header of the INVITE.
            shown = value.rpartition("=")[2]
            if verdict.allowed and key.lower() not in _NOT_PRESENTED and presents_400(shown):
                verdict = judge_outbound(shown)
        if not verdict.allowed:
            if audit is not None:
                told = audit(verdict, from_, channel)
                if asyncio.iscoroutine(told):
                    await told
            return verdict, None
        if not self.connected:
            raise AmiUnavailable("AMI is not connected")
        fields = {**(headers or {}), "Channel": channel, "CallerID": base_number(from_), "Async": "true"}
        return verdict, await self._send(fields, "Originate", within)


def _header_name(name: str) -> str:
    return "".join(
        character if character.isascii() and (character.isalnum() or character == "-") else "-" for character in name
    )
