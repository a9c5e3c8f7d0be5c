"""Coverage: which nodes and branches of a flow a set of paths has taken.

A branch is a way from one node to another; branches of one node that lead to the same node (the keys 2 and 0 of a
menu, say) are one. A node of a subflow counts in the subflow, not here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from ..definition import FlowDefinition


@dataclass(frozen=True, slots=True)
class Edges:
    """The graph of a flow as written: ``pairs`` (node, next node) → the names of the branches that lead there."""

    nodes: frozenset[str]
    pairs: dict[tuple[str, str], tuple[str, ...]]
    before: dict[str, tuple[str, ...]]

    def ancestors(self, nodes: Iterable[str]) -> set[str]:
        """``nodes`` and every node from which one of them can be reached."""
        found: set[str] = set()
        waiting = list(nodes)
        while waiting:
            node = waiting.pop()
            if node not in found:
                found.add(node)
                waiting.extend(self.before.get(node, ()))
        return found


def edges_of(flow: FlowDefinition) -> Edges:
    """The graph of ``flow``."""
    pairs: dict[tuple[str, str], tuple[str, ...]] = {}
    before: dict[str, list[str]] = {}
    for name, node in flow.nodes.items():
        for branch, reference in node.exits():
            if reference.name in flow.nodes:
                pair = (name, reference.name)
                if pair not in pairs:
                    before.setdefault(reference.name, []).append(name)
                pairs[pair] = (*pairs.get(pair, ()), branch)
    return Edges(frozenset(flow.nodes), pairs, {name: tuple(found) for name, found in before.items()})


def steps_of(path: Sequence[str], nodes: Collection[str]) -> Iterator[tuple[str, str]]:
    """The steps of a path from node to node; nodes that are not among ``nodes`` (a subflow's) are passed over. The
    first node is a step from ``""``."""
    before = ""
    for name in path:
        if name in nodes:
            yield before, name
            before = name


@dataclass(frozen=True, slots=True)
class Coverage:
    """What was taken of a flow, and what was not."""

    nodes: int
    all_nodes: int
    branches: int
    all_branches: int
    missed_nodes: tuple[str, ...]
    missed_branches: tuple[tuple[str, str, str], ...]
    """Node, branch names (with ``|`` between them), next node."""

    @property
    def full(self) -> bool:
        """Whether nothing was missed."""
        return not (self.missed_nodes or self.missed_branches)

    def as_json(self) -> dict[str, object]:
        """As ``explore --json`` prints it."""
        return {
            "nodes": {"taken": self.nodes, "of": self.all_nodes, "missed": list(self.missed_nodes)},
            "branches": {
                "taken": self.branches,
                "of": self.all_branches,
                "missed": [
                    {"node": node, "branch": branch, "next": following}
                    for node, branch, following in self.missed_branches
                ],
            },
        }


def coverage(flow: FlowDefinition, steps: Collection[tuple[str, str]]) -> Coverage:
    """What the ``steps`` of paths cover of ``flow``."""
    edges = edges_of(flow)
    taken_nodes = {target for _, target in steps}
    taken = {pair for pair in edges.pairs if pair in steps}
    return Coverage(
        nodes=len(taken_nodes & edges.nodes),
        all_nodes=len(edges.nodes),
        branches=len(taken),
        all_branches=len(edges.pairs),
        missed_nodes=tuple(name for name in flow.nodes if name not in taken_nodes),
        missed_branches=tuple(
            (source, "|".join(names), target)
            for (source, target), names in edges.pairs.items()
            if (source, target) not in taken
        ),
    )
