"""``error-as-success``: what the outside failed to answer goes on as if it had answered: the variable is not there.

A request whose answer nothing uses is told of as info: whoever only reports something may not care."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from ...findings import Text
from .. import facts
from ..probe import Probe
from ..rule import Problem, Rule
from ..subject import Subject
from ..templates import names


def check(subject: Subject) -> Iterator[Problem]:
    """One problem for every node that asks the outside and whose failure and success lead to one place."""
    for node in subject.live():
        failed, done = node.on.get("error"), node.on.get("ok")
        if not facts.outside(node) or failed is None or done is None or failed.name != done.name:
            continue
        variables = set(subject.defined[node.id])
        used = any(
            name in variables
            for reached in subject.reached_from([done.name])
            for words in subject.words(subject.flow.nodes[reached])
            for name, _ in names(words.text)
        )
        shown = ", ".join(sorted(variables))
        yield Problem(
            failed.place,
            Text(
                f"`{node.id}` goes to `{failed.name}` whether it was answered or not"
                + (f"; without an answer `{shown}` is empty there." if used else "."),
                f"`{node.id}` 无论成功失败都到 `{failed.name}`" + (f"；失败时 `{shown}` 为空。" if used else "。"),
            ),
            Text("Lead `error` to a person, or to a text that says so.", "请把 `error` 引到人工，或播放说明。"),
            severity=None if used else "info",
            show=partial(Probe.waiting_at, node=node.id),
        )


RULE = Rule(
    "error-as-success",
    "warning",
    Text("the error branch goes where success goes", "失败分支与成功分支去向相同"),
    check,
    behaviour=True,
)
