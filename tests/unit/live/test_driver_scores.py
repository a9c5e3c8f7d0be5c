"""Every command of a flow, as what the live driver writes to Asterisk and what it makes of the answers."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from ivr_flows.commands import (
    Answer,
    Dial,
    Fetch,
    Gather,
    Hangup,
    Notify,
    Play,
    Prompt,
    Queue,
    Record,
    SendDigits,
    Wait,
)
from ivr_flows.results import Digits, Done, Failed, Fetched, HungUp, Key, Recorded
from router.asterisk.prompts import prompt_file

HELLO = Prompt("您好")
ASK = Prompt("请按键")
HELLO_FILE = prompt_file(HELLO)
ASK_FILE = prompt_file(ASK)
ALL = "0123456789*#"


def gather(**options: Any) -> Gather:
    return Gather((ASK,), **{"timeout": 5.0, "digit_timeout": 3.0, **options})


# ---- answer, play


async def test_answer(perform: Any) -> None:
    done = await perform("> ANSWER\n< 200 result=0", Answer())
    assert isinstance(done.result, Done)


async def test_answer_of_a_caller_who_has_gone(perform: Any) -> None:
    done = await perform(
        '> ANSWER\n< 200 result=-1\n< HANGUP\n> GET VARIABLE "HANGUPCAUSE"\n< 200 result=1 (16)', Answer()
    )
    assert (done.result.by, done.result.cause) == ("caller", 16)


async def test_play_plays_each_prompt_and_takes_no_key(perform: Any) -> None:
    done = await perform(
        f"""
        > STREAM FILE "{HELLO_FILE}" ""
        ! DTMFEnd Digit=5 Direction=Received
        < 200 result=0 endpos=8000
        > STREAM FILE "welcome-jingle" ""
        < 200 result=0 endpos=8000
        """,
        Play((HELLO, Prompt("", file="welcome-jingle"))),
    )
    assert isinstance(done.result, Done)
    assert done.facts == ["StrayDigit 5 @0"]


async def test_play_with_barge_in_ends_at_the_first_key(perform: Any) -> None:
    done = await perform(
        f"""
        > STREAM FILE "{HELLO_FILE}" "{ALL}"
        < 200 result=35 endpos=4000
        """,
        Play((HELLO, ASK), barge_in=True),
    )
    assert isinstance(done.result, Key)
    assert done.result.key == "#"


async def test_a_sound_file_that_the_switch_lacks_is_its_failure(perform: Any) -> None:
    done = await perform(f'> STREAM FILE "{HELLO_FILE}" ""\n< 200 result=0 endpos=0', Play((HELLO,)))
    assert isinstance(done.result, Failed)
    assert HELLO_FILE in done.result.reason


# ---- gather


async def test_gather_waits_key_by_key_until_the_answer_is_complete(perform: Any) -> None:
    done = await perform(
        f"""
        > STREAM FILE "{ASK_FILE}" "{ALL}"
        < 200 result=0 endpos=8000
        > WAIT FOR DIGIT "5000"
        < 200 result=48
        > WAIT FOR DIGIT "3000"
        < 200 result=55
        """,
        gather(max_digits=2),
    )
    assert (done.result.digits, done.result.terminated) == ("07", False)


async def test_a_key_during_the_prompt_is_the_first_key(perform: Any) -> None:
    done = await perform(
        f"""
        > STREAM FILE "{ASK_FILE}" "{ALL}"
        < 200 result=49 endpos=100
        > WAIT FOR DIGIT "3000"
        < 200 result=35
        """,
        gather(max_digits=8, terminator="#"),
    )
    assert (done.result.digits, done.result.terminated) == ("1", True)


async def test_silence_ends_a_gather(perform: Any) -> None:
    done = await perform(
        f"""
        > STREAM FILE "{ASK_FILE}" ""
        < 200 result=0 endpos=8000
        > WAIT FOR DIGIT "5000"
        < 200 result=0
        """,
        gather(barge_in=False),
    )
    assert isinstance(done.result, Digits)
    assert done.result.digits == ""


async def test_typed_ahead_that_completes_the_attempt_is_answered_at_once(perform: Any) -> None:
    done = await perform("", gather(typed_ahead="1"))
    assert done.result.digits == "1"


async def test_typed_ahead_of_a_longer_answer_skips_the_prompt(perform: Any) -> None:
    done = await perform(
        """
        > WAIT FOR DIGIT "3000"
        < 200 result=50
        """,
        gather(max_digits=2, typed_ahead="1"),
    )
    assert done.result.digits == "12"


async def test_typed_ahead_without_barge_in_still_hears_the_prompt(perform: Any) -> None:
    done = await perform(
        f"""
        > STREAM FILE "{ASK_FILE}" ""
        < 200 result=0 endpos=8000
        > WAIT FOR DIGIT "3000"
        < 200 result=0
        """,
        gather(max_digits=2, typed_ahead="1", barge_in=False),
    )
    assert done.result.digits == "1"


async def test_a_menu_of_long_keys_waits_while_a_longer_one_is_possible(perform: Any) -> None:
    done = await perform(
        f"""
        > STREAM FILE "{ASK_FILE}" "{ALL}"
        < 200 result=49 endpos=100
        > WAIT FOR DIGIT "3000"
        < 200 result=0
        """,
        gather(keys=frozenset({"1", "12"}), max_digits=2),
    )
    assert done.result.digits == "1"


async def test_a_letter_key_is_no_answer_and_no_silence(perform: Any) -> None:
    done = await perform(
        f"""
        > STREAM FILE "{ASK_FILE}" "{ALL}"
        < 200 result=0 endpos=8000
        > WAIT FOR DIGIT "5000"
        < 200 result=65
        > WAIT FOR DIGIT "5000"
        < 200 result=52
        """,
        gather(),
    )
    assert done.result.digits == "4"


async def test_a_test_call_numbers_its_attempts(perform: Any) -> None:
    score = "\n".join(f'> SET VARIABLE "LINE400_ATTEMPT" "{number}"\n< 200 result=1' for number in (1, 2))
    await perform(score, gather(typed_ahead="1"), gather(typed_ahead="2"), test=True)


async def test_a_hang_up_hands_on_the_keys_so_far(perform: Any) -> None:
    done = await perform(
        f"""
        > STREAM FILE "{ASK_FILE}" "{ALL}"
        < 200 result=49 endpos=100
        > WAIT FOR DIGIT "3000"
        < 200 result=-1
        < HANGUP
        > GET VARIABLE "HANGUPCAUSE"
        < 200 result=1 (16)
        """,
        gather(max_digits=4, sensitive=True),
    )
    assert (done.result.by, done.result.cause, done.result.partial) == ("caller", 16, "1")


async def test_what_is_pressed_is_never_logged(perform: Any, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        await perform(
            f"""
            > STREAM FILE "{ASK_FILE}" "{ALL}"
            < 200 result=57 endpos=100
            > WAIT FOR DIGIT "3000"
            < 200 result=55
            < HANGUP
            """,
            gather(max_digits=2, sensitive=True),
        )
    assert "9" not in caplog.text
    assert "7" not in caplog.text


# ---- record


async def test_a_recording_has_a_name_a_length_and_ends_by_silence(perform: Any) -> None:
    done = await perform(
        f"""
        > STREAM FILE "{ASK_FILE}" ""
        < 200 result=0 endpos=8000
        > RECORD FILE "line400-recordings/c-1-1" "wav" "#" "60000" "BEEP" "s=5"
        < 200 result=0 (timeout) endpos=36000
        """,
        Record((ASK,), 60.0, silence=5.0),
    )
    assert isinstance(done.result, Recorded)
    assert (done.result.seconds, done.result.reference) == (4.5, "line400-recordings/c-1-1")


async def test_a_hang_up_during_a_recording_keeps_what_was_said(perform: Any) -> None:
    done = await perform(
        """
        > RECORD FILE "line400-recordings/c-1-1" "wav" "#" "60000" "BEEP"
        < 200 result=-1 (hangup) endpos=24000
        < HANGUP
        > GET VARIABLE "HANGUPCAUSE"
        < 200 result=1 (16)
        """,
        Record((), 60.0),
    )
    assert (done.result.by, done.result.partial) == ("caller", "3")


async def test_a_message_is_recorded_under_a_name_known_beforehand(perform: Any) -> None:
    done = await perform(
        f"""
        > STREAM FILE "{ASK_FILE}" ""
        < 200 result=0 endpos=8000
        > RECORD FILE "line400-recordings/c-1-1" "wav" "#" "5000" "BEEP" "s=10"
        < 200 result=0 (timeout) endpos=40000
        """,
        Record((ASK,), 5.0, 10.0, "general"),
    )
    assert (done.result.seconds, done.result.reference) == (5.0, "line400-recordings/c-1-1")


async def test_a_caller_ends_a_message_by_hanging_up(perform: Any) -> None:
    """A switch that closes the session with the channel says no length: that is measured, without the tone."""
    done = await perform(
        """
        > RECORD FILE "line400-recordings/c-1-1" "wav" "#" "120000" "BEEP" "s=10"
        + 9.5
        < 200 result=-1 (hangup)
        < HANGUP
        > GET VARIABLE "HANGUPCAUSE"
        < 200 result=1 (16)
        """,
        Record((), 120.0, 10.0, "general"),
    )
    found = done.result
    assert (found.by, found.partial, found.reference) == ("caller", "9.2", "line400-recordings/c-1-1")


async def test_a_message_that_cannot_be_written_is_the_switch_s_failure(perform: Any) -> None:
    done = await perform(
        """
        > RECORD FILE "line400-recordings/c-1-1" "wav" "#" "120000" "BEEP" "s=10"
        < 200 result=-1 (writefile)
        > CHANNEL STATUS
        < 200 result=6
        """,
        Record((), 120.0, 10.0, "nobody"),
    )
    assert isinstance(done.result, Failed)


# ---- the rest


async def test_wait_and_digits(perform: Any) -> None:
    done = await perform(
        """
        > EXEC "Wait" "2.5"
        < 200 result=0
        > EXEC "SendDTMF" "12w#"
        < 200 result=0
        """,
        Wait(2.5),
        SendDigits("12w#;"),
    )
    assert [type(result) for result in done.results] == [Done, Done]


async def test_an_application_that_the_switch_lacks(perform: Any) -> None:
    done = await perform('> EXEC "Wait" "1"\n< 200 result=-2', Wait(1.0))
    assert isinstance(done.result, Failed)


async def test_a_command_that_the_switch_does_not_know(perform: Any) -> None:
    done = await perform("> ANSWER\n< 510 Invalid or unknown command", Answer())
    assert isinstance(done.result, Failed)
    assert "510" in done.result.reason


async def test_fetch_is_performed_by_whoever_was_given(perform: Any) -> None:
    async def fetcher(command: Fetch) -> Fetched:
        return Fetched({"url": command.url}, 1.0)

    done = await perform("", Fetch("https://erp.example/1"), fetcher=fetcher)
    assert done.result.value == {"url": "https://erp.example/1"}
    done = await perform("", Fetch("https://erp.example/1"))
    assert isinstance(done.result, Failed)


async def test_notify_tells_ami_without_line_breaks(perform: Any) -> None:
    class Manager:
        connected = True
        sent: list[tuple[str, dict[str, str]]] = []

        async def settle(self) -> None:
            return

        async def user_event(self, name: str, headers: dict[str, str]) -> bool:
            self.sent.append((name, headers))
            return True

    done = await perform("", Notify("vip", {"level": 3}), manager=Manager())
    assert isinstance(done.result, Done)
    assert Manager.sent == [("Line400Notify", {"CallID": "c-1", "Name": "vip", "Data-level": "3"})]


async def test_hang_up_says_done_first_and_carries_the_cause(perform: Any) -> None:
    done = await perform(
        """
        > SET VARIABLE "LINE400_DONE" "1"
        < 200 result=1
        > EXEC "Hangup" "21"
        < 200 result=-1
        < HANGUP
        """,
        Hangup(21),
    )
    assert (done.result.by, done.result.cause) == ("flow", 21)


async def test_a_normal_end_is_said_once_and_the_dialplan_does_the_rest(perform: Any) -> None:
    done = await perform('> SET VARIABLE "LINE400_DONE" "1"', Hangup(16))
    assert (done.result.by, done.result.cause) == ("flow", 16)


async def test_a_limited_call_is_answered_first_and_lengthened_before_anything_is_heard(perform: Any) -> None:
    await perform(
        f"""
        > ANSWER
        < 200 result=0
        > SET VARIABLE "TIMEOUT(absolute)" "14400"
        < 200 result=1
        > STREAM FILE "{HELLO_FILE}" ""
        < 200 result=0 endpos=8000
        > STREAM FILE "{HELLO_FILE}" ""
        < 200 result=0 endpos=8000
        > SET VARIABLE "LINE400_DONE" "1"
        """,
        Answer(),
        Play((HELLO,)),
        Play((HELLO,)),
        Hangup(16),
        limited=True,
    )


async def test_a_call_that_is_only_refused_is_not_lengthened(perform: Any) -> None:
    score = '> SET VARIABLE "LINE400_DONE" "1"\n< 200 result=1\n> EXEC "Hangup" "17"\n< 200 result=-1'
    await perform(score, Hangup(17), limited=True)


COMMANDS: dict[str, tuple[Any, str]] = {
    "Answer": (Answer(), "> ANSWER"),
    "Play": (Play((HELLO,)), f'> STREAM FILE "{HELLO_FILE}" ""'),
    "Gather": (gather(), f'> STREAM FILE "{ASK_FILE}" "{ALL}"'),
    "Record": (Record((HELLO,), 5.0), f'> STREAM FILE "{HELLO_FILE}" ""'),
    "Queue": (Queue("support", 60.0), '> SET VARIABLE "QUEUE_PRIO" "1"'),
    "Dial": (Dial("01088880009", None, 25.0), '> GET VARIABLE "CALLERID(num)"'),
    "Wait": (Wait(1.0), '> EXEC "Wait" "1"'),
    "SendDigits": (SendDigits("1"), '> EXEC "SendDTMF" "1"'),
}


@pytest.mark.parametrize("name", COMMANDS)
async def test_a_connection_that_ends_during_any_command_is_a_hang_up(perform: Any, name: str) -> None:
    command, first = COMMANDS[name]
    more = ""
    if name == "Dial":
        first, more = '> GET VARIABLE "CALLERID(num)"\n< 200 result=0\n> SET VARIABLE "CALLERID(num)" "01088880001"', ""
    done = await perform(f"{first}\n< HANGUP\n< EOF\n{more}", command)
    assert isinstance(done.result, HungUp)
    assert (done.result.by, done.result.cause) == ("caller", 16)


@pytest.mark.parametrize("name", COMMANDS)
async def test_who_and_why_is_what_ami_said(perform: Any, name: str) -> None:
    command, first = COMMANDS[name]
    if name == "Dial":
        first = '> GET VARIABLE "CALLERID(num)"\n< 200 result=0\n> SET VARIABLE "CALLERID(num)" "01088880001"'
    done = await perform(f"{first}\n! SoftHangupRequest Cause=31\n< HANGUP\n< EOF", command)
    assert (done.result.by, done.result.cause) == ("switch", 31)


@pytest.mark.parametrize("name", [*COMMANDS, "Hangup"])
async def test_a_command_behind_a_hang_up_is_not_sent(perform: Any, name: str) -> None:
    command = Hangup(16) if name == "Hangup" else COMMANDS[name][0]
    done = await perform("> ANSWER\n! HangupRequest Cause=16\n< 200 result=0\n< HANGUP", Answer(), command)
    assert isinstance(done.results[0], Done)
    assert (done.result.by, done.result.cause) == ("caller", 16)


@pytest.mark.parametrize(("cause", "by"), [("16", "caller"), ("31", "caller"), ("38", "switch"), ("44", "switch")])
async def test_a_cause_that_no_caller_gives_is_the_switch_s(perform: Any, cause: str, by: str) -> None:
    told = await perform(f"> ANSWER\n! HangupRequest Cause={cause}\n< 200 result=-1\n< HANGUP", Answer())
    asked = await perform(
        f'> ANSWER\n< 200 result=-1\n< HANGUP\n> GET VARIABLE "HANGUPCAUSE"\n< 200 result=1 ({cause})', Answer()
    )
    assert (told.result.by, asked.result.by) == (by, by)
