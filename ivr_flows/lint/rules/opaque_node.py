"""``opaque-node``: an imported node that does nothing here."""

from __future__ import annotations

from collections.abc import Iterator

from ...findings import Text
from ..rule import Problem, Rule
from ..subject import Subject
from .unknown_name import declared


def check(subject: Subject) -> Iterator[Problem]:
    """One problem for every node."""
    yield from declared(subject, "opaque-node".__eq__)


RULE = Rule("opaque-node", "warning", Text("an imported node that does nothing", "不起作用的导入节点"), check)
