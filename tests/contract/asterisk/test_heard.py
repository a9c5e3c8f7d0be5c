"""What the caller's side received is what the flow says: compared with the sound files, not taken from a log.

All calls are up at once, on one switch; each is listened to on its own.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

import numpy as np
import pytest

from router.asterisk.host import Programs
from router.asterisk.sounds.audio import Samples
from router.book import RouteBook
from router.record import CallRecord
from simulator.call import TestCall
from simulator.parties import AgentScript
from simulator.script import PressScript
from simulator.virtual import run_virtual
from tests.contract.live.flow_case import OPEN
from tests.contract.live.flow_company import compiled_book, number_of

from .hearing import UNKNOWN
from .listening import Listened, Listeners

GREETING, CHOICES, WRONG = "您好，欢迎致电示例科技。", "业务咨询请按1，人工服务请按0。", "输入有误，请重新选择。"
HOURS, TRANSFERRED, BYE = "我们的办公时间是每天上午九点到下午五点。", "正在为您转接人工服务。", "感谢您的来电，再见。"
MANDARIN = f"""greet: {{ play: {GREETING}, next: ask }}
ask:
  menu: {{ prompt: {CHOICES}, no_match_prompt: {WRONG}, retries: 1 }}
  on: {{ "1": sales, "0": agent, no_match: bye, no_input: bye }}
sales: {{ play: {HOURS}, next: bye }}
agent: {{ play: {TRANSFERRED}, next: bye }}
bye: {{ play: {BYE} }}"""
WELCOME, PRESS = "Welcome to the example company.", "For sales press one. For support press two."
ENGLISH = f"""greet: {{ play: {WELCOME}, next: ask }}
ask:
  menu: {{ prompt: {PRESS}, retries: 0 }}
  on: {{ "1": sales, "2": support, no_match: bye, no_input: bye }}
sales: {{ play: Our sales office is open from nine to five., next: bye }}
support: {{ play: You are being connected to support., next: bye }}
bye: {{ play: Thank you for calling. Good bye. }}"""
PATIENCE = "请您稍等片刻。"
EARLY = f"""ask: {{ queue: {{ name: support, timeout: 9s, announce_every: 3s, announcement: {PATIENCE} }},
  on: {{ timeout: no, no_agents: no }} }}
no: {{ hangup: busy }}"""
REPLACED, LOST = "这句话被换成了另外一句。", "这句话变成了噪声。"
"""The switch plays another prompt in the place of one, and noise in that of the other."""
DAMAGED = f"first: {{ play: {GREETING}, next: replaced }}\nreplaced: {{ play: {REPLACED}, next: lost }}\n"
DAMAGED += f"lost: {{ play: {LOST}, next: bye }}\nbye: {{ play: {BYE} }}"
FLOWS = [MANDARIN, ENGLISH, EARLY, DAMAGED]

CALLS: dict[str, tuple[int, tuple[tuple[str, str], ...], str]] = {
    # The flow; each key with the prompt before the menu, behind whose end it is pressed; the same keys as a script.
    "a key": (0, (("1", GREETING),), "1"),
    "a wrong key, then one": (0, (("7", GREETING), ("0", WRONG)), "7,0"),
    "two wrong keys": (0, (("7", GREETING), ("8", WRONG)), "7,8"),
    "in English": (1, (("1", WELCOME),), "1"),
    "another key in English": (1, (("2", WELCOME),), "2"),
    "no key in English": (1, (), ""),
    "unanswered": (2, (), ""),
    "damaged": (3, (), ""),
}
INTO_THE_MENU = 1.0
"""Seconds of its prompt that have been heard when a key is pressed."""


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> RouteBook:
    return compiled_book(tmp_path_factory.mktemp("heard") / "config", FLOWS, headers={1: "language: en\n"})


@pytest.fixture(scope="module")
def calls(book: RouteBook, programs: Programs, sounds: Path) -> dict[str, Listened]:
    """All calls."""

    async def run() -> dict[str, Listened]:
        noise = np.random.default_rng(400).integers(-9000, 9000, 8000, dtype=np.int16)
        instead: dict[str, str | Samples] = {REPLACED: TRANSFERRED, LOST: noise}
        async with Listeners(book, programs, sounds, FLOWS, instead) as listeners:

            def one(place: int, name: str) -> asyncio.Task[Listened]:
                flow, keys, _ = CALLS[name]
                timed = [(key, listeners.seconds(before) + INTO_THE_MENU) for key, before in keys]
                return asyncio.create_task(listeners.call(f"heard-{place}", flow, timed))

            tasks = [one(place, name) for place, name in enumerate(CALLS)]
            return dict(zip(CALLS, await asyncio.gather(*tasks), strict=True))

    return asyncio.run(run())


def virtually(book: RouteBook, name: str) -> CallRecord:
    """The same call in virtual time."""
    flow, _, press = CALLS[name]
    call = TestCall(number_of(flow), "13800138000", OPEN, name)
    return run_virtual(book, call, PressScript.parse(press), AgentScript.parse("never"))


@pytest.mark.parametrize("name", [name for name, (flow, _, _) in CALLS.items() if flow < 2])
def test_the_caller_hears_the_prompts_of_the_path(book: RouteBook, calls: dict[str, Listened], name: str) -> None:
    call, virtual = calls[name], virtually(book, name)
    assert call.names == call.record.heard == virtual.heard
    assert (call.record.path, call.record.outcome) == (virtual.path, virtual.outcome)
    # A menu in which a key was pressed is cut off; all else is heard to its end.
    menus = [place for place, item in enumerate(call.heard) if item.name in (CHOICES, PRESS)]
    assert [place for place, item in enumerate(call.heard) if not item.whole] == menus[: len(call.keys)]


def test_a_prompt_that_is_another_is_noticed_and_so_is_a_sound_of_nobody(calls: dict[str, Listened]) -> None:
    """The switch plays other files than the record says: the record is not believed."""
    call = calls["damaged"]
    assert call.record.heard == [GREETING, REPLACED, LOST, BYE]
    assert call.names == [GREETING, TRANSFERRED, UNKNOWN, BYE]


def test_who_waits_unanswered_hears_the_announcements(calls: dict[str, Listened]) -> None:
    call = calls["unanswered"]
    assert (call.record.answered, call.record.outcome, call.status) == (None, "completed", 486)
    # Between them is music.
    spoken = [item for item in call.heard if item.name != UNKNOWN]
    assert [item.name for item in spoken] == call.record.heard
    assert call.record.heard.count(PATIENCE) >= 2
    assert all(item.whole for item in spoken)
