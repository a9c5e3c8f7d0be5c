"""What the store promises of what callers left behind: with their call or not at all, once, audited, dated."""

from __future__ import annotations

from typing import Any

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Connection, inspect, text

from router.left import DAY, Left
from router.model import Retention
from router.store import InboxEntry, InboxFilter, Store, StoreError, schema
from router.store.calls import row_of
from router.store.inbox import ECHO
from router.store.tables import SCHEMA, VERSION_TABLE
from tests.stores import NOON, Opener, everything, over, up

MESSAGE = Left("voicemail", "leave", box="general", file="msg0000", seconds=7.5)
SCORE = Left("survey", "rate", score=4, scale="1-5")
BACK = Left("callback", "more/back", number="13900139000", queue="support")
TAPE = Left("recording", "tape", file="line400-recordings/c1-0")
ALL = (MESSAGE, SCORE, BACK, TAPE)


async def listed(store: Store, **wanted: Any) -> list[InboxEntry]:
    return await store.inbox(InboxFilter(**wanted), "li", NOON)


async def test_what_was_left_comes_with_its_call(store: Store) -> None:
    record = over(left=ALL, test=True)
    await store.save(record)
    assert await store.get_call("c1") == record
    entries = sorted(await listed(store), key=lambda entry: entry.position)
    assert [(entry.kind, entry.position, entry.node) for entry in entries] == [
        ("voicemail", 0, "leave"),
        ("survey", 1, "rate"),
        ("callback", 2, "more/back"),
        ("recording", 3, "tape"),
    ]
    message, score, back, _ = entries
    assert (message.box, message.file, message.seconds) == ("general", "msg0000", 7.5)
    assert (score.score, score.scale) == (4, "1-5")
    assert (back.callback, back.queue) == ("13900139000", "support")
    for entry in entries:
        assert (entry.call_id, entry.number, entry.caller) == ("c1", "4008001234", "13800138000")
        assert (entry.state, entry.assignee, entry.test, entry.created) == ("new", None, True, NOON)


async def test_each_call_of_a_list_has_its_own(store: Store) -> None:
    await store.save(over("a", NOON, left=(MESSAGE,)))
    await store.save(over("b", NOON + 1))
    await store.save(over("c", NOON + 2, left=(SCORE, BACK)))
    assert [(record.call_id, tuple(record.left)) for record in await store.query_calls()] == [
        ("c", (SCORE, BACK)),
        ("b", ()),
        ("a", (MESSAGE,)),
    ]


async def test_it_is_there_while_the_call_is_up_and_once_behind_it(store: Store) -> None:
    await store.journal(up(left=(SCORE,)), "router-1")
    assert [entry.kind for entry in await listed(store)] == ["survey"]
    await store.close_call(over(left=(SCORE, MESSAGE)))
    await store.close_call(over(left=(SCORE, MESSAGE)))
    assert sorted(entry.kind for entry in await listed(store)) == ["survey", "voicemail"]


async def test_a_record_that_is_not_written_leaves_nothing(store: Store) -> None:
    with pytest.raises(StoreError) as caught:
        await store.write_calls([], [row_of(over(left=ALL)) | {"caller_kind": None}])
    assert caught.value.code == "invalid_data"
    assert await listed(store) == []


async def test_what_was_left_and_cannot_be_written_takes_its_record_along(store: Store) -> None:
    row = row_of(over(left=(SCORE,)))
    row["left"] = [{**row["left"][0], "node": None}]
    with pytest.raises(StoreError) as caught:
        await store.write_calls([], [row])
    assert caught.value.code == "invalid_data"
    assert await store.count_calls() == 0


async def test_hostile_texts_are_kept_as_texts(store: Store) -> None:
    left = Left("callback", "a\0b", number="'; DROP TABLE inbox; --", queue="\ud800")
    await store.save(over(left=(left,)))
    (entry,) = await listed(store)
    assert (entry.node, entry.callback, entry.queue) == ("a\ufffdb", "'; DROP TABLE inbox; --", "\ufffd")


async def test_entries_are_found_by_what_they_are(store: Store) -> None:
    await store.save(over("a", NOON, left=(MESSAGE,)))
    await store.save(over("b", NOON + 10, called="4006005678", left=(SCORE,), test=True))
    await store.save(over("c", NOON + 20, left=(BACK,)))

    async def calls(**wanted: Any) -> list[str]:
        return [entry.call_id for entry in await listed(store, **wanted)]

    assert await calls() == ["c", "b", "a"]
    assert await calls(kind="survey") == ["b"]
    assert await calls(number="4008001234") == ["c", "a"]
    assert await calls(since=NOON + 10) == ["c", "b"]
    assert await calls(test=True) == ["b"]
    assert await calls(test=False) == ["c", "a"]
    assert await calls(limit=1) == ["c"]
    assert await calls(state="done") == []


async def test_an_entry_is_assigned_and_done_with(store: Store) -> None:
    await store.save(over(left=(BACK,)))
    (entry,) = await listed(store)
    assigned = await store.assign_left(entry.id, "wang", "li", NOON + 5, "老客户")
    assert (assigned.state, assigned.assignee) == ("assigned", "wang")
    done = await store.finish_left(entry.id, "wang", NOON + 9)
    assert (done.state, done.assignee) == ("done", "wang")
    assert await listed(store, assignee="wang") == [done]
    assert await listed(store, state="new") == []
    entries = [entry for entry in await store.audit_entries() if entry.action.startswith("inbox_")]
    told = [(entry.actor, entry.action, entry.reason) for entry in entries if entry.action != "inbox_list"]
    assert told == [("wang", "inbox_done", None), ("li", "inbox_assign", "老客户")]


async def test_every_access_is_audited_without_the_caller(store: Store) -> None:
    await store.save(over(left=(MESSAGE,)))
    (entry,) = await listed(store)
    assert await store.open_left(entry.id, "li", NOON + 1, "inbox_play") == entry
    played, seen = await store.audit_entries()
    assert (played.actor, played.action, played.subject, played.at) == (
        "li",
        "inbox_play",
        f"inbox {entry.id}",
        NOON + 1,
    )
    assert (seen.actor, seen.action, seen.after) == ("li", "inbox_list", {"entries": 1})
    assert "13800138000" not in repr((played, seen))


async def test_what_was_deleted_stays_deleted(store: Store) -> None:
    await store.journal(up(left=(MESSAGE,)), "router-1")
    (entry,) = await listed(store)
    assert await store.delete_left(entry.id, "li", NOON, "来电者要求") == entry
    assert (await store.get_call("c1")).left == ()  # type: ignore[union-attr]
    (deleted,) = await store.audit_entries(action="inbox_delete")
    assert (deleted.reason, deleted.before["kind"], deleted.after) == ("来电者要求", "voicemail", None)
    await store.close_call(over(left=(MESSAGE, SCORE)))
    assert [entry.kind for entry in await listed(store)] == ["survey"]
    assert await store.date_left(Retention(), NOON + ECHO + 1) == []
    assert "voicemail" not in [row["kind"] for row in (await everything(store))["inbox"]]


@pytest.mark.parametrize("entry_id", [0, -1, 7, 2**63, 10**30])
async def test_an_entry_that_is_not_there_is_said_to_be_so(store: Store, entry_id: int) -> None:
    for work in (
        store.open_left(entry_id, "li", NOON, "inbox_play"),
        store.assign_left(entry_id, "wang", "li", NOON),
        store.finish_left(entry_id, "li", NOON),
        store.delete_left(entry_id, "li", NOON),
    ):
        with pytest.raises(StoreError) as caught:
            await work
        assert caught.value.code == "unknown_entry"


async def test_entries_carry_the_end_that_the_settings_give(store: Store) -> None:
    store.retention = Retention(voicemail=2, surveys=None)
    await store.save(over(left=(MESSAGE, SCORE)))
    message, score = sorted(await listed(store), key=lambda entry: entry.position)
    assert (message.expires, score.expires) == (NOON + 2 * DAY, None)
    # Settings that changed since hold for what is there.
    assert await store.date_left(Retention(voicemail=1, surveys=3), NOON + DAY - 1) == []
    over_now = await store.date_left(Retention(voicemail=1, surveys=3), NOON + DAY)
    assert [(entry.kind, entry.expires) for entry in over_now] == [("voicemail", NOON + DAY)]
    assert await store.date_left(Retention(voicemail=None, surveys=None), NOON + 999 * DAY) == []


async def test_the_agent_who_answered_is_kept_with_the_call(store: Store) -> None:
    await store.save(over("a", NOON, outcome="answered", agent="1001"))
    await store.save(over("b", NOON + 10, outcome="answered", agent="1002"))
    await store.save(over("t", NOON + 20, outcome="answered", agent="1003", test=True))
    await store.save(over("q", NOON + 30, outcome="queued"))
    await store.save(over("x", NOON + 40, outcome="answered", agent="1004", caller="13900139000"))
    assert await store.last_agent("13800138000", NOON) == "1002"
    assert await store.last_agent("13800138000", NOON + 11) is None
    assert await store.last_agent("02161234567", 0) is None


async def test_what_is_kept_of_callers_lasts_as_long_as_it_may(store: Store) -> None:
    await store.keep_callers({"1": {"vip": True, "名": ["甲"]}, "2": {"n": 1}}, NOON, NOON + 10)
    await store.keep_callers({"3": {"n": 3}}, NOON, NOON + 20)
    assert await store.recall_caller("1", NOON + 9) == {"vip": True, "名": ["甲"]}
    assert await store.recall_caller("1", NOON + 10) == {}
    await store.keep_callers({"1": {"vip": False}}, NOON + 5, NOON + 50)
    assert await store.recall_caller("1", NOON + 10) == {"vip": False, "名": ["甲"]}
    await store.keep_callers({"1": {"bad\0": "\ud800"}}, NOON + 50, None)
    assert await store.recall_caller("1", NOON + 60) == {"bad\ufffd": "\ufffd"}
    assert await store.recall_caller("nobody", NOON) == {}
    assert await store.forget_callers(NOON + 20) == 2
    assert await store.count_remembered() == 1


async def test_backups_bring_it_back(store: Store, open_store: Opener, another_url: str, tmp_path: Any) -> None:
    await store.save(over(left=ALL))
    await store.keep_callers({"1": {"vip": True}}, NOON, None)
    await store.backup(tmp_path / "b.zip", NOON)
    other = await open_store(another_url)
    await other.restore(tmp_path / "b.zip", NOON, "li")
    assert await other.get_call("c1") == over(left=ALL)
    assert await other.recall_caller("1", NOON) == {"vip": True}
    await other.save(over("c2", left=(SCORE,)))
    assert len(await listed(other)) == 5


async def test_the_migration_goes_forward_and_back_with_data(open_store: Opener) -> None:
    def move(direction: str, to: str) -> Any:
        def run(connection: Connection) -> set[str]:
            scripts = schema._scripts()
            steps = getattr(scripts, f"_{direction}_revs")
            context = MigrationContext.configure(
                connection, opts={"fn": lambda version, _: steps(to, version), "version_table": VERSION_TABLE}
            )
            with Operations.context(context):
                context.run_migrations()
            return {column["name"] for column in inspect(connection).get_columns("calls")}

        return run

    store = await open_store()
    await store.save(over(left=ALL, agent="1001"))
    async with store._database.write() as connection:
        assert "agent" not in await connection.run_sync(move("downgrade", "0002"))
        assert (await connection.execute(text("SELECT count(*) FROM calls"))).scalar_one() == 1
    async with store._database.write() as connection:
        assert "agent" in await connection.run_sync(move("upgrade", SCHEMA))
    kept = await store.get_call("c1")
    assert kept == over()
    await store.save(over("c2", left=ALL, agent="1002"))
    assert (await store.get_call("c2")).left == ALL  # type: ignore[union-attr]
