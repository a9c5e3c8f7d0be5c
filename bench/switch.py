"""Calls per second through the embedded switch: the live driver over real TCP (FastAGI and AMI), store included.

Router, switch and callers share one process and one core, which the calls in progress keep busy. The floor is the
same number of line exchanges over loopback TCP by plain asyncio streams, with nothing behind them.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from pathlib import Path

from router.book import RouteBook
from router.configuration import load
from simulator.call import TestCall
from simulator.embedded import Embedded
from simulator.parties import AgentScript
from simulator.script import PressScript

CALLS = 400
AT_ONCE = 40
SPEED = 250.0
AT = 1_791_770_400.0  # 2026-10-12 10:00 in Shanghai, a working day
NUMBER = "4008001234"
EXCHANGES = 10
"""Command and reply lines of one Welcome call over FastAGI, environment and variables included."""


async def _through_switch(book: RouteBook) -> float:
    agents, silent = AgentScript("answer", 1.0, 1.0), PressScript(())
    async with Embedded(book, AT, speed=SPEED) as embedded:
        gate = asyncio.Semaphore(AT_ONCE)

        async def one(number: int) -> None:
            async with gate:
                call = TestCall(NUMBER, "13800138000", AT, f"bench-{number}")
                record = await embedded.place(call, silent, agents)
                assert record.outcome == "answered", record
                assert record.called == NUMBER

        began = time.perf_counter()
        await asyncio.gather(*(one(number) for number in range(CALLS)))
        return CALLS / (time.perf_counter() - began)


async def _floor() -> float:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            writer.write(line)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    gate = asyncio.Semaphore(AT_ONCE)

    async def one() -> None:
        async with gate:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            for _ in range(EXCHANGES):
                writer.write(b'STREAM FILE line400/zh-CN/0123456789abcdef0123 ""\n')
                await reader.readline()
            writer.close()
            await writer.wait_closed()

    began = time.perf_counter()
    await asyncio.gather(*(one() for _ in range(CALLS)))
    rate = CALLS / (time.perf_counter() - began)
    server.close()
    return rate


def switch_calls_per_second(rounds: int = 3) -> dict[str, object]:
    """Best of interleaved rounds, Welcome answered by an agent, record stored."""
    configuration = load(Path("config")).configuration
    assert configuration is not None
    lines = {name: replace(line, channels=1000) for name, line in configuration.lines.items()}
    trunks = {name: replace(trunk, max_calls=None) for name, trunk in configuration.trunks.items()}
    unstaffed = {name: replace(queue, agents=()) for name, queue in configuration.queues.items()}
    book = RouteBook.compile(replace(configuration, lines=lines, trunks=trunks, queues=unstaffed))
    pairs = [(asyncio.run(_through_switch(book)), asyncio.run(_floor())) for _ in range(rounds)]
    value, reference = max(pair[0] for pair in pairs), max(pair[1] for pair in pairs)
    return {
        "value": round(value),
        "unit": "calls/s",
        "reference": round(reference),
        "ratio": round(value / reference, 3),
        "note": f"router and switch in one process, {AT_ONCE} at once; reference: {EXCHANGES} bare exchanges a call",
    }
