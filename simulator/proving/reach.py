"""The ends of flows for the calls of a cell, worked out once for all cells in which a flow decides alike."""

from __future__ import annotations

from collections.abc import Container, Hashable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice

from ivr_flows import Flow
from ivr_flows.environment import Instance
from ivr_flows.explore import FlowEnds, Found, Search, Situation, flow_ends
from ivr_flows.lint import facts as node_facts
from router.book import RouteBook
from router.call_ids import call_id_of
from router.callers import caller_facts
from router.partition import Cell, Sample
from router.partition.classes import meeting
from router.partition.making import Survey

from ..exploring import PACE
from ..situations import seeds, sides
from .ends import End, end_of
from .flow_facts import FlowFacts, facts_of

_MOST_SITUATIONS = 16
_TRIED = 400
_MOST_STEPS = 50_000
_HOURS = 168


@dataclass(frozen=True, slots=True)
class Entry:
    """How a call enters a flow (one of the book's, compared by identity). ``called`` is the number that it is told."""

    flow: Flow
    line: str
    called: str
    company: str
    instance: Instance


@dataclass(frozen=True, slots=True)
class Reached:
    """The ends of a flow, each with a path to it; not ``complete`` where the flow is too large to be followed.
    ``targets`` is what calls come to on the way, by kind (``queue``, ``voicemail``, ``transfer``, ``flow``) and name;
    ``behind`` the ends of those who came to a queue."""

    ends: tuple[tuple[End, Found], ...]
    complete: bool = True
    targets: Mapping[tuple[str, str], Found] = field(default_factory=dict)
    behind: Mapping[str, tuple[End, ...]] = field(default_factory=dict)


class Reach:
    """Asks flows where they end."""

    def __init__(self, book: RouteBook, survey: Survey, closed: Container[str] = ()) -> None:
        """``closed`` are queues that take nobody in."""
        self._closed = closed
        self._book = book
        self._survey = survey
        self._facts: dict[int, FlowFacts] = {}
        self._reached: dict[Hashable, Reached] = {}
        self._following: dict[tuple[int, str], tuple[tuple[Hashable, float], ...]] = {}

    def facts(self, flow: Flow) -> FlowFacts:
        """What ``flow`` asks about a call."""
        found = self._facts.get(id(flow))
        if found is None:
            found = self._facts[id(flow)] = facts_of(self._book, flow, self._survey)
        return found

    def ends(self, entry: Entry, cell: Cell) -> Reached:
        """Where calls of ``cell`` that enter by ``entry`` end. The paths may be shown with a call of another cell."""
        facts = self.facts(entry.flow)
        key: Hashable = (
            id(entry.flow),
            entry.line,
            entry.company,
            entry.instance,
            entry.called if facts.called else "",
        )
        if not facts.plain:
            key = (key, self._alike(facts, cell))
        found = self._reached.get(key)
        if found is None:
            found = self._reached[key] = self.explored(entry, cell)
        return found

    def explored(self, entry: Entry, cell: Cell) -> Reached:
        """As `ends`, explored with calls of ``cell`` itself: each path can be replayed."""
        situations = [
            replace(
                situation,
                line=entry.line,
                called=entry.called,
                company=entry.company,
                instance=entry.instance,
            )
            for situation in self._situations(self.facts(entry.flow), cell)
        ]
        if not situations:
            return Reached(())
        flow = entry.flow

        def search() -> Search:
            environment = self._book.environment
            return Search(flow.definition, environment, situations, PACE, hang_ups=False, max_steps=_MOST_STEPS)

        found = flow_ends(search, node_facts.speaks, self._staffed, self._closed)
        ends = {end_of(flow, end): end.found for end in reversed(found.ends)}
        behind: dict[str, list[End]] = {}
        for way in found.ends:
            for name in way.queues:
                behind.setdefault(name, []).append(end_of(flow, way))
        for stuck in found.stuck:
            node = stuck.path[-1] if stuck.path else ""
            definition = flow.nodes.get(node)
            queue = definition is not None and node_facts.person(definition)
            ends[End("nowhere", "nobody-answers" if queue else "endless", node)] = stuck
        return Reached(
            tuple(reversed(ends.items())),
            found.complete,
            dict(_targets(flow, found)),
            {queue: tuple(dict.fromkeys(there)) for queue, there in behind.items()},
        )

    def _staffed(self, queue: str) -> bool:
        spec = self._book.queues.get(queue)
        return spec is None or bool(spec.agents)

    def _alike(self, facts: FlowFacts, cell: Cell) -> Hashable:
        told = facts.told
        parts: list[Hashable] = [meeting(facts.callers, cell.who.facts)]
        if told.shares:
            parts.extend((cell.who.members, cell.chance.ranges))
        if facts.caller_freely or told.hours:
            parts.append(id(cell))
        if told.calendars:
            parts.append(tuple(state for state, _ in self._edges(facts, cell)))
        return tuple(parts)

    def _states(self, facts: FlowFacts, at: float) -> Hashable:
        return tuple(self._book.calendars[name].state(at) for name in sorted(facts.told.calendars))

    def _edges(self, facts: FlowFacts, cell: Cell) -> tuple[tuple[Hashable, float], ...]:
        """The states of the flow's calendars within the cell, and those that follow at the ends of its intervals, each
        with a moment of the cell: a call that lasts may meet the hours that follow."""
        key = (id(cell.when), "|".join(sorted(facts.told.calendars)))
        found = self._following.get(key)
        if found is None:
            there: dict[Hashable, float] = {("now", self._states(facts, cell.moment)): cell.moment}
            for start, end in cell.when:
                there.setdefault(("then", self._states(facts, end)), max(start, end - 60.0))
            found = self._following[key] = tuple(there.items())
        return found

    def _situations(self, facts: FlowFacts, cell: Cell) -> Iterator[Situation]:
        told = facts.told
        moments = [cell.moment]
        if told.calendars:
            moments = list(dict.fromkeys(at for _, at in self._edges(facts, cell)))
        if told.hours:
            moments = list(dict.fromkeys([*moments, *self._every_hour(cell)]))
        for sample in self._samples(facts, cell):
            for at in moments:
                caller = caller_facts(sample.caller)
                yield Situation(caller, at, sample.call_id, sample.seed)

    def _every_hour(self, cell: Cell) -> Iterator[float]:
        """A moment of every hour of the week that the cell has."""
        seen: set[tuple[int, int]] = set()
        for start, end in cell.when:
            at = start
            while at < end and len(seen) < _HOURS:
                local = datetime.fromtimestamp(at, self._book.zone)
                key = (local.weekday(), local.hour)
                if key not in seen:
                    seen.add(key)
                    yield at
                at = min(at - at % 3600 + 3600, end)
            if len(seen) >= _HOURS:
                return

    @staticmethod
    def _samples(facts: FlowFacts, cell: Cell) -> Iterator[Sample]:
        """Calls of the cell on every side of the flow's shares; of a flow that looks at callers freely several."""
        told = facts.told
        if not (told.shares or facts.caller_freely):
            yield from islice(cell.samples(), 1)
            return
        ids: list[int | None] = [*seeds(told, hidden=cell.who.facts.number is None)] or [None]
        seen: set[Hashable] = set()
        for index, sample in enumerate(islice(cell.samples(), _TRIED)):
            shown = caller_facts(sample.caller).number
            side: Hashable = (sides(shown, told.shares) if shown else (), index if facts.caller_freely else 0)
            if side in seen:
                continue
            seen.add(side)
            if sample.seed is not None:
                yield sample
            else:
                for seed in ids:
                    yield replace(sample, call_id="sample" if seed is None else call_id_of(seed), seed=seed)
            if len(seen) >= _MOST_SITUATIONS:
                return


def _targets(flow: Flow, found: FlowEnds) -> Iterator[tuple[tuple[str, str], Found]]:
    """What calls of the flow come to."""
    for queue, path in found.queues.items():
        yield ("queue", queue), path
    for name, path in found.nodes.items():
        definition = flow.nodes.get(name)
        if definition is None:
            continue
        for kind, option in (("voicemail", "box"), ("flow", "flow"), ("transfer", "to"), ("transfer", "line")):
            value = node_facts.option(definition, option)
            if isinstance(value, str) and (kind != "transfer" or node_facts.person(definition)):
                yield (kind, value), path
