"""What goes on now: calls with node and digits, queues with their callers and agents, as JSON and as a stream."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from router.api import make_app
from router.asterisk.service import LiveRouter
from router.book import RouteBook
from router.configuration import load_files
from router.model import Configuration
from simulator.call import TestCall
from simulator.embedded import Embedded
from simulator.parties import AgentScript
from simulator.script import PressScript

AT = 1_790_000_000.0
FILES = {
    "line400.yaml": b"company: x\n",
    "numbers.yaml": b"numbers: [ { number: 400-800-1234, purchased: 2025-01-01 } ]\n",
    "lines.yaml": b"lines: { bj: { base_number: 010-88880001, trunk: bj, fallback: { announce: x } } }\n",
    "trunks.yaml": b"trunks: { bj: { peer: 127.0.0.1, original_called: [] } }\n",
    "queues.yaml": b'queues: { support: { agents: ["1001", "1002"] } }\n',
    "routes.yaml": b"routes: { 400-800-1234: { line: bj, flow: desk } }\n",
    "flows/desk.flow.yaml": """flow: desk
nodes:
  card: { gather: { prompt: 卡号。, max_digits: 4, sensitive: true }, on: { ok: order, no_input: bye } }
  order: { gather: { prompt: 订单号。, max_digits: 2 }, on: { ok: wait, no_input: bye } }
  wait: { queue: support, on: { answered: bye, timeout: bye } }
  bye: { hangup: normal }
""".encode(),
}


def book() -> RouteBook:
    configuration = load_files(FILES, Path("config")).configuration
    assert isinstance(configuration, Configuration)
    return RouteBook.compile(configuration, "r7")


async def seen(router: LiveRouter, wanted: Callable[[dict[str, Any]], bool], **how: bool) -> dict[str, Any]:
    """The first document that is as ``wanted``."""
    async with asyncio.timeout(20):
        while True:
            document: dict[str, Any] = await router.live(**how)
            if wanted(document):
                return document
            await asyncio.sleep(0.05)


def queue_of(document: dict[str, Any], name: str = "support") -> dict[str, Any]:
    (found,) = [queue for queue in document["queues"] or () if queue["name"] == name]
    return found


@pytest.fixture
async def waiting() -> AsyncIterator[LiveRouter]:
    """A router with one caller, who gave two numbers and waits in a queue where nobody answers."""
    async with Embedded(book(), AT, speed=40.0) as embedded:
        router = embedded.router
        assert router is not None
        call = asyncio.create_task(
            embedded.place(
                TestCall("4008001234", "13800138000", AT, "c-1"),
                PressScript.parse("1234,77"),
                AgentScript.parse("never"),
            )
        )
        await seen(router, lambda document: any(call["queue"] for call in document["calls"]))
        yield router
        call.cancel()
        await asyncio.gather(call, return_exceptions=True)


async def test_a_call_shows_where_it_is_and_what_was_pressed(waiting: LiveRouter) -> None:
    (call,) = (await waiting.live())["calls"]
    assert (call["called"], call["line"], call["flow"], call["node"]) == ("4008001234", "bj", "desk", "wait")
    assert (call["queue"], call["agent"], call["test"]) == ("support", None, True)
    assert call["seconds"] >= 0.0
    # What the flow calls sensitive is never shown.
    assert call["digits"] == ["•", "77"]


async def test_callers_are_masked_unless_they_may_be_known(waiting: LiveRouter) -> None:
    def both(document: dict[str, Any]) -> list[str]:
        return [document["calls"][0]["caller"], queue_of(document)["waiting"][0]["caller"]]

    there = await seen(waiting, lambda document: bool(queue_of(document)["waiting"]))
    assert both(there) == ["138****8000", "138****8000"]
    assert both(await waiting.live(reveal=True)) == ["13800138000", "13800138000"]


async def test_queues_show_who_waits_and_what_agents_do(waiting: LiveRouter) -> None:
    document = await seen(
        waiting, lambda document: any(agent["state"] == "ringing" for agent in queue_of(document)["agents"])
    )
    queue = queue_of(document)
    assert [agent["agent"] for agent in queue["agents"]] == ["1001", "1002"]
    assert [(caller["position"], caller["call_id"]) for caller in queue["waiting"]] == [(1, "c-1")]


class Source:
    """A router that says whether it was asked to reveal."""

    ready = True

    def status(self) -> dict[str, Any]:
        return {}

    async def live(self, *, reveal: bool = False) -> dict[str, Any]:
        return {"revealed": reveal}


@pytest.fixture
async def client() -> AsyncIterator[TestClient[Any, Any]]:
    async with TestClient(TestServer(make_app(Source(), live_key="k3y"))) as found:
        yield found


async def test_the_document_is_json(client: TestClient[Any, Any]) -> None:
    answer = await client.get("/api/v1/live")
    assert (answer.status, await answer.json()) == (200, {"revealed": False})


async def test_the_right_key_reveals_and_a_wrong_one_is_refused(client: TestClient[Any, Any]) -> None:
    answer = await client.get("/api/v1/live", headers={"Authorization": "Bearer k3y"})
    assert await answer.json() == {"revealed": True}
    for wrong in ("Bearer no", "Bearer", "Basic k3y", ""):
        assert (await client.get("/api/v1/live", headers={"Authorization": wrong})).status == 403


async def test_without_a_key_nobody_is_shown_callers() -> None:
    async with TestClient(TestServer(make_app(Source(), live_key=""))) as client:
        assert (await client.get("/api/v1/live", headers={"Authorization": "Bearer "})).status == 403


async def test_the_stream_sends_documents_until_the_reader_goes(client: TestClient[Any, Any]) -> None:
    async with client.get("/api/v1/live", headers={"Accept": "text/event-stream"}) as answer:
        assert answer.headers["Content-Type"] == "text/event-stream; charset=utf-8"
        line = await answer.content.readline()
    assert json.loads(line.removeprefix(b"data: ")) == {"revealed": False}


async def test_streams_are_bounded_and_end_with_the_service(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("router.api.live.MOST_STREAMS", 2)
    async with TestClient(TestServer(make_app(Source()))) as client:
        events = {"Accept": "text/event-stream"}
        streams = [await client.get("/api/v1/live", headers=events) for _ in range(2)]
        assert (await client.get("/api/v1/live", headers=events)).status == 503
        async with asyncio.timeout(5):
            await client.server.close()
        for stream in streams:
            stream.close()
