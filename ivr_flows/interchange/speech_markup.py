"""SSML: its words and its pauses."""

from __future__ import annotations

import re
from html import unescape

_TAG = re.compile(r"<[^<>]{0,400}>")
_BREAK = re.compile(r"<break[^<>]{0,100}\btime\s*=\s*[\"'](\d+(?:\.\d+)?)(ms|s)[\"']", re.IGNORECASE)
MAX_PAUSE = 300.0


def spoken_words(markup: str) -> str:
    """What is said, without tags."""
    return " ".join(unescape(_TAG.sub(" ", markup)).split())


def pause_seconds(markup: str) -> float:
    """The length of all pauses together, at most `MAX_PAUSE`."""
    total = sum(float(amount) / (1000 if unit.lower() == "ms" else 1) for amount, unit in _BREAK.findall(markup))
    return min(total, MAX_PAUSE)
