"""``unknown-name``: a flow names a calendar, queue, box, line … that is not there, or a number that is none. Each
node type knows what it names (`NodeType.check`), so that the findings have codes of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ...findings import Text
from ..rule import Problem, Rule
from ..subject import Subject


def check(subject: Subject) -> Iterator[Problem]:
    """What each node's type says, as far as no other rule answers for the code."""
    yield from declared(subject, lambda code: code not in ELSEWHERE)


def declared(subject: Subject, wanted: Callable[[str], bool]) -> Iterator[Problem]:
    """What node types say under the codes that are ``wanted``."""
    for finding in subject.declared:
        if wanted(finding.code):
            yield Problem(finding.place, finding.message, finding.cure, finding.severity, finding.code)


ELSEWHERE = frozenset({"branch-never-taken", "missing-branch", "opaque-node", "subflow-cycle", "subflow-too-deep"})


RULE = Rule(
    "unknown-name",
    "error",
    Text("a name of the outside that is not there", "引用了不存在的外部名称"),
    check,
    others=(
        "bad-number",
        "exit-key-not-handled",
        "unknown-box",
        "unknown-calendar",
        "unknown-flow",
        "unknown-line",
        "unknown-queue",
    ),
    fatal=True,
)
