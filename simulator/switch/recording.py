"""Recording the caller: how long a recording gets, for ``RECORD FILE``, ``Record`` and ``VoiceMail``.

A simulated caller speaks for `simulator.script.SPEAKS_FOR` seconds from the beginning of a recording and is silent
from then on; that silence is what ends a recording with silence detection.
"""

from __future__ import annotations

import logging
import wave
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Literal

from simulator.script import SPEAKS_FOR

from .channel import NO_KEYS, Channel, ChannelHungUp
from .core import Core

VOICEMAIL_SILENCE = 10.0
"""``maxsilence`` of voicemail.conf."""
VOICEMAIL_SHORTEST = 1.0
"""``minsecs`` of voicemail.conf: a caller who hangs up sooner has left no message."""


SAMPLES_PER_SECOND = 8000
LONGEST_FILE = 600.0
"""Seconds of a recording that are kept at most."""

log = logging.getLogger("simulator.switch")


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


def place_of(core: Core, name: str) -> Path | None:
    """The wav file of a recording of this name; None where recordings are kept nowhere, or for a name that leads out of
    their folder."""
    pure = PurePosixPath(name)
    if core.spool is None or pure.is_absolute() or ".." in pure.parts or not pure.name:
        return None
    return core.spool / f"{pure}.wav"


def keep(core: Core, name: str, seconds: float) -> None:
    """Keep a recording of ``seconds``, silence, as ``name``.wav in the folder of recordings, where there is one. A name
    that leads out of it is kept nowhere."""
    file = place_of(core, name)
    if file is None:
        return
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with wave.open(str(file), "wb") as sound:
            sound.setparams((1, 2, SAMPLES_PER_SECOND, 0, "NONE", "not compressed"))
            sound.writeframes(bytes(2 * round(min(seconds, LONGEST_FILE) * SAMPLES_PER_SECOND)))
    except OSError as error:
        log.warning("a recording could not be kept: %s", type(error).__name__)
