"""What the store promises of revisions, of the overlay and of hearing about them, on every database."""

from __future__ import annotations

import asyncio

import pytest

from router.store import Conflict, Store, StoreError
from tests.stores import FILES, NOON, Opener, over


async def test_there_is_no_current_revision_at_first(store: Store) -> None:
    assert await store.current() is None
    assert await store.history() == []


async def test_a_revision_is_kept_byte_for_byte_and_becomes_current_when_activated(store: Store) -> None:
    added = await store.add_revision(FILES, "li", "开业", NOON)
    assert (added.revision, added.current) == ("r1", False)
    assert await store.current() is None
    active = await store.activate("r1", "wang", "go", NOON + 1)
    assert active.current
    assert await store.current() == active
    for name in ("r1", "1", "current"):
        content = await store.get_revision(name)
        assert content.files == FILES
        assert content.revision == active


async def test_revisions_count_up_and_history_is_newest_first(store: Store) -> None:
    for number in range(1, 12):
        await store.apply_revision({"a": str(number).encode()}, "li", f"step {number}", NOON + number)
    await store.activate("r2", "wang", "worse", NOON + 50, "rollback")
    history = await store.history()
    assert [revision.revision for revision in history] == [f"r{number}" for number in range(11, 0, -1)]
    assert [revision.revision for revision in history if revision.current] == ["r2"]
    assert len(await store.history(limit=3)) == 3
    last = (await store.activations(limit=1))[0]
    assert (last.revision, last.author, last.reason, last.kind) == ("r2", "wang", "worse", "rollback")


async def test_revisions_that_are_added_at_once_have_numbers_of_their_own(open_store: Opener) -> None:
    stores = [await open_store() for _ in range(4)]
    added = await asyncio.gather(
        *(
            store.add_revision({"a": f"{number}/{step}".encode()}, "li", None, NOON)
            for step in range(4)
            for number, store in enumerate(stores)
        )
    )
    assert sorted(int(revision.revision[1:]) for revision in added) == list(range(1, 17))


async def test_equal_files_have_equal_digests_whatever_their_order(store: Store) -> None:
    first = await store.add_revision(FILES, "li", None, NOON)
    second = await store.add_revision(dict(reversed(FILES.items())), "li", None, NOON)
    third = await store.add_revision({"line400.yamlc": b"", **FILES}, "li", None, NOON)
    assert first.digest == second.digest != third.digest


@pytest.mark.parametrize("name", ["r7", "7", "current", "latest", "", "r-1", "r1; --", "r99999999999"])
async def test_an_unknown_revision_is_refused_with_a_cure(store: Store, name: str) -> None:
    with pytest.raises(StoreError) as caught:
        await store.get_revision(name)
    assert caught.value.code == "unknown_revision"
    with pytest.raises(StoreError) as caught:
        await store.activate(name, "li", None, NOON)
    assert "history" in caught.value.cure.en
    assert await store.activations() == []
    assert await store.audit_entries() == []


async def test_an_activation_and_its_audit_row_stand_or_fall_together(store: Store) -> None:
    await store.apply_revision(FILES, "li", "first", NOON)
    counter = await store.change_counter()
    with pytest.raises(Conflict):
        await store.apply_revision({"b": b""}, "wang", "second", NOON + 1, expected_current=None)
    assert [revision.revision for revision in await store.history()] == ["r1"]
    assert len(await store.activations()) == len(await store.audit_entries()) == 1
    assert await store.change_counter() == counter
    entry = (await store.audit_entries())[0]
    assert (entry.actor, entry.action, entry.subject, entry.reason) == ("li", "apply", "r1", "first")
    assert entry.before == {"revision": None}
    assert entry.after["revision"] == "r1"


async def test_of_racing_activations_based_on_the_same_state_one_wins(open_store: Opener) -> None:
    stores = [await open_store() for _ in range(4)]
    await stores[0].apply_revision(FILES, "li", None, NOON)
    for number in range(4):
        await stores[0].add_revision({"a": str(number).encode()}, "li", None, NOON)
    results = await asyncio.gather(
        *(
            store.activate(f"r{number}", "li", None, NOON + number, expected_current="r1")
            for number, store in enumerate(stores, start=2)
        ),
        return_exceptions=True,
    )
    won = [result for result in results if not isinstance(result, BaseException)]
    assert len(won) == 1
    assert all(isinstance(result, Conflict) for result in results if isinstance(result, BaseException))
    current = await stores[0].current()
    assert current is not None
    assert current.revision == won[0].revision == (await stores[0].activations())[0].revision


async def test_racing_activations_follow_one_another_and_are_never_mixed(open_store: Opener) -> None:
    stores = [await open_store() for _ in range(4)]
    await asyncio.gather(
        *(
            store.apply_revision({"a": f"{number}/{step}".encode()}, f"author-{number}", None, NOON)
            for step in range(3)
            for number, store in enumerate(stores)
        )
    )
    activations = await stores[0].activations()
    assert sorted(int(entry.revision[1:]) for entry in activations) == list(range(1, 13))
    authors = {revision.revision: revision.author for revision in await stores[0].history()}
    assert all(authors[entry.revision] == entry.author for entry in activations)
    # The chain of before and after in the audit has no gap: each began where the one before it ended.
    chain = [(entry.before["revision"], entry.after["revision"]) for entry in await stores[0].audit_entries()][::-1]
    assert [before for before, _ in chain] == [None, *(after for _, after in chain[:-1])]
    current = await stores[0].current()
    assert current is not None
    assert current.revision == chain[-1][1]


async def test_an_announcement_is_in_force_from_its_beginning_to_its_end(store: Store) -> None:
    row = await store.announce("4008001234", "系统维护中。", NOON + 60, "li", NOON, end_call=True, reason="机房断电")
    assert (await store.overlay(NOON - 1)).announcements == []
    assert (await store.overlay(NOON)).announcements == [row]
    assert (await store.overlay(NOON + 59.9)).announcements == [row]
    assert (await store.overlay(NOON + 60)).announcements == []


async def test_an_announcement_replaces_the_one_before_it_on_the_same_number(store: Store) -> None:
    await store.announce("all", "one", NOON + 60, "li", NOON)
    await store.announce("4008001234", "two", NOON + 60, "li", NOON)
    await store.announce("all", "three", NOON + 60, "li", NOON + 1)
    assert [row.text for row in (await store.overlay(NOON + 2)).announcements] == ["two", "three"]
    assert await store.end_announcement("all", "wang", NOON + 3, "over")
    assert not await store.end_announcement("all", "wang", NOON + 4)
    assert [row.text for row in (await store.overlay(NOON + 5)).announcements] == ["two"]
    assert [entry.action for entry in await store.audit_entries(subject="all")] == [
        "end_announcement",
        "announce",
        "announce",
    ]


async def test_a_block_holds_until_it_ends_or_is_taken_back(store: Store) -> None:
    await store.block("13900000000", "li", NOON, until=NOON + 60, reason="骚扰")
    await store.block("0085*", "li", NOON)
    assert [row.caller for row in (await store.overlay(NOON + 1)).blocks] == ["13900000000", "0085*"]
    assert [row.caller for row in (await store.overlay(NOON + 60)).blocks] == ["0085*"]
    assert not await store.unblock("0085", "li", NOON + 70)
    assert await store.unblock("0085*", "wang", NOON + 70)
    assert (await store.overlay(NOON + 71)).blocks == []
    entry = (await store.audit_entries(action="unblock"))[0]
    assert (entry.actor, entry.at, entry.before[0]["until"]) == ("wang", NOON + 70, None)


async def test_blocking_again_changes_the_end(store: Store) -> None:
    await store.block("13900000000", "li", NOON, until=NOON + 60)
    await store.block("13900000000", "li", NOON + 1, until=NOON + 600)
    assert [row.until for row in (await store.overlay(NOON + 2)).blocks] == [NOON + 600]


async def test_what_ends_before_it_begins_is_refused(store: Store) -> None:
    with pytest.raises(ValueError, match="after it begins"):
        await store.announce("all", "x", NOON, "li", NOON)
    with pytest.raises(ValueError, match="after it begins"):
        await store.block("1*", "li", NOON, until=NOON - 1)
    assert await store.audit_entries() == []


async def test_life_states_are_seeded_once_and_the_store_wins_from_then_on(store: Store) -> None:
    assert await store.seed_states({"4008001234": "bound", "4008005678": "opened"}, NOON) == 2
    await store.set_state("4008001234", "suspended", NOON + 5, "li", "欠费")
    assert await store.seed_states({"4008001234": "bound", "4008009999": "routed"}, NOON + 9) == 1
    assert await store.seed_states({"4008001234": "bound"}, NOON + 10) == 0
    states = {"4008001234": "suspended", "4008005678": "opened", "4008009999": "routed"}
    assert await store.states() == states
    assert (await store.overlay(NOON)).states == states
    state = await store.number_state("4008001234")
    assert state is not None
    assert (state.state, state.since, state.by) == ("suspended", NOON + 5, "li")
    assert await store.number_state("4001111111") is None
    entry = (await store.audit_entries(subject="4008001234"))[0]
    assert (entry.reason, entry.before, entry.after) == ("欠费", {"state": "bound"}, {"state": "suspended"})


async def test_a_state_that_is_none_is_refused(store: Store) -> None:
    with pytest.raises(ValueError, match="no life state"):
        await store.seed_states({"4008001234": "open"}, NOON)
    with pytest.raises(ValueError, match="no life state"):
        await store.set_state("4008001234", "gone", NOON, "li")  # type: ignore[arg-type]
    assert await store.states() == {}


async def test_every_change_that_routers_need_raises_the_counter_and_nothing_else_does(store: Store) -> None:
    counter = await store.change_counter()

    async def raised() -> bool:
        nonlocal counter
        before, counter = counter, await store.change_counter()
        return counter > before

    await store.save(over())
    await store.audit("li", "outbound_refused", "4008001234", NOON)
    await store.add_revision(FILES, "li", None, NOON)
    await store.heartbeat("r", NOON)
    await store.end_announcement("all", "li", NOON)
    await store.unblock("1*", "li", NOON)
    assert not await raised()
    await store.activate("r1", "li", None, NOON)
    assert await raised()
    await store.announce("all", "x", NOON + 1, "li", NOON)
    assert await raised()
    await store.end_announcement("all", "li", NOON + 0.5)
    assert await raised()
    await store.block("1*", "li", NOON)
    assert await raised()
    await store.unblock("1*", "li", NOON)
    assert await raised()
    await store.seed_states({"4008001234": "bound"}, NOON)
    assert await raised()
    await store.seed_states({"4008001234": "bound"}, NOON)
    assert not await raised()
    await store.set_state("4008001234", "released", NOON, "li")
    assert await raised()
    assert (await store.overlay(NOON)).counter == counter


async def test_waiting_ends_with_a_change_made_elsewhere(open_store: Opener) -> None:
    here, there = await open_store(), await open_store()
    counter = await here.change_counter()
    waiters = [asyncio.create_task(here.wait_change(counter, 60.0)) for _ in range(3)]
    await asyncio.sleep(0.05)
    await there.announce("all", "x", NOON + 1, "li", NOON)
    assert await asyncio.gather(*waiters) == [counter + 1] * 3
    assert await here.wait_change(counter, 60.0) == counter + 1
    # Waiting works again and again.
    again = asyncio.create_task(here.wait_change(counter + 1, 60.0))
    await there.block("1*", "li", NOON)
    assert await again == counter + 2


async def test_waiting_ends_with_its_time_when_nothing_changes(store: Store) -> None:
    counter = await store.change_counter()
    assert await store.wait_change(counter, 0.01) == counter
    assert await store.wait_change(counter, 0) == counter
