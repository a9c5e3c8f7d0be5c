"""Rules on the graph: names of nodes, branches that must exist, nodes that nothing reaches, hang-up hooks."""

from __future__ import annotations

from collections.abc import Iterable

from ..definition import FlowDefinition, NodeDefinition
from ..environment import Environment
from ..findings import Finding, Text
from ..schema import unknown_name


def unknown_nodes(flow: FlowDefinition, environment: Environment) -> Iterable[Finding]:
    """``unknown-node``: a way on names a node that the flow does not have."""
    node_word = Text("node", "节点")
    if flow.start.name not in flow.nodes:
        yield unknown_name(flow.start.place, node_word, flow.start.name, flow.nodes, "unknown-node")
    for node in flow.nodes.values():
        for _, reference in node.exits():
            if reference.name not in flow.nodes:
                yield unknown_name(reference.place, node_word, reference.name, flow.nodes, "unknown-node")


def missing_branches(flow: FlowDefinition, environment: Environment) -> Iterable[Finding]:
    """``missing-branch``: a branch without a default is not written; ``menu-without-keys``; ``abandoned`` leading
    to a node that needs the caller who has left."""
    for node in flow.nodes.values():
        for name in node.type.branches.required:
            if name not in node.on:
                yield Finding(
                    "error",
                    "missing-branch",
                    node.place,
                    Text(
                        f"The node `{node.id}` ({node.type.name}) has no branch `{name}`.",
                        f"节点 `{node.id}`（{node.type.name}）缺少分支 `{name}`。",
                    ),
                    Text(f"Add `{name}: NODE` under `on:`.", f"请在 `on:` 下补上 `{name}: 节点`。"),
                )
        if node.type.name == "menu" and not any(key not in node.type.branches.known for key in node.on):
            yield Finding(
                "error",
                "menu-without-keys",
                node.place,
                Text(f"The menu `{node.id}` handles no key.", f"菜单 `{node.id}` 没有处理任何按键。"),
                Text('Add branches such as "1": NODE.', '请补上分支，例如 "1": 节点。'),
            )
        yield from _abandoned(flow, node)


def _abandoned(flow: FlowDefinition, node: NodeDefinition) -> Iterable[Finding]:
    reference = node.on.get("abandoned")
    if reference is None:
        return
    seen: set[str] = set()
    waiting = [reference.name]
    while waiting:
        name = waiting.pop()
        target = flow.nodes.get(name)
        if name in seen or target is None:
            continue
        seen.add(name)
        if target.type.needs_caller:
            yield Finding(
                "error",
                "abandoned-needs-caller",
                reference.place,
                Text(
                    f"After a caller has left, `{name}` ({target.type.name}) has nobody to work with.",
                    f"来电者已挂机，`{name}`（{target.type.name}）无法执行。",
                ),
                Text(
                    "Lead `abandoned` to nodes that need no caller, or leave it out.",
                    "请让 `abandoned` 只走不需要来电者的节点，或删去它。",
                ),
            )
            return
        waiting.extend(exit_to.name for _, exit_to in target.exits())


def unreachable_nodes(flow: FlowDefinition, environment: Environment) -> Iterable[Finding]:
    """``unreachable-node``: no way leads from the start to the node."""
    seen: set[str] = set()
    waiting = [flow.start.name]
    while waiting:
        name = waiting.pop()
        if name in seen or name not in flow.nodes:
            continue
        seen.add(name)
        waiting.extend(reference.name for _, reference in flow.nodes[name].exits())
    for name, node in flow.nodes.items():
        if name not in seen:
            yield Finding(
                "warning",
                "unreachable-node",
                node.place,
                Text(f"Nothing leads to the node `{name}`.", f"没有任何路径到达节点 `{name}`。"),
                Text("Lead a branch to it, or delete it.", "让某个分支指向它，或删除它。"),
            )
