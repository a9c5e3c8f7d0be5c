"""The writer of call records when the store fails, is slow, or is handed too much."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from ivr_flows.findings import Text
from router.store import CallWriter, StoreError
from router.store.errors import locked
from tests.stores import over, up


class Recorder:
    """A store that remembers what it is told to write, and fails as told."""

    where = "here"

    def __init__(self) -> None:
        self.rows: dict[str, Mapping[str, Any]] = {}
        self.transactions: list[list[str]] = []
        self.failures: list[StoreError] = []
        self.poison: set[str] = set()
        self.gate = asyncio.Event()
        self.gate.set()
        self.written = asyncio.Event()

    async def write_calls(self, opened: Sequence[Mapping[str, Any]], finished: Sequence[Mapping[str, Any]]) -> None:
        await self.gate.wait()
        if self.failures:
            raise self.failures.pop(0)
        rows = [*opened, *finished]
        if self.poison & {row["call_id"] for row in rows}:
            raise StoreError(Text("bad row", "坏行"), Text("-", "-"), "invalid_data")
        self.transactions.append([row["call_id"] for row in rows])
        self.rows.update({row["call_id"]: row for row in rows})
        self.written.set()


class Writing:
    """A writer on a `Recorder`, with what it reported."""

    def __init__(self, **options: Any) -> None:
        self.store = Recorder()
        self.reports: list[tuple[str, int]] = []
        self.writer = CallWriter(
            self.store,  # type: ignore[arg-type]
            "router-1",
            lambda error, lost: self.reports.append((error.code, lost)),
            **options,
        )


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("router.store.writer.FIRST_PAUSE_S", 0.001)
    monkeypatch.setattr("router.store.writer.LONGEST_PAUSE_S", 0.002)


async def test_calls_that_come_together_share_a_transaction() -> None:
    writing = Writing(interval=60.0)
    async with writing.writer as writer:
        for number in range(100):
            writer.journal(up(f"c{number}"))
        assert await writer.drain()
    assert [len(transaction) for transaction in writing.store.transactions] == [100]


async def test_a_batch_is_bounded() -> None:
    writing = Writing(batch=30)
    async with writing.writer as writer:
        for number in range(100):
            writer.journal(up(f"c{number}"))
    assert [len(transaction) for transaction in writing.store.transactions] == [30, 30, 30, 10]


async def test_without_a_drain_a_record_is_written_by_itself() -> None:
    writing = Writing(interval=0.001)
    async with writing.writer as writer:
        writer.journal(up())
        await writing.store.written.wait()
    assert writing.store.rows["c1"]["router_id"] == "router-1"


async def test_a_call_that_ends_before_it_is_written_is_written_once() -> None:
    writing = Writing()
    async with writing.writer as writer:
        writer.journal(up())
        writer.close_call(over())
        writer.journal(up())
    assert writing.store.transactions == [["c1"]]
    assert writing.store.rows["c1"]["outcome"] == "queued"


async def test_what_happens_to_a_record_after_it_was_handed_over_does_not_reach_the_row() -> None:
    writing = Writing()
    record = up(path=["greeting"])
    async with writing.writer as writer:
        writer.journal(record)
        record.path = ["greeting", "menu"]
        record.outcome = "completed"
    assert writing.store.rows["c1"]["path"] == ["greeting"]
    assert writing.store.rows["c1"]["outcome"] is None


async def test_a_failing_store_is_tried_again_and_nothing_is_lost() -> None:
    writing = Writing()
    writing.store.failures = [locked("here"), locked("here"), locked("here")]
    async with writing.writer as writer:
        writer.journal(up("a"))
        writer.close_call(over("b"))
        assert await writer.drain()
        assert writer.waiting == 0
    assert set(writing.store.rows) == {"a", "b"}
    assert writing.reports == [("locked", 0)] * 3


async def test_what_comes_while_a_write_fails_is_newer_than_what_failed() -> None:
    writing = Writing(interval=0.0)
    writing.store.gate.clear()
    writing.store.failures = [locked("here")]
    async with writing.writer as writer:
        writer.journal(up("a"))
        writer.journal(up("b"))
        await asyncio.sleep(0.01)
        writer.close_call(over("a"))
        writer.journal(up("b", path=["menu"]))
        writing.store.gate.set()
        assert await writer.drain()
    assert writing.store.rows["a"]["outcome"] == "queued"
    assert writing.store.rows["b"]["path"] == ["menu"]
    assert sorted(writing.store.transactions[0]) == ["a", "b"]


async def test_one_record_that_the_store_does_not_take_does_not_cost_the_others() -> None:
    writing = Writing()
    writing.store.poison = {"bad"}
    async with writing.writer as writer:
        for call_id in ("a", "bad", "b"):
            writer.close_call(over(call_id))
        assert await writer.drain()
    assert set(writing.store.rows) == {"a", "b"}
    assert writing.reports == [("invalid_data", 1)]


async def test_what_waits_is_bounded_and_ends_are_kept_longest() -> None:
    writing = Writing(limit=10, interval=60.0)
    async with writing.writer as writer:
        for number in range(8):
            writer.journal(up(f"up{number}"))
        for number in range(8):
            writer.close_call(over(f"over{number}"))
        assert writer.waiting == 10
        assert writing.reports == [("failed", 1)] * 6
    assert set(writing.store.rows) == {"up6", "up7"} | {f"over{number}" for number in range(8)}


async def test_closing_does_not_wait_for_ever_for_a_dead_store() -> None:
    writing = Writing()
    writing.store.gate.clear()
    writing.writer.start()
    writing.writer.journal(up("a"))
    writing.writer.close_call(over("b"))
    assert not await writing.writer.close(timeout=0.05)
    assert writing.writer.waiting == 2


async def test_a_drain_says_when_its_time_ran_out() -> None:
    writing = Writing()
    writing.store.gate.clear()
    async with writing.writer as writer:
        writer.journal(up())
        assert not await writer.drain(timeout=0.02)
        writing.store.gate.set()
        assert await writer.drain()


async def test_a_mistake_in_the_program_is_not_swallowed() -> None:
    writing = Writing()
    writing.store.failures = [RuntimeError("bug")]  # type: ignore[list-item]
    writing.writer.start()
    writing.writer.journal(up())
    with pytest.raises(RuntimeError, match="bug"):
        await writing.writer.close()


async def test_a_call_that_is_up_cannot_be_closed() -> None:
    writing = Writing()
    with pytest.raises(ValueError, match="still up"):
        writing.writer.close_call(up())
    assert await writing.writer.close()
