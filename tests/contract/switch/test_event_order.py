"""The events of a call come in Asterisk's order and with its fields."""

from __future__ import annotations

import asyncio

import pytest

from router.asterisk.ami_codec import Message
from simulator.parties import AgentScript, TargetScript
from simulator.script import PressScript, TimedHangUp

from .target import BASE, Agi, AgiHandler, Bench, Manager

Reader, Writer = asyncio.StreamReader, asyncio.StreamWriter
QUIET = ("VarSet", "AGIExecStart", "AGIExecEnd", "FullyBooted", "QueueMemberStatus", "DialState")


def running(*commands: str) -> AgiHandler:
    async def handler(reader: Reader, writer: Writer) -> None:
        agi = Agi(reader, writer)
        await agi.environment()
        for command in commands:
            await agi.command(command)
        await agi.done()

    return handler


async def all_events(manager: Manager) -> list[Message]:
    """Every event of one call, to the caller's ``Hangup``, which comes right behind its ``Cdr``."""
    cdr = await manager.event("Cdr")
    end = await manager.event("Hangup", Uniqueid=cdr.get("UniqueID"))
    return [event for event in [*manager.events, end] if event.get("Event") not in QUIET]


def story(events: list[Message], caller: str) -> list[str]:
    """Each event by its name; of another channel than the caller's in brackets."""
    told = []
    for event in events:
        name = event.get("Event")
        if name == "Newstate":
            name += f" {event.get('ChannelStateDesc')}"
        if name == "DialEnd":
            name += f" {event.get('DialStatus')}"
        other = event.get("Uniqueid") not in ("", caller)
        told.append(f"[{name}]" if other else name)
    return told


async def test_a_welcome_call(bench: Bench, manager: Manager) -> None:
    bench.handler = running("ANSWER", 'STREAM FILE demo ""')
    result = await bench.call().ended()
    assert story(await all_events(manager), result.uniqueid) == [
        "Newchannel",
        "Newexten",
        "Newexten",
        "Newstate Up",
        "SoftHangupRequest",
        "Hangup",
    ]


async def test_the_record_comes_just_before_the_end(bench: Bench, manager: Manager) -> None:
    bench.handler = running("ANSWER")
    await bench.call().ended()
    await manager.event("Hangup")
    last = manager.events[-2:]
    assert [event.get("Event") for event in last] == ["SoftHangupRequest", "Cdr"]
    assert last[0].get("Cause") == "16"
    assert last[1].get("CallerID") == '"" <13800138000>'


async def test_a_caller_who_hangs_up(bench: Bench, manager: Manager) -> None:
    bench.handler = running("ANSWER", 'STREAM FILE long ""')
    result = await bench.call(TimedHangUp(3)).ended()
    assert story(await all_events(manager), result.uniqueid)[-3:] == [
        "HangupRequest",
        "SoftHangupRequest",
        "Hangup",
    ]


async def test_a_queue_and_a_conversation(bench: Bench, manager: Manager) -> None:
    bench.handler = running('EXEC Queue "support,c,,,60"')
    result = await bench.call().ended()
    assert story(await all_events(manager), result.uniqueid) == [
        "Newchannel",
        "Newexten",
        "Newexten",
        "QueueCallerJoin",
        "[Newchannel]",
        "AgentCalled",
        "DialBegin",
        "[Newstate Ringing]",
        "[Newstate Up]",
        "DialEnd ANSWER",
        "QueueCallerLeave",
        "AgentConnect",
        "Newstate Up",
        "BridgeCreate",
        "[BridgeEnter]",
        "BridgeEnter",
        "[HangupRequest]",
        "[BridgeLeave]",
        "BridgeLeave",
        "BridgeDestroy",
        "[Hangup]",
        "AgentComplete",
        "SoftHangupRequest",
        "Hangup",
    ]


async def test_what_the_events_of_a_queue_say(bench: Bench, manager: Manager) -> None:
    bench.handler = running("SET VARIABLE CDR(num400) 4008001234", 'EXEC Queue "support,c,,,60"')
    result = await bench.call().ended()
    cdr = await manager.event("Cdr")
    by_name = {event.get("Event"): event for event in manager.events}
    join = by_name["QueueCallerJoin"]
    assert (join.get("Queue"), join.get("Position"), join.get("Count")) == ("support", "1", "1")
    assert join.get("CallerIDNum") == "13800138000"
    assert join.get("Privilege") == "agent,all"
    connect = by_name["AgentConnect"]
    assert (connect.get("MemberName"), connect.get("Interface")) == ("1001", "PJSIP/1001")
    assert 5 <= int(connect.get("HoldTime")) < 60  # the agent answers after 5 s, on a slow machine later
    complete = by_name["AgentComplete"]
    assert complete.get("Reason") == "agent"
    assert 30 <= int(complete.get("TalkTime")) < 90
    assert complete.get("DestChannel").startswith("PJSIP/1001-")
    assert result.variables["QUEUESTATUS"] == "CONTINUE"
    assert result.variables["MEMBERNAME"] == "1001"
    assert cdr.get("num400") == "4008001234"
    assert (cdr.get("Source"), cdr.get("Destination")) == ("13800138000", BASE)
    assert cdr.get("Disposition") == "ANSWERED"
    assert cdr.get("UniqueID") == result.uniqueid


async def test_a_caller_who_leaves_the_queue(bench: Bench, manager: Manager) -> None:
    bench.agents = AgentScript("never")
    bench.handler = running('EXEC Queue "support,c,,,600"')
    result = await bench.call(TimedHangUp(8)).ended()
    told = story(await all_events(manager), result.uniqueid)
    assert told[told.index("HangupRequest") :] == [
        "HangupRequest",
        "DialEnd CANCEL",
        "[Hangup]",
        "QueueCallerAbandon",
        "QueueCallerLeave",
        "SoftHangupRequest",
        "Hangup",
    ]


async def test_an_agent_who_does_not_answer(bench: Bench, manager: Manager) -> None:
    bench.agents = AgentScript("never")
    bench.handler = running('EXEC Queue "support,c,,,17"')
    result = await bench.call().ended()
    told = story(await all_events(manager), result.uniqueid)
    assert told[told.index("DialEnd NOANSWER") :] == [
        "DialEnd NOANSWER",
        "[Hangup]",
        "AgentRingNoAnswer",
        "QueueCallerLeave",
        "SoftHangupRequest",
        "Hangup",
    ]
    assert result.variables["QUEUESTATUS"] == "TIMEOUT"


@pytest.mark.parametrize(
    ("kind", "status", "cause"),
    [("busy", "BUSY", "17"), ("failed", "CHANUNAVAIL", "20"), ("no_answer", "NOANSWER", "19")],
)
async def test_a_target_that_does_not_answer(
    bench: Bench, manager: Manager, kind: str, status: str, cause: str
) -> None:
    bench.targets = TargetScript.parse(kind)
    bench.handler = running(
        f"SET VARIABLE CALLERID(num) {BASE}", 'EXEC Dial "PJSIP/01088880009@unicom-bj,20,g"', "GET VARIABLE HANGUPCAUSE"
    )
    result = await bench.call().ended()
    told = story(await all_events(manager), result.uniqueid)
    assert f"DialEnd {status}" in told
    assert result.variables["DIALSTATUS"] == status
    assert result.variables["HANGUPCAUSE"] == cause
    assert result.answered is None


async def test_keys_are_told(bench: Bench, manager: Manager) -> None:
    bench.handler = running("ANSWER", "GET DATA menu 5000 2")
    await bench.call(PressScript.parse("12")).ended()
    begin = await manager.event("DTMFBegin")
    assert begin.get("Digit") == "1"
    ends = [event for event in (await all_events(manager)) if event.get("Event") == "DTMFEnd"]
    assert [(event.get("Digit"), event.get("Direction")) for event in ends] == [("1", "Received"), ("2", "Received")]


async def test_agi_commands_are_told(bench: Bench, manager: Manager) -> None:
    bench.handler = running("NOOP", "FROBNICATE", 'STREAM FILE no-such-file ""', "EXEC NoSuchApplication")
    await bench.call().ended()
    await manager.event("Cdr")
    executed = [event for event in manager.events if event.get("Event") == "AGIExecEnd"]
    assert [(event.get("Command"), event.get("ResultCode"), event.get("Result")) for event in executed][:4] == [
        ("NOOP", "200", "Success"),
        ("FROBNICATE", "510", "Invalid or unknown command"),
        ('STREAM FILE no-such-file ""', "-1", "Failure"),
        ("EXEC NoSuchApplication", "200", "Unknown Result"),
    ]


async def test_every_channel_event_has_the_fields_of_a_snapshot(bench: Bench, manager: Manager) -> None:
    bench.handler = running("ANSWER")
    result = await bench.call(caller=None).ended()
    for event in await all_events(manager):
        assert [key for key, _ in event.headers][1:16] == [
            "Privilege",
            "Channel",
            "ChannelState",
            "ChannelStateDesc",
            "CallerIDNum",
            "CallerIDName",
            "ConnectedLineNum",
            "ConnectedLineName",
            "Language",
            "AccountCode",
            "Context",
            "Exten",
            "Priority",
            "Uniqueid",
            "Linkedid",
        ]
        assert event.get("CallerIDNum") == "<unknown>"
        assert event.get("Uniqueid") == event.get("Linkedid") == result.uniqueid
