"""Performing `Queue`: the application ``Queue`` of Asterisk, its events and what it leaves behind.

Asterisk tells over AMI who rings and who answers, over the variable ``QUEUESTATUS`` how the caller left. When AMI is
away, what its events would have told is read from the channel's variables (``MEMBERNAME`` needs
``setinterfacevar=yes`` in ``queues.conf``).

Announcements that are known ahead are in the music that the caller hears (`router.asterisk.waiting_sound`), where the
switch has it. Others interrupt the wait: the call is taken out of the queue for each of them and goes back to the place
that it had, and an agent who is being rung is rung anew. A switch for test calls (``LINE400_ANNOUNCES=1``) announces
by itself and counts in ``LINE400_ANNOUNCED`` the announcements that began.
An exit key leaves the queue by the queue's ``context``: the channel then stands at the extension of that key. The
generated context lets only those of ``LINE400_EXIT_KEYS`` out. Where another one lets a key out that the node does not
offer, it is a stray one, and the caller goes back to the place in the queue that it had.
"""

from __future__ import annotations

import logging
import math

from ivr_flows.commands import Queue
from ivr_flows.results import (
    AgentAnswered,
    AgentRinging,
    Announced,
    CallerQueued,
    Failed,
    QueueExit,
    QueueLeft,
    Result,
    StrayDigit,
)

from .agi_codec import escape_application_argument
from .fastagi import CallerGone
from .live_call import CommandFailed, EventMessage, LiveCall
from .preferred import preferred_queue, queue_on_switch
from .waiting_sound import Announcing, WaitingSound, waiting_sound

log = logging.getLogger("line400.call")

LONGEST_TALK = 4 * 3600.0
FIRST_RING = 15
"""Seconds that the agent who is to be first may take to answer before the queue is taken."""
_LEFT: dict[str, QueueExit] = {
    "CONTINUE": "answered",
    "TIMEOUT": "timeout",
    "FULL": "full",
    "JOINEMPTY": "no_agents",
    "LEAVEEMPTY": "no_agents",
    "JOINUNAVAIL": "no_agents",
    "LEAVEUNAVAIL": "no_agents",
}
_NOT_ADMITTED = frozenset({"FULL", "JOINEMPTY", "JOINUNAVAIL"})


class QueueWait:
    """One caller in one queue. ``first`` is the agent to be rung before others, empty for none."""

    def __init__(self, call: LiveCall, command: Queue, first: str = "") -> None:
        self.call = call
        self.command = command
        self.first = first
        self.joined: float | None = None
        self.answered: float | None = None
        self.position = 0
        self._announced = 0
        self._said = command.announcements
        self._counted = False
        self._sound: WaitingSound | None = None
        self._announcing: Announcing | None = None

    async def perform(self) -> Result:
        """Run the queue to its end. Raises `CallerGone` when the caller left the call in it,
        `CommandFailed` for a queue that the switch does not have."""
        call, command = self.call, self.command
        await self._prepare()
        alone = await self._alone()
        if self._sound is not None:
            self._announcing = Announcing(call.clock, command.announce_every, command.timeout, self._in_the_music)
            self._announcing.start()
        began = call.clock.now()
        call.listener, call.missed = self._event, self._ask_again
        try:
            while True:
                left, announcing = self._stretch(call.clock.now() - began)
                if alone:
                    left = min(left, FIRST_RING)
                try:
                    await call.execute(
                        "Queue", self._arguments(alone or queue_on_switch(command.name), left), left + LONGEST_TALK
                    )
                except CallerGone:
                    self._hears_no_more()
                    await self._catch_up(await call.variable("QUEUESTATUS"), gone=True)
                    raise
                status = await call.variable("QUEUESTATUS")
                await self._catch_up(status, gone=call.channel.gone)
                call.still_there()
                how = _LEFT.get(status)
                if alone and how not in (None, "answered"):
                    alone = key = ""
                    await self._on_to_the_queue()
                elif how == "timeout" and announcing:
                    key = await self._announce()
                elif how is not None:
                    return QueueLeft(how, call.clock.now())
                else:
                    key = await self._exit_key()
                    if not key:
                        return Failed(f"Queue {command.name} ended with {status or 'no status'}", call.clock.now())
                if key in command.exit_keys:
                    return QueueLeft("key", call.clock.now(), key)
                if key:
                    call.observe(StrayDigit(key, call.clock.now()))
                if call.clock.now() - began >= command.timeout:
                    return QueueLeft("timeout", call.clock.now())
        finally:
            call.listener = call.missed = None
            self._hears_no_more()

    async def _prepare(self) -> None:
        call, command = self.call, self.command
        if call.queued_before:
            # What an earlier queue of the same call left would be taken for this one's.
            for name in ("QUEUESTATUS", "MEMBERNAME", "LINE400_EXIT_KEY"):
                await call.set(name, "")
            if call.preferred_before:
                await call.set("LINE400_LAST_AGENT", "")
                call.preferred_before = False
            if call.test:
                await call.set("LINE400_ANNOUNCE_EVERY", "")
        await call.set("QUEUE_PRIO", str(command.priority))
        if command.exit_keys or call.queued_before:
            await call.set("LINE400_EXIT_KEYS", "".join(sorted(command.exit_keys)))
        call.queued_before = True
        if command.skill:
            await call.set("LINE400_SKILL", command.skill)
        if command.last_agent_first:
            await call.set("LINE400_LAST_AGENT_FIRST", "1")
        if self.first:
            call.preferred_before = True
            await call.set("LINE400_LAST_AGENT", self.first)
        self._counted = call.test and bool(self._said) and await call.variable("LINE400_ANNOUNCES") == "1"
        if self._counted:
            await call.set("LINE400_ANNOUNCED", "")
            await call.set("LINE400_ANNOUNCEMENT", "&".join(map(call.catalogue.use, self._said)))
            await call.set("LINE400_ANNOUNCE_EVERY", f"{command.announce_every:g}")
        sound = waiting_sound(command)
        if sound is not None and not self._counted and await call.variable(sound.variable) == "1":
            self._sound = sound
            for prompt in self._said:
                call.catalogue.use(prompt)
            music = sound.music_class(call.queues)
        else:
            music = command.music or ("default" if call.music_set else "")
        if music:
            call.music_set = True
            await call.set("CHANNEL(musicclass)", music)
        call.queues += 1

    def _stretch(self, waited: float) -> tuple[int, bool]:
        """Whole seconds to wait in the queue in one go, and whether an announcement follows behind them."""
        left = self.command.timeout - waited
        if self._said and not self._counted and self._sound is None:
            until = (self._announced + 1) * self.command.announce_every - waited
            if until < left:
                return max(1, math.ceil(until)), True
        return max(1, math.ceil(left)), False

    async def _announce(self) -> str:
        """Play the next announcement, the caller standing beside the queue; the exit key that ended it."""
        prompt = self._said[self._announced % len(self._said)]
        await self.call.settle()
        self._announcement(self.call.clock.now())
        try:
            return await self.call.play(prompt, "".join(sorted(self.command.exit_keys)))
        except CommandFailed as failed:
            log.warning("an announcement could not be played: %s", failed.reason)
            return ""

    async def _alone(self) -> str:
        """The switch's queue of the agent to be rung first; empty where it has none, as the embedded switch, which
        rings that agent first by itself."""
        name = preferred_queue(self.command.name, self.first) if self.first else ""
        if not name or any(character in ",()${}" for character in name):
            return ""
        return name if await self.call.variable(f"QUEUE_EXISTS({name})") == "1" else ""

    async def _on_to_the_queue(self) -> None:
        """The agent who was to be first is not to be had: what that left is not the queue's."""
        self.position = 0
        for variable in ("QUEUESTATUS", "MEMBERNAME"):
            await self.call.set(variable, "")

    def _arguments(self, queue: str, timeout: int) -> str:
        # c: go on behind Queue when the agent hangs up. The fourth argument is played to the agent before the caller
        # is connected, the eighth is the position to come back to.
        name = escape_application_argument(queue)
        whisper = self.command.whisper
        told = "" if whisper is None else escape_application_argument(self.call.catalogue.use(whisper))
        back = f",,,,{self.position}" if self.position else ""
        return f"{name},c,,{told},{timeout}{back}"

    async def _exit_key(self) -> str:
        call = self.call
        key = await call.variable("LINE400_EXIT_KEY") or await call.variable("EXTEN")
        return key if len(key) == 1 and key in "0123456789*#" else ""

    async def _catch_up(self, status: str, gone: bool = False) -> None:
        """Observe what the events should have told by now, from the channel where they did not."""
        call = self.call
        admitted = status not in _NOT_ADMITTED
        talked = status == "CONTINUE"
        if (admitted and self.joined is None) or ((talked or gone) and self.answered is None):
            await call.settle()
        if admitted and self.joined is None:
            self._queued()
        if (talked or gone) and self.answered is None:
            member = await call.variable("MEMBERNAME")
            if talked or member:
                self._agent_answered(member)
        if self._counted:
            await self._count_announcements()

    async def _ask_again(self) -> None:
        """AMI was away meanwhile: an agent who answered has left a name on the channel."""
        call = self.call
        channel = call.channel.environment.get("agi_channel", "")
        if call.manager is None or self.answered is not None or not channel:
            return
        member = await call.manager.channel_variable(channel, "MEMBERNAME")
        if member and self.answered is None and call.missed is not None:
            self._agent_answered(member)

    # ---- facts

    def _event(self, name: str, message: EventMessage) -> None:
        now = self.call.clock.now()
        if name == "QueueCallerJoin":
            self.position = _whole(message.get("Position"))
            if self.joined is None:
                self._queued()
        elif name == "QueueCallerLeave":
            # Others ahead may have been served meanwhile.
            self.position = _whole(message.get("Position")) or self.position
        elif name == "AgentCalled":
            self.call.observe(AgentRinging(_agent(message), now))
        elif name == "AgentConnect":
            if self.answered is None:
                self._agent_answered(_agent(message))
        elif name == "DTMFEnd" and self.answered is None:
            digit = message.get("Digit")
            if digit and digit not in self.command.exit_keys:
                self.call.observe(StrayDigit(digit, now))

    def _queued(self) -> None:
        self.joined = self.call.clock.now()
        self.call.observe(CallerQueued(self.command.name, self.joined))

    def _agent_answered(self, agent: str) -> None:
        self._hears_no_more()
        self.answered = self.call.clock.now()
        self.call.observe(AgentAnswered(agent, self.answered))

    async def _count_announcements(self) -> None:
        """Observe as many announcements as the switch says that it began; one that does not count says nothing."""
        count = await self.call.variable("LINE400_ANNOUNCED")
        joined = self.joined
        if not count.isdecimal() or joined is None:
            return
        while self._announced < int(count):
            self._announcement(joined + (self._announced + 1) * self.command.announce_every)

    def _in_the_music(self, count: int, at: float) -> None:
        """An announcement begins in the music; without AMI nobody knows whether the caller talks by then."""
        self._announced = count
        if self.call.manager is not None and self.call.manager.connected:
            self._announcement(at)

    def _hears_no_more(self) -> None:
        if self._announcing is not None:
            self._announcing.stop()

    def _announcement(self, at: float) -> None:
        """Observe the next announcement, which began at ``at``."""
        prompt = self._said[self._announced % len(self._said)]
        self._announced += 1
        self.call.observe(Announced(prompt.heard, at))


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() else 0


def _agent(message: EventMessage) -> str:
    return message.get("MemberName") or message.get("Interface")
