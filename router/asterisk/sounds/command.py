"""A synthesiser of one's own: a program that is given a text and writes a WAV file.

It is run without a shell, each word of the command an argument of its own, so that a text is never more than a text;
with an end in time, and of what it writes no more is read than a prompt can be.
"""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from ivr_flows.findings import Text

from .audio import Samples, read_wav, to_telephone
from .synthesis import SpeechError

LONGEST = 60.0
"""Seconds that a program may take for one text that is spoken ahead."""
LARGEST = 100_000_000
"""Bytes of a WAV file that are read: ten minutes of 48 kHz in stereo."""
_TOLD = 200


class CommandSynthesiser:
    """The program ``command``. In its arguments ``{text}``, ``{language}`` (``zh``, ``en`` …), ``{voice}`` (empty: the
    usual one) and ``{output}``, the WAV file to write, are replaced. Without ``{text}`` the text is on standard input,
    without ``{output}`` the WAV file is read from standard output. It has ``longest`` seconds for a text."""

    def __init__(self, command: Sequence[str], longest: float = LONGEST) -> None:
        self.command = tuple(command)
        self.name = " ".join(command)
        self.longest = longest

    def speak(self, text: str, language: str, voice: str | None = None) -> Samples:
        """As `Synthesiser.speak`."""
        with tempfile.TemporaryDirectory(prefix="line400-speech-") as folder:
            output = Path(folder, "speech.wav")
            values = {"{text}": text, "{language}": language, "{voice}": voice or "", "{output}": str(output)}
            try:
                self._run([_filled(part, values) for part in self.command], text, output, Path(folder, "errors"))
                return to_telephone(*read_wav(_read(output)))
            except (OSError, ValueError) as error:
                raise self._failed(str(error) or type(error).__name__) from None

    def _run(self, words: Sequence[str], text: str, output: Path, errors: Path) -> None:
        given = b"" if any("{text}" in part for part in self.command) else text.encode()
        to_file = any("{output}" in part for part in self.command)
        with open(os.devnull if to_file else output, "wb") as out, errors.open("w+b") as told:
            # A session of its own: what the program has started ends with it.
            with subprocess.Popen(
                words, stdin=subprocess.PIPE, stdout=out, stderr=told, start_new_session=True
            ) as process:
                try:
                    process.communicate(given, timeout=self.longest)
                except subprocess.TimeoutExpired:
                    os.killpg(process.pid, signal.SIGKILL)
                    raise self._failed(f"it took more than {self.longest:g} s") from None
            if process.returncode != 0:
                told.seek(0)
                why = told.read(100_000).decode("utf-8", "replace").strip()[-_TOLD:]
                raise self._failed(why or f"status {process.returncode}")

    def _failed(self, why: str) -> SpeechError:
        why = why.rstrip(".")
        return SpeechError(
            Text(f"The synthesiser {self.command[0]} failed: {why}.", f"语音合成程序 {self.command[0]} 失败：{why}。"),
            Text(
                "Run the words of `speech_command` by hand with a text of yours.",
                "请用任意文本手动运行 `speech_command` 中的命令。",
            ),
        )


def _filled(part: str, values: dict[str, str]) -> str:
    """``part`` with each placeholder replaced once: what a text holds is not looked at again."""
    for name, value in values.items():
        before, found, behind = part.partition(name)
        if found:
            return _filled(before, values) + value + _filled(behind, values)
    return part


def _read(path: Path) -> bytes:
    with path.open("rb") as opened:
        data = opened.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise ValueError(f"it wrote more than {LARGEST:,} bytes")
    return data
