"""A channel: one leg of a call, its state, its variables, and the one way in which anything waits on it.

Every application and AGI command that takes time waits through `Channel.wait`, which a key, a hang-up, the AGI
server's next command or the switch itself may end. One wait at a time: a channel does one thing at a time.

Keys that come while nothing reads them are dropped, as Asterisk drops frames read between two AGI commands. Between
two waits of one command they are kept for the second.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from ivr_flows.commands import ALL_KEYS
from ivr_flows.results import Party

from . import events

if TYPE_CHECKING:
    from .core import Core
    from .mix_monitor import MixMonitor

DOWN, RING, RINGING, UP = 0, 4, 5, 6
NO_KEYS: frozenset[str] = frozenset()
WOKEN = "woken"


class ChannelHungUp(Exception):
    """The channel is hung up: what was under way on it ends here."""


class Interrupted(Exception):
    """The AGI server sent something or went away while a command ran that gives way to it."""


class AbsoluteTimeout(Exception):
    """``TIMEOUT(absolute)`` ran out: the dialplan goes to its ``T`` extension, the channel is still up."""


class Ear(Protocol):
    """Who is at the far end of a channel and what it is told; `simulator.switch.caller` has the caller's."""

    def answered(self) -> None: ...
    def hears(self, words: str, seconds: float) -> None: ...
    def variable(self, name: str, value: str) -> None: ...
    def collecting(self) -> None: ...
    def listening(self) -> None: ...
    def queued(self, queue: str) -> None: ...
    def ended_by_script(self) -> None: ...
    def transferred(self, target: str) -> None: ...
    def talking(self) -> None: ...
    def recording(self) -> None: ...
    def digits_sent(self, digits: str) -> None: ...


class Channel:
    """One leg. States are Asterisk's: 0 down, 4 ring (coming in), 5 ringing (going out), 6 up.

    ``hangup_by`` and ``hangup_cause`` (Q.850) are set once, by the first hang-up.
    """

    def __init__(
        self,
        core: Core,
        name: str,
        *,
        state: int,
        caller_number: str = "",
        caller_name: str = "",
        context: str = "",
        exten: str = "",
        linkedid: str | None = None,
    ) -> None:
        serial = core.next_id()
        self.core = core
        self.name = f"{name}-{serial:08x}"
        self.created = core.clock.now()
        self.uniqueid = f"{int(self.created)}.{serial}"
        self.linkedid = linkedid or self.uniqueid
        self.state = state
        self.caller_number = caller_number
        self.caller_name = caller_name
        self.connected_number = ""
        self.connected_name = ""
        self.ani = caller_number
        self.redirecting_from = ""
        self.redirecting_name = ""
        self.language = "zh-CN"
        self.account = ""
        self.music = "default"
        self.context = context
        self.exten = exten
        self.dnid = exten
        self.priority = 1
        self.application = ""
        self.application_data = ""
        self.variables: dict[str, str] = {}
        self.cdr: dict[str, str] = {}
        self.headers: list[tuple[str, str]] = []
        self.added_headers: list[tuple[str, str]] = []
        self.far_channel = ""
        self.disposition = "NO ANSWER"
        self.answered: float | None = None
        self.ended: float | None = None
        self.hangup_by: Party | None = None
        self.hangup_cause: int | None = None
        self.ear: Ear | None = None
        self.on_gone: list[Callable[[], None]] = []
        self.monitors: dict[str, MixMonitor] = {}
        self.interrupts: Callable[[], bool] | None = None
        self.reading: frozenset[str] = NO_KEYS
        self._waiter: asyncio.Future[str] | None = None
        self._executing = 0
        self._kept: deque[str] = deque()
        self._interruptible = False
        self._deadline: asyncio.TimerHandle | None = None
        self._timed_out = False
        core.channels[self.name] = self
        events.channel_event(self, "Newchannel")

    # ---- state

    @property
    def gone(self) -> bool:
        """Whether the channel is hung up."""
        return self.hangup_cause is not None

    def set_state(self, state: int) -> None:
        """Change the state and tell it (``Newstate``)."""
        if self.state != state and not self.gone:
            self.state = state
            events.channel_event(self, "Newstate")

    def answer(self) -> None:
        """Answer; nothing when it is answered already or gone."""
        if self.state != UP and not self.gone:
            self.answered = self.core.clock.now()
            self.disposition = "ANSWERED"
            self.set_state(UP)
            if self.ear is not None:
                self.ear.answered()

    def hang_up(self, by: Party, cause: int = 16, event: str | None = None) -> None:
        """End the channel; what waits on it is told. Only the first hang-up counts.

        ``event`` is ``HangupRequest`` where this channel's own far end hung up, ``SoftHangupRequest`` where a manager
        asked for it.
        """
        if self.gone:
            return
        if event is not None:
            events.channel_event(self, event, [("Cause", cause)])
        self.hangup_by, self.hangup_cause = by, cause
        self.ended = self.core.clock.now()
        if self.answered is None and cause == 17:
            self.disposition = "BUSY"
        elif self.answered is None and by != "caller" and cause not in (16, 19):
            self.disposition = "FAILED"
        self.set_absolute_timeout(0)
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_exception(ChannelHungUp())
        for told in tuple(self.on_gone):
            told()

    def destroy(self, *, dialplan: bool = False) -> None:
        """The last act: ``Hangup``, and out of the list of channels. ``dialplan``: whether the channel ran one, which
        then tells its end (``SoftHangupRequest``) and gives the call detail record (``Cdr``)."""
        self.hang_up("switch")
        if self.core.channels.pop(self.name, None) is not None:
            if dialplan:
                events.soft_hangup(self)
                events.cdr(self)
            events.hangup(self)

    # ---- variables

    def set_variable(self, name: str, value: str) -> None:
        """Set a plain channel variable. An empty one is set too, as in Asterisk."""
        self.variables[name] = value
        events.varset(self, name, value)
        if self.ear is not None:
            self.ear.variable(name, value)

    def get_variable(self, name: str) -> str:
        """A plain channel or global variable, empty where it is not set."""
        return self.variables.get(name) or self.core.variables.get(name, "")

    def set_absolute_timeout(self, seconds: float) -> None:
        """``TIMEOUT(absolute)``: that many seconds from now, 0 for never."""
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
        if seconds > 0:
            loop = asyncio.get_running_loop()
            self._deadline = loop.call_later(self.core.clock.real(seconds), self._expire)

    @property
    def absolute_timeout(self) -> float | None:
        """Seconds that are left of ``TIMEOUT(absolute)``, None where there is none."""
        if self._deadline is None:
            return None
        return (self._deadline.when() - asyncio.get_running_loop().time()) * self.core.clock.speed

    def _expire(self) -> None:
        self._deadline = None
        self._timed_out = True
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_exception(AbsoluteTimeout())
        for told in tuple(self.on_gone):
            told()

    @property
    def waiting(self) -> bool:
        """Whether something waits on the channel that nothing has ended yet."""
        return self._waiter is not None and not self._waiter.done()

    @property
    def timed_out(self) -> bool:
        """Whether ``TIMEOUT(absolute)`` ran out and nobody took notice yet."""
        return self._timed_out

    def forgive_timeout(self) -> None:
        """The ``T`` extension has begun: the channel may be used again."""
        self._timed_out = False

    # ---- waiting

    async def wait(self, seconds: float | None, keys: frozenset[str] = NO_KEYS, *, interruptible: bool = False) -> str:
        """Let ``seconds`` pass (None: until something happens).

        Returns the key that ended it (one of ``keys``), `WOKEN`, or ``""`` when the time passed. Raises
        `ChannelHungUp`, `AbsoluteTimeout`, and `Interrupted` where ``interruptible``.
        """
        if self.gone:
            raise ChannelHungUp
        if self._timed_out:
            raise AbsoluteTimeout
        if interruptible and self.interrupts is not None and self.interrupts():
            raise Interrupted
        assert self._waiter is None, "a channel does one thing at a time"
        while self._kept:
            key = self._kept.popleft()
            if key in keys:
                return key
        loop = asyncio.get_running_loop()
        waiter: asyncio.Future[str] = loop.create_future()
        self._waiter, self.reading, self._interruptible = waiter, keys, interruptible
        timer = None
        if seconds is not None:
            timer = loop.call_later(self.core.clock.real(max(0.0, seconds)), _time_passed, waiter)
        if self.ear is not None:
            self.ear.listening()
        try:
            return await waiter
        finally:
            self._waiter, self.reading = None, NO_KEYS
            if timer is not None:
                timer.cancel()

    def press(self, key: str) -> bool:
        """A key came from the far end. Whether anything read it."""
        if self.gone or key not in ALL_KEYS:
            return False
        events.dtmf(self, key)
        if self._waiter is None or self._waiter.done():
            if self._executing:
                self._kept.append(key)
            return False
        if key not in self.reading:
            return False
        self._waiter.set_result(key)
        return True

    @contextmanager
    def executing(self) -> Iterator[None]:
        """While a command runs: keys between two of its waits are kept, and those left at its end are dropped."""
        self._executing += 1
        try:
            yield
        finally:
            self._executing -= 1
            self._kept.clear()

    def wake(self) -> None:
        """End the present wait with `WOKEN`."""
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(WOKEN)

    def interrupt(self) -> None:
        """End the present wait with `Interrupted`, if it gives way."""
        if self._interruptible and self._waiter is not None and not self._waiter.done():
            self._waiter.set_exception(Interrupted())

    # ---- sound

    async def play(self, name: str, keys: frozenset[str] = NO_KEYS, *, interruptible: bool = False) -> str | None:
        """Play a sound file to its end or to a key of ``keys``. Returns the key or ``""``; None when there is no
        such file."""
        found = self.core.sounds.find(name)
        if found is None:
            return None
        return await self.say(*found, keys, interruptible=interruptible)

    async def say(
        self, words: str, seconds: float, keys: frozenset[str] = NO_KEYS, *, interruptible: bool = False
    ) -> str:
        """Let the far end hear ``words`` for ``seconds``, or to a key of ``keys``, which is returned."""
        if self.gone:
            raise ChannelHungUp
        self.sounds(words, seconds)
        try:
            return await self.wait(seconds, keys, interruptible=interruptible)
        finally:
            self.falls_silent()

    def sounds(self, words: str, seconds: float) -> None:
        """The far end begins to hear ``words`` (empty: a sound that nobody says)."""
        if words:
            if self.ear is not None:
                self.ear.hears(words, seconds)
            for monitor in self.monitors.values():
                monitor.plays(words, seconds)

    def falls_silent(self) -> None:
        """What the far end was hearing is over."""
        for monitor in self.monitors.values():
            monitor.cut()


def _time_passed(waiter: asyncio.Future[str]) -> None:
    if not waiter.done():
        waiter.set_result("")
