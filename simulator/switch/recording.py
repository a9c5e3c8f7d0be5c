"""Recording the caller: how long a recording gets, for ``RECORD FILE``, ``Record`` and ``VoiceMail``.

A simulated caller speaks for `simulator.script.SPEAKS_FOR` seconds from the beginning of a recording and is silent
from then on; that silence is what ends a recording with silence detection.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from simulator.script import SPEAKS_FOR

from .channel import NO_KEYS, Channel, ChannelHungUp

VOICEMAIL_SILENCE = 10.0
"""``maxsilence`` of voicemail.conf."""
VOICEMAIL_SHORTEST = 1.0
"""``minsecs`` of voicemail.conf: a caller who hangs up sooner has left no message."""


@dataclass(frozen=True, slots=True)
class Recording:
    """How a recording ended and how many seconds it holds. ``key`` is the key that ended it."""

    end: Literal["silence", "time", "key", "hangup"]
    seconds: float
    key: str = ""


async def record(channel: Channel, limit: float | None, silence: float, keys: frozenset[str] = NO_KEYS) -> Recording:
    """Record for at most ``limit`` seconds (None: for ever), to ``silence`` seconds of silence (0: no matter), or to
    a key. A hang-up is a way of ending, not an error; `AbsoluteTimeout` is raised through."""
    clock = channel.core.clock
    began = clock.now()
    if channel.ear is not None:
        channel.ear.recording()
    ends: list[tuple[float, Literal["silence", "time"]]] = []
    if limit is not None:
        ends.append((limit, "time"))
    if silence > 0:
        ends.append((SPEAKS_FOR + silence, "silence"))
    seconds: float | None = None
    end: Literal["silence", "time"] = "time"
    if ends:
        seconds, end = min(ends)
    try:
        key = await channel.wait(seconds, keys)
    except ChannelHungUp:
        return Recording("hangup", clock.now() - began)
    if key:
        return Recording("key", clock.now() - began, key)
    assert seconds is not None
    return Recording(end, seconds if end == "time" else SPEAKS_FOR)
