"""Templates as the rules look at them: parsed once, with the names they use."""

from __future__ import annotations

from functools import lru_cache

from jinja2 import nodes

from ..expressions import ExpressionError, is_template, parse
from ..texts import Variants, variant

CALLER_FIELDS = ("number", "kind", "province", "city", "carrier")
INSTANCE_FIELDS = ("name", "queue")
FIELDS = {"caller": CALLER_FIELDS, "instance": INSTANCE_FIELDS}


@lru_cache(maxsize=8192)
def parsed(text: str) -> nodes.Template | ExpressionError:
    """The syntax tree of ``text``, or why there is none."""
    try:
        return parse(text)
    except ExpressionError as error:
        return error


@lru_cache(maxsize=8192)
def names(text: str) -> tuple[tuple[str, str | None], ...]:
    """Every free name of a template with the attribute read from it, if any; none for what cannot be parsed."""
    tree = parsed(text) if is_template(text) else None
    if not isinstance(tree, nodes.Template):
        return ()
    stored = {name.name for name in tree.find_all(nodes.Name) if name.ctx in ("store", "param")}
    found: dict[tuple[str, str | None], None] = {}
    owners = set()
    for attribute in tree.find_all(nodes.Getattr):
        if isinstance(attribute.node, nodes.Name):
            owners.add(id(attribute.node))
            if attribute.node.name not in stored:
                found[(attribute.node.name, attribute.attr)] = None
    for name in tree.find_all(nodes.Name):
        if name.ctx == "load" and id(name) not in owners and name.name not in stored:
            found[(name.name, None)] = None
    return tuple(found)


@lru_cache(maxsize=8192)
def careless_names(text: str) -> frozenset[str]:
    """The names of a template that it uses without providing for their absence (``default``, ``is defined``, or as a
    condition that an absent value makes false)."""
    tree = parsed(text) if is_template(text) else None
    if not isinstance(tree, nodes.Template):
        return frozenset()
    cared: set[str] = set()
    for piece in tree.find_all(nodes.Filter):
        if piece.name in ("default", "d") and piece.node is not None:
            cared.update(_names_in(piece.node))
    for test in tree.find_all(nodes.Test):
        cared.update(_names_in(test.node))
    return frozenset(name for name, _ in names(text)) - cared


def _names_in(node: nodes.Node) -> set[str]:
    if isinstance(node, nodes.Name):
        return {node.name}
    return {name.name for name in node.find_all(nodes.Name)}


def plain_words(text: str, texts: Variants | None = None, language: str = "zh-CN") -> str:
    """``text`` without its expressions, ``texts.NAME`` as its variant in ``language``."""
    tree = parsed(text) if is_template(text) else None
    if not isinstance(tree, nodes.Template):
        return text
    found = []
    for piece in tree.find_all((nodes.TemplateData, nodes.Getattr)):
        if isinstance(piece, nodes.TemplateData):
            found.append(piece.data)
        elif isinstance(piece, nodes.Getattr) and isinstance(piece.node, nodes.Name) and piece.node.name == "texts":
            variants = (texts or {}).get(piece.attr)
            if variants:
                found.append(plain_words(variants[variant(variants, language, language)]))
    return " ".join(found)
