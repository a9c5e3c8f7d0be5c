"""What may be written at the cursor. Asked of the text, not of the tree: while somebody types there may be none."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from ..descriptions import FLOW_KEYS, NODES, WAYS, describe_branch, describe_option
from ..environment import Environment
from ..findings import Text
from ..flow_schema import options_of, written
from ..loader import FlowFile
from ..nodes import NODE_TYPES, NodeType
from .expression_words import Sort as ExpressionSort
from .expression_words import expression_words, inside_expression
from .occurrences import Span, as_scalar
from .outside import OUTSIDE

Sort: TypeAlias = ExpressionSort | Literal["node", "type", "option", "branch", "key", "value"]
_KEY = re.compile(
    r"""^(?P<indent>[ ]*)(?P<dash>(?:-[ ]+)*)(?P<key>"[^"]*"|'[^']*'|[^\s:#{}\[\],][^:#{}\[\],]*?)[ ]*:(?=\s|$)"""
)
_NODES = re.compile(r"^nodes\s*:")


@dataclass(frozen=True, slots=True)
class Candidate:
    """One word that may stand at ``span``; ``insert`` is what is written."""

    label: str
    insert: str
    sort: Sort
    detail: Text | None
    span: Span


@dataclass(frozen=True, slots=True)
class _Cursor:
    """``path`` leads to what is being written; ``key``: whose value it is, None where a key is being written. ``node``
    are the keys of the node that the cursor is in."""

    path: tuple[str, ...]
    key: str | None
    partial: str
    span: Span
    node: tuple[str, ...]


def complete(text: str, line: int, column: int, environment: Environment | None = None) -> list[Candidate]:
    """The words that may stand at the cursor and begin as what is written there does, the likely ones first."""
    lines = text.split("\n")
    expression = inside_expression(lines[line][:column]) if 0 <= line < len(lines) else None
    if expression is not None:
        partial, words = expression_words(expression, lines)
        span = Span(line, column - len(partial), column)
        return [
            Candidate(word.label, word.label, word.sort, word.detail, span)
            for word in words
            if word.label.startswith(partial)
        ]
    cursor = _cursor(lines, line, column)
    if cursor is None:
        return []
    found = _values(cursor, lines, environment) if cursor.key is not None else _keys(cursor)
    wanted = cursor.partial.strip("\"'").lower()
    seen: dict[str, Candidate] = {}
    for label, sort, detail in found:
        if wanted in label.lower():
            insert = f"{_quoted(label, sort)}: " if cursor.key is None else _quoted(label, sort)
            seen.setdefault(label, Candidate(label, insert, sort, detail, cursor.span))
    return list(seen.values())


Word = tuple[str, Sort, Text | None]


def _keys(cursor: _Cursor) -> Iterator[Word]:
    path = cursor.path
    if not path:
        yield from ((name, "key", FLOW_KEYS.get(name)) for name in FlowFile.model_fields)
        return
    if path[0] != "nodes" or len(path) < 2:
        return
    kind = _kind(cursor.node)
    if len(path) == 2:
        if kind is None:
            yield from ((name, "type", NODES.get(name)) for name in NODE_TYPES)
            return
        yield from ((name, "option", text) for name, text in _options(kind) if name not in cursor.node)
        for name in _ways(kind):
            if name not in cursor.node:
                yield name, "key", WAYS[name]
    elif len(path) == 3 and kind is not None and path[2] == "on":
        yield from ((name, "branch", describe_branch(name)) for name in kind.branches.known)
        if kind.branches.keys:
            yield from ((key, "branch", describe_branch(key)) for key in "1234567890*#")
    elif len(path) == 3 and kind is not None and path[2] == kind.name:
        if kind.branches.ways == "inside" and not kind.main_is_mapping:
            yield from ((name, "option", describe_option(kind.name, name)) for name in ("when", "next"))
        elif not kind.main_is_mapping:
            yield from ((name, "option", text) for name, text in _options(kind))


def _values(cursor: _Cursor, lines: list[str], environment: Environment | None) -> Iterator[Word]:
    path, key = cursor.path, cursor.key
    assert key is not None
    names: list[Word] = [(name, "node", None) for name in node_names(lines)]
    if not path:
        if key in ("start", "on_hangup"):
            yield from names
        elif key == "language":
            yield from (("zh-CN", "value", None), ("en", "value", None))
        return
    if path[0] != "nodes" or len(path) < 2:
        return
    own = path[1]
    kind = _kind(cursor.node)
    if key in ("next", "else") or (len(path) == 3 and path[2] == "on"):
        # A node rarely leads to itself.
        yield from sorted(names, key=lambda word: word[0] == own)
        return
    if kind is None:
        return
    option = kind.main if key == kind.name and len(path) == 2 else key
    if option is not None:
        yield from ((name, "value", None) for name in _known_values(kind, option, environment))


def _known_values(kind: NodeType, option: str, environment: Environment | None) -> Iterable[str]:
    named = OUTSIDE.get((kind.name, option))
    known: Collection[str] | None = None
    if named is not None and environment is not None:
        known = {
            "queue": environment.queues,
            "calendar": environment.calendars,
            "box": environment.boxes,
            "line": environment.lines,
            "flow": environment.flows,
        }[named]
    if known is not None:
        return sorted(known)
    field = options_of(kind).get(option)
    if field is None:
        return ()
    schema = written(field.annotation, field.metadata)
    choices = [choice for form in (schema, *schema.get("anyOf", ())) for choice in form.get("enum", ())]
    if True in choices and "on" in choices:
        return ("on", "off") if option == "to" else ("true", "false")
    return [str(choice) for choice in choices if isinstance(choice, str) and choice]


def _options(kind: NodeType) -> Iterator[tuple[str, Text | None]]:
    for name in options_of(kind):
        if not (kind.main_is_mapping and name == kind.main):
            yield name, describe_option(kind.name, name)


def _ways(kind: NodeType) -> tuple[str, ...]:
    if kind.branches.ways == "on":
        return ("on",)
    if kind.branches.ways == "inside":
        return ("else", "next") if kind.name == "branch" else ("next",)
    return ("next",) if kind.branches.ways == "next" else ()


def _kind(keys: Iterable[str]) -> NodeType | None:
    return next((NODE_TYPES[key] for key in keys if key in NODE_TYPES), None)


def node_names(lines: list[str]) -> list[str]:
    """The names of the nodes, read by indentation."""
    names: list[str] = []
    indent: int | None = None
    inside = False
    for text in lines:
        if _NODES.match(text):
            inside = True
            continue
        match = _KEY.match(text)
        if not inside or match is None:
            continue
        depth = len(match["indent"])
        if depth == 0:
            inside = False
            continue
        indent = depth if indent is None else indent
        if depth == indent:
            names.append(_bare(match["key"]))
    return names


def _cursor(lines: list[str], line: int, column: int) -> _Cursor | None:
    if not 0 <= line < len(lines):
        return None
    before = lines[line][:column]
    if re.search(r"(^|\s)#", before) or "{{" in before.rpartition("}}")[2]:
        return None
    path, node = _above(lines, line, before)
    head, flow = _flow_context(before)
    if flow is None:
        match = _KEY.match(before)
        if match is None:
            partial = before.lstrip(" ").removeprefix("- ").lstrip(" ")
            return _Cursor(path, None, partial, Span(line, column - len(partial), column), node)
        partial = before[match.end() :].lstrip(" ")
        return _Cursor(path, _bare(match["key"]), partial, Span(line, column - len(partial), column), node)
    if path == ("nodes",) and flow:
        node = tuple(_bare(part.partition(":")[0].strip()) for part in _parts(lines[line], before))
    path = (*path, *flow)
    inner = head.rpartition(",")[2] if "," in head else head
    key, colon, value = inner.partition(":")
    partial = (value if colon else key).lstrip(" ")
    span = Span(line, column - len(partial), column)
    return _Cursor(path, _bare(key.strip()) if colon else None, partial, span, node)


def _parts(whole: str, before: str) -> list[str]:
    """The keys of a node that is written in one line."""
    opened = before.find("{")
    depth, part, parts = 0, "", []
    for character in whole[opened + 1 :]:
        if character in "{[":
            depth += 1
        elif character in "}]":
            depth -= 1
            if depth < 0:
                break
        elif character == "," and depth == 0:
            parts.append(part)
            part = ""
            continue
        part += character
    return [*parts, part]


def _flow_context(before: str) -> tuple[str, tuple[str, ...] | None]:
    """The text behind the innermost open ``{``, and the keys that lead there; None outside of braces."""
    opened: list[int] = []
    quote = ""
    for index, character in enumerate(before):
        if quote:
            quote = "" if character == quote else quote
        elif character in "\"'":
            quote = character
        elif character == "{":
            opened.append(index)
        elif character == "}" and opened:
            opened.pop()
    if not opened:
        return "", None
    keys = []
    for index in opened:
        match = re.search(r"""("[^"]*"|'[^']*'|[^\s:#{}\[\],]+)\s*:\s*\[?\s*$""", before[:index])
        if match:
            keys.append(_bare(match[1]))
    return before[opened[-1] + 1 :], tuple(keys)


def _above(lines: list[str], line: int, before: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The keys above the cursor by their indentation, and the keys of the node that it is in."""
    depth = len(before) - len(before.lstrip(" "))
    dashes = re.match(r" *((?:- +)+)", before)
    inner = depth + len(dashes[1]) if dashes else depth
    path: list[str] = []
    limit = inner
    for index in range(line - 1, -1, -1):
        match = _KEY.match(lines[index])
        if match is None:
            continue
        indent = len(match["indent"]) + len(match["dash"])
        if indent < limit and (not dashes or indent <= depth or path):
            limit = len(match["indent"])
            path.insert(0, _bare(match["key"]))
            if limit == 0:
                break
    return tuple(path), _node_keys(lines, line, path, before)


def _node_keys(lines: list[str], line: int, path: list[str], before: str) -> tuple[str, ...]:
    """The keys that stand beside each other in the node of the cursor, the line of the cursor left out."""
    if len(path) < 2 or path[0] != "nodes":
        return ()
    start = next((i for i in range(line, -1, -1) if (m := _KEY.match(lines[i])) and _is_node(lines, i, m)), None)
    if start is None:
        return ()
    own = _KEY.match(lines[start])
    assert own is not None
    base = len(own["indent"])
    keys: list[str] = []
    level: int | None = None
    for index in range(start + 1, len(lines)):
        match = _KEY.match(lines[index])
        if match is None:
            continue
        indent = len(match["indent"])
        if indent <= base:
            break
        level = indent if level is None else level
        # On the cursor's own line a key counts once the cursor is behind it.
        if indent == level and (index != line or ":" in before):
            keys.append(_bare(match["key"]))
    return tuple(keys)


def _is_node(lines: list[str], index: int, match: re.Match[str]) -> bool:
    """Whether the key of ``lines[index]`` is the name of a node: the nearest key above it that is less indented is
    ``nodes``."""
    indent = len(match["indent"])
    for above in range(index - 1, -1, -1):
        other = _KEY.match(lines[above])
        if other is not None and len(other["indent"]) < indent:
            return len(other["indent"]) == 0 and _bare(other["key"]) == "nodes"
    return False


def _bare(key: str) -> str:
    return key.strip("\"'")


def _quoted(label: str, sort: Sort) -> str:
    """Keys of a telephone in quotes, as everybody writes them."""
    return f'"{label}"' if sort == "branch" and label.isdigit() else as_scalar(label)
