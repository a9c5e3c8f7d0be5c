"""One action of Amazon Connect as read, and the visible node for one without counterpart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..findings import Text
from .graph import Graph, Node, Parameters
from .naming import slug
from .reading import mapping, word

CANNOT_FAIL = Text(
    "this node cannot fail here, so its error exit has no counterpart", "该节点在这里不会失败，错误出口没有对应"
)


@dataclass(slots=True)
class Action:
    """One action as read: ``next``, error exits by type, and conditions as (operator, operands, target)."""

    graph: Graph
    key: str
    kind: str
    origin: str
    parameters: Parameters
    shown: dict[str, Any]
    next: str | None
    errors: dict[str, str]
    conditions: list[tuple[str, list[Any], str]]

    def error(self, *types: str) -> str | None:
        """The target of the first of ``types`` that is wired, else of the general error."""
        for kind in (*types, "NoMatchingError"):
            if kind in self.errors:
                return self.errors[kind]
        return None

    def node(self, kind: str, options: dict[str, Any], *used: str) -> Node:
        """A node with one way on. Error exits other than ``used`` that lead elsewhere are reported."""
        self.lose_errors(*used)
        return Node(self.key, kind, options, next=self.next)

    def lose_errors(self, *used: str) -> None:
        """Report the error exits that have no counterpart, where they lead to another node than the way on."""
        for kind, target in self.errors.items():
            if kind not in used and target != self.next:
                self.graph.lose(self.origin, kind, CANNOT_FAIL)

    def display(self, name: str) -> str:
        """The display name that the console keeps for a parameter, or nothing."""
        found = mapping(mapping(self.shown.get("parameters")).get(name))
        inner = found.get("displayName")
        if isinstance(inner, str):
            return inner
        for key in ("queue", "contactFlow", "hours"):
            text = word(mapping(self.shown.get(key)).get("text"))
            if text:
                return text
        return ""


def opaque(action: Action, why: Text | None = None) -> Node:
    """A visible node that keeps everything of an action without counterpart, its exits included."""
    action.graph.lose(action.origin, "", why or Text("has no counterpart here", "在这里没有对应的节点"))
    on = {}
    if action.next is not None:
        on["next"] = action.next
    for number, (_, operands, target) in enumerate(action.conditions, 1):
        on[slug("_".join(word(each) for each in operands), f"condition_{number}")] = target
    for kind, target in action.errors.items():
        on[slug(kind, "error")] = target
    values = dict(action.parameters.values)
    action.parameters.ignore(*values)
    options: dict[str, Any] = {"": f"aws:{action.kind}"}
    if values:
        options["parameters"] = values
    return Node(action.key, "opaque", options, on=on)
