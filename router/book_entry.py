"""What the route book keeps of each number: few objects, shared by all numbers that have the same.

A number costs its key and a reference; a `Plan` exists once per distinct line, flow and rules, an `Entry` once per
distinct plan, state and dates, an `Owner` once per company and instance.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, tzinfo

from ivr_flows.environment import Instance

from .calendars import Calendar
from .landing import Landings
from .lifecycle import DELIVERED, seeded_state, service_window
from .model import Configuration, LifeState, Line, Route, Rule
from .patterns import PatternSet
from .route_options import Handling
from .rules import CompiledRule, compile_rule, handling_of

_NEVER = (float("inf"), float("-inf"))


class Plan:
    """The compiled route that numbers share. ``lines`` are all that the carrier may choose: the default line, those of
    the rules, those of huntings. ``handling`` is that of a call that no rule takes; ``plain``: a line and a flow are
    all there is."""

    __slots__ = ("base_number", "caps", "flow", "handling", "hunt", "line", "lines", "pin", "plain", "rules", "source")

    def __init__(self, route: Route | None, lines: Mapping[str, Line], rules: tuple[CompiledRule, ...]) -> None:
        self.line = route.line if route else None
        self.flow = route.flow if route else None
        self.rules = rules
        self.hunt = route.hunt if route else None
        self.caps = route.caps if route else None
        self.pin = route.pin if route else None
        self.handling = handling_of(self.pin)
        self.plain = not rules and self.hunt is None and self.caps is None and self.pin is None
        self.source: tuple[Rule, ...] = route.rules if route else ()
        self.base_number = lines[self.line].base_number if self.line is not None else None
        named = [self.line, *(rule.line for rule in rules)]
        for hunt in (self.hunt, *(rule.hunt for rule in rules)):
            named.extend(hunt.lines if hunt else ())
        self.lines = tuple(dict.fromkeys(name for name in named if name is not None))
        for name in self.lines:
            lines[name]  # a name that nothing defines must not wait for a call

    def handled(self) -> Iterator[tuple[Handling, str | None]]:
        """How calls may be handled beside a flow alone, and the flow that they lead to (None: a forwarding)."""
        if self.handling is not None and self.flow is not None:
            yield self.handling, self.flow
        for rule, written in zip(self.rules, self.source, strict=True):
            if rule.handling is None or rule.reject is not None:
                continue
            if rule.handling.forward is not None:
                yield rule.handling, None
            else:
                flows = dict(written.split) or (rule.flow or self.flow,)
                yield from ((rule.handling, name) for name in flows if name is not None)

    def as_route(self, number: str) -> Route:
        """The route of ``number``, as the configuration has it."""
        return Route(number, self.line, self.flow, self.source, hunt=self.hunt, caps=self.caps, pin=self.pin)


class Entry:
    """What routing asks of a number; numbers with the same plan, state and dates share it. ``first`` and ``last`` bound
    the moments at which the binding answers without asking anything else: bound, in service, no rules; elsewhere they
    are empty. ``window`` is the service window."""

    __slots__ = ("first", "last", "plan", "state", "window")

    def __init__(self, plan: Plan, state: LifeState, window: tuple[float, float]) -> None:
        self.plan = plan
        self.state = state
        self.window = window
        simple = state == "bound" and plan.plain and plan.line is not None and plan.flow is not None
        self.first, self.last = window if simple else _NEVER


@dataclass(frozen=True, slots=True)
class Owner:
    """Who uses a number: the company, ``""`` for the configuration's own, and its call centre."""

    company: str = ""
    instance: Instance = field(default_factory=Instance)


@dataclass(frozen=True, slots=True)
class Entries:
    """The numbers of a book. ``owners`` holds only those that differ from ``Owner()``: they are kept apart because a
    resolve does not ask for them, and few shared entries stay in the processor's cache. ``capped`` are the numbers with
    a cap on calls per month, ``handled`` the plans whose calls are not all handled by their flow alone."""

    routing: dict[str, Entry]
    owners: dict[str, Owner]
    capped: list[str] = field(default_factory=list)
    handled: list[Plan] = field(default_factory=list)


def read_entries(
    configuration: Configuration,
    states: Mapping[str, LifeState],
    calendars: Mapping[str, Calendar],
    zone: tzinfo,
    landings: Landings,
) -> Entries:
    """The entry of every number; counts each number on its lines in ``landings``.

    Raises:
        KeyError: a route names a line, list or calendar that is not defined.
    """
    lists = {name: PatternSet(patterns) for name, patterns in configuration.lists.items()}
    plans: dict[tuple[str | None, str | None], Plan] = {}
    windows: dict[tuple[date | None, date | None, bool], tuple[float, float]] = {}
    shared: dict[tuple[int, LifeState, tuple[float, float]], Entry] = {}
    owners: dict[tuple[str, str | None], Owner] = {("", None): Owner()}
    entries = Entries({}, {})
    for facts in configuration.numbers:
        route = configuration.routes.get(facts.number)
        plan = _plan(route, plans, configuration.lines, lists, calendars)
        if not plan.plain:
            entries.handled.append(plan)
        state = states.get(facts.number) or seeded_state(facts, route)
        dates = (facts.purchased, facts.expires, facts.auto_renew)
        window = windows.get(dates)
        if window is None:
            window = windows[dates] = service_window(facts, zone)
        key = (id(plan), state, window)
        entry = shared.get(key)
        if entry is None:
            entry = shared[key] = Entry(plan, state, window)
        entries.routing[facts.number] = entry
        if plan.caps is not None and plan.caps.max_calls_per_month is not None:
            entries.capped.append(facts.number)
        company = "" if facts.company == configuration.settings.company else facts.company
        if company or facts.instance:
            owner = owners.get((company, facts.instance))
            if owner is None:
                owner = owners[company, facts.instance] = Owner(company, _instance(configuration, facts.instance))
            entries.owners[facts.number] = owner
        live = state in DELIVERED and plan.flow is not None
        # A call of which nobody can tell the number must not pass by the PIN of one of them.
        landings.add(facts.number, None if plan.pin else plan.flow, plan.lines, live=live)
    return entries


def _plan(
    route: Route | None,
    plans: dict[tuple[str | None, str | None], Plan],
    lines: Mapping[str, Line],
    lists: Mapping[str, PatternSet],
    calendars: Mapping[str, Calendar],
) -> Plan:
    if route is not None and (route.rules or route.hunt or route.caps or route.pin):
        return Plan(route, lines, tuple(compile_rule(rule, lists, calendars, route.pin) for rule in route.rules))
    key = (route.line, route.flow) if route else (None, None)
    plan = plans.get(key)
    if plan is None:
        plan = plans[key] = Plan(route, lines, ())
    return plan


def _instance(configuration: Configuration, name: str | None) -> Instance:
    """The call centre ``name``; one that the configuration does not describe has the default queue."""
    if name is None:
        return Instance()
    queue = configuration.instances.get(name)
    return Instance(name) if queue is None else Instance(name, queue)
