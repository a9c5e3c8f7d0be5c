"""Audio of the telephone: 8,000 samples a second, 16 bit linear or G.711 A-law (ITU-T), one channel."""

from __future__ import annotations

import io
import wave
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

RATE = 8000
Samples = NDArray[np.int16]
_TAPS = 48
"""Half the length of the low-pass, in samples of the slower rate."""


def to_telephone(samples: Samples, rate: int) -> Samples:
    """``samples`` of ``rate`` a second at `RATE`, low-passed first so that nothing folds back into the voice."""
    if rate == RATE or not len(samples):
        return samples
    cut = min(1.0, RATE / rate) * 0.92
    half = int(_TAPS / cut)
    place = np.arange(-half, half + 1)
    kernel = np.sinc(place * cut) * cut * np.hanning(len(place))
    # Not mode="same": of sound that is shorter than the kernel that has the length of the kernel.
    smooth = np.convolve(samples.astype(np.float64), kernel)[half : half + len(samples)]
    wanted = np.arange(0, len(samples) * RATE // rate) * (rate / RATE)
    found = np.interp(wanted, np.arange(len(samples)), smooth)
    telephone: Samples = np.clip(np.rint(found), -32768, 32767).astype(np.int16)
    return telephone


def read_wav(data: bytes) -> tuple[Samples, int]:
    """The samples (of the first channel) and the rate of a WAV file. Raises `ValueError` for one that is none or holds
    something else than 8 or 16 bit linear samples."""
    try:
        with wave.open(io.BytesIO(data)) as opened:
            width, channels, rate = opened.getsampwidth(), opened.getnchannels(), opened.getframerate()
            frames = opened.readframes(opened.getnframes())
    except (wave.Error, EOFError) as error:
        raise ValueError(f"no WAV file: {error}") from None
    if width == 2:
        samples = np.frombuffer(frames[: len(frames) // 2 * 2], dtype="<i2").astype(np.int16)
    elif width == 1:
        samples = ((np.frombuffer(frames, dtype=np.uint8).astype(np.int16) - 128) * 256).astype(np.int16)
    else:
        raise ValueError(f"a WAV file of {8 * width} bits; 8 or 16 are read")
    return samples[::channels].copy(), rate


def wav(samples: Samples) -> bytes:
    """A WAV file of telephone samples."""
    out = io.BytesIO()
    with wave.open(out, "wb") as opened:
        opened.setnchannels(1)
        opened.setsampwidth(2)
        opened.setframerate(RATE)
        opened.writeframes(samples.astype("<i2").tobytes())
    return out.getvalue()


def alaw(samples: Samples) -> bytes:
    """Telephone samples in A-law: what Chinese carriers' trunks carry, so that playing needs no transcoding."""
    return bytes(_alaw_table()[samples.astype(np.int32) + 32768].tobytes())


@lru_cache(maxsize=1)
def _alaw_table() -> NDArray[np.uint8]:
    """The A-law byte of every 16 bit sample (G.711: 13 bits, 8 segments, even bits inverted)."""
    linear = np.arange(-32768, 32768, dtype=np.int32)
    negative = linear < 0
    magnitude = np.where(negative, -linear - 1, linear) >> 3
    magnitude = np.clip(magnitude, 0, 4095)
    segment = np.zeros_like(magnitude)
    for bit in range(5, 12):
        segment += (magnitude >> bit > 0).astype(np.int32)
    shift = np.where(segment < 2, 1, segment)
    code = (segment << 4) | ((magnitude >> shift) & 0x0F)
    signed = np.where(negative, code, code | 0x80)
    table: NDArray[np.uint8] = (signed ^ 0x55).astype(np.uint8)
    return table


def seconds(samples: Samples) -> float:
    """How long telephone samples last."""
    return len(samples) / RATE
