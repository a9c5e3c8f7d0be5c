"""``unknown-node``: a way on names a node that the flow does not have."""

from __future__ import annotations

from collections.abc import Iterator

from ...definition import Reference
from ...findings import Text
from ...schema import unknown_name
from ..rule import Problem, Rule
from ..subject import Subject

_NODE = Text("node", "节点")


def check(subject: Subject) -> Iterator[Problem]:
    """One problem for every reference to nowhere."""
    flow = subject.flow
    references = [flow.start, *(target for node in flow.nodes.values() for _, target in node.exits())]
    hook = getattr(flow, "on_hangup", None)
    if isinstance(hook, Reference):
        references.append(hook)
    for reference in references:
        if reference.name not in flow.nodes:
            finding = unknown_name(reference.place, _NODE, reference.name, flow.nodes)
            yield Problem(reference.place, finding.message, finding.cure)


RULE = Rule(
    "unknown-node", "error", Text("a way on to a node that is not there", "指向不存在的节点"), check, fatal=True
)
