"""The explorer over a whole number: its routes decide which flow a call enters, the flow's paths go on from there.

Callers, moments and call ids that matter (`situations`) are placed through the simulated carrier as a test call is;
what rule took them to which flow is read off the resolution. Every path that is reported was replayed by the driver
of virtual time with the very call that is shown.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, tzinfo
from typing import Any

from ivr_flows import Flow, FlowDefinition
from ivr_flows.explore import DEFAULT_PATHS, DEFAULT_VISITS, Coverage, Exploration, Found, Pace, Search, Situation
from ivr_flows.explore.coverage import coverage, steps_of
from ivr_flows.session import Session
from router.arrival import refuse
from router.book import RouteBook
from router.callers import caller_facts
from router.entry_flows import FORWARDING
from router.model import Configuration, Route
from router.number400 import Number400
from router.record import CallRecord

from .call import TestCall, call_id_of
from .parties import ANSWER_AFTER, TALK, AgentScript, TargetScript
from .placing import Placed, place
from .script import FIRST_KEY_AFTER, KEY_GAP, SPEAKS_FOR, PressScript
from .situations import Told, callers, moments, seeds, told_apart
from .virtual import run_virtual

PACE = Pace(FIRST_KEY_AFTER, KEY_GAP, ANSWER_AFTER, TALK, SPEAKS_FOR)


@dataclass(frozen=True, slots=True)
class Way:
    """One path of a number with its call. ``rule`` and ``flow`` as in a call record, but that of a forwarding is
    `FORWARDING`; a call that enters no flow has neither path nor presses."""

    number: str
    rule: str | None
    flow: str | None
    found: Found
    forced: bool = False

    def command(self, zone: tzinfo) -> str:
        """The ``line400 call …`` that takes this path, ready to copy."""
        situation, found = self.found.situation, self.found
        words = ["line400", "call", Number400.parse(self.number).grouped]
        if situation.caller.number is not None:
            words += ["--from", situation.caller.number]
        words += ["--at", datetime.fromtimestamp(situation.at, zone).isoformat(), "--press", found.press]
        if found.agents is not None:
            words += ["--agents", found.agents]
        if found.target is not None:
            words += ["--target", found.target]
        if situation.seed is not None:
            words += ["--seed", str(situation.seed)]
        if found.data:
            words += ["--data", json.dumps(found.data, ensure_ascii=False)]
        if self.forced and self.flow is not None:
            words += ["--flow", self.flow]
        return shlex.join(words)

    def as_json(self, zone: tzinfo) -> dict[str, object]:
        """As ``explore --json`` prints it."""
        found = self.found
        return {
            "path": list(found.path),
            "press": found.press,
            "outcome": found.outcome,
            "call": self.command(zone),
            "flow": None if self.flow == FORWARDING else self.flow,
            "rule": self.rule,
            "seconds": found.seconds,
        }


@dataclass(slots=True)
class Part:
    """What one flow does for one number. ``definition`` is the flow as it was written: what was ``explored`` may begin
    with a PIN."""

    flow: str
    rule: str | None
    explored: Exploration
    definition: FlowDefinition

    def seen(self) -> set[tuple[str, str]]:
        """The steps of the flow that some call takes, without those before it."""
        nodes = self.definition.nodes
        return {(one if one in nodes else "", other) for one, other in self.explored.seen if other in nodes}


@dataclass(slots=True)
class Explored:
    """What was found of a flow or a number. ``disagreeing`` are paths whose replay took another way: they are left
    out, and the exploration is then not complete."""

    zone: tzinfo
    parts: list[Part] = field(default_factory=list)
    ways: list[Way] = field(default_factory=list)
    disagreeing: list[tuple[Way, CallRecord]] = field(default_factory=list)

    @property
    def complete(self) -> bool:
        """Whether every path is among ``ways``."""
        return not self.disagreeing and all(part.explored.complete for part in self.parts)

    def bound(self) -> dict[str, object]:
        """The bounds, and those that cut something off."""
        reached = {name for part in self.parts for name in part.explored.bound.reached}
        if self.disagreeing:
            reached.add("replay")
        first = self.parts[0].explored.bound if self.parts else None
        return {
            "visits": first.visits if first else DEFAULT_VISITS,
            "paths": first.paths if first else DEFAULT_PATHS,
            "reached": sorted(reached),
        }

    def coverages(self) -> dict[str, Coverage]:
        """What of each flow some call takes, all its parts together."""
        seen: dict[str, set[tuple[str, str]]] = {}
        flows = {}
        for part in self.parts:
            seen.setdefault(part.flow, set()).update(part.seen())
            flows[part.flow] = part.definition
        return {name: coverage(flows[name], steps) for name, steps in seen.items()}

    def best(self, of: Callable[[Exploration], Found | None], key: Callable[[Found], Any]) -> Way | None:
        """The best of what ``of`` gives for each part."""
        found = [(part, best) for part in self.parts if (best := of(part.explored)) is not None]
        if not found:
            return None
        part, best = min(found, key=lambda item: key(item[1]))
        alike = next(
            (way for way in self.ways if way.flow == part.flow and way.found.situation == best.situation), None
        )
        alike = alike or next((way for way in self.ways if way.flow == part.flow), None)
        return None if alike is None else replace(alike, found=best)

    def keys_to_ends(self) -> list[Way]:
        """The shortest way to each end: last node and outcome of each flow."""
        best: dict[tuple[str | None, str, str], Way] = {}
        for way in self.ways:
            key = (way.flow, way.found.path[-1] if way.found.path else "", way.found.outcome)
            there = best.get(key)
            if there is None or way.found.cost < there.found.cost:
                best[key] = way
        return list(best.values())

    def as_json(self) -> dict[str, object]:
        """As ``explore --json`` prints it, without the findings."""
        zone = self.zone
        nearest = self.best(Exploration.shortest_to_human, lambda found: found.talked_after)
        quiet = self.best(lambda explored: explored.quietest, lambda found: -found.quiet[0])
        return {
            "paths": [way.as_json(zone) for way in self.ways],
            "complete": self.complete,
            "bound": self.bound(),
            "coverage": {name: covered.as_json() for name, covered in self.coverages().items()},
            "always_before_human": {part.flow: part.explored.before_human() for part in self.parts},
            "shortest_to_human": None
            if nearest is None
            else {**nearest.as_json(zone), "seconds": nearest.found.talked_after},
            "longest_silence": None
            if quiet is None
            else {**quiet.as_json(zone), "seconds": quiet.found.quiet[0], "node": quiet.found.quiet[1]},
            "ends": [
                {
                    "node": way.found.path[-1] if way.found.path else None,
                    "flow": way.flow,
                    "outcome": way.found.outcome,
                    "press": way.found.press,
                    "call": way.command(zone),
                }
                for way in self.keys_to_ends()
            ],
        }


@dataclass(frozen=True, slots=True)
class Limits:
    """How far to go: paths in all, visits of a loop; ``hang_ups`` in the middle of things; ``every`` path, or only as
    many as it takes to see every branch."""

    paths: int = DEFAULT_PATHS
    visits: int = DEFAULT_VISITS
    hang_ups: bool = True
    every: bool = True


def explore_number(
    configuration: Configuration,
    book: RouteBook,
    number: str,
    at: float,
    limits: Limits = Limits(),
) -> Explored:
    """Every way of a call to ``number`` (canonical), from the moment ``at`` on."""
    explored = Explored(book.zone)
    groups = _arrivals(configuration, book, number, at)
    for (rule, flow), placed in groups.items():
        session = placed[0][1].arrival.session
        if flow is None or session is None:
            seen: set[tuple[str | None, str | None]] = set()
            for situation, arrival in placed:
                record = _refused(arrival, situation.at)
                key = (record.outcome, record.fault.code if record.fault else None)
                if key not in seen:
                    seen.add(key)
                    found = Found((), "", record.outcome or "", situation, fault=record.fault)
                    _keep(explored, book, Way(number, rule, None, found))
            continue
        _explore(explored, book, number, rule, session.flow, [situation for situation, _ in placed], limits)
    return explored


def explore_flow(
    configuration: Configuration,
    book: RouteBook,
    flow: str,
    at: float,
    limits: Limits = Limits(),
) -> Explored:
    """Every path of ``flow``. The calls dial a number that leads to it; where none does in the situation of a path,
    the call says so by ``--flow``.

    Raises:
        KeyError: there is no such flow.
        LookupError: there is no number to dial.
    """
    book.flow(flow)
    explored = Explored(book.zone)
    number = _number_for(configuration, book, flow, at)
    told = told_apart(book, configuration, book.route(number), [flow])
    direct = with_flow(configuration, number, flow, book.revision)
    natural: list[Situation] = []
    forced: list[Situation] = []
    for situation in _situations(direct, told, at):
        placed = _place(direct, number, situation)
        if placed.arrival.session is not None:
            leads_there = _place(book, number, situation).arrival.record.flow == flow
            (natural if leads_there else forced).append(_situation(placed, situation))
    if not natural and not forced:
        return explored
    # Where both kinds take a path, the first, which the routes lead here by themselves, is shown.
    _explore(explored, direct, number, None, direct.flow(flow), natural + forced, limits)
    for index, way in enumerate(explored.ways):
        record = _place(book, number, way.found.situation).arrival.record
        leads_there = record.flow == flow
        explored.ways[index] = replace(way, rule=record.rule if leads_there else None, forced=not leads_there)
    return explored


def with_flow(configuration: Configuration, number: str, flow: str, revision: str = "") -> RouteBook:
    """The book in which ``number`` runs ``flow`` whatever its rules say: what ``--flow`` calls with."""
    there = configuration.routes.get(number)
    line = (there.line if there else None) or next(iter(configuration.lines), None)
    routes = {**configuration.routes, number: Route(number, line, flow, hunt=there.hunt if there else None)}
    return RouteBook.compile(replace(configuration, routes=routes), revision)


def suite_coverage(book: RouteBook, records: Iterable[CallRecord], flows: Iterable[str]) -> dict[str, Coverage]:
    """What of ``flows`` the calls of a scenario suite take."""
    seen: dict[str, set[tuple[str, str]]] = {name: set() for name in flows if name in book.environment.flows}
    for record in records:
        if record.flow in seen:
            seen[record.flow].update(steps_of(record.path, book.flow(record.flow).definition.nodes))
    return {name: coverage(book.flow(name).definition, steps) for name, steps in seen.items()}


def replay(book: RouteBook, way: Way) -> CallRecord:
    """Place the call of ``way`` in virtual time."""
    found, situation = way.found, way.found.situation
    return run_virtual(
        book,
        TestCall(way.number, situation.caller.number, situation.at, situation.call_id, found.data),
        PressScript.parse(found.press),
        AgentScript.parse(found.agents or "none"),
        TargetScript.parse(found.target or "answer"),
    )


def _explore(
    explored: Explored,
    book: RouteBook,
    number: str,
    rule: str | None,
    flow: Flow,
    situations: Sequence[Situation],
    limits: Limits,
) -> None:
    name = flow.name
    search = Search(flow.definition, book.environment, situations, PACE, limits.hang_ups, limits.paths, limits.visits)
    exploration = search.paths() if limits.every else search.cover()
    written = flow.definition if name == FORWARDING else book.flow(name).definition
    explored.parts.append(Part(name, rule, exploration, written))
    for found in exploration.paths:
        _keep(explored, book, Way(number, rule, name, found))


def _keep(explored: Explored, book: RouteBook, way: Way) -> None:
    record = replay(book, way)
    if tuple(record.path) == way.found.path and record.outcome == way.found.outcome:
        explored.ways.append(way)
    else:
        explored.disagreeing.append((way, record))


def _arrivals(
    configuration: Configuration, book: RouteBook, number: str, at: float
) -> dict[tuple[str | None, str | None], list[tuple[Situation, Placed]]]:
    """Situations by the rule that takes them and the flow that it leads to, in the order of the rules."""
    route = book.route(number)
    told = told_apart(book, configuration, route, _flows_of(route))
    groups: dict[tuple[str | None, str | None], list[tuple[Situation, Placed]]] = {}
    for situation in _situations(book, told, at):
        placed = _place(book, number, situation)
        record = placed.arrival.record
        session = placed.arrival.session
        entered = session.flow.name if session is not None else None
        groups.setdefault((record.rule, entered), []).append((_situation(placed, situation), placed))
    order = {rule.name: index for index, rule in enumerate(route.rules)} if route else {}
    return dict(sorted(groups.items(), key=lambda item: order.get(item[0][0] or "", len(order))))


def _flows_of(route: Route | None) -> list[str]:
    if route is None:
        return []
    names = [
        route.flow,
        *(rule.flow for rule in route.rules),
        *(name for rule in route.rules for name, _ in rule.split),
        *(name for rule in route.rules if rule.forward for _, name in rule.forward.on),
    ]
    return list(dict.fromkeys(name for name in names if name))


def _situations(book: RouteBook, told: Told, at: float) -> list[Situation]:
    who = callers(told)
    when = moments(told, book, at)
    found: list[Situation] = []
    for caller in who:
        ids: list[int | None] = [*seeds(told, hidden=caller is None)]
        for seed in ids or [None]:
            call_id = "explore" if seed is None else call_id_of(seed)
            found.extend(Situation(caller_facts(caller), moment, call_id, seed) for moment in when)
    return found


def _place(book: RouteBook, number: str, situation: Situation) -> Placed:
    return place(book, TestCall(number, situation.caller.number, situation.at, situation.call_id))


def _situation(placed: Placed, situation: Situation) -> Situation:
    """The situation with what the arrival made of it."""
    session: Session | None = placed.arrival.session
    if session is None:
        return situation
    context = session.context
    return replace(
        situation,
        caller=placed.arrival.caller,
        line=context.line,
        called=context.called,
        company=context.company,
        instance=context.instance,
    )


def _refused(placed: Placed, at: float) -> CallRecord:
    refusal = placed.arrival.refusal
    assert refusal is not None, "a call without a flow was refused"
    return refuse(placed.arrival.record, refusal, at, placed.fallback_announcement)


def _number_for(configuration: Configuration, book: RouteBook, flow: str, at: float) -> str:
    """A number that leads to ``flow``, else any that can be called."""
    connected = None
    for number in book.numbers():
        route = configuration.routes.get(number)
        if flow in _flows_of(route) and book.connectable(number, at) is None:
            return number
        if connected is None and book.connectable(number, at) is None:
            connected = number
    if connected is None:
        raise LookupError(flow)
    return connected
