"""``dead-end``: the call stops at a node that is not made for it: a choice where no case may hold, or a node that only
prepares something. ``no-way-out``: nodes that lead only to each other, so that a call ends by the caller's hanging up
or not at all.

A text, a message or a talk without a way on is an end like any other, and so is a ``hangup``.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from ...findings import Text
from .. import facts
from ..probe import Probe
from ..rule import Problem, Rule
from ..subject import Subject, loops


def check(subject: Subject) -> Iterator[Problem]:
    """One problem for every such node."""
    for node in subject.live():
        ways = node.type.branches.ways
        if node.id in subject.without_caller:
            continue
        prepares = ways == "next" and node.next is None and not (facts.speaks(node) or facts.records(node))
        chooses = ways == "inside" and node.otherwise is None and node.type.texts(node.options)
        if chooses and any(words.text.strip(" {}").lower() == "true" for words in subject.words(node)):
            continue
        if prepares and subject.returns:
            continue  # in a subflow it is the way back
        if prepares or chooses:
            key = "else" if chooses else "next"
            yield Problem(
                node.place,
                Text(
                    f"The call stops at {facts.shown(node)}: it has no `{key}`.",
                    f"通话会停在 {facts.shown(node)}：没有 `{key}`。",
                ),
                Text(f"Add `{key}: NODE`.", f"请补上 `{key}: 节点`。"),
                show=partial(Probe.ends, nodes=[node.id]),
            )
    for part in loops({node.id: subject.graph[node.id] for node in subject.live()}):
        inside = set(part)
        leads_out = any(target not in inside for name in part for target in subject.graph[name])
        ends = any(_may_end(subject, name) for name in part)
        asks = any(facts.asks(subject.flow.nodes[name]) for name in part)
        if leads_out or ends or not asks:
            continue  # a circle without a question is `spin`
        yield Problem(
            subject.flow.nodes[part[0]].place,
            Text(
                f"No way leads out of these nodes: {', '.join(part)}.",
                f"这些节点没有出口：{'、'.join(part)}。",
            ),
            Text("Add a way to a person, a message or a hang-up.", "请补上通往人工、留言或挂机的出口。"),
            code="no-way-out",
            show=partial(Probe.reach, node=part[0]),
        )


def _may_end(subject: Subject, name: str) -> bool:
    node = subject.flow.nodes[name]
    kind = node.type.branches
    if kind.ways == "next":
        return node.next is None
    if kind.ways == "inside":
        return node.otherwise is None and bool(node.type.texts(node.options))
    return kind.ways == "none" or (facts.person(node) and "answered" not in node.on)


RULE = Rule(
    "dead-end",
    "warning",
    Text("the call stops where it should go on", "流程中断在不该结束的节点"),
    check,
    others=("no-way-out",),
    behaviour=True,
)
