"""The application ``MixMonitor``: the whole of a call from some moment on, as a file in the folder of recordings.

As a real one does it: a file whose name is relative lies below ``monitor``; option ``a`` goes on with a file that is
there; sound is recorded from the moment there is any (the call is answered, or something is played before), until
``StopMixMonitor`` or the end of the call. There are no sound files here, so each prompt is a tone of its own while it
is heard, cut off where it is cut off, and all else is silence: simulated callers and agents say nothing.
"""

from __future__ import annotations

import wave
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from .recording import LONGEST_FILE, SAMPLES_PER_SECOND, log, place_of

if TYPE_CHECKING:
    from .channel import Channel

LOWEST_TONE, TONES, STEP = 300, 100, 25
"""Hz of the lowest tone, how many there are, and how far they are apart."""
LOUDNESS = 6000
FOLDER = "monitor"


def tone_of(words: str) -> int:
    """The frequency, in Hz, of the tone that stands for ``words``."""
    return LOWEST_TONE + STEP * (int.from_bytes(sha256(words.encode("utf-8", "surrogatepass")).digest()[:4]) % TONES)


class MixMonitor:
    """One recording of ``channel``, into ``file``; `finish` writes it."""

    def __init__(self, channel: Channel, file: Path, append: bool) -> None:
        self._channel = channel
        self._file = file
        self._append = append
        self._asked = channel.core.clock.now()
        self._heard: list[tuple[float, float, str]] = []
        self._over = False

    def plays(self, words: str, seconds: float) -> None:
        """The caller begins to hear ``words``."""
        now = self._channel.core.clock.now()
        self._heard.append((now, now + seconds, words))

    def cut(self) -> None:
        """The caller hears nothing more of them."""
        now = self._channel.core.clock.now()
        self._heard = [(began, min(ended, now), words) for began, ended, words in self._heard]

    def gone(self) -> None:
        """The channel changed: its end is that of the recording."""
        if self._channel.gone:
            self.finish()

    def finish(self) -> None:
        """Write what was recorded; only once."""
        if self._over:
            return
        self._over = True
        channel, now = self._channel, self._channel.core.clock.now()
        sounds = [began for began, _, _ in self._heard]
        begins = min([*sounds, *([] if channel.answered is None else [channel.answered])], default=now)
        begins = max(self._asked, begins)
        samples = self._mixed(begins, min(now, begins + LONGEST_FILE))
        try:
            self._write(samples)
        except (OSError, EOFError, wave.Error) as error:
            log.warning("a recording could not be kept: %s", type(error).__name__)

    def _mixed(self, begins: float, ends: float) -> NDArray[np.int16]:
        out = np.zeros(max(0, round((ends - begins) * SAMPLES_PER_SECOND)), dtype=np.int16)
        for began, ended, words in self._heard:
            first = max(0, round((began - begins) * SAMPLES_PER_SECOND))
            last = min(len(out), round((ended - begins) * SAMPLES_PER_SECOND))
            moments = np.arange(max(0, last - first)) / SAMPLES_PER_SECOND
            out[first:last] = (np.sin(2 * np.pi * tone_of(words) * moments) * LOUDNESS).astype(np.int16)
        return out

    def _write(self, samples: NDArray[np.int16]) -> None:
        before = b""
        if self._append and self._file.is_file():
            with wave.open(str(self._file), "rb") as there:
                before = there.readframes(there.getnframes())
        self._file.parent.mkdir(parents=True, exist_ok=True)
        with wave.open(str(self._file), "wb") as sound:
            sound.setparams((1, 2, SAMPLES_PER_SECOND, 0, "NONE", "not compressed"))
            sound.writeframes(before + samples.astype("<i2").tobytes())


async def mix_monitor(channel: Channel, arguments: list[str]) -> int:
    """MixMonitor(file.extension[,options[,command]]); a second one of the same file is the first."""
    name, _, extension = (arguments[0] if arguments else "").rpartition(".")
    if not name:
        log.warning("MixMonitor needs a file name with an extension")
        return -1
    base = place_of(channel.core, f"{FOLDER}/{name}")
    if base is None or extension != "wav" or name in channel.monitors:
        return 0
    monitor = channel.monitors[name] = MixMonitor(channel, base, "a" in (arguments[1] if len(arguments) > 1 else ""))
    channel.on_gone.append(monitor.gone)
    return 0


async def stop_mix_monitor(channel: Channel, arguments: list[str]) -> int:
    """StopMixMonitor: all of the channel's."""
    for monitor in channel.monitors.values():
        monitor.finish()
        channel.on_gone.remove(monitor.gone)
    channel.monitors.clear()
    return 0
