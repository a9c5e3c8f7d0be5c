"""Voice packs: prepaid minutes, valid from the moment of purchase to a moment three months later, oldest first.

`Coverage` finds which minutes of a month packs cover. It is given totals as long as they tell enough: between two
moments at which a pack comes or ends, the valid packs either hold all the minutes or they do not. Only where they run
dry within such a span are its calls asked for one by one, in the order of their flow entry. A million calls are never
in memory.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise


@dataclass(frozen=True, slots=True)
class Pack:
    """A pack as it is when a month begins: ``left`` of its ``minutes`` are unused. It covers calls whose flow begins at
    ``bought`` or later and before ``expires``."""

    id: int
    minutes: int
    bought: float
    expires: float
    left: int


@dataclass(frozen=True, slots=True)
class Span:
    """Moments from ``start`` (inclusive) to ``end`` in which the same packs are valid."""

    start: float
    end: float


@dataclass(slots=True)
class Coverage:
    """What packs cover: ``used`` by pack, ``covered`` by number. For every span of `spans`, in order: `whole` with its
    minutes by number, and where that answers False, `call` for its calls in order until that answers False."""

    packs: Sequence[Pack]
    left: dict[int, int] = field(default_factory=dict)
    used: dict[int, int] = field(default_factory=dict)
    covered: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.packs = sorted(self.packs, key=lambda pack: (pack.expires, pack.bought, pack.id))
        self.left = {pack.id: pack.left for pack in self.packs}

    def spans(self, start: float, end: float) -> list[Span]:
        """The spans between ``start`` and ``end`` in which any pack is valid."""
        edges = {start, end}
        for pack in self.packs:
            edges |= {moment for moment in (pack.bought, pack.expires) if start < moment < end}
        ordered = sorted(edges)
        found = [Span(*pair) for pair in pairwise(ordered)]
        return [span for span in found if any(_valid(pack, span.start) for pack in self.packs)]

    def whole(self, span: Span, minutes: Mapping[str, int]) -> bool:
        """Cover all ``minutes`` of a span if the packs hold them; True where nothing is left to be asked."""
        wanted = sum(minutes.values())
        held = self._held(span.start)
        if held == 0 or wanted == 0:
            return True
        if wanted > held:
            return False
        self._draw(span.start, wanted)
        for number, count in minutes.items():
            self.covered[number] = self.covered.get(number, 0) + count
        return True

    def call(self, number: str, entered: float, minutes: int) -> bool:
        """Cover one call, or what the packs still hold of it; False where they are dry."""
        drawn = self._draw(entered, minutes)
        self.covered[number] = self.covered.get(number, 0) + drawn
        return self._held(entered) > 0

    def _held(self, at: float) -> int:
        return sum(self.left[pack.id] for pack in self.packs if _valid(pack, at))

    def _draw(self, at: float, wanted: int) -> int:
        drawn = 0
        for pack in self.packs:
            if drawn < wanted and _valid(pack, at):
                taken = min(self.left[pack.id], wanted - drawn)
                if taken:
                    self.left[pack.id] -= taken
                    self.used[pack.id] = self.used.get(pack.id, 0) + taken
                    drawn += taken
        return drawn


def _valid(pack: Pack, at: float) -> bool:
    return pack.bought <= at < pack.expires


def less(packs: Iterable[Pack], used: Mapping[int, int]) -> list[Pack]:
    """``packs`` after so much of each was used."""
    return [Pack(pack.id, pack.minutes, pack.bought, pack.expires, pack.left - used.get(pack.id, 0)) for pack in packs]
