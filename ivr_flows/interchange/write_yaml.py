"""A graph as a flow file of ours, as a person would write it: in the order of the call, each node with what it was."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..findings import Language
from .complete import name_nodes
from .graph import Graph, Node

WIDTH = 110
_PLAIN = re.compile(r"[A-Za-z\u4e00-\u9fff](?:[\w .，。！？、；：（）\u4e00-\u9fff/-]*[\w.。！？，）])?")
_WHOLE = re.compile(r"\d{1,15}|\d+(?:\.\d+)?(?:s|m|h)")
_NO_PLAIN = frozenset({"null", "Null", "NULL"})
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}


@dataclass(slots=True)
class Written:
    """``text`` of the file, the ``names`` of its nodes by key, and the line on which each node begins."""

    text: str
    names: Mapping[str, str]
    lines: dict[str, int] = field(default_factory=dict)

    def key_at(self, line: int) -> str | None:
        """The key of the node to which ``line`` belongs."""
        found = None
        for key, first in sorted(self.lines.items(), key=lambda entry: entry[1]):
            if first > line:
                break
            found = key
        return found


def write(graph: Graph, language: Language = "en") -> Written:
    """The flow file. ``graph`` must be complete (`complete`); remarks are in ``language``."""
    names = name_nodes(graph)
    lost: dict[str, list[str]] = {}
    for entry in graph.lost:
        what = f"{entry.parameter}: " if entry.parameter else ""
        lost.setdefault(entry.node, []).append(what + entry.why.to(language))
    out: list[str] = [f"# {_comment(remark)}" for remark in graph.remarks]
    out.append(f"flow: {scalar(graph.name)}")
    if graph.title and graph.title != graph.name:
        out.append(f"title: {scalar(graph.title)}")
    out.append(f"language: {graph.language}")
    for name, value in graph.header.items():
        out.extend(_entry(name, value, 0))
    if graph.on_hangup is not None:
        out.append(f"on_hangup: {names[graph.on_hangup]}")
    out.append(f"start: {names[graph.start]}")
    out.append("nodes:")
    written = Written("", names)
    told: set[str] = set()
    for node in _in_order(graph):
        origin = node.origin or node.key
        if node.origin:
            out.append(f"  # {_comment(node.origin)}")
        out.extend(f"  # {_comment(remark)}" for remark in node.remarks)
        if origin not in told:
            out.extend(f"  # lost: {_comment(line)}" for line in lost.get(origin, ()))
            told.add(origin)
        written.lines[node.key] = len(out) + 1
        out.extend(_node(node, names))
    written.text = "\n".join(out) + "\n"
    return written


def _in_order(graph: Graph) -> list[Node]:
    """Nodes as a call meets them, each way followed to its end before the next; the rest behind, as in the source."""
    seen: dict[str, None] = {}
    starts = [graph.start, *([graph.on_hangup] if graph.on_hangup is not None else []), *graph.nodes]
    for start in starts:
        waiting = [start]
        while waiting:
            key = waiting.pop()
            if key in seen:
                continue
            seen[key] = None
            waiting.extend(reversed([target for target in graph.nodes[key].targets() if target not in seen]))
    return [graph.nodes[key] for key in seen]


def _node(node: Node, names: Mapping[str, str]) -> Iterator[str]:
    yield f"  {names[node.key]}:"
    if node.type == "branch":
        yield "    branch:"
        for when, target in node.cases:
            yield f"      - {{ when: {scalar(when)}, next: {names[target]} }}"
        if node.otherwise is not None:
            yield f"    else: {names[node.otherwise]}"
        return
    options = dict(node.options)
    if node.type == "share":
        options[""] = _shares(node, names)
    main = options.pop("", None)
    if main is not None:
        yield from _entry(node.type, main, 4)
        for name, value in options.items():
            yield from _entry(name, value, 4)
    elif options and node.type != "record":
        yield from _entry(node.type, options, 4)
    else:
        yield f"    {node.type}:"
        for name, value in options.items():
            yield from _entry(name, value, 4)
    if node.on:
        yield from _entry("on", {name: _Bare(names[target]) for name, target in node.on.items()}, 4)
    if node.next is not None:
        yield f"    next: {names[node.next]}"


def _shares(node: Node, names: Mapping[str, str]) -> dict[str, str]:
    """The percentages of a share node by target; ways that lead to the same node are added up."""
    shares: dict[str, float] = {}
    for percent, target in node.cases:
        shares[names[target]] = shares.get(names[target], 0.0) + float(percent)
    return {name: f"{percent:g}" for name, percent in shares.items()}


class _Bare(str):
    """A text that is written as it stands."""

    __slots__ = ()


def _entry(name: str, value: Any, indent: int) -> Iterator[str]:
    space = " " * indent
    short = _flow_style(value)
    line = f"{space}{scalar(name)}: {short}".rstrip()
    if not isinstance(value, dict | list) or (len(line) <= WIDTH and not _long(value)):
        yield line
    elif isinstance(value, dict):
        yield f"{space}{scalar(name)}:"
        for key, inner in value.items():
            yield from _entry(str(key), inner, indent + 2)
    else:
        yield f"{space}{scalar(name)}:"
        for inner in value:
            yield f"{space}  - {_flow_style(inner)}"


def _long(value: Any) -> bool:
    """Whether a mapping is better written in lines: menus' options, anything nested."""
    return isinstance(value, dict) and len(value) > 4


def _flow_style(value: Any) -> str:
    if isinstance(value, dict):
        if not value:
            return "{}"
        return "{ " + ", ".join(f"{scalar(str(key))}: {_flow_style(inner)}" for key, inner in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(_flow_style(inner) for inner in value) + "]"
    return scalar(value)


def scalar(value: Any) -> str:
    """``value`` as YAML: plain where no reader could mistake it, else in double quotes."""
    if isinstance(value, _Bare):
        return str(value)
    if value is None:
        return "~"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return f"{value:g}" if isinstance(value, float) else str(value)
    text = str(value)
    if _PLAIN.fullmatch(text) and text not in _NO_PLAIN:
        return text
    if _WHOLE.fullmatch(text) and not text.isdigit():
        return text
    return '"' + "".join(_escaped(letter) for letter in text) + '"'


def _escaped(letter: str) -> str:
    known = _ESCAPES.get(letter)
    if known is not None:
        return known
    code = ord(letter)
    if 0xD800 <= code < 0xE000:
        return "\N{REPLACEMENT CHARACTER}"
    if letter.isprintable() or 0xA0 < code < 0x2028:
        return letter if code not in (0xFEFF, 0x2028, 0x2029) else f"\\u{code:04x}"
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _comment(text: str) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in text)[:200]
