"""What the store promises, on SQLite and on PostgreSQL alike."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import zipfile
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from ivr_flows.findings import Fault, Text
from router.record import CallRecord
from router.store import CallFilter, CallWriter, Conflict, Store, StoreError
from router.store.tables import VERSION_TABLE, metadata
from tests.postgres import PostgresServer, backends, postgres  # noqa: F401 - postgres is a fixture

ROOT = Path(__file__).resolve().parents[2]
NOON = 1_790_000_000.0
Opener = Callable[..., Awaitable[Store]]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "backend" in metafunc.fixturenames:
        metafunc.parametrize("backend", backends(metafunc.config), indirect=False)


@pytest.fixture
async def url(backend: str, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """The URL of an empty store of the test's own."""
    if backend == "sqlite":
        return f"sqlite:///{tmp_path / 'store.db'}"
    server: PostgresServer = request.getfixturevalue("postgres")
    return await server.store()


@pytest.fixture
async def open_store(url: str) -> AsyncIterator[Opener]:
    """Opens stores and closes them at the end; without a URL, the test's own."""
    opened: list[Store] = []

    async def opener(other: str | None = None, **options: object) -> Store:
        store = await Store.open(other or url, **options)  # type: ignore[arg-type]
        opened.append(store)
        return store

    yield opener
    for store in opened:
        await store.close()


@pytest.fixture
async def store(open_store: Opener) -> Store:
    return await open_store()


@pytest.fixture
async def another_url(backend: str, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """The URL of a second empty store."""
    if backend == "sqlite":
        return f"sqlite:///{tmp_path / 'another.db'}"
    server: PostgresServer = request.getfixturevalue("postgres")
    return await server.store()


def up(call_id: str = "c1", started: float = NOON, **facts: object) -> CallRecord:
    base = CallRecord(
        call_id=call_id,
        caller="13800138000",
        caller_kind="mobile",
        called="4008001234",
        called_by="dialled",
        dialled="400-800-1234",
        started=started,
        base_number="01088880001",
        line="bj-unicom",
        trunk="unicom-bj",
        flow="welcome",
        revision="r1",
        rule="default",
    )
    return replace(base, **facts)  # type: ignore[arg-type]


def over(call_id: str = "c1", started: float = NOON, **facts: object) -> CallRecord:
    finished: dict[str, object] = {
        "path": ["greeting", "menu", "admit"],
        "heard": ["您好，欢迎致电示例科技。", "tone:busy"],
        "inputs": ["2", "", "h"],
        "outcome": "queued",
        "queue": "default",
        "hangup_by": "caller",
        "hangup_cause": 16,
        "entered": started + 0.5,
        "answered": started + 1.25,
        "ended": started + 12.375,
    }
    return up(call_id, started, **(finished | facts))


# Schema


async def test_the_migrations_make_exactly_the_tables_that_the_code_uses(store: Store) -> None:
    def differences(connection: object) -> list[object]:
        context = MigrationContext.configure(
            connection,  # type: ignore[arg-type]
            opts={"version_table": VERSION_TABLE, "compare_type": True},
        )
        return list(compare_metadata(context, metadata))

    async with store._database.read() as connection:
        assert await connection.run_sync(differences) == []


async def test_opening_again_keeps_what_is_there(open_store: Opener) -> None:
    first = await open_store()
    await first.save(over())
    await first.close()
    again = await open_store()
    assert await again.count_calls() == 1


async def test_many_may_open_a_new_store_at_once(backend: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    if backend == "sqlite":
        new = f"sqlite:///{tmp_path / 'new.db'}"
    else:
        new = await request.getfixturevalue("postgres").database()
    stores = await asyncio.gather(*(Store.open(new) for _ in range(4)))
    try:
        assert [len(await store.roles()) for store in stores] == [6, 6, 6, 6]
    finally:
        await asyncio.gather(*(store.close() for store in stores))


async def test_a_store_of_a_newer_line400_is_refused_and_untouched(store: Store, open_store: Opener) -> None:
    async with store._database.write() as connection:
        await connection.execute(text(f"UPDATE {VERSION_TABLE} SET version_num = '9999'"))
    with pytest.raises(StoreError) as caught:
        await open_store()
    assert caught.value.code == "schema_newer"
    assert "9999" in caught.value.message.en
    assert "9999" in caught.value.message.zh
    async with store._database.read() as connection:
        assert (await connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}"))).scalar_one() == "9999"


async def test_reading_only_never_writes(open_store: Opener) -> None:
    writing = await open_store()
    await writing.save(over())
    reading = await open_store(read_only=True)
    assert await reading.get_call("c1") == over()
    with pytest.raises(StoreError) as caught:
        await reading.save(over("c2"))
    assert caught.value.code == "read_only"
    assert await writing.count_calls() == 1


async def test_a_closed_store_says_so(open_store: Opener) -> None:
    closed = await open_store()
    await closed.close()
    await closed.close()
    with pytest.raises(StoreError) as caught:
        await closed.count_calls()
    assert caught.value.code == "closed"


async def test_check_passes_on_a_sound_store(store: Store) -> None:
    await store.save(over())
    await store.check()


# Calls


async def test_a_record_comes_back_as_it_was_written(store: Store) -> None:
    fault = Fault("fetch_failed", "configuration", Text("The ERP did not answer.", "ERP 没有应答。"))
    record = over(fault=fault, abandoned_in="queue", test=True)
    await store.save(record)
    assert await store.get_call("c1") == record


async def test_a_call_is_journaled_then_closed_in_one_row(store: Store) -> None:
    await store.journal(up(), "router-1")
    assert await store.get_call("c1") == up()
    assert await store.orphans() == [up()]
    await store.close_call(over())
    assert await store.get_call("c1") == over()
    assert await store.orphans() == []
    assert await store.count_calls() == 1


async def test_journaling_again_brings_an_open_call_up_to_date_and_never_back(store: Store) -> None:
    await store.journal(up(), "router-1")
    later = up(entered=NOON + 1, answered=NOON + 2, path=["greeting"])
    await store.journal(later, "router-1")
    await store.journal(up(), "router-1")
    assert await store.get_call("c1") == later


async def test_closing_twice_keeps_the_first_end(store: Store) -> None:
    await store.close_call(over())
    await store.close_call(over(outcome="completed", ended=NOON + 99))
    assert await store.query_calls() == [over()]


async def test_a_closed_call_is_never_reopened(store: Store) -> None:
    await store.close_call(over())
    await store.journal(up(answered=NOON + 60), "router-1")
    assert await store.get_call("c1") == over()
    assert await store.orphans() == []


async def test_closing_a_call_that_is_up_is_a_mistake_of_the_program(store: Store) -> None:
    with pytest.raises(ValueError, match="still up"):
        await store.close_call(up())


async def test_orphans_end_when_they_were_last_known_to_be_up(store: Store) -> None:
    await store.register_router("dead", NOON - 100, pid=7, host="here")
    await store.journal(up("silent", NOON - 10), "unknown-router")
    await store.journal(up("quiet", NOON), "dead")
    await store.journal(up("talking", NOON, entered=NOON + 1, answered=NOON + 40), "dead")
    await store.heartbeat("dead", NOON + 30)
    assert await store.close_orphans("dead", NOON + 3600) == 2
    quiet, talking = await store.get_call("quiet"), await store.get_call("talking")
    assert quiet is not None
    assert talking is not None
    assert (quiet.ended, talking.ended) == (NOON + 30, NOON + 40)
    assert quiet.outcome == "failed"
    assert quiet.fault is not None
    assert (quiet.fault.code, quiet.fault.by) == ("router_lost", "line400")
    assert (quiet.hangup_by, quiet.hangup_cause) == ("line400", 41)
    assert [record.call_id for record in await store.orphans()] == ["silent"]
    assert await store.close_orphans(None, NOON + 3600) == 1
    silent = await store.get_call("silent")
    assert silent is not None
    assert silent.ended == NOON - 10


async def test_an_orphan_never_ends_after_the_moment_it_is_closed_at(store: Store) -> None:
    await store.register_router("r", NOON)
    await store.journal(up(), "r")
    await store.heartbeat("r", NOON + 500)
    await store.close_orphans("r", NOON + 100)
    record = await store.get_call("c1")
    assert record is not None
    assert record.ended == NOON + 100


async def test_calls_that_a_router_still_has_are_no_orphans(store: Store) -> None:
    await store.journal(up("kept"), "r")
    await store.journal(up("lost"), "r")
    await store.journal(up("elsewhere"), "other")
    assert await store.close_orphans("r", NOON + 1, exclude={"kept"}) == 1
    assert {record.call_id for record in await store.orphans()} == {"kept", "elsewhere"}


async def test_orphans_are_closed_once_however_many_try(open_store: Opener) -> None:
    stores = [await open_store() for _ in range(4)]
    for number in range(20):
        await stores[0].journal(up(f"c{number}"), "r")
    counts = await asyncio.gather(*(store.close_orphans("r", NOON + 5) for store in stores))
    assert sum(counts) == 20
    assert await stores[0].count_by_outcome() == {"failed": 20}


async def test_the_real_end_replaces_an_assumed_one(store: Store) -> None:
    await store.journal(up(), "r")
    await store.close_orphans("r", NOON + 5)
    await store.close_call(over(), "r")
    assert await store.query_calls() == [over()]


async def test_calls_are_found_by_every_filter_newest_first(store: Store) -> None:
    records = [
        over("a", NOON, called="4008001234", line="bj-unicom", flow="welcome", outcome="queued"),
        over("b", NOON + 10, called="4008005678", line="sh-telecom", flow="sales", outcome="answered", test=True),
        over("c", NOON + 20, caller="01088880001", outcome="abandoned"),
        over("d", NOON + 30, caller=None, outcome="no_route", called=None, line=None, flow=None),
    ]
    for record in records:
        await store.save(record)
    await store.journal(up("e", NOON + 40), "r")

    async def found(**wanted: object) -> str:
        chosen = CallFilter(**wanted)  # type: ignore[arg-type]
        calls = await store.query_calls(chosen)
        if chosen.limit is None and not chosen.offset:
            assert await store.count_calls(chosen) == len(calls)
        return "".join(record.call_id for record in calls)

    assert await found() == "edcba"
    assert await found(called="4008005678") == "b"
    assert await found(caller="01088880001") == "c"
    assert await found(outcome="answered") == "b"
    assert await found(line="bj-unicom") == "eca"
    assert await found(flow="sales") == "b"
    assert await found(since=NOON + 10, until=NOON + 30) == "cb"
    assert await found(test=True) == "b"
    assert await found(test=False) == "edca"
    assert await found(up=True) == "e"
    assert await found(up=False) == "dcba"
    assert await found(limit=2) == "ed"
    assert await found(limit=2, offset=1) == "dc"
    assert await found(offset=3) == "ba"
    assert await found(called="4008001234", outcome="abandoned") == "c"
    assert await found(caller="'; DROP TABLE calls; --") == ""
    assert await store.count_by_outcome() == {"abandoned": 1, "answered": 1, "no_route": 1, "queued": 1, "up": 1}


async def test_hostile_text_does_not_cost_a_call_its_record(store: Store) -> None:
    await store.close_call(over(caller="1\x0038", dialled="\ud800400", heard=["a\x00", "b\udfff"], inputs=["𝟙"]))
    record = await store.get_call("c1")
    assert record is not None
    assert (record.caller, record.dialled, record.heard) == ("1\ufffd38", "\ufffd400", ["a\ufffd", "b\ufffd"])
    assert record.inputs == ["𝟙"]


async def test_the_writer_brings_many_calls_to_the_store(store: Store) -> None:
    errors: list[StoreError] = []
    async with CallWriter(store, "router-1", lambda error, _: errors.append(error), batch=50) as writer:
        for number in range(240):
            writer.journal(up(f"c{number:03}"))
        assert await writer.drain()
        assert len(await store.orphans("router-1")) == 240
        for number in range(240):
            if number % 2:
                writer.close_call(over(f"c{number:03}"))
        for number in range(20):
            writer.journal(up(f"short{number}"))
            writer.close_call(over(f"short{number}"))
    assert errors == []
    assert await store.count_by_outcome() == {"queued": 140, "up": 120}


CRASH = """
import asyncio, sys
from router.record import CallRecord
from router.store import CallWriter, Store
async def main():
    store = await Store.open(sys.argv[1])
    await store.register_router("crashed", 1000.0)
    writer = CallWriter(store, "crashed", lambda error, lost: sys.exit(str(error)))
    writer.start()
    for number in range(30):
        record = CallRecord(f"c{number}", None, "hidden", "4008001234", "dialled", "4008001234", 1000.0 + number)
        writer.journal(record)
        if number < 10:
            record.outcome, record.ended = "completed", 1100.0
            writer.close_call(record)
    await writer.drain()
    await store.heartbeat("crashed", 1050.0)
    print("ready", flush=True)
    await asyncio.sleep(600)
asyncio.run(main())
"""


async def test_calls_of_a_router_that_was_killed_are_closed_exactly_once(url: str, open_store: Opener) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", CRASH, url],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    assert process.stdout is not None
    assert await asyncio.to_thread(process.stdout.readline) == "ready\n"
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    store = await open_store()
    assert len(await store.orphans("crashed")) == 20
    assert await store.close_orphans("crashed", 2000.0) == 20
    assert await store.close_orphans("crashed", 2000.0) == 0
    assert await store.count_by_outcome() == {"completed": 10, "failed": 20}
    assert {record.ended for record in await store.query_calls(CallFilter(outcome="failed"))} == {1050.0}


BUSY = """
import asyncio, sys
from router.record import CallRecord
from router.store import CallWriter, Store
async def main():
    url, name = sys.argv[1:]
    async with await Store.open(url, busy_timeout=60.0) as store:
        errors = []
        async with CallWriter(store, name, lambda error, lost: errors.append(error), interval=0.001) as writer:
            for number in range(100):
                record = CallRecord(f"{name}-{number}", None, "hidden", None, None, "1", 1000.0)
                writer.journal(record)
                await asyncio.sleep(0)
                record.outcome, record.ended = "no_route", 1001.0
                writer.close_call(record)
                if number % 10 == 0:
                    await store.audit(name, "tick", str(number), 1000.0)
        assert not errors, errors
        await store.apply_revision({"a": name.encode()}, name, None, 1000.0)
asyncio.run(main())
"""


async def test_several_processes_write_at_once(url: str, open_store: Opener) -> None:
    processes = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-c", BUSY, url, f"p{number}", env=os.environ | {"PYTHONPATH": str(ROOT)}
        )
        for number in range(3)
    ]
    assert [await process.wait() for process in processes] == [0, 0, 0]
    store = await open_store()
    assert await store.count_by_outcome() == {"no_route": 300}
    assert len(await store.audit_entries(action="tick")) == 30
    assert [revision.revision for revision in await store.history()] == ["r3", "r2", "r1"]
    assert {revision.author for revision in await store.history()} == {"p0", "p1", "p2"}


# Revisions

FILES = {"line400.yaml": "company: 示例科技\n".encode(), "flows/welcome.flow.yaml": b"flow: welcome\n"}


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


# Overlay and life states


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


# Hearing of changes


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


# Audit, roles, actors, routers


async def test_the_roles_are_there_in_both_languages(store: Store) -> None:
    roles = await store.roles()
    assert [role.role for role in roles] == ["admin", "engineer", "qa", "reviewer", "support", "viewer"]
    assert all(role.description_en.isascii() and not role.description_zh.isascii() for role in roles)


async def test_an_actor_has_a_role_and_each_change_of_it_is_audited(store: Store) -> None:
    await store.set_actor("li", "support", NOON, "root", "入职")
    await store.set_actor("li", "engineer", NOON + 1, "root")
    assert [(actor.name, actor.role, actor.created) for actor in await store.actors()] == [("li", "engineer", NOON)]
    entries = await store.audit_entries(action="set_actor")
    assert [(entry.before, entry.after) for entry in entries] == [
        ({"role": "support"}, {"role": "engineer"}),
        (None, {"role": "support"}),
    ]
    with pytest.raises(StoreError) as caught:
        await store.set_actor("li", "king", NOON, "root")
    assert "support" in caught.value.cure.en


async def test_audit_entries_are_found_by_who_what_and_when(store: Store) -> None:
    await store.audit("li", "outbound_refused", "4008001234", NOON, "outbound_400", None, {"to": ["1\x00"], "n": 1.5})
    await store.audit("wang", "outbound_refused", "4008005678", NOON + 1)
    await store.audit("wang", "login", "console", NOON + 2)
    assert [entry.at for entry in await store.audit_entries()] == [NOON + 2, NOON + 1, NOON]
    assert [entry.subject for entry in await store.audit_entries(actor="wang", action="login")] == ["console"]
    assert [entry.actor for entry in await store.audit_entries(subject="4008001234")] == ["li"]
    assert [entry.at for entry in await store.audit_entries(since=NOON + 1, until=NOON + 2)] == [NOON + 1]
    assert [entry.at for entry in await store.audit_entries(limit=1, offset=1)] == [NOON + 1]
    assert (await store.audit_entries(actor="li"))[0].after == {"to": ["1\ufffd"], "n": 1.5}


async def test_routers_come_live_and_go(store: Store) -> None:
    await store.register_router("a", NOON, pid=1, host="h")
    await store.heartbeat("a", NOON + 5)
    await store.heartbeat("a", NOON + 4)
    await store.heartbeat("b", NOON + 1)
    rows = await store.routers()
    assert [(row.router_id, row.started, row.heartbeat, row.pid) for row in rows] == [
        ("a", NOON, NOON + 5, 1),
        ("b", NOON + 1, NOON + 1, None),
    ]
    await store.register_router("a", NOON + 9, pid=2)
    await store.forget_router("b")
    assert [(row.started, row.heartbeat, row.pid) for row in await store.routers()] == [(NOON + 9, NOON + 9, 2)]


# Backup and restore


async def fill(store: Store) -> None:
    await store.save(over("done"))
    await store.journal(up("open"), "router-1")
    await store.register_router("router-1", NOON)
    await store.apply_revision(FILES, "li", "开业", NOON)
    await store.apply_revision({"b": b"\x00\xff"}, "li", None, NOON)
    await store.activate("r1", "li", None, NOON, "rollback")
    await store.announce("all", "系统维护中。", NOON + 60, "li", NOON)
    await store.block("1*", "li", NOON)
    await store.seed_states({"4008001234": "bound"}, NOON)
    await store.set_actor("li", "admin", NOON, "root")


async def everything(store: Store) -> dict[str, list[dict[str, object]]]:
    async with store._database.read() as connection:
        return {
            table.name: [
                dict(row._mapping)
                for row in await connection.execute(table.select().order_by(*table.primary_key.columns))
            ]
            for table in metadata.sorted_tables
        }


def without_the_restore(tables: dict[str, list[dict[str, object]]]) -> dict[str, list[dict[str, object]]]:
    return {
        name: [row for row in rows if name != "audit" or row["action"] != "restore"]
        for name, rows in tables.items()
        if name != "changes"
    }


async def test_a_backup_brings_everything_back_into_an_empty_store(
    store: Store, open_store: Opener, another_url: str, tmp_path: Path
) -> None:
    await fill(store)
    written = await store.backup(tmp_path / "b.zip", NOON + 100)
    assert written.rows["calls"] == 2
    assert (tmp_path / "b.zip").stat().st_mode & 0o777 == 0o600
    other = await open_store(another_url)
    assert await other.restore(tmp_path / "b.zip", NOON + 200, "li", "迁移") == written
    assert without_the_restore(await everything(other)) == without_the_restore(await everything(store))
    assert (await other.get_revision("current")).files == FILES
    assert (await other.change_counter()) > (await store.change_counter())
    # What is added afterwards goes on counting.
    await other.announce("all", "x", NOON + 300, "li", NOON + 250)
    assert (await other.apply_revision({}, "li", None, NOON + 300)).revision == "r3"
    entry = (await other.audit_entries(action="restore"))[0]
    assert (entry.actor, entry.reason, entry.after["rows"]["calls"]) == ("li", "迁移", 2)


async def test_a_store_in_use_is_not_overwritten_unless_forced(store: Store, tmp_path: Path) -> None:
    await store.save(over("old"))
    await store.backup(tmp_path / "b.zip", NOON)
    await store.save(over("new"))
    before = await everything(store)
    with pytest.raises(StoreError) as caught:
        await store.restore(tmp_path / "b.zip", NOON, "li")
    assert caught.value.code == "not_empty"
    assert await everything(store) == before
    await store.restore(tmp_path / "b.zip", NOON, "li", force=True)
    assert [record.call_id for record in await store.query_calls()] == ["old"]


def rewrite(path: Path, **changed: bytes | None) -> None:
    with zipfile.ZipFile(path) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in entries.items():
            new = changed.get(name.split(".")[0], data)
            if new is not None:
                archive.writestr(name, new)


def damage(path: Path, how: str) -> None:
    with zipfile.ZipFile(path) as archive:
        calls, manifest = archive.read("calls.jsonl"), json.loads(archive.read("manifest.json"))

    def consistent(data: bytes) -> None:
        manifest["tables"]["calls"] = {"rows": data.count(b"\n"), "sha256": sha256(data).hexdigest()}
        rewrite(path, calls=data, manifest=json.dumps(manifest).encode())

    match how:
        case "no file":
            path.unlink()
        case "folder":
            path.unlink()
            path.mkdir()
        case "no zip":
            path.write_bytes(b"hello")
        case "cut short":
            path.write_bytes(path.read_bytes()[:-200])
        case "flipped bit":
            data = bytearray(path.read_bytes())
            data[data.index(b"activations.jsonl") + 60] ^= 1
            path.write_bytes(bytes(data))
        case "no manifest":
            rewrite(path, manifest=None)
        case "manifest of something else":
            rewrite(path, manifest=b'{"format": "x"}')
        case "another schema":
            rewrite(path, manifest=json.dumps(manifest | {"schema": "9999"}).encode())
        case "missing table":
            rewrite(path, calls=None)
        case "changed row":
            rewrite(path, calls=calls.replace(b"queued", b"voided"))
        case "lost row":
            rewrite(path, calls=calls.split(b"\n", 1)[1])
        case "unknown column":
            consistent(calls.replace(b'"caller"', b'"colour"'))
        case "no object":
            consistent(b"[1]\n")


DAMAGES = [
    "no file",
    "folder",
    "no zip",
    "cut short",
    "flipped bit",
    "no manifest",
    "manifest of something else",
    "another schema",
    "missing table",
    "changed row",
    "lost row",
    "unknown column",
    "no object",
]


@pytest.mark.parametrize("how", DAMAGES)
async def test_a_damaged_backup_is_refused_before_anything_is_touched(store: Store, tmp_path: Path, how: str) -> None:
    await fill(store)
    path = tmp_path / "b.zip"
    await store.backup(path, NOON)
    damage(path, how)
    before = await everything(store)
    with pytest.raises(StoreError) as caught:
        await store.restore(path, NOON, "li", force=True)
    assert caught.value.code == "backup_invalid"
    assert await everything(store) == before


async def test_a_restore_that_fails_in_the_middle_changes_nothing(store: Store, tmp_path: Path) -> None:
    await fill(store)
    path = tmp_path / "b.zip"
    await store.backup(path, NOON)
    with zipfile.ZipFile(path) as archive:
        manifest = json.loads(archive.read("manifest.json"))
        rows = archive.read("activations.jsonl").replace(b'"number":1', b'"number":77')
    manifest["tables"]["activations"]["sha256"] = sha256(rows).hexdigest()
    rewrite(path, activations=rows, manifest=json.dumps(manifest).encode())
    before = await everything(store)
    with pytest.raises(StoreError) as caught:
        await store.restore(path, NOON, "li", force=True)
    assert caught.value.code == "invalid_data"
    assert await everything(store) == before


async def test_a_backup_that_cannot_be_written_leaves_nothing(store: Store, tmp_path: Path) -> None:
    with pytest.raises(StoreError) as caught:
        await store.backup(tmp_path / "nowhere" / "b.zip", NOON)
    assert caught.value.code == "backup_unwritable"
    (tmp_path / "folder").mkdir()
    with pytest.raises(StoreError):
        await store.backup(tmp_path / "folder", NOON)
    assert sorted(path.name for path in tmp_path.iterdir() if not path.name.startswith("store.db")) == ["folder"]
