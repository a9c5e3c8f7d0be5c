"""``return``: end a subflow with one of its caller's branches; in a main flow, end the call."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from pydantic import Field

from ..expressions import compile_value
from ..schema import Strict
from .kind import Branches, Enter, NodeType
from .next_step import finish_or_go
from .variables import VariableName

if TYPE_CHECKING:
    from ..commands import Command
    from ..compiler import Wiring
    from ..definition import NodeDefinition
    from ..session import Session, Step


class ReturnOptions(Strict):
    """``branch`` of the ``subflow`` node that is taken; ``values`` become variables of the flow that holds it."""

    branch: str = Field(default="ok", min_length=1)
    values: dict[VariableName, str | None] = Field(default_factory=dict)


def _texts(options: ReturnOptions) -> Iterable[tuple[tuple[str | int, ...], str]]:
    for name, value in options.values.items():
        if value:
            yield ("values", name), value


def _compile(node: NodeDefinition, wiring: Wiring) -> Enter:
    options: ReturnOptions = node.options
    if wiring.way_out is None:
        return lambda session, at: session.end_call("flow")
    following = wiring.way_out(options.branch)
    values = [(name, compile_value(text) if text is not None else None) for name, text in options.values.items()]

    def enter(session: Session, at: float) -> Command | Step:
        if session.gone:
            return session.end_call("flow")
        found = [(name, value(session, at) if callable(value) else value) for name, value in values]
        session.leave_subflow()
        session.variables.update(found)
        return finish_or_go(session, following)

    return enter


RETURN = NodeType(
    "return",
    ReturnOptions,
    _compile,
    Branches("none"),
    main="branch",
    needs_caller=False,
    texts=_texts,
    defines=lambda options: tuple(options.values),
)
