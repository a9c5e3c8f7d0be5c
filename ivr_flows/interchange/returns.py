"""The ways on behind a flow that comes back: every branch that it returns is one of the node that runs it."""

from __future__ import annotations

from collections.abc import Iterable

from .graph import Graph


def wire_returns(graphs: Iterable[Graph]) -> None:
    """Give each subflow node the branches that its flow returns and that the source left unwired: like an unwired exit
    there, they lead to what follows the call."""
    known = {graph.name: graph for graph in graphs}
    for graph in known.values():
        for node in list(graph.nodes.values()):
            called = known.get(str(node.options.get("flow"))) if node.type == "subflow" else None
            if called is None:
                continue
            behind = node.on.get("ok") or node.next or graph.end()
            for inner in called.nodes.values():
                if inner.type == "return":
                    node.on.setdefault(str(inner.options.get("", "ok")), behind)
