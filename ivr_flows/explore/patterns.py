"""A text of digits that a regular expression matches, for the ``pattern`` of an input."""

from __future__ import annotations

import re

_TRIED = 20_000
_KEYS = "1234567890"


def matching_digits(pattern: str, shortest: int, longest: int) -> str | None:
    """A text of ``shortest`` to ``longest`` digits that ``pattern`` matches as a whole; None where none was found.

    Simple texts of every length are tried first (one digit repeated, digits in order), then texts that begin and end
    with the pattern's own literals, up to a bound. A pattern that asks for more, such as a check digit, is not met.
    """
    compiled = re.compile(pattern)
    for length in range(shortest, longest + 1):
        for text in _guesses(length):
            if compiled.fullmatch(text):
                return text
    return _constructed(compiled, shortest, longest)


def _guesses(length: int) -> list[str]:
    ordered = ("1234567890" * 3)[:length]
    return [ordered, *(key * length for key in _KEYS), *((key + ordered)[:length] for key in _KEYS)]


def _constructed(compiled: re.Pattern[str], shortest: int, longest: int) -> str | None:
    """Literals of the pattern, kept in place, the rest filled."""
    heads = ["".join(part) for part in re.findall(r"\d+", re.sub(r"\{[^}]*\}|\\d|\[[^\]]*\]", " ", compiled.pattern))]
    heads += ["".join(pair) for pair in _leading_classes(compiled.pattern)]
    tried = 0
    for head in [*heads, ""]:
        for tail in [*heads, ""]:
            for length in range(max(shortest, len(head) + len(tail)), longest + 1):
                for filler in _KEYS:
                    tried += 1
                    text = head + filler * (length - len(head) - len(tail)) + tail
                    if compiled.fullmatch(text):
                        return text
                    if tried > _TRIED:
                        return None
    return None


def _leading_classes(pattern: str) -> list[str]:
    """Heads such as ``13`` of ``^1[3-9]\\d{9}$``: a literal and the first digits of a class behind it."""
    found = re.match(r"\^?\(?(\d*)\[(\d)", pattern)
    return [found.group(1) + found.group(2)] if found else []
