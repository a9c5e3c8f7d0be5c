"""``never-set``: a variable is used where nothing can have set it yet. ``maybe-unset``: some way there passes no node
that sets it, and the caller would hear a gap.

A variable counts as set behind the branch on which its node succeeds (``ok`` of a question, not ``no_input``).
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from ...expressions import BUILT_IN
from ...findings import Text
from .. import facts
from ..probe import Probe
from ..rule import Problem, Rule
from ..subject import Subject
from ..templates import careless_names


def check(subject: Subject) -> Iterator[Problem]:
    """One problem for every use."""
    own = {name for node in subject.nodes() if not facts.runs(node) for name in subject.defined[node.id]}
    tracked = own - set(BUILT_IN) - set(subject.given)
    if not tracked or (subject.returns and not subject.called):
        return
    may, must = _reaching(subject, tracked)
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


def _told_elsewhere(subject: Subject, name: str, branch: str, target: str) -> bool:
    """Whether `error-as-success` says what there is to say."""
    done = subject.flow.nodes[name].on.get("ok")
    return branch == "error" and done is not None and done.name == target


def _reaching(subject: Subject, tracked: set[str]) -> tuple[dict[str, set[str]], dict[str, set[str]]]:
    """Per node: variables that some way there sets, and those that every way there sets."""
    start = subject.flow.start.name
    may: dict[str, set[str]] = {start: set()}
    must: dict[str, set[str]] = {start: set()}
    waiting = [start] if start in subject.flow.nodes else []
    while waiting:
        name = waiting.pop()
        sets = {variable for variable in subject.defined[name] if variable in tracked}
        for branch, target in subject.exits[name]:
            succeeded = branch not in facts.FAILURES or _told_elsewhere(subject, name, branch, target.name)
            some = may[name] | sets if succeeded else may[name]
            every = must[name] | sets if succeeded else must[name]
            if target.name not in may:
                may[target.name], must[target.name] = set(some), set(every)
                waiting.append(target.name)
                continue
            if not some <= may[target.name] or not must[target.name] <= every:
                may[target.name] |= some
                must[target.name] &= every
                waiting.append(target.name)
    return may, must


RULE = Rule(
    "never-set",
    "warning",
    Text("a variable is used before anything sets it", "变量在设置之前被使用"),
    check,
    others=("maybe-unset",),
    behaviour=True,
)
