"""How long a text is at least, whatever its expressions give: for the vendor's limit on one spoken text."""

from __future__ import annotations

from collections.abc import Iterable

from jinja2 import nodes

from .expressions import SPOKEN, ExpressionError, Listener, is_template, parse
from .texts import Variants, variant

LONGEST_TEXT = 200
"""Characters that the vendor's text-to-speech takes in one text (a longer one is cut)."""


def certain_length(text: str, texts: Variants | None = None, language: str = "zh-CN") -> int:
    """Characters of ``text`` that are said in any case in ``language``.

    Constants count as they are said (``{{ 2.5 | money }}`` is 两块五), ``texts.NAME`` as its variant, of the
    branches of an ``if`` the shortest; what only a call knows counts nothing. 0 for what cannot be read.
    """
    if not is_template(text):
        return len(text)
    try:
        body = parse(text).body
    except ExpressionError:
        return 0
    return _length(body, texts or {}, language)


def too_long(text: str, texts: Variants | None = None, language: str = "zh-CN", limit: int = LONGEST_TEXT) -> int:
    """By how many characters ``text`` certainly exceeds ``limit``; 0 where it may fit."""
    return max(0, certain_length(text, texts, language) - limit)


def _length(body: Iterable[nodes.Node], texts: Variants, language: str) -> int:
    total = 0
    for node in body:
        if isinstance(node, nodes.Output):
            total += sum(_said(part, texts, language) for part in node.nodes)
        elif isinstance(node, nodes.If):
            ways = [node.body, *(other.body for other in node.elif_), node.else_]
            total += min(_length(way, texts, language) for way in ways)
    return total


def _said(node: nodes.Node, texts: Variants, language: str) -> int:
    if isinstance(node, nodes.TemplateData):
        return len(node.data)
    if isinstance(node, nodes.Const):
        return len(str(node.value))
    if isinstance(node, nodes.Filter) and node.name in SPOKEN and isinstance(node.node, nodes.Const) and not node.args:
        flags = {str(flag.key): flag.value.value for flag in node.kwargs if isinstance(flag.value, nodes.Const)}
        return len(SPOKEN[node.name](node.node.value, Listener(language, None), **flags))
    if isinstance(node, nodes.Getattr) and isinstance(node.node, nodes.Name) and node.node.name == "texts":
        variants = texts.get(node.attr)
        return certain_length(variants[variant(variants, language, language)], None, language) if variants else 0
    return 0
