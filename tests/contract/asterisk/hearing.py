"""Hearing what a recording of a call's audio holds: which of the known prompts, in which order, each for how long.

By normalised cross-correlation with the sound files, at the telephone's rate. What is heard and is none of them is
`UNKNOWN`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from router.asterisk.sounds.audio import RATE, Samples, read_wav

UNKNOWN = "?"
BLOCK = RATE // 10
"""Samples compared at a time: a switch under load leaves out or puts in a packet here and there."""
PIECE = RATE // 50
"""Samples by which the place is told where a prompt was cut off: a packet."""
SLIP = RATE // 20
"""How far a block may have slipped against the one before."""
ALIKE = 0.7
BEGINS_ALIKE = 0.85
"""How alike the first `BLOCK`s have to be: what follows has been found then."""
MOST_DAMAGED = 2
"""Blocks in a row of a prompt that may be damaged: a machine under load sends packets late, or not at all."""
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


def load(path: Path) -> Samples:
    """The samples of a WAV file at the telephone's rate."""
    samples, rate = read_wav(path.read_bytes())
    assert rate == RATE, path
    return samples


def listen(recording: Samples, prompts: Mapping[str, Samples]) -> list[Heard]:
    """What is heard in ``recording``, in order."""
    audio = recording.astype(np.float64)
    trimmed = {name: _trim(samples.astype(np.float64)) for name, samples in prompts.items()}
    places = {name: _begins(audio, prompt) for name, prompt in trimmed.items() if len(prompt) >= BLOCK}
    found: list[Heard] = []
    at, strange = 0, 0
    while at + BLOCK <= len(audio):
        if _loudness(audio[at : at + BLOCK]) < SILENT:
            at += BLOCK
            strange = 0
            continue
        best, length = "", 0
        for name, beginnings in places.items():
            for begin in beginnings:
                if at - BLOCK <= begin <= at + BLOCK:
                    alike = _alike_for(audio, begin, trimmed[name])
                    if alike > length:
                        best, length, start = name, alike, begin
        if length:
            rest = len(trimmed[best]) - length
            found.append(Heard(best, start / RATE, length / RATE, rest <= 2 * BLOCK))
            at, strange = start + length, 0
            continue
        strange += 1
        if strange == SHORTEST_UNKNOWN:
            begin = at - (SHORTEST_UNKNOWN - 1) * BLOCK
            found.append(Heard(UNKNOWN, begin / RATE, 0.0, False))
        at += BLOCK
    return found


def _trim(samples: Floats) -> Floats:
    """``samples`` without the silence before and behind."""
    loud = np.flatnonzero(np.abs(samples) > SILENT)
    return samples[loud[0] : loud[-1] + 1] if len(loud) else samples[:0]


def _begins(audio: Floats, prompt: Floats) -> list[int]:
    """Where the beginning of ``prompt`` stands in ``audio``."""
    part = prompt[: 3 * BLOCK]
    likeness = _correlation(audio, part)
    places: list[int] = []
    for place in np.flatnonzero(likeness >= BEGINS_ALIKE):
        if not places or place - places[-1] > BLOCK:
            places.append(int(place))
        elif likeness[place] > likeness[places[-1]]:
            places[-1] = int(place)
    return places


def _alike_for(audio: Floats, begin: int, prompt: Floats) -> int:
    """For how many samples from ``begin`` on ``audio`` is ``prompt``."""
    slip, heard, damaged = 0, 0, 0
    for start in range(0, len(prompt), BLOCK):
        block = prompt[start : start + BLOCK]
        if len(block) < BLOCK // 2:
            return start + len(block) if heard == start else heard
        if _loudness(block) < SILENT:
            continue
        here = begin + start + slip
        around = audio[max(0, here - SLIP) : here + len(block) + SLIP]
        if len(around) < len(block):
            return heard
        likeness = _correlation(around, block)
        best = int(np.argmax(likeness))
        if likeness[best] < ALIKE:
            damaged += 1
            if damaged > MOST_DAMAGED:
                break
            continue
        slip += best - min(here, SLIP)
        heard, damaged = start + len(block), 0
    return heard + _pieces_alike(audio[begin + slip + heard :], prompt[heard:]) if damaged else len(prompt)


def _pieces_alike(audio: Floats, prompt: Floats) -> int:
    """For how many samples ``audio`` begins as ``prompt``, to a piece; silence of both is alike."""
    for start in range(0, min(len(audio), len(prompt)) - PIECE + 1, PIECE):
        here, there = audio[start : start + PIECE], prompt[start : start + PIECE]
        if _loudness(here - there) > max(SILENT, _loudness(there) / 2):
            return start
    return min(len(audio), len(prompt))


def _correlation(audio: Floats, part: Floats) -> Floats:
    """The normalised cross-correlation of ``part`` with ``audio`` at every place that it fits."""
    places = len(audio) - len(part) + 1
    if places <= 0:
        return np.zeros(0)
    size = 1 << (len(audio) + len(part) - 1).bit_length()
    product = np.fft.irfft(np.fft.rfft(audio, size) * np.conj(np.fft.rfft(part, size)), size)[:places]
    power = np.concatenate([[0.0], np.cumsum(audio**2)])
    norm = np.sqrt(np.maximum(power[len(part) :] - power[:places], 1.0)) * max(1.0, float(np.linalg.norm(part)))
    found: Floats = product / norm
    return found


def _loudness(block: Floats) -> float:
    return float(np.sqrt(np.mean(block**2))) if len(block) else 0.0
