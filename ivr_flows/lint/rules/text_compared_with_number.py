"""``text-compared-with-number``: what a caller entered is a text; compared with a number it never is equal, and to
order the two fails."""

from __future__ import annotations

from collections.abc import Iterator

from jinja2 import nodes

from ...expressions import is_template
from ...findings import Text
from .. import facts
from ..rule import Problem, Rule
from ..subject import Subject
from ..templates import FIELDS, parsed


def check(subject: Subject) -> Iterator[Problem]:
    """One problem for every comparison."""
    texts = {"called", "line", "company"}
    for node in subject.nodes():
        if facts.option(node, "max_digits") is not None:
            texts.update(subject.defined[node.id])
    for node in subject.nodes():
        for words in subject.words(node):
            tree = parsed(words.text) if is_template(words.text) else None
            if not isinstance(tree, nodes.Template):
                continue
            for compare in tree.find_all(nodes.Compare):
                sides = (compare.expr, compare.ops[0].expr)
                number = any(isinstance(side, nodes.Const) and type(side.value) in (int, float) for side in sides)
                text = next((side for side in sides if _is_text(side, texts)), None)
                if number and text is not None:
                    shown = _shown(text)
                    yield Problem(
                        node.option_place(*words.path),
                        Text(
                            f"`{shown}` is a text, compared with a number here.",
                            f"`{shown}` 是文本，这里却与数字比较。",
                        ),
                        Text(
                            f"Write `{shown} | int`, or put the number in quotes.",
                            f"请写 `{shown} | int`，或给数字加引号。",
                        ),
                    )


def _is_text(side: nodes.Expr, texts: set[str]) -> bool:
    if isinstance(side, nodes.Name):
        return side.name in texts
    return isinstance(side, nodes.Getattr) and isinstance(side.node, nodes.Name) and side.node.name in FIELDS


def _shown(side: nodes.Expr) -> str:
    if isinstance(side, nodes.Name):
        return side.name
    assert isinstance(side, nodes.Getattr)
    assert isinstance(side.node, nodes.Name)
    return f"{side.node.name}.{side.attr}"


RULE = Rule(
    "text-compared-with-number", "error", Text("a text compared with a number", "文本与数字比较"), check, fatal=True
)
