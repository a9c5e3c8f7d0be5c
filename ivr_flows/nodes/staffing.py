"""``staffing``: whether anybody is signed in at a queue."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from ..commands import Staffing
from ..expressions import is_template
from ..findings import Finding, Text
from ..results import Staffed
from ..schema import Strict, unknown_name
from .kind import Branches, Enter, NodeType

if TYPE_CHECKING:
    from ..commands import Command
    from ..compiler import Wiring
    from ..definition import NodeDefinition
    from ..environment import Environment
    from ..results import Result
    from ..session import Session, Step


class StaffingOptions(Strict):
    """``queue`` names a queue."""

    queue: str


def _texts(options: StaffingOptions) -> Iterable[tuple[tuple[str | int, ...], str]]:
    yield ("queue",), options.queue


def _check(node: NodeDefinition, environment: Environment) -> Iterable[Finding]:
    known = environment.queues
    name = node.options.queue
    if known is not None and not is_template(name) and name not in known:
        yield unknown_name(node.option_place("queue"), Text("queue", "队列"), name, known, "unknown-queue")


def _compile(node: NodeDefinition, wiring: Wiring) -> Enter:
    staffed, unstaffed = (wiring.steps[node.on[name].name] for name in ("staffed", "unstaffed"))
    made = wiring.command((wiring.text(node.options.queue),), Staffing)

    def after(session: Session, result: Result) -> Command | Step:
        agents = result.agents if isinstance(result, Staffed) else 0
        session.last = agents
        return staffed if agents > 0 else unstaffed

    def enter(session: Session, at: float) -> Command | Step:
        session.wait_for(after)
        command: Staffing = made(session, at) if callable(made) else made
        return command

    return enter


STAFFING = NodeType(
    "staffing",
    StaffingOptions,
    _compile,
    Branches("on", ("staffed", "unstaffed"), ("staffed", "unstaffed")),
    main="queue",
    texts=_texts,
    check=_check,
)
