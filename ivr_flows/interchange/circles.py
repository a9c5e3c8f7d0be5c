"""Flows that run each other in a circle, which our language does not allow: a subflow comes back. A jump does not, and
may go round (`goto_flow`)."""

from __future__ import annotations

from collections.abc import Iterator

from ..findings import Text
from ..subflows import DEEPEST_SUBFLOW
from .graph import END, Graph, Node


def no_circles(graphs: list[Graph]) -> None:
    """Open every circle of subflows among the flows of one import. A flow that jumps to itself, or calls itself as the
    last thing it does, goes on at its own start; any other call that closes a circle becomes a visible opaque node."""
    by_name = {graph.name: graph for graph in graphs}
    done: set[str] = set()
    for graph in graphs:
        if graph.exact:
            continue
        for node in list(graph.nodes.values()):
            if node.options.get("flow") == graph.name and (node.type == "goto_flow" or _is_last(graph, node)):
                _jump_to_start(graph, node)
    for graph in graphs:
        _open(graph, by_name, done)
    _not_too_deep(graphs, by_name)


def _is_last(graph: Graph, node: Node) -> bool:
    """Whether ``node`` runs a subflow behind which the flow is over, without arguments to be restored."""
    behind = node.on.get("ok")
    over = behind == END or (behind in graph.nodes and graph.nodes[behind].type == "return")
    return node.type == "subflow" and over and not node.options.get("with") and {*node.on.values()} <= {behind, END}


def _called(node: Node) -> str | None:
    flow = node.options.get("flow")
    return flow if node.type == "subflow" and isinstance(flow, str) else None


def _jump_to_start(graph: Graph, node: Node) -> None:
    target = graph.start if graph.start in graph.nodes else next(iter(graph.nodes))
    graph.nodes[node.key] = Node(
        node.key, "branch", cases=[("true", target)], name=node.name, origin=node.origin, remarks=node.remarks
    )


def _calls(graph: Graph) -> Iterator[tuple[Node, str]]:
    for node in list(graph.nodes.values()):
        called = _called(node)
        if called is not None:
            yield node, called


def _open(first: Graph, by_name: dict[str, Graph], done: set[str]) -> None:
    """Depth first from ``first``; a call to a flow that is still open closes a circle."""
    if first.name in done:
        return
    on_way = [first.name]
    waiting = [_calls(first)]
    while waiting:
        step = next(waiting[-1], None)
        if step is None:
            waiting.pop()
            done.add(on_way.pop())
            continue
        node, called = step
        graph = by_name[on_way[-1]]
        if called in on_way and not graph.exact:
            graph.lose(
                node.origin or node.key,
                "flow",
                Text(
                    f"flow `{called}` would run itself, which is not allowed here",
                    f"流程 `{called}` 会调用自身，这里不允许",
                ),
            )
            graph.nodes[node.key] = as_opaque(node)
        elif called in by_name and called not in done and called not in on_way:
            on_way.append(called)
            waiting.append(_calls(by_name[called]))


def _not_too_deep(graphs: list[Graph], by_name: dict[str, Graph]) -> None:
    """Calls at which more subflows would be under way than a call may have become visible opaque nodes. There must be
    no circle."""
    depths: dict[str, int] = {}
    called_flows = {called for graph in graphs for _, called in _calls(graph)}
    for first in graphs:
        waiting = [first]
        while waiting:
            graph = waiting[-1]
            below = [by_name[called] for _, called in _calls(graph) if called in by_name and called not in depths]
            if below and graph.name not in depths:
                waiting.extend(below)
                continue
            waiting.pop()
            if graph.name in depths:
                continue
            for node, called in _calls(graph):
                most = DEEPEST_SUBFLOW - 1 if graph.name in called_flows else DEEPEST_SUBFLOW
                if depths.get(called, 1) > most and not graph.exact:
                    graph.lose(
                        node.origin or node.key,
                        "flow",
                        Text(
                            f"more than {DEEPEST_SUBFLOW} flows would be under way inside each other",
                            f"嵌套的子流程会超过 {DEEPEST_SUBFLOW} 层",
                        ),
                    )
                    graph.nodes[node.key] = as_opaque(node)
            depths[graph.name] = 1 + max((depths.get(called, 1) for _, called in _calls(graph)), default=0)


def as_opaque(node: Node) -> Node:
    """``node`` as an opaque one, with the same exits and its options as parameters."""
    on = dict(node.on)
    if node.next is not None:
        on["next"] = node.next
    for number, (_, target) in enumerate(node.cases, 1):
        on[f"case_{number}"] = target
    if node.otherwise is not None:
        on["next"] = node.otherwise
    parameters = {("main" if name == "" else name): value for name, value in node.options.items()}
    if node.cases:
        parameters["cases"] = [when for when, _ in node.cases]
    options = {"": f"line400:{node.type}", **({"parameters": parameters} if parameters else {})}
    return Node(node.key, "opaque", options, on=on, name=node.name, origin=node.origin, remarks=node.remarks)
