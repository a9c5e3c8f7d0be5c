"""``unknown-name``: a flow names a calendar, queue, box, line … that is not there, or a number that is none. Each
node type knows what it names (`NodeType.check`), so that the findings have codes of their own."""

from __future__ import annotations

from collections.abc import Iterator

from ...findings import Text
from ..rule import Problem, Rule
from ..subject import Subject


def check(subject: Subject) -> Iterator[Problem]:
    """What each node's type says."""
    for node in subject.nodes():
        for finding in node.type.check(node, subject.environment):
            yield Problem(finding.place, finding.message, finding.cure, finding.severity, finding.code)


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
        "unknown-line",
        "unknown-queue",
    ),
    fatal=True,
)
