"""How long a text is at least, whatever its expressions give: for the vendor's limit on one spoken text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from jinja2 import nodes

from .expressions import SPOKEN, ExpressionError, Listener, is_template, parse
from .texts import Variants, variant

LONGEST_TEXT = 200
"""Characters that the vendor's text-to-speech takes in one text (a longer one is cut)."""
_NOW = {"date": 4, "time": 2}
"""The shortest that the moment is said by these filters: 一月一日, 零点."""


def certain_length(
    text: str,
    texts: Variants | None = None,
    language: str = "zh-CN",
    least: Mapping[str, int] | None = None,
) -> int:
    """Characters of ``text`` that are said in any case in ``language``.

    Constants count as they are said (``{{ 2.5 | money }}`` is 两块五), ``texts.NAME`` as its variant, of the
    branches of an ``if`` the shortest. A variable counts as the characters that it has at least by ``least``; what
    only a call knows counts nothing. 0 for what cannot be read.
    """
    if not is_template(text):
        return len(text)
    try:
        body = parse(text).body
    except ExpressionError:
        return 0
    return _Length(texts or {}, language, least or {}).of(body)


def too_long(text: str, texts: Variants | None = None, language: str = "zh-CN", limit: int = LONGEST_TEXT) -> int:
    """By how many characters ``text`` certainly exceeds ``limit``; 0 where it may fit."""
    return max(0, certain_length(text, texts, language) - limit)


@dataclass(frozen=True, slots=True)
class _Length:
    texts: Variants
    language: str
    least: Mapping[str, int]

    def of(self, body: Iterable[nodes.Node]) -> int:
        total = 0
        for node in body:
            if isinstance(node, nodes.Output):
                total += sum(self.said(part) for part in node.nodes)
            elif isinstance(node, nodes.If):
                ways = [node.body, *(other.body for other in node.elif_), node.else_]
                total += min(self.of(way) for way in ways)
        return total

    def said(self, node: nodes.Node | None) -> int:
        """Characters of the value of an expression."""
        if isinstance(node, nodes.TemplateData):
            return len(node.data)
        if isinstance(node, nodes.Const):
            return len(str(node.value))
        if isinstance(node, nodes.Name):
            return self.least.get(node.name, 0)
        if isinstance(node, nodes.Concat):
            return sum(self.said(part) for part in node.nodes)
        if isinstance(node, nodes.CondExpr):
            return min(self.said(node.expr1), self.said(node.expr2)) if node.expr2 is not None else 0
        if isinstance(node, nodes.Filter) and node.name in SPOKEN:
            return self._aloud(node)
        if isinstance(node, nodes.Getattr) and isinstance(node.node, nodes.Name) and node.node.name == "texts":
            variants = self.texts.get(node.attr)
            if variants:
                return certain_length(variants[variant(variants, self.language, self.language)], None, self.language)
        return 0

    def _aloud(self, node: nodes.Filter) -> int:
        value = node.node
        if isinstance(value, nodes.Name):
            if value.name == "now":
                return _NOW.get(node.name, 0)
            digits = self.least.get(value.name, 0) if node.name == "digits" else 0
            # One character a digit; in English three letters at least, and a space between them.
            return digits if self.language.startswith("zh") else max(0, 4 * digits - 1)
        if not isinstance(value, nodes.Const) or node.args:
            return 0
        flags = {str(flag.key): flag.value.value for flag in node.kwargs if isinstance(flag.value, nodes.Const)}
        return len(SPOKEN[node.name](value.value, Listener(self.language, None), **flags))
