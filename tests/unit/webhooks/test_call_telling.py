"""What a router tells of its calls: in order, once, and no call waits for it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from router.clock import Clock
from router.happenings import KINDS
from router.model import WebhookReceiver, WebService
from router.record import CallRecord
from router.store import Store, StoreError
from router.store.errors import read_only
from router.webhooks import CallTeller
from tests.unit.live.little_switch import Call, Rig, until

RECEIVER = WebhookReceiver("crm", WebService("http://127.0.0.1:9/hook"))


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    found = Rig()
    settings = replace(found.configuration.settings, webhooks=(RECEIVER,))
    found.configuration = replace(found.configuration, settings=settings)
    yield found
    await found.stop()


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    async with await Store.open(f"sqlite:///{tmp_path}/line400.db") as found:
        yield found


async def told(store: Store) -> list[tuple[str, dict[str, Any]]]:
    rows = await store.deliveries(receiver="crm", limit=1000)
    return [(row.happening.kind, dict(row.happening.data)) for row in reversed(rows)]


async def test_a_call_is_told_of_as_it_goes_on(rig: Rig, store: Store) -> None:
    router = await rig.start(store)
    await Call("01088880001", LINE400_CALL_ID="c-77").run(router.fastagi_port)
    await router.stop()
    await store.spread({"crm": frozenset(KINDS)}, 0.0)
    found = await told(store)
    assert sorted(kind for kind, _ in found) == sorted(
        ["call.started", "call.answered", *["call.node_entered"] * 3, "call.ended", "call.cdr_ready"]
    )
    assert [data["node"] for kind, data in found if kind == "call.node_entered"] == ["greet", "menu", "end"]
    (ended,) = [data for kind, data in found if kind == "call.ended"]
    assert (ended["outcome"], ended["called"], ended["hangup_by"]) == ("completed", "4008001234", "flow")
    assert all("01088880001" not in str(data) for kind, data in found if kind != "call.cdr_ready")


async def test_nothing_is_told_of_a_test_call(rig: Rig, store: Store) -> None:
    router = await rig.start(store)
    await Call("01088880001", LINE400_TEST="1").run(router.fastagi_port)
    await router.stop()
    await store.spread({"crm": frozenset(KINDS)}, 0.0)
    assert await told(store) == []


class Away:
    """A store that is away, and comes back."""

    def __init__(self) -> None:
        self.away = True
        self.kept: list[str] = []

    async def tell(self, told: list[Any]) -> None:
        if self.away:
            raise read_only("here")
        self.kept += [one.id for one in told]


def record(call_id: str) -> CallRecord:
    return CallRecord(
        call_id=call_id,
        caller=None,
        caller_kind="hidden",
        called="4008001234",
        called_by="header",
        dialled="01088880001",
        started=1.0,
        path=["greet"],
    )


async def test_what_the_store_does_not_take_waits_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("router.webhooks.telling.PAUSE_S", 0.02)
    monkeypatch.setattr("router.webhooks.telling.GATHER_S", 0.0)
    store: Any = Away()
    teller = CallTeller(store, Clock(), frozenset(KINDS))
    teller.start()
    teller.began(record("a"))
    teller.ended(record("a"))
    store.away = False
    await until(lambda: len(store.kept) == 3)
    await teller.stop()
    assert store.kept == ["a/0", "a/1", "a/2"]
    assert issubclass(StoreError, Exception)


async def test_a_store_that_stays_away_costs_the_oldest_and_no_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("router.webhooks.telling.MOST_WAITING", 10)
    store: Any = Away()
    teller = CallTeller(store, Clock(), frozenset(KINDS))
    for place in range(20):
        teller.began(record(f"c{place}"))
    assert teller.given_up == 10
    store.away = False
    await teller.stop()
    assert store.kept == [f"c{place}/0" for place in range(10, 20)]


async def test_only_what_somebody_wants_is_written_and_ids_do_not_depend_on_it() -> None:
    store: Any = Away()
    store.away = False
    teller = CallTeller(store, Clock(), frozenset({"call.ended"}))
    teller.began(record("a"))
    teller.ended(record("a"))
    await teller.stop()
    assert store.kept == ["a/2"]
