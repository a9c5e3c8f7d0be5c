"""A running ``serve`` carries out what is scheduled, and returns by itself from a revision whose live calls fail."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

from ivr_flows.findings import Fault, Text
from router.configuration import read_folder
from router.store import Store
from tests.end_to_end.conftest import COMPANY
from tests.end_to_end.test_cli_serve import eventually, get, served, serving
from tests.stores import over

__all__ = ["served"]
T = TypeVar("T")


def in_store(folder: Path, action: Callable[[Store], Awaitable[T]]) -> T:
    async def work() -> T:
        async with await Store.open(f"sqlite:///{folder / 'var' / 'line400.db'}") as store:
            return await action(store)

    return asyncio.run(work())


def runs(url: str) -> str:
    return str(json.loads(get(url + "api/v1/status")[1])["revision"])


def test_a_scheduled_revision_comes_into_force_while_serve_runs(served: Path) -> None:
    with serving(served) as (_, said):
        files, _ = read_folder(served / "config")
        files["routes.yaml"] = files["routes.yaml"].replace(b"    flow: welcome\n", b"    flow: service\n")

        async def schedule(store: Store) -> None:
            await store.schedule(files, {}, await store.moment() + 0.3, "li", "夜间", 1.0, base="r1")

        in_store(served, schedule)
        eventually(lambda: runs(said["url"]) == "r2")
    (row,) = in_store(served, lambda store: store.schedules())
    assert row.state == "applied"


def test_a_revision_whose_calls_fail_is_left_while_serve_runs(served: Path) -> None:
    config = served / "config"
    (config / "line400.yaml").write_text((config / "line400.yaml").read_text() + "apply: { watch: 1h, min_calls: 4 }\n")
    with serving(served) as (_, said):
        files, _ = read_folder(config)
        files["routes.yaml"] = COMPANY["routes.yaml"].encode() + b"# worse\n"

        async def apply(store: Store) -> None:
            await store.apply_revision(files, "li", None, time.time(), expected_current="r1")

        async def fail(store: Store) -> None:
            fault = Fault("node_limit", "configuration", Text("x", "x"))
            for index in range(4):
                await store.save(over(f"c{index}", time.time(), revision="r2", outcome="failed", fault=fault))

        in_store(served, apply)
        eventually(lambda: runs(said["url"]) == "r2")
        in_store(served, fail)
        eventually(lambda: runs(said["url"]) == "r1")
    newest = in_store(served, lambda store: store.activations(1))[0]
    assert (newest.kind, newest.author, newest.revision) == ("rollback", "line400", "r1")
