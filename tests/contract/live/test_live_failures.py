"""The live router and the embedded switch when something between them breaks in the middle of a call."""

from __future__ import annotations

import asyncio
import os
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from router.asterisk import ami_link
from router.asterisk.prompts import Catalogue, constant_prompts
from router.asterisk.service import LiveRouter
from router.book import RouteBook
from router.clock import Clock
from router.configuration import load
from router.model import Endpoint
from router.record import CallRecord
from router.store import CallFilter, Store
from simulator.parties import AgentScript
from simulator.script import PressScript
from simulator.switch import SwitchCall, SwitchLine, VirtualSwitch

ROOT = Path(__file__).parents[3]
OPEN = datetime.fromisoformat("2026-10-12T10:00:00+08:00").timestamp()
TO_HOTLINE = [("P-Called-Party-ID", "<sip:4008001234@carrier.invalid>")]


class World:
    """A switch, a router, and the records of its calls."""

    def __init__(self, agents: str = "none") -> None:
        loaded = load(ROOT / "config")
        assert loaded.configuration is not None
        self.book = RouteBook.compile(loaded.configuration, "r1")
        self.clock = Clock(OPEN, 20.0)
        self.records: list[CallRecord] = []
        self.agents = AgentScript.parse(agents)
        self.catalogue = Catalogue(constant_prompts(self.book))
        self.router: LiveRouter | None = None
        self.switch = self.make_switch()

    def make_switch(self, port: int = 0) -> VirtualSwitch:
        return VirtualSwitch(
            self.clock,
            [SwitchLine(x.name, x.base_number, x.trunk, x.channels, x.fallback) for x in self.book.lines.values()],
            "agi://127.0.0.1:1/inbound",
            {"line400": "s3cret"},
            # A router in another process does not share its catalogue: any file is two seconds long.
            lambda name: self.catalogue.get(name, (f"file:{name}", 2.0)),
            self.book.queues,
            lambda queue: self.agents,
            trunks=self.book.trunks,
            boxes=self.book.boxes,
            port=port,
        )

    async def start(self, store: Store | None = None) -> LiveRouter:
        await self.switch.start()
        settings = replace(
            self.book.settings,
            fastagi=Endpoint(port=0),
            asterisk=Endpoint(port=self.switch.ami_port, username="line400"),
        )
        self.router = LiveRouter(
            self.book,
            store,
            self.clock,
            settings,
            ami_secret="s3cret",
            catalogue=self.catalogue,
            on_record=self.records.append,
            drain_seconds=0.2,
        )
        await self.router.start()
        self.switch.agi_url = f"agi://127.0.0.1:{self.router.fastagi_port}/inbound"
        return self.router

    async def stop(self) -> None:
        if self.router is not None:
            await self.router.stop()
        await self.switch.stop()

    def call(self, press: str = "", test: bool = False) -> SwitchCall:
        call = self.switch.place_call(
            "01088880001", "13800138000", PressScript.parse(press), None, TO_HOTLINE, "c-1", test
        )
        assert isinstance(call, SwitchCall)
        return call


@pytest.fixture
async def world() -> AsyncIterator[World]:
    found = World()
    yield found
    await found.stop()


async def until(condition: Callable[[], Any], seconds: float = 10.0) -> None:
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - any condition at all
            await asyncio.sleep(0.005)


async def test_a_welcome_call_leaves_a_record_whose_called_number_is_the_400_number(
    world: World, tmp_path: Path
) -> None:
    world.agents = AgentScript.parse("answer:3:20")
    async with await Store.open(f"sqlite:///{tmp_path}/line400.db") as store:
        await world.start(store)
        result = await world.call().ended()
        await world.stop()
        kept = await store.get_call("c-1")
    assert kept is not None
    assert (kept.called, kept.called_by, kept.base_number) == ("4008001234", "header", "01088880001")
    assert (kept.path, kept.outcome, kept.hangup_by) == (["greeting", "admit"], "answered", "agent")
    assert result.variables["LINE400_DONE"] == "1"
    assert not result.fallback_used
    assert list(result.heard) == list(kept.heard)


async def test_ami_dropped_and_restored_in_the_middle_of_a_call(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The agent answers while AMI is away; the call goes on over FastAGI and the answer is asked for again."""
    monkeypatch.setattr(ami_link, "FIRST_BACK_OFF", 0.02)
    world.agents = AgentScript.parse("answer:4:60")
    router = await world.start()
    call = world.call()
    await until(lambda: router.active_records() and router.active_records()[0].queue)
    port = world.switch.ami_port
    await world.switch.ami.stop()
    await until(lambda: not router.link.connected)
    await until(lambda: call.channel.variables.get("MEMBERNAME"))
    assert not router.ready
    await world.switch.ami.start("127.0.0.1", port)
    await until(lambda: router.link.connected)
    await until(lambda: router.active_records()[0].answered is not None)
    result = await call.ended()
    (record,) = world.records
    assert (record.outcome, record.path, record.hangup_by) == ("answered", ["greeting", "admit"], "agent")
    assert not result.fallback_used
    assert router.link.reconnections == 1


async def test_a_call_whose_channel_is_no_more_when_ami_is_back_is_given_up(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The connection of a call may stand although its switch is another one by now."""
    monkeypatch.setattr(ami_link, "FIRST_BACK_OFF", 0.02)
    world.agents = AgentScript.parse("never")
    router = await world.start()
    world.call()
    await until(lambda: router.active_records() and router.active_records()[0].queue)
    port = world.switch.ami_port
    await world.switch.ami.stop()
    await until(lambda: not router.link.connected)
    world.switch.core.channels.clear()
    await world.switch.ami.start("127.0.0.1", port)
    await until(lambda: world.records)
    (record,) = world.records
    assert (record.outcome, record.hangup_by, record.hangup_cause) == ("failed", "switch", 38)


async def test_a_call_without_any_ami_is_served_in_full(world: World) -> None:
    world.agents = AgentScript.parse("answer:2:5")
    router = await world.start()
    await world.switch.ami.stop()
    await until(lambda: not router.link.connected)
    result = await world.call().ended()
    (record,) = world.records
    assert (record.outcome, record.queue, record.hangup_by) == ("answered", "default", "agent")
    assert not result.fallback_used


async def test_a_caller_talking_to_an_agent_hangs_up_while_ami_is_away(world: World) -> None:
    world.agents = AgentScript.parse("answer:2:600")
    router = await world.start()
    await world.switch.ami.stop()
    await until(lambda: not router.link.connected)
    call = world.call()
    await until(lambda: call.channel.variables.get("MEMBERNAME"))
    call.hang_up()
    await call.ended()
    await until(lambda: world.records)
    (record,) = world.records
    assert (record.outcome, record.hangup_by, record.hangup_cause) == ("answered", "caller", 16)


async def test_the_switch_that_dies_in_a_call_is_its_fault(world: World) -> None:
    world.agents = AgentScript.parse("never")
    router = await world.start()
    world.call()
    await until(lambda: router.active_records() and router.active_records()[0].queue)
    await world.switch.stop()
    await until(lambda: world.records)
    (record,) = world.records
    assert record.hangup_by == "switch"
    assert record.outcome == "failed"
    assert record.fault is not None
    assert record.fault.by == "switch"


async def test_a_router_that_is_away_leaves_the_caller_to_the_fallback(world: World) -> None:
    await world.start()
    assert world.router is not None
    await world.router.stop()
    result = await world.call().ended()
    assert result.fallback_used
    assert result.heard


ROUTER_PROCESS = """
import asyncio, sys
from dataclasses import replace
from pathlib import Path
from router.asterisk.service import LiveRouter
from router.book import RouteBook
from router.clock import Clock
from router.configuration import load
from router.model import Endpoint
from router.store import Store

async def main():
    ami_port, store_url, at, speed = int(sys.argv[1]), sys.argv[2], float(sys.argv[3]), float(sys.argv[4])
    book = RouteBook.compile(load(Path("config")).configuration, "r1")
    settings = replace(book.settings, fastagi=Endpoint(port=0), asterisk=Endpoint(port=ami_port, username="line400"))
    async with await Store.open(store_url) as store:
        router = LiveRouter(book, store, Clock(at, speed), settings, ami_secret="s3cret", router_id="r-1")
        await router.start()
        print(router.fastagi_port, router.orphans_closed, flush=True)
        await asyncio.Event().wait()

asyncio.run(main())
"""


async def start_process(world: World, store_url: str) -> tuple[Process, int, int]:
    """A router process of its own; its FastAGI port and how many orphans it closed."""
    arguments = [str(world.switch.ami_port), store_url, str(world.clock.now()), "20"]
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", ROUTER_PROCESS, *arguments),
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    port, orphans = (await process.stdout.readline()).split()
    return process, int(port), int(orphans)


async def kill(process: Process) -> None:
    process.kill()
    await process.communicate()


async def test_a_router_killed_in_a_call_and_started_again_closes_the_orphan_once(world: World, tmp_path: Path) -> None:
    """kill -9: the caller goes to the line's fallback at once, the record gets an honest outcome at the restart."""
    store_url = f"sqlite:///{tmp_path}/line400.db"
    world.agents = AgentScript.parse("never")
    await world.switch.start()
    first, port, orphans = await start_process(world, store_url)
    try:
        assert orphans == 0
        world.switch.agi_url = f"agi://127.0.0.1:{port}/inbound"
        call = world.call()
        async with await Store.open(store_url) as store:
            await until(lambda: call.caller.heard)
            async with asyncio.timeout(10):
                while not await store.query_calls(CallFilter(up=True)):  # noqa: ASYNC110 - another process writes
                    await asyncio.sleep(0.02)
    finally:
        await kill(first)
    result = await call.ended()
    assert result.fallback_used
    second, _, orphans = await start_process(world, store_url)
    await kill(second)
    assert orphans == 1
    third, _, orphans = await start_process(world, store_url)
    await kill(third)
    assert orphans == 0
    async with await Store.open(store_url) as store:
        (kept,) = await store.query_calls()
    assert (kept.called, kept.outcome, kept.hangup_by) == ("4008001234", "failed", "line400")
    assert kept.fault is not None
    assert (kept.fault.code, kept.fault.by) == ("router_lost", "line400")
    assert kept.ended is not None
