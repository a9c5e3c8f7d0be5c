"""What the vendor-compatible endpoint keeps: nonces once within their time, one open draft of a flow."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from router.record import CallRecord
from router.store import CallFilter, Store, StoreError
from router.store.vendor import MOST_VERSIONS, FlowVersion

NOW = 1_790_000_000.0


def draft(name: str, flow: str = "service", **changed: object) -> FlowVersion:
    made = FlowVersion(name, flow, "服务", "MAIN_FLOW", "", "{}", "testkey", NOW, NOW)
    return replace(made, **changed)  # type: ignore[arg-type]


async def test_a_nonce_is_taken_once_within_its_time_whoever_asks_at_once(store: Store) -> None:
    used = await asyncio.gather(*(store.use_nonce("key", "nonce", NOW, NOW + 900) for _ in range(8)))
    assert sorted(used) == [False] * 7 + [True]
    assert await store.use_nonce("other", "nonce", NOW, NOW + 900)
    assert not await store.use_nonce("key", "nonce", NOW + 900, NOW + 1800)
    assert await store.use_nonce("key", "nonce", NOW + 901, NOW + 1800)


async def test_a_flow_has_one_open_draft(store: Store) -> None:
    first = await store.open_draft(draft("d1"))
    assert (await store.open_draft(draft("d2", editor="other"))) == first
    assert (await store.open_draft(draft("d3", "sales"))).id == "d3"
    changed = await store.commit_draft("d1", '{"a": "\\u0000中"}', "why", "other", NOW + 1)
    assert (changed.definition, changed.editor, changed.updated) == ('{"a": "\\u0000中"}', "other", NOW + 1)
    await store.publish_draft("d1", "digest", "testkey", NOW + 2)
    found = await store.flow_version("d1")
    assert found is not None
    assert (found.published, found.digest) == (NOW + 2, "digest")
    assert (await store.open_draft(draft("d4"))).id == "d4"
    assert [version.id for version in await store.flow_versions("service")] == ["d1", "d4"]


async def test_what_is_published_or_dropped_cannot_be_edited(store: Store) -> None:
    await store.open_draft(draft("d1"))
    await store.discard_draft("d1", "testkey", NOW)
    for act in (
        lambda: store.commit_draft("d1", "{}", "", "testkey", NOW),
        lambda: store.publish_draft("d1", "digest", "testkey", NOW),
        lambda: store.discard_draft("d1", "testkey", NOW),
    ):
        with pytest.raises(StoreError) as raised:
            await act()
        assert raised.value.code == "unknown_entry"


async def test_of_each_flow_the_newest_published_versions_are_kept(store: Store) -> None:
    for number in range(MOST_VERSIONS + 2):
        await store.open_draft(draft(f"d{number:03}", created=NOW + number))
        await store.publish_draft(f"d{number:03}", "digest", "testkey", NOW + number)
    kept = await store.flow_versions("service")
    assert len(kept) == MOST_VERSIONS
    assert kept[-1].id == "d002"
    await store.forget_flow("service")
    assert await store.flow_versions() == []


async def test_every_edit_of_a_draft_is_audited(store: Store) -> None:
    await store.open_draft(draft("d1"))
    await store.open_draft(draft("d1"))
    await store.commit_draft("d1", "{}", "", "testkey", NOW)
    await store.publish_draft("d1", "digest", "testkey", NOW)
    actions = [entry.action for entry in await store.audit_entries(subject="service")]
    assert actions == ["publish_draft", "commit_draft", "open_draft"]


def call(name: str, **changed: object) -> CallRecord:
    facts: dict[str, object] = {"outcome": "completed", "ended": NOW + 60, "hangup_by": "flow", "hangup_cause": 16}
    return CallRecord(name, "13800138000", "mobile", "4008001234", "dialled", "4008001234", NOW, **{**facts, **changed})  # type: ignore[arg-type]


async def test_calls_are_found_by_any_of_their_numbers_endings_queues_agents_and_ids(store: Store) -> None:
    await store.save(call("a", queue="sales", agent="1001", outcome="answered"))
    other = call("b", outcome="abandoned", abandoned_in="queue", queue="support")
    other.called = "4006005678"
    await store.save(other)
    await store.save(call("c", outcome="abandoned", abandoned_in="flow"))

    async def found(**wanted: object) -> list[str]:
        records = await store.query_calls(CallFilter(**wanted))  # type: ignore[arg-type]
        assert await store.count_calls(CallFilter(**wanted)) == len(records)  # type: ignore[arg-type]
        return sorted(record.call_id for record in records)

    assert await found(numbers=("4008001234", "400';--")) == ["a", "c"]
    assert await found(numbers=()) == []
    assert await found(numbers=(*(f"400{n:07}" for n in range(40_000)), "4006005678")) == ["b"]
    assert await found(endings=(("abandoned", "queue"), ("answered", None))) == ["a", "b"]
    assert await found(endings=(("abandoned", None),)) == ["b", "c"]
    assert await found(endings=()) == []
    assert await found(queues=("sales", "support")) == ["a", "b"]
    assert await found(agent="1001") == ["a"]
    assert await found(call_ids=("c", "x")) == ["c"]
