"""Lines that do not fit together: base numbers of two lines, overflow in circles, default numbers routed elsewhere."""

from __future__ import annotations

from ivr_flows.findings import Place, Text
from ivr_flows.schema import nearest
from ivr_flows.yaml_source import Mapping
from router.landing import overflow_chain
from router.model import Line, Route
from router.route_options import LINE_STATES, LineState

from .consistency import grouped
from .folder import LINES
from .parts import Parts, section


def check_lines(parts: Parts, routes: dict[str, Route]) -> None:
    """Report base numbers of two lines, overflow in circles and default numbers that are not routed there."""
    tree = section(parts, LINES, "lines", Mapping)
    owners: dict[str, Line] = {}
    for line in parts.lines.values():
        entry = tree.get(line.name) if tree else None

        def place(key: str, entry: object = entry, line: Line = line) -> Place:
            return entry.place_of(key) if isinstance(entry, Mapping) else line.place

        owner = owners.setdefault(line.base_number, line)
        if owner is not line:
            parts.report(
                "base-number-shared",
                place("base_number"),
                Text(
                    f"The base number {line.base_number} belongs to the line `{owner.name}` already.",
                    f"底号 {line.base_number} 已属于线路 `{owner.name}`。",
                ),
                Text(
                    "One base number is one line; several 400 numbers may share the line.",
                    "一个底号只能属于一条线路；多个 400 号码可共用一条线路。",
                ),
            )
        _check_default_number(parts, line, routes, place("default_number"))
    _check_overflow(parts, tree)


def _check_default_number(parts: Parts, line: Line, routes: dict[str, Route], place: Place) -> None:
    number = line.default_number
    if number is None:
        return
    known = {facts.number for facts in parts.numbers}
    if number not in known:
        if parts.numbers_known:
            close = nearest(number, known) if len(known) <= 2_000 else None
            parts.report(
                "unknown-number",
                place,
                Text(f"There is no number {grouped(number)}.", f"没有号码 {grouped(number)}。"),
                Text(f"Did you mean {grouped(close)}?", f"是否想写 {grouped(close)}？")
                if close
                else Text("Add it to numbers.yaml.", "请加入 numbers.yaml。"),
            )
        return
    route = routes.get(number)
    named = lines_of(route) if route else set()
    if not parts.routes_known or not named <= set(parts.lines):
        return  # reported where it stands
    reached = {name for first in named for name in overflow_chain(parts.lines, first)}
    if line.name not in reached:
        parts.report(
            "default-number-elsewhere",
            place,
            Text(
                f"{grouped(number)} is the default number of `{line.name}`, but is not routed to this line.",
                f"{grouped(number)} 是线路 `{line.name}` 的默认号码，但没有路由到该线路。",
            ),
            Text(
                f"Name a number that routes.yaml routes to `{line.name}`.", f"请写一个已路由到 `{line.name}` 的号码。"
            ),
            "warning",
        )


def lines_of(route: Route) -> set[str]:
    """Every line on which the route lets the carrier deliver, those of huntings among them."""
    named = {route.line, *(rule.line for rule in route.rules)}
    for hunt in (route.hunt, *(rule.hunt for rule in route.rules)):
        named.update(hunt.lines if hunt else ())
    return {name for name in named if name is not None}


def _check_overflow(parts: Parts, tree: Mapping | None) -> None:
    """Circles by one reason: a call that goes round for the same reason finds every line as it left it."""
    reported: set[frozenset[str]] = set()
    for reason in LINE_STATES:
        for name in parts.lines:
            circle = _circle(parts, reason, name)
            if circle is None or frozenset(circle) in reported:
                continue
            reported.add(frozenset(circle))
            last = tree.get(circle[-2]) if tree else None
            shown = " → ".join(circle)
            parts.report(
                "overflow-cycle",
                last.place_of("overflow") if isinstance(last, Mapping) else parts.lines[circle[0]].place,
                Text(f"Overflow goes in a circle: {shown}.", f"溢出线路成环：{shown}。"),
                Text("Let the last line of the chain overflow nowhere.", "请让最后一条线路不再溢出。"),
            )


def _circle(parts: Parts, reason: LineState, first: str) -> tuple[str, ...] | None:
    """A way from ``first`` back to itself over lines that overflow for ``reason``, ``first`` at both ends."""
    ways: list[tuple[str, ...]] = [(first,)]
    seen: set[str] = set()
    while ways:
        way = ways.pop(0)
        for name in parts.lines[way[-1]].overflow.behind(reason):
            if name == first:
                return (*way, name)
            if name in parts.lines and name not in seen:
                seen.add(name)
                ways.append((*way, name))
    return None
