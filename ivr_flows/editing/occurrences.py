"""Where the names of nodes stand in a flow file: at the node itself, and wherever a way leads to it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from ..findings import Text
from ..nodes import NODE_TYPES, NodeType
from ..schema import Refusal
from ..yaml_source import Document, Mapping, Scalar, Sequence, Value

_PLAIN = re.compile(r"[^\W\d][\w.-]*|\d[\w.-]*")
"""Names that need no quotes anywhere in YAML."""


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A stretch of one line; ``end`` is behind the last character."""

    line: int
    start: int
    end: int

    def holds(self, line: int, column: int) -> bool:
        """Whether a cursor at ``line`` and ``column`` touches it."""
        return self.line == line and self.start <= column <= self.end


@dataclass(frozen=True, slots=True)
class Occurrence:
    """The name of a node, ``span`` with its quotes; ``defines`` where the node itself stands."""

    name: str
    span: Span
    defines: bool


def occurrences(document: Document) -> list[Occurrence]:
    """Every name of a node in the file, in order; those of names that no node has too."""
    lines = document.text.split("\n")
    found = []
    for scalar, defines in _scalars(document.root):
        span = span_of(scalar, lines)
        if span is not None:
            found.append(Occurrence(scalar.text, span, defines))
    return sorted(set(found), key=lambda occurrence: occurrence.span)


def occurrence_at(document: Document, line: int, column: int) -> Occurrence | None:
    """The name of a node under the cursor."""
    return next((found for found in occurrences(document) if found.span.holds(line, column)), None)


def definition_of(document: Document, name: str) -> Span | None:
    """Where the node ``name`` is written."""
    return next((found.span for found in occurrences(document) if found.defines and found.name == name), None)


def rename(document: Document, line: int, column: int, name: str) -> list[tuple[Span, str]]:
    """What to write where so that the node under the cursor is called ``name`` everywhere; nothing where there is no
    node. Raises `Refusal` for a name that cannot be used."""
    chosen = occurrence_at(document, line, column)
    if chosen is None:
        return []
    everywhere = occurrences(document)
    checked_name(name)
    if name != chosen.name and any(found.defines and found.name == name for found in everywhere):
        raise Refusal(
            Text(f"There is a node `{name}` already.", f"已有节点 `{name}`。"),
            Text("Choose another name.", "请换一个名称。"),
        )
    written = as_scalar(name)
    return [(found.span, written) for found in everywhere if found.name == chosen.name]


def checked_name(name: str) -> str:
    """``name``; raises `Refusal` for one that nothing can be called."""
    if not name.strip() or name != name.strip() or not name.isprintable():
        raise Refusal(
            Text(f"`{name}` cannot be a name.", f"`{name}` 不能作名称。"),
            Text("Write a name of visible characters.", "请写由可见字符组成的名称。"),
        )
    return name


def as_scalar(name: str) -> str:
    """``name`` as it is written in YAML, quoted where it must be."""
    return name if _PLAIN.fullmatch(name) and name.lower() != "null" else json.dumps(name, ensure_ascii=False)


def span_of(scalar: Scalar, lines: list[str]) -> Span | None:
    """Where a scalar of one line stands, with its quotes; None where it is not written there (an alias)."""
    line, start = scalar.place.line - 1, scalar.place.column - 1
    if not 0 <= line < len(lines):
        return None
    text = lines[line]
    quote = text[start : start + 1]
    if scalar.quoted and quote in ('"', "'"):
        end = re.compile(r'"(?:[^"\\]|\\.)*"' if quote == '"' else r"'(?:[^']|'')*'").match(text, start)
        return Span(line, start, end.end()) if end else None
    return Span(line, start, start + len(scalar.text)) if text.startswith(scalar.text, start) else None


def kind_of(node: Value | None) -> NodeType | None:
    """The type of a node as it is written, its first key that is one."""
    if not isinstance(node, Mapping):
        return None
    return next((NODE_TYPES[key] for key in node.entries if key in NODE_TYPES), None)


def nodes_of(root: Value | None) -> Mapping | None:
    """The nodes of a flow file."""
    nodes = root.get("nodes") if isinstance(root, Mapping) else None
    return nodes if isinstance(nodes, Mapping) else None


def option_of(node: Value | None, kind: NodeType, name: str) -> Value | None:
    """The option ``name`` of a node, wherever it is written: inside of the type key, beside it, as its bare value."""
    if not isinstance(node, Mapping):
        return None
    value = node.get(kind.name)
    if isinstance(value, Mapping) and not kind.main_is_mapping and name in value.entries:
        return value.get(name)
    if name == kind.main and value is not None and (kind.main_is_mapping or not isinstance(value, Mapping)):
        return None if isinstance(value, Scalar) and value.is_null else value
    return node.get(name) if name != kind.name else None


def flow_run_by(node: Value | None) -> str | None:
    """The flow that a node runs as a subflow; None for any other node."""
    value = option_of(node, NODE_TYPES["subflow"], "flow")
    there = isinstance(node, Mapping) and "subflow" in node.entries
    return value.text if there and isinstance(value, Scalar) and not value.is_null else None


def targets_of(node: Value | None) -> Iterator[tuple[str, Scalar]]:
    """The ways out of a node as they are written: branch and name of the node that follows."""
    if not isinstance(node, Mapping):
        return
    for key in ("next", "else"):
        value = node.get(key)
        if isinstance(value, Scalar):
            yield key, value
    branches = node.get("on")
    if isinstance(branches, Mapping):
        for key, value in branches.entries.items():
            if isinstance(value, Scalar):
                yield key, value
    kind = kind_of(node)
    if kind is None or kind.branches.ways != "inside" or kind.main is None:
        return
    inner = option_of(node, kind, kind.main)
    if isinstance(inner, Mapping):
        for key, scalar in inner.keys.items():
            share = inner.entries[key]
            yield f"{share.text}%" if isinstance(share, Scalar) else key, scalar
    elif isinstance(inner, Sequence):
        for index, case in enumerate(inner.items):
            value = case.get("next") if isinstance(case, Mapping) else None
            if isinstance(value, Scalar):
                yield f"case {index + 1}", value


def _scalars(root: Value | None) -> Iterator[tuple[Scalar, bool]]:
    nodes = nodes_of(root)
    if isinstance(root, Mapping):
        for key in ("start", "on_hangup"):
            value = root.get(key)
            if isinstance(value, Scalar) and not value.is_null:
                yield value, False
    if nodes is None:
        return
    for name, node in nodes.entries.items():
        yield nodes.keys[name], True
        for _, scalar in targets_of(node):
            if not scalar.is_null:
                yield scalar, False
