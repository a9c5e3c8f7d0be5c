"""Legs that the switch places, to agents and targets: ringing several, and talking with the one that answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from ivr_flows.results import Party

from . import events
from .channel import DOWN, NO_KEYS, RINGING, WOKEN, AbsoluteTimeout, Channel, ChannelHungUp
from .core import Core

LegEnd = Literal["answer", "busy", "failed", "no_answer", "key"]


@dataclass(eq=False)
class Leg:
    """One leg. ``after_s`` is when it answers, None for never; ``fails`` how it fails at once."""

    channel: Channel
    dial_string: str
    after_s: float | None
    talk_s: float
    fails: Literal["busy", "failed"] | None = None


@dataclass(frozen=True, slots=True)
class Rang:
    """How ringing ended: with ``leg`` answering, by a key, or not."""

    end: LegEnd
    leg: Leg | None = None
    key: str = ""
    seconds: float = 0.0


def place(core: Core, caller: Channel, name: str, number: str) -> Channel:
    """A new outgoing channel for ``caller``, before it rings."""
    channel = Channel(core, name, state=DOWN, context=caller.context, exten="", linkedid=caller.linkedid)
    channel.connected_number, channel.connected_name = caller.caller_number, caller.caller_name
    channel.caller_number = number
    channel.language = caller.language
    return channel


async def ring(
    caller: Channel,
    legs: list[Leg],
    timeout: float,
    keys: frozenset[str] = NO_KEYS,
    called: Callable[[Leg], None] | None = None,
) -> Rang:
    """Ring ``legs`` at once until one answers, all fail, ``timeout`` passes, or the caller presses one of ``keys``.

    The legs that did not answer are hung up. ``called`` is told of each leg as it begins to ring.
    """
    core = caller.core
    began = core.clock.now()
    for leg in legs:
        if called is not None:
            called(leg)
        events.dial("DialBegin", caller, leg.channel, [("DialString", leg.dial_string)])
        if leg.fails is None:
            leg.channel.set_state(RINGING)
            events.dial("DialState", caller, leg.channel, [("DialStatus", "RINGING")])
    alive = [leg for leg in legs if not leg.fails]
    answering = [leg for leg in alive if leg.after_s is not None and leg.after_s < timeout]
    first = min(answering, key=_answers_after, default=None)
    until = began + (timeout if first is None else _answers_after(first))
    winner: Leg | None = None
    end: LegEnd = "no_answer"
    key = ""
    try:
        if not alive:
            end = "busy" if any(leg.fails == "busy" for leg in legs) else "failed"
        while alive:
            key = await caller.wait(until - core.clock.now(), keys)
            if key == WOKEN:
                continue
            if key:
                end = "key"
            elif first is not None and not first.channel.gone:
                winner = first
            break
    finally:
        cancelled = caller.gone or caller.timed_out or end == "key"
        for leg in legs:
            if leg is not winner:
                _drop(caller, leg, cancelled=cancelled, lost=winner is not None)
    seconds = core.clock.now() - began
    if winner is None:
        return Rang(end, None, key, seconds)
    winner.channel.answer()
    events.dial("DialEnd", caller, winner.channel, [("DialStatus", "ANSWER")])
    return Rang("answer", winner, "", seconds)


def _answers_after(leg: Leg) -> float:
    assert leg.after_s is not None
    return leg.after_s


def _drop(caller: Channel, leg: Leg, *, cancelled: bool, lost: bool) -> None:
    if leg.fails == "busy":
        status, cause = "BUSY", 17
    elif leg.fails == "failed":
        status, cause = "CHANUNAVAIL", 20
    elif cancelled or lost:
        status, cause = "CANCEL", 26 if lost else 16
    else:
        status, cause = "NOANSWER", 19
    events.dial("DialEnd", caller, leg.channel, [("DialStatus", status)])
    leg.channel.hang_up("switch", cause)
    leg.channel.destroy()


async def talk(caller: Channel, leg: Leg, party: Party) -> bool:
    """Bridge the two until the far side hangs up after its ``talk_s`` (True), or the caller does (False: the caller's
    channel is gone then, or its absolute timeout has passed). The leg is destroyed in every case."""
    core = caller.core
    caller.answer()
    caller.far_channel = leg.channel.name
    caller.connected_number = leg.channel.caller_number
    bridge_id = f"{core.next_id():08x}-0000-4000-8000-000000000000"
    events.bridge("BridgeCreate", bridge_id, 0, None, caller)
    events.bridge("BridgeEnter", bridge_id, 1, leg.channel, caller)
    events.bridge("BridgeEnter", bridge_id, 2, caller, caller)
    leg.channel.on_gone.append(caller.wake)
    if caller.ear is not None:
        caller.ear.talking()
    until = core.clock.now() + leg.talk_s
    far_left = False
    try:
        while not far_left:
            left = until - core.clock.now()
            if left <= 1e-6 or leg.channel.gone:
                leg.channel.hang_up(party, 16, "HangupRequest")
                far_left = True
            else:
                await caller.wait(left)
    except (ChannelHungUp, AbsoluteTimeout):
        far_left = False
    finally:
        first, second = (leg.channel, caller) if far_left else (caller, leg.channel)
        events.bridge("BridgeLeave", bridge_id, 1, first, caller)
        events.bridge("BridgeLeave", bridge_id, 0, second, caller)
        events.bridge("BridgeDestroy", bridge_id, 0, None, caller)
        leg.channel.hang_up("switch", 16)
        leg.channel.destroy()
    return far_left
