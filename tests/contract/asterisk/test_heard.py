"""What the caller's side received is what the flow says: compared with the sound files, not taken from a log."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest

from router.asterisk.host import Programs
from router.asterisk.prompts import constant_prompts, prompt_file
from router.asterisk.sounds.audio import Samples, alaw, wav
from router.book import RouteBook
from router.record import CallRecord
from simulator.call import TestCall
from simulator.embedded import Embedded
from simulator.parties import AgentScript
from simulator.script import PressScript
from simulator.sip import RealSwitch, real_switch
from tests.contract.live.flow_case import OPEN
from tests.contract.live.flow_company import compiled_book, number_of

from .hearing import UNKNOWN, Heard, listen, load

GREETING, CHOICES, WRONG = "您好，欢迎致电示例科技。", "业务咨询请按1，人工服务请按0。", "输入有误，请重新选择。"
TRANSFERRED, BYE = "正在为您转接人工服务。", "感谢您的来电，再见。"
MANDARIN = f"""greet: {{ play: {GREETING}, next: ask }}
ask:
  menu: {{ prompt: {CHOICES}, no_match_prompt: {WRONG}, retries: 1 }}
  on: {{ "1": sales, "0": agent, no_match: bye, no_input: bye }}
sales: {{ play: 业务咨询时间是每天上午九点到下午五点。, next: bye }}
agent: {{ play: 正在为您转接人工服务。, next: bye }}
bye: {{ play: 感谢您的来电，再见。 }}"""
ENGLISH = """greet: { play: Welcome to the example company., next: ask }
ask:
  menu: { prompt: For sales press one. For support press two., retries: 0 }
  on: { "1": sales, "2": support, no_match: bye, no_input: bye }
sales: { play: Our sales office is open from nine to five., next: bye }
support: { play: You are being connected to support., next: bye }
bye: { play: Thank you for calling. Good bye. }"""
EARLY = """ask: { queue: { name: support, timeout: 25s, announce_every: 8s, announcement: 请您稍等片刻。 },
  on: { timeout: no, no_agents: no } }
no: { hangup: busy }"""
FLOWS = [MANDARIN, ENGLISH, EARLY]


class Mute:
    """The synthesiser while calls are up: every prompt here was spoken before the first one."""

    name = "espeak-ng"

    def speak(self, text: str, language: str, voice: str | None = None) -> Samples:
        raise AssertionError(f"{text} was spoken during a call")


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> RouteBook:
    folder = tmp_path_factory.mktemp("heard") / "config"
    return compiled_book(folder, FLOWS, headers={1: "language: en\n"})


@pytest.fixture
async def line(book: RouteBook, programs: Programs, sounds: Path) -> AsyncIterator[Embedded]:
    async with Embedded(book, OPEN, speed=1.0, make_switch=real_switch(programs, sounds)) as found:
        assert isinstance(found.switch, RealSwitch)
        library = found.switch.library
        assert library.shared is not None
        library.synthesiser = library.shared.synthesiser = Mute()
        yield found


async def call(line: Embedded, flow: int, press: str, call_id: str = "heard") -> tuple[list[Heard], CallRecord]:
    """What a caller who presses ``press`` hears, by the words of the prompts, and the record."""
    switch = line.switch
    assert isinstance(switch, RealSwitch)
    placed = TestCall(number_of(flow), "13800138000", OPEN, call_id)
    record = await line.place(placed, PressScript.parse(press), AgentScript.parse("never"))
    shared = switch.library.shared
    assert shared is not None
    prompts = {}
    for prompt in constant_prompts(line.book):
        if not any(prompt.text in nodes for nodes in FLOWS):
            continue  # of the packaged flow, which nobody calls here
        prompts[prompt.text] = load(shared.sounds / f"{prompt_file(prompt)}.wav")
    return listen(load(switch.recordings / f"{call_id}.wav"), prompts), record


@pytest.mark.parametrize(("flow", "press"), [(0, "1"), (0, "7,0"), (0, "7,8"), (1, "1"), (1, "2"), (1, "")], ids=str)
async def test_the_caller_hears_the_prompts_of_the_path(line: Embedded, flow: int, press: str) -> None:
    heard, record = await call(line, flow, press)
    assert [item.name for item in heard] == record.heard
    assert all(item.whole for item in heard if item.name not in (CHOICES,))


def play_instead(line: Embedded, words: str, sound: Samples) -> None:
    """Let the switch play ``sound`` where it is asked for the prompt ``words``."""
    switch = line.switch
    assert isinstance(switch, RealSwitch)
    file = next(prompt_file(prompt) for prompt in constant_prompts(line.book) if prompt.text == words)
    (switch.main.sounds / f"{file}.wav").write_bytes(wav(sound))
    (switch.main.sounds / f"{file}.alaw").write_bytes(alaw(sound))


async def test_a_prompt_that_is_another_is_noticed(line: Embedded) -> None:
    """The switch plays another file than the record says: the record is not believed."""
    switch = line.switch
    assert isinstance(switch, RealSwitch)
    other = next(prompt_file(prompt) for prompt in constant_prompts(line.book) if prompt.text == TRANSFERRED)
    play_instead(line, BYE, load(switch.main.sounds / f"{other}.wav"))
    heard, record = await call(line, 0, "1")
    assert record.heard[-1] == BYE
    assert [item.name for item in heard] == [*record.heard[:-1], TRANSFERRED]


async def test_a_sound_that_nobody_recorded_is_noticed(line: Embedded) -> None:
    noise = np.random.default_rng(400).integers(-9000, 9000, 8000, dtype=np.int16)
    play_instead(line, BYE, noise)
    heard, record = await call(line, 0, "1")
    assert [item.name for item in heard] == [*record.heard[:-1], UNKNOWN]


async def test_who_waits_unanswered_hears_the_announcements(line: Embedded) -> None:
    heard, record = await call(line, 2, "")
    assert record.answered is None
    assert [item.name for item in heard if item.name != UNKNOWN] == record.heard
