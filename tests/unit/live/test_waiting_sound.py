"""What a caller in a queue hears: which sounds a company's flows need, and announcements at their moments in them."""

from __future__ import annotations

import asyncio
from pathlib import Path

import numpy as np
import pytest

from ivr_flows.commands import Prompt, Queue
from router.asterisk.generated import Places, Secrets, generate
from router.asterisk.sounds.audio import RATE, wav
from router.asterisk.sounds.waiting import mixed, music_of
from router.asterisk.waiting_sound import (
    LONGEST,
    Announcing,
    WaitingSound,
    waiting_sound,
    waiting_sounds,
)
from router.clock import Clock
from tests.contract.live.flow_company import compiled_book

FIRST, SECOND = Prompt("甲"), Prompt("乙")


def constant(level: int, seconds: float) -> np.ndarray:
    return np.full(round(seconds * RATE), level, dtype=np.int16)


def levels(samples: np.ndarray, *seconds: float) -> list[int]:
    return [int(samples[round(second * RATE)]) for second in seconds]


def test_announcements_stand_in_the_music_in_turn_at_their_moments() -> None:
    sound = WaitingSound(20.0, 70, (FIRST, SECOND))
    assert [(second, prompt.text) for second, prompt in sound.begins()] == [(20.0, "甲"), (40.0, "乙"), (60.0, "甲")]
    samples = mixed(sound, constant(1, 5), {0: constant(100, 3), 1: constant(200, 2)})
    assert len(samples) == 70 * RATE
    assert levels(samples, 0, 19.9, 20, 22.9, 23.1, 39.9, 40, 41.9, 42.1, 60, 62.9, 63.1) == [
        *(1, 1, 100, 100, 1, 1),
        *(200, 200, 1, 100, 100, 1),
    ]


def test_music_goes_on_where_an_announcement_broke_it_off() -> None:
    music = np.arange(1, 30 * RATE + 1, dtype=np.int64).astype(np.int16)
    samples = mixed(WaitingSound(10.0, 25, (FIRST,)), music, {0: constant(0, 2)})
    assert samples[12 * RATE] == music[10 * RATE]


def test_an_announcement_that_is_too_long_ends_as_the_next_begins() -> None:
    samples = mixed(WaitingSound(5.0, 12, (FIRST, SECOND)), constant(1, 1), {0: constant(100, 9), 1: constant(200, 1)})
    assert levels(samples, 5, 9.9, 10, 11.1) == [100, 100, 200, 1]


def test_one_that_cannot_be_had_is_left_out() -> None:
    samples = mixed(WaitingSound(5.0, 12, (FIRST, SECOND)), constant(1, 1), {1: constant(200, 1)})
    assert levels(samples, 5, 10) == [1, 200]


@pytest.mark.parametrize(
    "queue",
    [
        Queue("support", 60.0),
        Queue("support", 60.0, announcement=FIRST),
        Queue("support", 60.0, announce_every=60.0, announcement=FIRST),
    ],
)
def test_nothing_is_needed_where_nothing_is_announced(queue: Queue) -> None:
    assert waiting_sound(queue) is None


def test_a_long_wait_hears_whole_rounds_again() -> None:
    sound = waiting_sound(Queue("support", 86_400.0, announce_every=40.0, hold=(FIRST, SECOND)))
    assert sound is not None
    assert sound.seconds <= LONGEST
    assert sound.seconds % 80 == 0


def test_what_is_heard_has_one_name() -> None:
    sound = WaitingSound(20.0, 60, (FIRST, SECOND))
    assert sound.name == WaitingSound(20.0, 60, (Prompt("甲"), Prompt("乙"))).name
    others = [
        WaitingSound(21.0, 60, (FIRST, SECOND)),
        WaitingSound(20.0, 61, (FIRST, SECOND)),
        WaitingSound(20.0, 60, (SECOND, FIRST)),
        WaitingSound(20.0, 60, (FIRST, SECOND), "jazz"),
    ]
    assert len({sound.name, *(other.name for other in others)}) == 5


def test_the_sounds_of_a_company_are_those_that_its_calls_ask_for(tmp_path: Path) -> None:
    flows = {
        "built in": "ask: { queue: { name: support, announce_every: 20s }, on: { timeout: bye } }",
        "its own": "ask: { queue: { name: support, timeout: 9.2s, announce_every: 5s, announcement: 请稍候 },"
        " on: { timeout: bye } }",
        "of the company": "ask: { queue: { name: support, announce_every: 5s,"
        " hold: ['{{ company }}', { file: wait }] }, on: { timeout: bye } }",
        "of the call": "ask: { queue: { name: support, announce_every: 5s, announcement: '{{ caller.number }}' },"
        " on: { timeout: bye } }",
        "silent": "ask: { queue: support, on: { timeout: bye } }",
    }
    book = compiled_book(tmp_path / "config", [f"{node}\nbye: {{ hangup: normal }}" for node in flows.values()])
    found = {
        (sound.every, sound.seconds, *(prompt.heard for prompt in sound.announcements))
        for sound in waiting_sounds(book).values()
    }
    assert found == {
        (20.0, 60, "请继续等待，座席将尽快为您服务。"),
        (5.0, 10, "请稍候"),
        (5.0, 60, "示例科技", "file:wait"),
    }
    asked = waiting_sound(
        Queue("support", 60.0, announce_every=5.0, hold=(Prompt("示例科技", language="zh-CN"), Prompt("", "wait")))
    )
    assert asked is not None
    assert asked.name in waiting_sounds(book)
    files = generate(book, Places({}, "/music"), Secrets("line400", "x"))
    for visit in (0, 1):
        section = f"[{asked.music_class(visit)}]\nmode = playlist\nentry = /music/line400/{asked.name}\n"
        assert section in files["musiconhold.conf"]
    assert f"\n{asked.variable} = 1\n" in files["extensions.conf"]


def test_music_comes_from_the_folder_of_its_name_where_there_is_one(tmp_path: Path) -> None:
    (tmp_path / "jazz").mkdir()
    for path, level in (("a.wav", 1), ("b.wav", 2), ("jazz/c.wav", 3)):
        (tmp_path / path).write_bytes(wav(constant(level, 0.001)))
    (tmp_path / "broken.wav").write_bytes(b"no sound")
    assert set(music_of(tmp_path, None).tolist()) == {1, 2}
    assert set(music_of(tmp_path, "jazz").tolist()) == {3}
    for name in ("blues", "../jazz", ".."):
        assert set(music_of(tmp_path, name).tolist()) == {1, 2}


async def test_announcements_are_told_as_they_begin() -> None:
    clock = Clock(1_790_000_000.0, 1000.0)
    told: list[tuple[int, float]] = []
    over = asyncio.Event()

    def begun(count: int, at: float) -> None:
        told.append((count, round(at - began)))
        if count == 1:
            over.set()

    announcing = Announcing(clock, 20.0, 60.0, begun)
    began = clock.now()
    announcing.start()
    await over.wait()
    await clock.sleep(40.0)
    assert told == [(0, 20), (1, 40)]


async def test_they_are_not_told_to_who_hears_them_no_more() -> None:
    clock = Clock(1_790_000_000.0, 1000.0)
    told: list[int] = []
    announcing = Announcing(clock, 20.0, 60.0, lambda count, at: told.append(count))
    announcing.start()
    announcing.stop()
    await clock.sleep(100.0)
    assert told == []
