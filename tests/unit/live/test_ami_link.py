"""The AMI link against a manager that behaves, drops, keeps silent and sends rubbish."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from typing import Any

import pytest

from router.asterisk import ami_link
from router.asterisk.ami_codec import AmiParser, AmiProtocolError, Message, encode_message
from router.asterisk.ami_link import AmiAccess, AmiLink, AmiUnavailable
from router.callers import CallerError

PATIENCE = 30.0
"""Real seconds after which a test has failed; none waits for them to pass."""


class Manager:
    """A minimal AMI server whose behaviour the test sets."""

    def __init__(self) -> None:
        self.actions: list[Message] = []
        self.logins = 0
        self.refuse_login = False
        self.silent: set[str] = set()
        self.answers: dict[str, list[list[tuple[str, str]]]] = {}
        self.writers: list[asyncio.StreamWriter] = []
        self.server: asyncio.Server | None = None
        self.port = 0

    async def start(self) -> None:
        self.server = await asyncio.start_server(self.serve, "127.0.0.1", self.port)
        self.port = self.server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        assert self.server is not None
        self.server.close()
        self.drop()
        await self.server.wait_closed()

    def drop(self) -> None:
        for writer in self.writers:
            writer.transport.abort()
        self.writers.clear()

    def send(self, *headers: tuple[str, str]) -> None:
        for writer in self.writers:
            writer.write(encode_message(Message.of(headers)))

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.writers.append(writer)
        writer.write(b"Asterisk Call Manager/11.0.0\r\n")
        parser = AmiParser()
        try:
            while data := await reader.read(4096):
                for action in parser.feed(data):
                    self.actions.append(action)
                    self.answer(action, writer)
        except ConnectionError:
            return
        finally:
            writer.close()

    def answer(self, action: Message, writer: asyncio.StreamWriter) -> None:
        name = action.get("Action")
        if name in self.silent:
            return
        ok = not (name == "Login" and self.refuse_login)
        self.logins += name == "Login" and ok
        for headers in self.answers.get(name, [[("Response", "Success" if ok else "Error"), ("Message", "-")]]):
            first, *rest = headers
            writer.write(encode_message(Message.of([first, ("ActionID", action.action_id), *rest])))

    def names(self) -> list[str]:
        return [action.get("Action") for action in self.actions if action.get("Action") != "Filter"]


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A slow machine is no reason to go on without the events that are under way."""
    monkeypatch.setattr(ami_link, "SETTLE_SECONDS", PATIENCE)


@pytest.fixture
async def manager() -> AsyncIterator[Manager]:
    found = Manager()
    await found.start()
    yield found
    await found.stop()


@pytest.fixture
async def link(manager: Manager) -> AsyncIterator[AmiLink]:
    found = AmiLink(AmiAccess("127.0.0.1", manager.port, "line400", "s3cret"))
    yield found
    await found.stop()


async def up(link: AmiLink) -> None:
    link.start()
    assert await link.wait_connected(PATIENCE)


async def until(condition: Any) -> None:
    async with asyncio.timeout(PATIENCE):
        while not condition():  # noqa: ASYNC110 - any condition at all
            await asyncio.sleep(0.005)


async def test_it_logs_in_and_asks_for_the_events_it_uses(manager: Manager, link: AmiLink) -> None:
    await up(link)
    login, *filters = manager.actions
    assert (login.get("Username"), login.get("Secret")) == ("line400", "s3cret")
    criteria = {action.get("MatchCriteria") for action in filters}
    assert "action(include),name(AgentConnect)" in criteria
    assert {action.get("Operation") for action in filters} == {"Add"}


async def test_a_manager_that_cannot_filter_is_no_obstacle(manager: Manager, link: AmiLink) -> None:
    manager.answers["Filter"] = [[("Response", "Error"), ("Message", "no permission")]]
    await up(link)
    assert [action.get("Action") for action in manager.actions] == ["Login", "Filter"]


async def test_events_go_to_the_call_they_name_in_their_order(manager: Manager, link: AmiLink) -> None:
    await up(link)
    seen: list[str] = []
    link.listen("1.1", lambda message: seen.append(message.get("Event")))
    link.listen("1.2", lambda message: seen.append("other"))
    for name in ("QueueCallerJoin", "AgentCalled", "AgentConnect"):
        manager.send(("Event", name), ("Uniqueid", "1.1"))
    manager.send(("Event", "AgentConnect"), ("Uniqueid", "9.9"))
    await link.settle()
    assert seen == ["QueueCallerJoin", "AgentCalled", "AgentConnect"]
    link.unlisten("1.1")
    manager.send(("Event", "Hangup"), ("Uniqueid", "1.1"))
    await link.settle()
    assert len(seen) == 3


async def test_characters_cut_in_two_arrive_whole(manager: Manager, link: AmiLink) -> None:
    await up(link)
    seen: list[str] = []
    link.listen("1.1", lambda message: seen.append(message.get("MemberName")))
    for byte in "Event: AgentConnect\r\nUniqueid: 1.1\r\nMemberName: 座席甲\r\n\r\n".encode():
        manager.writers[0].write(bytes([byte]))
        await manager.writers[0].drain()
        await asyncio.sleep(0)
    await link.settle()
    assert seen == ["座席甲"]


async def test_an_observer_that_fails_costs_only_its_event(
    manager: Manager, link: AmiLink, caplog: pytest.LogCaptureFixture
) -> None:
    await up(link)

    def fail(message: Any) -> None:
        raise ValueError("13800138000")

    link.listen("1.1", fail)
    manager.send(("Event", "Hangup"), ("Uniqueid", "1.1"))
    await link.settle()
    assert link.connected
    assert link.discarded == 1
    assert "13800138000" not in caplog.text


async def test_a_dropped_connection_comes_back(
    manager: Manager, link: AmiLink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ami_link, "FIRST_BACK_OFF", 0.01)
    told: list[bool] = []
    link.on_up = told.append
    await up(link)
    seen: list[str] = []
    link.listen("1.1", lambda message: seen.append(message.get("Event")))
    manager.drop()
    await until(lambda: not link.connected)
    with pytest.raises(AmiUnavailable):
        await link.send("Status")
    assert await link.user_event("X", {}) is False
    await until(lambda: link.connected)
    assert (told, link.reconnections, manager.logins) == ([True, False], 1, 2)
    manager.send(("Event", "AgentConnect"), ("Uniqueid", "1.1"))
    await link.settle()
    assert seen == ["AgentConnect"]


async def test_nothing_is_sent_twice_over_a_reconnection(
    manager: Manager, link: AmiLink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ami_link, "FIRST_BACK_OFF", 0.01)
    await up(link)
    manager.silent.add("UserEvent")
    asked = asyncio.create_task(link.send("UserEvent", {"UserEvent": "X"}, within=PATIENCE))
    await until(lambda: "UserEvent" in manager.names())
    manager.drop()
    await until(lambda: link.reconnections == 1)
    manager.send(("Event", "FullyBooted"))
    await link.settle()
    with pytest.raises(AmiUnavailable):
        await asked
    assert manager.names().count("UserEvent") == 1


async def test_a_manager_that_is_away_is_tried_again_with_longer_and_longer_pauses(
    manager: Manager, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(ami_link, "FIRST_BACK_OFF", 0.005)
    await manager.stop()
    link = AmiLink(AmiAccess("127.0.0.1", manager.port, "line400", "s3cret"))
    link.start()
    assert await link.wait_connected(0.05) is False
    await until(lambda: link.failures >= 3)
    assert len([record for record in caplog.records if "is away" in record.getMessage()]) == 1
    await manager.start()
    assert await link.wait_connected(PATIENCE)
    await link.stop()


async def test_a_refused_login_says_which_key_to_look_at(manager: Manager, link: AmiLink) -> None:
    manager.refuse_login = True
    link.start()
    await until(lambda: link.failures)
    assert "asterisk.username" in link.last_failure
    assert "s3cret" not in link.last_failure + repr(link.access)


async def test_a_manager_that_never_answers_a_ping_is_left(
    manager: Manager, link: AmiLink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ami_link, "PING_SECONDS", 0.01)
    monkeypatch.setattr(ami_link, "FIRST_BACK_OFF", 0.01)
    await up(link)
    monkeypatch.setattr(AmiLink.send, "__kwdefaults__", {"within": 0.05})
    manager.silent.add("Ping")
    await until(lambda: manager.logins >= 2)


@pytest.mark.parametrize(
    "rubbish",
    [
        b"Event: A\r\nEvent: B\r\n\r\n",
        b"\xff\xfe\x00\r\n\r\n",
        b"x" * 400_000,
        b"Response: Success\r\nActionID: nobody\r\n\r\n",
        b"Event: AgentConnect\r\nUniqueid: 1.1\r\nUniqueid: 1.2\r\n\r\n",
    ],
)
async def test_rubbish_never_stops_the_link(
    manager: Manager, link: AmiLink, rubbish: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ami_link, "FIRST_BACK_OFF", 0.01)
    await up(link)
    manager.writers[0].write(rubbish)
    await asyncio.sleep(0.02)
    await until(lambda: link.connected)
    seen: list[str] = []
    link.listen("1.1", lambda message: seen.append(message.get("Event")))
    manager.send(("Event", "Hangup"), ("Uniqueid", "1.1"))
    await link.settle()
    assert seen == ["Hangup"]


async def test_something_that_is_no_manager(caplog: pytest.LogCaptureFixture) -> None:
    async def web(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(web, "127.0.0.1", 0)
    link = AmiLink(AmiAccess("127.0.0.1", server.sockets[0].getsockname()[1], "line400", "s3cret"))
    link.start()
    await until(lambda: link.failures)
    assert not link.connected
    await link.stop()
    server.close()
    await server.wait_closed()


@pytest.mark.parametrize("value", ["x\r\nAction: Originate", "x\n", "\0"])
async def test_a_line_break_never_becomes_an_action(manager: Manager, link: AmiLink, value: str) -> None:
    await up(link)
    with pytest.raises(AmiProtocolError):
        await link.send("Getvar", {"Variable": value})
    assert await link.channel_variable("PJSIP/1", value) == ""
    await link.user_event("X", {"Data": value})
    await link.settle()
    assert set(manager.names()) <= {"Login", "Ping", "UserEvent"}


async def test_a_variable_of_a_channel(manager: Manager, link: AmiLink) -> None:
    manager.answers["Getvar"] = [[("Response", "Success"), ("Variable", "MEMBERNAME"), ("Value", "1001")]]
    await up(link)
    assert await link.channel_variable("PJSIP/t-1", "MEMBERNAME") == "1001"
    manager.answers["Getvar"] = [[("Response", "Error"), ("Message", "No such channel")]]
    assert await link.channel_variable("PJSIP/t-1", "MEMBERNAME") == ""


async def test_the_channels_that_are_up(manager: Manager, link: AmiLink) -> None:
    manager.answers["Status"] = [
        [("Response", "Success"), ("EventList", "start"), ("Message", "Channel status will follow")],
        [("Event", "Status"), ("Uniqueid", "1.1")],
        [("Event", "StatusComplete"), ("EventList", "Complete"), ("Items", "1")],
    ]
    await up(link)
    assert await link.channels() == {"1.1"}


async def test_a_list_of_channels_that_is_not_whole_is_none(manager: Manager, link: AmiLink) -> None:
    manager.answers["Status"] = [[("Response", "Error"), ("Message", "Permission denied")]]
    await up(link)
    with pytest.raises(AmiUnavailable):
        await link.channels()


# ---- originate: one function, one policy


@pytest.mark.parametrize(
    "from_", ["4008001234", "400-800-1234", "+86 400 800 1234", "sip:4008001234@x", "4008001234转1", "0104008001234"]
)
async def test_an_originate_that_presents_a_400_number_is_never_sent(
    manager: Manager, link: AmiLink, from_: str
) -> None:
    await up(link)
    audited: list[Any] = []
    verdict, answer = await link.originate(
        channel="PJSIP/13800138000@unicom-bj", from_=from_, audit=lambda *told: audited.append(told)
    )
    assert (verdict.allowed, verdict.code, answer) == (False, "outbound_400", None)
    assert len(audited) == 1
    assert "Originate" not in manager.names()


@pytest.mark.parametrize(
    "headers",
    [
        {"Variable": "CALLERID(name)=400-800-1234"},
        {"Variable": "PJSIP_HEADER(add,P-Asserted-Identity)=sip:4008001234@x"},
    ],
)
async def test_a_variable_that_presents_a_400_number_is_refused_too(
    manager: Manager, link: AmiLink, headers: dict[str, str]
) -> None:
    await up(link)
    verdict, _ = await link.originate(channel="PJSIP/1@x", from_="01088880001", headers=headers)
    assert not verdict.allowed
    assert "Originate" not in manager.names()


async def test_an_originate_from_a_base_number_to_a_400_number_goes_out(manager: Manager, link: AmiLink) -> None:
    manager.answers["Originate"] = [[("Response", "Success"), ("Message", "Originate accepted")]]
    await up(link)
    verdict, _ = await link.originate(
        channel="PJSIP/4008001234@unicom-bj", from_="010-8888 0001", headers={"Exten": "4008001234"}
    )
    assert verdict.allowed
    sent = manager.actions[-1]
    assert (sent.get("CallerID"), sent.get("Channel")) == ("01088880001", "PJSIP/4008001234@unicom-bj")


async def test_the_policy_is_judged_before_any_connection(link: AmiLink) -> None:
    verdict, _ = await link.originate(channel="PJSIP/1@x", from_="4008001234")
    assert not verdict.allowed
    with pytest.raises(CallerError):
        await link.originate(channel="PJSIP/1@x", from_="nobody")
    with pytest.raises(AmiUnavailable):
        await link.originate(channel="PJSIP/1@x", from_="01088880001")


async def test_originate_has_no_second_way_out(manager: Manager, link: AmiLink) -> None:
    await up(link)
    with pytest.raises(ValueError, match="originate"):
        await link.send("Originate", {"Channel": "PJSIP/1"})
    assert "Originate" not in manager.names()


async def test_a_stopped_link_stays_away(
    manager: Manager, link: AmiLink, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ami_link, "FIRST_BACK_OFF", 0.01)
    await up(link)
    with caplog.at_level(logging.DEBUG):
        await link.stop()
    await asyncio.sleep(0.05)
    assert manager.logins == 1
    assert not link.connected
