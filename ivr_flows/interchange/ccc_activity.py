"""One activity of the vendor as read, and the visible node for one without counterpart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..findings import Text
from . import ccc_values as values
from .graph import Graph, Node, Parameters
from .naming import slug

OK = ("complete", "success", "ok", "finish", "next", "answered", "completed")


FAILED = ("failure", "failed", "fail", "error", "exception")


@dataclass(slots=True)
class Activity:
    """One activity as read: ``exits`` by the names of its events."""

    graph: Graph
    key: str
    kind: str
    name: str
    origin: str
    properties: Parameters
    exits: dict[str, str]
    flow_type: str

    def exit(self, *names: str) -> str | None:
        """The exit called by one of ``names``, whatever its case."""
        lower = {event.lower(): target for event, target in self.exits.items()}
        return next((lower[name] for name in names if name in lower), None)

    @property
    def done(self) -> str | None:
        return self.exit(*OK)

    @property
    def failed(self) -> str | None:
        return self.exit(*FAILED)

    def text(self, *names: str) -> str:
        """A property as a template of ours."""
        return values.template(self.properties.text(*names), self.graph)

    def node(self, kind: str, options: dict[str, Any]) -> Node:
        following = self.done or self.exit("default") or next(iter(self.exits.values()), None)
        return Node(self.key, kind, options, next=following)


def opaque(activity: Activity) -> Node:
    activity.graph.lose(activity.origin, "", Text("has no counterpart here", "在这里没有对应的节点"))
    on = {slug(event, "next"): target for event, target in activity.exits.items()}
    given = {name: value for name, value in activity.properties.values.items() if name != "position"}
    activity.properties.ignore(*given)
    options: dict[str, Any] = {"": f"ccc:{activity.kind}"}
    if given:
        options["parameters"] = given
    return Node(activity.key, "opaque", options, on=on)
