"""``silent-hang-up``: something failed, and the caller is hung up on without a word."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from ...findings import Text
from .. import facts
from ..probe import Probe
from ..rule import Problem, Rule
from ..subject import Subject

FAILED = ("error", "failed")


def check(subject: Subject) -> Iterator[Problem]:
    """One problem for every failure branch behind which nothing is heard."""
    for node in subject.live():
        for branch in FAILED:
            reference = node.on.get(branch)
            if reference is None or branch not in node.type.branches.known:
                continue
            if any(target.name == reference.name for name, target in node.on.items() if name not in facts.FAILURES):
                continue  # it ends there in any case: `error-as-success`, or nobody waits for the answer
            way = _silent_way(subject, node.id, reference.name)
            if way is None:
                continue
            yield Problem(
                reference.place,
                Text(
                    f"When `{node.id}` fails the caller is hung up on without a word ({' → '.join([node.id, *way])}).",
                    f"`{node.id}` 失败时来电者什么也没听到就被挂断（{' → '.join([node.id, *way])}）。",
                ),
                Text(
                    "Say something first: `hangup: { text: … }`, a person, or a message.",
                    "请先播放提示：`hangup: { text: … }`，或转人工、留言。",
                ),
                show=partial(Probe.path, nodes=[node.id, *way]),
            )


def _silent_way(subject: Subject, failed: str, name: str) -> list[str] | None:
    """The nodes from ``name`` to an end on which nothing is heard, if there is such a way that tries ``failed`` no
    second time."""
    waiting = [[name]]
    seen = {failed}
    for way in waiting:
        if way[-1] in seen or way[-1] not in subject.flow.nodes:
            continue
        seen.add(way[-1])
        node = subject.flow.nodes[way[-1]]
        if facts.speaks(node) or facts.asks(node) or facts.person(node) or facts.records(node):
            continue
        if node.type.branches.ways == "none" and "return" not in node.type.name:
            return way
        if node.type.branches.ways == "next" and node.next is None:
            return way
        waiting.extend([*way, following] for following in subject.graph[way[-1]])
    return None


RULE = Rule(
    "silent-hang-up",
    "warning",
    Text("an error ends in a silent hang-up", "出错后直接挂断"),
    check,
    behaviour=True,
)
