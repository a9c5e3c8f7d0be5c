"""``hours``: branch by a calendar, at the moment of the last result."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from ..findings import Finding, Text
from ..schema import Strict, unknown_name
from .kind import Branches, Enter, NodeType

if TYPE_CHECKING:
    from ..commands import Command
    from ..compiler import Wiring
    from ..definition import NodeDefinition
    from ..environment import Environment
    from ..session import Session, Step


class HoursOptions(Strict):
    """``calendar`` names one of ``calendars.yaml``."""

    calendar: str


def _check(node: NodeDefinition, environment: Environment) -> Iterable[Finding]:
    known = environment.calendars
    name = node.options.calendar
    if known is not None and name not in known:
        yield unknown_name(node.option_place("calendar"), Text("calendar", "日历"), name, known, "unknown-calendar")


def _compile(node: NodeDefinition, wiring: Wiring) -> Enter:
    calendars = wiring.environment.calendars
    if calendars is None:
        raise KeyError(node.options.calendar)
    state = calendars[node.options.calendar]
    targets = {name: wiring.branch(node, name) for name in ("open", "closed", "holiday")}

    def enter(session: Session, at: float) -> Command | Step:
        return targets[state(at)]  # type: ignore[return-value]  # open and closed are required, holiday falls

    return enter


HOURS = NodeType(
    "hours",
    HoursOptions,
    _compile,
    Branches("on", ("open", "closed", "holiday"), ("open", "closed"), {"holiday": "closed"}),
    main="calendar",
    needs_caller=False,
    check=_check,
)
