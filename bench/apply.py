"""From the commit of a revision to all of four routers running it."""

from __future__ import annotations

import asyncio
import logging
import shutil
import tempfile
import time
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

NUMBERS = 1_000
ROUTERS = 4
MOST_SECONDS = 1.0


def _company(folder: Path) -> None:
    config = folder / "config"
    config.mkdir()
    (config / "line400.yaml").write_text("company: 示例科技\nstore: sqlite:///var/line400.db\n")
    (config / "lines.yaml").write_text("lines:\n  bj: { base_number: 010-88880001, province: 北京, trunk: bj }\n")
    numbers = [f"400{8_000_000 + index}" for index in range(NUMBERS)]
    (config / "numbers.csv").write_text("number,purchased\n" + "".join(f"{number},2026-01-01\n" for number in numbers))
    (config / "routes.csv").write_text("number,line,flow\n" + "".join(f"{number},bj,welcome\n" for number in numbers))


async def _in_force(folder: Path) -> float:
    from router.app.invocation import Invocation
    from router.app.served import Revisions
    from router.app.serving import loader_of
    from router.asterisk.service import LiveRouter
    from router.book import RouteBook
    from router.clock import Clock
    from router.configuration import load
    from router.model import Endpoint
    from router.store import Store

    invocation = Invocation(config=folder / "config", quiet=True)
    configuration = load(invocation.config).configuration
    assert configuration is not None
    url = configuration.settings.store
    book = RouteBook.compile(configuration, "r1")
    settings = replace(configuration.settings, fastagi=Endpoint(port=0), asterisk=Endpoint(port=1, username="line400"))
    async with AsyncExitStack() as stack:
        applying = await stack.enter_async_context(await Store.open(url))
        await applying.apply_revision(configuration.files, "bench", None, 1.0, expected_current=None)
        routers: list[LiveRouter] = []
        for _ in range(ROUTERS):
            store = await stack.enter_async_context(await Store.open(url))
            router = LiveRouter(
                book,
                store,
                Clock(),
                settings,
                ami_secret="bench",
                loader=loader_of(invocation, store, Revisions()),
                drain_seconds=0.0,
                ami_wait_seconds=0.0,
            )
            await router.start()
            stack.push_async_callback(router.stop)
            routers.append(router)
        files = {**configuration.files, "lines.yaml": configuration.files["lines.yaml"] + b"# another\n"}
        made = await applying.apply_revision(files, "bench", None, 2.0, expected_current="r1")
        began = time.perf_counter()
        async with asyncio.timeout(60):
            while any(router.book.revision != made.revision for router in routers):  # noqa: ASYNC110 - it is measured
                await asyncio.sleep(0.002)
        return time.perf_counter() - began


def apply_in_force_seconds() -> dict[str, object]:
    """The slowest of the four routers, each with a connection of its own to one SQLite file; the worst of three."""
    logging.getLogger("line400").setLevel(logging.CRITICAL)  # there is no switch, and that is told each time
    worst = 0.0
    for _ in range(3):
        folder = Path(tempfile.mkdtemp(prefix="line400-bench-"))
        try:
            _company(folder)
            worst = max(worst, asyncio.run(_in_force(folder)))
        finally:
            shutil.rmtree(folder)
    return {
        "value": round(worst, 3),
        "unit": "s",
        "reference": MOST_SECONDS,
        "ratio": round(MOST_SECONDS / worst, 2),
        "note": f"{ROUTERS} routers, {NUMBERS:,} numbers, loading and compiling included",
    }
