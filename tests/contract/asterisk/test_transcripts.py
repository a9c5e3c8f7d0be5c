"""The raw dialogues of the embedded switch's contract, against Asterisk itself: both answer alike."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import numpy as np
import pytest

from router.asterisk.generated.dialplan import FIRST_SIGN
from router.asterisk.host import Programs
from router.asterisk.prompts import Catalogue
from router.asterisk.sounds.audio import RATE, wav
from router.book import RouteBook
from router.clock import Clock
from simulator.script import SILENT
from simulator.sip import RealSwitch
from simulator.sip.call import RealCall
from tests.contract.live.flow_case import OPEN
from tests.contract.live.flow_company import compiled_book
from tests.contract.switch.target import AgiHandler, Far, Manager
from tests.contract.switch.transcript import run_agi, run_ami, transcripts

LONGEST = 90.0
SPOKEN = (
    *(f"digits/{name}" for name in (*range(21), *range(30, 100, 10), "hundred", "thousand", "oh", "and", "oclock")),
    *(f"digits/{kind}-{place}" for kind, most in (("day", 7), ("mon", 12), ("h", 32)) for place in range(most)),
    *(f"digits/{name}" for name in ("a-m", "p-m", "at", "minus", "star", "pound", "h-hundred", "20", "million")),
    *(f"letters/{letter}" for letter in "abcdefghijklmnopqrstuvwxyz"),
    *(f"phonetic/{letter}_p" for letter in "abcdefghijklmnopqrstuvwxyz"),
)
"""What Asterisk plays to speak digits, numbers, letters and times: short tones here."""
SETS = {
    "AGIEXITONHANGUP": ("TRANSCRIPT_EXITS", "no"),
    "AGISIGHUP": ("TRANSCRIPT_TELLS", "yes"),
    "TIMEOUT(absolute)": ("TRANSCRIPT_FIRST", "0"),
}
"""What a transcript may let the dialplan set: the variable of the switch that holds it, and what it is elsewhere."""


class AsteriskTarget:
    """A real Asterisk as the target of transcripts: the account, the sound and the calls that they name."""

    def __init__(self, book: RouteBook, programs: Programs, sounds: Path) -> None:
        self.clock = Clock(OPEN, 1.0)
        self.switch = RealSwitch(book, self.clock, programs, "unused", Catalogue(), sounds)
        self._handler: AgiHandler | None = None
        self._began = asyncio.Event()
        self._placing = asyncio.Lock()
        self._server: asyncio.Server | None = None

    @property
    def ami_port(self) -> int:
        return self.switch.ami_port

    @property
    def names(self) -> dict[str, str]:
        return {"user": "lab", "secret": "lab-secret", "sound": "demo", "missing": "no-such-file", "exten": "s"}

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        await self.switch.start()
        self.switch.agi_url = f"agi://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/inbound"
        main = self.switch.main
        for name, seconds in (("demo", 2.0), *((name, 0.2) for name in SPOKEN)):
            sound = (np.sin(np.arange(int(RATE * seconds)) / 4) * 5000).astype(np.int16)
            file = main.sounds / f"{name}.wav"
            file.parent.mkdir(exist_ok=True)
            file.write_bytes(wav(sound))
        with (main.etc / "manager.conf").open("a") as accounts:
            accounts.write("\n[lab]\nsecret = lab-secret\nread = all\nwrite = all\n")
        main.cli("manager reload")
        # The dialogues are those of a session that outlives its caller, and that nobody has to lengthen.
        plan = main.etc / "extensions.conf"
        first = f"TIMEOUT(absolute)={FIRST_SIGN})"
        text, exits = plan.read_text(), "AGIEXITONHANGUP=yes"
        assert first in text
        assert exits in text
        text = text.replace(first, f"TIMEOUT(absolute)=${{{SETS['TIMEOUT(absolute)'][0]}}})")
        names = ("AGIEXITONHANGUP", "AGISIGHUP")
        text = text.replace(exits, ",".join(f"{name}=${{{SETS[name][0]}}}" for name in names))
        plan.write_text(text)
        main.cli("dialplan reload")

    async def stop(self) -> None:
        await Manager.close_all()
        await self.switch.stop()
        if self._server is None:
            return
        self._server.close()
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        handler = self._handler
        assert handler is not None
        self._began.set()
        try:
            await handler(reader, writer)
        except ConnectionError:
            pass
        finally:
            writer.close()

    async def place(self, handler: AgiHandler, sets: Mapping[str, str] = {}) -> Far:
        """Place a call whose AGI session is ``handler``; one call is placed at a time, so that each finds its own."""
        async with self._placing:
            for name, (variable, value) in SETS.items():
                self.switch.main.cli(f"dialplan set global {variable} {sets.get(name, value)}")
            self._handler = handler
            self._began.clear()
            call = self.switch.place_call("01088880001", "13800138000", SILENT)
            assert isinstance(call, RealCall)
            await asyncio.wait_for(self._began.wait(), 10)
            return call


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> RouteBook:
    return compiled_book(tmp_path_factory.mktemp("transcripts") / "config", ["bye: { hangup: normal }"])


@pytest.fixture
async def target(book: RouteBook, programs: Programs, sounds: Path) -> AsyncIterator[AsteriskTarget]:
    found = AsteriskTarget(book, programs, sounds)
    try:
        await found.start()
        yield found
    finally:
        await found.stop()


async def test_manager_transcripts(target: AsteriskTarget) -> None:
    wrong: dict[str, str] = {}
    for path in transcripts("ami"):
        try:
            await run_ami(path, target)
        except (AssertionError, TimeoutError) as error:
            wrong[path.stem] = str(error) or repr(error)
    assert wrong == {}


@pytest.mark.timeout(180)
async def test_agi_transcripts(target: AsteriskTarget) -> None:
    """All at once, each over a call of its own: what takes time takes it for all."""
    paths = transcripts("agi")
    found = await asyncio.gather(*(run_agi(path, target, LONGEST) for path in paths), return_exceptions=True)
    wrong = {path.stem: str(error) or repr(error) for path, error in zip(paths, found, strict=True) if error}
    assert wrong == {}
