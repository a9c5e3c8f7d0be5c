"""``template-syntax``: a text whose template cannot be read."""

from __future__ import annotations

from collections.abc import Iterator

from ...expressions import ExpressionError, is_template
from ...findings import Text
from ..rule import Problem, Rule
from ..subject import Subject
from ..templates import parsed


def check(subject: Subject) -> Iterator[Problem]:
    """One problem for every text."""
    for node in subject.nodes():
        for words in subject.words(node):
            if is_template(words.text) and isinstance(error := parsed(words.text), ExpressionError):
                yield Problem(node.option_place(*words.path), error.message, error.cure)


RULE = Rule("template-syntax", "error", Text("a template that cannot be read", "模板无法解析"), check, fatal=True)
