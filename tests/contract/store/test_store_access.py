"""Tokens, users, sessions, request keys and long work in the store, on SQLite and on PostgreSQL alike."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from ivr_flows.findings import Text
from router.store import Store, StoreError
from router.store.access import TokenRow, UserRow
from tests.stores import NOON, Opener

TOKEN = TokenRow("t_1", "ci", "qa", ("calls.test",), NOON, "li", None, None)


async def test_a_store_keeps_its_name_and_key(store: Store, open_store: Opener) -> None:
    found = await store.instance()
    assert len(found.name) == 8
    assert len(found.key) == 32
    assert await (await open_store()).instance() == found


async def test_a_token_is_found_by_its_digest(store: Store) -> None:
    await store.add_token(TOKEN, "digest", "li")
    assert await store.token_by_digest("digest") == TOKEN
    assert await store.token_by_digest("other") is None
    entry = (await store.audit_entries())[0]
    assert (entry.actor, entry.action, entry.subject) == ("li", "create_token", "token:ci")
    assert "digest" not in repr(entry.after)


async def test_a_name_belongs_to_one_valid_token(store: Store) -> None:
    await store.add_token(TOKEN, "a", "li")
    with pytest.raises(StoreError) as caught:
        await store.add_token(replace(TOKEN, id="t_2"), "b", "li")
    assert caught.value.code == "conflict"
    revoked = await store.revoke_token("ci", NOON + 1, "wang", "lost")
    assert revoked.revoked == NOON + 1
    await store.add_token(replace(TOKEN, id="t_2", created=NOON + 2), "b", "li")
    assert [row.id for row in await store.tokens()] == ["t_2", "t_1"]
    with pytest.raises(StoreError):
        await store.add_token(replace(TOKEN, id="t_3", name="x", role="king"), "c", "li")


async def test_rotating_keeps_role_and_scope_and_ends_the_old_one_later(store: Store) -> None:
    await store.add_token(TOKEN, "a", "li")
    made = await store.rotate_token("t_1", replace(TOKEN, id="t_2", role="", scope=None), "b", NOON + 60, "li")
    assert (made.name, made.role, made.scope) == ("ci", "qa", ("calls.test",))
    old = await store.token_by_digest("a")
    assert old is not None
    assert old.revoked == NOON + 60
    with pytest.raises(StoreError):
        await store.rotate_token("nobody", TOKEN, "c", NOON, "li")


async def test_a_user_is_changed_only_as_they_were_seen(store: Store) -> None:
    await store.add_user("wang", "support", "hash", NOON, "li")
    with pytest.raises(StoreError) as caught:
        await store.add_user("wang", "support", "hash", NOON, "li")
    assert caught.value.code == "conflict"

    def refuse(found: UserRow) -> None:
        raise RuntimeError(found.role)

    with pytest.raises(RuntimeError, match="support"):
        await store.change_user("wang", NOON, "li", role="admin", check=refuse)
    assert (await store.users())[0].role == "support"
    changed = await store.change_user("wang", NOON + 1, "li", role="engineer")
    assert changed == UserRow("wang", "engineer", "hash", NOON, NOON + 1, False)
    assert {actor.name: actor.role for actor in await store.actors()} == {"wang": "engineer"}
    await store.remove_user("wang", NOON + 2, "li")
    assert await store.user("wang") is None
    await store.add_user("wang", "viewer", "other", NOON + 3, "li")
    with pytest.raises(StoreError):
        await store.remove_user("nobody", NOON, "li")


async def test_of_many_changes_from_one_version_one_is_made(open_store: Opener) -> None:
    stores = [await open_store() for _ in range(3)]
    await stores[0].add_user("wang", "support", "hash", NOON, "li")

    def seen(found: UserRow) -> None:
        if found.changed != NOON:
            raise RuntimeError("stale")

    work = [
        stores[n % 3].change_user("wang", NOON + 1 + n, "li", role=("viewer", "qa")[n % 2], check=seen)
        for n in range(12)
    ]
    found = await asyncio.gather(*work, return_exceptions=True)
    assert sum(isinstance(one, UserRow) for one in found) == 1
    assert sum(isinstance(one, RuntimeError) for one in found) == 11


async def test_sessions_end_with_time_number_and_the_user(store: Store) -> None:
    await store.add_user("wang", "support", "hash", NOON, "li")
    for n in range(3):
        await store.add_session(f"s{n}", "wang", "csrf", NOON + n, NOON + 100, 2)
    assert await store.session("s0") is None
    found = await store.session("s2")
    assert found is not None
    assert (found.user, found.role, found.csrf, found.expires) == ("wang", "support", "csrf", NOON + 100)
    await store.end_session("s2")
    assert await store.session("s2") is None
    await store.change_user("wang", NOON + 5, "li", disabled=True)
    assert await store.session("s1") is None
    await store.add_user("li", "viewer", "hash", NOON, "li")
    await store.add_session("late", "li", "csrf", NOON + 200, NOON + 300, 2)
    assert await store.session("late") is not None


async def test_of_many_requests_with_one_key_one_goes_on(open_store: Opener) -> None:
    stores = [await open_store() for _ in range(3)]
    found = await asyncio.gather(*(stores[n % 3].begin_request("k", "a", NOON, 60.0) for n in range(12)))
    assert found.count(None) == 1
    await stores[0].end_request("k", 201, {"Location": "/x"}, '{"名": "线"}')
    kept = await stores[1].begin_request("k", "a", NOON + 1, 60.0)
    assert kept is not None
    assert (kept.asked, kept.status, kept.headers, kept.body) == ("a", 201, {"Location": "/x"}, '{"名": "线"}')
    assert await stores[2].begin_request("k", "b", NOON + 61, 60.0) is None
    await stores[2].drop_request("k")
    assert await stores[2].begin_request("k", "c", NOON + 61, 60.0) is None


async def test_long_work_ends_once(store: Store) -> None:
    row = await store.add_operation("o_1", "scenarios", "li", NOON, "r:1")
    half = replace(row, done=1.0, total=2.0, said=Text("half", "一半"), updated=NOON + 1)
    await store.update_operation(half)
    assert await store.operation("o_1") == half
    done = replace(half, state="done", result={"passed": 3}, updated=NOON + 2)
    await store.update_operation(done)
    await store.update_operation(replace(done, state="failed", result=None))
    assert await store.operation("o_1") == done
    assert await store.operation("o_2") is None


async def test_long_work_by_page_and_owner(store: Store) -> None:
    for n in range(5):
        await store.add_operation(f"o_{n}", "x", "li" if n % 2 else "wang", NOON + n // 2, "r:1")
    first = await store.operations(limit=2)
    rest = await store.operations(after=(first[-1].created, first[-1].id), limit=9)
    assert [row.id for row in first + rest] == ["o_4", "o_3", "o_2", "o_1", "o_0"]
    assert [row.id for row in await store.operations(owner="li")] == ["o_3", "o_1"]
    assert await store.lose_operations("r:1", NOON + 40 * 86400, {"en": {}, "zh": {}}) == 0, "old ones are removed"
    assert await store.operations() == []
