"""When a heard text matches: after NFKC normalisation, the expected text is a part of it.

NFKC makes full-width digits, letters and punctuation equal to their plain forms (``１`` and ``1``, ``，`` and ``,``),
so that a scenario need not know how a prompt was typed.
"""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher
from functools import lru_cache
from unicodedata import normalize

_CLOSE = 0.45


@lru_cache(maxsize=4096)
def normal(text: str) -> str:
    """``text`` in the form in which texts are compared."""
    return normalize("NFKC", text)


def contains(heard: str, part: str) -> bool:
    """Whether ``part`` is a part of ``heard``."""
    return normal(part) in normal(heard)


def closest(heard: Sequence[str], part: str) -> str | None:
    """The item of ``heard`` that shares most with ``part``, or None where nothing is close.

    How much of ``part`` is found again counts, not how long the prompt is.
    """
    wanted = normal(part)
    best: tuple[float, str] | None = None
    for item in dict.fromkeys(heard):
        blocks = SequenceMatcher(None, wanted, normal(item), autojunk=False).get_matching_blocks()
        longest = max((block.size for block in blocks), default=0)
        score = (sum(block.size for block in blocks) + longest) / (2 * max(1, len(wanted)))
        if longest >= 2 and score >= _CLOSE and (best is None or score > best[0]):
            best = (score, item)
    return best[1] if best else None
