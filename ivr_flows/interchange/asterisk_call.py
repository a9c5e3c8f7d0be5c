"""One step of a dialplan as read, and the visible node for one without counterpart."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..findings import Text
from .asterisk_source import Extension
from .asterisk_values import Variables
from .graph import NO_COUNTERPART, Graph, Node

if TYPE_CHECKING:
    from .asterisk_flow import PlanFlow


@dataclass(slots=True)
class Call:
    """One step as read: ``given`` are its arguments, ``behind`` the node that follows,
    ``goes_on`` whether it is a step."""

    flow: PlanFlow
    context: str
    extension: Extension
    name: str
    arguments: str
    given: list[str]
    key: str
    behind: str
    goes_on: bool
    variables: Variables
    origin: str
    used: set[int] = field(default_factory=set)

    @property
    def graph(self) -> Graph:
        return self.flow.graph

    def argument(self, place: int) -> str:
        self.used.add(place)
        return self.given[place] if place < len(self.given) else ""

    def node(self, kind: str, options: dict[str, Any]) -> Node:
        return Node(self.key, kind, options, next=self.behind)

    def lose(self, parameter: str, why: Text) -> None:
        self.graph.lose(self.origin, parameter, why)

    def add(self, suffix: str, kind: str, options: dict[str, Any], following: str, name: str = "") -> str:
        """A further node of this step."""
        key = f"{self.key} {suffix}"
        self.graph.nodes[key] = Node(key, kind, options, next=following, name=name)
        return key

    def close(self) -> None:
        """Report the arguments that were never looked at."""
        for place, written in enumerate(self.given):
            if written and place not in self.used:
                self.lose(f"argument {place + 1} `{written[:40]}`", NO_COUNTERPART)

    def goto(self, target: str) -> str:
        return self.flow.goto(target, self.context, self.extension, self.origin, self.variables)

    def number(self, place: int, default: float, low: float, high: float) -> str:
        """An argument as a duration; a computed one is reported."""
        written = self.argument(place).strip('"')
        if "${" in written:
            self.lose(
                written, Text(f"a length of time is fixed here: {default:g} s", f"时长在这里是固定的：{default:g} 秒")
            )
            return f"{default:g}s"
        try:
            return f"{min(max(float(written), low), high):g}s"
        except ValueError:
            return f"{default:g}s"


def opaque(call: Call) -> Node:
    call.lose("", Text("has no counterpart here", "在这里没有对应的节点"))
    options: dict[str, Any] = {"": f"asterisk:{call.name}"}
    if call.arguments:
        options["parameters"] = {"arguments": call.arguments}
    return Node(call.key, "opaque", options, on={"next": call.behind})
