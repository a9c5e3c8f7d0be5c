"""``unreachable-node``: no way leads from the start to the node."""

from __future__ import annotations

from collections.abc import Iterator

from ...findings import Text
from ..rule import Problem, Rule
from ..subject import Subject


def check(subject: Subject) -> Iterator[Problem]:
    """One problem for every node."""
    for name, node in subject.flow.nodes.items():
        if name not in subject.reached:
            yield Problem(
                node.place,
                Text(f"Nothing leads to the node `{name}`.", f"没有任何路径到达节点 `{name}`。"),
                Text("Lead a branch to it, or delete it.", "让某个分支指向它，或删除它。"),
            )


RULE = Rule("unreachable-node", "warning", Text("a node that nothing leads to", "到达不了的节点"), check)
