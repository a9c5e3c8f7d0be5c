"""Deliveries over real HTTP: tried until they succeed, dead when they never do, nobody waits for anybody else."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks import Webhook

from router.clock import Clock
from router.happenings import Happening
from router.model import FetchAccess, Settings, WebhookReceiver, WebService
from router.store import Store
from router.webhooks import WebhookSender
from tests.unit.live.little_switch import until
from tests.unit.outside.conftest import Service, says, service

__all__ = ["service"]

SECRET = f"whsec_{base64.b64encode(b'k' * 32).decode()}"
ENVIRONMENT = {"HOOK_SECRET": SECRET}


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    async with await Store.open(f"sqlite:///{tmp_path}/line400.db") as found:
        yield found


def receiver(url: str, name: str = "crm", **facts: Any) -> WebhookReceiver:
    return WebhookReceiver(name, WebService(url, "HOOK_SECRET", 2.0), **facts)


def sender(store: Store, *receivers: WebhookReceiver, pauses: tuple[float, ...] = (0.0, 0.0)) -> WebhookSender:
    settings = Settings(company="示例科技", webhooks=receivers, fetch=FetchAccess())
    return WebhookSender(store, Clock(), settings, lambda number: "main", ENVIRONMENT, pauses=pauses, look=0.02)


def happenings(count: int) -> list[Happening]:
    now = Clock().now()
    return [Happening(f"c/{place}", "call.started", "c", now, {"call_id": "c", "n": place}) for place in range(count)]


async def ended(store: Store, state: str, count: int) -> None:
    async def there() -> bool:
        counts = await store.count_deliveries()
        return sum(number for (_, found), number in counts.items() if found == state) == count

    async with asyncio.timeout(30):
        while not await there():  # noqa: ASYNC110 - another task writes it
            await asyncio.sleep(0.02)


async def test_what_happened_is_delivered_and_its_signature_verified_by_another_library(
    store: Store, service: Service
) -> None:
    out = sender(store, receiver(service.url("/hook")))
    out.start()
    await store.tell(happenings(3))
    await ended(store, "delivered", 3)
    await out.stop()
    assert len(service.sent) == 3
    for sent in service.sent:
        event = Webhook(SECRET).verify(sent.body, {name.lower(): value for name, value in sent.headers.items()})
        assert event == json.loads(sent.body)
        assert "Authorization" not in sent.headers


async def test_a_receiver_that_fails_is_tried_again_and_hears_the_same_id(store: Store, service: Service) -> None:
    service.answer = says("{}", 500)
    out = sender(store, receiver(service.url()), pauses=(0.0, 0.0, 0.0))
    out.start()
    await store.tell(happenings(1))
    await until(lambda: len(service.sent) >= 2)
    service.answer = None
    await ended(store, "delivered", 1)
    await out.stop()
    assert {sent.headers["webhook-id"] for sent in service.sent} == {"c/0"}


async def test_what_never_succeeds_is_a_dead_letter_that_can_be_sent_again(store: Store, service: Service) -> None:
    service.answer = says("no", 503)
    out = sender(store, receiver(service.url()))
    out.start()
    await store.tell(happenings(1))
    await ended(store, "dead", 1)
    (dead,) = await store.deliveries(state="dead")
    assert (dead.tries, dead.said) == (3, "status 503")
    service.answer = None
    now = Clock().now()
    assert await store.replay_deliveries(now, "anna", now) == 1
    await ended(store, "delivered", 1)
    await out.stop()
    assert len(service.sent) == 4


async def test_a_receiver_that_says_gone_is_not_asked_again(store: Store, service: Service) -> None:
    service.answer = says("", 410)
    out = sender(store, receiver(service.url()))
    out.start()
    await store.tell(happenings(1))
    await ended(store, "dead", 1)
    await out.stop()
    assert len(service.sent) == 1


async def test_a_receiver_that_is_down_delays_nobody_else(store: Store, service: Service) -> None:
    down = receiver("http://127.0.0.1:9/hook", "down")
    out = sender(store, down, receiver(service.url()), pauses=(600.0,))
    out.start()
    await store.tell(happenings(30))
    await ended(store, "delivered", 30)
    await out.stop()
    counts = await store.count_deliveries()
    assert counts[("down", "waiting")] == 30


async def test_a_router_that_was_killed_leaves_nothing_unsent(store: Store, service: Service) -> None:
    await store.tell(happenings(5))
    first = sender(store, receiver(service.url()))
    first.start()
    await until(lambda: service.sent)
    await first.stop()
    second = sender(store, receiver(service.url()))
    second.start()
    await until(lambda: {sent.headers["webhook-id"] for sent in service.sent} >= {f"c/{place}" for place in range(5)})
    await second.stop()


@pytest.mark.parametrize("url", ["http://localhost:{port}/x", "http://127.0.0.1:{port}/to"])
async def test_a_receiver_may_not_lead_into_the_network(store: Store, service: Service, url: str) -> None:
    """A name that leads to an address at home, or a redirect to another host, is refused as for `fetch`."""

    async def elsewhere(request: Any) -> Any:
        from aiohttp import web

        return web.Response(status=307, headers={"Location": "http://169.254.169.254/latest/meta-data/"})

    service.answer = elsewhere
    out = sender(store, receiver(url.format(port=service.port)), pauses=())
    out.start()
    await store.tell(happenings(1))
    await ended(store, "dead", 1)
    await out.stop()
    (dead,) = await store.deliveries(state="dead")
    assert dead.said is not None
    assert "not on the list" in dead.said or "not public" in dead.said


async def test_the_log_names_no_caller_and_no_secret(
    store: Store, service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    service.answer = says("", 410)
    out = sender(store, receiver(service.url()))
    out.start()
    now = Clock().now()
    await store.tell([Happening("c/0", "call.started", "c", now, {"caller": "13800138000"})])
    await ended(store, "dead", 1)
    await out.stop()
    assert "dead letter" in caplog.text
    assert "13800138000" not in caplog.text
    assert SECRET not in caplog.text
