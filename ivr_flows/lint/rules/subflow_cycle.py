"""``subflow-cycle``: flows run each other as subflows in a circle. ``subflow-too-deep``: more of them would be under
way inside each other than a call may have."""

from __future__ import annotations

from collections.abc import Iterator

from ...findings import Text
from ..rule import Problem, Rule
from ..subject import Subject
from .unknown_name import declared

CODES = ("subflow-cycle", "subflow-too-deep")


def check(subject: Subject) -> Iterator[Problem]:
    """One problem for every node that runs such a flow."""
    yield from declared(subject, CODES.__contains__)


RULE = Rule(
    "subflow-cycle",
    "error",
    Text("subflows run each other in a circle", "子流程循环调用"),
    check,
    others=("subflow-too-deep",),
    fatal=True,
)
