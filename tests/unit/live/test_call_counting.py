"""Which live calls count for the caps of a number, and what of the month the store adds."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from router.asterisk.counting import CallCounter
from router.book import RouteBook
from router.model import Configuration, Line, NumberFacts, Route
from router.record import CallRecord
from router.route_options import Caps
from router.store import Store
from router.traffic import Traffic, month_of

NUMBER = "4008001234"
AT = 1_791_770_400.0  # 2026-10-12T10:00+08:00
ZONE = ZoneInfo("Asia/Shanghai")
DAY = 86_400.0


def record(call_id: str, at: float = AT, *, test: bool = False, entered: bool = True) -> CallRecord:
    return CallRecord(
        call_id, "13800138000", "mobile", NUMBER, "header", NUMBER, at, test=test, entered=at if entered else None
    )


def closed(call_id: str, at: float, outcome: str = "completed", *, test: bool = False) -> CallRecord:
    return replace(record(call_id, at, test=test), outcome=outcome, ended=at + 5, hangup_by="caller", hangup_cause=16)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = await Store.open(f"sqlite:///{tmp_path / 'calls.db'}")
    yield opened
    await opened.close()


def book(month: int | None = 5) -> RouteBook:
    return RouteBook.compile(
        Configuration(
            numbers=(NumberFacts(NUMBER),),
            lines={"bj": Line("bj", "01088880001", "t")},
            routes={NUMBER: Route(NUMBER, "bj", "hello", caps=Caps(max_calls=2, max_calls_per_month=month))},
            flow_sources={"hello": ("hello.flow.yaml", "flow: hello\nnodes:\n  say:\n    play: 您好\n")},
        )
    )


def test_a_call_counts_while_it_is_up_and_once_for_its_month() -> None:
    traffic = Traffic()
    counter = CallCounter(traffic, ZONE)
    for _ in range(2):
        counter.connected(record("a"))
    assert (traffic.numbers[NUMBER], traffic.months[NUMBER, "2026-10"]) == (1, 1)
    for _ in range(2):
        counter.ended(record("a"))
    assert (traffic.numbers[NUMBER], traffic.months[NUMBER, "2026-10"]) == (0, 1)


def test_tests_and_calls_that_were_not_connected_never_count() -> None:
    traffic = Traffic()
    counter = CallCounter(traffic, ZONE)
    for call in (record("a", test=True), record("b", entered=False)):
        counter.connected(call)
        counter.ended(call)
    assert not +traffic.numbers
    assert not traffic.months


async def test_the_store_knows_the_calls_of_the_month(store: Store) -> None:
    calls = [
        closed("now", AT - DAY),
        closed("first", AT - 11 * DAY),
        closed("last month", AT - 20 * DAY),
        closed("refused", AT - DAY, "rejected"),
        closed("test", AT - DAY, test=True),
    ]
    for call in calls:
        await store.close_call(call)
    traffic = Traffic()
    counter = CallCounter(traffic, ZONE)
    await counter.learn(book(), store, AT)
    assert traffic.months[NUMBER, month_of(AT, ZONE)] == 2
    counter.connected(record("next"))
    await counter.learn(book(), store, AT)
    assert traffic.months[NUMBER, month_of(AT, ZONE)] == 3


async def test_numbers_without_such_a_cap_are_not_asked_for(store: Store) -> None:
    traffic = Traffic()
    await CallCounter(traffic, ZONE).learn(book(None), store, AT)
    assert not traffic.months
