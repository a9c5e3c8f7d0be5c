"""What comes of the switch's own call records: one row a call, and the router has the last word."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from router.record import CallRecord
from router.store import ROUTER_AWAY, ROUTER_LOST, ReadUpTo, Reconciled, Store
from router.switch_calls import SwitchRefusal

AT = 1_800_000_000.0
FIRST, SECOND = ReadUpTo("head", 100), ReadUpTo("head", 200)


def told(call_id: str, outcome: str = "fallback", **more: object) -> CallRecord:
    """A record made of what the switch recorded."""
    base = CallRecord(
        call_id, "13800138000", "mobile", "4008001234", "header", "01088880001", AT,
        outcome=outcome, fault=ROUTER_AWAY, hangup_by="switch", hangup_cause=16, ended=AT + 30,
        heard=["系统繁忙。"] if outcome == "fallback" else [],
    )  # fmt: skip
    return replace(base, **more)  # type: ignore[arg-type]


def journaled(call_id: str, **more: object) -> CallRecord:
    """What a router wrote while the call was up."""
    base = CallRecord(
        call_id, "13800138000", "mobile", "4008001234", "header", "01088880001", AT,
        flow="service", revision="r7", path=["greeting"], heard=["您好。"], entered=AT,
    )  # fmt: skip
    return replace(base, **more)  # type: ignore[arg-type]


async def one(store: Store, call_id: str = "c-1") -> CallRecord:
    found = await store.get_call(call_id)
    assert found is not None
    return found


async def test_a_call_that_no_router_took_gets_one_record(store: Store) -> None:
    assert await store.switch_file("a") is None
    assert await store.reconcile("a", None, FIRST, [told("c-1"), told("c-1"), told("c-2")]) == Reconciled(2, 0)
    assert await store.switch_file("a") == FIRST
    kept = await one(store)
    assert (kept.outcome, kept.fault and kept.fault.code, kept.called) == ("fallback", "router_away", "4008001234")
    assert (kept.started, kept.ended, kept.heard) == (AT, AT + 30, ["系统繁忙。"])
    assert await store.count_calls() == 2


async def test_the_same_lines_again_change_nothing(store: Store) -> None:
    await store.reconcile("a", None, FIRST, [told("c-1")])
    before = await one(store)
    await store.reconcile("a", FIRST, SECOND, [told("c-1")])
    assert await one(store) == before
    assert await store.count_calls() == 1


async def test_an_open_call_gets_its_end_and_keeps_what_was_journaled(store: Store) -> None:
    await store.journal(journaled("c-1"), "router-1")
    assert await store.reconcile("a", None, FIRST, [told("c-1")]) == Reconciled(0, 1)
    kept = await one(store)
    assert (kept.outcome, kept.fault and kept.fault.code, kept.ended) == ("fallback", "router_lost", AT + 30)
    assert (kept.flow, kept.revision, kept.path, kept.heard) == (
        "service",
        "r7",
        ["greeting"],
        ["您好。", "系统繁忙。"],
    )


@pytest.mark.parametrize("orphans_first", [True, False])
async def test_orphans_and_the_switch_s_records_make_one_record_in_either_order(
    store: Store, orphans_first: bool
) -> None:
    await store.register_router("router-1", AT)
    await store.journal(journaled("c-1"), "router-1")
    if orphans_first:
        assert await store.close_orphans("router-1", AT + 60) == 1
        assert await store.reconcile("a", None, FIRST, [told("c-1")]) == Reconciled(0, 1)
    else:
        assert await store.reconcile("a", None, FIRST, [told("c-1")]) == Reconciled(0, 1)
        assert await store.close_orphans("router-1", AT + 60) == 0
    kept = await one(store)
    assert (kept.outcome, kept.ended, kept.fault and kept.fault.code) == ("fallback", AT + 30, "router_lost")
    assert await store.count_by_outcome() == {"fallback": 1}


async def test_who_had_spoken_with_somebody_was_answered(store: Store) -> None:
    await store.journal(journaled("c-1", answered=AT + 10, queue="support"), "router-1")
    await store.journal(journaled("c-2"), "router-1")
    await store.journal(journaled("c-3"), "router-1")
    records = [told("c-1", "failed"), told("c-2", "answered", answered=AT + 5), told("c-3", "abandoned")]
    await store.reconcile("a", None, FIRST, records)
    kept = [await one(store, call_id) for call_id in ("c-1", "c-2", "c-3")]
    assert [(record.outcome, record.answered) for record in kept] == [
        ("answered", AT + 10),
        ("answered", AT + 5),
        # It had entered a flow: whether that had come to its end nobody knows.
        ("failed", None),
    ]


async def test_a_record_that_a_router_closed_stays(store: Store) -> None:
    real = journaled("c-1", outcome="completed", hangup_by="flow", hangup_cause=16, ended=AT + 12)
    await store.close_call(real, "router-1")
    assert await store.reconcile("a", None, FIRST, [told("c-1")]) == Reconciled(0, 0)
    assert (await one(store)).outcome == "completed"


@pytest.mark.parametrize("journaled_before", [True, False])
async def test_the_router_that_had_the_call_has_the_last_word(store: Store, journaled_before: bool) -> None:
    if journaled_before:
        await store.journal(journaled("c-1"), "router-1")
    await store.reconcile("a", None, FIRST, [told("c-1")])
    await store.journal(journaled("c-1"), "router-1")
    assert (await one(store)).outcome == "fallback", "a journal that comes late opens nothing"
    real = journaled("c-1", outcome="completed", hangup_by="flow", hangup_cause=16, ended=AT + 12)
    await store.close_call(real, "router-1")
    kept = await one(store)
    assert (kept.outcome, kept.fault, kept.ended) == ("completed", None, AT + 12)
    assert await store.count_calls() == 1
    await store.reconcile("a", FIRST, SECOND, [told("c-1")])
    assert (await one(store)).outcome == "completed"


async def test_two_routers_that_read_one_file_take_each_line_once(store: Store) -> None:
    done = await asyncio.gather(
        *(store.reconcile("a", None, FIRST, [told(f"c-{count}") for count in range(40)]) for _ in range(4))
    )
    assert sorted(done, key=str).count(None) == 3
    assert [found for found in done if found] == [Reconciled(40, 0)]
    assert await store.count_calls() == 40
    assert await store.reconcile("a", ReadUpTo("other", 100), SECOND, [told("c-99")]) is None
    assert await store.switch_file("a") == FIRST


async def test_the_fault_names_are_those_that_a_late_record_replaces() -> None:
    assert (ROUTER_AWAY.code, ROUTER_LOST.code) == ("router_away", "router_lost")
    assert ROUTER_AWAY.by == ROUTER_LOST.by == "line400"


async def test_a_leg_that_the_switch_refused_is_audited_once_whoever_tells_of_it(store: Store) -> None:
    legs = [SwitchRefusal(f"1.{place}", "PJSIP/1001-1", "4008001234", AT + place) for place in (1, 2)]
    await asyncio.gather(*(store.audit_refused(legs[0], "line400") for _ in range(3)))
    assert await store.reconcile("a", None, FIRST, [], legs, "line400") == Reconciled(0, 0, 1)
    await store.audit_refused(legs[1], "line400")
    assert await store.reconcile("b", None, FIRST, [], legs, "line400") == Reconciled(0, 0, 0)
    entries = await store.audit_entries(action="refuse_outbound")
    assert [(entry.at, entry.subject, entry.reason) for entry in entries] == [
        (AT + 2, "4008001234", "outbound_400"),
        (AT + 1, "4008001234", "outbound_400"),
    ]
    assert entries[0].after == {"source": "PJSIP/1001-1"}


async def test_legs_that_have_no_id_are_audited_each(store: Store) -> None:
    for _ in range(2):
        await store.audit_refused(SwitchRefusal("", "AMI/x", "4008001234", AT), "line400")
    assert len(await store.audit_entries(action="refuse_outbound")) == 2
