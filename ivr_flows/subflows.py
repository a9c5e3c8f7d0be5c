"""Which flows run or enter which, what comes back from subflows, and which variables pass between them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .definition import FlowDefinition, NodeDefinition
    from .environment import Environment

DEEPEST_SUBFLOW = 5
"""How many subflows may be under way inside each other."""


def calls(flow: FlowDefinition) -> Iterator[NodeDefinition]:
    """The nodes of ``flow`` that run a subflow."""
    return (node for node in flow.nodes.values() if node.type.name == "subflow")


def followed(flow: FlowDefinition) -> Iterator[NodeDefinition]:
    """The nodes of ``flow`` that run a subflow or go on in another flow."""
    return (node for node in flow.nodes.values() if node.type.name in ("subflow", "goto_flow"))


def callees(flow: FlowDefinition, environment: Environment) -> dict[str, FlowDefinition]:
    """Every flow that a call in ``flow`` may get into, as a subflow or for good, directly or through another one, by
    name."""
    found: dict[str, FlowDefinition] = {}
    waiting = [flow]
    while waiting:
        for node in followed(waiting.pop()):
            name = node.options.flow
            callee = None if name in found else environment.flow_definition(name)
            if callee is not None:
                found[name] = callee
                waiting.append(callee)
    return found


def cycle(name: str, environment: Environment) -> tuple[str, ...] | None:
    """The names of flows that run each other in a circle, the first one again at the end, found from flow ``name``."""
    done: set[str] = set()

    def search(name: str, above: tuple[str, ...]) -> tuple[str, ...] | None:
        if name in above:
            return (*above[above.index(name) :], name)
        flow = None if name in done else environment.flow_definition(name)
        if flow is None:
            return None
        for node in calls(flow):
            found = search(node.options.flow, (*above, name))
            if found is not None:
                return found
        done.add(name)
        return None

    return search(name, ())


def depth(name: str, environment: Environment) -> int:
    """How many flows are under way at most when flow ``name`` runs, itself included. There must be no `cycle`."""
    known: dict[str, int] = {}

    def of(name: str) -> int:
        if name not in known:
            flow = environment.flow_definition(name)
            known[name] = 1 + max((of(node.options.flow) for node in calls(flow)), default=0) if flow else 1
        return known[name]

    return of(name)


def returned(flow: FlowDefinition) -> set[str]:
    """The branches with which ``flow`` may end where it is run as a subflow, ``failed`` aside."""
    found = set()
    for node in flow.nodes.values():
        if node.type.name == "return":
            found.add(node.options.branch)
        elif ends(node):
            found.add("ok")
    return found


def ends(node: NodeDefinition) -> bool:
    """Whether a call may end at ``node`` because it has no way on."""
    if node.type.name == "opaque":
        return not node.on
    if node.type.name == "branch":
        return node.otherwise is None
    return node.type.branches.ways == "next" and node.next is None


def variables_around(flow: FlowDefinition, environment: Environment) -> set[str]:
    """The variables that flows run by ``flow``, or running it, define: a call has one set of them."""
    found: set[str] = set()
    for callee in callees(flow, environment).values():
        found |= _defined(callee)
    for name in environment.flows or ():
        other = environment.flow_definition(name)
        if other is not None and flow.name in callees(other, environment):
            found |= _defined(other)
    return found


def _defined(flow: FlowDefinition) -> set[str]:
    return {name for node in flow.nodes.values() for name in node.type.defines(node.options)}
