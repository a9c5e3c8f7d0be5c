"""Which 400 numbers may be behind a call that arrives on a base number, condensed to what routing asks.

A line's own numbers are those whose route names it, by default or in a rule. Only when it has none do the numbers
of the lines that overflow to it count: a line with one number of its own stays unambiguous although another
line overflows to it. Numbers whose calls the carrier refuses itself (unbound, expired, released …) count only
where there is no other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from .model import Line


class Landing:
    """The numbers of one line: ``number`` if there is exactly one, ``several`` if more; ``flow`` if all are bound to
    the same, ``mixed`` if not."""

    __slots__ = ("flow", "mixed", "number", "several")

    def __init__(self) -> None:
        self.number: str | None = None
        self.several = False
        self.flow: str | None = None
        self.mixed = False

    @property
    def empty(self) -> bool:
        """Whether no number lands here."""
        return self.number is None and not self.several

    def add(self, number: str, flow: str | None) -> None:
        """Count ``number``, bound to ``flow``."""
        if self.empty:
            self.number, self.flow = number, flow
            return
        if self.number != number:
            self.number, self.several = None, True
        if self.flow != flow:
            self.flow, self.mixed = None, True

    def merge(self, other: Landing) -> None:
        """Count the numbers of ``other`` too."""
        if other.empty:
            return
        if self.empty:
            self.number, self.several, self.flow, self.mixed = other.number, other.several, other.flow, other.mixed
            return
        if self.number is None or self.number != other.number:
            self.number, self.several = None, True
        if self.mixed or other.mixed or self.flow != other.flow:
            self.flow, self.mixed = None, True


class Landings:
    """Counts numbers while a book is compiled; `settle` says what each line's landing is."""

    def __init__(self, lines: Mapping[str, Line]) -> None:
        self._lines = lines
        self._live = {name: Landing() for name in lines}
        self._idle = {name: Landing() for name in lines}

    def add(self, number: str, flow: str | None, lines: Iterable[str], *, live: bool) -> None:
        """Count a number on the ``lines`` that its route names."""
        landings = self._live if live else self._idle
        for line in lines:
            landings[line].add(number, flow)

    def settle(self) -> dict[str, Landing]:
        """The landing of every line."""
        feeders: dict[str, list[str]] = {name: [] for name in self._lines}
        for name in self._lines:
            for reached in overflow_chain(self._lines, name)[1:]:
                feeders[reached].append(name)
        settled: dict[str, Landing] = {}
        for name, landing in self._live.items():
            if landing.empty:
                landing = Landing()
                for feeder in feeders[name]:
                    landing.merge(self._live[feeder])
            settled[name] = self._idle[name] if landing.empty else landing
        return settled


def overflow_chain(lines: Mapping[str, Line], name: str) -> tuple[str, ...]:
    """The line and those that the carrier may try after it, for whatever reason, nearest first."""
    chain = [name]
    for reached in chain:
        chain.extend(found for found in lines[reached].overflow.lines if found in lines and found not in chain)
    return tuple(chain)
