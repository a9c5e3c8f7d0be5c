"""Signing in: cookies, CSRF, passwords, and that users cannot be overwritten."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from aiohttp import ClientResponse

from router.app.rest.session import MOST_SESSIONS, SESSION_SECONDS
from tests.api import NOON, Asked

PASSWORD = "four hundred lines"


async def make(api: Asked, name: str = "wang", role: str = "support") -> dict[str, Any]:
    answer = await api.ask("POST", "/users", json={"name": name, "role": role, "password": PASSWORD})
    assert answer.status == 201, await answer.text()
    found: dict[str, Any] = await answer.json()
    return found


async def sign_in(api: Asked, name: str = "wang", password: str = PASSWORD, **more: Any) -> ClientResponse:
    return await api.ask("POST", "/session", role=None, json={"name": name, "password": password}, **more)


async def test_a_session_reads_by_cookie_and_writes_with_its_csrf_token(api: Asked) -> None:
    await make(api)
    answer = await sign_in(api)
    assert answer.status == 200
    cookie = answer.headers["Set-Cookie"]
    for flag in ("line400_session=", "HttpOnly", "SameSite=Strict", "Path=/"):
        assert flag in cookie
    assert "Secure" not in cookie, "without TLS a browser would not send it"
    csrf = (await answer.json())["csrf"]
    assert (await api.get("/session", role=None))["csrf"] == csrf
    assert (await api.get("/numbers", role=None))["items"]
    for headers in ({}, {"X-CSRF-Token": "x"}):
        refused = await api.ask("DELETE", "/session", role=None, headers=headers)
        assert (refused.status, (await refused.json())["code"]) == (403, "csrf")
    assert (await api.ask("DELETE", "/session", role=None, headers={"X-CSRF-Token": csrf})).status == 204
    assert (await api.ask("GET", "/session", role=None)).status == 401


async def test_over_tls_the_cookie_is_secure_and_bound_to_the_host(api: Asked) -> None:
    await make(api)
    api.api.identity.tls, api.api.identity.cookie = True, "__Host-line400_session"
    cookie = (await sign_in(api)).headers["Set-Cookie"]
    assert cookie.startswith("__Host-line400_session=")
    assert "; Secure" in cookie


async def test_a_wrong_name_and_a_wrong_password_look_the_same(api: Asked) -> None:
    await make(api)
    answers = [await sign_in(api, "nobody"), await sign_in(api, password="something else")]
    assert [answer.status for answer in answers] == [401, 401]
    bodies = [await answer.json() for answer in answers]
    assert {body["code"] for body in bodies} == {"wrong-password"}
    assert bodies[0]["detail"] == bodies[1]["detail"]
    assert len(await api.store.audit_entries(action="sign_in_refused")) == 2


async def test_guessing_is_stopped(api: Asked) -> None:
    api.api.attempts = type(api.api.attempts)(0.01, 3)
    found = [(await sign_in(api, password=f"guess number {n}")).status for n in range(4)]
    assert found == [401, 401, 401, 429]


async def test_a_page_of_another_origin_cannot_sign_in(api: Asked) -> None:
    await make(api)
    answer = await sign_in(api, headers={"Origin": "https://evil.example"})
    assert (answer.status, (await answer.json())["code"]) == (403, "another-origin")


async def test_a_session_is_over_in_time_and_when_the_user_changes(api: Asked) -> None:
    await make(api)
    await sign_in(api)
    api.clock.moment = NOON + SESSION_SECONDS + 60
    assert (await api.ask("GET", "/session", role=None)).status == 401
    await sign_in(api)
    assert (await api.ask("GET", "/session", role=None)).status == 200
    seen = await api.ask("GET", "/users/wang")
    changed = await api.ask("PATCH", "/users/wang", json={"disabled": True}, headers={"If-Match": seen.headers["ETag"]})
    assert (await changed.json())["disabled"] is True
    assert (await api.ask("GET", "/session", role=None)).status == 401
    assert (await sign_in(api)).status == 401


async def test_only_the_newest_sessions_of_a_user_stay(api: Asked) -> None:
    await make(api)
    cookies = []
    for n in range(MOST_SESSIONS + 1):
        api.clock.moment = NOON + n
        api.client.session.cookie_jar.clear()
        cookies.append((await sign_in(api)).headers["Set-Cookie"].partition(";")[0])
    api.client.session.cookie_jar.clear()
    found = [(await api.ask("GET", "/session", role=None, headers={"Cookie": cookie})).status for cookie in cookies]
    assert found == [401] + [200] * MOST_SESSIONS


async def test_one_s_own_password(api: Asked) -> None:
    await make(api)
    csrf = {"X-CSRF-Token": (await (await sign_in(api)).json())["csrf"]}
    wrong = {"old": "not this one", "new": "eight hundred lines"}
    assert (await api.ask("PUT", "/session/password", role=None, json=wrong, headers=csrf)).status == 401
    weak = {"old": PASSWORD, "new": "short"}
    assert (await api.ask("PUT", "/session/password", role=None, json=weak, headers=csrf)).status == 422
    right = {"old": PASSWORD, "new": "eight hundred lines"}
    assert (await api.ask("PUT", "/session/password", role=None, json=right, headers=csrf)).status == 204
    assert (await api.ask("GET", "/session", role=None)).status == 401
    assert (await sign_in(api)).status == 401
    assert (await sign_in(api, password="eight hundred lines")).status == 200
    assert (await api.ask("PUT", "/session/password", json=right)).status == 403, "a token has no password"


async def test_the_store_holds_no_password(api: Asked) -> None:
    await make(api)
    await sign_in(api)
    row = await api.store.user("wang")
    assert row is not None
    assert row.password.startswith("$argon2id$")
    assert PASSWORD not in repr(await api.store.audit_entries())


async def test_a_change_needs_the_version_that_it_was_made_from(api: Asked) -> None:
    await make(api)
    seen = await api.ask("GET", "/users/wang")
    etag = seen.headers["ETag"]
    again = await api.ask("GET", "/users/wang", headers={"If-None-Match": etag})
    assert again.status == 304
    change = {"role": "engineer"}
    for headers, status, code in (
        ({}, 428, "if-match-missing"),
        ({"If-Match": "*"}, 428, "if-match-missing"),
        ({"If-Match": '"older"'}, 412, "changed-meanwhile"),
    ):
        answer = await api.ask("PATCH", "/users/wang", json=change, headers=headers)
        assert (answer.status, (await answer.json())["code"]) == (status, code)
    answer = await api.ask("PATCH", "/users/wang", json=change, headers={"If-Match": etag})
    assert (await answer.json())["role"] == "engineer"
    assert answer.headers["ETag"] != etag
    entry = (await api.store.audit_entries(action="change_user"))[0]
    assert (entry.actor, entry.before["role"], entry.after["role"]) == ("token:admin", "support", "engineer")


async def test_of_fifty_changes_from_one_version_one_is_made(api: Asked) -> None:
    await make(api)
    etag = (await api.ask("GET", "/users/wang")).headers["ETag"]
    answers = await asyncio.gather(
        *(
            api.ask("PATCH", "/users/wang", json={"role": role}, headers={"If-Match": etag})
            for role in ("viewer", "qa") * 25
        )
    )
    assert sorted(answer.status for answer in answers) == [200] + [412] * 49


async def test_fifty_clients_that_read_again_lose_no_change(api: Asked) -> None:
    await make(api)

    async def change(n: int) -> None:
        while True:
            etag = (await api.ask("GET", "/users/wang")).headers["ETag"]
            body = {"disabled": False, "reason": f"change {n}"}
            answer = await api.ask("PATCH", "/users/wang", json=body, headers={"If-Match": etag})
            if answer.status == 200:
                return
            assert answer.status == 412

    await asyncio.gather(*(change(n) for n in range(50)))
    made = await api.store.audit_entries(action="change_user")
    assert sorted(entry.reason or "" for entry in made) == sorted(f"change {n}" for n in range(50))


@pytest.mark.parametrize("name", ["wang\u202eadmin", "wa\u200bng", "w\u0000", "\ufeffwang", " ", "", "x" * 81, "a\nb"])
async def test_names_that_could_be_taken_for_others_are_refused(api: Asked, name: str) -> None:
    answer = await api.ask("POST", "/users", json={"name": name, "role": "viewer", "password": PASSWORD})
    assert answer.status == 422
    assert (await answer.json())["findings"][0]["file"] == "body.name"


async def test_two_spellings_of_one_name_are_one_user(api: Asked) -> None:
    composed, decomposed = "Jos\u00e9", "Jose\u0301"
    await make(api, composed)
    answer = await api.ask("POST", "/users", json={"name": decomposed, "role": "viewer", "password": PASSWORD})
    assert answer.status == 409


@pytest.mark.parametrize(
    "name", ["x' OR '1'='1", "'; DROP TABLE users; --", "{{ 7 * 7 }}", "${jndi:ldap://x}", "%s%n", "../../etc/passwd"]
)
async def test_what_would_be_code_elsewhere_is_a_name_here(api: Asked, name: str) -> None:
    made = await make(api, name)
    assert made["name"] == name
    assert [item["name"] for item in (await api.get("/users"))["items"]] == [name]
    assert (await sign_in(api, "' OR ''='")).status == 401
