"""A base number that several 400 numbers share while nothing tells which of them was called: the trunk carries no
original called number, the line has no ``default_number``, and the numbers have different flows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time

from ivr_flows.findings import Text
from router.landing import Landings
from router.lifecycle import DELIVERED, seeded_state

from ...consistency import grouped
from ...line_checks import lines_of
from ..rule import Problem, RouteRule
from ..subject import Subject


def check(subject: Subject) -> Iterator[Problem]:
    """Every line on which calls end as ``ambiguous_number``."""
    configuration = subject.configuration
    silent = [
        line
        for line in configuration.lines.values()
        if line.default_number is None and not configuration.trunks[line.trunk].original_called
    ]
    if not silent:
        return
    landings = Landings(configuration.lines)
    on_line: dict[str, list[str]] = {}
    for facts in configuration.numbers:
        route = configuration.routes.get(facts.number)
        if route is None:
            continue
        live = seeded_state(facts, route) in DELIVERED and route.flow is not None
        lines = lines_of(route)
        landings.add(facts.number, None if route.pin else route.flow, lines, live=live)
        for name in lines if live else ():
            on_line.setdefault(name, []).append(facts.number)
    settled = landings.settle()
    for line in silent:
        landing = settled[line.name]
        if not landing.several or not landing.mixed:
            continue
        numbers = on_line.get(line.name, [])
        shown = ", ".join(grouped(number) for number in numbers[:3]) + (" …" if len(numbers) > 3 else "")
        noon = datetime.combine(subject.day, time(12))
        yield Problem(
            line.place,
            Text(
                f"Several 400 numbers land on `{line.name}` ({shown}) and its trunk `{line.trunk}` never says which "
                "was called: such calls go to the fallback.",
                f"多个 400 号码落地在 `{line.name}`（{shown}），而中继 `{line.trunk}` 不带原被叫：来电会转入备用方案。",
            ),
            Text(
                "Name a `default_number`, have the carrier send a header (`original_called` of the trunk), or give "
                "each number a line of its own.",
                "请写 `default_number`，或请运营商带原被叫（中继的 `original_called`），或让每个号码使用自己的线路。",
            ),
            example=f"line400 resolve {line.base_number} --at {noon.isoformat(timespec='minutes')} --no-store",
        )


RULE = RouteRule(
    "ambiguous-line",
    "warning",
    Text("a shared base number that tells no 400 number", "共用底号且不带原被叫"),
    Text("shared base numbers that tell no 400 number", "共用且不带原被叫的底号"),
    check,
    behaviour=True,
)
