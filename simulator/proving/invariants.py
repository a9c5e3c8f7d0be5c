"""Invariants checked exactly: against every cell of every number's calls, and every path of its flows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from ivr_flows.explore import Found
from ivr_flows.findings import Finding, Text
from router.book import RouteBook
from router.invariants import Invariant, Moments, Target
from router.model import Configuration
from router.number400 import Number400
from router.partition import Cell, Partition, describe_callers, describe_times, joined
from router.partition.asked import condition_of
from router.partition.conditions import ANYBODY, Condition
from router.partition.timelines import Hours, Timeline, Times

from ..exploring import Way
from .prover import Prover, Seen
from .reach import Reached


def check_invariants(configuration: Configuration, book: RouteBook, first: float, last: float) -> list[Finding]:
    """A finding for every invariant of ``configuration`` that some call to ``book``'s numbers within ``[first, last)``
    breaks, with the call; in the order of the file."""
    return list(findings_of_invariants(Prover(configuration, book, first, last), configuration.invariants))


def findings_of_invariants(
    prover: Prover, invariants: Sequence[Invariant], numbers: Sequence[str] | None = None
) -> Iterator[Finding]:
    """As `check_invariants`, with a prover at hand; ``numbers``: only these."""
    asked = None if numbers is None else frozenset(numbers)
    for invariant in invariants:
        every: Iterable[str] = prover.book.numbers() if numbers is None else numbers
        for number in invariant.numbers or every:
            if number in prover.book and (asked is None or number in asked):
                finding = _check(prover, invariant, number)
                if finding is not None:
                    yield finding


def _check(prover: Prover, invariant: Invariant, number: str) -> Finding | None:
    book, survey = prover.book, prover.survey
    timeline = timeline_of(invariant.when, book, survey.times)
    condition = Condition(words=ANYBODY)
    if invariant.caller is not None:
        condition = condition_of(invariant.caller, book, survey.interned)
    partition = prover.partition(number, (timeline,), () if invariant.caller is None else (condition,))
    recognised: dict[str, bool] = {}
    broken: list[Cell] = []
    shown: Way | None = None
    for cell in partition.cells:
        if not timeline.holds(cell.when[0][0]) or not condition.holds(cell.who.facts):
            continue
        seen = prover.look(cell, recognised)
        if _kept(invariant, seen):
            continue
        broken.append(cell)
        shown = shown or _call(prover, invariant, cell, seen)
    return _finding(prover, invariant, partition, broken, shown) if broken else None


def _kept(invariant: Invariant, seen: Seen) -> bool:
    """Whether the calls of a cell keep the invariant. A number out of service reaches nothing, and none is meant."""
    if invariant.always and any(end.kind == "out_of_service" for end in seen.outcome.ends):
        return True
    reaches = _reaches(invariant.reaches, seen, every=invariant.always)
    return reaches if invariant.always else not reaches


def _reaches(target: Target, seen: Seen, *, every: bool) -> bool:
    """Whether calls reach the target. Of ends ``every`` asks for all of them."""
    outcome = seen.outcome
    if target.kind == "line":
        return outcome.line in target.names and outcome.flow is not None
    if target.kind == "end":
        ends = [end.kind in target.names for end in outcome.ends]
        return all(ends) if every else any(ends)
    if target.kind == "flow" and outcome.flow in target.names:
        return True
    return seen.reached is not None and _path(target, seen.reached) is not None


def _path(target: Target, reached: Reached) -> Found | None:
    """The shortest path to the target."""
    found = [path for (kind, name), path in reached.targets.items() if kind == target.kind and name in target.names]
    if target.kind == "end":
        found = [path for end, path in reached.ends if end.kind in target.names]
    return min(found, key=lambda path: path.cost, default=None)


def _call(prover: Prover, invariant: Invariant, cell: Cell, seen: Seen) -> Way | None:
    """A call that breaks the invariant."""
    target = invariant.reaches
    if (
        not invariant.always
        and seen.reached is not None
        and (target.kind, *target.names) != ("flow", seen.outcome.flow)
    ):
        way = prover.call_with(cell, seen.outcome, lambda reached: _path(target, reached))
        if way is not None:
            return way
    return prover.sample_call(cell, seen.outcome)


def _finding(
    prover: Prover, invariant: Invariant, partition: Partition, broken: Sequence[Cell], way: Way | None
) -> Finding:
    times, zone = prover.survey.times, prover.book.zone
    who = describe_callers([cell.who for cell in broken], partition.classes)
    when = describe_times(joined([cell.when for cell in broken]), times.first, times.last, zone)
    number = Number400.parse(partition.number).grouped
    target = invariant.reaches.words
    said = Text(f"can reach {target.en}", f"会到达{target.zh}")
    if invariant.always:
        said = Text(f"do not reach {target.en}", f"不会到达{target.zh}")
    return Finding(
        "error",
        "invariant-broken",
        invariant.place,
        Text(
            f"`{invariant.name}` does not hold: {number}, {who.en}, {when.en}: they {said.en}.",
            f"不变式“{invariant.name}”不成立：{number}，{when.zh}，{who.zh}{said.zh}。",
        ),
        Text(
            "Change the route or the flow so that such calls go elsewhere, or correct the invariant.",
            "请修改路由或流程让这些来电走别处，或更正不变式。",
        ),
        way.command(zone) if way is not None else None,
    )


def timeline_of(moments: Moments, book: RouteBook, times: Times) -> Timeline:
    """When ``moments`` hold, within the range of ``times``."""
    parts: list[Timeline] = []
    if moments.clock:
        parts.append(times.clock(moments.clock, book.zone))
    if moments.hours is not None or moments.dates or moments.weekday:
        calendar = times.calendar(book.calendars[moments.hours]) if moments.hours is not None else None
        states = tuple(sorted(moments.hours_is)) if moments.hours is not None else ()
        parts.append(times.hours(Hours(calendar, states, moments.dates, tuple(sorted(moments.weekday)), book.zone)))
    return times.together(parts)
