"""The space of callers' numbers: which facts a number with a given beginning can have, and such a number.

Facts are those of `router.callers`, worked out by the same code that judges a call; every number that is given out was
asked for its facts.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from .. import regions
from ..callers import Caller, caller_facts
from ..numbering import ELEVEN_DIGITS
from .conditions import Facts
from .segments import segments_at, some_segments

_TAILS = (
    "166660001234567890123456789012345",
    "212345678901234567890123456789012",
    "345678901234567890123456789012345",
)
_USUAL_MOBILES = ("1380013", "1330133", "1300100", "1929100", "1440000")
_ATTEMPTS = 24
_LONGEST = 32

_SPECIAL: tuple[tuple[str, str, tuple[int, ...]], ...] = (
    # kind, beginning, lengths
    ("service", "95", (5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18)),
    ("service", "100", (5, 6)),
    ("service", "101", (5,)),
    ("service", "1010", (8,)),
    ("service", "11", (3,)),
    ("service", "116114", (6,)),
    ("service", "118114", (6,)),
    ("service", "12", (3, 4, 5, 6)),
    ("service", "123", (5, 6)),
    ("service", "125", (5, 6, 7, 8, 9)),
    ("service", "106", tuple(range(8, 21))),
    ("service", "96", (5, 6, 7, 8)),
    ("service", "400", (10,)),
    ("service", "800", (10,)),
    ("iot", "1064", (13,)),
    *(("iot", f"14{digit}", (13,)) for digit in "01234"),
    ("privacy", "700", (15,)),
    ("foreign", "0085221", (13,)),
    ("foreign", "00853", (13, 8)),
    ("foreign", "00886", (14, 8)),
    ("foreign", "00", (13, 15, 11, 9, 7, 6, 5, 17, 20, 24, 28, 32)),
    ("unknown", "", (7, 6, 9, 10, 8, 5, 4, 3, 2, 1, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 22, 24, 27, 32)),
)


class Known(NamedTuple):
    """Facts that a number can have. Where places are not asked for they are left empty."""

    kind: str
    province: str = ""
    city: str = ""
    carrier: str = ""


@dataclass(frozen=True, slots=True)
class Shape:
    """Numbers of ``length`` digits that begin with ``head``; ``fact`` numbers the facts that they have."""

    head: str
    length: int
    fact: int


class Avoided:
    """Numbers that must not be met: those with one of ``beginnings`` or equal to one of ``exact``."""

    __slots__ = ("beginnings", "exact", "shortest")

    def __init__(self, beginnings: frozenset[str], exact: frozenset[str]) -> None:
        self.beginnings = beginnings
        self.exact = exact

    def completed(self, start: str, allowed: int, length: int, tail: str) -> Iterator[str]:
        """Numbers of ``length`` digits that begin with ``start`` and meet nothing, such with digits of ``tail`` first.
        A beginning of at most ``allowed`` digits may be met."""
        for end in range(allowed + 1, len(start) + 1):
            if start[:end] in self.beginnings:
                return
        yield from self._filled(start, length, tail)

    def _filled(self, start: str, length: int, tail: str) -> Iterator[str]:
        if len(start) == length:
            if start not in self.exact:
                yield start
            return
        wanted = tail[len(start) % len(tail)]
        for digit in (wanted, *(digit for digit in "1234567890" if digit != wanted)):
            longer = start + digit
            if longer not in self.beginnings:
                yield from self._filled(longer, length, tail)


class NumberingSpace:
    """Facts and shapes, each found once. With ``places`` the province, city and carrier count among the facts."""

    def __init__(self, *, places: bool) -> None:
        self.places = places
        self.facts: list[Known] = []
        self._ids: dict[Known, int] = {}
        self._wanted: dict[Facts, tuple[int, int]] = {}
        self._shapes: dict[str, dict[int, list[Shape]]] = {}
        self._fixed = [shape for shapes in self._fixed_shapes() for shape in shapes]
        self._by_head: dict[str, list[Shape]] = {}
        for shape in self._fixed:
            self._by_head.setdefault(shape.head, []).append(shape)
        self._heads = sorted(self._by_head)

    def known(self, caller: Caller) -> int:
        """The number of ``caller``'s facts."""
        if self.places:
            return self._id(Known(caller.kind, caller.province, caller.city, caller.carrier))
        return self._id(Known(caller.kind))

    def shapes(self, beginning: str) -> dict[int, list[Shape]]:
        """The shapes of numbers with this beginning, by facts."""
        found = self._shapes.get(beginning)
        if found is None:
            found = {}
            for shape in self._all(beginning):
                found.setdefault(shape.fact, []).append(shape)
            self._shapes[beginning] = found
        return found

    def mask(self, beginning: str) -> int:
        """The facts that numbers with this beginning may have, a bit for each."""
        bits = 0
        for fact in self.shapes(beginning):
            bits |= 1 << fact
        return bits

    def wanted(self, facts: Facts) -> int:
        """The facts known here that meet ``facts``, a bit for each."""
        known = len(self.facts)
        count, bits = self._wanted.get(facts, (0, 0))
        if count < known:
            for fact in range(count, known):
                if facts.meet(*self.facts[fact]):
                    bits |= 1 << fact
            self._wanted[facts] = (known, bits)
        return bits

    def numbers(self, beginning: str, fact: int, avoided: Avoided, tails: tuple[str, ...] = _TAILS) -> Iterator[str]:
        """Numbers with this beginning and exactly these facts that meet nothing of ``avoided`` but what ``beginning``
        meets; of every shape some."""
        found = False
        for shape in self.shapes(beginning).get(fact, ()):
            for number in self._completed(beginning, shape, avoided, tails):
                found = True
                yield number
        if not found and self.places and len(beginning) < 7:
            # Those tried may all be avoided; of the others any will do.
            known = self.facts[fact]
            for segment in segments_at(regions.CallerPlace(*known[1:]), beginning):
                shape = self._mobile(segment)
                if shape.fact == fact:
                    yield from self._completed(beginning, shape, avoided, tails)

    def _completed(self, beginning: str, shape: Shape, avoided: Avoided, tails: tuple[str, ...]) -> Iterator[str]:
        start = beginning if len(beginning) > len(shape.head) else shape.head
        for tail in tails:
            for attempt, number in enumerate(avoided.completed(start, len(beginning), shape.length, tail)):
                caller = caller_facts(number)
                if caller.number == number and self.known(caller) == shape.fact:
                    yield number
                    break
                if attempt >= _ATTEMPTS:
                    break

    def _id(self, known: Known) -> int:
        found = self._ids.get(known)
        if found is None:
            found = self._ids[known] = len(self.facts)
            self.facts.append(known)
        return found

    def _placed(self, kind: str, place: regions.CallerPlace) -> int:
        return self._id(Known(kind, *place) if self.places else Known(kind))

    def _fixed_shapes(self) -> Iterator[list[Shape]]:
        yield [Shape(head, 11, self._mobile(head).fact) for head in _USUAL_MOBILES]
        for code in regions.AREA_CODES:
            fact = self._placed("landline", regions.landline_place(code))
            yield [Shape(code, length, fact) for length in ((11,) if len(code) == 3 else (11, 12))]
        for kind, head, lengths in _SPECIAL:
            place = regions.foreign_place(head) if kind == "foreign" else regions.NOWHERE
            fact = self._placed(kind, place)
            yield [Shape(head, length, fact) for length in lengths]
        # A name in place of a number.
        yield [Shape("alice", 5, self._placed("unknown", regions.NOWHERE))]

    def _mobile(self, segment: str) -> Shape:
        """Mobiles of a segment; where places do not count its first three digits say all."""
        kind = ELEVEN_DIGITS[segment[:3]]
        place = regions.mobile_place(segment) if self.places else regions.NOWHERE
        return Shape(segment if self.places else segment[:3], 11, self._placed(kind, place))

    def _all(self, beginning: str) -> Iterator[Shape]:
        if not beginning:
            yield from self._fixed
        else:
            for end in range(len(beginning)):
                for shape in self._by_head.get(beginning[:end], ()):
                    if shape.length >= len(beginning):
                        yield shape
            index = bisect_left(self._heads, beginning)
            while index < len(self._heads) and self._heads[index].startswith(beginning):
                yield from self._by_head[self._heads[index]]
                index += 1
            if not _may_be_unknown(beginning):
                return
            fact = self._placed("unknown", regions.NOWHERE)
            yield Shape(beginning, len(beginning), fact)
            yield from (Shape(beginning, length, fact) for length in range(len(beginning) + 1, _LONGEST + 1))
        yield from self._mobiles(beginning)

    def _mobiles(self, beginning: str) -> Iterator[Shape]:
        if len(beginning) > 11 or not any(head.startswith(beginning[:3]) for head in ELEVEN_DIGITS):
            return
        if len(beginning) >= 7 or (len(beginning) >= 3 and not self.places):
            yield self._mobile(beginning[:7])
        elif not self.places:
            yield from (self._mobile(head) for head in ELEVEN_DIGITS if head.startswith(beginning))
        else:
            yield from (self._mobile(segment) for segment in some_segments(beginning) if segment[:3] in ELEVEN_DIGITS)


def _may_be_unknown(beginning: str) -> bool:
    return beginning.isascii() and beginning.isdigit()
