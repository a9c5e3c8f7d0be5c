"""The proof of a number: where every call to it ends, at every minute of a range of time and from every kind of
caller."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ivr_flows.explore import Found, Situation
from ivr_flows.findings import Fault
from router.book import RouteBook
from router.callers import caller_facts
from router.model import Configuration, NumberFacts, Route
from router.overlay import Overlay
from router.partition import Cell, Partition, Survey
from router.partition.conditions import Condition
from router.partition.timelines import Timeline
from router.resolution import Resolution
from router.traffic import Traffic

from ..call import TestCall
from ..carrier import Carrier
from ..exploring import Way, replay
from ..placing import Placed, place
from .ends import End
from .reach import Entry, Reach, Reached

LIFE = frozenset({"not_purchased", "expired", "released", "transferring"})
"""Faults of a number that is not in service: nobody is told to call it then."""
_APPLYING = frozenset({"reserved", "submitted", "review"})


@dataclass(frozen=True, slots=True)
class Outcome:
    """Where the calls of a cell go: by which rule, on which line, into which flow (`router.entry_flows.FORWARDING` for
    a forwarding in its place), and where they end there."""

    rule: str | None
    line: str | None
    flow: str | None
    ends: tuple[End, ...]


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen of a cell: its outcome, and of calls that enter a flow how, and what they reach there."""

    outcome: Outcome
    entry: Entry | None = None
    reached: Reached | None = None


@dataclass(frozen=True, slots=True)
class Nowhere:
    """Calls that end nowhere: the first cell in which they do, how long all such cells last, and a call that shows it
    (None where none was found that does)."""

    end: End
    outcome: Outcome
    cells: tuple[Cell, ...]
    way: Way | None

    @property
    def minutes(self) -> int:
        """How long this happens to some callers."""
        return max(cell.minutes for cell in self.cells)


@dataclass(slots=True)
class NumberProof:
    """What was shown of one number. Not ``complete``: a flow was too large to be followed to all its ends."""

    number: str
    partition: Partition
    outcomes: list[tuple[Cell, Outcome]] = field(default_factory=list)
    nowhere: list[Nowhere] = field(default_factory=list)
    expires: float | None = None
    complete: bool = True

    @property
    def minutes(self) -> int:
        """The minutes that were decided."""
        return round(self.partition.last - self.partition.first) // 60

    @property
    def proved(self) -> bool:
        """Whether every call ends somewhere."""
        return self.complete and not self.nowhere


class Prover:
    """Proves numbers of one configuration for the range of time ``[first, last)``."""

    def __init__(
        self,
        configuration: Configuration,
        book: RouteBook,
        first: float,
        last: float,
        overlay: Overlay | None = None,
        closed: Container[str] = (),
        traffic: Traffic | None = None,
    ) -> None:
        """``closed`` are queues that take nobody in, ``traffic`` which lines take no call."""
        self.configuration = configuration
        self.book = book
        self.survey = Survey(first, last)
        self.reach = Reach(book, self.survey, closed)
        self._traffic = traffic
        self._overlay = overlay
        self._facts: Mapping[str, NumberFacts] | None = None

    def prove(self, number: str) -> NumberProof:
        """The proof of ``number``, one of the configuration.

        Raises:
            KeyError: the number is not configured.
        """
        proof = NumberProof(number, self.partition(number))
        nowhere: dict[tuple[End, Outcome], list[Cell]] = {}
        recognised: dict[str, bool] = {}
        for cell in proof.partition.cells:
            seen = self.look(cell, recognised)
            outcome = seen.outcome
            proof.complete = proof.complete and (seen.reached is None or seen.reached.complete)
            proof.outcomes.append((cell, outcome))
            for end in outcome.ends:
                if end.kind == "nowhere":
                    nowhere.setdefault((end, outcome), []).append(cell)
                elif end.what == "expired" and end.kind == "out_of_service":
                    begins = cell.when[0][0]
                    proof.expires = begins if proof.expires is None else min(proof.expires, begins)
        for (end, outcome), cells in nowhere.items():
            way = next((way for cell in cells if (way := self._shown(end, outcome, cell)) is not None), None)
            proof.nowhere.append(Nowhere(end, outcome, tuple(cells), way))
        return proof

    def prove_all(self) -> Iterator[NumberProof]:
        """The proof of every number, in the order of the configuration."""
        for number in self.book.numbers():
            yield self.prove(number)

    def number_facts(self, number: str) -> NumberFacts:
        """What ``numbers.yaml`` says of ``number``."""
        if self._facts is None:
            self._facts = {facts.number: facts for facts in self.configuration.numbers}
        return self._facts[number]

    def partition(self, number: str, times: Sequence[Timeline] = (), callers: Sequence[Condition] = ()) -> Partition:
        """The partition of ``number``, cut by what its flows ask too, and by ``times`` and ``callers``."""
        flows = [self.reach.facts(self.book.flow(name)) for name in flows_of(self.book, number)]
        return self.survey.partition(
            [self.book],
            number,
            self._overlay,
            times=[*(timeline for facts in flows for timeline in facts.times), *times],
            callers=[*(condition for facts in flows for condition in facts.callers), *callers],
        )

    # -- one cell ----------------------------------------------------------------------------------------------

    def look(self, cell: Cell, recognised: dict[str, bool]) -> Seen:
        """Where the calls of ``cell`` go. ``recognised`` remembers for one number which lines tell it."""
        resolution = cell.resolutions[0]
        if resolution.enters:
            lines = resolution.hunted.lines if resolution.hunted is not None else (resolution.line or "",)
            for line in lines:
                known = recognised.get(line)
                if known is None:
                    known = recognised[line] = self._arrives(cell, resolution, line, lines)
                if not known:
                    placed = self._placed(cell, self._only(line, lines))
                    if placed is not None:
                        resolution = placed.arrival.resolution
                        break
        if not resolution.enters:
            end = self._refused(cell.number, resolution)
            return Seen(Outcome(resolution.rule, resolution.line, None, (end,)))
        entry = self._entry(resolution)
        if resolution.end_after_emergency:
            return Seen(Outcome(resolution.rule, resolution.line, entry.flow.name, (End("announcement"),)), entry)
        reached = self.reach.ends(entry, cell)
        ends = tuple(end for end, _ in reached.ends)
        return Seen(Outcome(resolution.rule, resolution.line, entry.flow.name, ends), entry, reached)

    def instead(self, cell: Cell) -> Outcome | None:
        """Where the calls of ``cell`` go in the traffic there is, as one of them shows; None where none can be made."""
        placed = self._placed(cell)
        if placed is None:
            return None
        resolution, refusal = placed.arrival.resolution, placed.arrival.refusal
        if placed.translation.refused is not None:
            return Outcome(resolution.rule, None, None, (End("nowhere", placed.translation.refused.fault.code),))
        if refusal is not None or not resolution.enters:
            return Outcome(resolution.rule, resolution.line, None, (self._refused(cell.number, resolution),))
        entry = self._entry(resolution)
        ends = tuple(end for end, _ in self.reach.ends(entry, cell).ends)
        return Outcome(resolution.rule, resolution.line, entry.flow.name, ends)

    def _arrives(self, cell: Cell, resolution: Resolution, line: str, lines: Sequence[str]) -> bool:
        """Whether ``line``, one of those on which the carrier may land the call, tells the number, so that its rules
        hold there."""
        placed = self._placed(cell, self._only(line, lines))
        if placed is None:
            return True
        arrived = placed.arrival.resolution
        return (arrived.number, arrived.flow, arrived.handling) == (
            resolution.number,
            resolution.flow,
            resolution.handling,
        )

    def _only(self, line: str, lines: Sequence[str]) -> Traffic | None:
        """The traffic in which a call that hunts over ``lines`` lands on ``line``."""
        if len(lines) < 2 or self._traffic is not None:
            return self._traffic
        return Traffic({other: "full" for other in lines if other != line})

    def _placed(self, cell: Cell, traffic: Traffic | None = None) -> Placed | None:
        sample = cell.sample
        if sample is None:
            return None
        call = TestCall(cell.number, sample.caller, sample.at, sample.call_id)
        return place(self.book, call, self._overlay, Carrier(self.book, traffic=traffic or self._traffic))

    def _entry(self, resolution: Resolution) -> Entry:
        number = resolution.number or ""
        return Entry(
            self.book.flow_of(resolution),
            resolution.line or "",
            number,
            self.book.company_of(number),
            self.book.instance_of(number),
        )

    def _refused(self, number: str, resolution: Resolution) -> End:
        fault: Fault | None = resolution.fault
        if fault is None or resolution.reject is not None:
            return End("rejected", resolution.reject or "")
        if fault.code in LIFE or self.book.state_of(number) in _APPLYING:
            return End("out_of_service", fault.code)
        return End("nowhere", fault.code)

    def _shown(self, end: End, outcome: Outcome, cell: Cell) -> Way | None:
        """A call of ``cell`` that really ends in ``end``, run before it is told."""
        if outcome.flow is None:
            way = self.sample_call(cell, outcome)
            record = replay(self.book, way) if way is not None else None
            return way if record and record.fault is not None and record.fault.code == end.what else None
        return self.call_with(cell, outcome, lambda reached: dict(reached.ends).get(end))

    def sample_call(self, cell: Cell, outcome: Outcome) -> Way | None:
        """A call of ``cell`` by a caller who presses nothing."""
        sample = cell.sample
        if sample is None:
            return None
        situation = Situation(caller_facts(sample.caller), sample.at, sample.call_id, sample.seed)
        return Way(cell.number, outcome.rule, outcome.flow, Found((), "", "", situation))

    def call_with(self, cell: Cell, outcome: Outcome, wanted: Callable[[Reached], Found | None]) -> Way | None:
        """A call of ``cell`` that takes the path that ``wanted`` chooses; it was run, and took it."""
        placed = self._placed(cell)
        if placed is None or not placed.arrival.resolution.enters:
            return None
        found = wanted(self.reach.explored(self._entry(placed.arrival.resolution), cell))
        if found is None:
            return None
        way = Way(cell.number, outcome.rule, outcome.flow, found)
        path = tuple(replay(self.book, way).path)
        return way if path[: len(found.path)] == found.path else None


def flows_of(book: RouteBook, number: str) -> list[str]:
    """The flows that calls to ``number`` may enter by its own route."""
    route: Route | None = book.route(number)
    if route is None:
        return []
    names = [
        route.flow,
        *(rule.flow for rule in route.rules),
        *(name for rule in route.rules for name, _ in rule.split),
        *(name for rule in route.rules if rule.forward for _, name in rule.forward.on),
    ]
    return [name for name in dict.fromkeys(names) if name]
