"""One live call: its AGI channel, and what the AMI events of its channel have told.

`LiveCall` is what the performing of every command shares: playing a file, running an application, finding out
whether and how the caller has gone. All times it hands on are seconds of the router's clock.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol

from ivr_flows.commands import Prompt
from ivr_flows.results import Event, HungUp, Party, ScriptEnded

from ..clock import Clock
from ..model import Line, Trunk
from .agi_codec import Reply
from .fastagi import AgiChannel, CallerGone
from .prompts import Catalogue

log = logging.getLogger("line400.call")

LONGEST_CALL = 4 * 3600
"""Seconds after which a call is ended in any case."""
NORMAL_CLEARING = 16
NETWORK_OUT_OF_ORDER = 38
SWITCH_CAUSES = frozenset({27, 34, 38, 41, 42, 44, 47})
"""Q.850 causes of no caller: out of order, no circuit, congestion, resource unavailable. A switch that shuts down, or
a leg whose media stopped, ends with one of them."""
GRACE = 30.0
"""Real seconds that a command may take beyond the time it was told to take."""
EVENT_WAIT = 0.25
"""Real seconds to wait for an event that is on its way over the other connection."""


class EventMessage(Protocol):
    """An AMI event: headers by name, empty text where there is none."""

    def get(self, key: str, default: str = "") -> str: ...


class Manager(Protocol):
    """What a call needs of the AMI link; see `router.asterisk.ami_link`."""

    @property
    def connected(self) -> bool: ...

    async def settle(self) -> None:
        """Return when the events sent until now have been handed out, or after a short time."""

    async def user_event(self, name: str, headers: Mapping[str, str]) -> bool:
        """Send a ``UserEvent``; False when it could not be sent."""

    async def channel_variable(self, channel: str, name: str) -> str:
        """A variable of a channel that is up; empty when it cannot be had."""


SoundMaker = Callable[[Prompt], Awaitable[None]]
"""Sees that the sound file of a prompt is there before it is played; says nothing of one that cannot be made."""


class CommandFailed(Exception):
    """The switch could not perform a command; the call is still up as far as is known."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class LiveCall:
    """The channel of one call and the facts around it.

    ``line`` is the line the call arrived on, ``caller`` its canonical calling number; ``lines`` and ``trunks`` are
    those of the snapshot with which the call began. ``observe`` is given out-of-band facts in order; ``speak`` makes
    the sound files of prompts that were not known ahead. ``script_over`` tells of a test call whether its caller hung
    up because the script ends there. ``finished``: the dialplan knows that the router has finished.
    """

    def __init__(
        self,
        channel: AgiChannel,
        clock: Clock,
        catalogue: Catalogue,
        *,
        call_id: str,
        line: Line | None = None,
        caller: str | None = None,
        lines: Mapping[str, Line] | None = None,
        trunks: Mapping[str, Trunk] | None = None,
        observe: Callable[[Event], None] | None = None,
        manager: Manager | None = None,
        test: bool = False,
        speak: SoundMaker | None = None,
        script_over: Callable[[], bool] = lambda: False,
    ) -> None:
        self.script_over = script_over
        self.channel = channel
        self.speak = speak
        self.clock = clock
        self.catalogue = catalogue
        self.call_id = call_id
        self.line = line
        self.caller = caller
        self.lines = lines or {}
        self.trunks = trunks or {}
        self.observe: Callable[[Event], None] = observe or (lambda event: None)
        self.manager = manager
        self.test = test
        self.listener: Callable[[str, EventMessage], None] | None = None
        self.missed: Callable[[], Awaitable[None]] | None = None
        self.finished = False
        self.queued_before = False
        self.preferred_before = False
        self.queues = 0
        self.music_set = False
        self._ended: tuple[Party, int] | None = None
        self._end_known = asyncio.Event()

    # ---- AMI

    def ami_event(self, message: EventMessage) -> None:
        """Take an AMI event of this call's channel."""
        name = message.get("Event")
        if name in ("HangupRequest", "SoftHangupRequest", "Hangup"):
            if self._ended is None:
                cause = _cause(message.get("Cause")) or NORMAL_CLEARING
                self._ended = ("switch" if name == "SoftHangupRequest" else _party(cause), cause)
            self._end_known.set()
        elif self.listener is not None and self._ended is None:
            self.listener(name, message)

    async def ami_is_back(self) -> None:
        """AMI was away: ask for what its events would have told of the outstanding command."""
        if self.missed is not None:
            await self.missed()

    async def settle(self) -> None:
        """Let AMI events catch up with what AGI has told."""
        if self.manager is not None and self.manager.connected:
            await self.manager.settle()

    # ---- AGI

    def bound(self, seconds: float) -> float:
        """Real seconds that a command of ``seconds`` may take before the switch counts as silent."""
        return self.clock.real(seconds) + GRACE

    async def command(self, name: str, *arguments: str | int, seconds: float = 0.0) -> Reply:
        """An AGI command of at most ``seconds``. Raises `CommandFailed` for a reply that is no success, and
        `CallerGone`."""
        reply = await self.channel.command(name, *arguments, within=self.bound(seconds))
        if not reply.ok:
            raise CommandFailed(f"{name}: {reply.code} {reply.text}".strip())
        return reply

    async def play(self, prompt: Prompt, keys: str = "") -> str:
        """Play a prompt; returns the key of ``keys`` that ended it, empty when it was played to its end."""
        name = self.catalogue.use(prompt)
        if self.speak is not None:
            await self.speak(prompt)
        reply = await self.command("STREAM FILE", name, keys, seconds=3600.0)
        result = reply.number
        if result == -1:
            await self.check_alive("STREAM FILE")
        if result is None or result < 0:
            raise CommandFailed(f"STREAM FILE {name}: {reply.text}")
        if result == 0 and reply.endpos == 0:
            # Asterisk says so of a file that it cannot open; a file of no length cannot be told from it.
            raise CommandFailed(f"sound file {name} is missing on the switch")
        return chr(result) if result else ""

    async def wait_digit(self, seconds: float) -> str:
        """Wait for one key; empty for silence."""
        milliseconds = max(1, round(seconds * 1000))
        reply = await self.command("WAIT FOR DIGIT", milliseconds, seconds=seconds)
        result = reply.number
        if result == -1:
            await self.check_alive("WAIT FOR DIGIT")
        if result is None or result < 0:
            raise CommandFailed(f"WAIT FOR DIGIT: {reply.text}")
        return chr(result) if result else ""

    async def execute(self, application: str, options: str, seconds: float) -> Reply:
        """Run a dialplan application. -1 is a hang-up or its failure: the channel tells which."""
        reply = await self.command("EXEC", application, options, seconds=seconds)
        if reply.number == -2:
            raise CommandFailed(f"the switch has no application {application}")
        if reply.number == -1:
            await self.check_alive(application)
        return reply

    async def check_alive(self, after: str) -> None:
        """Behind a result of -1: raises `CallerGone` when the channel is dead, else `CommandFailed`."""
        if not self.channel.gone:
            reply = await self.channel.command("CHANNEL STATUS", within=GRACE)
            if not reply.ok or reply.number == -1:
                raise CallerGone("hangup")
            raise CommandFailed(f"{after} failed on the switch")
        raise CallerGone("hangup")

    def still_there(self) -> None:
        """Raises `CallerGone` where the switch has said that the caller is not: an application in which two talked is
        reported as done whoever of them hung up, and the hang-up behind it."""
        if self.channel.gone:
            raise CallerGone("hangup" if self.channel.hung_up else "closed")

    async def variable(self, name: str) -> str:
        """A channel variable, also of a dead channel; empty when it is not set or cannot be asked for."""
        if self.channel.closed:
            return ""
        try:
            return await self.channel.get_variable(name) or ""
        except CallerGone:
            return ""

    async def set(self, name: str, value: str) -> None:
        """Set a channel variable. Raises `CallerGone`."""
        await self.channel.set_variable(name, value)

    async def hung_up(self, gone: CallerGone, partial: str = "", unheard: int = 0) -> HungUp:
        """Who ended the call, and with which cause: from AMI, else from the channel, else a normal hang-up of the
        caller. ``partial`` and ``unheard`` as in `HungUp`."""
        at = self.clock.now()
        if self.test and (self.script_over() or await self.variable("LINE400_SCRIPT_ENDED") == "1"):
            self.observe(ScriptEnded(at))
        if self._ended is None:
            await self.settle()
        if self._ended is None and not self.channel.closed:
            cause = _cause(await self.variable("HANGUPCAUSE"))
            if self._ended is None and cause is not None:
                return HungUp(_party(cause), cause, at, partial, unheard)
        manager = self.manager
        if self._ended is None and manager is not None and manager.connected:
            try:
                async with asyncio.timeout(EVENT_WAIT):
                    await self._end_known.wait()
            except TimeoutError:
                log.debug("no AMI event told who ended the call")
        if self._ended is not None:
            by, cause = self._ended
            return HungUp(by, cause, at, partial, unheard)
        lost = gone.reason in ("silent", "protocol") or (
            gone.reason == "closed" and manager is not None and not manager.connected
        )
        if lost:
            return HungUp("switch", NETWORK_OUT_OF_ORDER, at, partial, unheard)
        return HungUp("caller", NORMAL_CLEARING, at, partial, unheard)


def _cause(text: str) -> int | None:
    """A Q.850 cause, or None where there is none (0 says nothing)."""
    return int(text) if text.isascii() and text.isdigit() and 0 < int(text) < 128 else None


def _party(cause: int) -> Party:
    return "switch" if cause in SWITCH_CAUSES else "caller"
