"""Calls on the switch: what the router is told, what the caller hears and presses, channels, queues, transfers."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from simulator.parties import AgentScript
from simulator.script import Action, CallerScript, HangUp, Press, PressScript
from simulator.switch import Refused, SwitchCall, SwitchCallResult

from .target import BASE, FULL_BASE, Agi, AgiHandler, Bench, Manager

Reader, Writer = asyncio.StreamReader, asyncio.StreamWriter


def running(*commands: str, replies: list[str] | None = None) -> AgiHandler:
    async def handler(reader: Reader, writer: Writer) -> None:
        agi = Agi(reader, writer)
        await agi.environment()
        for command in commands:
            reply = await agi.command(command)
            if replies is not None:
                replies.append(reply)
        await agi.done()

    return handler


# ---- what the router is told


async def test_the_facts_of_a_call_are_variables(bench: Bench) -> None:
    replies: list[str] = []
    names = ("BASE", "LINE", "TRUNK", "ORIGINAL_CALLED", "CALL_ID", "TEST")
    bench.handler = running(*(f"GET VARIABLE LINE400_{name}" for name in names), replies=replies)
    headers = [("To", "<sip:4008005678@x>"), ("Diversion", "<sip:4008001234@carrier>;reason=unconditional")]
    call = bench.switch.place_call(BASE, "13800138000", original_called_headers=headers, call_id="call-7")
    await call.ended()
    assert replies == [
        f"200 result=1 ({BASE})",
        "200 result=1 (bj-unicom)",
        "200 result=1 (unicom-bj)",
        "200 result=1 (<sip:4008001234@carrier>;reason=unconditional)",
        "200 result=1 (call-7)",
        "200 result=1 (1)",
    ]


async def test_headers_that_the_trunk_does_not_carry_are_not_believed(bench: Bench) -> None:
    replies: list[str] = []
    bench.handler = running("GET VARIABLE LINE400_ORIGINAL_CALLED", "GET VARIABLE LINE400_TEST", replies=replies)
    headers = [("P-Called-Party-ID", "<sip:4008001234@x>")]
    await bench.switch.place_call(BASE, None, original_called_headers=headers, test=False).ended()
    assert replies == ["200 result=0", "200 result=0"]


async def test_headers_can_be_read_by_name_and_number(bench: Bench) -> None:
    replies: list[str] = []
    bench.handler = running(
        "GET VARIABLE PJSIP_HEADER(read,history-info)",
        "GET VARIABLE PJSIP_HEADER(read,History-Info,2)",
        "GET VARIABLE PJSIP_HEADER(read,History-Info,3)",
        replies=replies,
    )
    headers = [("History-Info", "a"), ("History-Info", "b")]
    await bench.switch.place_call(BASE, None, original_called_headers=headers).ended()
    assert replies == ["200 result=1 (a)", "200 result=1 (b)", "200 result=0"]


async def test_a_hidden_caller_is_unknown_and_a_hostile_name_stays_on_its_line(bench: Bench) -> None:
    seen: list[dict[str, str]] = []

    async def handler(reader: Reader, writer: Writer) -> None:
        agi = Agi(reader, writer)
        seen.append(await agi.environment())
        await agi.done()

    bench.handler = handler
    await bench.switch.place_call(BASE, None, caller_name="x\nagi_arg_2: evil\r\n\r\nNOOP").ended()
    (environment,) = seen
    assert environment["agi_callerid"] == "unknown"
    assert environment["agi_calleridname"] == "x agi_arg_2: evil    NOOP"
    assert environment["agi_arg_1"] == "bj-unicom"
    assert "agi_arg_2" not in environment


# ---- channels


async def test_a_number_of_no_line_is_unallocated(bench: Bench) -> None:
    call = bench.switch.place_call("01099999999", "13800138000")
    assert isinstance(call, Refused)
    result = await call.ended()
    assert (result.hangup_cause, result.hangup_by, result.tones) == (1, "switch", ("tone:unallocated",))
    assert bench.sessions == 0


async def test_a_line_without_a_free_channel_refuses_with_congestion_and_is_free_again_later(bench: Bench) -> None:
    bench.handler = running("EXEC Wait 10")
    first = bench.switch.place_call(FULL_BASE)
    second = bench.switch.place_call(FULL_BASE)
    assert isinstance(first, SwitchCall)
    assert isinstance(second, Refused)
    assert (await second.ended()).hangup_cause == 34
    await first.ended()
    third = bench.switch.place_call(FULL_BASE)
    assert isinstance(third, SwitchCall)
    await third.ended()


async def test_a_trunk_without_a_free_channel_refuses_with_congestion(bench: Bench) -> None:
    bench.handler = running("EXEC Wait 10")
    first = bench.switch.place_call(BASE, trunk="narrow")
    assert isinstance(bench.switch.place_call(BASE, trunk="narrow"), Refused)
    await first.ended()
    assert isinstance(bench.switch.place_call(BASE, trunk="narrow"), SwitchCall)


async def test_hundreds_of_calls_at_once_do_not_mix(bench: Bench) -> None:
    async def handler(reader: Reader, writer: Writer) -> None:
        agi = Agi(reader, writer)
        environment = await agi.environment()
        await agi.command("ANSWER")
        await agi.command('STREAM FILE demo ""')
        await agi.command("SET VARIABLE LINE400_ATTEMPT 1")
        keys = ""
        for _ in range(4):
            reply = await agi.command("WAIT FOR DIGIT 60000")
            keys += chr(int(reply.partition("=")[2]))
        assert environment["agi_callerid"] == f"1380013{keys}"
        await agi.command(f"SET VARIABLE SEEN {keys}")
        await agi.done()

    bench.handler = handler
    calls = [bench.call(PressScript([f"{n:04d}"]), caller=f"1380013{n:04d}") for n in range(300)]
    results = await asyncio.gather(*(call.ended() for call in calls))
    assert [result.variables.get("SEEN") for result in results] == [f"{n:04d}" for n in range(300)]
    assert not any(result.fallback_used for result in results)
    assert bench.switch.active_calls == 0
    assert bench.switch.core.line_calls["bj-unicom"] == 0


# ---- callers


def attempts(*timeouts: int) -> tuple[str, ...]:
    """Input attempts as the live driver makes them: the attempt's number, the prompt, a wait for one key."""
    commands = ["ANSWER"]
    for number, timeout in enumerate(timeouts, 1):
        commands += [
            f"SET VARIABLE LINE400_ATTEMPT {number}",
            "STREAM FILE menu 0123456789*#",
            f"WAIT FOR DIGIT {timeout}",
        ]
    return tuple(commands)


async def test_item_n_answers_attempt_n(bench: Bench) -> None:
    replies: list[str] = []
    bench.handler = running(*attempts(5000, 5000, 5000, 5000), replies=replies)
    result = await bench.call(PressScript.parse("1,,#")).ended()
    waited = [reply for reply in replies if reply.startswith("200 result=") and "endpos" not in reply][1:]
    assert [reply for reply in waited if reply != "200 result=1"] == [
        f"200 result={ord('1')}",
        "200 result=0",
        f"200 result={ord('#')}",
        "200 result=0",
    ]
    assert result.keys == "1#"
    assert result.heard == ("业务咨询请按一。",) * 4


async def test_keys_left_over_are_dropped_with_their_attempt(bench: Bench) -> None:
    replies: list[str] = []
    bench.handler = running(*attempts(5000, 5000), replies=replies)
    result = await bench.call(PressScript.parse("789")).ended()
    assert result.keys == "7"
    assert replies[-1] == "200 result=0"


async def test_an_item_may_hang_up(bench: Bench) -> None:
    bench.handler = running(*attempts(5000, 60000))
    result = await bench.call(PressScript.parse(",h")).ended()
    assert result.hangup_by == "caller"


class Interrupting(CallerScript):
    """Presses 5 one second into every prompt, and hangs up in the third."""

    watches = True

    def __init__(self) -> None:
        self.prompts = 0

    def heard(self, text: str, at: float, seconds: float) -> Sequence[Action]:
        self.prompts += 1
        return (HangUp(2.0),) if self.prompts == 3 else (Press("5", after=1.0),)


async def test_a_caller_may_press_into_a_prompt(bench: Bench) -> None:
    replies: list[str] = []
    bench.handler = running(
        "ANSWER", "STREAM FILE long 5", 'STREAM FILE menu ""', 'STREAM FILE long ""', replies=replies
    )
    result = await bench.call(Interrupting()).ended()
    barged, dropped, gone = replies[1:4]
    assert barged.startswith(f"200 result={ord('5')} endpos=")
    assert dropped == "200 result=0 endpos=32000"
    assert gone.startswith("200 result=-1 endpos=")
    assert result.keys == "55"
    assert result.hangup_by == "caller"


class Watching(CallerScript):
    """Notes everything it is told."""

    watches = True

    def __init__(self) -> None:
        self.told: list[str] = []

    def _note(self, what: str) -> Sequence[Action]:
        self.told.append(what)
        return ()

    def connected(self, at: float) -> Sequence[Action]:
        return self._note("connected")

    def heard(self, text: str, at: float, seconds: float) -> Sequence[Action]:
        return self._note(f"heard {text} {seconds}")

    def attempt(self, number: int, at: float) -> Sequence[Action]:
        return self._note(f"attempt {number}")

    def queued(self, queue: str, at: float) -> Sequence[Action]:
        return self._note(f"queued {queue}")

    def transferred(self, target: str, at: float) -> Sequence[Action]:
        return self._note(f"transferred {target}")

    def talking(self, at: float) -> Sequence[Action]:
        return self._note("talking")

    def recording(self, at: float) -> Sequence[Action]:
        return self._note("recording")


async def test_a_caller_is_told_everything_in_order(bench: Bench) -> None:
    bench.handler = running(
        'STREAM FILE demo ""',
        "GET DATA menu 1000 1",
        'EXEC Queue "support,c,,,60"',
        f"SET VARIABLE CALLERID(num) {BASE}",
        'EXEC Dial "PJSIP/01088880009@unicom-bj,20,gD(12)"',
        "RECORD FILE x wav # 1000",
    )
    watching = Watching()
    result = await bench.call(watching).ended()
    assert watching.told == [
        "connected",
        "heard 您好，欢迎致电。 2.0",
        "heard 业务咨询请按一。 4.0",
        "attempt 1",
        "queued support",
        "talking",
        "transferred 01088880009",
        "talking",
        "recording",
    ]
    assert result.sent == ("12",)


# ---- queues


async def queue_results(
    bench: Bench, arguments: str, count: int, scripts: Sequence[CallerScript] = ()
) -> list[SwitchCallResult]:
    bench.handler = running(f'EXEC Queue "{arguments}"')
    calls = [bench.call(*scripts[n : n + 1]) for n in range(count)]
    return [await call.ended() for call in calls]


@pytest.mark.parametrize(("agents", "status"), [("full", "FULL"), ("no_agents", "JOINEMPTY"), ("never", "TIMEOUT")])
async def test_a_queue_that_gives_no_agent(bench: Bench, agents: str, status: str) -> None:
    bench.agents = AgentScript.parse(agents)
    (result,) = await queue_results(bench, "support,c,,,30", 1)
    assert result.variables["QUEUESTATUS"] == status
    assert result.answered is None
    waited = result.ended - result.started
    assert (waited >= 30) == (status == "TIMEOUT")


async def test_a_queue_that_is_not_there(bench: Bench) -> None:
    (result,) = await queue_results(bench, "nowhere,c", 1)
    assert result.variables["QUEUESTATUS"] == "UNKNOWN"


async def test_a_script_without_agents_ends_when_the_caller_is_admitted(bench: Bench) -> None:
    bench.agents = AgentScript("none")
    (result,) = await queue_results(bench, "default,c,,,60", 1)
    assert result.script_ended
    assert (result.hangup_by, result.hangup_cause) == ("caller", 16)
    assert result.variables["LINE400_SCRIPT_ENDED"] == "1"
    assert result.heard == ()


async def test_callers_wait_for_the_agents_there_are_and_the_last_is_not_admitted(bench: Bench) -> None:
    results = await queue_results(bench, "support,c,,,600", 6)
    # Two agents, each 5 s to answer, 30 s of talk, 10 s of rest; three callers may wait, ringing counts as waiting.
    statuses = [result.variables["QUEUESTATUS"] for result in results]
    assert sorted(statuses) == ["CONTINUE"] * 3 + ["FULL"] * 3
    answered = sorted(result.answered - result.started for result in results if result.answered is not None)
    assert answered[0] >= 5
    assert answered[2] >= 5 + 30 + 10 + 5
    assert {result.variables.get("MEMBERNAME") for result in results} >= {"1001", "1002"}


async def test_an_agent_who_hangs_up_ends_the_call_without_the_option_c(bench: Bench) -> None:
    (result,) = await queue_results(bench, "support,,,,60", 1)
    assert (result.hangup_by, result.hangup_cause) == ("agent", 16)


async def test_an_exit_key_leaves_the_queue(bench: Bench) -> None:
    bench.agents = AgentScript("never")
    replies: list[str] = []
    bench.handler = running(
        "SET VARIABLE LINE400_EXIT_KEYS 19",
        'EXEC Queue "support,c,,,600"',
        "GET VARIABLE LINE400_EXIT_KEY",
        "GET VARIABLE EXTEN",
        replies=replies,
    )

    class Leaving(CallerScript):
        def queued(self, queue: str, at: float) -> Sequence[Action]:
            return (Press("2", after=1.0), Press("9", after=20.0))

    result = await bench.call(Leaving()).ended()
    assert replies[2:] == ["200 result=1 (9)", "200 result=1 (9)"]
    assert "QUEUESTATUS" not in result.variables
    assert all(not queue.waiting for queue in bench.switch.core.queues.values())


async def test_the_higher_priority_is_served_first(bench: Bench, manager: Manager) -> None:
    async def handler(reader: Reader, writer: Writer) -> None:
        agi = Agi(reader, writer)
        environment = await agi.environment()
        await agi.command(f"SET VARIABLE QUEUE_PRIO {environment['agi_callerid']}")
        await agi.command('EXEC Queue "support,c,,,600"')
        await agi.done()

    bench.handler = handler
    busy = [bench.call(caller="9") for _ in range(2)]
    for _ in busy:
        await manager.event("AgentConnect")
    low = bench.call(caller="1")
    await manager.event("QueueCallerJoin", CallerIDNum="1")
    high = bench.call(caller="5")
    join = await manager.event("QueueCallerJoin", CallerIDNum="5")
    assert join.get("Position") == "1"
    first, second = await high.ended(), await low.ended()
    assert first.answered is not None
    assert second.answered is not None
    assert first.answered <= second.answered


# ---- voicemail, reading


async def test_voicemail_takes_a_message_and_knows_its_boxes(bench: Bench) -> None:
    replies: list[str] = []
    bench.handler = running(
        "EXEC VoiceMail general@default,s",
        "GET VARIABLE VMSTATUS",
        "EXEC VoiceMail nobody@default,s",
        "GET VARIABLE VMSTATUS",
        replies=replies,
    )
    result = await bench.call().ended()
    assert replies == ["200 result=0", "200 result=1 (SUCCESS)", "200 result=0", "200 result=1 (FAILED)"]
    assert result.variables["VM_MESSAGEFILE"].startswith("voicemail/default/general/")


async def test_read_collects_digits_into_a_variable(bench: Bench) -> None:
    replies: list[str] = []
    bench.handler = running(
        "EXEC Read CODE,menu,4,,2,5", "GET VARIABLE CODE", "GET VARIABLE READSTATUS", replies=replies
    )
    await bench.call(PressScript.parse(",0042")).ended()
    assert replies[1:] == ["200 result=1 (0042)", "200 result=1 (OK)"]
