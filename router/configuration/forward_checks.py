"""Forwardings that come back to us: 400 → base number → 400. The leg would be a call to ourselves, again and again."""

from __future__ import annotations

from ivr_flows.findings import Text
from router.landing import overflow_chain
from router.model import Route

from .consistency import grouped
from .line_checks import lines_of
from .parts import Parts


def check_forwards(parts: Parts, routes: dict[str, Route]) -> None:
    """Report forwardings to one of our 400 numbers, and to a base number on which one of them lands."""
    forwards = [(route, rule) for route in routes.values() for rule in route.rules if rule.forward is not None]
    if not forwards:
        return
    numbers = {facts.number for facts in parts.numbers}
    landing = _landing(parts, routes)
    base_numbers = {line.base_number: name for name, line in parts.lines.items()}
    for route, rule in forwards:
        forward = rule.forward
        assert forward is not None
        line = forward.line if forward.to is None else base_numbers.get(forward.to)
        back = forward.to if forward.to in numbers else landing.get(line) if line is not None else None
        if back is None:
            continue
        way = [grouped(route.number)]
        if line is not None and line in parts.lines:
            way.append(parts.lines[line].base_number)
        shown = " → ".join([*way, grouped(back)])
        parts.report(
            "forwarding-loop",
            rule.place,
            Text(
                f"The forwarding of `{rule.name}` comes back to us: {shown}.",
                f"规则 `{rule.name}` 的转接会回到我们自己：{shown}。",
            ),
            Text(
                "Forward to a number outside, or name the flow of that number in the rule.",
                "请转接到外部号码，或在规则中直接写该号码的流程。",
            ),
        )


def _landing(parts: Parts, routes: dict[str, Route]) -> dict[str, str]:
    """Line → a 400 number whose calls may arrive there."""
    found: dict[str, str] = {}
    for route in routes.values():
        for first in lines_of(route):
            if first in parts.lines:
                for name in overflow_chain(parts.lines, first):
                    found.setdefault(name, route.number)
    return found
