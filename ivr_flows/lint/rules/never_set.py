"""``never-set``: a variable is used where nothing can have set it yet. ``maybe-unset``: some way there passes no node
that sets it, and the caller would hear a gap.

A variable counts as set behind the branch on which its node succeeds (``ok`` of a question, not ``no_input``).
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from ...findings import Text
from .. import facts
from ..probe import Probe
from ..rule import Problem, Rule
from ..subject import Subject
from ..templates import careless_names


def check(subject: Subject) -> Iterator[Problem]:
    """One problem for every use."""
    tracked = subject.tracked
    if not tracked or (subject.returns and not subject.called):
        return
    may, must = subject.set_perhaps, subject.set_for_sure
    for node in subject.live():
        heard = {words.path for words in facts.heard(node)}
        for words in subject.words(node):
            for name in sorted(careless_names(words.text) & tracked):
                place = node.option_place(*words.path)
                if words.path[-1] == name:
                    continue  # a node that counts on from its own value
                if name not in may.get(node.id, tracked):
                    yield Problem(
                        place,
                        Text(
                            f"`{name}` is used in `{node.id}`, and no way there sets it.",
                            f"`{node.id}` 使用了 `{name}`，但到这里之前没有任何节点设置它。",
                        ),
                        Text(
                            f"Set it on the way there, or write `{name} | default('')`.",
                            f"请在之前设置，或写 `{name} | default('')`。",
                        ),
                        show=partial(Probe.reach, node=node.id),
                    )
                elif words.path in heard and name not in must.get(node.id, tracked):
                    yield Problem(
                        place,
                        Text(
                            f"`{name}` is said in `{node.id}`, and not every way there sets it.",
                            f"`{node.id}` 播报 `{name}`，但并非每条路径都设置了它。",
                        ),
                        Text(
                            f"Set it on every way, or write `{name} | default('…')`.",
                            f"请在每条路径上设置，或写 `{name} | default('…')`。",
                        ),
                        severity="info",
                        code="maybe-unset",
                        show=partial(Probe.unset, node=node.id, variable=name),
                    )


RULE = Rule(
    "never-set",
    "warning",
    Text("a variable is used before anything sets it", "变量在设置之前被使用"),
    check,
    others=("maybe-unset",),
    behaviour=True,
)
