"""What the transcripts are run against: a switch with a manager account, a sound, and a way to place a call.

The embedded switch is one such target; a real Asterisk is another, with the same transcripts.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from typing import ClassVar, Protocol

from router.asterisk.ami_codec import AmiParser, Message, encode_message
from router.clock import Clock
from router.model import Fallback, QueueSpec, Trunk
from simulator.parties import AgentScript, TargetScript
from simulator.script import SILENT, CallerScript
from simulator.switch import (
    AgiLimits,
    AmiLimits,
    AmiUser,
    RefusedLeg,
    SwitchCall,
    SwitchLine,
    VirtualSwitch,
)

BASE = "01088880001"
SECOND_BASE = "02166660001"
FULL_BASE = "07558880001"
FALLBACK_WORDS = "系统繁忙，请稍后再拨。"
PROMPTS = {"demo": ("您好，欢迎致电。", 2.0), "menu": ("业务咨询请按一。", 4.0), "long": ("请听通知。", 600.0)}

AgiHandler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Far(Protocol):
    """The caller of one call."""

    def press(self, keys: str) -> None: ...
    def hang_up(self) -> None: ...


class Target(Protocol):
    """What a transcript is run against."""

    @property
    def clock(self) -> Clock: ...
    @property
    def ami_port(self) -> int: ...
    @property
    def names(self) -> dict[str, str]: ...
    async def place(self, handler: AgiHandler, sets: Mapping[str, str] = {}) -> Far:
        """Place a call whose AGI session is ``handler``. ``sets`` is what the dialplan sets before it: of
        ``AGIEXITONHANGUP``, ``AGISIGHUP`` and ``TIMEOUT(absolute)``, where they are not as Asterisk has them."""
        ...


class Bench:
    """A virtual switch with its AGI server, both on the loopback address; everything the tests need of them."""

    def __init__(self, speed: float = 100.0) -> None:
        self.speed = speed
        self.refused: list[RefusedLeg] = []
        self.agents = AgentScript("answer", 5, 30)
        self.targets = TargetScript("answer", 5, 30)
        self.handler: AgiHandler = hang_up_at_once
        self.sessions = 0
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, backlog=512)
        self.agi_port = self._server.sockets[0].getsockname()[1]
        self.clock = Clock(1_790_000_000.0, self.speed)
        self.switch = VirtualSwitch(
            self.clock,
            [
                SwitchLine("bj-unicom", BASE, "unicom-bj", 300, Fallback(announce=FALLBACK_WORDS)),
                SwitchLine("sh-telecom", SECOND_BASE, "telecom-sh", 300, Fallback(number="01088880009")),
                SwitchLine("sz-mobile", FULL_BASE, "mobile-sz", 1),
            ],
            f"agi://127.0.0.1:{self.agi_port}/inbound",
            {
                "lab": "lab-secret",
                "watcher": AmiUser("watcher-secret", read=frozenset({"call", "agent"}), write=frozenset()),
                "caller": AmiUser("caller-secret", read=frozenset(), write=frozenset({"originate"})),
            },
            PROMPTS,
            {"support": QueueSpec("support", agents=("1001", "1002"), wrap_up=10.0, max_waiting=3)},
            agents=lambda queue: self.agents,
            targets=lambda number: self.targets,
            seed=400,
            trunks={
                "unicom-bj": Trunk("unicom-bj", original_called=("diversion", "to")),
                "narrow": Trunk("narrow", max_calls=1),
            },
            on_refused=self.refused.append,
            ami_limits=AmiLimits(failed_login_real=0.0),
            agi_limits=AgiLimits(idle_real=20.0, connect_real=20.0),
        )
        await self.switch.start()

    async def stop(self) -> None:
        await self.switch.stop()
        assert self._server is not None
        self._server.close()
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.sessions += 1
        try:
            await self.handler(reader, writer)
        except ConnectionError:
            pass
        finally:
            writer.close()

    def call(self, script: CallerScript = SILENT, base: str = BASE, caller: str | None = "13800138000") -> SwitchCall:
        call = self.switch.place_call(base, caller, script)
        assert isinstance(call, SwitchCall)
        return call

    # ---- as a transcript target

    @property
    def ami_port(self) -> int:
        """Where the manager interface is."""
        return self.switch.ami_port

    @property
    def names(self) -> dict[str, str]:
        """What ``{name}`` in a transcript stands for."""
        return {"user": "lab", "secret": "lab-secret", "sound": "demo", "missing": "no-such-file", "exten": BASE}

    async def place(self, handler: AgiHandler, sets: Mapping[str, str] = {}) -> Far:
        """Place a call whose AGI session is ``handler``, behind a dialplan that ``sets`` variables."""
        self.handler = handler
        call = self.switch.place_call(BASE, "13800138000", SILENT, sets=list(sets.items()))
        assert isinstance(call, SwitchCall)
        return call


async def hang_up_at_once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    agi = Agi(reader, writer)
    await agi.environment()
    await agi.done()


class Agi:
    """A FastAGI server's side of one session, written by hand for tests."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        self.hung_up = False

    async def environment(self) -> dict[str, str]:
        values: dict[str, str] = {}
        while line := (await self.reader.readline()).decode().rstrip("\n"):
            name, _, value = line.partition(": ")
            values[name] = value
        return values

    async def line(self) -> str:
        line = (await self.reader.readline()).decode()
        if not line:
            raise ConnectionError("the switch closed the session")
        return line.rstrip("\n")

    async def command(self, text: str) -> str:
        """Send a command and return its reply; ``HANGUP`` on the way is remembered."""
        self.writer.write(text.encode() + b"\n")
        while (line := await self.line()) == "HANGUP":
            self.hung_up = True
        return line

    async def done(self, cause: int = 16) -> None:
        """What the router does last."""
        await self.command("SET VARIABLE LINE400_DONE 1")
        await self.command(f"EXEC Hangup {cause}")


class Manager:
    """A manager session by hand: sends what it is told, keeps what comes. ``opened`` are closed after every test."""

    opened: ClassVar[list[Manager]] = []

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        self.events: list[Message] = []
        self._parser = AmiParser(banner=True)
        self._arrived: list[Message] = []

    @classmethod
    async def connect(cls, port: int, user: str = "", secret: str = "", **login: str) -> Manager:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        manager = cls(reader, writer)
        cls.opened.append(manager)
        if user:
            answer = await manager.action("Login", Username=user, Secret=secret, **login)
            assert answer.get("Response") == "Success", answer
        return manager

    async def message(self) -> Message | None:
        """The next message, None at the end of the connection."""
        while not self._arrived:
            data = await asyncio.wait_for(self.reader.read(65536), 10)
            if not data:
                return None
            self._arrived.extend(self._parser.feed(data))
        return self._arrived.pop(0)

    async def response(self) -> Message:
        """The next response; events on the way are kept."""
        while (message := await self.message()) is not None:
            if message.kind == "response":
                return message
            self.events.append(message)
        raise ConnectionError("the switch closed the manager session")

    async def event(self, name: str, **fields: str) -> Message:
        """The next event of that name and those fields, among those kept and those to come."""

        def right(message: Message) -> bool:
            return message.get("Event") == name and all(message.get(key) == value for key, value in fields.items())

        for kept in self.events:
            if right(kept):
                self.events.remove(kept)
                return kept
        while (message := await self.message()) is not None:
            if right(message):
                return message
            self.events.append(message)
        raise ConnectionError("the switch closed the manager session")

    async def action(self, name: str, headers: list[tuple[str, str]] | None = None, **fields: str) -> Message:
        """Send an action and return its response."""
        self.writer.write(encode_message(Message.of([("Action", name), *fields.items(), *(headers or [])])))
        return await self.response()

    async def close(self) -> None:
        """End the session."""
        if self in self.opened:
            self.opened.remove(self)
        self.writer.close()
        with contextlib.suppress(OSError):
            await self.writer.wait_closed()

    @classmethod
    async def close_all(cls) -> None:
        while cls.opened:
            await cls.opened[-1].close()
