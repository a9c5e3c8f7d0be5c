"""``spin``: nodes lead round in a circle in which nobody is asked, waited for or spoken with."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from ...findings import Text
from .. import facts
from ..probe import Probe
from ..rule import Problem, Rule
from ..subject import Graph, Subject, around, loops


def check(subject: Subject) -> Iterator[Problem]:
    """One problem for every circle that never ends: one that nothing leaves, or that a call shows not to be left."""
    graph: Graph = {}
    for node in subject.live():
        waits = facts.asks(node) or facts.person(node) or facts.records(node) or facts.pause(node) > 0
        # What a subflow asks is its own business.
        graph[node.id] = [] if waits or facts.runs(node) else subject.graph[node.id]
    for part in loops(graph):
        way = around(part, graph)
        leaves = any(target not in part for name in part for target in graph[name])
        yield Problem(
            subject.flow.nodes[part[0]].place,
            Text(
                f"These nodes go round without input or wait: {' → '.join(way)}.",
                f"这些节点空转，没有收键也没有等待：{' → '.join(way)}。",
            ),
            Text(
                "Bound it with a `loop` node, ask the caller in it, or lead it out.",
                "请用 `loop` 节点限定次数，或在其中收键，或引出循环。",
            ),
            show=partial(Probe.stays, nodes=part, presses=_any),
            only_if_shown=leaves,
        )


def _any(gather: object, item: str) -> bool:
    return True


RULE = Rule("spin", "warning", Text("a circle without input or wait", "没有收键或等待的空转"), check, behaviour=True)
