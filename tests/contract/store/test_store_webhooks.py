"""What is to be told is written in the transaction in which it happens, and a delivery is tried until it is over."""

from __future__ import annotations

import asyncio
from datetime import UTC

import pytest

from router.happenings import KINDS, Happening, Telling
from router.store import Store
from router.store.webhooks import LEASE_S, Delivery, Outcome
from tests.stores import FILES, NOON, over, up

EVERYTHING = {"crm": frozenset(KINDS)}


def happening(name: str = "x/0", kind: str = "call.started") -> Happening:
    return Happening(name, kind, "x", NOON, {"call_id": "x"})


async def due(store: Store, at: float = NOON, receiver: str = "crm") -> list[Delivery]:
    await store.spread(EVERYTHING, at)
    return await store.take_deliveries(receiver, at, 100)


async def test_what_is_told_twice_is_delivered_once(store: Store) -> None:
    await store.tell([happening(), happening("x/1")])
    await store.tell([happening(), happening("x/2")])
    assert [one.happening.id for one in await due(store)] == ["x/0", "x/1", "x/2"]


async def test_each_receiver_gets_the_kinds_it_wants(store: Store) -> None:
    await store.tell([happening("a", "call.started"), happening("b", "call.ended")])
    assert await store.spread({"all": frozenset(KINDS), "ends": frozenset({"call.ended"})}, NOON) == 2
    assert [one.happening.id for one in await store.take_deliveries("all", NOON, 9)] == ["a", "b"]
    assert [one.happening.id for one in await store.take_deliveries("ends", NOON, 9)] == ["b"]
    assert await store.spread({"late": frozenset(KINDS)}, NOON) == 0


async def test_what_was_taken_comes_again_when_its_router_is_lost(store: Store) -> None:
    await store.tell([happening()])
    assert len(await due(store)) == 1
    assert await due(store, NOON + LEASE_S - 1) == []
    (again,) = await due(store, NOON + LEASE_S)
    assert again.tries == 0


async def test_two_routers_do_not_take_the_same_delivery(store: Store) -> None:
    await store.tell([happening(f"x/{place}") for place in range(40)])
    await store.spread(EVERYTHING, NOON)
    taken = await asyncio.gather(*(store.take_deliveries("crm", NOON, 10) for _ in range(6)))
    ids = [one.id for some in taken for one in some]
    assert len(ids) == len(set(ids))
    while some := await store.take_deliveries("crm", NOON, 10):
        ids += [one.id for one in some]
    assert sorted(set(ids)) == sorted(ids)
    assert len(ids) == 40


async def test_a_failed_try_waits_a_dead_letter_is_kept_and_sent_again_when_asked(store: Store) -> None:
    await store.tell([happening()])
    (one,) = await due(store)
    await store.end_tries([Outcome(one.id, "waiting", "status 500", NOON + 30)], NOON)
    assert await due(store, NOON + 29) == []
    (one,) = await due(store, NOON + 30)
    assert (one.tries, one.said) == (1, "status 500")
    await store.end_tries([Outcome(one.id, "dead", "status 500", None)], NOON + 31)
    assert await due(store, NOON + 10_000) == []
    (dead,) = await store.deliveries(state="dead")
    assert (dead.tries, dead.ended) == (2, NOON + 31)
    assert await store.replay_deliveries(NOON + 40, "anna", NOON + 40, "mended", receiver="other") == 0
    assert await store.replay_deliveries(NOON + 40, "anna", NOON + 40, "mended", ids=[dead.id]) == 1
    (one,) = await due(store, NOON + 40)
    await store.end_tries([Outcome(one.id, "delivered", None, None)], NOON + 41)
    assert await store.count_deliveries() == {("crm", "delivered"): 1}
    entries = await store.audit_entries()
    assert [(entry.actor, entry.action, entry.reason) for entry in entries] == [("anna", "replay_webhooks", "mended")]


async def test_a_delivery_that_is_over_is_not_ended_again(store: Store) -> None:
    await store.tell([happening()])
    (one,) = await due(store)
    await store.end_tries([Outcome(one.id, "delivered", None, None)], NOON)
    await store.end_tries([Outcome(one.id, "dead", "late", None)], NOON + 1)
    assert await store.count_deliveries() == {("crm", "delivered"): 1}


async def test_old_happenings_are_forgotten_with_their_deliveries(store: Store) -> None:
    await store.tell([happening()])
    await store.spread(EVERYTHING, NOON)
    assert await store.forget_happenings(NOON) == 0
    assert await store.forget_happenings(NOON + 1) == 1
    assert await store.deliveries() == []


@pytest.mark.parametrize("again", [False, True])
async def test_a_record_is_told_of_when_it_is_in_the_store_and_once(store: Store, again: bool) -> None:
    store.telling = Telling(frozenset(KINDS), UTC)
    await store.journal(up("c1"), "r")
    assert await due(store) == []
    await store.close_call(over("c1"), "r")
    if again:
        await store.close_call(over("c1"), "r")
    (one,) = await due(store)
    assert (one.happening.kind, one.happening.subject) == ("call.cdr_ready", "c1")
    assert one.happening.data["record"]["call_id"] == "c1"
    assert one.happening.data["assumed"] is False


async def test_a_call_closed_for_a_lost_router_is_told_of_as_assumed_and_then_as_it_was(store: Store) -> None:
    store.telling = Telling(frozenset(KINDS), UTC)
    await store.journal(up("c1"), "r")
    assert await store.close_orphans("r", NOON + 60) == 1
    await store.close_call(over("c1"), "r")
    assert [one.happening.data["assumed"] for one in await due(store)] == [True, False]


async def test_nobody_is_told_of_test_calls(store: Store) -> None:
    store.telling = Telling(frozenset(KINDS), UTC)
    await store.close_call(over("c1", test=True), "r")
    assert await due(store) == []


async def test_a_revision_that_comes_into_force_is_told_of(store: Store) -> None:
    await store.apply_revision(FILES, "anna", "first", NOON, expected_current=None)
    (one,) = await due(store)
    assert (one.happening.kind, one.happening.subject) == ("revision.applied", "r1")
    assert one.happening.data == {
        "revision": "r1",
        "before": None,
        "kind": "apply",
        "author": "anna",
        "reason": "first",
    }


async def test_a_refused_apply_tells_nobody(store: Store) -> None:
    await store.apply_revision(FILES, "anna", "first", NOON, expected_current=None)
    with pytest.raises(Exception, match="current revision"):
        await store.apply_revision(FILES, "anna", "again", NOON, expected_current=None)
    assert len(await due(store)) == 1
