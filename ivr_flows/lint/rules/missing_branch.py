"""``missing-branch``: a branch that has no default is not written. ``menu-without-keys``: a node whose branches are
the caller's keys handles none."""

from __future__ import annotations

from collections.abc import Iterator

from ...findings import Text
from .. import facts
from ..rule import Problem, Rule
from ..subject import Subject
from .unknown_name import declared


def check(subject: Subject) -> Iterator[Problem]:
    """One problem for every branch, those that a subflow may return included."""
    yield from declared(subject, "missing-branch".__eq__)
    for node in subject.nodes():
        branches = node.type.branches
        for name in branches.required:
            if name not in node.on:
                yield Problem(
                    node.place,
                    Text(
                        f"The node `{node.id}` ({node.type.name}) has no branch `{name}`.",
                        f"节点 `{node.id}`（{node.type.name}）缺少分支 `{name}`。",
                    ),
                    Text(f"Add `{name}: NODE` under `on:`.", f"请在 `on:` 下补上 `{name}: 节点`。"),
                )
        if branches.keys and facts.asks(node) and not any(key not in branches.known for key in node.on):
            yield Problem(
                node.place,
                Text(f"The menu `{node.id}` handles no key.", f"菜单 `{node.id}` 没有处理任何按键。"),
                Text('Add branches such as "1": NODE.', '请补上分支，例如 "1": 节点。'),
                code="menu-without-keys",
            )


RULE = Rule(
    "missing-branch",
    "error",
    Text("a branch that must be written is not", "缺少必需的分支"),
    check,
    others=("menu-without-keys",),
    fatal=True,
)
