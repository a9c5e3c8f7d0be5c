"""Sound for SIPp to play, as captures of RTP packets: keys as tones, and silence."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np

from router.asterisk.sounds.audio import RATE

ROWS, COLUMNS = (697, 770, 852, 941), (1209, 1336, 1477)
KEYS = "123456789*0#"
TONE, PAUSE = 0.12, 0.1
FRAME = RATE // 50
A_LAW, MU_LAW = 8, 0
PACKETS_BEGIN = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1)
"""The head of a pcap file of Ethernet frames."""


def capture(path: Path, keys: str) -> None:
    """Write the packets of ``keys``, each `TONE` seconds with `PAUSE` behind it, as a pcap file."""
    time = np.arange(round(RATE * TONE)) / RATE
    parts = []
    for key in keys:
        place = KEYS.index(key)
        row, column = ROWS[place // 3], COLUMNS[place % 3]
        parts += [
            (np.sin(2 * np.pi * row * time) + np.sin(2 * np.pi * column * time)) * 8000,
            np.zeros(round(RATE * PAUSE)),
        ]
    samples = np.concatenate(parts).astype(np.int16)
    packets = [PACKETS_BEGIN]
    for number, start in enumerate(range(0, len(samples) - FRAME, FRAME)):
        audio = bytes(_a_law(int(sample)) for sample in samples[start : start + FRAME])
        packets.append(packet(number, A_LAW, start, audio, number * 20_000))
    path.write_bytes(b"".join(packets))


def silence(path: Path, seconds: float) -> None:
    """Write the packets of somebody who says nothing, in mu-law, as a pcap file."""
    packets = [
        packet(number, MU_LAW, number * FRAME, b"\xff" * FRAME, number * 20_000)
        for number in range(round(seconds * 50))
    ]
    path.write_bytes(b"".join([PACKETS_BEGIN, *packets]))


def packet(number: int, kind: int, stamp: int, body: bytes, moment: int) -> bytes:
    """One RTP packet of a pcap file, captured ``moment`` microseconds behind its beginning."""
    rtp = struct.pack(">BBHII", 0x80, kind, number, stamp, 0x400) + body
    udp = struct.pack(">HHHH", 6000, 6000, 8 + len(rtp), 0) + rtp
    header = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), number, 0, 64, 17, 0, b"\x7f\0\0\1", b"\x7f\0\0\1")
    frame = b"\0" * 12 + b"\x08\0" + header + udp
    return struct.pack("<IIII", moment // 10**6, moment % 10**6, len(frame), len(frame)) + frame


def _a_law(sample: int) -> int:
    """One sample as ITU-T G.711 A-law."""
    sign = 0x80 if sample >= 0 else 0
    size = min(abs(sample) if sample >= 0 else -sample - 1, 32767) >> 3
    exponent = max(0, size.bit_length() - 5)
    mantissa = (size >> (exponent if exponent else 1)) & 0x0F
    return (sign | exponent << 4 | mantissa) ^ 0x55
