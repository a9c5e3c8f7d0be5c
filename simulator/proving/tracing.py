"""Who reaches a line, a flow or a queue, and when; and what becomes of these calls if it dies.

Read off the cells of the numbers' partitions and the paths of their flows: no call is left out, none is made up.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from ivr_flows.findings import Text
from router.book import RouteBook
from router.model import Configuration
from router.partition import CallerClass, Cell, Interval, Partition, describe_callers, describe_times, joined
from router.traffic import Traffic

from .ends import End
from .prover import Outcome, Prover, Seen

SubjectKind = Literal["line", "flow", "queue"]


@dataclass(frozen=True, slots=True)
class Subject:
    """The line, flow or queue that is asked about."""

    kind: SubjectKind
    name: str


@dataclass(frozen=True, slots=True)
class Traced:
    """Calls to one number that reach the subject alike. ``flow`` is the flow they enter (None where they are rejected),
    ``share`` how many of the calls of these times and callers. ``instead`` is where they go if the subject dies, None
    where that was not asked."""

    number: str
    rule: str | None
    flow: str | None
    who: Text
    when: Text
    share: Fraction
    instead: Instead | None = None

    def as_json(self, language: str) -> dict[str, object]:
        """As ``trace --json`` prints it."""
        zh = language == "zh"
        document: dict[str, object] = {
            "number": self.number,
            "rule": self.rule,
            "flow": self.flow,
            "who": self.who.zh if zh else self.who.en,
            "when": self.when.zh if zh else self.when.en,
            "percent": float(self.share * 100),
        }
        if self.instead is not None:
            document["instead"] = {
                "line": self.instead.line,
                "flow": self.instead.flow,
                "fallback": self.instead.fallback,
                "ends": [end.as_json() for end in self.instead.ends],
            }
        return document


@dataclass(frozen=True, slots=True)
class Instead:
    """Where calls go if the subject dies: another ``line``, other ``ends``, or the line's ``fallback`` (what it
    announces, or its number)."""

    line: str | None
    flow: str | None
    ends: tuple[End, ...]
    fallback: str | None = None


def trace(
    configuration: Configuration, book: RouteBook, first: float, last: float, subject: Subject, *, down: bool = False
) -> Iterator[Traced]:
    """The calls within ``[first, last)`` that reach ``subject``, number by number; with ``down`` where they go then."""
    prover = Prover(configuration, book, first, last)
    dead = _without(configuration, book, first, last, subject) if down else None
    for number in book.numbers():
        partition = prover.partition(number)
        recognised: dict[str, bool] = {}
        reaching: dict[tuple[str | None, str | None, Instead | None], list[Cell]] = {}
        for cell in partition.cells:
            seen = prover.look(cell, recognised)
            if not _meets(subject, seen, cell):
                continue
            instead = _instead(subject, book, dead, cell, seen) if dead is not None else None
            reaching.setdefault((seen.outcome.rule, seen.outcome.flow, instead), []).append(cell)
        for (rule, flow, instead), cells in reaching.items():
            yield from _rows(prover, partition, rule, flow, instead, cells)


def _without(configuration: Configuration, book: RouteBook, first: float, last: float, subject: Subject) -> Prover:
    if subject.kind == "line":
        return Prover(configuration, book, first, last, traffic=Traffic({subject.name: "down"}))
    closed = {subject.name} if subject.kind == "queue" else set[str]()
    return Prover(configuration, book, first, last, closed=closed)


def _meets(subject: Subject, seen: Seen, cell: Cell) -> bool:
    outcome = seen.outcome
    if subject.kind == "line":
        if outcome.flow is None and any(end.kind != "rejected" for end in outcome.ends):
            return False  # the carrier refuses them before any line
        hunted = cell.resolutions[0].hunted
        return outcome.line == subject.name or (hunted is not None and subject.name in hunted.lines)
    if subject.kind == "flow" and outcome.flow == subject.name:
        return True
    return seen.reached is not None and (subject.kind, subject.name) in seen.reached.targets


def _instead(subject: Subject, book: RouteBook, dead: Prover, cell: Cell, seen: Seen) -> Instead:
    if subject.kind == "line":
        outcome: Outcome = dead.instead(cell) or seen.outcome
        return Instead(outcome.line, outcome.flow, outcome.ends)
    line = book.lines.get(seen.outcome.line or "")
    if subject.kind == "flow":
        fallback = (line.fallback.number or line.fallback.announce) if line is not None else None
        return Instead(seen.outcome.line, None, (), fallback)
    ends: tuple[End, ...] = ()
    if seen.entry is not None:
        ends = dead.reach.ends(seen.entry, cell).behind.get(subject.name, ())
    return Instead(seen.outcome.line, seen.outcome.flow, ends)


def _rows(
    prover: Prover,
    partition: Partition,
    rule: str | None,
    flow: str | None,
    instead: Instead | None,
    cells: list[Cell],
) -> Iterator[Traced]:
    times, zone = prover.survey.times, prover.book.zone
    shares: dict[tuple[tuple[Interval, ...], int], Fraction] = {}
    classes: dict[int, CallerClass] = {}
    for cell in cells:
        classes[cell.who.meets] = cell.who
        key = (cell.when, cell.who.meets)
        shares[key] = shares.get(key, Fraction(0)) + cell.chance.probability
    by_share: dict[Fraction, dict[int, list[tuple[Interval, ...]]]] = {}
    for (when, who), share in shares.items():
        by_share.setdefault(share, {}).setdefault(who, []).append(when)
    for share, by_class in by_share.items():
        alike: dict[tuple[Interval, ...], list[CallerClass]] = {}
        for who, groups in by_class.items():
            alike.setdefault(joined(groups), []).append(classes[who])
        for intervals, callers in alike.items():
            yield Traced(
                partition.number,
                rule,
                flow,
                describe_callers(callers, partition.classes),
                describe_times(intervals, times.first, times.last, zone),
                share,
                instead,
            )
