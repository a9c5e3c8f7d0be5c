"""Tokens: what opens, what does not, and why."""

from __future__ import annotations

import pytest

from router.api.identity import CACHE_SECONDS, SKEW_SECONDS
from router.api.tokens import digest_of, new_token
from router.app.access import create_token, first_token
from tests.api import NOON, Asked


async def said(api: Asked, token: str, path: str = "/session") -> tuple[int, str]:
    answer = await api.ask("GET", path, headers={"Authorization": f"Bearer {token}"})
    return answer.status, (await answer.json()).get("code", "")


async def test_who_one_is(api: Asked) -> None:
    found = await api.get("/session", role="qa")
    assert (found["name"], found["kind"], found["role"], found["csrf"]) == ("token:qa", "token", "qa", None)
    assert "calls.test" in found["actions"]
    answer = await api.ask("GET", "/session", role=None)
    assert answer.status == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


async def test_a_token_of_another_instance_is_told_so(api: Asked) -> None:
    assert await said(api, new_token("0badcafe")) == (401, "token-of-another-instance")


async def test_a_token_that_was_never_made_is_refused(api: Asked) -> None:
    assert await said(api, new_token((await api.store.instance()).name)) == (401, "unknown-token")


@pytest.mark.parametrize("token", ["", "x", "l4_", "l4_" + "0" * 8 + "_short", "l4_" + "g" * 8 + "_" + "a" * 43, "é"])
async def test_what_is_no_token_is_refused(api: Asked, token: str) -> None:
    assert await said(api, token) == (401, "bad-token")


async def test_another_scheme_is_refused(api: Asked) -> None:
    answer = await api.ask("GET", "/session", headers={"Authorization": "Basic YTpi"})
    assert (await answer.json())["code"] == "bad-scheme"


async def test_the_store_holds_no_token(api: Asked) -> None:
    text = api.tokens["admin"]
    found = await api.store.token_by_digest(digest_of(text))
    assert found is not None
    assert text not in repr(await api.store.tokens()) + repr(await api.store.audit_entries())
    secret = text.rpartition("_")[2]
    assert secret not in digest_of(text)


async def test_a_token_expires_with_grace_for_clocks_that_differ(api: Asked) -> None:
    token = await api.token("short", "viewer", expires=NOON + 100)
    api.clock.moment = NOON + 100 + SKEW_SECONDS - 1
    assert (await said(api, token))[0] == 200
    api.clock.moment = NOON + 100 + SKEW_SECONDS
    assert await said(api, token) == (401, "token-over")


async def test_a_token_made_by_a_router_whose_clock_is_ahead_is_good(api: Asked) -> None:
    made, text = await create_token(api.store, "ahead", "viewer", NOON + 3600, "test")
    assert made.created > api.clock.moment
    assert (await said(api, text))[0] == 200


async def test_revoking_here_is_in_force_at_once(api: Asked) -> None:
    token = await api.token("gone", "viewer")
    assert (await said(api, token))[0] == 200
    answer = await api.ask("DELETE", "/tokens/gone")
    assert (await answer.json())["state"] == "revoked"
    assert await said(api, token) == (401, "token-over")
    assert (await api.ask("DELETE", "/tokens/gone")).status == 404


async def test_revoking_elsewhere_is_in_force_when_the_cache_is_over(api: Asked) -> None:
    token, moment = await api.token("far", "viewer"), 1000.0
    api.api.identity._monotonic = lambda: moment
    assert (await said(api, token))[0] == 200
    await api.store.revoke_token("far", NOON, "cli")
    assert (await said(api, token))[0] == 200
    moment += CACHE_SECONDS
    assert await said(api, token) == (401, "token-over")


async def test_rotating_gives_a_new_token_and_the_old_one_some_time(api: Asked) -> None:
    old = await api.token("ci", "qa", scope=("calls.test", "self.read"))
    answer = await api.ask("POST", "/tokens/ci/rotate", json={"grace_s": 60})
    made = await answer.json()
    assert (made["name"], made["role"], made["scope"]) == ("ci", "qa", ["calls.test", "self.read"])
    assert (await said(api, old))[0] == (await said(api, made["token"]))[0] == 200
    api.clock.moment += 60
    assert await said(api, old) == (401, "token-over")
    assert (await said(api, made["token"]))[0] == 200


async def test_a_scope_narrows_and_never_widens(api: Asked) -> None:
    token = await api.token("narrow", "engineer", scope=("numbers.read", "access.manage"))
    assert (await said(api, token, "/numbers"))[0] == 200
    assert await said(api, token, "/audit") == (403, "forbidden")
    assert await said(api, token, "/tokens") == (403, "forbidden")
    answer = await api.ask("POST", "/tokens", json={"name": "w", "role": "viewer", "scope": ["audit.read"]})
    assert (answer.status, (await answer.json())["code"]) == (422, "beyond-role")


async def test_making_a_token_shows_it_once_and_is_audited(api: Asked) -> None:
    answer = await api.ask("POST", "/tokens", json={"name": "ci", "role": "qa", "days": 1})
    made = await answer.json()
    assert answer.status == 201
    assert answer.headers["Location"] == f"/api/v1/tokens/{made['id']}"
    assert (await said(api, made["token"]))[0] == 200
    listed = (await api.get("/tokens"))["items"]
    assert all("token" not in item for item in listed)
    entry = (await api.store.audit_entries(action="create_token", subject="token:ci"))[0]
    assert (entry.actor, entry.before, entry.after["role"]) == ("token:admin", None, "qa")
    assert (await api.ask("POST", "/tokens", json={"name": "ci", "role": "qa"})).status == 409


async def test_many_wrong_tokens_from_one_address_are_stopped(api: Asked) -> None:
    found = [(await said(api, f"x{n}"))[0] for n in range(30)]
    assert found[0] == 401
    assert found[-1] == 429
    assert (await said(api, api.tokens["viewer"]))[0] == 200, "a right token is not slowed down by wrong ones"


async def test_the_first_token_is_made_once(api: Asked) -> None:
    assert await first_token(api.store, NOON) is None, "this store has tokens"
