"""Caps and PINs of live calls: what counts, across a restart too, and that a PIN stands nowhere."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from router.record import CallRecord
from router.store import Store

from .little_switch import AT, FILES, Call, Rig, configuration

CALLER = "13800138000"


def rig_with(route: str) -> Rig:
    rig = Rig()
    routes = FILES["routes.yaml"].replace("    flow: hello\n    rules:", f"    flow: hello\n{route}    rules:", 1)
    rig.configuration = configuration(FILES | {"routes.yaml": routes})
    return rig


@pytest.fixture
async def rig(request: pytest.FixtureRequest) -> AsyncIterator[Rig]:
    found = rig_with(request.param)
    yield found
    await found.stop()


@pytest.mark.parametrize("rig", ["    max_calls: 1\n"], indirect=True)
async def test_a_second_call_at_once_is_one_too_many_and_tests_do_not_count(rig: Rig) -> None:
    router = await rig.start()
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def hold(command: str) -> None:
        if command.startswith("STREAM FILE"):
            begun.set()
            await go_on.wait()

    await Call("01088880001", LINE400_TEST="1").run(router.fastagi_port, "1.0")
    first = asyncio.create_task(Call("01088880001").run(router.fastagi_port, "1.1", on=hold))
    await begun.wait()
    await Call("01088880001").run(router.fastagi_port, "1.2")
    go_on.set()
    await first
    await Call("01088880001").run(router.fastagi_port, "1.3")
    told = [(record.outcome, record.fault.code if record.fault else None) for record in rig.records]
    assert told == [("completed", None), ("rejected", "over_calls"), ("completed", None), ("completed", None)]


@pytest.mark.parametrize("rig", ["    max_calls_per_month: 2\n"], indirect=True)
async def test_the_calls_of_the_month_before_a_restart_count(rig: Rig, tmp_path: Path) -> None:
    earlier = CallRecord(
        "earlier",
        CALLER,
        "mobile",
        "4008001234",
        "header",
        "4008001234",
        AT - 3600,
        outcome="completed",
        ended=AT - 3500,
    )
    async with await Store.open(f"sqlite:///{tmp_path}/line400.db") as store:
        await store.close_call(earlier)
        await store.close_call(replace(earlier, call_id="a test", test=True))
        router = await rig.start(store)
        for number in range(2):
            await Call("01088880001").run(router.fastagi_port, f"1.{number}")
        await rig.stop()
    assert [record.outcome for record in rig.records] == ["completed", "rejected"]
    last = rig.records[-1]
    assert last.fault is not None
    assert last.fault.code == "over_month"


@pytest.mark.parametrize("rig", ['    pin: { codes: "8642", prompt: 密码。 }\n'], indirect=True)
async def test_a_pin_is_asked_for_and_stands_in_no_record_and_no_log(
    rig: Rig, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with await Store.open(f"sqlite:///{tmp_path}/line400.db") as store:
        router = await rig.start(store)
        await Call("01088880001", keys="86421", LINE400_CALL_ID="right").run(router.fastagi_port, "1.1")
        await Call("01088880001", keys="1111", LINE400_CALL_ID="wrong").run(router.fastagi_port, "1.2")
        await rig.stop()
        kept = [await store.get_call(name) for name in ("right", "wrong")]
    right, wrong = kept
    assert right is not None
    assert wrong is not None
    assert (list(right.path), right.pressed, right.outcome) == (["pin", "greet", "menu", "end"], "•,1", "completed")
    assert (list(wrong.path), wrong.pressed) == (["pin", "pin-denied"], "•,,")
    assert "8642" not in caplog.text + repr(kept)
