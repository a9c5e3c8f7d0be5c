"""A tree laid out: two spaces a level, one blank line where there were some, ``{ a: b }`` and ``[a, b]``, digit keys in
double quotes, words without any."""

from __future__ import annotations

import re

from .order import Order
from .tree import Block, Document, Entry, Flow, Leaf, Node

WIDTH = 120
_WORD = re.compile(r"[A-Za-z_\u4e00-\u9fff][\w\u4e00-\u9fff-]*")
_KEYS = re.compile(r"[0-9*#]+")
_NULLS = frozenset({"null", "Null", "NULL", "~", ""})


def lay_out(document: Document, order: Order) -> str:
    """The text of ``document``."""
    lines = list(document.head)
    root = _fitting(document.root, 0, (), order)
    if isinstance(root, Block):
        lines += _block(root, 0, (), order)
    else:
        first, rest = _value(root, -2, (), order)
        lines += [first.strip(), *rest]
    if document.tail:
        lines += document.tail
    while lines and not lines[-1]:
        lines.pop()
    while lines and not lines[0]:
        lines.pop(0)
    return "\n".join(lines) + "\n"


def _block(block: Block, indent: int, path: tuple[str, ...], order: Order) -> list[str]:
    """The lines of a block; the first is never blank."""
    pad = " " * indent
    lines: list[str] = []
    for entry in _ordered(block, path, order):
        for text in entry.before:
            if text or lines:
                lines.append(pad + text if text else "")
        lines += _entry(entry, indent, path, order)
    lines += [pad + text if text else "" for text in block.after]
    return lines


def _ordered(block: Block, path: tuple[str, ...], order: Order) -> list[Entry]:
    if not block.mapping:
        return block.entries
    by_key = {entry.key.text: entry for entry in block.entries if entry.key is not None}
    return [by_key[key] for key in order(path, list(by_key))]


def _entry(entry: Entry, indent: int, path: tuple[str, ...], order: Order) -> list[str]:
    pad = " " * indent
    if entry.key is None:
        inner = (*path, "*")
        value = _fitting(entry.value, indent + 2, inner, order)
        if isinstance(value, Block):
            lines = _block(value, indent + 2, inner, order)
            above = next(index for index, line in enumerate(lines) if not line.lstrip().startswith("#") and line)
            head = [f"{pad}{line.strip()}" if line else "" for line in lines[:above]]
            if entry.beside:
                head.append(f"{pad}{entry.beside.strip()}")
            return [*head, f"{pad}- {lines[above].strip()}", *lines[above + 1 :]]
        first, rest = _value(value, indent, inner, order)
        return [f"{pad}-{' ' if first else ''}{first.strip()}{entry.beside if not rest else ''}", *_with(rest, entry)]
    name = f"{pad}{_key(entry.key, path)}:"
    inner = (*path, entry.key.text)
    value = _fitting(entry.value, len(name) + 1, inner, order)
    if isinstance(value, Block):
        return [f"{name}{entry.beside}", *_block(value, indent + 2, inner, order)]
    first, rest = _value(value, indent, inner, order)
    return [f"{name}{first and ' '}{first.strip()}{entry.beside if not rest else ''}", *_with(rest, entry)]


def _with(rest: list[str], entry: Entry) -> list[str]:
    """The further lines of a value, the comment behind the last."""
    if not rest or not entry.beside:
        return rest
    return [*rest[:-1], rest[-1] + entry.beside]


def _fitting(node: Node, used: int, path: tuple[str, ...], order: Order) -> Node:
    """``node``, or line by line what was broken over lines in braces and does not fit behind ``used`` columns."""
    if not isinstance(node, Flow) or not node.broken or node.verbatim is not None:
        return node
    if used + len(_joined(node, path, order)) <= WIDTH:
        return node
    return Block(node.mapping, [Entry(key, value) for key, value in node.entries])


def _value(node: Node, indent: int, path: tuple[str, ...], order: Order) -> tuple[str, list[str]]:
    """What stands behind the key, and the lines below it."""
    deeper = " " * (indent + 2)
    if isinstance(node, Leaf):
        if node.block:
            return _header(node), _block_text(node, indent + 2)
        first, *rest = node.lines
        return first, [deeper + line.strip() if line.strip() else "" for line in rest]
    assert isinstance(node, Flow)
    if node.verbatim is not None:
        first, *rest = node.verbatim
        return first, [deeper + line if line else "" for line in rest]
    return _joined(node, path, order), []


def _header(leaf: Leaf) -> str:
    """The ``|`` or ``>`` of a text."""
    mark, comment = re.fullmatch(r"(\S+)(.*)", leaf.lines[0].rstrip()).groups()  # type: ignore[union-attr]
    # An indentation that is written counts from the parent.
    mark = re.sub(r"[1-9]", "2", mark, count=1)
    if leaf.text and not leaf.text.endswith("\n") and "-" not in mark:
        # The file ended within the text; now that its last line is a whole one, the text must not get its line break.
        mark = mark.replace("+", "") + "-"
    return mark + comment


def _joined(flow: Flow, path: tuple[str, ...], order: Order) -> str:
    """A collection on one line."""
    if not flow.entries:
        return "{}" if flow.mapping else "[]"
    if not flow.mapping:
        return f"[{', '.join(_inline(value, (*path, '*'), order) for _, value in flow.entries)}]"
    by_key = {key.text: (key, value) for key, value in flow.entries if key is not None}
    parts = []
    for name in order(path, list(by_key)):
        key, value = by_key[name]
        parts.append(f"{_key(key, path)}: {_inline(value, (*path, name), order)}")
    return "{ " + ", ".join(parts).rstrip() + " }"


def _inline(node: Node, path: tuple[str, ...], order: Order) -> str:
    if isinstance(node, Leaf):
        return node.lines[0]
    assert isinstance(node, Flow)
    return _joined(node, path, order)


def _key(key: Leaf, path: tuple[str, ...]) -> str:
    """The key with the quotes that it should have."""
    if path and path[-1] == "on" and _KEYS.fullmatch(key.text):
        return f'"{key.text}"'
    if key.lines[0][:1] in "\"'" and _WORD.fullmatch(key.text) and key.text not in _NULLS:
        return key.text
    return key.lines[0]


def _block_text(leaf: Leaf, indent: int) -> list[str]:
    """The content of a ``|`` or ``>`` text at ``indent``."""
    return [" " * indent + line[leaf.depth :] if line.strip() else line[leaf.depth :] for line in leaf.lines[1:]]
