"""``opaque``: a node of another system that has no counterpart here, kept with its parameters."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from pydantic import Field

from ..findings import Finding, Text
from ..schema import Strict
from .kind import Branches, Enter, NodeType
from .next_step import finish_or_go

if TYPE_CHECKING:
    from ..commands import Command
    from ..compiler import Wiring
    from ..definition import NodeDefinition
    from ..environment import Environment
    from ..session import Session, Step


class OpaqueOptions(Strict):
    """``what`` it was, such as ``aws:ShowView``; ``parameters`` as the other system had them."""

    what: str = Field(min_length=1)
    parameters: dict[str, Any] = Field(default_factory=dict)


def _check(node: NodeDefinition, environment: Environment) -> Iterable[Finding]:
    yield Finding(
        "warning",
        "opaque-node",
        node.place,
        Text(
            f"`{node.id}` ({node.options.what}) does nothing here: a call goes on by its branch `{_way(node)}`."
            if node.on
            else f"`{node.id}` ({node.options.what}) does nothing here.",
            f"`{node.id}`（{node.options.what}）在此不起作用，呼叫走分支 `{_way(node)}`。"
            if node.on
            else f"`{node.id}`（{node.options.what}）在此不起作用。",
        ),
        Text("Put nodes in its place that do what it did.", "请用能实现其功能的节点替换它。"),
    )


def _way(node: NodeDefinition) -> str:
    return "next" if "next" in node.on else next(iter(node.on), "")


def _compile(node: NodeDefinition, wiring: Wiring) -> Enter:
    following = wiring.steps[node.on[_way(node)].name] if node.on else wiring.ending

    def enter(session: Session, at: float) -> Command | Step:
        return finish_or_go(session, following)

    return enter


OPAQUE = NodeType(
    "opaque",
    OpaqueOptions,
    _compile,
    Branches("on", ("next",), any_name=True),
    main="what",
    needs_caller=False,
    check=_check,
)
