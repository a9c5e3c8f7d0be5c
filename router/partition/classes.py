"""Callers cut into classes: those that meet the same conditions, each with real numbers.

Exact in both directions: a class that is given has a caller, asked for its facts; and every way in which a number can
meet some conditions and not the others is looked for (each beginning that a pattern names, each kind and place of
numbers with that beginning).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from ivr_flows.findings import Text

from ..callers import HIDDEN, UNREADABLE, Caller, caller_facts
from .conditions import ANYBODY, HIDDEN_WORDS, SHOWN, Condition, Patterns
from .numbering_space import Avoided, NumberingSpace

UNREADABLE_TEXT = "()"
"""A caller of whom nothing can be read."""
_OTHERS = Text("all other callers", "其余来电")
_USUAL_KINDS = ("mobile", "landline")
_USUAL_ROUNDS = 4_000
"""How many numbers of each kind are tried before any number of the class will do."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where more numbers of a class come from: a beginning, facts, and what must not be met."""

    beginning: str
    fact: int
    avoided: Avoided
    space: NumberingSpace

    @property
    def usual(self) -> bool:
        """Whether these are telephones that people call from."""
        return self.space.facts[self.fact].kind in _USUAL_KINDS


@dataclass(frozen=True)
class CallerClass:
    """Callers that meet the same conditions. ``meets`` has bit *i* for condition *i*.

    ``caller`` is one of them as a switch shows it (None: hidden), ``members`` all of them where they are few and
    known, None where they are many. ``words`` say who they are, ``parts`` the words of each condition by its number.
    """

    meets: int
    caller: str | None
    facts: Caller
    words: Text
    members: tuple[str, ...] | None = None
    origins: tuple[Origin, ...] = field(default=(), compare=False, repr=False)
    parts: tuple[tuple[int, Text], ...] = field(default=(), compare=False, repr=False)

    def more(self, seed: int = 0) -> Iterator[str]:
        """Callers of the class who show their number, no end of them where it has no ``members``."""
        if self.members is not None:
            yield from self.members
            return
        if self.caller is not None and self.facts.number is not None:
            yield self.facts.number
        number = seed
        usual = tuple(origin for origin in self.origins if origin.usual) or self.origins
        while self.origins:
            number += 1
            digits = f"{(number * 7919 + 1234) % 100_000_000:08d}"
            tails = (digits[::-1] + digits + digits + digits,)
            for origin in usual if number <= seed + _USUAL_ROUNDS else self.origins:
                yield from origin.space.numbers(origin.beginning, origin.fact, origin.avoided, tails)


@dataclass(frozen=True, slots=True)
class _Region:
    """Numbers that meet the same pattern parts: ``beginnings`` of them (each less longer beginnings), and ``exact``."""

    meets: int
    beginnings: tuple[str, ...]
    exact: tuple[str, ...]


_Parts: TypeAlias = "tuple[tuple[Patterns, ...], tuple[Patterns, ...]]"
"""The pattern part of a condition: what must be met, and what must not."""


class CallerSpace:
    """Classes of callers for sets of conditions, each set worked out once."""

    def __init__(self) -> None:
        self._spaces: dict[bool, NumberingSpace] = {}
        self._regions: dict[tuple[_Parts, ...], tuple[tuple[_Region, ...], Avoided]] = {}
        self._classes: dict[tuple[Condition, ...], tuple[CallerClass, ...]] = {}
        self._masks: dict[tuple[bool, tuple[str, ...]], int] = {}

    def classes(self, conditions: Sequence[Condition]) -> tuple[CallerClass, ...]:
        """The classes that have a caller; exactly one of them holds any given caller."""
        key = tuple(conditions)
        found = self._classes.get(key)
        if found is None:
            found = self._classes[key] = tuple(self._make(key))
        return found

    def _space(self, places: bool) -> NumberingSpace:
        found = self._spaces.get(places)
        if found is None:
            found = self._spaces[places] = NumberingSpace(places=places)
        return found

    def _make(self, conditions: tuple[Condition, ...]) -> Iterator[CallerClass]:
        space = self._space(any(condition.facts.places for condition in conditions))
        regions, avoided = self._regions_of(tuple((condition.patterns, condition.unmet) for condition in conditions))
        callers: dict[int, str | None] = {}
        members: dict[int, list[str]] = {}
        origins: dict[int, list[Origin]] = {}
        for region in regions:
            for meets, mask in self._split(conditions, region.meets, self._mask(space, region.beginnings), space):
                for origin, number in _open(region.beginnings, mask, avoided, space):
                    meets_too = meeting(conditions, caller_facts(number))
                    assert meets_too == meets, "a number has the facts that it was made with"
                    callers.setdefault(meets, number)
                    origins.setdefault(meets, []).append(origin)
            for number in region.exact:
                meets = meeting(conditions, caller_facts(number))
                callers.setdefault(meets, number)
                members.setdefault(meets, []).append(number)
        for text, facts in ((None, HIDDEN), (UNREADABLE_TEXT, UNREADABLE)):
            meets = meeting(conditions, facts)
            if meets not in callers:
                callers[meets] = text
                members[meets] = []
        everything = len(callers) == 1
        for meets, text in callers.items():
            open_ended = tuple(origins.get(meets, ()))
            yield CallerClass(
                meets,
                text,
                caller_facts(text),
                ANYBODY if everything else _words(conditions, meets),
                None if open_ended else tuple(members[meets]),
                open_ended,
                tuple(_parts(conditions, meets)),
            )

    def _mask(self, space: NumberingSpace, beginnings: tuple[str, ...]) -> int:
        key = (space.places, beginnings)
        found = self._masks.get(key)
        if found is None:
            found = 0
            for beginning in beginnings:
                found |= space.mask(beginning)
            self._masks[key] = found
        return found

    @staticmethod
    def _split(
        conditions: tuple[Condition, ...], meets: int, mask: int, space: NumberingSpace
    ) -> list[tuple[int, int]]:
        """The facts of ``mask`` cut by the conditions whose patterns are met."""
        found = [(0, mask)]
        for index, condition in enumerate(conditions):
            bit = 1 << index
            if not meets & bit:
                continue
            wanted = space.wanted(condition.facts)
            cut: list[tuple[int, int]] = []
            for met, facts in found:
                if facts & wanted:
                    cut.append((met | bit, facts & wanted))
                if facts & ~wanted:
                    cut.append((met, facts & ~wanted))
            found = cut
        return [(met, facts) for met, facts in found if facts]

    def _regions_of(self, patterns: tuple[_Parts, ...]) -> tuple[tuple[_Region, ...], Avoided]:
        found = self._regions.get(patterns)
        if found is None:
            parts = tuple(dict.fromkeys(part for sets in patterns for some in sets for part in some))
            beginnings = dict.fromkeys(["", *(text for part in parts for text in part.beginnings)])
            exact = dict.fromkeys(text for part in parts for text in part.exact)
            gathered: dict[int, tuple[list[str], list[str]]] = {}
            for beginning in beginnings:
                met = {part: part.covers(beginning) for part in parts}
                gathered.setdefault(_bits(patterns, met), ([], []))[0].append(beginning)
            for number in exact:
                met = {part: number in part for part in parts}
                gathered.setdefault(_bits(patterns, met), ([], []))[1].append(number)
            regions = tuple(_Region(meets, tuple(some), tuple(few)) for meets, (some, few) in gathered.items())
            found = self._regions[patterns] = (regions, Avoided(frozenset(beginnings), frozenset(exact)))
        return found


def _bits(patterns: tuple[_Parts, ...], met: dict[Patterns, bool]) -> int:
    return sum(
        1 << index
        for index, (wanted, unwanted) in enumerate(patterns)
        if all(met[part] for part in wanted) and not any(met[part] for part in unwanted)
    )


_MOST_ORIGINS = 8


def _open(
    beginnings: tuple[str, ...], mask: int, avoided: Avoided, space: NumberingSpace
) -> Iterator[tuple[Origin, str]]:
    """Where numbers with facts of ``mask`` come from, each with one of them; some places are enough."""
    count = 0
    for beginning in beginnings:
        facts = mask & space.mask(beginning)
        while facts:
            low = facts & -facts
            facts ^= low
            fact = low.bit_length() - 1
            number = next(space.numbers(beginning, fact, avoided), None)
            if number is not None:
                yield Origin(beginning, fact, avoided, space), number
                count += 1
                if count >= _MOST_ORIGINS:
                    return


def meeting(conditions: Sequence[Condition], caller: Caller) -> int:
    """The conditions that ``caller`` meets, a bit for each."""
    return sum(1 << index for index, condition in enumerate(conditions) if condition.holds(caller))


def _parts(conditions: Sequence[Condition], meets: int) -> Iterator[tuple[int, Text]]:
    """What a class meets in words, in the order of the rules: the condition's number and who meets it."""
    for index, condition in enumerate(conditions):
        text = condition.words if meets >> index & 1 else condition.otherwise
        if text is not None and condition is not SHOWN:
            yield index, text


def _words(conditions: Sequence[Condition], meets: int) -> Text:
    """Who a class is."""
    met = [text for _, text in _parts(conditions, meets)]
    if met:
        return Text(" who are also ".join(text.en for text in met), "、且为".join(text.zh for text in met))
    if SHOWN in conditions and not meets >> conditions.index(SHOWN) & 1:
        return HIDDEN_WORDS
    return _OTHERS
