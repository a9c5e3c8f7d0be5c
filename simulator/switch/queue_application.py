"""The application ``Queue``: one caller's way through a queue.

``Queue(name[,options[,URL[,announce[,timeout[,AGI[,gosub[,rule[,position]]]]]]]])``, ``timeout`` in seconds. It sets
``QUEUESTATUS``: ``TIMEOUT``, ``FULL``, ``JOINEMPTY``, ``CONTINUE`` (option ``c``: the agent hung up and the caller
goes on), ``UNKNOWN``. ``QUEUE_PRIO`` is the caller's priority; ``MEMBERNAME`` and ``MEMBERINTERFACE`` name the agent
who answered, as with ``setinterfacevar=yes``.

A real Asterisk lets a caller leave by a key through the queue's ``context``: the channel then stands at the extension
of that key. Here the keys are those of the channel variable ``LINE400_EXIT_KEYS``; the key pressed is then in
``LINE400_EXIT_KEY``, ``EXTEN`` is that key, and ``QUEUESTATUS`` stays as it was.

``LINE400_LAST_AGENT`` names an agent (by name or interface) who is rung before others, once, where that agent is free
as the caller's turn comes. A real Asterisk leaves this variable to its dialplan.

A real Asterisk announces as ``queues.conf`` says for the queue (``periodic-announce``). Here the channel variables
``LINE400_ANNOUNCE_EVERY`` (seconds) and ``LINE400_ANNOUNCEMENT`` (sound files with `&` between them, played in turn)
say it for the call; ``LINE400_ANNOUNCED`` counts the announcements that began.
"""

from __future__ import annotations

import asyncio

from ivr_flows.commands import ALL_KEYS

from . import events
from .channel import DOWN, WOKEN, AbsoluteTimeout, Channel, ChannelHungUp
from .core import log
from .legs import Leg, Rang, place, ring, talk
from .quantities import seconds, whole
from .queues import IN_USE, Member, QueueRuntime, Waiting

RING_TIMEOUT = 15.0
RETRY = 5.0
NO_LIMIT = 10 * 365 * 86400.0
WORDS_OF_JOIN_FAILURE = {"full": "FULL", "no_agents": "JOINEMPTY"}


async def queue(channel: Channel, arguments: list[str]) -> int:
    """Run the application. Returns 0 when the dialplan goes on, -1 when the call is over."""
    name = arguments[0] if arguments else ""
    runtime = channel.core.queues.get(name)
    if runtime is None:
        log.warning("unable to join queue %r", name)
        channel.set_variable("QUEUESTATUS", "UNKNOWN")
        return 0
    script = channel.core.agent_script(runtime.spec.name)
    kind = script.kind
    if kind not in WORDS_OF_JOIN_FAILURE:
        if len(runtime.waiting) >= runtime.spec.max_waiting > 0:
            kind = "full"
        elif runtime.members and all(member.paused for member in runtime.members):
            kind = "no_agents"
    if kind in WORDS_OF_JOIN_FAILURE:
        channel.set_variable("QUEUESTATUS", WORDS_OF_JOIN_FAILURE[kind])
        return 0
    waiting = runtime.join(
        channel,
        script,
        whole(channel.get_variable("QUEUE_PRIO")) or 0,
        _number(arguments, 8),
    )
    waiting.preferred = channel.get_variable("LINE400_LAST_AGENT")
    fields: events.Fields = [("Position", runtime.position(waiting)), ("Count", len(runtime.waiting))]
    events.queue_caller("QueueCallerJoin", runtime, waiting, fields)
    visit = _Visit(runtime, waiting, "c" in (arguments[1] if len(arguments) > 1 else ""), _number(arguments, 4))
    return await visit.run()


def _number(arguments: list[str], place: int) -> int | None:
    return (whole(arguments[place]) or None) if len(arguments) > place else None


class _Visit:
    """One caller in one queue. ``expires`` is when the patience of the application, not the caller's, ends."""

    def __init__(self, runtime: QueueRuntime, waiting: Waiting, goes_on: bool, timeout: int | None) -> None:
        self.runtime = runtime
        self.waiting = waiting
        self.channel = waiting.channel
        self.goes_on = goes_on
        self.expires = waiting.joined + (timeout if timeout is not None else NO_LIMIT)
        self.keys = ALL_KEYS.intersection(self.channel.get_variable("LINE400_EXIT_KEYS"))
        self.left = False
        self._every = seconds(self.channel.get_variable("LINE400_ANNOUNCE_EVERY"), 0.0)
        self._announced = 0
        self._next_announcement: asyncio.TimerHandle | None = None
        self._member: Member | None = None

    async def run(self) -> int:
        channel, runtime = self.channel, self.runtime
        try:
            if channel.ear is not None:
                channel.ear.queued(runtime.spec.name)
                if self.waiting.script.kind == "none":
                    channel.ear.ended_by_script()
            if self._every > 0:
                channel.set_variable("LINE400_ANNOUNCED", "0")
                self._plan_announcement()
            return await self._serve()
        except ChannelHungUp:
            self._abandon()
            return -1
        except AbsoluteTimeout:
            self._abandon()
            raise
        finally:
            self._leave()

    async def _serve(self) -> int:
        channel, waiting, clock = self.channel, self.waiting, self.channel.core.clock
        self.runtime.dispatch()
        while True:
            now = clock.now()
            if now >= self.expires - 1e-6:
                self._leave()
                channel.set_variable("QUEUESTATUS", "TIMEOUT")
                return 0
            if waiting.assigned:
                rang = await self._ring()
                if rang.leg is not None:
                    return await self._talk(rang)
                if rang.key:
                    return self._exit(rang.key)
                continue
            until = self.expires
            if waiting.not_before > now:
                until = min(until, waiting.not_before)
            key = await channel.wait(until - now, self.keys)
            if key and key != WOKEN:
                return self._exit(key)
            if not key:
                self.runtime.dispatch()

    async def _ring(self) -> Rang:
        channel, waiting, runtime = self.channel, self.waiting, self.runtime
        members, waiting.assigned, waiting.ringing = waiting.assigned, [], True
        legs = {self._leg(member): member for member in members}
        left = self.expires - channel.core.clock.now()
        longest = max([RING_TIMEOUT, *(leg.after_s + 1.0 for leg in legs if leg.after_s is not None)])

        def called(leg: Leg) -> None:
            events.agent("AgentCalled", runtime, waiting, legs[leg], leg.channel, [])

        winner: Leg | None = None
        unanswered = False
        try:
            rang = await ring(channel, list(legs), min(left, longest), self.keys, called)
            winner, unanswered = rang.leg, rang.end == "no_answer"
        finally:
            waiting.ringing = False
            # The next try comes after a pause, also when an agent becomes free by what follows here.
            waiting.not_before = channel.core.clock.now() + RETRY
            for leg, member in legs.items():
                if leg is not winner:
                    if unanswered:
                        extra: events.Fields = [("RingTime", int(min(left, longest) * 1000))]
                        events.agent("AgentRingNoAnswer", runtime, waiting, member, leg.channel, extra)
                    runtime.release(member, talked=False)
        if winner is not None:
            self._member = legs[winner]
            self._connect(winner, legs[winner], rang.seconds)
        return rang

    def _leg(self, member: Member) -> Leg:
        channel = place(self.channel.core, self.channel, member.interface, member.name)
        assert channel.state == DOWN
        script = self.waiting.script
        answers = script.after_s if script.kind == "answer" else None
        return Leg(channel, member.interface, answers, script.talk_s)

    def _connect(self, leg: Leg, member: Member, ring_seconds: float) -> None:
        channel, runtime = self.channel, self.runtime
        held = channel.core.clock.now() - self.waiting.joined
        runtime.set_status(member, IN_USE)
        runtime.answered(held)
        self._leave()
        channel.set_variable("MEMBERNAME", member.name)
        channel.set_variable("MEMBERINTERFACE", member.interface)
        extra: events.Fields = [("HoldTime", int(held)), ("RingTime", int(ring_seconds))]
        events.agent("AgentConnect", runtime, self.waiting, member, leg.channel, extra)

    async def _talk(self, rang: Rang) -> int:
        channel, runtime, member, leg = self.channel, self.runtime, self._member, rang.leg
        assert leg is not None
        assert member is not None
        clock = channel.core.clock
        began, held = clock.now(), clock.now() - self.waiting.joined
        agent_left = await talk(channel, leg, "agent")
        extra: events.Fields = [
            ("HoldTime", int(held)),
            ("TalkTime", int(clock.now() - began)),
            ("Reason", "agent" if agent_left else "caller"),
        ]
        events.agent("AgentComplete", runtime, self.waiting, member, leg.channel, extra)
        runtime.release(member, talked=True)
        if channel.timed_out:
            raise AbsoluteTimeout
        if channel.gone:
            return -1
        if not self.goes_on:
            channel.hang_up("agent", 16)
            return -1
        channel.set_variable("QUEUESTATUS", "CONTINUE")
        return 0

    def _plan_announcement(self) -> None:
        """The next announcement begins at its moment, whether somebody rings then or not."""
        clock = self.channel.core.clock
        due = self.waiting.joined + (self._announced + 1) * self._every
        if due < self.expires - 1e-5:
            loop = asyncio.get_running_loop()
            self._next_announcement = loop.call_later(clock.real(due - clock.now()), self._announce)

    def _announce(self) -> None:
        channel = self.channel
        if self.left or channel.gone:
            return
        files = channel.get_variable("LINE400_ANNOUNCEMENT").split("&")
        found = channel.core.sounds.find(files[self._announced % len(files)])
        self._announced += 1
        channel.set_variable("LINE400_ANNOUNCED", str(self._announced))
        if found is not None:
            channel.sounds(*found)
        self._plan_announcement()

    def _exit(self, key: str) -> int:
        self._leave()
        self.channel.exten = key
        self.channel.set_variable("LINE400_EXIT_KEY", key)
        return 0

    def _abandon(self) -> None:
        if not self.left:
            runtime, waiting = self.runtime, self.waiting
            runtime.abandoned += 1
            position = runtime.position(waiting)
            fields: events.Fields = [
                ("Position", position),
                ("OriginalPosition", position),
                ("HoldTime", int(self.channel.core.clock.now() - waiting.joined)),
            ]
            events.queue_caller("QueueCallerAbandon", runtime, waiting, fields)
            self.channel.set_variable("ABANDONED", "TRUE")

    def _leave(self) -> None:
        if self.left:
            return
        self.left = True
        self.channel.falls_silent()
        if self._next_announcement is not None:
            self._next_announcement.cancel()
        position = self.runtime.position(self.waiting)
        self.runtime.leave(self.waiting)
        fields: events.Fields = [("Position", position), ("Count", len(self.runtime.waiting))]
        events.queue_caller("QueueCallerLeave", self.runtime, self.waiting, fields)
        self.runtime.dispatch()
