"""One action of Archy as read, and the visible node for one without counterpart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..findings import Text
from .graph import NO_COUNTERPART, Graph, Node
from .naming import slug
from .reading import mapping, word

if TYPE_CHECKING:
    from .archy import ArchyFlow
    from .archy_values import Values


@dataclass(slots=True)
class Action:
    """One action as read; ``following`` is the node behind it."""

    reader: ArchyFlow
    kind: str
    value: dict[str, Any]
    following: str | None
    origin: str
    key: str

    @property
    def graph(self) -> Graph:
        return self.reader.graph

    @property
    def values(self) -> Values:
        return self.reader.values

    def add(self, kind: str, options: dict[str, Any], on: dict[str, str | None] | None = None) -> str:
        """Add the node of this action; without ``on`` it leads to what follows. Unwired exits end the call."""
        node = Node(self.key, kind, options, name=word(self.value.get("name")) or self.kind, origin=self.origin)
        if on is None:
            node.next = self.following
        else:
            node.on = {name: target or self.graph.end() for name, target in on.items()}
        return self.graph.add(node).key

    def leave(self, kind: str, options: dict[str, Any]) -> str:
        """Add the node of this action, from which the call does not come back; its outputs are reported."""
        for name in mapping(self.value.get("outputs")):
            self.lose(f"outputs.{name}", Text("the call does not come back", "通话不会返回"))
        node = Node(self.key, kind, options, name=word(self.value.get("name")) or self.kind, origin=self.origin)
        return self.graph.add(node).key

    def outputs(self) -> dict[str, str | None]:
        return self.reader.outputs(self.value, self.following)

    def out(self, outputs: dict[str, str | None], *names: str) -> str | None:
        """The first of ``names`` among the outputs, else what follows."""
        return next((outputs[name] for name in names if name in outputs), self.following)

    def lose(self, parameter: str, why: Text) -> None:
        self.graph.lose(self.origin, parameter, why)

    def template(self, *names: str) -> str:
        """The first parameter of ``names`` that is given, as a text of ours."""
        for name in names:
            if name in self.value and "noValue" not in mapping(self.value[name]):
                return self.values.template(self.value[name], self.origin, name)
        return ""


class Looked(dict[str, Any]):
    """A mapping that remembers which of its keys were looked at."""

    def __init__(self, values: dict[str, Any]) -> None:
        super().__init__(values)
        self.seen: set[str] = set()

    def get(self, key: str, default: Any = None) -> Any:
        self.seen.add(key)
        return super().get(key, default)

    def __getitem__(self, key: str) -> Any:
        self.seen.add(key)
        return super().__getitem__(key)

    def __contains__(self, key: object) -> bool:
        self.seen.add(str(key))
        return super().__contains__(key)


_SAY_NOTHING = frozenset({"name", "refId", "trackingId", "description", "outputs", "dtmf", "globalDtmf", "settings"})
"""Parameters that say nothing about the call, or that stand for exits."""


def close(action: Action) -> None:
    """Report what of an action was never looked at."""
    value = action.value
    if not isinstance(value, Looked):
        return
    for name, inner in value.items():
        given = inner not in (None, "", [], {}) and not (isinstance(inner, dict) and "noValue" in inner)
        if given and name not in value.seen and name not in _SAY_NOTHING:
            action.lose(name, NO_COUNTERPART)


def opaque(action: Action) -> str:
    action.lose("", Text("has no counterpart here", "在这里没有对应的节点"))
    outputs = action.outputs()
    on: dict[str, str | None] = {slug(name, "output"): target for name, target in outputs.items()}
    on.setdefault("next", action.following)
    values = {name: value for name, value in action.value.items() if name not in ("outputs", "name")}
    for name in values:
        action.value.get(name)
    options: dict[str, Any] = {"": f"genesys:{action.kind}"}
    if values:
        options["parameters"] = values
    return action.add("opaque", options, on)
