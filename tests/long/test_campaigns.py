"""Whole campaigns, run by `make test-long`: many random calls on both ways, many lives of a router."""

from __future__ import annotations

import asyncio
import random

import pytest

from router.book import RouteBook
from simulator.call import TestCall
from simulator.embedded import Embedded
from simulator.parties import AgentScript, TargetScript
from simulator.script import CallerScript, PressScript, TimedHangUp
from simulator.virtual import run_virtual
from tests.contract.live.test_ways_agree import OPEN, agreed, book

__all__ = ["book"]  # the fixture

pytestmark = [pytest.mark.long, pytest.mark.timeout(1800)]

ITEMS = ("", "", "0", "1", "2", "3", "9", "*", "#", "12", "1#", "4008#", "12345678", "h")
AGENTS = ("none", "answer", "answer:2:3", "answer:70", "never", "full", "no_agents")
TARGETS = ("answer", "answer:2:3", "busy", "no_answer", "failed")
CALLERS = ("13800138000", "13800138007", "02161234567", "13900000000", "+442079460000", "010-66668888", None)
CALLS_OF_A_CAMPAIGN = 250


@pytest.mark.parametrize("seed", [400, 401, 402, 403])
async def test_random_calls_agree_on_both_ways(book: RouteBook, seed: int) -> None:
    chance = random.Random(seed)
    numbers = [number for number in book.numbers() if book.route(number)]
    at = OPEN
    async with Embedded(book, OPEN) as embedded:
        for count in range(CALLS_OF_A_CAMPAIGN):
            press = ",".join(chance.choice(ITEMS) for _ in range(chance.randrange(6)))
            agents, targets = AgentScript.parse(chance.choice(AGENTS)), TargetScript.parse(chance.choice(TARGETS))
            at += chance.randrange(60, 4800)  # the agents of the call before have wrapped up
            call = TestCall(chance.choice(numbers), chance.choice(CALLERS), at, f"seed-{seed}-{count}")
            virtual = run_virtual(book, call, PressScript.parse(press), agents, targets)
            async with asyncio.timeout(120):
                switch = await embedded.place(call, PressScript.parse(press), agents, targets)
            assert agreed(switch) == agreed(virtual), (call, press, agents, targets)
        assert embedded.refused_legs == []


@pytest.mark.parametrize("seed", [1, 2])
async def test_callers_who_leave_at_random_moments_leave_one_record_each(book: RouteBook, seed: int) -> None:
    chance = random.Random(seed)
    numbers = [number for number in book.numbers() if book.connectable(number, OPEN) is None]
    async with Embedded(book, OPEN) as embedded:

        async def one(count: int) -> None:
            press = PressScript.parse(",".join(chance.choice(ITEMS[:-1]) for _ in range(4)))
            script: CallerScript = TimedHangUp(chance.uniform(0, 90), press)
            call = TestCall(chance.choice(numbers), f"1380013{count:04d}", OPEN, f"left-{count}")
            record = await embedded.place(call, script, AgentScript.parse("answer:5:40"))
            assert record.outcome is not None
            assert record.ended is not None

        for batch in range(0, 200, 20):
            await asyncio.gather(*(one(count) for count in range(batch, batch + 20)))
        assert embedded.store is not None
        assert embedded.router is not None
        assert embedded.router.status()["calls"]["in_progress"] == 0
