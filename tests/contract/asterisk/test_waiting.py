"""Who waits in a queue that announces, on a real switch: the agent rings on, and the talk has its own music."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest

from router.asterisk.host import Programs
from router.book import RouteBook
from simulator.call import TestCall
from simulator.embedded import Embedded
from simulator.parties import AgentScript
from simulator.script import Action, CallerScript
from simulator.sip import RealSwitch, real_switch
from tests.contract.live.flow_case import OPEN
from tests.contract.live.flow_company import compiled_book, number_of

from .lab import Ami

WAIT = "请稍候。"
FLOW = f"""ask:
  queue: {{ name: support, timeout: 9s, announce_every: 2s, announcement: {WAIT} }}
  on: {{ answered: bye, timeout: late }}
late: {{ play: 久等了。, next: bye }}
bye: {{ hangup: normal }}"""
ACCOUNT = "\n[looker]\nsecret = looker-secret\nread = call\nwrite = reporting\n"


class Talking(CallerScript):
    """A caller who says when the talk begins."""

    watches = True

    def __init__(self) -> None:
        self.began = asyncio.Event()

    def talking(self, at: float) -> Sequence[Action]:
        self.began.set()
        return ()


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> RouteBook:
    return compiled_book(tmp_path_factory.mktemp("waiting") / "config", [FLOW])


def music_of_the_caller(switch: RealSwitch) -> str:
    """The class of music that the caller hears when put on hold."""
    caller = next(
        line.partition("!")[0]
        for line in switch.main.cli("core show channels concise").splitlines()
        if line.startswith("PJSIP/trunk-")
    )
    ami = Ami(switch.ami_port, "looker", "looker-secret")
    try:
        return ami.send("Getvar", Channel=caller, Variable="CHANNEL(musicclass)")["Value"]
    finally:
        ami.close()


async def test_a_slow_agent_is_rung_through_announcements_and_talks_without_them(
    book: RouteBook, programs: Programs, sounds: Path
) -> None:
    async with Embedded(book, OPEN, speed=1.0, make_switch=real_switch(programs, sounds)) as embedded:
        switch = embedded.switch
        assert isinstance(switch, RealSwitch)
        with (switch.main.etc / "manager.conf").open("a") as accounts:
            accounts.write(ACCOUNT)
        await asyncio.to_thread(switch.main.cli, "manager reload")
        caller = Talking()
        call = TestCall(number_of(0), "13800138000", OPEN, "waiting")
        placed = asyncio.create_task(embedded.place(call, caller, AgentScript.parse("answer:5:3")))
        await asyncio.wait_for(caller.began.wait(), 20.0)
        music = await asyncio.to_thread(music_of_the_caller, switch)
        record = await placed
    assert (record.outcome, record.path) == ("answered", ["ask", "bye"])
    assert record.heard == [WAIT, WAIT]
    assert music == "default"
