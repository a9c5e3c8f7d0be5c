"""Hearing prompts in sound, as tests on a real switch do it: what has to be heard is, and what is wrong is noticed."""

from __future__ import annotations

import struct
from itertools import permutations

import numpy as np
import pytest

from router.asterisk.sounds import EspeakSynthesiser
from router.asterisk.sounds.audio import RATE, Samples, alaw
from tests.contract.asterisk.hearing import UNKNOWN, WHOLE, Heard, likeness, listen
from tests.contract.asterisk.telephone import PACKET, Sound, linear

WELCOME = "您好，欢迎致电示例科技。"
WELCOME_TOO = "您好，欢迎致电示例科技，正在为您转接人工服务。"
CHOICES = "业务咨询请按1，人工服务请按0。"
WRONG = "输入有误，请重新选择。"
BYE = "感谢您的来电，再见。"
LEFT = "留言已收到，感谢您的来电，再见。"
SHORT = "您好。"
HELLO = "您好，欢迎参加优惠活动。"
TEXTS = (WELCOME, WELCOME_TOO, CHOICES, WRONG, BYE, LEFT, SHORT, HELLO)
CALL = (WELCOME, CHOICES, WRONG, BYE)


@pytest.fixture(scope="module")
def prompts() -> dict[str, Samples]:
    """Spoken, and through A-law, as they go over the line."""
    voice = EspeakSynthesiser()
    return {text: linear(alaw(voice.speak(text, "zh"))) for text in TEXTS}


def silence(seconds: float) -> Samples:
    return np.zeros(round(seconds * RATE), dtype=np.int16)


def said(prompts: dict[str, Samples], *texts: str) -> Samples:
    """The sound of a call that says ``texts``; between two prompts a switch sends nothing, or a little silence."""
    parts = [silence(0.137)]
    for place, text in enumerate(texts):
        parts += [prompts[text], silence(0.05 * place)]
    return np.concatenate(parts)


def without_packets(sound: Samples, part: float, seed: int) -> Samples:
    """``sound`` with silence in the place of lost packets."""
    damaged, chance = sound.copy(), np.random.default_rng(seed)
    for start in range(0, len(sound), PACKET):
        if chance.random() < part:
            damaged[start : start + PACKET] = 0
    return damaged


def names(heard: list[Heard]) -> list[str]:
    return [item.name for item in heard]


@pytest.mark.parametrize("texts", [CALL, (CHOICES, CHOICES), (WELCOME_TOO, SHORT, LEFT), (BYE, WELCOME), ()], ids=str)
def test_prompts_are_heard_in_their_order_and_whole(prompts: dict[str, Samples], texts: tuple[str, ...]) -> None:
    heard = listen(said(prompts, *texts), prompts)
    assert names(heard) == list(texts)
    assert all(item.whole for item in heard)


@pytest.mark.parametrize("text", TEXTS)
def test_where_and_how_long_a_prompt_is_heard_is_told_to_a_packet(prompts: dict[str, Samples], text: str) -> None:
    loud = np.flatnonzero(np.abs(prompts[text].astype(np.int32)) > 150)
    (heard,) = listen(np.concatenate([silence(1.0), prompts[text], silence(1.0)]), prompts)
    assert heard.at == pytest.approx(1.0 + loud[0] / RATE, abs=PACKET / RATE)
    assert heard.seconds == pytest.approx((loud[-1] - loud[0]) / RATE, abs=PACKET / RATE)


# ---- what is wrong is noticed


@pytest.mark.parametrize("order", [order for order in permutations(range(4)) if order != (0, 1, 2, 3)], ids=str)
def test_a_swapped_order_is_noticed(prompts: dict[str, Samples], order: tuple[int, ...]) -> None:
    texts = [CALL[place] for place in order]
    assert names(listen(said(prompts, *texts), prompts)) == texts != list(CALL)


@pytest.mark.parametrize("place", range(len(CALL)))
def test_a_missing_prompt_is_noticed(prompts: dict[str, Samples], place: int) -> None:
    texts = [text for text in CALL if text != CALL[place]]
    assert names(listen(said(prompts, *texts), prompts)) == texts


@pytest.mark.parametrize("place", range(len(CALL)))
@pytest.mark.parametrize("other", [WELCOME_TOO, LEFT, SHORT])
def test_another_prompt_is_noticed(prompts: dict[str, Samples], place: int, other: str) -> None:
    """Also one that begins or ends with the same words."""
    texts = [*CALL[:place], other, *CALL[place + 1 :]]
    assert names(listen(said(prompts, *texts), prompts)) == texts


@pytest.mark.parametrize("other", [HELLO, LEFT, CHOICES])
def test_a_prompt_that_nobody_knows_is_not_taken_for_a_whole_one(prompts: dict[str, Samples], other: str) -> None:
    known = {text: prompts[text] for text in (WELCOME, WRONG)}
    heard = listen(said(prompts, WRONG, other, WELCOME), known)
    whole = [item.name for item in heard if item.whole]
    assert whole == [WRONG, WELCOME]
    assert len(heard) > 2


def test_noise_and_tones_are_unknown(prompts: dict[str, Samples]) -> None:
    noise = np.random.default_rng(400).integers(-9000, 9000, RATE, dtype=np.int16)
    tone = (np.sin(np.arange(RATE) * 2 * np.pi * 450 / RATE) * 8000).astype(np.int16)
    for strange in (noise, tone):
        sound = np.concatenate([said(prompts, WELCOME), silence(0.5), strange, said(prompts, BYE)])
        assert names(listen(sound, prompts)) == [WELCOME, UNKNOWN, BYE]
    assert listen(silence(2.0), prompts) == []


@pytest.mark.parametrize("seconds", [0.62, 0.9, 1.5])
def test_where_a_prompt_was_cut_off_is_told_to_a_packet(prompts: dict[str, Samples], seconds: float) -> None:
    sound = np.concatenate([prompts[CHOICES][: round(seconds * RATE)], prompts[WRONG]])
    cut, behind = listen(sound, prompts)
    assert (cut.name, cut.whole, behind.name, behind.whole) == (CHOICES, False, WRONG, True)
    assert cut.at + cut.seconds == pytest.approx(seconds, abs=2 * PACKET / RATE)


# ---- what is damaged is heard all the same


@pytest.mark.parametrize("seed", range(8))
def test_lost_packets_hide_no_prompt(prompts: dict[str, Samples], seed: int) -> None:
    heard = listen(without_packets(said(prompts, *CALL), 0.1, seed), prompts)
    assert names(heard) == list(CALL)
    assert all(item.whole for item in heard)


@pytest.mark.parametrize("seconds", [0.06, 0.12])
@pytest.mark.parametrize("seed", range(4))
def test_a_stretch_that_is_missing_hides_no_prompt(prompts: dict[str, Samples], seconds: float, seed: int) -> None:
    """In its place is silence, wherever it is: at the beginning too."""
    chance = np.random.default_rng(seed)
    sound = said(prompts, *CALL)
    start = int(chance.integers(0, len(sound) - RATE)) if seed else round(0.2 * RATE)
    sound[start : start + round(seconds * RATE)] = 0
    heard = listen(sound, prompts)
    assert names(heard) == list(CALL)
    assert all(item.whole for item in heard)


@pytest.mark.parametrize("seed", range(4))
def test_a_pause_put_in_hides_no_prompt(prompts: dict[str, Samples], seed: int) -> None:
    chance = np.random.default_rng(seed)
    sound = said(prompts, *CALL)
    for start in sorted(chance.integers(0, len(sound), 3), reverse=True):
        sound = np.insert(sound, start, silence(0.06))
    heard = listen(sound, prompts)
    assert names(heard) == list(CALL)
    assert all(item.whole for item in heard)


@pytest.mark.parametrize(("loudness", "noise"), [(0.3, 0.0), (1.0, 120.0), (0.5, 100.0)])
def test_neither_loudness_nor_a_noise_hides_a_prompt(
    prompts: dict[str, Samples], loudness: float, noise: float
) -> None:
    sound = said(prompts, *CALL)
    hiss = np.random.default_rng(1).normal(0.0, noise, len(sound))
    heard = listen(np.clip(sound * loudness + hiss, -32768, 32767).astype(np.int16), prompts)
    assert names(heard) == list(CALL)


def test_right_and_wrong_are_far_apart(prompts: dict[str, Samples]) -> None:
    """The bound stands between what a damaged right prompt gives and what the most alike wrong one does that does not
    hold all of its words."""
    right = [
        likeness(without_packets(said(prompts, text), 0.1, seed), prompts[text]) for text in TEXTS for seed in range(4)
    ]
    wrong = [
        likeness(said(prompts, one), prompts[other]) for one in TEXTS for other in TEXTS if other.strip("。") not in one
    ]
    assert min(right) > WHOLE > max(wrong), (min(right), max(wrong))


# ---- the sound of packets


def packets(sound: Samples, first: int = 65500, source: int = 7) -> list[bytes]:
    data = alaw(sound)
    return [
        struct.pack("!BBHII", 0x80, 8, (first + place) & 0xFFFF, start, source) + data[start : start + PACKET]
        for place, start in enumerate(range(0, len(data), PACKET))
    ]


def test_packets_are_put_in_order_and_gaps_filled(prompts: dict[str, Samples]) -> None:
    sent = packets(prompts[WELCOME])
    late = [*sent[:30], *sent[33:60], sent[32], sent[31], *sent[60:], sent[40], sent[41]]
    sound = Sound()
    assert all(sound.add(packet) for packet in late)
    assert not sound.add(struct.pack("!BBHII", 0x80, 101, 1, 0, 7) + b"\1\x8a\2\x80")
    assert sound.lost == 1
    expected = linear(alaw(prompts[WELCOME]))
    expected[30 * PACKET : 31 * PACKET] = linear(b"\xd5" * PACKET)
    assert np.array_equal(linear(sound.a_law), expected)


def test_another_source_goes_on_behind_the_first(prompts: dict[str, Samples]) -> None:
    sound = Sound()
    for packet in [*packets(prompts[WELCOME]), *packets(prompts[BYE], first=3, source=8)]:
        sound.add(packet)
    assert names(listen(linear(sound.a_law), prompts)) == [WELCOME, BYE]
