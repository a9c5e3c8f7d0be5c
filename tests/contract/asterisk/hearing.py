"""Hearing what sound holds: which of the known prompts, in which order, each for how long.

A prompt is looked for by the normalised cross-correlation of its beginning (two stretches of it, so that damage to one
does not hide it), then followed block by block. Of the places that are found the longest stretch of a prompt is taken
first, and what it covers is explained: prompts that begin with the same words are told apart by what follows. Sound
that no prompt explains is `UNKNOWN`. Loudness does not matter, nor do lost packets (silence in their place), pauses
between packets, or a noise well below the voice.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from router.asterisk.sounds.audio import RATE, Samples, read_wav

UNKNOWN = "?"
BLOCK = RATE // 10
"""Samples compared at a time."""
BEGINNING = 4 * BLOCK
"""Samples of the stretches by which a prompt is found: a prompt that is cut off earlier is not."""
PIECE = RATE // 50
"""Samples by which the place is told where a prompt was cut off: a packet."""
SLIP = RATE // 10
"""How far what follows may have slipped against what was before: a pause that somebody put in or left out."""
ALIKE = 0.75
"""How alike a block has to be to count as that of the prompt. Different prompts of one voice hold the same syllables,
which are alike; it is the length of what is alike that tells (`tests/unit/asterisk/test_hearing.py` measures both)."""
MOST_DAMAGED = 2
"""Blocks in a row of a prompt that may be damaged; as much may be missing at the end of a whole one."""
FEWEST = 3
"""Blocks that have to be alike where a prompt is said to be heard."""
WHOLE = 0.85
"""The part of its blocks that has to be alike of a whole prompt: with a tenth of the packets lost more than 0.9 are, of
another prompt that ends with the same sentence less than 0.8."""
SILENT = 150.0
"""Root mean square below which a block is silence."""
SHORTEST_UNKNOWN = 6
"""Blocks of sound in a row that count as something heard."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Heard:
    """A prompt in a recording: its name, where it begins, how many seconds of it were heard, and whether that was all
    of it."""

    name: str
    at: float
    seconds: float
    whole: bool


@dataclass(frozen=True, slots=True)
class _Found:
    """A prompt at a place (in samples) of a recording: how long it is heard, and how many of its blocks are alike."""

    name: str
    begin: int
    length: int
    alike: int
    whole: bool


def load(path: Path) -> Samples:
    """The samples of a WAV file at the telephone's rate."""
    samples, rate = read_wav(path.read_bytes())
    assert rate == RATE, path
    return samples


def listen(recording: Samples, prompts: Mapping[str, Samples]) -> list[Heard]:
    """What is heard in ``recording``, in order."""
    audio = _Audio(recording.astype(np.float64))
    candidates = [
        found
        for name, samples in prompts.items()
        if len(prompt := _trim(samples.astype(np.float64))) >= BLOCK
        for begin in _begins(audio, prompt)
        if (found := _follow(audio.samples, name, begin, prompt)) is not None
    ]
    taken: list[_Found] = []
    for found in sorted(candidates, key=lambda found: (-found.alike, found.begin)):
        if all(_overlap(found, other) <= BLOCK for other in taken):
            taken.append(found)
    heard = [Heard(found.name, found.begin / RATE, found.length / RATE, found.whole) for found in taken]
    heard += _unexplained(audio.samples, taken)
    return sorted(heard, key=lambda item: item.at)


def likeness(recording: Samples, prompt: Samples) -> float:
    """The part of the blocks of ``prompt`` that are heard in a row, at most, somewhere in ``recording``."""
    audio, voice = _Audio(recording.astype(np.float64)), _trim(prompt.astype(np.float64))
    found = [_follow(audio.samples, "", begin, voice) for begin in _begins(audio, voice)]
    return max((item.alike for item in found if item is not None), default=0) / max(1, len(_blocks(voice)))


class _Audio:
    """Samples, their spectrum, and their power up to each place."""

    def __init__(self, samples: Floats) -> None:
        self.samples = samples
        self._size = 1 << (len(samples) + BEGINNING).bit_length()
        self._spectrum = np.fft.rfft(samples, self._size)
        self._power = np.concatenate([[0.0], np.cumsum(samples**2)])

    def correlation(self, part: Floats) -> Floats:
        """The normalised cross-correlation of ``part`` with the samples at every place that it fits."""
        places = len(self.samples) - len(part) + 1
        if places <= 0:
            return np.zeros(0)
        product = np.fft.irfft(self._spectrum * np.conj(np.fft.rfft(part, self._size)), self._size)[:places]
        power = self._power[len(part) :] - self._power[:places]
        found: Floats = product / (np.sqrt(np.maximum(power, 1.0)) * max(1.0, float(np.linalg.norm(part))))
        return found


def _trim(samples: Floats) -> Floats:
    """``samples`` without the silence before and behind."""
    loud = np.flatnonzero(np.abs(samples) > SILENT)
    return samples[loud[0] : loud[-1] + 1] if len(loud) else samples[:0]


def _blocks(prompt: Floats) -> list[int]:
    """Where the blocks of ``prompt`` begin that are compared: those with a voice, but a last one that is short."""
    starts = range(0, max(len(prompt) - BLOCK // 2, 1), BLOCK)
    return [start for start in starts if _loudness(prompt[start : start + BLOCK]) >= SILENT]


def _begins(audio: _Audio, prompt: Floats) -> list[int]:
    """Where ``prompt`` may begin in ``audio``, by one of the stretches at its beginning."""
    places: list[int] = []
    for start in (0, BEGINNING):
        part = prompt[start : start + BEGINNING]
        if start and len(part) < BEGINNING:
            break
        found = audio.correlation(part)
        peaks: list[int] = []
        for place in np.flatnonzero(found >= ALIKE):
            if not peaks or place - peaks[-1] > BLOCK:
                peaks.append(int(place))
            elif found[place] > found[peaks[-1]]:
                peaks[-1] = int(place)
        places += (peak - start for peak in peaks if peak >= start and peak - start not in places)
    return places


def _follow(audio: Floats, name: str, begin: int, prompt: Floats) -> _Found | None:
    """How ``prompt`` is heard from ``begin`` on; None where too little of it is."""
    blocks = _blocks(prompt)
    slip, heard, damaged, alike = 0, 0, 0, 0
    for start in blocks:
        block = prompt[start : start + BLOCK]
        here = begin + start + slip
        if _likeness(audio[here : here + len(block)], block) < ALIKE:
            moved = _moved(audio, here, prompt[start : start + 2 * BLOCK])
            if moved is None:
                damaged += 1
                if damaged > MOST_DAMAGED:
                    break
                continue
            slip += moved
        alike, heard, damaged = alike + 1, start + len(block), 0
    if alike < min(FEWEST, len(blocks)):
        return None
    heard += _pieces_alike(audio[begin + slip + heard :], prompt[heard:])
    whole = len(prompt) - heard <= MOST_DAMAGED * BLOCK and alike >= WHOLE * len(blocks)
    return _Found(name, begin, slip + heard, alike, whole)


def _moved(audio: Floats, here: int, part: Floats) -> int | None:
    """By how many samples ``part`` has slipped from ``here``; None where it is not around there. A part is longer than
    a block: the periods of a voice are alike."""
    first = max(0, here - SLIP)
    around = _Audio(audio[first : here + len(part) + SLIP]).correlation(part)
    if not len(around):
        return None
    best = int(np.argmax(around))
    return first + best - here if around[best] >= ALIKE else None


def _pieces_alike(audio: Floats, prompt: Floats) -> int:
    """For how many samples ``audio`` begins as ``prompt``, to a piece; silence of both is alike."""
    for start in range(0, min(len(audio), len(prompt)), PIECE):
        here, there = audio[start : start + PIECE], prompt[start : start + PIECE]
        most = min(len(here), len(there))
        if _loudness(here[:most] - there[:most]) > max(SILENT, _loudness(there) / 2):
            return start
    return min(len(audio), len(prompt))


def _overlap(one: _Found, other: _Found) -> int:
    """How many samples two places have in common."""
    return min(one.begin + one.length, other.begin + other.length) - max(one.begin, other.begin)


def _unexplained(audio: Floats, taken: Sequence[_Found]) -> Iterator[Heard]:
    """Where sound is heard for a while that is of no prompt."""
    explained = np.zeros(len(audio), dtype=bool)
    for found in taken:
        explained[max(0, found.begin - BLOCK) : found.begin + found.length + BLOCK] = True
    begin, strange = 0, 0
    for at in range(0, len(audio) - BLOCK + 1, BLOCK):
        if explained[at : at + BLOCK].any() or _loudness(audio[at : at + BLOCK]) < SILENT:
            strange = 0
            continue
        begin = begin if strange else at
        strange += 1
        if strange == SHORTEST_UNKNOWN:
            yield Heard(UNKNOWN, begin / RATE, 0.0, False)


def _likeness(audio: Floats, block: Floats) -> float:
    if len(audio) < len(block):
        return 0.0
    return float(audio @ block) / max(1.0, float(np.linalg.norm(audio)) * float(np.linalg.norm(block)))


def _loudness(block: Floats) -> float:
    return float(np.sqrt(np.mean(block**2))) if len(block) else 0.0
