"""Jinja's sandbox, bounded: no expression of an author reaches Python, runs for ever, or makes a value of a size that
no text of a call needs.

Jinja's own sandbox keeps attributes and methods of Python away. What it does not bound is work: loops within loops,
texts multiplied, padded, joined or replaced into each other. Here every product, sum, filter and method is weighed
before it is worked out; loops of one text share a number of rounds; what is no part of a text (macros, includes) and
filters with chance in them are not there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import wraps
from types import GeneratorType
from typing import Any

from jinja2 import TemplateSyntaxError, nodes, pass_context
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.visitor import NodeTransformer

MAX_REPEAT = 10_000
"""The largest factor of a product, width of a padding, number of rounds of all loops of one text."""
MAX_SIZE = 200_000
"""Characters and items that a text or list may have in the course of an expression."""
MAX_DEPTH = 60
"""How deep an expression may be nested."""
ROUNDS = "the rounds that are left"
"""Where a template's context keeps how often its loops may still go round, a list of one number. It is no identifier,
so that no template can name it."""
_STATEMENTS = (nodes.Output, nodes.If, nodes.For, nodes.Assign, nodes.AssignBlock)
_REMOVED_FILTERS = frozenset(
    {"attr", "random", "pprint", "urlize", "xmlattr", "wordwrap", "indent", "groupby", "format"}
)
_UNWEIGHED = frozenset({"default", "d", "int", "float", "length", "count", "first", "last", "abs", "round"})
"""Filters whose work does not grow with what they are given."""
_REMOVED_METHODS = frozenset({"format", "format_map", "encode", "translate", "maketrans", "expandtabs"})
_WIDE = re.compile(r"%[^a-zA-Z%]*(?:\d{4,}|\*)")


class TooMuch(ValueError):
    """An expression whose value, or the work for it, would grow beyond what a text needs."""

    def __init__(self) -> None:
        super().__init__(f"more than {MAX_SIZE:,} characters or {MAX_REPEAT:,} repetitions")


def weight(value: Any, depth: int = 0) -> int:
    """The characters and items of ``value``, at least 1; more than `MAX_SIZE` is not counted further. Numbers weigh
    their digits."""
    if isinstance(value, str | bytes):
        return max(1, len(value))
    if isinstance(value, int):
        return 1 + value.bit_length() // 3
    if depth > MAX_DEPTH:
        return MAX_SIZE + 1
    total = 1
    parts: Any = ()
    if isinstance(value, Mapping):
        parts = [*value.keys(), *value.values()]
    elif isinstance(value, list | tuple | set | frozenset):
        parts = value
    for part in parts:
        total += weight(part, depth + 1)
        if total > MAX_SIZE:
            break
    return total


def weighed(value: Any) -> Any:
    """``value``. Raises `TooMuch` where it is too large."""
    if weight(value) > MAX_SIZE:
        raise TooMuch
    return value


class BoundedSandbox(ImmutableSandboxedEnvironment):
    """The environment. Whoever renders puts ``{ROUNDS: [MAX_REPEAT]}`` into the context."""

    intercepted_binops = frozenset({"*", "**", "+", "%"})

    def __init__(self) -> None:
        super().__init__(autoescape=False)
        self.globals.clear()
        self.filters = {
            name: found if name in _UNWEIGHED else _bounded(found)
            for name, found in self.filters.items()
            if name not in _REMOVED_FILTERS
        }
        self.filters[_ROUND] = _rounds
        self.filters[_JOINED] = _joined

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Whether a template may read ``attr`` of ``obj``."""
        return attr not in _REMOVED_METHODS and super().is_safe_attribute(obj, attr, value)

    def wrap_str_format(self, value: Any) -> Callable[..., str] | None:
        """Neither ``format`` nor ``format_map``: their widths stand within the text."""
        return None if super().wrap_str_format(value) is None else _no_format

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """Work ``left operator right`` out, if it is not too much."""
        if operator == "**":
            if abs(right) > 16 or weight(left) * abs(right) > MAX_REPEAT:
                raise TooMuch
        elif operator == "*":
            count = next((side for side in (right, left) if isinstance(side, int)), 1)
            sized = next((side for side in (left, right) if isinstance(side, str | list | tuple)), None)
            if sized is None and weight(left) + weight(right) > MAX_REPEAT:
                raise TooMuch
            if sized is not None and (abs(count) > MAX_REPEAT or weight(sized) * abs(count) > MAX_SIZE):
                raise TooMuch
        elif operator == "%" and isinstance(left, str):
            if _WIDE.search(left) or weight(left) * weight(right) > MAX_SIZE:
                raise TooMuch
        elif operator == "+" and weight(left) + weight(right) > MAX_SIZE:
            raise TooMuch
        return super().call_binop(context, operator, left, right)

    def call(__self, __context: Context, __obj: Any, *args: Any, **kwargs: Any) -> Any:
        """Call a method that a template may call, if it is not too much work."""
        _afford((getattr(__obj, "__self__", None), *args, *kwargs.values()))
        return weighed(super().call(__context, __obj, *args, **kwargs))

    def _generate(self, source: nodes.Template, *more: Any, **named: Any) -> str:
        return super()._generate(_Bounding().visit(source), *more, **named)

    def understood(self, text: str) -> nodes.Template:
        """The syntax tree of ``text``. Raises `TemplateSyntaxError`, also for what a text cannot do here."""
        try:
            tree = self.parse(text)
        except RecursionError:
            raise TemplateSyntaxError("it is nested too deeply", 1) from None
        waiting: list[tuple[nodes.Node, int]] = [(tree, 0)]
        while waiting:
            node, depth = waiting.pop()
            if depth > MAX_DEPTH:
                raise TemplateSyntaxError("it is nested too deeply", 1)
            if isinstance(node, nodes.Stmt) and not isinstance(node, _STATEMENTS):
                raise TemplateSyntaxError(f"`{type(node).__name__.lower()}` is not available", node.lineno)
            for kind, known in (("filter", self.filters), ("test", self.tests)):
                if type(node).__name__.lower() == kind and getattr(node, "name", None) not in known:
                    raise TemplateSyntaxError(f"there is no {kind} `{getattr(node, 'name', '')}`", node.lineno)
            waiting.extend((child, depth + 1) for child in node.iter_child_nodes())
        return tree


_ROUND = "each, counted"
_JOINED = "put together, weighed"


class _Bounding(NodeTransformer):
    """Counts the rounds of loops, and weighs what ``~`` puts together."""

    def visit_For(self, node: nodes.For) -> nodes.For:
        self.generic_visit(node)
        node.iter = nodes.Filter(node.iter, _ROUND, [], [], None, None, lineno=node.lineno)
        return node

    def visit_Concat(self, node: nodes.Concat) -> nodes.Filter:
        self.generic_visit(node)
        parts = nodes.List(node.nodes, lineno=node.lineno)
        return nodes.Filter(parts, _JOINED, [], [], None, None, lineno=node.lineno)


def _no_format(*args: Any, **named: Any) -> str:
    raise ValueError("`format` is not available; put values together by `~`")


@pass_context
def _rounds(context: Context, items: Any) -> Iterator[Any]:
    left = context[ROUNDS]
    for item in items:
        left[0] -= 1
        if left[0] < 0:
            raise TooMuch
        yield item


def _joined(parts: list[Any]) -> str:
    texts = [str(weighed(part)) for part in parts]
    if sum(map(len, texts)) > MAX_SIZE:
        raise TooMuch
    return "".join(texts)


def _afford(values: tuple[Any, ...]) -> None:
    """Raise `TooMuch` where what can be made of ``values`` together may be too large."""
    work = 1
    for place, value in enumerate(values):
        if place and isinstance(value, int) and abs(value) > MAX_REPEAT:
            raise TooMuch
        if isinstance(value, str | bytes | Mapping | list | tuple | set | frozenset):
            work *= weight(value)
        elif place and isinstance(value, int):
            work *= max(1, abs(value))
        if work > MAX_SIZE * 5:
            raise TooMuch


def _bounded(function: Callable[..., Any]) -> Callable[..., Any]:
    """A filter that is not worked out where it would be too much."""
    passes = 1 if getattr(function, "jinja_pass_arg", None) is not None else 0

    @wraps(function)
    def bounded(*args: Any, **named: Any) -> Any:
        given = [_listed(value) for value in args]
        _afford((*given[passes:], *named.values()))
        return _listed(weighed(_listed(function(*given, **named))))

    return bounded


def _listed(value: Any) -> Any:
    """A generator as a list, as far as it may go."""
    if not isinstance(value, GeneratorType | map | filter | reversed):
        return value
    found = []
    for item in value:
        found.append(item)
        if len(found) > MAX_REPEAT:
            raise TooMuch
    return found
