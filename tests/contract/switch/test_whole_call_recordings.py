"""``MixMonitor`` on the embedded switch: what was played, when and how long, as a file where a real switch puts it."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from ivr_flows.prompts import speech_seconds
from router.book import RouteBook
from router.record import CallRecord
from router.spool import Spool
from simulator.call import TestCall
from simulator.embedded import Embedded
from simulator.parties import AgentScript
from simulator.script import CallerScript, HangUp, PressScript
from simulator.switch.mix_monitor import tone_of
from tests.contract.live.flow_case import LONG, OPEN, Doing
from tests.contract.live.flow_company import compiled_book, number_of

RATE = 8000
SPEED = 20.0
SLACK = 0.6
"""Seconds of the call that its connections may take: a twentieth of them is real."""
FIRST, SECOND, WAIT = "您好，欢迎致电示例科技。", "感谢您的来电，再见。", "请继续等待。"
FLOWS = [
    f"tape: {{ recording: on, next: say }}\nsay: {{ play: {FIRST}, next: more }}\nmore: {{ play: {SECOND} }}",
    f"tape: {{ recording: on, next: say }}\nsay: {{ play: {LONG} }}",
    f"tape: {{ recording: on, next: say }}\nsay: {{ play: {FIRST}, next: off }}\n"
    "off: { recording: off, next: more }\n"
    f"more: {{ play: {LONG}, next: again }}\nagain: {{ recording: on, next: bye }}\nbye: {{ play: {SECOND} }}",
    "tape: { recording: on, next: ask }\n"
    f"ask: {{ queue: {{ name: support, timeout: 12s, announce_every: 5s, announcement: {WAIT} }},"
    " on: { timeout: bye, answered: bye } }\nbye: { hangup: normal }",
]


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> RouteBook:
    return compiled_book(tmp_path_factory.mktemp("taped") / "config", FLOWS)


async def taped(
    book: RouteBook, folder: Path, flow: int, caller: CallerScript, agents: str = "none"
) -> tuple[CallRecord, NDArray[np.int16]]:
    """The record of a call of ``flow`` and the samples of its recording."""
    async with Embedded(book, OPEN, speed=SPEED, spool=folder) as embedded:
        call = TestCall(number_of(flow), "13800138000", OPEN, "taped")
        record = await embedded.place(call, caller, AgentScript.parse(agents))
    (left,) = record.left
    assert left.kind == "recording"
    assert left.file is not None
    path = Spool([folder]).find(left.file)
    assert path == folder / "monitor" / f"{left.file}.wav"
    with wave.open(str(path)) as sound:
        assert (sound.getframerate(), sound.getsampwidth(), sound.getnchannels()) == (RATE, 2, 1)
        return record, np.frombuffer(sound.readframes(sound.getnframes()), dtype="<i2").astype(np.int16)


def tones(samples: NDArray[np.int16]) -> list[tuple[int, float]]:
    """What is heard one after the other: the frequency (0: silence) and the seconds of each stretch."""
    block = RATE // 25
    found: list[tuple[int, float]] = []
    for start in range(0, len(samples) - block, block):
        part = samples[start : start + block].astype(float)
        tone = round(float(np.argmax(np.abs(np.fft.rfft(part)))) * RATE / block) if part.std() > 100 else 0
        seconds = block / RATE
        if found and found[-1][0] == tone:
            found[-1] = (tone, found[-1][1] + seconds)
        else:
            found.append((tone, seconds))
    return [(tone, seconds) for tone, seconds in found if seconds > 3 * block / RATE]


async def test_prompts_are_in_it_one_after_the_other(book: RouteBook, tmp_path: Path) -> None:
    _, samples = await taped(book, tmp_path, 0, PressScript.parse(""))
    heard = [(tone, seconds) for tone, seconds in tones(samples) if tone]
    assert [tone for tone, _ in heard] == [tone_of(FIRST), tone_of(SECOND)]
    for (_, seconds), words in zip(heard, (FIRST, SECOND), strict=True):
        assert seconds == pytest.approx(speech_seconds(words), abs=SLACK)


async def test_it_is_as_long_as_the_call(book: RouteBook, tmp_path: Path) -> None:
    record, samples = await taped(book, tmp_path, 0, PressScript.parse(""))
    assert record.answered is not None
    assert len(samples) / RATE == pytest.approx(record.duration_s, abs=2 * SLACK)


async def test_a_prompt_is_as_long_as_the_caller_heard_it(book: RouteBook, tmp_path: Path) -> None:
    _, samples = await taped(book, tmp_path, 1, Doing(PressScript.parse(""), {"heard 1": [HangUp(2.0)]}))
    ((tone, seconds),) = [found for found in tones(samples) if found[0]]
    assert tone == tone_of(LONG)
    assert seconds == pytest.approx(2.0, abs=SLACK)


async def test_what_is_not_recorded_is_not_in_it_and_it_goes_on_in_its_file(book: RouteBook, tmp_path: Path) -> None:
    _, samples = await taped(book, tmp_path, 2, PressScript.parse(""))
    assert [tone for tone, _ in tones(samples) if tone] == [tone_of(FIRST), tone_of(SECOND)]


async def test_announcements_of_a_queue_are_in_it_between_silence(book: RouteBook, tmp_path: Path) -> None:
    _, samples = await taped(book, tmp_path, 3, PressScript.parse(""), "answer:11:3")
    heard = tones(samples)
    assert [tone for tone, _ in heard] == [tone_of(WAIT), 0, tone_of(WAIT), 0]
    # Nobody has answered before the first one, and there is no sound before it; the talk is silent.
    assert heard[1][1] == pytest.approx(5.0 - speech_seconds(WAIT), abs=SLACK)
