"""Two manager clients that were not written here, against the switch: panoramisk and asterisk-ami."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from asterisk.ami import AMIClient, SimpleAction
from panoramisk import Manager as Panoramisk

from .target import BASE, Bench


@pytest_asyncio.fixture
async def panoramisk(bench: Bench) -> AsyncIterator[Panoramisk]:
    client = Panoramisk(
        loop=asyncio.get_running_loop(),
        host="127.0.0.1",
        port=bench.switch.ami_port,
        username="lab",
        secret="lab-secret",
        ping_delay=1000,
        reconnect_timeout=1000,
    )
    booted = asyncio.Event()
    client.register_event("FullyBooted", lambda manager, message: booted.set())
    await client.connect()
    await asyncio.wait_for(booted.wait(), 10)
    yield client
    client.protocol.factory = None
    client.close()


async def test_panoramisk_logs_in_and_pings(panoramisk: Panoramisk) -> None:
    assert panoramisk.authenticated
    assert panoramisk.protocol.version == "11.0.0"
    answer = await panoramisk.send_action({"Action": "Ping"})
    assert answer.success
    assert answer.ping == "Pong"


async def test_panoramisk_reads_lists_and_commands(panoramisk: Panoramisk, bench: Bench) -> None:
    answers = await panoramisk.send_action({"Action": "QueueStatus"}, as_list=True)
    events = [answer.event for answer in answers if "event" in answer]
    assert events[:1] == ["QueueParams"]
    assert events.count("QueueMember") == 2
    assert events[-1] == "QueueStatusComplete"
    version = await panoramisk.send_command("core show version")
    assert version.success
    assert version.output.startswith("Asterisk 22")


async def test_panoramisk_hears_the_events_of_a_call_in_order(panoramisk: Panoramisk, bench: Bench) -> None:
    heard: list[str] = []
    over = asyncio.Event()

    def note(manager: Panoramisk, message: Any) -> None:
        heard.append(message.event)
        if message.event == "Hangup":
            over.set()

    panoramisk.register_event("*", note)
    await bench.call().ended()
    await asyncio.wait_for(over.wait(), 10)
    order = [name for name in heard if name in ("Newchannel", "Newexten", "AGIExecStart", "Hangup", "Cdr")]
    assert order[0] == "Newchannel"
    assert order[-2:] == ["Cdr", "Hangup"]
    assert "AGIExecStart" in order


async def test_panoramisk_originates(panoramisk: Panoramisk, bench: Bench) -> None:
    done: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
    panoramisk.register_event("OriginateResponse", lambda manager, message: done.set_result(message))
    queued = await panoramisk.send_action(
        {
            "Action": "Originate",
            "Channel": "PJSIP/13800138000@unicom-bj",
            "CallerID": BASE,
            "Application": "Wait",
            "Data": "1",
            "Async": "true",
        },
        as_list=False,
    )
    assert queued.message == "Originate successfully queued"
    told = await asyncio.wait_for(done, 10)
    assert told.response == "Success"
    assert told.reason == "4"
    assert told.calleridnum == BASE
    assert bench.refused == []


async def test_panoramisk_cannot_originate_from_a_400_number(panoramisk: Panoramisk, bench: Bench) -> None:
    answer = await panoramisk.send_action(
        {
            "Action": "Originate",
            "Channel": "PJSIP/13800138000@unicom-bj",
            "CallerID": "客服 <400-800-1234>",
            "Application": "Wait",
            "Data": "1",
            "Async": "true",
        },
        as_list=False,
    )
    assert not answer.success
    assert answer.message == "Originate refused: 400 numbers are inbound only (outbound_400)"
    assert [refused.where for refused in bench.refused] == ["originate"]


# asterisk-ami wakes its waiters with a method whose name Python has deprecated.
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
async def test_asterisk_ami_logs_in_and_is_answered(bench: Bench) -> None:
    def session() -> dict[str, Any]:
        client = AMIClient(address="127.0.0.1", port=bench.switch.ami_port, timeout=10)
        answers: dict[str, Any] = {}
        answers["login"] = client.login("lab", "lab-secret").response
        answers["ping"] = client.send_action(SimpleAction("Ping")).response
        answers["command"] = client.send_action(SimpleAction("Command", Command="core show uptime")).response
        answers["unknown"] = client.send_action(SimpleAction("Frobnicate")).response
        answers["refused"] = client.send_action(
            SimpleAction(
                "Originate",
                Channel="PJSIP/13800138000@unicom-bj",
                CallerID="4008001234",
                Application="Wait",
                Data="1",
            )
        ).response
        answers["goodbye"] = client.logoff().response
        client.disconnect()
        return answers

    answers = await asyncio.to_thread(session)
    assert answers["login"].status == "Success"
    assert answers["ping"].keys["Ping"] == "Pong"
    assert answers["command"].keys["Output"].startswith("System uptime: ")
    assert answers["unknown"].is_error()
    assert answers["refused"].is_error()
    assert "outbound_400" in answers["refused"].keys["Message"]
    assert answers["goodbye"].status == "Goodbye"
    assert [refused.presented for refused in bench.refused] == ["4008001234"]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
async def test_asterisk_ami_with_a_wrong_secret_is_refused(bench: Bench) -> None:
    def session() -> Any:
        client = AMIClient(address="127.0.0.1", port=bench.switch.ami_port, timeout=10)
        answer = client.login("lab", "wrong").response
        client.disconnect()
        return answer

    answer = await asyncio.to_thread(session)
    assert answer.is_error()
    assert answer.keys["Message"] == "Authentication failed"
