"""A telephone of a few lines: one SIP call over UDP, A-law RTP in both directions, digits as RTP events (RFC 4733).

What it heard is put together by the sequence numbers of the packets, so that it is what the switch sent, whenever this
process came to read it. Its time is that of the sound: samples that have arrived, not seconds that have passed.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import secrets
import socket
import struct
from collections.abc import Mapping
from typing import cast

import numpy as np
from numpy.typing import NDArray

from router.asterisk.sounds.audio import RATE, Samples

PACKET = 160
"""Samples of one packet: 20 ms."""
A_LAW, EVENT_TYPE = 8, 101
EVENT_PACKETS = 4
KEY_SECONDS = EVENT_PACKETS * PACKET / RATE
"""How long the telephone says that a key was held."""
SILENCE = b"\xd5" * PACKET
PATIENCE = 60.0
"""Real seconds to wait for what the switch has to do; only a switch that hangs takes them."""
RECEIVED = 1 << 22
"""Bytes of sound that wait unread, where the system allows it: more than a minute."""
_HEAD = struct.Struct("!BBHII")


class Sound:
    """The sound of received RTP packets in the order of their sequence numbers; what is missing is silence."""

    def __init__(self) -> None:
        self._streams: dict[int, dict[int, bytes]] = {}
        self._last: dict[int, int] = {}

    def add(self, packet: bytes) -> bool:
        """Take a packet. False: it is none of A-law sound."""
        if len(packet) <= _HEAD.size or packet[1] & 0x7F != A_LAW:
            return False
        _, _, number, _, source = _HEAD.unpack_from(packet)
        stream = self._streams.setdefault(source, {})
        last = self._last.get(source, number)
        # The number that is nearest to the last one, of those with these 16 bits.
        number = last + ((number - last + 0x8000) & 0xFFFF) - 0x8000
        stream.setdefault(number, packet[_HEAD.size :])
        self._last[source] = max(last, number)
        return True

    @property
    def a_law(self) -> bytes:
        """All of it."""
        parts: list[bytes] = []
        for stream in self._streams.values():
            parts += (stream.get(number, SILENCE) for number in range(min(stream), max(stream) + 1))
        return b"".join(parts)

    @property
    def lost(self) -> int:
        """How many packets are missing between the first and the last."""
        return sum(max(stream) + 1 - min(stream) - len(stream) for stream in self._streams.values())


class _Signalling(asyncio.DatagramProtocol):
    def __init__(self) -> None:
        self.arrived: asyncio.Queue[str] = asyncio.Queue()
        self.sender: asyncio.DatagramTransport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.sender = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, address: object) -> None:
        self.arrived.put_nowait(data.decode())

    @property
    def port(self) -> int:
        found: int = self.sender.get_extra_info("sockname")[1]
        return found


class Telephone:
    """Use as an asynchronous context manager: inside, the caller hears something, or the call is over already.

    ``headers`` go into the INVITE. ``status`` is the final answer, 0 before it.
    """

    def __init__(
        self, switch_port: int, base_number: str, headers: Mapping[str, str], caller: str = "13800138000"
    ) -> None:
        self._to = f"sip:{base_number}@127.0.0.1:{switch_port}"
        self._switch = ("127.0.0.1", switch_port)
        self._caller = caller
        self._headers = [f"{name}: {value}" for name, value in headers.items()]
        self._call = secrets.token_hex(8)
        self._tag = secrets.token_hex(4)
        self._remote = ""
        self._media: tuple[str, int] | None = None
        self._sequence = 0
        self._samples = 0
        self._tasks: list[asyncio.Task[None]] = []
        self._begun = asyncio.Event()
        self._more = asyncio.Event()
        self.status = 0
        self.sound = Sound()
        self.heard = 0
        """Samples that have arrived."""
        self.ended = asyncio.Event()

    async def __aenter__(self) -> Telephone:
        loop = asyncio.get_running_loop()
        _, self._sip = await loop.create_datagram_endpoint(_Signalling, local_addr=("127.0.0.1", 0))
        self._rtp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._rtp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVED)
        self._rtp.setblocking(False)
        self._rtp.bind(("127.0.0.1", 0))
        loop.add_reader(self._rtp, self._hear)
        self._send("INVITE", 1, *self._headers, body=self._offer())
        self._tasks = [loop.create_task(self._serve()), loop.create_task(self._speak())]
        try:
            await asyncio.wait_for(self._begun.wait(), PATIENCE)
        except BaseException:
            await self._close()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        if not self.ended.is_set():
            self._send("BYE", 2)
        await self._close()

    async def _close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        asyncio.get_running_loop().remove_reader(self._rtp)
        self._rtp.close()
        self._sip.sender.close()

    # ---- what somebody does with it

    async def hear(self, samples: int) -> None:
        """Return when so much sound has arrived since the call began. Raises TimeoutError where nothing comes."""
        while self.heard < samples:
            self._more.clear()
            await asyncio.wait_for(self._more.wait(), PATIENCE)

    def press(self, key: str) -> int:
        """Send a key as an RTP event, at once; the place (in samples) in what the switch had sent by then."""
        self._hear()
        place, event, start = self.heard, "0123456789*#".index(key), self._samples
        for number in range(EVENT_PACKETS):
            last = number == EVENT_PACKETS - 1
            for _ in range(3 if last else 1):
                body = struct.pack("!BBH", event, (0x80 if last else 0) | 10, (number + 1) * PACKET)
                self._packet(EVENT_TYPE | (0x80 if number == 0 else 0), start, body)
        self._samples += EVENT_PACKETS * PACKET
        return place

    async def over(self) -> None:
        """Return when the call has ended."""
        await asyncio.wait_for(self.ended.wait(), PATIENCE)
        self._hear()

    # ---- signalling

    def _offer(self) -> str:
        return "\r\n".join(
            [
                "v=0",
                "o=- 1 1 IN IP4 127.0.0.1",
                "s=-",
                "c=IN IP4 127.0.0.1",
                "t=0 0",
                f"m=audio {self._rtp.getsockname()[1]} RTP/AVP {A_LAW} {EVENT_TYPE}",
                f"a=rtpmap:{A_LAW} PCMA/8000",
                f"a=rtpmap:{EVENT_TYPE} telephone-event/8000",
                f"a=fmtp:{EVENT_TYPE} 0-15",
                "a=ptime:20",
                "",
            ]
        )

    def _send(self, method: str, number: int, *more: str, branch: str = "", body: str = "") -> None:
        lines = [
            f"{method} {self._to} SIP/2.0",
            f"Via: SIP/2.0/UDP 127.0.0.1:{self._sip.port};branch=z9hG4bK{self._call}{branch or method}",
            "Max-Forwards: 70",
            f"From: <sip:{self._caller}@127.0.0.1>;tag={self._tag}",
            f"To: {self._remote or f'<{self._to}>'}",
            f"Call-ID: {self._call}",
            f"CSeq: {number} {method}",
            f"Contact: <sip:{self._caller}@127.0.0.1:{self._sip.port}>",
            *more,
            *(["Content-Type: application/sdp"] if body else []),
            f"Content-Length: {len(body)}",
        ]
        self._sip.sender.sendto("\r\n".join([*lines, "", body]).encode(), self._switch)

    async def _serve(self) -> None:
        """Answer what the switch sends."""
        while True:
            text = await self._sip.arrived.get()
            first = text.splitlines()[0]
            if first.startswith("BYE "):
                kept = [f"{name}: {_header(text, name)}" for name in ("Via", "From", "To", "Call-ID", "CSeq")]
                reply = "\r\n".join(["SIP/2.0 200 OK", *kept, "Content-Length: 0", "", ""])
                self._sip.sender.sendto(reply.encode(), self._switch)
                self.ended.set()
            elif first.startswith("SIP/2.0 ") and _header(text, "CSeq").endswith("INVITE"):
                self._answered(int(first.split()[1]), text)

    def _answered(self, status: int, text: str) -> None:
        """An answer to the INVITE, which may be one sent again."""
        port = re.search(r"^m=audio (\d+)", text, re.MULTILINE)
        if port is not None:
            self._media = ("127.0.0.1", int(port[1]))
        if status >= 200:
            self.status, self._remote = status, _header(text, "To")
            # That of a refusal belongs to the INVITE.
            self._send("ACK", 1, branch="INVITE" if status >= 300 else "")
        if status >= 300:
            self.ended.set()
        if port is not None or status >= 200:
            self._begun.set()

    # ---- sound

    def _packet(self, kind: int, timestamp: int, body: bytes) -> None:
        assert self._media is not None
        self._sequence += 1
        head = _HEAD.pack(0x80, kind, self._sequence & 0xFFFF, timestamp & 0xFFFFFFFF, 400)
        self._rtp.sendto(head + body, self._media)

    async def _speak(self) -> None:
        await self._begun.wait()
        while self._media is not None:
            # What does not go out now is a silence that nobody misses.
            with contextlib.suppress(BlockingIOError, ConnectionRefusedError):
                self._packet(A_LAW, self._samples, SILENCE)
            self._samples += PACKET
            await asyncio.sleep(PACKET / RATE)

    def _hear(self) -> None:
        """Read all that has arrived."""
        while True:
            try:
                data = self._rtp.recv(2048)
            except BlockingIOError:
                break
            except ConnectionRefusedError:
                continue  # a packet of ours came too late for a port that is closed
            if self.sound.add(data):
                self.heard += len(data) - _HEAD.size
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
