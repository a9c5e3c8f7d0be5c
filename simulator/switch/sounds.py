"""Sound files as words and seconds: what a caller hears when the switch plays a file, and how long it takes."""

from __future__ import annotations

import re
from collections.abc import Callable

from .spec import Prompts

SAMPLES_PER_SECOND = 8000
_SILENCE = re.compile(r"silence/([0-9]{1,2})\Z")
FORMATS = ("wav", "wav16", "WAV", "wav49", "alaw", "ulaw", "gsm", "sln", "sln16", "g722")
"""What sound files are written in, by the extension."""
_EXTENSION = re.compile(rf"\.({'|'.join(FORMATS)})\Z")
SECONDS_PER_SIGN = 0.5
"""A digit or letter that the switch speaks, pause included."""


class Sounds:
    """The catalogue of a switch. ``beep`` and ``silence/N`` exist everywhere and have no words."""

    def __init__(self, prompts: Prompts) -> None:
        self._find: Callable[[str], tuple[str, float] | None] = prompts if callable(prompts) else prompts.get

    def find(self, name: str) -> tuple[str, float] | None:
        """The words and the seconds of a file; None when there is no such file. Words are empty for a sound that
        nobody says."""
        found = self._find(name)
        if found is None and (match := _EXTENSION.search(name)):
            found = self._find(name[: match.start()])
        if found is not None:
            words, seconds = found
            return words or f"file:{name}", max(0.0, seconds)
        if name == "beep":
            return "", 0.5
        match = _SILENCE.match(name)
        return ("", float(match[1])) if match else None


def spoken_seconds(signs: int) -> float:
    """How long the switch takes to speak ``signs`` digits, letters or words one by one."""
    return SECONDS_PER_SIGN * max(1, signs)
