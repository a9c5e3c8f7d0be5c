"""``branch-never-taken``: a subflow node has a branch that the subflow never returns."""

from __future__ import annotations

from collections.abc import Iterator

from ...findings import Text
from ..rule import Problem, Rule
from ..subject import Subject
from .unknown_name import declared


def check(subject: Subject) -> Iterator[Problem]:
    """One problem for every branch."""
    yield from declared(subject, "branch-never-taken".__eq__)


RULE = Rule("branch-never-taken", "warning", Text("a branch that is never taken", "不会被执行的分支"), check)
