"""Rules on templates: syntax, names that nothing defines, texts compared with numbers."""

from __future__ import annotations

from collections.abc import Iterable

from jinja2 import nodes

from ..definition import FlowDefinition, NodeDefinition
from ..environment import Environment
from ..expressions import BUILT_IN, ExpressionError, is_template, names_used, parse
from ..findings import Finding, Place, Text
from ..schema import unknown_name

CALLER_FIELDS = ("number", "kind", "province", "city", "carrier")
INSTANCE_FIELDS = ("name", "queue")
_FIELDS = {"caller": CALLER_FIELDS, "instance": INSTANCE_FIELDS}


def templates(flow: FlowDefinition, environment: Environment) -> Iterable[Finding]:
    """``template-syntax``, ``unknown-variable``, ``text-compared-with-number``."""
    defined = set(BUILT_IN)
    texts = {"called", "line", "company"}
    for node in flow.nodes.values():
        names = list(node.type.defines(node.options))
        defined.update(names)
        if node.type.name == "gather":
            texts.update(names)
    for node in flow.nodes.values():
        for path, text in node.type.texts(node.options):
            if is_template(text):
                yield from _check(node, node.option_place(*path), text, defined, texts)


def _check(node: NodeDefinition, place: Place, text: str, defined: set[str], texts: set[str]) -> Iterable[Finding]:
    try:
        tree = parse(text)
    except ExpressionError as error:
        yield Finding("error", "template-syntax", place, error.message, error.cure)
        return
    for name, attribute in names_used(text):
        if name not in defined:
            yield unknown_name(place, Text("variable", "变量"), name, defined, "unknown-variable")
        elif attribute is not None and attribute not in _FIELDS.get(name, (attribute,)):
            yield unknown_name(
                place, Text(f"field of `{name}`", f"`{name}` 的字段"), attribute, _FIELDS[name], "unknown-variable"
            )
    for compare in tree.find_all(nodes.Compare):
        sides = (compare.expr, compare.ops[0].expr)
        number = any(isinstance(side, nodes.Const) and type(side.value) in (int, float) for side in sides)
        text_side = next((side for side in sides if _is_text(side, texts)), None)
        if number and text_side is not None:
            shown = text_side.name if isinstance(text_side, nodes.Name) else "caller.number"
            yield Finding(
                "error",
                "text-compared-with-number",
                place,
                Text(f"`{shown}` is a text, compared with a number here.", f"`{shown}` 是文本，这里却与数字比较。"),
                Text(f"Write `{shown} | int`, or put the number in quotes.", f"请写 `{shown} | int`，或给数字加引号。"),
            )


def _is_text(side: nodes.Expr, texts: set[str]) -> bool:
    if isinstance(side, nodes.Name):
        return side.name in texts
    return isinstance(side, nodes.Getattr) and isinstance(side.node, nodes.Name) and side.node.name in _FIELDS
