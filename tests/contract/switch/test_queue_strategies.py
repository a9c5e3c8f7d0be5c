"""Which agent a queue rings next."""

from __future__ import annotations

import asyncio

import pytest

from router.clock import Clock
from router.model import QueueSpec
from simulator.parties import AgentScript
from simulator.script import TimedHangUp
from simulator.switch import SwitchCall, SwitchLine, VirtualSwitch

from .target import Agi, Manager

AGENTS = ("1001", "1002", "1003")


async def who_answered(strategy: str, calls: int, seed: int = 1, called: list[str] | None = None) -> list[str]:
    """The agents who took ``calls`` calls, one after the other; ``called`` gets those who were rung."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        agi = Agi(reader, writer)
        await agi.environment()
        await agi.command('EXEC Queue "q,c,,,30000"')
        await agi.done()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    switch = VirtualSwitch(
        Clock(0.0, 500.0),
        [SwitchLine("l", "01088880001", "t")],
        f"agi://127.0.0.1:{port}/inbound",
        {"lab": "lab-secret"},
        {},
        {"q": QueueSpec("q", strategy=strategy, agents=AGENTS, wrap_up=0.0)},
        agents=AgentScript("answer", 1, 5),
        seed=seed,
    )
    async with switch:
        manager = await Manager.connect(switch.ami_port, "lab", "lab-secret", Events="agent")
        answered = []
        for _ in range(calls):
            call = switch.place_call("01088880001", None, TimedHangUp(30_000.0))
            assert isinstance(call, SwitchCall)
            answered.append((await call.ended()).variables["MEMBERNAME"])
        await manager.action("Ping")
        if called is not None:
            called += [event.get("MemberName") for event in manager.events if event.get("Event") == "AgentCalled"]
        await Manager.close_all()
    server.close()
    await server.wait_closed()
    return answered


@pytest.mark.parametrize(
    ("strategy", "expected"),
    [
        ("longest_idle", ["1001", "1002", "1003", "1001", "1002"]),
        ("leastrecent", ["1001", "1002", "1003", "1001", "1002"]),
        ("round_robin", ["1001", "1002", "1003", "1001", "1002"]),
        ("fewest_calls", ["1001", "1002", "1003", "1001", "1002"]),
        ("linear", ["1001"] * 5),
    ],
)
async def test_a_strategy_chooses(strategy: str, expected: list[str]) -> None:
    assert await who_answered(strategy, 5) == expected


async def test_chance_comes_from_the_seed() -> None:
    first = await who_answered("random", 8)
    assert await who_answered("random", 8) == first
    assert set(first) <= set(AGENTS)


@pytest.mark.parametrize("strategy", ["ring_all", "ringall"])
async def test_ringing_all_rings_all_and_one_answers(strategy: str) -> None:
    called: list[str] = []
    (answered,) = await who_answered(strategy, 1, called=called)
    assert answered in AGENTS
    assert sorted(called) == list(AGENTS)


async def test_another_strategy_rings_one() -> None:
    called: list[str] = []
    assert await who_answered("longest_idle", 2, called=called) == called == ["1001", "1002"]
