"""What a changed flow does differently: each way through what changed in the old and in the new flow, taken in both.

The situations of some cells (callers and moments) go through both searches; situations that take the same ways in both
are alike. For each kind, every call that takes a way through either flow is placed in both books: a call that shows no
difference this way shows none at all, as far as the searches are complete.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ivr_flows import FlowDefinition
from ivr_flows.explore import Found, Situation
from router.book import RouteBook
from router.callers import caller_facts
from router.model import Configuration
from router.partition import Cell, Partition
from router.resolution import Resolution
from router.route_options import Forward, Pin

from ..call import TestCall, call_id_of
from ..exploring import PACE
from ..placing import place
from ..situations import Told, callers, seeds, told_apart
from .calls import Shown, Stimulus, differ
from .searching import ALL, SituatedSearch, Ways, changed_nodes, renamed_nodes


@dataclass(frozen=True, slots=True)
class Entered:
    """What a call enters: a flow by name, or ``forward`` in its place, behind ``pin``; ``definition`` is all of it."""

    flow: str | None
    pin: Pin | None
    forward: Forward | None
    definition: FlowDefinition = field(compare=False, repr=False)

    @staticmethod
    def by(book: RouteBook, resolution: Resolution) -> Entered:
        """What a call with ``resolution``, which enters, enters in ``book``."""
        handling = resolution.handling
        pin, forward = (handling.pin, handling.forward) if handling is not None else (None, None)
        return Entered(resolution.flow, pin, forward, book.flow_of(resolution).definition)

    @property
    def flows(self) -> tuple[str, ...]:
        """The flows that follow, by name."""
        if self.forward is not None:
            return tuple(dict.fromkeys(name for _, name in self.forward.on))
        return () if self.flow is None else (self.flow,)

    @property
    def closed(self) -> bool:
        """Whether nobody can say how to get in: no PIN is known in plain text."""
        return self.pin is not None and not self.pin.codes


Pair = tuple[Entered, Entered]
"""What calls enter before and after."""


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
    """A call that differs, and the cell (by position) from which it comes."""

    cell: int
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
    _told: dict[tuple[int, tuple[str, ...]], Told] = field(default_factory=dict)
    _known: dict[Hashable, list[FlowDifference]] = field(default_factory=dict)
    _nodes: dict[Pair, frozenset[str]] = field(default_factory=dict)

    def told(self, pair: Pair) -> tuple[Told, Told]:
        """What the flows on either side tell apart."""
        found: list[Told] = []
        for index, (book, side) in enumerate(zip((self.before, self.after), pair, strict=True)):
            key = (index, side.flows)
            if key not in self._told:
                self._told[key] = told_apart(book, self.configurations[index], None, side.flows)
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
        hashes = [side.pin.hashed if side.pin else () for side in pair]
        if pair[0].closed or pair[1].closed or set(hashes[0]) != set(hashes[1]):
            self.complete = False  # nobody knows what to key
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
            self._explore(book, side.definition, there, pair)
            for book, side, there in zip((self.before, self.after), pair, situations, strict=True)
        ]
        kinds: dict[tuple[tuple[int, ...], ...], list[int]] = {}
        for index in range(len(owners)):
            bit = 1 << index
            taken = tuple(
                tuple(position for position, mask in enumerate(ways.masks) if mask & bit) for ways in explored
            )
            kinds.setdefault(taken, []).append(index)
        texts = self._texts(pair)
        nodes = renamed_nodes(*texts) if texts is not None else {}
        found: list[FlowDifference] = []
        for taken, members in kinds.items():
            stimuli: dict[Hashable, Found] = {}
            for ways, positions in zip(explored, taken, strict=True):
                for position in positions:
                    way = ways.found[position]
                    stimuli.setdefault((way.press, way.agents, way.target, repr(way.data)), way)
            for code in _keys_of_one(pair):
                stimuli.setdefault((code, None, None, "{}"), Found((), code, "", situations[0][members[0]]))
            callers = {owners[member]: situations[0][member] for member in reversed(members)}
            for shown in self._shown(number, situations[0][members[0]], stimuli.values(), nodes):
                found.extend(FlowDifference(cell, shown.by(situation)) for cell, situation in callers.items())
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

    def _explore(
        self, book: RouteBook, definition: FlowDefinition, situations: Sequence[Situation], pair: Pair
    ) -> Ways:
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
            texts = self._texts(pair)
            same = texts is not None and pair[0].pin == pair[1].pin
            changed = changed_nodes(*texts, self.names) if texts is not None and same else ALL
            # A flow that is the same is compared because of what its calls bring along: any node may show it.
            self._nodes[pair] = changed or ALL
        return self._nodes[pair]

    def _texts(self, pair: Pair) -> tuple[str, str] | None:
        """The flow before and after as text; None where either is a forwarding."""
        old, new = pair
        if old.flow is None or new.flow is None:
            return None
        before, after = self.configurations
        return before.flow_sources[old.flow][1], after.flow_sources[new.flow][1]


def _keys_of_one(pair: Pair) -> Iterator[str]:
    """A PIN that opens only before, and one that opens only after, where they are known."""
    before, after = (side.pin.codes if side.pin is not None else () for side in pair)
    if pair[0].pin is not None and pair[1].pin is not None:
        yield from [code for code in before if code not in after][:1]
        yield from [code for code in after if code not in before][:1]


def _seen(situation: Situation) -> Hashable:
    """What a flow may ask of a situation; the number itself is no difference between numbers."""
    caller = situation.caller
    facts = (caller.number, caller.kind, caller.province, caller.city, caller.carrier)
    return (*facts, situation.at, situation.call_id, situation.line, situation.company, situation.instance)
