"""What names may be on a switch: Asterisk does not tell capitals from small letters, and bounds how long they are."""

from __future__ import annotations

from collections.abc import Iterable

LONGEST = 64
"""Bytes of the name of a queue or an agent in UTF-8: a Chinese character has three. With them the switch's own name of
a queue, and that of a member, fit (see `router.asterisk.preferred`)."""


def too_long(name: str) -> bool:
    """Whether the switch would cut ``name`` off."""
    return len(name.encode()) > LONGEST


def alike(names: Iterable[str]) -> list[tuple[str, str]]:
    """Names that the switch takes for another one before them: pairs of that one and the name."""
    first: dict[str, str] = {}
    pairs = [(first.setdefault(name.lower(), name), name) for name in names]
    return [(earlier, name) for earlier, name in pairs if earlier != name]
