"""The folder of sound files that a switch plays: recorded ones and spoken texts, by the names that the router asks for.

A spoken text's name follows from its words (`router.asterisk.prompts`), so a file that is there is right; it is made
again only for another synthesiser. Files appear whole or not at all: a switch reads them at any moment.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from ivr_flows.commands import Prompt
from ivr_flows.findings import Text

from ...recordings import BEEP_SECONDS
from ..prompts import prompt_file
from ..waiting_sound import FOLDER, WaitingSound
from .audio import RATE, Samples, alaw, read_wav, to_telephone, wav
from .synthesis import SpeechError, Synthesiser
from .waiting import mixed, music_of

KEPT = (".alaw", ".wav")
"""Formats of every prompt: A-law for trunks, linear for everything else."""
MUSIC = "line400-hold"


@dataclass(slots=True)
class BuildReport:
    """What `SoundLibrary.build` did: how many were ``made`` and ``there`` already, and what is ``missing`` and why."""

    made: int = 0
    there: int = 0
    missing: list[tuple[str, Text]] = field(default_factory=list)


class SoundLibrary:
    """The files below ``sounds`` (Asterisk's ``sounds`` folder), spoken by ``synthesiser``. ``recordings`` holds
    recorded prompts as WAV files, by the names that flows use. What is spoken is taken from ``shared`` where one is
    given, and spoken there first: one library for several switches."""

    def __init__(
        self,
        sounds: Path,
        synthesiser: Synthesiser,
        recordings: Path | None = None,
        shared: SoundLibrary | None = None,
    ) -> None:
        self.sounds = sounds
        self.shared = shared
        self.synthesiser = synthesiser
        self.recordings = recordings

    def has(self, name: str) -> bool:
        """Whether every format of the sound ``name`` is there."""
        return all((self.sounds / f"{name}{ending}").is_file() for ending in KEPT)

    def build(self, prompts: Iterable[Prompt], progress: Callable[[int, int], None] | None = None) -> BuildReport:
        """See that every one of ``prompts`` has its files. ``progress`` is told how many of how many are done.

        Never raises for a prompt: one that cannot be had is reported.
        """
        self._same_synthesiser()
        wanted = {prompt_file(prompt): prompt for prompt in prompts}
        report = BuildReport()
        for done, (name, prompt) in enumerate(wanted.items(), 1):
            if self.has(name) and prompt.file is None:
                report.there += 1
            else:
                try:
                    self._make(name, prompt)
                    report.made += 1
                except SpeechError as error:
                    report.missing.append((name, error.message))
            if progress is not None:
                progress(done, len(wanted))
        return report

    def speak(self, prompt: Prompt) -> None:
        """Make the files of one prompt that is no constant. Raises `SpeechError`."""
        name = prompt_file(prompt)
        if not self.has(name):
            self._make(name, prompt)

    def _make(self, name: str, prompt: Prompt) -> None:
        if self.shared is None or prompt.file is not None:
            self._put(name, self._samples(prompt))
            return
        self.shared.speak(prompt)
        for ending in KEPT:
            target = self.sounds / f"{name}{ending}"
            target.parent.mkdir(parents=True, exist_ok=True)
            _write(target, (self.shared.sounds / f"{name}{ending}").read_bytes())

    def beep(self) -> None:
        """Put the tone before a recording where Asterisk looks for it; without it nothing is recorded."""
        place = np.arange(round(RATE * BEEP_SECONDS)) / RATE
        self._put("beep", (np.sin(2 * np.pi * 950 * place) * 6000).astype(np.int16))

    def stand_in(self, name: str) -> None:
        """Put a second of silence in the place of a recording that is not there."""
        self._put(name, np.zeros(RATE, dtype=np.int16))

    def music(self, folder: Path) -> None:
        """Put quiet music on hold into ``folder``: two soft tones, twenty seconds."""
        place = np.arange(RATE * 20) / RATE
        swell = 0.5 + 0.5 * np.sin(2 * np.pi * place / 4)
        tune = np.sin(2 * np.pi * 392 * place) + np.sin(2 * np.pi * 523 * place)
        samples = (tune * swell * 1200).astype(np.int16)
        folder.mkdir(parents=True, exist_ok=True)
        _write(folder / f"{MUSIC}.wav", wav(samples))
        _write(folder / f"{MUSIC}.alaw", alaw(samples))

    def waiting(self, sounds: Iterable[WaitingSound], music: Path) -> None:
        """Put what is heard in queues that announce below the folder of ``music``. An announcement that cannot be had
        is left out of it."""
        folder = music / FOLDER
        folder.mkdir(parents=True, exist_ok=True)
        for sound in sounds:
            spoken: dict[int, Samples] = {}
            for place, prompt in enumerate(sound.announcements):
                try:
                    self.speak(prompt)
                    spoken[place] = read_wav((self.sounds / f"{prompt_file(prompt)}.wav").read_bytes())[0]
                except SpeechError:
                    continue
            _write(folder / f"{sound.name}.alaw", alaw(mixed(sound, music_of(music, sound.music), spoken)))

    def _samples(self, prompt: Prompt) -> Samples:
        if prompt.file is None:
            return self.synthesiser.speak(prompt.text, prompt.language, prompt.voice)
        found = self._recorded(prompt.file)
        if found is not None:
            return found
        if prompt.text:
            # The words of a recording that is not there yet: spoken, until somebody records them.
            return self.synthesiser.speak(prompt.text, prompt.language, prompt.voice)
        raise SpeechError(
            Text(f"The recording {prompt.file} is not there.", f"录音 {prompt.file} 不存在。"),
            Text(f"Put {prompt.file}.wav into the folder of recordings.", f"请把 {prompt.file}.wav 放入录音目录。"),
        )

    def _recorded(self, name: str) -> Samples | None:
        if self.recordings is None:
            return None
        folder = self.recordings.resolve()
        path = (folder / f"{name}.wav").resolve()
        if not path.is_relative_to(folder) or not path.is_file():
            return None
        try:
            return to_telephone(*read_wav(path.read_bytes()))
        except ValueError as error:
            raise SpeechError(
                Text(f"{path} cannot be used: {error}.", f"{path} 无法使用：{error}。"),
                Text("Save it as WAV, 8 or 16 bit linear.", "请另存为 8 或 16 位线性 WAV 文件。"),
            ) from None

    def _put(self, name: str, samples: Samples) -> None:
        target = (self.sounds / name).resolve()
        if not target.is_relative_to(self.sounds.resolve()):
            raise SpeechError(
                Text(f"{name} is no name of a sound.", f"{name} 不是有效的声音文件名。"),
                Text("Use letters, digits, - and _.", "请使用字母、数字、- 和 _。"),
            )
        target.parent.mkdir(parents=True, exist_ok=True)
        _write(target.with_name(f"{target.name}.wav"), wav(samples))
        _write(target.with_name(f"{target.name}.alaw"), alaw(samples))

    def _same_synthesiser(self) -> None:
        """Forget what another synthesiser has spoken."""
        mark = self.sounds / "line400" / ".spoken-by"
        if mark.is_file() and mark.read_text() != self.synthesiser.name:
            for path in mark.parent.rglob("*"):
                if path.suffix in KEPT:
                    path.unlink()
        mark.parent.mkdir(parents=True, exist_ok=True)
        if self.shared is not None:
            self.shared._same_synthesiser()
        _write(mark, self.synthesiser.name.encode())


def _write(path: Path, data: bytes) -> None:
    descriptor, beside = tempfile.mkstemp(prefix=".new-", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as opened:
            opened.write(data)
        Path(beside).chmod(0o644)
        Path(beside).replace(path)
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise
