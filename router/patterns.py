"""Sets of caller numbers and beginnings of numbers, asked in time independent of their size."""

from __future__ import annotations

from collections.abc import Iterable, Iterator


class PatternSet:
    """Patterns of canonical caller digits: exact, or a beginning followed by ``*``; ``*`` alone is everybody.

    A look-up costs one hash per *length* of beginning that occurs, at most the length of the longest number.
    """

    __slots__ = ("_exact", "_lengths", "_prefixes")

    def __init__(self, patterns: Iterable[str], *, prefixes: bool = False) -> None:
        """``prefixes`` reads every pattern as a beginning, with ``*`` or without."""
        exact: set[str] = set()
        beginnings: set[str] = set()
        for pattern in patterns:
            if prefixes or pattern.endswith("*"):
                beginnings.add(pattern.rstrip("*"))
            else:
                exact.add(pattern)
        self._exact = frozenset(exact)
        self._prefixes = frozenset(beginnings)
        self._lengths = tuple(sorted({len(beginning) for beginning in beginnings}, reverse=True))

    def __contains__(self, caller: str) -> bool:
        if caller in self._exact:
            return True
        prefixes = self._prefixes
        for length in self._lengths:  # noqa: SIM110 - a generator costs more than the loop
            if caller[:length] in prefixes:
                return True
        return False

    def matching(self, caller: str) -> Iterator[str]:
        """The patterns that ``caller`` meets: the exact one, then beginnings, longest first, each with ``*``."""
        if caller in self._exact:
            yield caller
        for length in self._lengths:
            if length <= len(caller) and caller[:length] in self._prefixes:
                yield f"{caller[:length]}*"
