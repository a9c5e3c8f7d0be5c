"""What the store promises of revisions that come into force at a moment, on every database."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from ivr_flows.findings import Fault, Text
from router.store import ROUTER_LOST, Conflict, LiveOutcomes, Scheduled, Store, StoreError
from tests.stores import FILES, NOON, Opener, over

PAST, FUTURE = 1.0, 4e9
SCENARIOS = {"scenarios/a.scenario.yaml": b"scenario: a\n"}


async def scheduled(store: Store, due: float = PAST, base: str | None = None) -> Scheduled:
    return await store.schedule(
        FILES, SCENARIOS, due, "li", "开业", NOON, base=base, overrides={"preflight": "known to fail"}
    )


async def test_what_is_scheduled_is_kept_and_not_yet_in_force(store: Store) -> None:
    later = await scheduled(store, FUTURE)
    sooner = await scheduled(store, FUTURE - 1)
    assert await store.current() is None
    assert await store.schedules(waiting=True) == [sooner, later]
    assert (later.revision, later.state, later.overrides) == ("r1", "waiting", {"preflight": "known to fail"})
    assert await store.scenarios_of(later.id) == SCENARIOS
    assert (await store.get_revision("r1")).files == FILES


async def test_the_moment_is_the_clock_of_the_store(store: Store) -> None:
    await scheduled(store, FUTURE)
    found = await store.next_due()
    assert found is not None
    now = await store.moment()
    assert found[1] == pytest.approx(FUTURE - now, abs=30)
    assert not await store.claim_schedule(found[0].id, "router-a", 60)


async def test_one_router_of_many_claims_what_is_due(open_store: Opener) -> None:
    stores = [await open_store() for _ in range(4)]
    made = await scheduled(stores[0])
    claims = await asyncio.gather(
        *(store.claim_schedule(made.id, f"router-{index}", 60) for index, store in enumerate(stores))
    )
    assert sorted(claims) == [False, False, False, True]
    winner = claims.index(True)
    with pytest.raises(Conflict):
        await stores[winner - 1].apply_schedule(made.id, f"router-{(winner - 1) % 4}", NOON)
    applied = await stores[winner].apply_schedule(made.id, f"router-{winner}", NOON)
    assert (applied.revision, applied.current) == ("r1", True)
    with pytest.raises(Conflict):
        await stores[winner].apply_schedule(made.id, f"router-{winner}", NOON)


async def test_the_claim_of_a_router_that_died_ends(store: Store) -> None:
    made = await scheduled(store)
    assert await store.claim_schedule(made.id, "router-a", -1)
    assert await store.claim_schedule(made.id, "router-b", 60)


async def test_applying_is_audited_with_its_author_and_what_was_passed_over(store: Store) -> None:
    made = await scheduled(store)
    await store.apply_schedule(made.id, "router-a", NOON + 5)
    assert [(row.action, row.actor, row.reason) for row in await store.audit_entries()] == [
        ("override", "li", "known to fail"),
        ("apply", "li", "开业"),
        ("schedule", "li", "开业"),
    ]
    (ended,) = await store.schedules()
    assert (ended.state, ended.ended, ended.ended_by) == ("applied", NOON + 5, "router-a")
    assert await store.next_due() is None


async def test_a_world_that_moved_is_not_overwritten(store: Store) -> None:
    await store.apply_revision({"a": b"1"}, "li", None, NOON)
    made = await scheduled(store, base="r1")
    await store.apply_revision({"a": b"2"}, "wang", None, NOON)
    with pytest.raises(Conflict):
        await store.apply_schedule(made.id, "router-a", NOON)
    current = await store.current()
    assert current is not None
    assert current.revision == "r3"
    assert [row.state for row in await store.schedules()] == ["waiting"]


async def test_what_was_cancelled_or_refused_never_comes_into_force(store: Store) -> None:
    first, second = await scheduled(store), await scheduled(store)
    assert (await store.cancel_schedule(first.id, "wang", "too early", NOON)).state == "cancelled"
    await store.refuse_schedule(second.id, "router-a", Text("a scenario fails", "有场景失败"), NOON)
    for made in (first, second):
        assert not await store.claim_schedule(made.id, "router-a", 60)
        with pytest.raises(Conflict):
            await store.apply_schedule(made.id, "router-a", NOON)
        with pytest.raises(Conflict):
            await store.cancel_schedule(made.id, "wang", None, NOON)
    assert [row.said for row in await store.schedules()] == [None, Text("a scenario fails", "有场景失败")]
    assert await store.current() is None


async def test_what_is_not_scheduled_cannot_be_cancelled(store: Store) -> None:
    with pytest.raises(StoreError) as caught:
        await store.cancel_schedule(7, "wang", None, NOON)
    assert caught.value.code == "unknown_schedule"


async def test_only_real_calls_of_the_revision_that_failed_by_our_fault_count(store: Store) -> None:
    ours = Fault("node_limit", "configuration", Text("x", "x"))
    theirs = Fault("trunk_down", "carrier", Text("x", "x"))
    cases: list[dict[str, Any]] = [
        {},
        {"outcome": "failed", "fault": ours},
        {"outcome": "fallback", "fault": ours},
        {"outcome": "failed", "fault": theirs},
        {"outcome": "failed", "fault": ROUTER_LOST},
        {"outcome": "failed", "fault": ours, "test": True},
        {"outcome": "failed", "fault": ours, "revision": "r2"},
        {"outcome": "failed", "fault": ours, "ended": NOON - 1},
    ]
    for index, facts in enumerate(cases):
        await store.save(over(f"c{index}", **facts))
    assert await store.live_outcomes("r1", NOON) == LiveOutcomes(5, 2)


async def test_an_override_is_audited_by_itself(store: Store) -> None:
    await store.apply_revision(FILES, "li", "go", NOON, overrides={"preflight": "a known bug"})
    entries = await store.audit_entries(action="override")
    assert [(row.actor, row.subject, row.reason, row.after) for row in entries] == [
        ("li", "r1", "a known bug", {"gate": "preflight"})
    ]
