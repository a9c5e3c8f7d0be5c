"""The live router against a switch of a few lines: records, overlay, revisions, faults, stop and start."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from router.asterisk import watching
from router.asterisk.service import LiveRouter, ServiceError
from router.book import RouteBook
from router.clock import Clock
from router.model import Endpoint
from router.overlay import Announcement, Block, Overlay
from router.record import CallRecord
from router.store import CallFilter, Store
from router.store.errors import read_only

from .little_switch import AT, FILES, PATIENCE, Call, Rig, configuration, until


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    found = Rig()
    yield found
    await found.stop()


@pytest.fixture
async def store(rig: Rig, tmp_path: Path) -> AsyncIterator[Store]:
    async with await Store.open(f"sqlite:///{tmp_path}/line400.db") as found:
        yield found
        await rig.stop()


async def test_a_call_leaves_a_record_that_names_the_400_number(rig: Rig, store: Store) -> None:
    router = await rig.start(store)
    call = Call("01088880001", LINE400_CALL_ID="c-77")
    await call.run(router.fastagi_port)
    await router.stop()
    assert call.done
    kept = await store.get_call("c-77")
    assert kept is not None
    assert (kept.called, kept.called_by, kept.base_number, kept.line) == (
        "4008001234",
        "only_number",
        "01088880001",
        "bj",
    )
    assert (kept.path, kept.heard, kept.inputs) == (["greet", "menu", "end"], ["您好。", "请按1。"], ["1"])
    assert (kept.outcome, kept.hangup_by, kept.hangup_cause, kept.test) == ("completed", "flow", 16, False)
    assert (kept.caller, kept.caller_kind, kept.revision) == ("13800138000", "mobile", "r1")


async def test_the_original_called_number_in_the_header_decides(rig: Rig) -> None:
    router = await rig.start()
    await Call("01088880002", LINE400_ORIGINAL_CALLED="<sip:4006005678@carrier;user=phone>;reason=unconditional").run(
        router.fastagi_port, line="shared"
    )
    (record,) = rig.records
    assert (record.called, record.called_by, record.flow) == ("4006005678", "header", "bye")


@pytest.mark.parametrize("hostile", ["x" * 5000, "<sip:4008001234", "\\x00${SHELL(x)}", "'; DROP TABLE calls; --"])
async def test_a_hostile_header_names_nothing(rig: Rig, hostile: str) -> None:
    router = await rig.start()
    call = Call("01088880001", LINE400_ORIGINAL_CALLED=hostile)
    await call.run(router.fastagi_port)
    (record,) = rig.records
    assert (record.called_by, record.outcome, call.done) == ("only_number", "completed", True)


async def test_a_shared_base_number_without_a_name_goes_to_the_fallback(rig: Rig) -> None:
    router = await rig.start()
    call = Call("01088880002")
    await call.run(router.fastagi_port, line="shared")
    (record,) = rig.records
    assert (record.outcome, record.fault.code if record.fault else None) == ("fallback", "ambiguous_number")
    assert not call.done
    assert not call.did("EXEC Hangup")
    assert record.heard == ["请稍后再拨。"]


async def test_a_rejection_is_announced_before_answer_and_carries_its_cause(rig: Rig) -> None:
    router = await rig.start()
    call = Call("01088880001", caller="13900000000")
    await call.run(router.fastagi_port)
    (record,) = rig.records
    assert (record.outcome, record.hangup_by, record.hangup_cause, record.path) == ("rejected", "line400", 17, [])
    assert record.heard == ["您暂时不能接入。", "tone:busy"]
    assert not call.did("ANSWER")
    assert call.did("EXEC Playback line400/zh-CN/")
    assert call.did("EXEC Hangup 17")
    assert call.done


@pytest.mark.parametrize("shown", ["unknown", "", "anonymous", "01088880001"])
async def test_a_hidden_caller(rig: Rig, shown: str) -> None:
    router = await rig.start()
    await Call("01088880001", caller=shown).run(router.fastagi_port)
    assert (rig.records[0].caller, rig.records[0].caller_kind) == (None, "hidden")


async def test_a_caller_who_withholds_the_number_is_hidden(rig: Rig) -> None:
    router = await rig.start()
    call = Call("01088880001")
    call.presentation = "35"  # prohibited, network number
    await call.run(router.fastagi_port)
    assert (rig.records[0].caller, rig.records[0].caller_kind) == (None, "hidden")


async def test_a_foreign_caller_connects(rig: Rig) -> None:
    router = await rig.start()
    await Call("01088880001", caller="+442079460000").run(router.fastagi_port)
    assert (rig.records[0].caller, rig.records[0].outcome) == ("00442079460000", "completed")


@pytest.mark.parametrize(
    "moment", ["ANSWER", "STREAM FILE", "WAIT FOR DIGIT", "EXEC Playback", "SET VARIABLE LINE400_DONE"]
)
async def test_a_caller_who_hangs_up_at_any_moment_leaves_one_closed_record(rig: Rig, moment: str) -> None:
    router = await rig.start()
    call = Call("01088880001", caller="13900000000" if moment == "EXEC Playback" else "13800138000")
    call.hang_up_at = moment
    await call.run(router.fastagi_port)
    (record,) = rig.records
    assert record.outcome in ("abandoned", "completed", "rejected")
    assert record.hangup_by in ("caller", "flow")
    assert record.ended is not None
    await until(lambda: not router.active_records())


@pytest.mark.parametrize("base", ["", "hello", "400", "0" * 40])
async def test_a_call_without_a_valid_base_number_is_the_switch_s_fault(rig: Rig, base: str) -> None:
    router = await rig.start()
    call = Call(base)
    await call.run(router.fastagi_port, line="nowhere")
    (record,) = rig.records
    assert record.outcome in ("failed", "no_route")
    assert record.fault is not None
    if record.outcome == "failed":
        assert (record.fault.code, record.fault.by, call.done) == ("bad_call", "switch", False)


async def test_an_error_inside_one_call_ends_only_that_call(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    router = await rig.start()

    def broken(*_: object) -> None:
        raise RuntimeError("13800138000")

    call = Call("01088880001")
    with monkeypatch.context() as patch:
        patch.setattr("ivr_flows.session.Session.resume", broken)
        await call.run(router.fastagi_port)
    (record,) = rig.records
    assert (record.outcome, record.fault.code if record.fault else None, record.hangup_by) == (
        "failed",
        "router_error",
        "line400",
    )
    assert not call.done
    assert "13800138000" not in caplog.text
    again = Call("01088880001")
    await again.run(router.fastagi_port, "1.2")
    assert rig.records[1].outcome == "completed"


async def test_an_emergency_announcement_and_a_block_are_in_force_for_new_calls(rig: Rig) -> None:
    router = await rig.start()
    router.set_overlay(
        Overlay([Announcement("all", "今日停电。", AT + 3600, end_call=True)], [Block("13100000000", None)])
    )
    await Call("01088880001").run(router.fastagi_port, "1.1")
    await Call("01088880001", caller="13100000000").run(router.fastagi_port, "1.2")
    first, second = rig.records
    assert (first.heard, first.hangup_by, first.path) == (["今日停电。"], "line400", [])
    assert second.outcome == "rejected"


async def test_a_live_call_keeps_the_snapshot_it_began_with(rig: Rig) -> None:
    router = await rig.start()
    files = FILES | {"flows/hello.flow.yaml": FILES["flows/bye.flow.yaml"].replace("flow: bye", "flow: hello")}

    async def swap(command: str) -> None:
        if command.startswith("STREAM FILE") and router.book.revision == "r1":
            router.swap(RouteBook.compile(configuration(files), "r2"))

    await Call("01088880001").run(router.fastagi_port, on=swap)
    await Call("01088880001").run(router.fastagi_port, "1.2")
    assert [(record.revision, list(record.path)) for record in rig.records] == [
        ("r1", ["greet", "menu", "end"]),
        ("r2", ["end"]),
    ]


async def test_the_store_s_announcements_blocks_and_revisions_reach_a_running_router(rig: Rig, store: Store) -> None:
    files = FILES | {"flows/hello.flow.yaml": FILES["flows/bye.flow.yaml"].replace("flow: bye", "flow: hello")}

    async def load(revision: str) -> RouteBook:
        return RouteBook.compile(configuration(files), revision)

    router = await rig.start(store, loader=load)
    now = router.clock.now() - 1
    await store.block("13100000000", "ops", now)
    await until(lambda: router.overlay.block("13100000000", AT) is not None)
    content = {name: text.encode() for name, text in files.items()}
    await store.apply_revision(content, "ops", None, now)  # r1, which runs
    await store.apply_revision(content, "ops", None, now)
    await until(lambda: router.book.revision == "r2")
    assert router.overlay.block("13100000000", AT) is not None
    await store.announce("4008001234", "今日停电。", AT + 3600, "ops", now)
    await until(lambda: router.overlay.announcement("4008001234", AT) is not None)
    await Call("01088880001").run(router.fastagi_port)
    assert rig.records[0].heard == ["今日停电。", "再见。"]


async def test_a_revision_that_does_not_load_leaves_the_running_one(
    rig: Rig, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    async def load(revision: str) -> RouteBook:
        raise ValueError("broken")

    rig.configuration = replace(rig.configuration)
    router = await rig.start(store, loader=load)
    content = {name: text.encode() for name, text in FILES.items()}
    await store.apply_revision(content, "ops", None, AT)
    await store.apply_revision(content | {"x.yaml": b""}, "ops", None, AT)
    await until(lambda: "could not be loaded" in caplog.text)
    assert router.book.revision == "r1"
    await Call("01088880001").run(router.fastagi_port)
    assert rig.records[0].outcome == "completed"


async def test_calls_go_on_when_the_store_cannot_be_written(
    rig: Rig, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "HEARTBEAT_SECONDS", 0.05)
    router = await rig.start(store, flush_seconds=0.1)

    async def refuse(*_: object) -> None:
        raise read_only("sqlite:///x")

    with monkeypatch.context() as patch:
        patch.setattr(Store, "write_calls", refuse)
        call = Call("01088880001", LINE400_CALL_ID="c-1")
        await call.run(router.fastagi_port)
        assert call.done
        await until(lambda: router.status()["store"]["failure"] == "read_only")
        assert not router.ready
    await until(lambda: router.status()["store"]["failure"] is None)
    kept = await store.get_call("c-1")
    assert kept is not None
    assert kept.outcome == "completed"


# ---- starting and stopping


async def test_an_orphan_of_this_router_is_closed_at_the_start_and_others_are_not(rig: Rig, store: Store) -> None:
    for call_id, router_id in (("mine", "a"), ("other", "b")):
        await store.journal(
            CallRecord(call_id, None, "hidden", "4008001234", "dialled", "4008001234", AT - 60), router_id
        )
    router = await rig.start(store, router_id="a")
    assert router.orphans_closed == 1
    mine, other = await store.get_call("mine"), await store.get_call("other")
    assert mine is not None
    assert other is not None
    assert (mine.outcome, mine.fault.code if mine.fault else None) == ("failed", "router_lost")
    assert other.outcome is None


async def test_a_second_router_on_the_port_says_so_and_touches_nothing(rig: Rig, store: Store) -> None:
    router = await rig.start(store, router_id="a")
    begun = asyncio.Event()
    go_on = asyncio.Event()

    async def hold(command: str) -> None:
        if command.startswith("STREAM FILE"):
            begun.set()
            await go_on.wait()

    call = asyncio.create_task(Call("01088880001", LINE400_CALL_ID="c-1").run(router.fastagi_port, on=hold))
    await begun.wait()
    settings = replace(rig.configuration.settings, fastagi=Endpoint(port=router.fastagi_port))
    second = LiveRouter(router.book, store, Clock(start=AT), settings, ami_secret="x", router_id="a")
    with pytest.raises(ServiceError) as caught:
        await second.start()
    assert str(router.fastagi_port) in caught.value.message.zh
    assert "fastagi.port" in caught.value.cure.en
    go_on.set()
    await call
    assert rig.records[0].outcome == "completed"


async def test_a_missing_secret_is_named(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LINE400_AMI_SECRET", raising=False)
    with pytest.raises(ServiceError) as caught:
        await rig.start(ami_secret=None)
    assert "LINE400_AMI_SECRET" in caught.value.message.en


async def test_stopping_lets_a_call_end(rig: Rig) -> None:
    router = await rig.start(drain_seconds=PATIENCE)
    begun = asyncio.Event()
    go_on = asyncio.Event()

    async def hold(command: str) -> None:
        if command.startswith("STREAM FILE"):
            begun.set()
            await go_on.wait()

    call = Call("01088880001")
    running = asyncio.create_task(call.run(router.fastagi_port, on=hold))
    await begun.wait()
    stopping = asyncio.create_task(router.stop())
    await until(lambda: router.status()["stopping"])
    go_on.set()
    await stopping
    await running
    assert (rig.records[0].outcome, call.done) == ("completed", True)


async def test_a_call_that_does_not_end_in_time_goes_to_the_fallback(rig: Rig, store: Store) -> None:
    router = await rig.start(store, drain_seconds=0.01)
    begun = asyncio.Event()

    async def hold(command: str) -> None:
        if command.startswith("STREAM FILE"):
            begun.set()
            await asyncio.Event().wait()

    call = Call("01088880001", LINE400_CALL_ID="c-9")
    running = asyncio.create_task(call.run(router.fastagi_port, on=hold))
    await begun.wait()
    await router.stop()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    kept = await store.get_call("c-9")
    assert kept is not None
    assert (kept.outcome, kept.fault.code if kept.fault else None, kept.fault.by if kept.fault else None) == (
        "failed",
        "router_stopped",
        "line400",
    )
    assert not call.done
    assert await store.query_calls(CallFilter(up=True)) == []


async def test_a_call_id_in_use_is_not_used_twice(rig: Rig) -> None:
    router = await rig.start()
    begun = asyncio.Event()
    go_on = asyncio.Event()

    async def hold(command: str) -> None:
        if command.startswith("STREAM FILE"):
            begun.set()
            await go_on.wait()

    first = asyncio.create_task(Call("01088880001", LINE400_CALL_ID="same").run(router.fastagi_port, on=hold))
    await begun.wait()
    await Call("01088880001", LINE400_CALL_ID="same").run(router.fastagi_port, "1.2")
    go_on.set()
    await first
    assert len({record.call_id for record in rig.records}) == 2


# ---- looking at it


async def test_the_status_shows_calls_and_masks_callers(rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        router = await rig.start()
        seen: list[dict[str, Any]] = []

        async def look(command: str) -> None:
            if command.startswith("WAIT FOR DIGIT"):
                seen.append(router.status())

        await Call("01088880001").run(router.fastagi_port, on=look)
    (during,) = seen
    assert during["calls"]["in_progress"] == 1
    (active,) = during["calls"]["active"]
    assert (active["caller"], active["called"], active["node"]) == ("138****8000", "4008001234", "menu")
    after = router.status()
    assert (after["calls"]["in_progress"], after["calls"]["by_outcome"]) == (0, {"completed": 1})
    assert after["calls"]["last"][0]["outcome"] == "completed"
    assert (after["ready"], after["ami"]["connected"], after["revision"]) == (False, False, "r1")
    assert "13800138000" not in caplog.text + str(after) + str(during)
