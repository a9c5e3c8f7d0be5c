"""Every route with every role: exactly what the table of roles says."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from router.api.application import BASE
from router.api.fields import Nothing
from router.api.limits import Buckets
from router.api.openapi import statuses
from router.api.operation import Operation
from router.api.roles import ACTIONS, ROLES, Role, actions_of, may
from router.api.tokens import digest_of
from router.app.rest.registry import OPERATIONS
from tests.api import NOON, Asked

ROOT = Path(__file__).resolve().parents[3]
REACHED = 299


async def reached(call: Any, served: Any) -> web.Response:
    return web.Response(status=REACHED)


def bare(operation: Operation) -> Operation:
    """The operation as far as who may do it goes."""
    plain: dict[str, Any] = {"path_model": Nothing, "query": Nothing, "body": None, "paged": False, "edits": False}
    plain["upload"] = None
    return replace(operation, handler=reached, **plain)


async def test_every_route_is_open_to_exactly_the_roles_of_its_action(api: Asked) -> None:
    app = web.Application()
    api.api.table = tuple(bare(operation) for operation in OPERATIONS)
    api.api.attempts = Buckets(1e9, 1e9)
    api.api.mount(app)
    async with TestClient(TestServer(app)) as client:
        for role in (*ROLES, None):
            headers = {} if role is None else {"Authorization": f"Bearer {api.tokens[role]}"}
            for operation in OPERATIONS:
                path = BASE + operation.path.replace("{", "").replace("}", "")
                answer = await client.request(operation.method, path, headers=headers)
                assert answer.status == wanted(operation, role), (operation.name, role)


async def test_every_change_by_cookie_needs_the_token_of_its_session(api: Asked) -> None:
    app = web.Application()
    api.api.table = tuple(bare(operation) for operation in OPERATIONS)
    api.api.mount(app)
    await api.store.add_user("wang", "admin", "hash", NOON, "test")
    await api.store.add_session(digest_of("cookie"), "wang", "csrf", NOON, NOON + 3600, 5)
    async with TestClient(TestServer(app), cookies={"line400_session": "cookie"}) as client:
        for operation in OPERATIONS:
            path = BASE + operation.path.replace("{", "").replace("}", "")
            refused = operation.writes and operation.action is not None
            answer = await client.request(operation.method, path)
            assert answer.status == (403 if refused else REACHED), operation.name
            answer = await client.request(operation.method, path, headers={"X-CSRF-Token": "csrf"})
            assert answer.status == REACHED, operation.name


def wanted(operation: Operation, role: Role | None) -> int:
    if operation.action is None:
        return REACHED
    if role is None:
        return 401
    return REACHED if may(role, operation.action) else 403


def test_what_every_operation_needs_is_known_and_said() -> None:
    names = [operation.name for operation in OPERATIONS]
    assert len(set(names)) == len(names)
    places = [(operation.method, operation.path) for operation in OPERATIONS]
    assert len(set(places)) == len(places)
    for operation in OPERATIONS:
        assert operation.summary.en, operation.name
        assert operation.summary.zh, operation.name
        assert operation.action is None or {401, 403} <= set(statuses(operation)), operation.name
        assert not operation.edits or operation.writes, operation.name


def test_the_table_of_roles() -> None:
    assert all("admin" in action.roles for action in ACTIONS.values())
    assert actions_of("admin") == frozenset(ACTIONS)
    assert actions_of("viewer") < actions_of("engineer")
    assert not may("viewer", "callers.read")
    assert not may("support", "revisions.apply")
    assert not may("engineer", "access.manage")
    for role in ROLES:
        assert may(role, "self.read")


def test_the_documents_have_the_same_table() -> None:
    rows = [
        f"| `{action.name}` | {action.text.en} | "
        + " | ".join("✓" if role in action.roles else "" for role in ROLES)
        + " |"
        for action in ACTIONS.values()
    ]
    text = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    assert "\n".join(rows) in text
