"""What the store promises of call records and of people, on SQLite and on PostgreSQL alike."""

from __future__ import annotations

import asyncio
import os
import signal
import sys

import pytest

from ivr_flows.findings import Fault, Text
from router.store import CallFilter, CallWriter, Store, StoreError
from router.tried import Tried
from tests.stores import NOON, ROOT, Opener, over, up


async def test_a_record_comes_back_as_it_was_written(store: Store) -> None:
    fault = Fault("fetch_failed", "configuration", Text("The ERP did not answer.", "ERP 没有应答。"))
    tried = (Tried("bj", "no_answer", 20.0), Tried("", "forwards_used_up", 3.0))
    record = over(fault=fault, abandoned_in="queue", test=True, tried=tried, priority=9)
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


async def test_a_router_that_started_again_does_not_lengthen_the_calls_it_lost(store: Store) -> None:
    await store.register_router("r", NOON - 60)
    await store.journal(up(), "r")
    await store.heartbeat("r", NOON + 30)
    await store.register_router("r", NOON + 900)
    await store.heartbeat("r", NOON + 905)
    await store.close_orphans("r", NOON + 910)
    record = await store.get_call("c1")
    assert record is not None
    assert record.ended == NOON + 30


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
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", CRASH, url, stdout=asyncio.subprocess.PIPE, env=os.environ | {"PYTHONPATH": str(ROOT)}
    )
    assert process.stdout is not None
    assert await process.stdout.readline() == b"ready\n"
    process.kill()
    assert await process.wait() == -signal.SIGKILL
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
    assert [(row.started, row.heartbeat, row.previous, row.pid) for row in await store.routers()] == [
        (NOON + 9, NOON + 9, NOON + 5, 2)
    ]
