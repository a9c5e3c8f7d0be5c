"""Waiting in a queue and talking to its agents, as what the live driver writes and what comes back."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ivr_flows.commands import Prompt, Queue
from ivr_flows.results import Failed, HungUp, QueueLeft
from router.asterisk.prompts import prompt_file
from router.asterisk.waiting_sound import waiting_sound

QUEUE = Queue("support", 60.0)
PREPARED = """
> SET VARIABLE "QUEUE_PRIO" "1"
< 200 result=1
"""


def exit_keys(keys: str) -> str:
    return f'> SET VARIABLE "LINE400_EXIT_KEYS" "{keys}"\n< 200 result=1\n'


async def test_a_queue_whose_agent_talks_and_hangs_up(perform: Any) -> None:
    done = await perform(
        PREPARED
        + """
        > EXEC "Queue" "support,c,,,60"
        ! QueueCallerJoin Queue=support Position=1
        + 3
        ! AgentCalled MemberName=1001
        + 2
        ! AgentConnect MemberName=1001 HoldTime=5
        + 30
        < 200 result=0
        > GET VARIABLE "QUEUESTATUS"
        < 200 result=1 (CONTINUE)
        """,
        QUEUE,
    )
    assert isinstance(done.result, QueueLeft)
    assert done.result.how == "answered"
    assert done.facts == ["CallerQueued support @0", "AgentRinging 1001 @3", "AgentAnswered 1001 @5"]


@pytest.mark.parametrize(
    ("status", "how", "queued"),
    [
        ("TIMEOUT", "timeout", True),
        ("FULL", "full", False),
        ("JOINEMPTY", "no_agents", False),
        ("LEAVEEMPTY", "no_agents", True),
        ("JOINUNAVAIL", "no_agents", False),
        ("LEAVEUNAVAIL", "no_agents", True),
    ],
)
async def test_how_a_caller_leaves_a_queue(perform: Any, status: str, how: str, queued: bool) -> None:
    done = await perform(
        PREPARED
        + f"""
        > EXEC "Queue" "support,c,,,60"
        < 200 result=0
        > GET VARIABLE "QUEUESTATUS"
        < 200 result=1 ({status})
        """,
        QUEUE,
    )
    assert done.result.how == how
    assert (done.facts == ["CallerQueued support @0"]) is queued


WAIT_FILE = prompt_file(Prompt("请稍候"))


ANNOUNCING = Queue("support", 60.0, announce_every=20.0, announcement=Prompt("请稍候"))
SOUND = waiting_sound(ANNOUNCING)
assert SOUND is not None


async def test_announcements_are_in_the_music_of_a_switch_that_has_them(perform: Any) -> None:
    assert SOUND is not None
    asked = f"""
        > GET VARIABLE "{SOUND.variable}"
        < 200 result=1 (1)
        """
    waited = """
        > EXEC "Queue" "support,c,,,60"
        + 60
        < 200 result=0
        > GET VARIABLE "QUEUESTATUS"
        < 200 result=1 (TIMEOUT)
        """
    again = "".join(
        f'> SET VARIABLE "{name}" ""\n< 200 result=1\n' for name in ("QUEUESTATUS", "MEMBERNAME", "LINE400_EXIT_KEY")
    )
    done = await perform(
        PREPARED
        + asked
        + f'> SET VARIABLE "CHANNEL(musicclass)" "{SOUND.music_class(0)}"\n< 200 result=1\n'
        + waited
        + again
        + PREPARED
        + exit_keys("")
        + asked
        # Another class: the same one would go on where it was.
        + f'> SET VARIABLE "CHANNEL(musicclass)" "{SOUND.music_class(1)}"\n< 200 result=1\n'
        + waited
        + again
        + PREPARED
        + exit_keys("")
        + '> SET VARIABLE "CHANNEL(musicclass)" "default"\n< 200 result=1\n'
        + waited,
        ANNOUNCING,
        ANNOUNCING,
        QUEUE,
    )
    assert [result.how for result in done.results] == ["timeout"] * 3


async def test_the_caller_steps_out_for_an_announcement_and_keeps_the_place(perform: Any) -> None:
    """A switch that does not have it in its music: an announcement whose words depend on the call."""
    assert SOUND is not None
    done = await perform(
        PREPARED
        + f"""
        > GET VARIABLE "{SOUND.variable}"
        < 200 result=0
        > EXEC "Queue" "support,c,,,20"
        ! QueueCallerJoin Queue=support Position=3
        + 20
        ! QueueCallerLeave Queue=support Position=2
        < 200 result=0
        > GET VARIABLE "QUEUESTATUS"
        < 200 result=1 (TIMEOUT)
        > STREAM FILE "{WAIT_FILE}" ""
        + 2.5
        < 200 result=0 endpos=20000
        > EXEC "Queue" "support,c,,,18,,,,2"
        + 17.5
        < 200 result=0
        > GET VARIABLE "QUEUESTATUS"
        < 200 result=1 (TIMEOUT)
        > STREAM FILE "{WAIT_FILE}" ""
        + 2.5
        < 200 result=0 endpos=20000
        > EXEC "Queue" "support,c,,,18,,,,2"
        + 7.5
        ! AgentConnect MemberName=1001
        + 100
        < 200 result=0
        > GET VARIABLE "QUEUESTATUS"
        < 200 result=1 (CONTINUE)
        """,
        ANNOUNCING,
    )
    assert done.facts == [
        "CallerQueued support @0",
        "Announced 请稍候 @20",
        "Announced 请稍候 @40",
        "AgentAnswered 1001 @50",
    ]


async def test_an_exit_key_leaves_the_queue(perform: Any) -> None:
    done = await perform(
        PREPARED
        + exit_keys("*0")
        + """
        > EXEC "Queue" "support,c,,,60"
        + 4
        < 200 result=0
        > GET VARIABLE "QUEUESTATUS"
        < 200 result=1 (UNKNOWN)
        > GET VARIABLE "LINE400_EXIT_KEY"
        < 200 result=0
        > GET VARIABLE "EXTEN"
        < 200 result=1 (0)
        """,
        Queue("support", 60.0, exit_keys=frozenset("0*")),
    )
    assert (done.result.how, done.result.key) == ("key", "0")


async def test_a_key_that_is_not_offered_costs_no_place(perform: Any) -> None:
    done = await perform(
        PREPARED
        + exit_keys("0")
        + """
        > EXEC "Queue" "support,c,,,60"
        ! QueueCallerJoin Queue=support Position=3
        + 10
        < 200 result=0
        > GET VARIABLE "QUEUESTATUS"
        < 200 result=1 (UNKNOWN)
        > GET VARIABLE "LINE400_EXIT_KEY"
        < 200 result=0
        > GET VARIABLE "EXTEN"
        < 200 result=1 (7)
        > EXEC "Queue" "support,c,,,50,,,,3"
        + 50
        < 200 result=0
        > GET VARIABLE "QUEUESTATUS"
        < 200 result=1 (TIMEOUT)
        """,
        Queue("support", 60.0, exit_keys=frozenset("0")),
    )
    assert done.result.how == "timeout"
    assert done.facts == ["CallerQueued support @0", "StrayDigit 7 @10"]


async def test_priority_skill_and_music_go_with_the_queue(perform: Any) -> None:
    await perform(
        PREPARED.replace('"QUEUE_PRIO" "1"', '"QUEUE_PRIO" "5"')
        + """
        > SET VARIABLE "LINE400_SKILL" "english"
        < 200 result=1
        > SET VARIABLE "CHANNEL(musicclass)" "jazz"
        < 200 result=1
        > EXEC "Queue" "support,c,,,60"
        < 200 result=0
        > GET VARIABLE "QUEUESTATUS"
        < 200 result=1 (TIMEOUT)
        """,
        Queue("support", 60.0, priority=5, skill="english", music="jazz"),
    )


async def test_a_caller_who_hangs_up_while_waiting(perform: Any) -> None:
    done = await perform(
        PREPARED
        + """
        > EXEC "Queue" "support,c,,,60"
        ! QueueCallerJoin Queue=support Position=1
        + 12
        < 200 result=-1
        < HANGUP
        > GET VARIABLE "QUEUESTATUS"
        < 200 result=0
        > GET VARIABLE "MEMBERNAME"
        < 200 result=0
        > GET VARIABLE "HANGUPCAUSE"
        < 200 result=1 (16)
        """,
        QUEUE,
    )
    assert isinstance(done.result, HungUp)
    assert done.result.by == "caller"
    assert done.facts == ["CallerQueued support @0"]


async def test_an_agent_who_answered_unseen_is_read_from_the_channel(perform: Any) -> None:
    """AMI was away: the events never came."""
    done = await perform(
        PREPARED
        + """
        > EXEC "Queue" "support,c,,,60"
        + 12
        < 200 result=-1
        < HANGUP
        > GET VARIABLE "QUEUESTATUS"
        < 200 result=0
        > GET VARIABLE "MEMBERNAME"
        < 200 result=1 (1001)
        > GET VARIABLE "HANGUPCAUSE"
        < 200 result=1 (16)
        """,
        QUEUE,
    )
    assert done.facts == ["CallerQueued support @12", "AgentAnswered 1001 @12"]


async def test_a_queue_that_the_switch_lacks_is_its_failure(perform: Any) -> None:
    done = await perform(
        PREPARED
        + """
        > EXEC "Queue" "support,c,,,60"
        < 200 result=-1
        > CHANNEL STATUS
        < 200 result=6
        """,
        QUEUE,
    )
    assert isinstance(done.result, Failed)


async def test_a_second_queue_forgets_what_the_first_left(perform: Any) -> None:
    full = """
        > EXEC "Queue" "support,c,,,60"
        < 200 result=0
        > GET VARIABLE "QUEUESTATUS"
        < 200 result=1 (FULL)
        """
    forgotten = "".join(
        f'> SET VARIABLE "{name}" ""\n< 200 result=1\n' for name in ("QUEUESTATUS", "MEMBERNAME", "LINE400_EXIT_KEY")
    )
    done = await perform(PREPARED + full + forgotten + PREPARED + exit_keys("") + full, QUEUE, QUEUE)
    assert [result.how for result in done.results] == ["full", "full"]


async def test_the_agent_who_is_to_be_first_is_rung_by_a_queue_of_its_own(perform: Any) -> None:
    async def spoke_last(queue: str) -> str:
        return "1001"

    done = await perform(
        PREPARED
        + """
        > SET VARIABLE "LINE400_LAST_AGENT_FIRST" "1"
        < 200 result=1
        > SET VARIABLE "LINE400_LAST_AGENT" "1001"
        < 200 result=1
        > GET VARIABLE "QUEUE_EXISTS(support@1001)"
        < 200 result=1 (1)
        > EXEC "Queue" "support@1001,c,,,15"
        < 200 result=0
        > GET VARIABLE "QUEUESTATUS"
        < 200 result=1 (JOINEMPTY)
        > SET VARIABLE "QUEUESTATUS" ""
        < 200 result=1
        > SET VARIABLE "MEMBERNAME" ""
        < 200 result=1
        > EXEC "Queue" "support,c,,,60"
        ! QueueCallerJoin Queue=support Position=1
        ! AgentConnect MemberName=1002 HoldTime=0
        < 200 result=0
        > GET VARIABLE "QUEUESTATUS"
        < 200 result=1 (CONTINUE)
        """,
        replace(QUEUE, last_agent_first=True),
        last_agent=spoke_last,
    )
    assert done.result.how == "answered"
    assert done.facts == ["CallerQueued support @0", "AgentAnswered 1002 @0"]


GONE_IN_THE_TALK = """
        > EXEC "Queue" "support,c,,,60"
        ! QueueCallerJoin Queue=support Position=1
        ! AgentConnect MemberName=1001
        + 10
        < 200 result=0
        < HANGUP
        """


async def test_a_caller_who_hangs_up_first_in_the_talk_has_left(perform: Any) -> None:
    """The switch reports the application as done, and that the caller hung up behind it."""
    done = await perform(
        PREPARED + GONE_IN_THE_TALK + '> GET VARIABLE "QUEUESTATUS"\n< EOF',
        QUEUE,
    )
    assert isinstance(done.result, HungUp)
    assert done.result.by == "caller"
    assert done.facts == ["CallerQueued support @0", "AgentAnswered 1001 @0"]


async def test_so_has_one_on_a_switch_that_still_answers(perform: Any) -> None:
    done = await perform(
        PREPARED
        + GONE_IN_THE_TALK
        + """
        > GET VARIABLE "QUEUESTATUS"
        < 200 result=1 (CONTINUE)
        > GET VARIABLE "HANGUPCAUSE"
        < 200 result=1 (16)
        """,
        QUEUE,
    )
    assert isinstance(done.result, HungUp)
    assert done.result.by == "caller"
