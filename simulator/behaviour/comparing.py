"""The comparison: every number that a change can touch, its calls cut into cells over both books, each cell asked.

Where routing decides otherwise, a call of the cell is placed in both. Where it leads to a flow that changed, the flow's
paths are compared (`flows`), the cells cut at the edges of the calendars that the flow asks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from router.book import RouteBook
from router.model import Configuration
from router.partition import Cell, Partition, Survey
from router.partition.timelines import Hours, Timeline
from router.resolution import Resolution

from ..situations import moments
from .affected import Affected, affected, bare
from .calls import Shown, Stimulus, differ
from .flows import Entered, FlowBounds, FlowComparison, Pair
from .rows import Behaviour, Difference, Row, rows_of

_STATES = ("open", "closed", "holiday")


@dataclass(frozen=True, slots=True)
class Bounds:
    """How far a comparison goes: days, kinds of numbers, and of each pair of flows."""

    days: int = 366
    shapes: int = 5_000
    flows: FlowBounds = field(default_factory=FlowBounds)


def compare(
    before: Configuration,
    after: Configuration,
    first: float,
    *,
    book: RouteBook | None = None,
    touched: Affected | None = None,
    bounds: Bounds = Bounds(),
) -> Behaviour:
    """What callers notice of the step from ``before`` to ``after`` within ``bounds.days`` from ``first`` on. ``book``
    is that of ``after``, and ``touched`` what `affected` says, where they are known already."""
    last = first + bounds.days * 86_400.0
    touched = touched or affected(before, after)
    new = book or RouteBook.compile(after)
    if not touched.shapes:
        return Behaviour((), first, last, new.zone)
    old = RouteBook.compile(_narrowed(before, touched))
    comparison = _Comparison(old, new, touched, (before, after), Survey(first, last), bounds)
    rows: list[Row] = []
    for numbers in touched.shapes[: bounds.shapes]:
        rows.extend(comparison.rows(numbers))
    return Behaviour(
        tuple(rows),
        first,
        last,
        new.zone,
        touched.numbers,
        len(touched.shapes),
        comparison.cells,
        comparison.flows.complete and len(touched.shapes) <= bounds.shapes,
        tuple(comparison.unreached),
    )


def _narrowed(configuration: Configuration, touched: Affected) -> Configuration:
    """Without the numbers that cannot be touched, where no call depends on which others there are: all trunks say in a
    header which number was called."""
    if any(not trunk.original_called for trunk in configuration.trunks.values()):
        return configuration
    kept = {number for numbers in touched.shapes for number in numbers}
    return replace(
        configuration,
        numbers=tuple(facts for facts in configuration.numbers if facts.number in kept),
        routes={number: route for number, route in configuration.routes.items() if number in kept},
    )


class _Comparison:
    """Two books and what is known of them so far."""

    def __init__(
        self,
        before: RouteBook,
        after: RouteBook,
        touched: Affected,
        configurations: tuple[Configuration, Configuration],
        survey: Survey,
        bounds: Bounds,
    ) -> None:
        self.before = before
        self.after = after
        self.touched = touched
        self.survey = survey
        self.flows = FlowComparison(before, after, configurations, touched.renamed, touched.names, bounds.flows)
        self.cells = 0
        self.unreached: list[str] = []
        facts = [{one.number: one for one in side.numbers} for side in configurations]
        self._facts = facts[0], facts[1]
        self._instances = configurations[0].instances, configurations[1].instances

    def rows(self, numbers: tuple[str, ...]) -> list[Row]:
        """The rows of numbers that behave alike."""
        number = numbers[0]
        partition = self._partition(number, ())
        pairs = dict.fromkeys(pair for cell in partition.cells if (pair := self._pair(number, cell)) is not None)
        extra: tuple[float, ...] = ()
        if pairs:
            times = tuple(timeline for pair in pairs for timeline in self._times(pair))
            partition = self._partition(number, times)
            extra = tuple(at for pair in pairs for at in self._moments(pair))
        self.cells += len(partition.cells)
        if not any(resolution.enters for cell in partition.cells for resolution in cell.resolutions):
            self.unreached.extend(numbers)
        differences: list[Difference] = []
        of_flows: dict[Pair, list[Cell]] = {}
        for cell in partition.cells:
            pair = self._pair(number, cell)
            if pair is not None:
                of_flows.setdefault(pair, []).append(cell)
            else:
                differences.extend(self._route_differences(cell))
        for pair, cells in of_flows.items():
            for item in self.flows.find(partition, cells, pair, extra):
                differences.append(Difference(cells[item.cell], item.shown))
        return rows_of(numbers, partition, differences)

    def _partition(self, number: str, times: Sequence[Timeline]) -> Partition:
        return self.survey.partition((self.before, self.after), number, times=times)

    def _pair(self, number: str, cell: Cell) -> Pair | None:
        """What calls of the cell enter, where its paths decide whether they differ; None where routing alone does."""
        old, new = cell.resolutions
        if not (old.enters and new.enters) or old.line != new.line:
            return None
        if old.forwarded != new.forwarded or self.touched.renamed.get(old.flow or "", old.flow) != new.flow:
            return None
        sides = Entered.by(self.before, old), Entered.by(self.after, new)
        touched = not self.touched.flows.isdisjoint(sides[1].flows)
        return sides if sides[0] != sides[1] or touched or self._context_differs(number) else None

    def _context_differs(self, number: str) -> bool:
        """Whether a flow may say something else to callers of ``number`` although it is the same."""
        if self.touched.everything:
            return True
        old, new = (side.get(number) for side in self._facts)
        if old is None or new is None:
            return False
        names = [one.instance or "" for one in (old, new)]
        queues = [side.get(name) for side, name in zip(self._instances, names, strict=True)]
        return (old.company, names[0], queues[0]) != (new.company, names[1], queues[1])

    def _times(self, pair: Pair) -> Iterable[Timeline]:
        """When the calendars that the flows ask are in each of their states."""
        times = self.survey.times
        for book, told in zip((self.before, self.after), self.flows.told(pair), strict=True):
            for name in sorted(told.calendars):
                if name not in book.calendars:
                    continue
                calendar = times.calendar(book.calendars[name])
                for state in _STATES:
                    yield times.hours(Hours(calendar, (state,), (), (), book.zone))

    def _moments(self, pair: Pair) -> Iterable[float]:
        """Moments of every kind that the flows tell apart by the clock."""
        first, last = self.survey.times.first, self.survey.times.last
        for book, told in zip((self.before, self.after), self.flows.told(pair), strict=True):
            if told.hours or told.weekdays or told.dates:
                yield from (at for at in moments(told, book, first) if first <= at < last)

    def _route_differences(self, cell: Cell) -> Iterator[Difference]:
        """Calls of the cell that routing sends another way: by those who key the PIN, where there is one that is
        known, else by a caller who keys nothing."""
        old, new = cell.resolutions
        if old.flow == new.flow and _way(old) == _way(new):
            return
        sample = cell.sample
        if sample is None:
            self.flows.complete = False
            return
        pins = [side.handling.pin for side in (old, new) if side.enters and side.handling is not None]
        keyed = [pin.codes[0] for pin in pins if pin is not None and pin.codes]
        shown: list[Shown] = []
        for press in (*dict.fromkeys(keyed), ""):
            stimulus = Stimulus(cell.number, sample.caller, sample.at, sample.call_id, sample.seed, press)
            found = Shown(stimulus, stimulus.run(self.before), stimulus.run(self.after))
            if differ(found.before, found.after, self.touched.renamed) and (press or not shown):
                shown.append(found)
        yield from (Difference(cell, found) for found in shown)


def _way(resolution: Resolution) -> tuple[object, ...]:
    """Where routing sends a call, but for its flow."""
    fault = resolution.fault
    return (
        resolution.line,
        resolution.base_number,
        resolution.reject,
        resolution.announce,
        None if fault is None else (fault.code, fault.message),
        bare(resolution.hunted) if resolution.hunted else None,
        bare(resolution.handling) if resolution.handling else None,
    )
