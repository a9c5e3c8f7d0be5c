"""Queues of agents: who waits, who is free, who is rung next. State only; `simulator.switch.queue_application` runs
one caller through it.

Callers are served by priority (the higher ``QUEUE_PRIO`` first), then in the order of joining. An agent is rung by
one caller at a time, and rests ``wrap_up`` seconds after a conversation.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from router.asterisk.generated.names import telephone
from router.asterisk.preferred import queue_on_switch
from router.model import QueueSpec
from simulator.parties import AgentScript

from . import events
from .channel import Channel
from .core import Core

NOT_IN_USE, IN_USE, RINGING_STATUS = 1, 2, 6

STRATEGIES = {
    "longest_idle": "leastrecent",
    "round_robin": "rrmemory",
    "fewest_calls": "fewestcalls",
    "ring_all": "ringall",
}
"""How Asterisk calls the strategies of the configuration where it calls them otherwise."""


@dataclass(eq=False)
class Member:
    """An agent of a queue; a ``dynamic`` one signed in while the switch runs.

    ``status`` is Asterisk's device state: 1 not in use, 2 in use, 6 ringing."""

    name: str
    interface: str
    serial: int
    passing: bool = False
    status: int = NOT_IN_USE
    paused: bool = False
    paused_reason: str = ""
    dynamic: bool = False
    resting_until: float = 0.0
    last_call: float = 0.0
    calls: int = 0


@dataclass(eq=False)
class Waiting:
    """A caller in a queue. ``preferred`` is the agent to be rung first, once, if free."""

    channel: Channel
    script: AgentScript
    priority: int
    serial: int
    joined: float
    ringing: bool = False
    not_before: float = 0.0
    assigned: list[Member] = field(default_factory=list)
    preferred: str = ""


class QueueRuntime:
    """One queue while the switch runs. A queue without named agents has as many as callers need."""

    def __init__(self, core: Core, spec: QueueSpec) -> None:
        self.core = core
        self.spec = spec
        self.name = queue_on_switch(spec.name)
        self.strategy = STRATEGIES.get(spec.strategy, spec.strategy)
        self.members: list[Member] = []
        self.waiting: list[Waiting] = []
        self.completed = 0
        self.abandoned = 0
        self.hold_time = 0.0
        self._last_rung = -1
        self._serial = 0
        for agent in spec.agents:
            self.add_member(agent)

    # ---- agents

    def add_member(
        self, name: str, interface: str | None = None, *, passing: bool = False, dynamic: bool = False
    ) -> Member:
        """Sign an agent in. ``passing`` agents leave when their call is over."""
        interface = interface or (name if "/" in name else f"PJSIP/{telephone(name)}")
        serial = max((other.serial for other in self.members), default=-1) + 1
        member = Member(name, interface, serial, passing, dynamic=dynamic)
        self.members.append(member)
        events.queue_member("QueueMemberAdded", self, member)
        return member

    def find_member(self, interface: str) -> Member | None:
        """The agent at ``interface``."""
        return next((member for member in self.members if interface in (member.interface, member.name)), None)

    def remove_member(self, member: Member) -> None:
        """Sign an agent out."""
        if member in self.members:
            self.members.remove(member)
            events.queue_member("QueueMemberRemoved", self, member)

    def set_status(self, member: Member, status: int) -> None:
        """Change what an agent does, and tell it."""
        if member.status != status:
            member.status = status
            events.queue_member("QueueMemberStatus", self, member)

    def release(self, member: Member, *, talked: bool) -> None:
        """The agent's leg is over. After a conversation the agent rests, then takes the next caller."""
        now = self.core.clock.now()
        if talked:
            member.calls += 1
            member.last_call = now
            member.resting_until = now + self.spec.wrap_up
        self.set_status(member, NOT_IN_USE)
        if member.passing:
            self.remove_member(member)
        elif talked and self.spec.wrap_up > 0:
            loop = asyncio.get_running_loop()
            loop.call_later(self.core.clock.real(self.spec.wrap_up), self.dispatch)
        self.dispatch()

    # ---- callers

    def join(self, channel: Channel, script: AgentScript, priority: int, position: int | None = None) -> Waiting:
        """Admit a caller, at ``position`` (from 1) where it had one before."""
        self._serial += 1
        waiting = Waiting(channel, script, priority, self._serial, self.core.clock.now())
        place = sum(1 for other in self.waiting if other.priority >= priority)
        if position is not None:
            place = min(max(0, position - 1), len(self.waiting))
        self.waiting.insert(place, waiting)
        return waiting

    def position(self, waiting: Waiting) -> int:
        """The caller's position, from 1; 0 when it is not in the queue."""
        return self.waiting.index(waiting) + 1 if waiting in self.waiting else 0

    def leave(self, waiting: Waiting) -> None:
        """The caller waits no more. Agents given to it and not rung yet are free again."""
        if waiting in self.waiting:
            self.waiting.remove(waiting)
        assigned, waiting.assigned = waiting.assigned, []
        for member in assigned:
            self.release(member, talked=False)

    def dispatch(self) -> None:
        """Give free agents to the callers who wait for one, first come first served."""
        now = self.core.clock.now()
        for waiting in self.waiting:
            if waiting.ringing or waiting.assigned or waiting.not_before > now + 1e-6:
                continue
            chosen = self._preferred(waiting, now) or self._choose(now)
            if not chosen:
                if self.spec.agents:
                    return
                chosen = [self.add_member(f"agent-{self.core.next_id()}", passing=True)]
            for member in chosen:
                self.set_status(member, RINGING_STATUS)
            waiting.assigned = chosen
            waiting.channel.wake()

    def free(self, now: float) -> list[Member]:
        """The agents who can be rung now."""
        return [
            member
            for member in self.members
            if member.status == NOT_IN_USE
            and not member.paused
            and not member.passing
            and member.resting_until <= now + 1e-6
        ]

    def _preferred(self, waiting: Waiting, now: float) -> list[Member]:
        name, waiting.preferred = waiting.preferred, ""
        return [member for member in self.free(now) if name and name in (member.name, member.interface)]

    def _choose(self, now: float) -> list[Member]:
        free = self.free(now)
        if not free:
            return []
        strategy = self.strategy
        if strategy == "ringall":
            return free
        if strategy == "random":
            return [self.core.rng.choice(free)]
        if strategy == "fewestcalls":
            return [min(free, key=lambda member: (member.calls, member.serial))]
        if strategy == "rrmemory":
            chosen = next((member for member in free if member.serial > self._last_rung), free[0])
            self._last_rung = chosen.serial
            return [chosen]
        if strategy == "linear":
            return [free[0]]
        return [min(free, key=lambda member: (member.last_call, member.serial))]

    def answered(self, held: float) -> None:
        """Count an answered caller into the average hold time (weighted as Asterisk does: three parts old)."""
        self.completed += 1
        self.hold_time = held if self.completed == 1 else (3 * self.hold_time + held) / 4
