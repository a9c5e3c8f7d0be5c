"""What the live router knows of a caller from earlier calls: what flows kept, and the agent who answered last.

Over the embedded switch, with a router of real calls and a store; the same flows in virtual time where they agree.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from router.asterisk.prompts import Catalogue, constant_prompts
from router.asterisk.service import LiveRouter
from router.book import RouteBook
from router.clock import Clock
from router.configuration import load_files
from router.model import Endpoint
from router.record import CallRecord
from router.store import Store
from simulator.call import TestCall
from simulator.parties import AgentScript, TargetScript
from simulator.script import PressScript
from simulator.switch import SwitchLine, VirtualSwitch
from simulator.virtual import run_virtual
from tests.stores import over

OPEN = 1_792_400_000.0  # 2026-10-19 11:33 in Shanghai
CALLER = "13800138000"
FILES = {
    "line400.yaml": "company: 示例科技\n",
    "numbers.yaml": "numbers:\n  - { number: 400-800-1234, purchased: 2025-01-01 }\n",
    "lines.yaml": "lines:\n  bj: { base_number: 010-88880001, trunk: bj, default_number: 400-800-1234 }\n",
    "trunks.yaml": "trunks:\n  bj: { peer: 127.0.0.1 }\n",
    "routes.yaml": "routes:\n  400-800-1234: { line: bj, flow: knows }\n",
    "queues.yaml": 'queues: { support: { wrap_up: 0s, last_agent: 3d, agents: ["1001", "1002", "1003"] } }\n',
}
KNOWS = """flow: knows
nodes:
  decide: { branch: [ { when: "{{ visits is defined and visits >= 1 }}", next: again } ], else: first }
  again: { play: "第{{ visits + 1 }}次", next: count }
  first: { play: 初次, next: start }
  start: { set: { visits: "{{ 1 }}" }, scope: caller, next: bye }
  count: { set: { visits: "{{ visits + 1 }}" }, scope: caller, next: bye }
  bye: { hangup: normal }
"""
QUEUES = """flow: knows
nodes:
  wait: { queue: support, last_agent_first: true, timeout: 60s, on: { answered: bye, timeout: bye } }
  bye: { hangup: normal }
"""


class World:
    """A switch, a router of real calls and a store."""

    def __init__(
        self, flow: str, store: Store | None, agents: str = "none", settings: str = "", spool: Path | None = None
    ) -> None:
        files = {**FILES, "flows/knows.flow.yaml": flow, "line400.yaml": FILES["line400.yaml"] + settings}
        configuration = load_files({name: text.encode() for name, text in files.items()}, Path("/x")).configuration
        assert configuration is not None
        self.book = RouteBook.compile(configuration, "r1")
        self.clock = Clock(OPEN, 40.0)
        self.store = store
        self.ended: dict[str, asyncio.Future[CallRecord]] = {}
        self.catalogue = Catalogue(constant_prompts(self.book))
        self.switch = VirtualSwitch(
            self.clock,
            [SwitchLine(x.name, x.base_number, x.trunk, x.channels, x.fallback) for x in self.book.lines.values()],
            "agi://127.0.0.1:1/inbound",
            {"line400": "s3cret"},
            self.catalogue,
            self.book.queues,
            lambda queue: AgentScript.parse(agents),
            trunks=self.book.trunks,
            spool=spool,
        )
        self.router: LiveRouter | None = None

    async def __aenter__(self) -> World:
        await self.switch.start()
        settings = replace(
            self.book.settings,
            fastagi=Endpoint(port=0),
            asterisk=Endpoint(port=self.switch.ami_port, username="line400"),
        )
        self.router = LiveRouter(
            self.book,
            self.store,
            self.clock,
            settings,
            ami_secret="s3cret",
            catalogue=self.catalogue,
            on_record=lambda record: self.ended[record.call_id].set_result(record),
            drain_seconds=0.2,
        )
        await self.router.start()
        self.switch.agi_url = f"agi://127.0.0.1:{self.router.fastagi_port}/inbound"
        return self

    async def __aexit__(self, *_: object) -> None:
        if self.router is not None:
            await self.router.stop()
        await self.switch.stop()

    async def call(self, call_id: str, caller: str | None = CALLER, test: bool = False) -> CallRecord:
        self.ended[call_id] = asyncio.get_running_loop().create_future()
        header = ("To", "<sip:4008001234@carrier>")
        self.switch.place_call("01088880001", caller, PressScript.parse(""), None, [header], call_id, test)
        return await asyncio.wait_for(self.ended[call_id], 30)

    def virtually(self, agents: str = "none") -> CallRecord:
        """The same call in virtual time."""
        call = TestCall("400-800-1234", CALLER, OPEN, "v")
        return run_virtual(self.book, call, PressScript.parse(""), AgentScript.parse(agents), TargetScript())


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    async with await Store.open(f"sqlite:///{tmp_path / 'store.db'}") as found:
        yield found


async def heard(world: World, call_id: str, **more: Any) -> list[str]:
    return list((await world.call(call_id, **more)).heard)


async def test_a_later_call_is_told_what_an_earlier_one_kept(store: Store) -> None:
    async with World(KNOWS, store) as world:
        assert await heard(world, "c-1") == ["初次"]
        assert await heard(world, "c-2") == ["第2次"]
        assert await heard(world, "c-3") == ["第3次"]
        assert await heard(world, "c-4", caller="13900139000") == ["初次"]
    assert await store.recall_caller(CALLER, OPEN) == {"visits": 3}


async def test_another_router_is_told_it_too(store: Store) -> None:
    async with World(KNOWS, store) as world:
        await world.call("c-1")
    async with World(KNOWS, store) as world:
        assert await heard(world, "c-2") == ["第2次"]


async def test_hidden_callers_and_test_calls_are_told_nothing_and_leave_nothing(store: Store) -> None:
    async with World(KNOWS, store) as world:
        await world.call("c-1")
        assert await heard(world, "c-2", test=True) == ["初次"]
        assert await heard(world, "c-3", caller=None) == ["初次"]
        virtual = world.virtually("answer:1:1")
        assert list(virtual.heard) == ["初次"]
    assert await store.recall_caller(CALLER, OPEN) == {"visits": 1}
    assert await store.count_remembered() == 1


async def test_a_store_that_is_away_costs_a_warning(
    store: Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def hangs(*_: object) -> Any:
        await asyncio.sleep(60)

    async with World(KNOWS, store) as world:
        await world.call("c-1")
        monkeypatch.setattr(store, "recall_caller", hangs)
        # What this router knows by itself stands in.
        assert await heard(world, "c-2") == ["第2次"]
        assert (await world.call("c-3", caller="13900139000")).fault is None
        assert "cannot be read or written" in caplog.text
        assert CALLER not in caplog.text


async def test_the_agent_who_answered_last_is_rung_first(store: Store) -> None:
    await store.save(over("before", OPEN - 86400.0, outcome="answered", agent="1003"))
    async with World(QUEUES, store, "answer:1:1") as world:
        assert (await world.call("c-1")).agent == "1003"
        assert (await world.call("c-2", caller="13900139000")).agent == "1001"
        assert (await world.call("c-3")).agent == "1003"
        virtual = world.virtually("answer:1:1")
        assert (virtual.outcome, list(virtual.path)) == ("answered", ["wait", "bye"])


async def test_an_agent_of_long_ago_or_one_who_is_away_counts_for_nothing(store: Store) -> None:
    await store.save(over("long ago", OPEN - 4 * 86400.0, outcome="answered", agent="1003"))
    await store.save(over("gone", OPEN - 60.0, outcome="answered", agent="1099", caller="13900139000"))
    async with World(QUEUES, store, "answer:1:1") as world:
        assert (await world.call("c-1")).agent == "1001"
        assert (await world.call("c-2", caller="13900139000")).agent == "1002"


async def test_an_agent_who_does_not_answer_is_not_waited_for(store: Store) -> None:
    await store.save(over("before", OPEN - 60.0, outcome="answered", agent="1003"))
    rung: list[str] = []
    async with World(QUEUES, store, "never") as world:
        queue = world.switch.core.queues["support"]
        set_status = queue.set_status

        def watched(member: Any, status: int) -> None:
            if status == 6:
                rung.append(member.name)
            set_status(member, status)

        queue.set_status = watched  # type: ignore[method-assign]
        assert (await world.call("c-1")).outcome == "completed"
    assert rung[0] == "1003"
    assert len(set(rung)) > 1
