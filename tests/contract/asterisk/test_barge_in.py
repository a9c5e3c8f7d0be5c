"""A key cuts the prompt where the caller hears it: measured in the packets that a telephone got."""

from __future__ import annotations

import asyncio
from pathlib import Path

import numpy as np
import pytest

from router.asterisk.host import Programs
from router.asterisk.prompts import constant_prompts, prompt_file
from router.book import RouteBook
from simulator.embedded import Embedded
from simulator.sip import RealSwitch, real_switch
from tests.contract.live.flow_case import OPEN
from tests.contract.live.flow_company import compiled_book, number_of

from .hearing import Heard, listen, load
from .telephone import PACKET, Telephone, linear

LONG = "这是一段相当长的提示音内容，按任意键可以打断它，然后您会听到另外一句话。"
THANKS = "您已打断提示音。"
NODES = f"""ask: {{ menu: {{ prompt: {LONG}, retries: 0 }}, on: {{ "1": thanks, no_match: bye, no_input: bye }} }}
thanks: {{ play: {THANKS}, next: bye }}
bye: {{ hangup: normal }}"""
WHOLE = NODES.replace("retries: 0", "retries: 0, barge_in: false")
BOUND = 0.3
CALLS = 6


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> RouteBook:
    return compiled_book(tmp_path_factory.mktemp("barge") / "config", [NODES, WHOLE])


async def pressing(line: Embedded, flow: int, after: float) -> tuple[list[Heard], float]:
    """Call, press 1 when ``after`` seconds were heard; what was heard, and the place in it at which the key left."""
    switch = line.switch
    assert isinstance(switch, RealSwitch)
    async with Telephone(switch.sip_port, "01088880001", number_of(flow)) as telephone:
        await telephone.hear(after)
        pressed = await telephone.press("1")
        await asyncio.wait_for(telephone.ended.wait(), 30)
    files = {prompt.text: prompt_file(prompt) for prompt in constant_prompts(line.book)}
    prompts = {text: load(switch.main.sounds / f"{file}.wav") for text, file in files.items()}
    heard = listen(np.concatenate([linear(packet.sound) for packet in telephone.packets]), prompts)
    # By the packets that had arrived, not by the clock.
    return heard, sum(packet.at <= pressed for packet in telephone.packets) * PACKET / 8000


async def cut_after(line: Embedded, after: float) -> float:
    """For how many seconds behind the first packet of the key more of the prompt arrived."""
    heard, key = await pressing(line, 0, after)
    assert [item.name for item in heard] == [LONG, THANKS]
    assert not heard[0].whole
    assert heard[1].whole
    return heard[0].at + heard[0].seconds - key


async def test_a_key_cuts_the_prompt_within_the_bound(book: RouteBook, programs: Programs, sounds: Path) -> None:
    async with Embedded(book, OPEN, speed=1.0, make_switch=real_switch(programs, sounds)) as line:
        took = await asyncio.gather(*(cut_after(line, 1.0 + 0.3 * place) for place in range(CALLS)))
    print("seconds of the prompt behind the key:", ", ".join(f"{seconds:.2f}" for seconds in sorted(took)))
    assert max(took) <= BOUND


async def test_a_prompt_without_barge_in_is_heard_to_its_end(book: RouteBook, programs: Programs, sounds: Path) -> None:
    async with Embedded(book, OPEN, speed=1.0, make_switch=real_switch(programs, sounds)) as line:
        heard, key = await pressing(line, 1, 1.0)
    assert [item.name for item in heard] == [LONG]
    assert heard[0].whole
    assert heard[0].at + heard[0].seconds - key > 2.0
