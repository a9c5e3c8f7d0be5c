"""Prompts are spoken as a revision is applied, into the sounds of the switch; a program of one's own speaks them."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from ivr_flows.commands import Prompt
from router.asterisk.prompts import prompt_file
from router.asterisk.sounds import audio

from .conftest import CommandLine

SPEAK = """
import sys, wave
text, output = sys.stdin.read(), sys.argv[1]
if "故障" in text:
    sys.exit("out of order")
made = wave.open(output, "wb")
made.setparams((1, 2, 8000, 0, "NONE", None))
made.writeframes(bytes(2 * len(text)))
"""
MENU = Prompt("咨询请按1，人工请按0。")


@pytest.fixture
def sounds(cli: CommandLine) -> Path:
    """The sounds of a switch of one's own, which a program speaks."""
    program = cli.folder.parent / "speak.py"
    program.write_text(SPEAK)
    settings = (cli.folder / "line400.yaml").read_text()
    command = f'["{sys.executable}", "{program}", "{{output}}"]'
    cli.write("line400.yaml", f"{settings}sounds: switch/sounds\nspeech_command: {command}\n")
    return cli.folder.parent / "switch" / "sounds"


def test_what_a_revision_says_is_spoken_before_it_is_in_force(cli: CommandLine, sounds: Path) -> None:
    applied = cli("apply", "--no-preflight", "--reason", "first")
    assert applied.status == 0, applied.err
    for ending in (".alaw", ".wav"):
        assert (sounds / f"{prompt_file(MENU)}{ending}").is_file()
    samples, rate = audio.read_wav((sounds / f"{prompt_file(MENU)}.wav").read_bytes())
    assert (len(samples), rate) == (len(MENU.text), audio.RATE)


def test_what_cannot_be_spoken_is_told_and_stops_nothing(cli: CommandLine, sounds: Path) -> None:
    flow = (cli.folder / "flows" / "service.flow.yaml").read_text()
    cli.write("flows/service.flow.yaml", flow.replace("咨询请按1", "故障请按1"))
    applied = cli("apply", "--no-preflight", "--reason", "first")
    assert applied.status == 0
    assert "out of order" in applied.err
    # A text that comes later is spoken then, and what is there stays.
    before = {path: path.stat().st_mtime_ns for path in sounds.rglob("*.wav")}
    cli.write("flows/service.flow.yaml", flow)
    assert cli("apply", "--no-preflight", "--reason", "second").status == 0
    assert (sounds / f"{prompt_file(MENU)}.wav").is_file()
    assert {path: path.stat().st_mtime_ns for path in before} == before


def test_sounds_that_cannot_be_written_stop_nothing(cli: CommandLine, sounds: Path) -> None:
    sounds.parent.mkdir()
    sounds.write_text("in the way")
    applied = cli("apply", "--no-preflight", "--reason", "first")
    assert applied.status == 0
    assert str(sounds) in applied.err


def test_a_recording_of_the_configuration_wins(cli: CommandLine, sounds: Path) -> None:
    cli.write("prompts/greeting.wav", audio.wav(np.full(801, 500, dtype=np.int16)))
    flow = (cli.folder / "flows" / "service.flow.yaml").read_text()
    first = "start: hello\nnodes:\n  hello:\n    play: { file: greeting, text: 您好。 }\n    next: menu\n"
    cli.write("flows/service.flow.yaml", flow.replace("start: menu\nnodes:\n", first))
    assert cli("apply", "--no-preflight", "--reason", "first").status == 0
    assert len(audio.read_wav((sounds / "greeting.wav").read_bytes())[0]) == 801
