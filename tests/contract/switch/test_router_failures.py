"""When the router is away, slow, killed or talks nonsense, the line's fallback takes the caller in a bounded time."""

from __future__ import annotations

import asyncio
import socket

import pytest

from simulator.script import TimedHangUp
from simulator.switch import AgiLimits, SwitchCall

from .target import FALLBACK_WORDS, FULL_BASE, SECOND_BASE, Agi, AgiHandler, Bench

Reader, Writer = asyncio.StreamReader, asyncio.StreamWriter


async def says_nothing(reader: Reader, writer: Writer) -> None:
    await reader.read()


async def closes_at_once(reader: Reader, writer: Writer) -> None:
    writer.close()


async def closes_behind_the_environment(reader: Reader, writer: Writer) -> None:
    await Agi(reader, writer).environment()


async def is_killed_in_a_prompt(reader: Reader, writer: Writer) -> None:
    agi = Agi(reader, writer)
    await agi.environment()
    await agi.command("ANSWER")
    writer.write(b'STREAM FILE long ""\n')
    await writer.drain()
    writer.transport.abort()


async def sends_garbage(reader: Reader, writer: Writer) -> None:
    writer.write(b"\x00\xff\xfe{}\r\nGET / HTTP/1.1\r\n\r\n")
    await writer.drain()


async def sends_half_a_line(reader: Reader, writer: Writer) -> None:
    writer.write(b"SET VARIABLE LINE400_DON")
    await writer.drain()


async def sends_a_line_without_end(reader: Reader, writer: Writer) -> None:
    writer.write(b"NOOP " + b"x" * 100_000)
    await writer.drain()
    await reader.read()


async def floods(reader: Reader, writer: Writer) -> None:
    for _ in range(200):
        writer.write(b"FROBNICATE\n" * 50)
        await writer.drain()


async def answers_and_hangs(reader: Reader, writer: Writer) -> None:
    agi = Agi(reader, writer)
    await agi.environment()
    await agi.command("ANSWER")
    await reader.read()


FAILURES: list[tuple[AgiHandler, str]] = [
    (says_nothing, "FAILURE"),
    (closes_at_once, "SUCCESS"),
    (closes_behind_the_environment, "SUCCESS"),
    (is_killed_in_a_prompt, "SUCCESS"),
    (sends_garbage, "SUCCESS"),
    (sends_half_a_line, "SUCCESS"),
    (sends_a_line_without_end, "FAILURE"),
    (floods, "SUCCESS"),
    (answers_and_hangs, "FAILURE"),
]


@pytest.mark.parametrize(("handler", "status"), FAILURES, ids=lambda value: getattr(value, "__name__", value))
async def test_the_fallback_takes_the_caller(bench: Bench, handler: AgiHandler, status: str) -> None:
    bench.switch.agi_limits = AgiLimits(idle_real=0.3)
    bench.handler = handler
    result = await asyncio.wait_for(bench.call().ended(), 20)
    assert result.fallback_used
    assert result.heard[-1] == FALLBACK_WORDS
    assert (result.hangup_by, result.hangup_cause) == ("switch", 16)
    assert result.answered is not None
    assert result.variables["AGISTATUS"] == status
    assert bench.switch.active_calls == 0


async def test_a_router_that_refuses_connections_is_told_at_once(bench: Bench) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        bench.switch.agi_url = f"agi://127.0.0.1:{free.getsockname()[1]}/inbound"
        result = await asyncio.wait_for(bench.call().ended(), 10)
    assert result.fallback_used
    assert result.variables["AGISTATUS"] == "FAILURE"
    assert result.heard == (FALLBACK_WORDS,)


async def test_a_fallback_to_a_number_dials_it_and_presents_the_base_number(bench: Bench) -> None:
    bench.handler = closes_at_once
    call = bench.call(base=SECOND_BASE)
    result = await call.ended()
    assert result.fallback_used
    assert result.variables["DIALSTATUS"] == "ANSWER"
    assert result.variables["DIALEDPEERNUMBER"] == "01088880009"
    assert call.channel.caller_number == SECOND_BASE
    assert result.hangup_by == "target"
    assert bench.refused == []


async def test_a_line_without_a_fallback_ends_the_call_with_a_temporary_failure(bench: Bench) -> None:
    bench.handler = closes_at_once
    result = await bench.call(base=FULL_BASE).ended()
    assert result.fallback_used
    assert (result.hangup_by, result.hangup_cause) == ("switch", 41)
    assert result.tones == ("tone:reorder",)


async def test_a_router_that_finished_leaves_nothing_to_the_fallback(bench: Bench) -> None:
    result = await bench.call().ended()
    assert not result.fallback_used
    assert (result.hangup_by, result.hangup_cause) == ("flow", 16)


async def test_a_router_that_finished_without_hanging_up_ends_the_call_normally(bench: Bench) -> None:
    async def handler(reader: Reader, writer: Writer) -> None:
        agi = Agi(reader, writer)
        await agi.environment()
        await agi.command("ANSWER")
        await agi.command("SET VARIABLE LINE400_DONE 1")

    bench.handler = handler
    result = await bench.call().ended()
    assert not result.fallback_used
    assert (result.hangup_by, result.hangup_cause) == ("flow", 16)
    assert result.variables["AGISTATUS"] == "SUCCESS"


async def test_a_caller_who_hangs_up_gets_no_fallback(bench: Bench) -> None:
    bench.handler = says_nothing
    result = await bench.call(TimedHangUp(2.0)).ended()
    assert not result.fallback_used
    assert (result.hangup_by, result.heard) == ("caller", ())


async def test_the_absolute_timeout_frees_a_call_from_a_queue_without_end(bench: Bench) -> None:
    async def handler(reader: Reader, writer: Writer) -> None:
        agi = Agi(reader, writer)
        await agi.environment()
        await agi.command("SET VARIABLE TIMEOUT(absolute) 20")
        await agi.command('EXEC Queue "support,c"')

    bench.agents = bench.agents.parse("never")
    bench.handler = handler
    result = await asyncio.wait_for(bench.call().ended(), 20)
    assert result.fallback_used
    assert result.heard == (FALLBACK_WORDS,)
    assert result.ended - result.started >= 20


async def test_a_later_call_reaches_a_router_that_came_back(bench: Bench) -> None:
    bench.handler = closes_at_once
    assert (await bench.call().ended()).fallback_used

    async def works(reader: Reader, writer: Writer) -> None:
        agi = Agi(reader, writer)
        await agi.environment()
        await agi.done()

    bench.handler = works
    call: SwitchCall = bench.call()
    assert not (await call.ended()).fallback_used
