"""``silent-loop``: a caller who presses nothing is led round in a circle for ever.

Only the ways that silence takes count: ``no_input`` of a node that asks, every way of one that does not. Keys that
repeat (``9``) are no loop, and a circle in which a person may answer is waiting.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from ...findings import Text
from .. import facts
from ..probe import Probe
from ..rule import Problem, Rule
from ..subject import Graph, Subject, around, loops


def check(subject: Subject) -> Iterator[Problem]:
    """One problem for every circle."""
    yield from circles(
        subject,
        "no_input",
        Text("A caller who presses nothing goes round for ever", "一直不按键的来电者会无限循环"),
        Text(
            "Lead `no_input` on to a person, a message or a hang-up with a text.",
            "请把 `no_input` 引到人工、留言或带提示的挂机。",
        ),
        "",
    )


def circles(subject: Subject, branch: str, what: Text, cure: Text, press: str) -> Iterator[Problem]:
    """Circles in which every node that asks is left by ``branch``, answered by ``press`` (empty: silence)."""
    graph = failing(subject, branch)
    for part in loops(graph):
        asking = [name for name in part if facts.asks(subject.flow.nodes[name])]
        if not asking or not any(branch in subject.flow.nodes[name].on for name in asking):
            continue
        way = around([asking[0], *(name for name in part if name != asking[0])], graph)
        first = subject.flow.nodes[asking[0]]
        reference = facts.branch(first, branch)
        assert reference is not None
        leaves = any(target not in part for name in part for target in graph[name])
        yield Problem(
            reference.place,
            Text(f"{what.en}: {' → '.join(way)}.", f"{what.zh}：{' → '.join(way)}。"),
            cure,
            show=partial(Probe.stays, nodes=part, presses=_wrong if press else _silent),
            only_if_shown=leaves,
        )


def _silent(gather: object, item: str) -> bool:
    return not item


def _wrong(gather: object, item: str) -> bool:
    keys = getattr(gather, "keys", None)
    if not item or item == "h":
        return False
    if keys is not None:
        return item not in keys
    digits = item.removesuffix(getattr(gather, "terminator", "") or "\n")
    return not digits.isdigit() or digits == ""


def failing(subject: Subject, branch: str) -> Graph:
    """The ways of a caller whose every answer leads to ``branch``. Where a person may answer it goes no further."""
    graph: Graph = {}
    for node in subject.live():
        if facts.person(node):
            graph[node.id] = []
        elif facts.asks(node):
            target = facts.branch(node, branch)
            graph[node.id] = [target.name] if target is not None else []
        else:
            graph[node.id] = subject.graph[node.id]
    return graph


RULE = Rule(
    "silent-loop", "warning", Text("a silent caller loops for ever", "不按键的来电者无限循环"), check, behaviour=True
)
