"""The services of the company's own: what they are sent, what they may answer, and where nothing is ever sent."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from zoneinfo import ZoneInfo

import pytest
from aiohttp import web

from ivr_flows.commands import Listen, Prompt, SendMessage
from ivr_flows.results import Done, Failed, Said
from router.clock import Clock
from router.model import WebService
from router.outside import events
from router.outside.events import EventSender, Told
from router.outside.messages import HttpMessenger
from router.outside.service import ServiceClient
from router.outside.speech import MOST_BYTES, HttpRecogniser
from router.spool import Spool

from .conftest import Service, never, says, without_end

ZONE = ZoneInfo("Asia/Shanghai")
SMS = SendMessage("138 0013-8000", "您的订单已发货。")


def client(url: str, timeout: float = 5.0, **more: Any) -> ServiceClient:
    return ServiceClient(WebService(url, "SECRET", timeout), "messages", environment={"SECRET": "s3cret"}, **more)


async def send(url: str, command: SendMessage = SMS, **more: Any) -> Any:
    messenger = HttpMessenger(client(url, **more), Clock(0.0))
    try:
        return await messenger(command, "c-1")
    finally:
        await messenger.close()


async def test_a_message_is_posted_with_its_call_and_the_secret(service: Service) -> None:
    assert isinstance(await send(service.url("/send?v=2")), Done)
    (sent,) = service.sent
    assert json.loads(sent.body) == {
        "to": "13800138000",
        "text": "您的订单已发货。",
        "channel": "sms",
        "call_id": "c-1",
    }
    assert (sent.headers["Authorization"], sent.headers["Content-Type"]) == ("Bearer s3cret", "application/json")


@pytest.mark.parametrize(
    "to", ["4008001234", "400-800-1234", "+864008001234", "sip:4008001234@x", "", "13800138000;rm", "转人工", "12"]
)
async def test_nothing_is_sent_to_a_400_number_or_to_no_number(service: Service, to: str) -> None:
    assert isinstance(await send(service.url(), SendMessage(to, "x")), Failed)
    assert service.sent == []


@pytest.mark.parametrize("status", [199 + 101, 400, 401, 429, 500, 503])
async def test_any_status_but_2xx_is_a_failure(service: Service, status: int) -> None:
    service.answer = says("{}", status)
    found = await send(service.url())
    assert isinstance(found, Failed)
    assert str(status) in found.reason


async def test_what_a_service_of_messages_answers_is_not_read(service: Service) -> None:
    service.answer = without_end
    assert isinstance(await send(service.url(), timeout=20.0), Done)


async def test_a_service_that_never_answers_is_waited_for_no_longer_than_its_timeout(service: Service) -> None:
    service.answer = never
    found = await send(service.url(), timeout=0.1)
    assert isinstance(found, Failed)
    assert "0.1" in found.reason


async def test_a_redirect_to_another_host_is_not_followed(service: Service) -> None:
    async def away(request: web.Request) -> web.StreamResponse:
        raise web.HTTPTemporaryRedirect(service.url("/elsewhere", "127.0.0.2"))

    service.answer = away
    found = await send(service.url())
    assert isinstance(found, Failed)
    assert "messages.url" in found.reason
    assert [sent.path for sent in service.sent] == ["/do"]


async def test_a_name_that_leads_inside_is_not_connected_to(service: Service) -> None:
    async def resolve(host: str, port: int) -> list[str]:
        return ["127.0.0.1"]

    url = service.url(host="sms.example")
    assert isinstance(await send(url, resolve=resolve), Failed)
    assert service.sent == []
    assert isinstance(await send(url, resolve=resolve, networks=("127.0.0.0/8",)), Done)


# ---- speech

LISTEN = Listen((Prompt("请说。"),), 5.0, 3.0, intents=("查账单", "报修"))


class Ear:
    """A recogniser and the folder of its recordings."""

    def __init__(self, service: Service, folder: Path) -> None:
        self.service = service
        self.folder = folder
        self.file = folder / "line400-recordings" / "c-1-1.wav"
        self.file.parent.mkdir()
        self.file.write_bytes(b"RIFFsound")

    async def hear(self, name: str = "line400-recordings/c-1-1", timeout: float = 5.0) -> Any:
        ear = HttpRecogniser(client(self.service.url(), timeout), Spool([self.folder]), Clock(0.0))
        try:
            return await ear(LISTEN, name, "c-1")
        finally:
            await ear.close()


@pytest.fixture
def ear(service: Service, tmp_path: Path) -> Ear:
    return Ear(service, tmp_path)


async def test_the_recording_is_posted_understood_and_deleted(ear: Ear, service: Service) -> None:
    service.answer = says(json.dumps({"text": "我要修东西", "intent": "报修", "confidence": 0.9}))
    found = await ear.hear()
    assert isinstance(found, Said)
    assert (found.text, found.intent) == ("我要修东西", "报修")
    (sent,) = service.sent
    assert (sent.body, sent.headers["Content-Type"]) == (b"RIFFsound", "audio/wav")
    assert sent.headers["X-Line400-Language"] == "zh-CN"
    assert json.loads(unquote(sent.headers["X-Line400-Intents"])) == ["查账单", "报修"]
    assert not ear.file.exists()


@pytest.mark.parametrize(
    "answer",
    [
        {"text": "报修"},
        {"text": "报修", "intent": None},
        {"text": "报修", "intent": "报修", "confidence": 0.2},
        {"text": "报修", "intent": "转账", "confidence": 1},
    ],
)
async def test_an_intent_that_is_not_sure_or_not_known_does_not_decide(
    ear: Ear, service: Service, answer: dict[str, object]
) -> None:
    service.answer = says(json.dumps(answer))
    found = await ear.hear()
    assert isinstance(found, Said)
    assert (found.text, found.intent) == ("报修", "")


@pytest.mark.parametrize(
    "answer",
    [
        *("", "null", "[]", "7", "<html>", '{"text": 3}', '{"text": null}', '{"texts": "报修"}', "[" * 100_000),
        *('{"text": "x", "intent": 3}', '{"text": "x", "confidence": "high"}', '{"text": "x", "confidence": NaN}'),
    ],
)
async def test_an_answer_of_another_form_is_a_failure(ear: Ear, service: Service, answer: str) -> None:
    service.answer = says(answer)
    assert isinstance(await ear.hear(), Failed)
    assert not ear.file.exists()


async def test_an_answer_of_100_mb_and_one_that_never_comes_are_failures(ear: Ear, service: Service) -> None:
    service.answer = without_end
    found = await ear.hear()
    assert isinstance(found, Failed)
    assert "KiB" in found.reason
    ear.file.write_bytes(b"RIFFsound")
    service.answer = never
    assert isinstance(await ear.hear(timeout=0.1), Failed)


@pytest.mark.parametrize(
    "name", ["../c-1-1", "/etc/passwd", "line400-recordings/other", "line400-recordings", "", "a\0b"]
)
async def test_a_recording_that_is_not_where_it_should_be_is_not_sent(ear: Ear, service: Service, name: str) -> None:
    assert isinstance(await ear.hear(name), Failed)
    assert service.sent == []
    assert ear.file.exists()


async def test_a_recording_that_is_too_long_is_not_sent(ear: Ear, service: Service) -> None:
    ear.file.write_bytes(bytes(MOST_BYTES + 1))
    assert isinstance(await ear.hear(), Failed)
    assert service.sent == []


# ---- events


def told(number: int = 1) -> Told:
    return Told("caller_left", f"c-{number}", "4008001234", "13800138000", 1_790_000_000.0, {"n": number, "x": {1}})


async def test_an_event_is_told_with_its_call(service: Service) -> None:
    sender = EventSender(client(service.url()), ZONE)
    sender.start()
    sender(told())
    await sender.close()
    (sent,) = service.sent
    assert json.loads(sent.body) == {
        "event": "caller_left",
        "call_id": "c-1",
        "number": "4008001234",
        "caller": "13800138000",
        "at": "2026-09-21T22:13:20+08:00",
        "data": {"n": 1, "x": "{1}"},
    }


async def test_an_event_is_tried_again_and_given_up_in_the_end(
    service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    service.answer = says("", 503)
    sender = EventSender(client(service.url()), ZONE, pauses=(0.01, 0.01))
    sender.start()
    sender(told())
    await sender.close()
    assert (len(service.sent), sender.given_up) == (3, 1)
    assert "caller_left" in caplog.text
    assert "13800138000" not in caplog.text


async def test_events_that_nobody_takes_do_not_pile_up(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    service.answer = never
    monkeypatch.setattr(events, "MOST_WAITING", 5)
    sender = EventSender(client(service.url()), ZONE)
    sender.start()
    for number in range(20):
        sender(told(number))
    await asyncio.sleep(0)
    assert sender.given_up == 15
    await sender.close(timeout=0.05)
