"""``sensitive-spoken``: digits that were asked for as ``sensitive`` come back in a text, where the record of the call
keeps them, or in what the flow sends as a message or notification."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from ...findings import Text
from .. import facts
from ..probe import Probe
from ..rule import Problem, Rule
from ..subject import Subject
from ..templates import names

UNRECORDED = frozenset({"body", "headers", "when", "cases", "values", "with", "arguments", "to"})
"""Options whose text is neither spoken nor recorded."""


def check(subject: Subject) -> Iterator[Problem]:
    """One problem for every text."""
    secret = {
        name for node in subject.nodes() if facts.option(node, "sensitive") is True for name in subject.defined[node.id]
    }
    if not secret:
        return
    secret = _spread(subject, secret)
    hidden = _unlogged(subject)
    for node in subject.nodes():
        for words in subject.words(node) if node.id not in hidden else ():
            if words.path[0] in UNRECORDED:
                continue
            told = sorted(secret & {name for name, _ in names(words.text)})
            for name in told:
                yield Problem(
                    node.option_place(*words.path),
                    Text(
                        f"`{node.id}` puts `{name}` into a text that is recorded; its digits are sensitive.",
                        f"`{node.id}` 把敏感的 `{name}` 写进会被记录的文本。",
                    ),
                    Text(
                        "Leave it out, or say only its last digits' check, never the value.",
                        "请删去，不要播报或记录该值。",
                    ),
                    show=partial(Probe.waiting_at, node=node.id),
                )


def _unlogged(subject: Subject) -> set[str]:
    """Nodes that every call reaches with the record switched off."""
    shown: dict[str, bool] = {subject.flow.start.name: True}
    waiting = [subject.flow.start.name]
    while waiting:
        name = waiting.pop()
        changed = facts.logged(subject.flow.nodes[name])
        state = shown[name] if changed is None else changed
        for target in subject.graph[name]:
            if target not in shown or (state and not shown[target]):
                shown[target] = state or shown.get(target, False)
                waiting.append(target)
    return {name for name, state in shown.items() if not state}


def _spread(subject: Subject, secret: set[str]) -> set[str]:
    """``secret`` and the variables into which ``set`` nodes copy it."""
    found = set(secret)
    while True:
        copied = {
            str(words.path[-1])
            for node in subject.nodes()
            for words in subject.words(node)
            if words.path[-1] in subject.defined[node.id] and found & {name for name, _ in names(words.text)}
        }
        if copied <= found:
            return found
        found |= copied


RULE = Rule(
    "sensitive-spoken", "warning", Text("sensitive digits are recorded", "敏感按键被记录"), check, behaviour=True
)
