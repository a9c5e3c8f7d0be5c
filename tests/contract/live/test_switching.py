"""A new revision while calls are up: each call ends on the one it began with, every router takes it up."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from router.app.invocation import Invocation
from router.app.served import Revisions
from router.app.serving import loader_of
from router.asterisk.service import LiveRouter
from router.book import RouteBook
from router.clock import Clock
from router.configuration import load, load_files
from router.model import Configuration, Endpoint
from router.store import Store
from simulator.script import PressScript
from simulator.switch import SwitchCall
from tests.contract.live.test_live_failures import ROOT, TO_HOTLINE, World, until
from tests.end_to_end.conftest import COMPANY


@pytest.fixture
async def world() -> AsyncIterator[World]:
    found = World("answer:5:20")
    yield found
    await found.stop()


def without_a_queue() -> RouteBook:
    """The book in which the number's callers are told goodbye at once."""
    loaded = load(ROOT / "config")
    assert loaded.configuration is not None
    text = "flow: welcome\nnodes:\n  bye: { play: 再见。, next: end }\n  end: { hangup: normal }\n"
    files = {**loaded.configuration.files, "flows/welcome.flow.yaml": text.encode()}
    after = load_files(files, ROOT / "config", lint=False).configuration
    assert after is not None
    return RouteBook.compile(after, "r2")


async def test_a_call_in_progress_ends_on_the_revision_it_began_with(world: World) -> None:
    router = await world.start()
    first = world.call()
    await until(lambda: router.active_records() and router.active_records()[0].queue)
    router.swap(without_a_queue())
    silent = PressScript.parse("")
    second = world.switch.place_call("01088880001", "13800138000", silent, None, TO_HOTLINE, "c-2", False)
    assert isinstance(second, SwitchCall)
    await second.ended()
    await first.ended()
    records = {record.call_id: record for record in world.records}
    assert (records["c-1"].revision, records["c-1"].path, records["c-1"].outcome) == (
        "r1",
        ["greeting", "admit"],
        "answered",
    )
    assert (records["c-2"].revision, records["c-2"].path, records["c-2"].outcome) == ("r2", ["bye", "end"], "completed")


async def test_all_routers_on_one_store_take_a_revision_up(tmp_path: Path) -> None:
    folder = tmp_path / "config"
    for name, text in COMPANY.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    invocation = Invocation(config=folder, quiet=True)
    configuration = load(folder).configuration
    assert configuration is not None
    async with AsyncExitStack() as stack:
        applying = await stack.enter_async_context(await Store.open(configuration.settings.store))
        await applying.apply_revision(configuration.files, "li", None, 1.0)
        routers = [await _router(stack, invocation, configuration) for _ in range(4)]
        files = {**configuration.files, "routes.yaml": configuration.files["routes.yaml"] + b"# another\n"}
        await applying.apply_revision(files, "li", None, 2.0)
        await until(lambda: {router.book.revision for router in routers} == {"r2"})
        await applying.activate("r1", "li", None, 3.0, "rollback")
        await until(lambda: {router.book.revision for router in routers} == {"r1"})


async def _router(stack: AsyncExitStack, invocation: Invocation, configuration: Configuration) -> LiveRouter:
    store = await stack.enter_async_context(await Store.open(configuration.settings.store))
    settings = replace(configuration.settings, fastagi=Endpoint(port=0), asterisk=Endpoint(port=1))
    router = LiveRouter(
        RouteBook.compile(configuration, "r1"),
        store,
        Clock(),
        settings,
        ami_secret="no switch",
        loader=loader_of(invocation, store, Revisions()),
        drain_seconds=0.0,
        ami_wait_seconds=0.0,
    )
    await router.start()
    stack.push_async_callback(router.stop)
    return router
