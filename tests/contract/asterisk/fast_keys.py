"""Keys as fast as dialling machines send them: a capture of RTP events (RFC 4733), for SIPp to play."""

from __future__ import annotations

import struct
from pathlib import Path

from simulator.sip.sipp import EVENT_TYPE

from .tones import A_LAW, FRAME, PACKETS_BEGIN, packet

KEYS = "0123456789*#"
SILENCE = b"\xd5" * FRAME
BEFORE = 10
"""Packets of silence before the first key: the switch learns where sound comes from."""


def capture(path: Path, keys: str, tone: int, pause: int) -> None:
    """Write ``keys`` as a pcap file: each ``tone`` packets of 20 ms long, ``pause`` packets of silence behind it."""
    packets = [PACKETS_BEGIN]
    number = 0

    def add(kind: int, stamp: int, body: bytes, moment: int) -> None:
        nonlocal number
        packets.append(packet(number, kind, stamp, body, moment * 20_000))
        number += 1

    moment = 0
    for _ in range(BEFORE):
        add(A_LAW, moment * FRAME, SILENCE, moment)
        moment += 1
    for key in keys:
        start = moment
        for place in range(tone):
            last = place == tone - 1
            for _ in range(3 if last else 1):
                body = struct.pack(">BBH", KEYS.index(key), (0x80 if last else 0) | 10, (place + 1) * FRAME)
                add(EVENT_TYPE | (0x80 if place == 0 else 0), start * FRAME, body, moment)
            moment += 1
        for _ in range(pause):
            add(A_LAW, moment * FRAME, SILENCE, moment)
            moment += 1
    path.write_bytes(b"".join(packets))
