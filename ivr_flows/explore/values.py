"""Values worth trying: the constants with which a flow's expressions compare what comes from outside.

``order.status == 'paid'`` makes ``paid`` and something else the values of ``order.status``; ``order.level >= 3`` the
numbers around 3; ``order.vip`` by itself true and false. What ``set`` copies into another variable keeps its source.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from typing import Any, TypeAlias

from jinja2 import nodes

from ..definition import NodeDefinition
from ..expressions import ExpressionError, is_template, parse
from .situations import Steering

Path: TypeAlias = "tuple[str, ...]"

OTHER = "other"
_UNWRAPPED = ("int", "float", "string", "lower", "upper", "trim", "default", "length", "digits", "number")


class Values:
    """The values of every variable and field that a flow's expressions look at, and the names it uses at all."""

    def __init__(self, nodes_by_id: Mapping[str, NodeDefinition]) -> None:
        self._found: dict[Path, list[Any]] = {}
        self._copies: dict[Path, set[Path]] = {}
        self.deciding: set[str] = set()
        for node in nodes_by_id.values():
            defines = set(node.type.defines(node.options))
            decides = bool(defines) or node.type.branches.ways in ("on", "inside")
            for where, text in node.type.texts(node.options):
                if not is_template(text):
                    continue
                try:
                    tree = parse(text)
                except ExpressionError:
                    continue  # reported by the linter with its place
                if decides:
                    self.deciding.update(name.name for name in tree.find_all(nodes.Name))
                self._read(tree)
                if where and (where[-1] in defines or str(where[0]).startswith("with")):
                    self._copy((str(where[-1]),), tree)
        self._settle()

    def of(self, path: Path) -> list[Any]:
        """Values to try for ``path``, none where nothing looks at it."""
        return self._found.get(path, [])

    def fields(self, path: Path) -> bool:
        """Whether a field of ``path`` is looked at."""
        return any(len(known) > len(path) and known[: len(path)] == path for known in self._found)

    def constants(self, path: Path) -> list[str]:
        """The values of ``path`` as a caller could enter them."""
        found = [str(value) for value in self.of(path) if not isinstance(value, bool)]
        return [text for text in dict.fromkeys(found) if text and text.isascii() and text.isdigit()]

    def _read(self, tree: nodes.Node) -> None:
        for compare in tree.find_all(nodes.Compare):
            self._compared(compare)
        for test in tree.find_all(nodes.Test):
            if (path := _path(test.node)) is not None:
                self._add(path, [OTHER, None])
        for call in tree.find_all(nodes.Call):
            if isinstance(call.node, nodes.Getattr) and (path := _path(call.node.node)) is not None:
                self._add(path, [*(a.value for a in call.args if isinstance(a, nodes.Const)), OTHER])
        for truth in _truths(tree):
            if (path := _path(truth)) is not None:
                self._add(path, [True, False])

    def _compared(self, compare: nodes.Compare) -> None:
        sides = [compare.expr, *(operand.expr for operand in compare.ops)]
        for side in sides:
            path = _path(side)
            if path is None:
                continue
            for other in sides:
                if other is not side:
                    self._add(path, _around(other))

    def _copy(self, target: Path, tree: nodes.Node) -> None:
        for output in tree.find_all(nodes.Output):
            for expression in output.nodes:
                if (source := _path(expression)) is not None:
                    self._copies.setdefault(source, set()).add(target)

    def _add(self, path: Path, values: list[Any]) -> None:
        known = self._found.setdefault(path, [])
        known.extend(value for value in values if not any(_same(value, there) for there in known))

    def _settle(self) -> None:
        """What a copy is compared with, its source is compared with too."""
        for _ in range(len(self._copies) + 1):
            for source, targets in self._copies.items():
                for target in targets:
                    for path in list(self._found):
                        if path[: len(target)] == target:
                            self._add(source + path[len(target) :], self._found[path])


def _same(one: Any, other: Any) -> bool:
    return type(one) is type(other) and bool(one == other)


def _path(node: nodes.Node) -> Path | None:
    """``order.items[0]`` as ``('order', 'items', '0')``; filters that keep the value are looked through."""
    if isinstance(node, nodes.Name):
        return (node.name,)
    if isinstance(node, nodes.Getattr):
        owner = _path(node.node)
        return None if owner is None else (*owner, node.attr)
    if isinstance(node, nodes.Getitem) and isinstance(node.arg, nodes.Const):
        owner = _path(node.node)
        return None if owner is None else (*owner, str(node.arg.value))
    if isinstance(node, nodes.Filter) and node.name in _UNWRAPPED and node.node is not None:
        return _path(node.node)
    return None


def _around(node: nodes.Node) -> list[Any]:
    if isinstance(node, nodes.Const):
        value = node.value
        if isinstance(value, bool):
            return [value, not value]
        if isinstance(value, int | float):
            return [value, value + 1, value - 1]
        return [value, OTHER]
    if isinstance(node, nodes.List | nodes.Tuple):
        return [*(item.value for item in node.items if isinstance(item, nodes.Const)), OTHER]
    return []


def _truths(tree: nodes.Node) -> Iterator[nodes.Node]:
    """Expressions of which only the truth matters: operands of and, or, not, and a whole template."""
    for operation in tree.find_all((nodes.And, nodes.Or)):
        yield operation.left
        yield operation.right
    for negation in tree.find_all(nodes.Not):
        yield negation.node
    for choice in tree.find_all(nodes.CondExpr):
        yield choice.test
    for condition in tree.find_all(nodes.If):
        yield condition.test
    for output in tree.find_all(nodes.Output):
        if len(output.nodes) == 1:
            yield output.nodes[0]


class Answer(dict[str, Any]):
    """What a fetch answered: an object whose fields are chosen when they are read. ``path`` is the variable that holds
    it in the flow's expressions, ``key`` the place of its fields among what was chosen."""

    __slots__ = ("_key", "_path", "_steering", "_values")

    def __init__(self, steering: Steering, values: Values, path: Path, key: Path) -> None:
        super().__init__()
        self._steering = steering
        self._values = values
        self._path = path
        self._key = key

    def __bool__(self) -> bool:
        return True

    def __missing__(self, name: str) -> Any:
        path, key = (*self._path, str(name)), (*self._key, str(name))
        if self._values.fields(path):
            return Answer(self._steering, self._values, path, key)
        return self._steering.value(key, self._values.of(path) or [OTHER])

    def get(self, name: str, default: Any = None) -> Any:
        """As reading the field."""
        return self[name]


def as_data(chosen: Mapping[Hashable, Any]) -> dict[str, Any]:
    """The chosen values as nested objects: what ``--data`` takes."""
    data: dict[str, Any] = {}
    for key, value in chosen.items():
        if not isinstance(key, tuple):
            continue
        owner = data
        for name in key[:-1]:
            inner = owner.get(name)
            if not isinstance(inner, dict):
                inner = owner[name] = {}
            owner = inner
        if not isinstance(value, dict):
            owner[key[-1]] = value
        else:
            owner.setdefault(key[-1], {})
    return data
