"""``abandoned-needs-caller``: a node that runs after the caller has left wants to speak with it."""

from __future__ import annotations

from collections.abc import Iterator

from ...definition import Reference
from ...findings import Text
from ..rule import Problem, Rule
from ..subject import Subject


def check(subject: Subject) -> Iterator[Problem]:
    """One problem for every way into the time after the caller, ``abandoned`` and ``on_hangup``."""
    for node in subject.nodes():
        reference = node.on.get("abandoned")
        if reference is not None:
            yield from _beyond(subject, reference, "abandoned")
    hook = getattr(subject.flow, "on_hangup", None)
    if isinstance(hook, Reference):
        yield from _beyond(subject, hook, "on_hangup")


def _beyond(subject: Subject, reference: Reference, how: str) -> Iterator[Problem]:
    reached = subject.reached_from([reference.name])
    name = next((name for name in subject.flow.nodes if name in reached and _wants(subject, name)), None)
    if name is None:
        return
    kind = subject.flow.nodes[name].type.name
    yield Problem(
        reference.place,
        Text(
            f"After a caller has left, `{name}` ({kind}) has nobody to work with.",
            f"来电者已挂机，`{name}`（{kind}）无法执行。",
        ),
        Text(
            f"Lead `{how}` to nodes that need no caller, or leave it out.",
            f"请让 `{how}` 只走不需要来电者的节点，或删去它。",
        ),
    )


def _wants(subject: Subject, name: str) -> bool:
    return subject.flow.nodes[name].type.needs_caller


RULE = Rule(
    "abandoned-needs-caller",
    "error",
    Text("a node speaks to a caller who has left", "对已挂机的来电者放音"),
    check,
    fatal=True,
)
