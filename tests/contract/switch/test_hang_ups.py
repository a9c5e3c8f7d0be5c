"""A caller who hangs up in every command: the command ends, ``HANGUP`` comes, the channel is dead, the call is over."""

from __future__ import annotations

import asyncio

import pytest

from simulator.parties import AgentScript, TargetScript
from simulator.script import TimedHangUp

from .target import BASE, Agi, Bench

LASTING = {
    "STREAM FILE": 'STREAM FILE long ""',
    "CONTROL STREAM FILE": 'CONTROL STREAM FILE long ""',
    "GET DATA, in the prompt": "GET DATA long 5000 4",
    "GET DATA, waiting": "GET DATA demo 600000 4",
    "GET OPTION": "GET OPTION long 12 5000",
    "WAIT FOR DIGIT": "WAIT FOR DIGIT 600000",
    "RECORD FILE": "RECORD FILE x wav # 600000",
    "SAY DIGITS": "SAY DIGITS " + "1" * 500 + ' ""',
    "EXEC Wait": "EXEC Wait 600",
    "EXEC Playback": "EXEC Playback long",
    "EXEC Read": "EXEC Read X,long,4",
    "EXEC Queue": 'EXEC Queue "support,c,,,600"',
    "EXEC Dial": 'EXEC Dial "PJSIP/01088880009@unicom-bj,600,g"',
    "EXEC VoiceMail": "EXEC VoiceMail general,s",
    "EXEC Record": "EXEC Record x.wav,0,600,q",
    "EXEC MusicOnHold": "EXEC MusicOnHold default",
}


@pytest.mark.parametrize("command", LASTING.values(), ids=LASTING.keys())
async def test_a_hang_up_ends_the_command(bench: Bench, command: str) -> None:
    seen: list[str] = []

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        agi = Agi(reader, writer)
        await agi.environment()
        await agi.command("ANSWER")
        seen.append(await agi.command(command))
        seen.append(await agi.line())
        seen.append(await agi.command("ANSWER"))
        seen.append(await agi.command("SET VARIABLE LINE400_DONE 1"))

    bench.handler = handler
    bench.agents = AgentScript("never")
    bench.targets = TargetScript("no_answer")
    # Late enough for a slow machine to be in the command by then; a voice message ends by silence before.
    after = 9.0 if "VoiceMail" in command else 30.0
    result = await asyncio.wait_for(bench.call(TimedHangUp(after)).ended(), 60)
    reply, notice, dead, allowed = seen
    # Read tells of a hang-up by READSTATUS only; GET OPTION does so while it plays.
    assert reply.startswith("200 result=0" if "Read" in command else "200 result=-1")
    assert notice == "HANGUP"
    assert dead.startswith("511 ")
    assert allowed == "200 result=1"
    assert (result.hangup_by, result.hangup_cause) == ("caller", 16)
    assert result.ended - result.started >= after
    assert not result.fallback_used
    assert bench.switch.active_calls == 0
    assert all(not queue.waiting for queue in bench.switch.core.queues.values())


@pytest.mark.parametrize("where", ["queue", "dial"])
async def test_a_hang_up_in_a_conversation_ends_both_legs(bench: Bench, where: str) -> None:
    command = {"queue": 'EXEC Queue "support,c"', "dial": 'EXEC Dial "PJSIP/01088880009@unicom-bj,60,g"'}[where]

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        agi = Agi(reader, writer)
        await agi.environment()
        await agi.command("SET VARIABLE CALLERID(num) " + BASE)
        assert await agi.command(command) == "200 result=-1"

    bench.handler = handler
    bench.agents = AgentScript("answer", 5, 600)
    bench.targets = TargetScript("answer", 5, 600)
    result = await bench.call(TimedHangUp(40.0)).ended()
    assert result.hangup_by == "caller"
    assert result.answered is not None
    assert bench.switch.active_calls == 0


async def test_a_hang_up_before_the_router_is_reached(bench: Bench) -> None:
    call = bench.call()
    call.hang_up()
    result = await asyncio.wait_for(call.ended(), 10)
    assert (result.hangup_by, result.answered, result.tones) == ("caller", None, ())


@pytest.mark.parametrize("cause", [1, 16, 17, 21, 34])
async def test_the_routers_cause_is_what_the_caller_gets(bench: Bench, cause: int) -> None:
    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        agi = Agi(reader, writer)
        await agi.environment()
        await agi.done(cause)

    bench.handler = handler
    result = await bench.call().ended()
    assert (result.hangup_by, result.hangup_cause) == ("flow", cause)
    tone = {1: "tone:unallocated", 17: "tone:busy"}.get(cause, "tone:reorder")
    assert result.tones == (tone,)


async def test_a_manager_hangs_a_call_up(bench: Bench, manager: object) -> None:
    from .target import Manager

    assert isinstance(manager, Manager)

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        agi = Agi(reader, writer)
        await agi.environment()
        await agi.command("ANSWER")
        await agi.command("WAIT FOR DIGIT -1")

    bench.handler = handler
    call = bench.call()
    up = await manager.event("Newstate", ChannelStateDesc="Up")
    answer = await manager.action("Hangup", Channel=up.get("Channel"), Cause="21")
    assert answer.get("Message") == "Channel Hungup"
    asked = await manager.event("SoftHangupRequest")
    assert asked.get("Cause") == "21"
    gone = await manager.event("Hangup", Uniqueid=up.get("Uniqueid"))
    assert (gone.get("Cause"), gone.get("Cause-txt")) == ("21", "Call Rejected")
    result = await call.ended()
    assert (result.hangup_by, result.hangup_cause) == ("switch", 21)
