"""The status page, its JSON, health and readiness, through a real HTTP client."""

from __future__ import annotations

import asyncio
import base64
import re
from collections.abc import AsyncIterator
from hashlib import sha256
from typing import Any

import aiohttp
import pytest
from aiohttp.test_utils import TestClient, TestServer

from router.api import ApiServer, make_app
from router.api.page import language_of
from router.asterisk.service import ServiceError
from router.model import ApiEndpoint


class Source:
    """A router whose state the test decides."""

    def __init__(self) -> None:
        self.ready = True
        self.broken = False

    def status(self) -> dict[str, Any]:
        if self.broken:
            raise RuntimeError("13800138000")
        return {"company": "</script><script>alert(1)</script>", "calls": {"in_progress": 3}}


@pytest.fixture
def source() -> Source:
    return Source()


@pytest.fixture
async def client(source: Source) -> AsyncIterator[TestClient[Any, Any]]:
    async with TestClient(TestServer(make_app(source))) as found:
        yield found


async def test_the_status_is_json(client: TestClient[Any, Any]) -> None:
    answer = await client.get("/api/v1/status")
    assert answer.status == 200
    assert (await answer.json())["calls"] == {"in_progress": 3}


async def test_health_and_readiness(client: TestClient[Any, Any], source: Source) -> None:
    assert (await client.get("/healthz")).status == 200
    assert (await client.get("/readyz")).status == 200
    source.ready = False
    answer = await client.get("/readyz")
    assert (answer.status, await answer.json()) == (503, {"ready": False})
    assert (await client.get("/healthz")).status == 200


@pytest.mark.parametrize(
    ("accept", "title", "lang"),
    [
        ("zh-CN,zh;q=0.9,en;q=0.8", "line400 运行状态", "zh-CN"),
        ("en-GB,en;q=0.9", "line400 live status", "en"),
        ("", "line400 运行状态", "zh-CN"),
    ],
)
async def test_the_page_speaks_the_reader_s_language(
    client: TestClient[Any, Any], accept: str, title: str, lang: str
) -> None:
    answer = await client.get("/", headers={"Accept-Language": accept})
    text = await answer.text()
    assert f"<title>{title}</title>" in text
    assert f'<html lang="{lang}">' in text
    assert answer.headers["Content-Language"] == lang
    assert "$" not in re.sub(r"<script.*?</script>", "", text, flags=re.DOTALL)


async def test_the_language_can_be_chosen(client: TestClient[Any, Any]) -> None:
    answer = await client.get("/?lang=en", headers={"Accept-Language": "zh"})
    assert "live status" in await answer.text()


async def test_the_page_needs_nothing_else_and_only_its_own_script_runs(client: TestClient[Any, Any]) -> None:
    answer = await client.get("/")
    text = await answer.text()
    policy = answer.headers["Content-Security-Policy"]
    scripts = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)
    styles = re.findall(r"<style>(.*?)</style>", text, re.DOTALL)
    assert len(scripts) == len(styles) == 1
    for content in (*scripts, *styles):
        assert "'sha256-" + base64.b64encode(sha256(content.encode()).digest()).decode() + "'" in policy
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert not re.search(r'(src|href)="(?!\?lang=|data:,)', text)
    assert "innerHTML" not in text
    assert not re.search(r"\son[a-z]+=", text)


@pytest.mark.parametrize("path", ["/", "/api/v1/status", "/healthz", "/nothing"])
async def test_every_answer_carries_the_security_headers(client: TestClient[Any, Any], path: str) -> None:
    answer = await client.get(path)
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Server"] == "line400"


async def test_errors_are_json_in_two_languages_without_details(
    client: TestClient[Any, Any], source: Source, caplog: pytest.LogCaptureFixture
) -> None:
    answer = await client.get("/nothing", headers={"Accept-Language": "en"})
    assert (answer.status, (await answer.json())["error"]["code"]) == (404, "not_found")
    answer = await client.post("/api/v1/status")
    assert answer.status == 405
    assert "GET" in answer.headers["Allow"]
    source.broken = True
    answer = await client.get("/api/v1/status?lang=zh")
    assert answer.status == 500
    assert "出错" in (await answer.json())["detail"]
    assert "13800138000" not in await answer.text() + caplog.text


async def test_a_page_of_another_host_cannot_read_the_status(client: TestClient[Any, Any]) -> None:
    answer = await client.get("/api/v1/status", headers={"Host": "evil.example:8400"})
    assert answer.status == 421
    for host in ("localhost:8400", "127.0.0.1", "[::1]:8400"):
        assert (await client.get("/healthz", headers={"Host": host})).status == 200


async def test_a_served_address_that_is_no_loopback_takes_any_host_name(source: Source) -> None:
    async with TestClient(TestServer(make_app(source, host="192.0.2.1"))) as client:
        assert (await client.get("/healthz", headers={"Host": "line400.example"})).status == 200


async def test_a_header_too_long_is_refused(client: TestClient[Any, Any]) -> None:
    assert (await client.get("/healthz", headers={"X": "1" * 20_000})).status == 400


async def test_an_address_too_long_for_a_page_is_refused_and_not_repeated(source: Source) -> None:
    api = ApiServer(source, ApiEndpoint(port=0))
    await api.start()
    async with aiohttp.ClientSession() as session, session.get(api.url + "0" * 20_000) as answer:
        assert answer.status == 414
        assert "0000" not in await answer.text()
    await api.stop()


@pytest.mark.parametrize(
    "sent",
    [
        b"GET / HTTP/1.1\r\nHost: localhost\r\n13800138000\0: 1\r\n\r\n",
        b"GET /13800138000 HTTP/1.1\r\n\r\n",
        b"GET /13800138000" + b"0" * 1_100_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
    ],
)
async def test_what_is_no_http_costs_one_line_that_repeats_none_of_it(
    source: Source, sent: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    api = ApiServer(source, ApiEndpoint(port=0))
    await api.start()
    reader, writer = await asyncio.open_connection("127.0.0.1", api.port)
    writer.write(sent)
    assert (await reader.read()).startswith(b"HTTP/1.0 400 ")
    writer.close()
    await api.stop()
    (record,) = caplog.records
    assert (record.levelname, record.exc_info) == ("WARNING", None)
    assert "13800138000" not in caplog.text


async def test_a_port_in_use_is_one_clear_message(source: Source) -> None:
    first = ApiServer(source, ApiEndpoint(port=0))
    await first.start()
    second = ApiServer(source, ApiEndpoint(port=first.port))
    with pytest.raises(ServiceError) as caught:
        await second.start()
    assert str(first.port) in caught.value.message.en
    assert "api.port" in caught.value.cure.zh
    assert first.url == f"http://127.0.0.1:{first.port}/"
    async with aiohttp.ClientSession() as session, session.get(first.url + "healthz") as answer:
        assert answer.status == 200
    await first.stop()
    await asyncio.sleep(0)
    assert first.port == 0


@pytest.mark.parametrize(
    ("accept", "wanted", "language"),
    [
        ("en;q=0.2, zh;q=0.1", None, "en"),
        ("fr, de", None, "zh"),
        ("en;q=x", None, "zh"),
        ("EN-us", None, "en"),
        ("en", "zh", "zh"),
        ("en", "fr", "en"),
    ],
)
def test_the_language_of_a_reader(accept: str, wanted: str | None, language: str) -> None:
    assert language_of(accept, wanted) == language
