"""Which numbers a change can touch: those whose facts or route changed, and those whose route leads to something that
did (a list, a calendar, a line, a flow with what it calls)."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from typing import Any, TypeVar

from ivr_flows.findings import Place
from ivr_flows.schema import plain
from ivr_flows.yaml_source import read_text
from router.landing import overflow_chain
from router.model import NOWHERE, Configuration, NumberFacts, Route

T = TypeVar("T")
Shape = Hashable
"""What decides how calls to a number go, without the number itself: numbers of one shape behave alike."""

_OF_ROUTES = tuple(item.name for item in fields(Route) if item.name not in ("number", "line", "flow", "place"))
_UNHEARD = ("title",)
"""Keys of a flow that no call shows."""


@dataclass(frozen=True, slots=True)
class Affected:
    """``shapes``: numbers that may behave differently, together where they behave alike, in the order of the
    configuration. ``flows`` are those whose calls may go another way than before; ``names`` the calendars, lines and
    flows that changed themselves; ``renamed``: old name of a flow → its new one. ``everything``: a setting that every
    call may show has changed."""

    shapes: tuple[tuple[str, ...], ...]
    flows: frozenset[str]
    names: frozenset[str] = frozenset()
    renamed: Mapping[str, str] = field(default_factory=dict)
    everything: bool = False

    @property
    def numbers(self) -> int:
        """How many numbers there are."""
        return sum(len(numbers) for numbers in self.shapes)


def affected(before: Configuration, after: Configuration) -> Affected:
    """What the step from ``before`` to ``after`` can touch."""
    calendars = _differing(before.calendars, after.calendars)
    lists = _differing(before.lists, after.lists)
    lines = _changed_lines(before, after)
    renamed = _renamed_flows(before, after)
    names = _differing_flows(before, after) | calendars | lines
    flows = _changed_flows(before, after, names)
    everything = (before.settings.timezone, before.settings.company) != (
        after.settings.timezone,
        after.settings.company,
    )
    old, new = _facts(before), _facts(after)
    shared = _shared_lines(before, after)
    reached = lists | calendars | lines | shared | flows
    changed = _changed_entries(old, new) | _changed_entries(before.routes, after.routes)
    if reached:
        for routes in (before.routes, after.routes):
            changed.update(number for number, route in routes.items() if _leads_to(route, reached))
    if before.instances != after.instances:
        changed.update(number for number, facts in old.items() if _instance_differs(before, after, facts))
    shapes: dict[Shape, list[str]] = {}
    for number in dict.fromkeys((*new, *old)) if everything else _in_order(changed, new, old):
        values = before.routes.get(number), after.routes.get(number), old.get(number), new.get(number)
        key = tuple(None if one is None else repr(bare(replace(one, number=""))) for one in values)
        shapes.setdefault(key, []).append(number)
    return Affected(tuple(map(tuple, shapes.values())), flows, frozenset(names), renamed, everything)


def bare(value: T) -> T:
    """``value`` without the places where it was written, which mean nothing to a call."""
    if isinstance(value, Place):
        return NOWHERE  # type: ignore[return-value]
    if isinstance(value, tuple):
        return tuple(bare(item) for item in value)  # type: ignore[return-value]
    if is_dataclass(value) and not isinstance(value, type):
        changes = {
            item.name: there
            for item in fields(value)
            if (found := getattr(value, item.name)) is not (there := bare(found)) and there != found
        }
        return replace(value, **changes) if changes else value
    return value


def _changed_entries(before: Mapping[str, Any], after: Mapping[str, Any]) -> set[str]:
    changed = {number for number, value in after.items() if before.get(number) is not value}
    changed.update(number for number in before if number not in after)
    return {number for number in changed if not _same(before.get(number), after.get(number))}


def _in_order(numbers: set[str], *orders: Mapping[str, Any]) -> list[str]:
    """``numbers`` in the order of the first of ``orders`` that has them."""
    if len(numbers) < 1_000:
        places = {
            number: index for order in reversed(orders) for index, number in enumerate(order) if number in numbers
        }
        return sorted(numbers, key=lambda number: (places.get(number, len(places)), number))
    return [number for number in dict.fromkeys(number for order in orders for number in order) if number in numbers]


def _same(before: object, after: object) -> bool:
    return before is after or before == after or bare(before) == bare(after)


def _differing(before: Mapping[str, Any], after: Mapping[str, Any]) -> set[str]:
    return {name for name in {*before, *after} if not _same(before.get(name), after.get(name))}


def _facts(configuration: Configuration) -> dict[str, NumberFacts]:
    return {facts.number: facts for facts in configuration.numbers}


def _instance_differs(before: Configuration, after: Configuration, facts: NumberFacts) -> bool:
    name = facts.instance
    return name is not None and before.instances.get(name) != after.instances.get(name)


def _changed_lines(before: Configuration, after: Configuration) -> set[str]:
    """Lines that changed, whose trunk did, and those that overflow to them."""
    trunks = _differing(before.trunks, after.trunks)
    changed = _differing(before.lines, after.lines)
    for configuration in (before, after):
        changed |= {line.name for line in configuration.lines.values() if line.trunk in trunks}
    for configuration in (before, after):
        for name in configuration.lines:
            if not changed.isdisjoint(overflow_chain(configuration.lines, name)):
                changed.add(name)
    return changed


def _shared_lines(before: Configuration, after: Configuration) -> set[str]:
    """Lines whose trunk carries the 400 number in no header: which number a call is for depends on all the numbers
    routed to them. Those at which such a route changed."""
    blind = {
        line.name
        for configuration in (before, after)
        for line in configuration.lines.values()
        if line.trunk in configuration.trunks and not configuration.trunks[line.trunk].original_called
    }
    if not blind:
        return set()
    changed = [
        route
        for number in {*before.routes, *after.routes}
        for route in (before.routes.get(number), after.routes.get(number))
        if route is not None and not _same(before.routes.get(number), after.routes.get(number))
    ]
    return {name for route in changed for name in _lines_of(route) if name in blind}


def _lines_of(route: Route) -> Iterator[str]:
    for name in (route.line, *(rule.line for rule in route.rules)):
        if name is not None:
            yield name


def _leads_to(route: Route, names: frozenset[str] | set[str]) -> bool:
    """Whether the route holds one of ``names``, wherever it may name lists, calendars, lines and flows."""
    if route.flow in names or route.line in names:
        return True
    for name in _OF_ROUTES:
        value = getattr(route, name)
        if value and any(text in names for text in _texts(value)):
            return True
    return False


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from _texts(item)
    elif is_dataclass(value) and not isinstance(value, type):
        for item in fields(value):
            yield from _texts(getattr(value, item.name))


def _differing_flows(before: Configuration, after: Configuration) -> set[str]:
    """Flows whose own meaning changed."""
    changed: set[str] = set()
    for name in {*before.flow_sources, *after.flow_sources}:
        old, new = before.flow_sources.get(name), after.flow_sources.get(name)
        if old is None or new is None or (old[1] != new[1] and flow_tree(old[1]) != flow_tree(new[1])):
            changed.add(name)
    return changed


def _changed_flows(before: Configuration, after: Configuration, names: set[str]) -> frozenset[str]:
    """Flows among ``names`` and those that name one of them."""
    texts: dict[str, list[str]] = {}
    for side in (before, after):
        for name, source in side.flow_sources.items():
            texts.setdefault(name, []).append(source[1])
    changed = names & texts.keys()
    wanted = set(names)
    while wanted:
        wanted = {
            flow
            for flow, there in texts.items()
            if flow not in changed and any(name in text for text in there for name in wanted)
        }
        changed |= wanted
    return frozenset(changed)


def flow_tree(text: str) -> object:
    """What a flow's text says, comments and layout and what no call shows left out."""
    tree = plain(read_text(text, "flow").root)
    return {key: value for key, value in tree.items() if key not in _UNHEARD} if isinstance(tree, dict) else tree


def _renamed_flows(before: Configuration, after: Configuration) -> dict[str, str]:
    """Flows that are gone and came back under another name with the same content."""
    gone = {name for name in before.flow_sources if name not in after.flow_sources}
    come = [name for name in after.flow_sources if name not in before.flow_sources]
    found: dict[str, str] = {}
    for name in come:
        content = _nameless(after.flow_sources[name][1])
        for old in sorted(gone):
            if _nameless(before.flow_sources[old][1]) == content:
                found[old] = name
                gone.discard(old)
                break
    return found


def _nameless(text: str) -> object:
    tree = flow_tree(text)
    return {key: value for key, value in tree.items() if key != "flow"} if isinstance(tree, dict) else tree
