"""A switch with its AGI server, fresh for every test."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from .target import Bench, Manager


@pytest_asyncio.fixture
async def bench() -> AsyncIterator[Bench]:
    bench = Bench()
    await bench.start()
    yield bench
    await Manager.close_all()
    await bench.stop()


@pytest_asyncio.fixture
async def target(bench: Bench) -> Bench:
    """What the transcripts run against."""
    return bench


@pytest_asyncio.fixture
async def manager(bench: Bench) -> Manager:
    return await Manager.connect(bench.switch.ami_port, "lab", "lab-secret")
