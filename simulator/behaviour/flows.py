"""What a changed flow does differently: each way through what changed in the old and in the new flow, taken in both.

The situations of some cells (callers and moments) go through both searches; situations that take the same ways in both
are alike. For each kind, every call that takes a way through either flow is placed in both books: a call that shows no
difference this way shows none at all, as far as the searches are complete.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ivr_flows.explore import Found, Situation
from router.book import RouteBook
from router.callers import caller_facts
from router.model import Configuration
from router.partition import Cell, Partition

from ..call import TestCall, call_id_of
from ..exploring import PACE
from ..placing import place
from ..situations import Told, callers, seeds, told_apart
from .calls import Shown, Stimulus, differ
from .searching import ALL, SituatedSearch, Ways, changed_nodes, renamed_nodes

Pair = tuple[str, str]
"""A flow before and after, by name."""


@dataclass(frozen=True, slots=True)
class FlowBounds:
    """How much is looked at: ``steps`` of the search around what changed in one flow; every path beside it where there
    are at most ``paths``; ``calls`` placed in all; ``situations`` of one pair of flows."""

    paths: int = 400
    steps: int = 20_000
    calls: int = 20_000
    situations: int = 3_000


@dataclass(frozen=True, slots=True)
class FlowDifference:
    """A call that differs, and the cells (by position) from which such calls come."""

    cells: tuple[int, ...]
    shown: Shown


@dataclass(slots=True)
class FlowComparison:
    """Compares pairs of flows, each pair in the same situations once. ``names`` are calendars, lines and flows that
    changed. ``complete`` becomes False where a bound cut something off."""

    before: RouteBook
    after: RouteBook
    configurations: tuple[Configuration, Configuration]
    renamed: Mapping[str, str]
    names: Collection[str] = ()
    bounds: FlowBounds = field(default_factory=FlowBounds)
    complete: bool = True
    calls: int = 0
    _told: dict[tuple[int, str], Told] = field(default_factory=dict)
    _known: dict[Hashable, list[FlowDifference]] = field(default_factory=dict)
    _nodes: dict[Pair, frozenset[str]] = field(default_factory=dict)

    def told(self, pair: Pair) -> tuple[Told, Told]:
        """What the two flows tell apart."""
        found: list[Told] = []
        for index, (book, name) in enumerate(zip((self.before, self.after), pair, strict=True)):
            key = (index, name)
            if key not in self._told:
                self._told[key] = told_apart(book, self.configurations[index], None, [name])
            found.append(self._told[key])
        return found[0], found[1]

    def find(
        self, partition: Partition, cells: Sequence[Cell], pair: Pair, moments: Iterable[float]
    ) -> list[FlowDifference]:
        """The differences of ``pair`` for the calls of ``cells``, which enter its flows. ``moments`` are tried where
        they lie in a cell, beside its own."""
        number = partition.number
        owners: list[int] = []
        situations: tuple[list[Situation], list[Situation]] = ([], [])
        for index, raw in self._situations(partition, cells, self.told(pair), tuple(moments)):
            arrived = [self._arrive(book, number, raw) for book in (self.before, self.after)]
            if arrived[0] is None or arrived[1] is None:
                continue
            if len(owners) >= self.bounds.situations:
                self.complete = False
                break
            owners.append(index)
            situations[0].append(arrived[0])
            situations[1].append(arrived[1])
        if not owners:
            return []
        key = (pair, tuple(owners), *(tuple(_seen(item) for item in there) for there in situations))
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = self._compare(number, owners, situations, pair)
        return [
            replace(item, shown=replace(item.shown, stimulus=replace(item.shown.stimulus, number=number)))
            for item in known
        ]

    def _situations(
        self, partition: Partition, cells: Sequence[Cell], told: tuple[Told, Told], moments: Sequence[float]
    ) -> Iterable[tuple[int, Situation]]:
        """Concrete calls of the cells: their own sample, and callers, call ids and moments that flows tell apart."""
        others = list(dict.fromkeys(caller for one in told for caller in callers(one)))
        for index, cell in enumerate(cells):
            sample = cell.sample
            if sample is None:
                self.complete = False
                continue
            own = [cell.moment, *(at for at in moments if any(start <= at < end for start, end in cell.when))]
            by_call = any(range_.by_call for range_ in cell.chance.ranges)
            there = [
                sample.caller,
                *(one for one in others if one != sample.caller and self._holds(partition, cell, one)),
            ]
            for caller in there:
                ids: list[tuple[str, int | None]] = [(sample.call_id, sample.seed)]
                if not by_call:
                    for one in told:
                        ids.extend((call_id_of(seed), seed) for seed in seeds(one, hidden=caller is None))
                for call_id, seed in dict.fromkeys(ids):
                    for at in dict.fromkeys(own):
                        yield index, Situation(caller_facts(caller), at, call_id, seed)

    @staticmethod
    def _holds(partition: Partition, cell: Cell, caller: str | None) -> bool:
        try:
            return partition.locate(caller, cell.moment) is cell
        except LookupError:
            return False

    @staticmethod
    def _arrive(book: RouteBook, number: str, situation: Situation) -> Situation | None:
        """The situation with what its arrival in ``book`` makes of it; None where it enters no flow."""
        call = TestCall(number, situation.caller.number, situation.at, situation.call_id)
        arrival = place(book, call).arrival
        if arrival.session is None:
            return None
        context = arrival.session.context
        return replace(
            situation,
            caller=arrival.caller,
            line=context.line,
            called=context.called,
            company=context.company,
            instance=context.instance,
        )

    def _compare(
        self, number: str, owners: Sequence[int], situations: tuple[list[Situation], list[Situation]], pair: Pair
    ) -> list[FlowDifference]:
        explored = [
            self._explore(book, name, there, pair)
            for book, name, there in zip((self.before, self.after), pair, situations, strict=True)
        ]
        kinds: dict[tuple[tuple[int, ...], ...], list[int]] = {}
        for index in range(len(owners)):
            bit = 1 << index
            taken = tuple(
                tuple(position for position, mask in enumerate(ways.masks) if mask & bit) for ways in explored
            )
            kinds.setdefault(taken, []).append(index)
        texts = [side.flow_sources[name][1] for side, name in zip(self.configurations, pair, strict=True)]
        nodes = renamed_nodes(*texts)
        found: list[FlowDifference] = []
        for taken, members in kinds.items():
            stimuli: dict[Hashable, Found] = {}
            for ways, positions in zip(explored, taken, strict=True):
                for position in positions:
                    way = ways.found[position]
                    stimuli.setdefault((way.press, way.agents, way.target, repr(way.data)), way)
            cells = tuple(dict.fromkeys(owners[member] for member in members))
            for shown in self._shown(number, situations[0][members[0]], stimuli.values(), nodes):
                found.append(FlowDifference(cells, shown))
        return found

    def _shown(
        self, number: str, situation: Situation, ways: Iterable[Found], nodes: Mapping[str, str]
    ) -> Iterator[Shown]:
        """The calls of one kind of situation that differ, the simplest first."""
        for way in sorted(ways, key=lambda way: way.cost):
            if self.calls >= self.bounds.calls:
                self.complete = False
                return
            self.calls += 1
            caller, seed = situation.caller.number, situation.seed
            call = (number, caller, situation.at, situation.call_id, seed)
            stimulus = Stimulus(*call, way.press, way.agents, way.target, way.data)
            before, after = stimulus.run(self.before), stimulus.run(self.after)
            if differ(before, after, self.renamed, nodes):
                yield Shown(stimulus, before, after)

    def _explore(self, book: RouteBook, name: str, situations: Sequence[Situation], pair: Pair) -> Ways:
        definition = book.flow(name).definition
        hang_ups = definition.on_hangup is not None

        def search() -> SituatedSearch:
            bounds = self.bounds
            return SituatedSearch(
                definition, book.environment, situations, PACE, hang_ups, bounds.paths, max_steps=bounds.steps
            )

        ways = search().around(self._changed(pair))
        self.complete &= ways.complete
        every = search().every_path()
        if every is not None:
            ways.found.extend(every.found)
            ways.masks.extend(every.masks)
        return ways

    def _changed(self, pair: Pair) -> frozenset[str]:
        """The nodes that may behave otherwise."""
        if pair not in self._nodes:
            texts = [side.flow_sources[name][1] for side, name in zip(self.configurations, pair, strict=True)]
            changed = changed_nodes(texts[0], texts[1], self.names)
            # A flow that is the same is compared because of what its calls bring along: any node may show it.
            self._nodes[pair] = changed or ALL
        return self._nodes[pair]


def _seen(situation: Situation) -> Hashable:
    """What a flow may ask of a situation; the number itself is no difference between numbers."""
    caller = situation.caller
    facts = (caller.number, caller.kind, caller.province, caller.city, caller.carrier)
    return (*facts, situation.at, situation.call_id, situation.line, situation.company, situation.instance)
