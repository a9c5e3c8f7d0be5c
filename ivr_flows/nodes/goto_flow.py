"""``goto_flow``: go on in another flow, from which the call does not come back."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from pydantic import Field

from ..expressions import compile_value
from ..findings import Finding, Text
from ..schema import Strict, unknown_name
from .kind import Branches, Enter, NodeType
from .variables import VariableName

if TYPE_CHECKING:
    from ..commands import Command
    from ..compiler import Wiring
    from ..definition import NodeDefinition
    from ..environment import Environment
    from ..session import Session, Step


class GotoFlowOptions(Strict):
    """``flow`` names the flow that the call goes on in, at its start. ``with_`` (``with``): variables given before."""

    flow: str
    with_: dict[VariableName, str | None] = Field(default_factory=dict, alias="with")


def _texts(options: GotoFlowOptions) -> Iterable[tuple[tuple[str | int, ...], str]]:
    for name, value in options.with_.items():
        if value:
            yield ("with", name), value


def _check(node: NodeDefinition, environment: Environment) -> Iterable[Finding]:
    known = environment.flows
    name = node.options.flow
    if known is not None and name not in known:
        yield unknown_name(node.option_place("flow"), Text("flow", "流程"), name, known, "unknown-flow")


def _compile(node: NodeDefinition, wiring: Wiring) -> Enter:
    options: GotoFlowOptions = node.options
    entered = wiring.entrance(options.flow)
    if entered is None:
        return _unavailable(options.flow)
    first, hook = entered
    arguments = [(name, compile_value(text) if text is not None else None) for name, text in options.with_.items()]

    def enter(session: Session, at: float) -> Command | Step:
        values = [(name, value(session, at) if callable(value) else value) for name, value in arguments]
        while session.frames:
            session.leave_subflow()
        if values:
            session.variables.update(values)
        if hook is not None:
            session.on_hangup = hook
        return first

    return enter


def _unavailable(name: str) -> Enter:
    message = Text(f"The flow `{name}` cannot be run here.", f"流程 `{name}` 无法在此运行。")
    return lambda session, at: session.fail("flow_unavailable", "configuration", message)


GOTO_FLOW = NodeType(
    "goto_flow",
    GotoFlowOptions,
    _compile,
    Branches("none"),
    main="flow",
    needs_caller=False,
    texts=_texts,
    defines=lambda options: tuple(options.with_),
    check=_check,
)
