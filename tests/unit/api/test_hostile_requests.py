"""Requests of the wrong shape, depth, size and pace; and what would be code elsewhere."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote

import pytest

from router.api import ApiServer, server
from router.api.limits import Limits
from router.api.reading import DEEPEST, check_depth
from router.api.refusal import Refused
from router.app.rest.mounted import make_api
from router.model import ApiEndpoint
from tests.api import Asked

JSON = {"Content-Type": "application/json"}


async def post(api: Asked, body: bytes, headers: dict[str, str] | None = None) -> tuple[int, dict[str, Any]]:
    answer = await api.ask("POST", "/tokens", data=body, headers={**JSON, **(headers or {})})
    return answer.status, await answer.json()


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 400, "bad-json"),
        (b"{", 400, "bad-json"),
        (b"\xff\xfe", 400, "bad-json"),
        (b'{"name": "\\ud800", "role": "qa"}', 400, "bad-json"),
        (b"[]", 422, "invalid-request"),
        (b"null", 422, "invalid-request"),
        (b'"x"', 422, "invalid-request"),
        (b'{"name": 7, "role": "qa"}', 422, "invalid-request"),
        (b'{"name": "a", "role": "king"}', 422, "invalid-request"),
        (b'{"name": "a", "role": "qa", "days": NaN}', 422, "invalid-request"),
        (b'{"name": "a", "role": "qa", "days": 1e999}', 422, "invalid-request"),
        (b'{"name": "a", "role": "qa", "dyas": 1}', 422, "invalid-request"),
    ],
)
async def test_json_of_the_wrong_shape(api: Asked, body: bytes, status: int, code: str) -> None:
    found, said = await post(api, body)
    assert (found, said["code"]) == (status, code)
    assert said["findings"], said


async def test_findings_name_every_place_and_a_cure(api: Asked) -> None:
    _, said = await post(api, b'{"role": "qaa", "scop": [], "days": "soon"}')
    found = {finding["file"]: finding for finding in said["findings"]}
    assert set(found) == {"body.name", "body.role", "body.scop", "body.days"}
    assert "scope" in found["body.scop"]["cure"]
    assert "qa" in found["body.role"]["cure"]
    assert all(finding["cure"] for finding in found.values())


@pytest.mark.parametrize("opening", [b"[", b'{"a":'])
async def test_json_that_is_too_deep(api: Asked, opening: bytes) -> None:
    status, said = await post(api, opening * 30_000)
    assert (status, said["code"]) == (422, "too-deep")


def test_the_depth_is_that_of_brackets_outside_of_texts() -> None:
    check_depth(b"[" * DEEPEST + b"]" * DEEPEST)
    check_depth(json.dumps({"a": "[" * 1000, 'b\\"[': ["{" * 1000]}).encode())
    check_depth(b"[" + b"[]," * 1000 + b"[]]")
    with pytest.raises(Refused):
        check_depth(b"[" * (DEEPEST + 1))


async def test_a_body_that_is_too_large(api: Asked) -> None:
    status, said = await post(api, b'{"name": "' + b"a" * 300_000 + b'"}')
    assert (status, said["code"]) == (413, "too-large")

    async def drip() -> AsyncIterator[bytes]:  # without a length in front
        for _ in range(400):
            yield b"a" * 1000

    answer = await api.ask("POST", "/tokens", data=drip(), headers=JSON)
    assert answer.status == 413


async def test_a_body_that_grows_when_unpacked(api: Asked) -> None:
    status, said = await post(api, gzip.compress(b" " * 50_000_000), {"Content-Encoding": "gzip"})
    assert (status, said["code"]) == (413, "too-large")


async def test_a_body_that_is_not_what_its_header_says(api: Asked) -> None:
    status, said = await post(api, b"no gzip", {"Content-Encoding": "gzip"})
    assert (status, said["code"]) == (400, "body-broken")
    answer = await api.ask("POST", "/tokens", data={"name": "x"})
    assert (answer.status, (await answer.json())["code"]) == (415, "not-json")


@pytest.mark.parametrize(
    "text",
    [
        "' OR 1=1 --",
        "x'; DELETE FROM calls; --",
        "%",
        "{{ 7*7 }}",
        "${7*7}",
        "<script>alert(1)</script>",
        "\\",
        "%00",
    ],
)
async def test_filters_are_values_and_nothing_else(api: Asked, text: str) -> None:
    given = quote(text)
    lists = (f"/calls?line={given}", f"/audit?actor={given}", f"/numbers?company={given}")
    for path in (*lists, f"/calls/{quote(given)}"):
        answer = await api.ask("GET", path)
        assert answer.status in (200, 404), path
        if answer.status == 200:
            assert (await answer.json())["items"] == [], path
    assert await api.store.audit_entries(), "nothing is lost"


@pytest.mark.parametrize(
    "path", ["/../../etc/passwd", "/numbers/..%2f..%2fetc%2fpasswd", "/numbers/%252e%252e%252fhealthz"]
)
async def test_paths_that_climb_lead_nowhere(api: Asked, path: str) -> None:
    answer = await api.ask("GET", path)
    assert answer.status in (404, 422)
    assert "root:" not in await answer.text()


async def test_an_unknown_path_or_method_is_a_problem_document(api: Asked) -> None:
    answer = await api.ask("GET", "/nothing")
    assert (answer.status, answer.content_type) == (404, "application/problem+json")
    assert (await answer.json())["code"] == "not-found"
    answer = await api.ask("PUT", "/numbers")
    assert (answer.status, (await answer.json())["code"]) == (405, "method-not-allowed")
    assert "GET" in answer.headers["Allow"]


async def test_a_name_that_stands_twice_is_refused(api: Asked) -> None:
    assert (await api.get("/calls?line=a&line=b", status=422))["findings"][0]["file"] == "query.line"
    said = await api.get("/calls?lien=a", status=422)
    assert "line" in said["findings"][0]["cure"]


async def test_every_answer_has_the_security_headers(api: Asked) -> None:
    for path, status in (("/numbers", 200), ("/nothing", 404)):
        answer = await api.ask("GET", path)
        assert answer.status == status
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "no-store"
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert "Access-Control-Allow-Origin" not in answer.headers


# ---- pace


@pytest.fixture
async def served(api: Asked, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[ApiServer]:
    monkeypatch.setattr(server, "KEEP_ALIVE_SECONDS", 0.3)
    made = await make_api(api.served, Limits(body_seconds=0.3))
    found = ApiServer(api.served.router, ApiEndpoint(port=0), [made.mount])
    await found.start()
    yield found
    await found.stop()


async def answered(port: int, parts: list[bytes], pause: float) -> bytes:
    """What comes back until the connection is closed, for a request that drips."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)

    async def send() -> None:
        for part in parts:
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(pause)

    sending = asyncio.create_task(send())
    try:
        return await asyncio.wait_for(reader.read(), 30)
    except ConnectionResetError:
        return b""
    finally:
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)
        writer.close()


async def test_a_head_that_drips_is_cut_off(served: ApiServer) -> None:
    head = [b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n"] + [b"X-A: 1\r\n"] * 10_000
    assert await answered(served.port, head, 0.05) == b""


async def test_a_body_that_drips_is_cut_off(served: ApiServer, api: Asked) -> None:
    head = (
        "POST /api/v1/tokens HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        f"Authorization: Bearer {api.tokens['admin']}\r\nContent-Length: 10000\r\n\r\n"
    )
    said = await answered(served.port, [head.encode(), *[b" "] * 10_000], 0.05)
    assert said.startswith(b"HTTP/1.1 408 ")


async def test_slow_clients_do_not_hold_up_others(served: ApiServer) -> None:
    dripping = [b"GET / HTTP/1.1\r\n", *[b"A: b\r\n"] * 10_000]
    slow = [asyncio.create_task(answered(served.port, dripping, 0.05)) for _ in range(100)]
    whole = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    assert (await answered(served.port, [whole], 0)).startswith(b"HTTP/1.1 200 ")
    assert set(await asyncio.gather(*slow)) == {b""}
