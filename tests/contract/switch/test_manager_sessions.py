"""Manager sessions: who may do what, which events they get, and what ends them."""

from __future__ import annotations

import asyncio
import logging

import pytest

from router.asterisk.ami_codec import Message
from router.clock import Clock
from simulator.switch import AmiLimits, VirtualSwitch

from .target import BASE, Agi, Bench, Manager


async def connect(bench: Bench, user: str, **login: str) -> Manager:
    return await Manager.connect(bench.switch.ami_port, user, f"{user}-secret", **login)


# ---- what a user may


@pytest.mark.parametrize(
    "action", ["Hangup", "Originate", "Command", "CoreShowChannels", "Setvar", "Filter", "QueueAdd"]
)
async def test_an_account_without_the_class_may_not_send_an_action(bench: Bench, action: str) -> None:
    manager = await connect(bench, "watcher")
    answer = await manager.action(action, ActionID="1")
    assert (answer.get("Response"), answer.get("Message")) == ("Error", "Permission denied")
    assert answer.action_id == "1"
    assert (await manager.action("Ping")).get("Ping") == "Pong"


async def test_the_list_of_commands_holds_what_the_account_may_send(bench: Bench) -> None:
    manager = await connect(bench, "caller")
    names = {key for key, _ in (await manager.action("ListCommands")).headers}
    assert {"Originate", "Ping", "Logoff"} <= names
    assert not {"Hangup", "Command", "Setvar"} & names


async def test_an_account_gets_the_events_of_its_classes_only(bench: Bench) -> None:
    manager = await connect(bench, "watcher")
    await bench.call().ended()
    await manager.event("Hangup")
    assert {event.get("Privilege") for event in manager.events} == {"call,all"}


async def test_events_can_be_turned_off_at_login_and_later(bench: Bench) -> None:
    off = await connect(bench, "lab", Events="off")
    masked = await connect(bench, "lab", Events="cdr")
    await bench.call().ended()
    assert (await off.action("Ping")).get("Ping") == "Pong"
    assert off.events == []
    await masked.action("Ping")
    assert [event.get("Event") for event in masked.events] == ["Cdr"]
    assert (await masked.action("Events", EventMask="")).get("Message") == "Invalid event mask"
    assert (await masked.action("Events", EventMask="nonsense")).get("Events") == "Off"
    assert (await masked.action("Events", EventMask="nonsense,call")).get("Events") == "On"
    assert (await masked.action("Events", EventMask="1024")).get("Events") == "On"
    masked.events.clear()
    await bench.call().ended()
    await masked.action("Ping")
    assert [event.get("Event") for event in masked.events] == ["Cdr"]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ([[("MatchCriteria", "action(include),name(Hangup)")]], {"Hangup"}),
        (
            [[("MatchCriteria", "action(include),name(Hangup)")], [("MatchCriteria", "name(Newchannel)")]],
            {"Hangup", "Newchannel"},
        ),
        ([[("Filter", "Event: (Newchannel|Cdr)")]], {"Newchannel", "Cdr"}),
        ([[("Filter", "!Event: (VarSet|Newexten|AGIExec|Newstate|Soft)")]], {"Newchannel", "Hangup", "Cdr"}),
        (
            [[("MatchCriteria", "action(include),header(Application),method(exact)"), ("Filter", "AGI")]],
            {"Newexten"},
        ),
        (
            [
                [("MatchCriteria", "action(include),header(Channel),method(starts_with)"), ("Filter", "PJSIP/unicom")],
                [("MatchCriteria", "action(exclude),header(Privilege),method(contains)"), ("Filter", "dialplan")],
                [("MatchCriteria", "action(exclude),header(Privilege),method(contains)"), ("Filter", "agi")],
            ],
            {"Newchannel", "SoftHangupRequest", "Hangup", "Cdr"},
        ),
    ],
)
async def test_filters_let_through_what_they_name(
    bench: Bench, manager: Manager, filters: list[list[tuple[str, str]]], expected: set[str]
) -> None:
    for headers in filters:
        answer = await manager.action("Filter", headers, Operation="Add")
        assert answer.get("Response") == "Success", answer
    await manager.action("Events", EventMask="call,cdr,dialplan,agi")
    manager.events.clear()
    await bench.call().ended()
    await manager.action("Ping")
    assert {event.get("Event") for event in manager.events} == expected


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [("Filter", "(")],
        [("Filter", "x" * 1000)],
        [("MatchCriteria", "action(maybe),name(X)")],
        [("MatchCriteria", "name(X")],
        [("MatchCriteria", "")],
        [("MatchCriteria", "header(X),method(guess)"), ("Filter", "y")],
    ],
    ids=str,
)
async def test_a_filter_that_is_none_is_refused(bench: Bench, manager: Manager, headers: list[tuple[str, str]]) -> None:
    assert (await manager.action("Filter", headers, Operation="Add")).get("Response") == "Error"
    assert (await manager.action("Filter", Operation="Remove")).get("Message") == "Unknown operation"


# ---- channels and variables


async def test_a_manager_sees_reads_and_sets_a_call(bench: Bench, manager: Manager) -> None:
    go_on = asyncio.Event()

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        agi = Agi(reader, writer)
        await agi.environment()
        await agi.command("ANSWER")
        await go_on.wait()
        assert await agi.command("GET VARIABLE FROM_MANAGER") == "200 result=1 (a value)"
        await agi.done()

    bench.handler = handler
    call = bench.call()
    up = await manager.event("Newstate", ChannelStateDesc="Up")
    name = up.get("Channel")
    assert (await manager.action("Getvar", Channel=name, Variable="LINE400_BASE")).get("Value") == BASE
    assert (await manager.action("Getvar", Channel=name, Variable="CALLERID(num)")).get("Value") == "13800138000"
    answer = await manager.action("Setvar", Channel=name, Variable="FROM_MANAGER", Value="a value")
    assert answer.get("Message") == "Variable Set"
    await manager.action("CoreShowChannels", ActionID="c")
    shown = await manager.event("CoreShowChannel", ActionID="c")
    assert (shown.get("Channel"), shown.get("Application"), shown.get("ChannelStateDesc")) == (name, "AGI", "Up")
    await manager.event("CoreShowChannelsComplete", ListItems="1")
    await manager.action("Status", Channel=name, ActionID="s")
    assert (await manager.event("Status", ActionID="s")).get("Uniqueid") == up.get("Uniqueid")
    shown_text = await manager.action("Command", Command="core show channels")
    assert "1 active channel" in shown_text.output
    go_on.set()
    await call.ended()


async def test_a_manager_signs_agents_in_and_out(bench: Bench, manager: Manager) -> None:
    added = await manager.action("QueueAdd", Queue="support", Interface="PJSIP/1003", MemberName="1003")
    assert added.get("Message") == "Added interface to queue"
    assert (await manager.event("QueueMemberAdded")).get("Interface") == "PJSIP/1003"
    again = await manager.action("QueueAdd", Queue="support", Interface="PJSIP/1003")
    assert again.get("Message") == "Unable to add interface: Already there"
    paused = await manager.action("QueuePause", Interface="PJSIP/1003", Paused="true")
    assert paused.get("Message") == "Interface paused successfully"
    await manager.action("QueueSummary", Queue="support")
    summary = await manager.event("QueueSummary")
    assert (summary.get("LoggedIn"), summary.get("Available")) == ("3", "2")
    removed = await manager.action("QueueRemove", Queue="support", Interface="PJSIP/1003")
    assert removed.get("Message") == "Removed interface from queue"
    shown = await manager.action("Command", Command="queue show support")
    assert any("1002 (PJSIP/1002)" in line for line in shown.output)
    assert not any("1003" in line for line in shown.output)


async def test_a_queue_whose_agents_all_pause_takes_nobody(bench: Bench, manager: Manager) -> None:
    for interface in ("PJSIP/1001", "PJSIP/1002"):
        await manager.action("QueuePause", Queue="support", Interface=interface, Paused="1")

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        agi = Agi(reader, writer)
        await agi.environment()
        await agi.command('EXEC Queue "support,c,,,60"')
        await agi.done()

    bench.handler = handler
    assert (await bench.call().ended()).variables["QUEUESTATUS"] == "JOINEMPTY"


# ---- originate


async def test_an_originate_without_async_answers_with_the_leg(bench: Bench, manager: Manager) -> None:
    bench.targets = bench.targets.parse("busy")
    headers = [("Channel", "PJSIP/1@t"), ("Application", "Wait"), ("Data", "1"), ("CallerID", BASE)]
    assert (await manager.action("Originate", headers)).get("Message") == "Originate failed"
    bench.targets = bench.targets.parse("answer:1:1")
    assert (await manager.action("Originate", headers)).get("Message") == "Originate successfully queued"


@pytest.mark.parametrize(("target", "reason"), [("answer", "4"), ("busy", "5"), ("failed", "8"), ("no_answer", "3")])
async def test_an_originate_with_async_tells_the_outcome(
    bench: Bench, manager: Manager, target: str, reason: str
) -> None:
    bench.targets = bench.targets.parse(target)
    headers = [
        ("Channel", "PJSIP/1@t"),
        ("Application", "Wait"),
        ("Data", "1"),
        ("CallerID", BASE),
        ("Timeout", "9000"),
    ]
    queued = await manager.action("Originate", headers, Async="yes", ActionID="a1")
    assert queued.get("Message") == "Originate successfully queued"
    told = await manager.event("OriginateResponse")
    assert (told.action_id, told.get("Reason")) == ("a1", reason)
    assert told.get("Response") == ("Success" if target == "answer" else "Failure")


async def test_an_originated_leg_can_enter_a_lines_dialplan(bench: Bench, manager: Manager) -> None:
    headers = [("Channel", "Local/1@t"), ("Context", "from-carrier"), ("Exten", BASE), ("Priority", "1")]
    answer = await manager.action("Originate", headers)
    assert answer.get("Response") == "Success"
    await manager.event("Newexten", Application="AGI")
    await manager.event("Cdr")
    assert bench.sessions == 1


@pytest.mark.parametrize(
    ("headers", "words"),
    [
        ([("Channel", "PJSIP/1@t")], "Originate with 'Exten' requires 'Context' and 'Priority'"),
        ([("Channel", "PJSIP/1@t"), ("Exten", "1")], "Originate with 'Exten' requires 'Context' and 'Priority'"),
        ([("Channel", "PJSIP/1@t"), ("Application", "Wait"), ("Timeout", "soon")], "Invalid timeout"),
        ([("Channel", "PJSIP/1@t"), ("Exten", "1"), ("Context", "x"), ("Priority", "n")], "Invalid priority"),
    ],
)
async def test_an_originate_that_says_too_little_is_refused(
    manager: Manager, headers: list[tuple[str, str]], words: str
) -> None:
    assert (await manager.action("Originate", headers)).get("Message") == words


# ---- what ends a session


async def test_a_line_without_end_closes_the_session(bench: Bench) -> None:
    manager = await Manager.connect(bench.switch.ami_port)
    manager.writer.write(b"Action: " + b"x" * 100_000)
    assert (await manager.response()).get("Message") == "Failed to parse message: line too long"
    assert await manager.message() is None


async def test_a_message_without_end_closes_the_session(bench: Bench) -> None:
    manager = await Manager.connect(bench.switch.ami_port)
    manager.writer.write(b"a: b\r\n" * 200)
    assert (await manager.response()).get("Message") == "Too many lines in message or allocation failure"
    assert await manager.message() is None


async def test_actions_before_the_fault_are_answered(bench: Bench) -> None:
    manager = await Manager.connect(bench.switch.ami_port)
    manager.writer.write(b"Action: Logoff\r\n\r\n" + b"x" * 100_000)
    assert (await manager.response()).get("Response") == "Goodbye"


async def small(limits: AmiLimits) -> VirtualSwitch:
    switch = VirtualSwitch(Clock(0.0, 100.0), [], "agi://127.0.0.1:1/inbound", {"lab": "s"}, {}, ami_limits=limits)
    await switch.start()
    return switch


async def test_a_connection_that_does_not_log_in_is_closed() -> None:
    switch = await small(AmiLimits(login_real=0.05))
    manager = await Manager.connect(switch.ami_port)
    assert await manager.message() is None
    await Manager.close_all()
    await switch.stop()


async def test_connections_that_do_not_log_in_are_few() -> None:
    switch = await small(AmiLimits(unauthenticated=2))
    managers = [await Manager.connect(switch.ami_port) for _ in range(2)]
    for manager in managers:
        assert (await manager.action("Ping")).get("Message") == "Permission denied"
    third = await Manager.connect(switch.ami_port)
    with pytest.raises((ConnectionError, AssertionError)):
        assert await third.message() is not None
    await Manager.close_all()
    await switch.stop()


async def test_a_session_that_does_not_read_is_closed_and_holds_nobody_up() -> None:
    switch = await small(AmiLimits(max_unread=50_000))
    await Manager.connect(switch.ami_port, "lab", "s")
    hearing = await Manager.connect(switch.ami_port, "lab", "s")
    sessions = len(switch.ami.sessions)
    for number in range(4000):
        answer = await hearing.action("UserEvent", UserEvent="Flood", Number=str(number), Text="x" * 3000)
        assert answer.get("Response") == "Success"
        if len(switch.ami.sessions) < sessions:
            break
        hearing.events.clear()
    else:
        raise AssertionError("the deaf session is still served")
    await Manager.close_all()
    await switch.stop()


async def test_the_switch_says_that_it_goes(bench: Bench) -> None:
    manager = await connect(bench, "lab")
    await bench.switch.stop()
    assert (await manager.event("Shutdown")).get("Shutdown") == "Cleanly"
    assert await manager.message() is None


async def test_no_secret_is_logged(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        manager = await Manager.connect(bench.switch.ami_port)
        answer = await manager.action("Login", Username="lab", Secret="a-wrong-secret")
        assert answer == Message((("Response", "Error"), ("Message", "Authentication failed")))
    assert "secret" not in caplog.text


async def test_a_port_that_is_taken_is_an_error_at_once(bench: Bench) -> None:
    other = VirtualSwitch(Clock(), [], "agi://127.0.0.1:1/x", {}, {}, port=bench.switch.ami_port)
    with pytest.raises(OSError, match="in use"):
        await other.start()
