"""Numbers in texts from outside: whole numbers and seconds, bounded, never an exception."""

from __future__ import annotations

import math

MOST_DIGITS = 12
MOST_SECONDS = 1e9


def whole(text: str) -> int | None:
    """The number that ``text`` is, ASCII digits only and no more than `MOST_DIGITS` of them; None for anything else."""
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS else None


def seconds(text: str, default: float = 0.0) -> float:
    """The seconds that ``text`` says; ``default`` for what is no number or beyond `MOST_SECONDS`."""
    try:
        value = float(text)
    except ValueError:
        return default
    return value if math.isfinite(value) and abs(value) <= MOST_SECONDS else default
