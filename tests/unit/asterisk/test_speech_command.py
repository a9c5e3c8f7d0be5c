"""A synthesiser of one's own: what it is given, what is taken from it, and how it is kept from doing harm."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from ivr_flows.commands import Prompt
from router.asterisk.prompts import prompt_file
from router.asterisk.sounds import CommandSynthesiser, SoundLibrary, SpeechError, SpokenOnDemand, speaking
from router.asterisk.sounds import command as commands
from router.asterisk.sounds.audio import Samples, wav

TO_FILE = """
import json, sys, wave
output, told = sys.argv[1:3]
json.dump([sys.argv[3:], sys.stdin.buffer.read().decode()], open(told, "w"))
made = wave.open(output, "wb")
made.setparams((1, 2, 8000, 0, "NONE", None))
made.writeframes(b"\\1\\2" * 80)
"""
TO_OUTPUT = """
import io, sys, wave
made = wave.open(held := io.BytesIO(), "wb")
made.setparams((1, 2, 16000, 0, "NONE", None))
made.writeframes(b"\\1\\2" * 160)
made.close()
sys.stdin.buffer.read()
sys.stdout.buffer.write(held.getvalue())
"""
HOSTILE = "'; touch {output} $(id) `id` \"\\n--help {language} %s"


def program(folder: Path, text: str) -> Path:
    path = folder / "speak.py"
    path.write_text(text)
    return path


def told(folder: Path) -> list[object]:
    import json

    found: list[object] = json.loads((folder / "told.json").read_text())
    return found


@pytest.mark.parametrize("text", ["您好。", HOSTILE, "-n"])
def test_it_is_given_text_language_voice_and_a_path(tmp_path: Path, text: str) -> None:
    words = [sys.executable, str(program(tmp_path, TO_FILE)), "{output}", str(tmp_path / "told.json")]
    spoken = CommandSynthesiser([*words, "--lang={language}", "{voice}", "{text}"]).speak(text, "zh", "yue")
    assert len(spoken) == 80
    assert told(tmp_path) == [["--lang=zh", "yue", text], ""]


def test_without_a_place_for_it_the_text_is_on_standard_input(tmp_path: Path) -> None:
    words = [sys.executable, str(program(tmp_path, TO_FILE)), "{output}", str(tmp_path / "told.json"), "{voice}"]
    CommandSynthesiser(words).speak(HOSTILE, "zh")
    assert told(tmp_path) == [[""], HOSTILE]


def test_without_a_path_the_sound_is_read_from_standard_output_at_any_rate(tmp_path: Path) -> None:
    spoken = CommandSynthesiser([sys.executable, str(program(tmp_path, TO_OUTPUT))]).speak("x", "zh")
    assert len(spoken) == 80


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("import sys; sys.exit('no such voice')", "no such voice"),
        ("import sys; sys.exit(3)", "status 3"),
        ("print('hello')", "no WAV file"),
        ("pass", "no WAV file"),
        ("import sys; sys.stdout.write('x' * 200_000)", "more than"),
    ],
)
def test_what_goes_wrong_is_said(monkeypatch: pytest.MonkeyPatch, code: str, why: str) -> None:
    monkeypatch.setattr(commands, "LARGEST", 100_000)
    with pytest.raises(SpeechError) as caught:
        CommandSynthesiser([sys.executable, "-c", code]).speak("x", "zh")
    assert why in caught.value.message.en
    assert "speech_command" in caught.value.cure.en


@pytest.mark.parametrize("text", ["您好。", "a\0b"])
def test_a_program_that_is_not_there_or_cannot_be_given_the_text(text: str) -> None:
    with pytest.raises(SpeechError):
        CommandSynthesiser(["/nonexistent/tts", "{text}"]).speak(text, "zh")


def test_one_that_does_not_end_is_ended_with_all_it_started(tmp_path: Path) -> None:
    code = (
        "import pathlib, subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        "pathlib.Path(sys.argv[1]).write_text(str(child.pid))\n"
        "time.sleep(600)\n"
    )
    seen = tmp_path / "child"
    synthesiser = CommandSynthesiser([sys.executable, "-c", code, str(seen)], longest=1.0)
    with pytest.raises(SpeechError, match="more than 1 s"):
        synthesiser.speak("x", "zh")
    child = int(seen.read_text())
    until = time.monotonic() + 10
    while _alive(child) and time.monotonic() < until:
        time.sleep(0.01)
    assert not _alive(child)


def _alive(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


# ---- while a caller waits


class Hanging:
    name = "hanging"

    def __init__(self) -> None:
        self.free = threading.Event()

    def speak(self, text: str, language: str, voice: str | None = None) -> Samples:
        self.free.wait(30)
        return np.zeros(80, dtype=np.int16)


async def test_a_synthesiser_that_hangs_costs_a_call_a_bounded_time_and_others_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(speaking, "LONGEST_WAIT", 0.05)
    hanging = Hanging()
    speak = SpokenOnDemand(SoundLibrary(tmp_path, hanging))
    await asyncio.gather(*(speak(Prompt(f"第{place}句")) for place in range(40)))
    # The threads that everything else uses are free.
    assert await asyncio.wait_for(asyncio.to_thread(os.getpid), 20) == os.getpid()
    hanging.free.set()


async def test_a_folder_that_cannot_be_written_ends_no_call(tmp_path: Path) -> None:
    (tmp_path / "line400").write_text("in the way")
    free = Hanging()
    free.free.set()
    await SpokenOnDemand(SoundLibrary(tmp_path, free))(Prompt("您好。"))


def test_a_recording_wins_over_the_program(tmp_path: Path) -> None:
    recordings = tmp_path / "recordings"
    recordings.mkdir()
    (recordings / "welcome.wav").write_bytes(wav(np.full(160, 7000, dtype=np.int16)))
    library = SoundLibrary(tmp_path / "sounds", CommandSynthesiser(["/nonexistent/tts"]), recordings)
    prompt = Prompt("您好。", "welcome")
    assert library.build([prompt]).missing == []
    assert library.has(prompt_file(prompt))
