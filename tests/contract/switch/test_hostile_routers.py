"""Whatever a router sends as commands gets a reply each, and never an error inside the switch."""

from __future__ import annotations

import asyncio
import itertools
import logging
import random

import pytest

from simulator.switch.agi_commands import COMMANDS
from simulator.switch.applications import APPLICATIONS

from .target import Agi, Bench

VALUES = [
    '""',
    "x",
    "0",
    "-1",
    "1",
    "5",
    "9" * 30,
    "-" + "9" * 30,
    "9" * 6000,
    "1e400",
    "nan",
    "demo",
    "menu",
    "no-such-file",
    '"a b"',
    '"unclosed',
    "\\",
    "CALLERID(num)",
    "CALLERID(all)",
    "TIMEOUT(absolute)",
    "CHANNEL(",
    "PJSIP_HEADER(read,,)",
    "PJSIP_HEADER(add,X)",
    "REDIRECTING(from-num)",
    "${EXTEN}",
    '"${${${EXTEN}}}"',
    "LINE400_ATTEMPT",
    "12#*",
    "PJSIP/1@t",
    "PJSIP/",
    "&&",
    "(((",
    ",,,,,,,,",
    "s=99999999999999999999",
    "\xff\xfe",
    "张三",
]
ENDING = ("hangup", "busy", "congestion")
LASTING = ("musiconhold", "voicemail", "record")


def commands(rng: random.Random, count: int) -> list[str]:
    made = []
    for _ in range(count):
        words = " ".join(rng.choice(sorted(COMMANDS)))
        arguments = [rng.choice(VALUES) for _ in range(rng.randrange(6))]
        if words == "exec":
            names = [name for name in sorted(APPLICATIONS) if name not in (*ENDING, *LASTING)]
            data = ",".join(rng.choice(VALUES).replace('"', "") for _ in range(rng.randrange(10)))
            arguments = [rng.choice(names), f'"{data}"']
        made.append(" ".join([words.upper(), *arguments]))
    return made


@pytest.mark.parametrize("seed", range(6))
async def test_any_command_gets_its_reply(seed: int, caplog: pytest.LogCaptureFixture) -> None:
    bench = Bench(speed=20_000.0)
    await bench.start()
    left = iter(commands(random.Random(seed), 200))
    calls = 0

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        agi = Agi(reader, writer)
        await agi.environment()
        # A command may end the call; the next call goes on with the commands behind it.
        while not agi.hung_up and (command := next(left, None)) is not None:
            reply = await asyncio.wait_for(agi.command(command), 20)
            if reply.startswith("520-"):
                while not (await agi.line()).startswith("520 "):
                    pass
            assert reply[:3] in ("200", "510", "511", "520"), command

    bench.handler = handler
    with caplog.at_level(logging.ERROR):
        while (following := next(left, None)) is not None:
            left = itertools.chain([following], left)
            await asyncio.wait_for(bench.call().ended(), 60)
            calls += 1
            assert calls <= 200
    await bench.stop()
    assert caplog.text == ""
