"""Chance in routing: the shares that a call meets, each cut where it decides something, with exact probabilities.

A share hashes the rule's name with the caller or with the call id. The same rule asked twice (a share and its split,
two books) gives the same bucket; different rules are independent. The book itself is run with drawn buckets, so that
only shares that are really asked are cut.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from math import ceil
from typing import TypeAlias, TypeVar

from ivr_flows.shares import share_bucket

from ..model import Rule
from ..resolution import Draw
from ..rules import split_ranges

BUCKETS = 10_000
Variable: TypeAlias = tuple[str, bool]
"""What is drawn: by the rule's name, and whether by call (else by caller)."""
Edges: TypeAlias = Mapping[Variable, tuple[int, ...]]
"""The buckets at which something else begins, of each variable."""
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Range:
    """Buckets from ``low`` (inclusive) to ``high`` (exclusive) of a rule's share."""

    rule: str
    by_call: bool
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Chance:
    """The buckets that a call must fall in, and its exact probability among the calls of its time and callers."""

    ranges: tuple[Range, ...] = ()
    probability: Fraction = Fraction(1)

    @property
    def percent(self) -> float:
        """The probability in percent."""
        return float(self.probability * 100)


CERTAIN = Chance()


def edges_of(rules: Iterator[Rule]) -> dict[Variable, tuple[int, ...]]:
    """The edges of every share of ``rules``. A share by caller may be drawn by call, for hidden callers."""
    found: dict[Variable, set[int]] = {}
    for rule in rules:
        if rule.split:
            for by_call in {rule.split_by == "call", True}:
                found.setdefault((rule.name, by_call), set()).update(ceil(end) for end, _ in split_ranges(rule))
        if rule.when is not None and rule.when.share is not None:
            for by_call in {rule.when.share_by == "call", True}:
                edge = ceil(round(100 * rule.when.share, 6))
                found.setdefault((rule.name, by_call), set()).add(edge)
    return {variable: tuple(sorted(edges)) for variable, edges in found.items()}


def bucket_of(number: str, variable: Variable, caller: str | None, call_id: str) -> int:
    """The bucket of a real call to ``number``."""
    rule, by_call = variable
    return share_bucket(number, rule, call_id if by_call or not caller else caller)


class _Drawing:
    """One run: buckets drawn as ``script`` says (the first range beyond its end), and what was drawn."""

    def __init__(self, script: list[int], edges: Edges, number: str, members: tuple[str, ...] | None) -> None:
        self._script = script
        self._edges = edges
        self._number = number
        self._left = members
        self._drawn: dict[Variable, Range] = {}
        self._probability = Fraction(1)
        self.taken: list[tuple[int, int]] = []

    def draw(self, rule: str, by_call: bool) -> int:
        """The bucket of ``rule``: the first of the range that is drawn."""
        variable = (rule, by_call)
        there = self._drawn.get(variable)
        if there is not None:
            return there.low
        ranges = _ranges(variable, self._edges.get(variable, ()))
        left = None if by_call else self._left or None
        if left is not None:
            ranges = [found for found in ranges if _having(self._number, found, left)]
        position = len(self.taken)
        index = self._script[position] if position < len(self._script) else 0
        self.taken.append((index, len(ranges)))
        chosen = self._drawn[variable] = ranges[index]
        if left is None:
            self._probability *= Fraction(chosen.high - chosen.low, BUCKETS)
        else:
            self._left = _having(self._number, chosen, left)
            self._probability *= Fraction(len(self._left), len(left))
        return chosen.low

    @property
    def chance(self) -> Chance:
        """What was drawn."""
        return Chance(tuple(self._drawn.values()), self._probability) if self._drawn else CERTAIN

    @property
    def next_script(self) -> list[int] | None:
        """The script of the run after this one; None when every range was drawn."""
        taken = self.taken
        while taken and taken[-1][0] + 1 >= taken[-1][1]:
            taken.pop()
        return [index for index, _ in taken[:-1]] + [taken[-1][0] + 1] if taken else None


def every_chance(
    run: Callable[[Draw], T], edges: Edges, number: str, members: tuple[str, ...] | None
) -> Iterator[tuple[Chance, T]]:
    """What ``run`` gives for each chance. ``members`` are all the callers there are, None for many: of few callers the
    buckets are known, and a chance that none of them has is left out."""
    script: list[int] | None = []
    while script is not None:
        drawing = _Drawing(script, edges, number, members)
        result = run(drawing.draw)
        yield drawing.chance, result
        script = drawing.next_script


def _ranges(variable: Variable, edges: tuple[int, ...]) -> list[Range]:
    cuts = [0, *(edge for edge in edges if 0 < edge < BUCKETS), BUCKETS]
    return [Range(*variable, low, high) for low, high in pairwise(cuts)]


def _having(number: str, wanted: Range, callers: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(caller for caller in callers if wanted.low <= share_bucket(number, wanted.rule, caller) < wanted.high)
