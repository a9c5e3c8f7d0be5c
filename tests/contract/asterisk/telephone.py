"""A telephone of a few lines: one SIP call over UDP, A-law RTP in both directions, digits as RTP events (RFC 4733).

It keeps when each packet of sound arrived and what it held, so that how soon a key cuts a prompt is measured where the
caller hears it.
"""

from __future__ import annotations

import asyncio
import re
import secrets
import struct
from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray

from router.asterisk.sounds.audio import Samples

PACKET = 160
"""Samples of one packet: 20 ms."""
EVENT_TYPE = 101
EVENT_PACKETS = 4
SILENCE = b"\xd5" * PACKET
_HEAD = struct.Struct("!BBHII")


@dataclass(frozen=True, slots=True)
class Packet:
    """One packet of sound: when it arrived (seconds of the loop's clock) and its A-law bytes."""

    at: float
    sound: bytes


class _Port(asyncio.DatagramProtocol):
    def __init__(self) -> None:
        self.arrived: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
        self.sender: asyncio.DatagramTransport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.sender = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, address: object) -> None:
        self.arrived.put_nowait((asyncio.get_running_loop().time(), data))

    @property
    def number(self) -> int:
        """Its port."""
        found: int = self.sender.get_extra_info("sockname")[1]
        return found


class Telephone:
    """Use as an asynchronous context manager; the call is answered inside. ``packets`` is what was heard."""

    def __init__(self, switch_port: int, base_number: str, called: str, caller: str = "13800138000") -> None:
        self._to = f"sip:{base_number}@127.0.0.1:{switch_port}"
        self._switch = ("127.0.0.1", switch_port)
        self._caller = caller
        self._called = called
        self._call = secrets.token_hex(8)
        self._tag = secrets.token_hex(4)
        self._remote = ""
        self._media: tuple[str, int] | None = None
        self._sequence = 0
        self._samples = 0
        self._tasks: list[asyncio.Task[None]] = []
        self.packets: list[Packet] = []
        self.ended = asyncio.Event()
        self._more = asyncio.Event()

    async def __aenter__(self) -> Telephone:
        loop = asyncio.get_running_loop()
        _, self._sip = await loop.create_datagram_endpoint(_Port, local_addr=("127.0.0.1", 0))
        _, self._rtp = await loop.create_datagram_endpoint(_Port, local_addr=("127.0.0.1", 0))
        try:
            await self._dial()
        except BaseException:
            self._close()
            raise
        self._tasks = [loop.create_task(self._speak()), loop.create_task(self._hear()), loop.create_task(self._serve())]
        return self

    async def __aexit__(self, *_: object) -> None:
        if not self.ended.is_set():
            self._send("BYE", 2)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._close()

    async def _dial(self) -> None:
        offer = "\r\n".join(
            [
                "v=0",
                "o=- 1 1 IN IP4 127.0.0.1",
                "s=-",
                "c=IN IP4 127.0.0.1",
                "t=0 0",
                f"m=audio {self._rtp.number} RTP/AVP 8 {EVENT_TYPE}",
                "a=rtpmap:8 PCMA/8000",
                f"a=rtpmap:{EVENT_TYPE} telephone-event/8000",
                f"a=fmtp:{EVENT_TYPE} 0-15",
                "a=ptime:20",
                "",
            ]
        )
        self._send("INVITE", 1, f"P-Called-Party-ID: <sip:{self._called}@carrier.invalid>", body=offer)
        while True:
            answer = await self._answer()
            if answer.startswith("SIP/2.0 1"):
                continue
            assert answer.startswith("SIP/2.0 200"), answer.splitlines()[0]
            break
        self._remote = _header(answer, "To")
        port = re.search(r"^m=audio (\d+)", answer, re.MULTILINE)
        assert port is not None
        self._media = ("127.0.0.1", int(port[1]))
        self._send("ACK", 1)

    def _close(self) -> None:
        self._sip.sender.close()
        self._rtp.sender.close()

    async def hear(self, seconds: float) -> None:
        """Return when so much sound has arrived."""
        while len(self.packets) * PACKET < seconds * 8000:
            self._more.clear()
            await asyncio.wait_for(self._more.wait(), 10)

    async def press(self, key: str) -> float:
        """Send a key as an RTP event; when its first packet left."""
        event, start = "0123456789*#".index(key), self._samples
        loop = asyncio.get_running_loop()
        first = loop.time()
        for place in range(EVENT_PACKETS):
            last = place == EVENT_PACKETS - 1
            for _ in range(3 if last else 1):
                body = struct.pack("!BBH", event, (0x80 if last else 0) | 10, (place + 1) * PACKET)
                self._packet(EVENT_TYPE | (0x80 if place == 0 else 0), start, body)
            await asyncio.sleep(0.02)
        return first

    # ---- signalling

    def _send(self, method: str, number: int, *more: str, body: str = "") -> None:
        lines = [
            f"{method} {self._to} SIP/2.0",
            f"Via: SIP/2.0/UDP 127.0.0.1:{self._sip.number};branch=z9hG4bK{self._call}{method}",
            "Max-Forwards: 70",
            f"From: <sip:{self._caller}@127.0.0.1>;tag={self._tag}",
            f"To: {self._remote or f'<{self._to}>'}",
            f"Call-ID: {self._call}",
            f"CSeq: {number} {method}",
            f"Contact: <sip:{self._caller}@127.0.0.1:{self._sip.number}>",
            *more,
            *(["Content-Type: application/sdp"] if body else []),
            f"Content-Length: {len(body)}",
        ]
        self._sip.sender.sendto("\r\n".join([*lines, "", body]).encode(), self._switch)

    async def _answer(self) -> str:
        _, data = await asyncio.wait_for(self._sip.arrived.get(), 10)
        return data.decode()

    async def _serve(self) -> None:
        """Answer what the switch sends in the call: its BYE, and an answer sent again."""
        while True:
            _, data = await self._sip.arrived.get()
            text = data.decode()
            if text.startswith("BYE"):
                kept = [f"{name}: {_header(text, name)}" for name in ("Via", "From", "To", "Call-ID", "CSeq")]
                reply = "\r\n".join(["SIP/2.0 200 OK", *kept, "Content-Length: 0", "", ""])
                self._sip.sender.sendto(reply.encode(), self._switch)
                self.ended.set()
            elif text.startswith("SIP/2.0 200") and "INVITE" in _header(text, "CSeq"):
                self._send("ACK", 1)

    # ---- sound

    def _packet(self, kind: int, timestamp: int, body: bytes) -> None:
        assert self._media is not None
        self._sequence += 1
        head = _HEAD.pack(0x80, kind, self._sequence & 0xFFFF, timestamp & 0xFFFFFFFF, 400)
        self._rtp.sender.sendto(head + body, self._media)

    async def _speak(self) -> None:
        while True:
            self._packet(8, self._samples, SILENCE)
            self._samples += PACKET
            await asyncio.sleep(PACKET / 8000)

    async def _hear(self) -> None:
        while True:
            at, data = await self._rtp.arrived.get()
            if len(data) > _HEAD.size and data[1] & 0x7F == 8:
                self.packets.append(Packet(at, data[_HEAD.size :]))
                self._more.set()


def _header(text: str, name: str) -> str:
    match = re.search(rf"^{name}:\s*(.*?)\r?$", text, re.MULTILINE | re.IGNORECASE)
    assert match is not None, (name, text)
    return match[1]


def linear(sound: bytes) -> Samples:
    """The samples of A-law bytes (G.711)."""
    code = np.frombuffer(sound, dtype=np.uint8) ^ 0x55
    segment = (code >> 4 & 7).astype(np.int32)
    mantissa: NDArray[np.int32] = (code & 0x0F).astype(np.int32) << 4
    magnitude = np.where(segment == 0, mantissa + 8, (mantissa + 0x108) << np.maximum(segment - 1, 0))
    samples: Samples = np.where(code & 0x80, magnitude, -magnitude).astype(np.int16)
    return samples
