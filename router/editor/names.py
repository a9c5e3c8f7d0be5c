"""Where the names of a configuration stand, in all of its files: what defines a flow, node, calendar, queue … and what
names it."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ivr_flows import editing
from ivr_flows.editing import Span
from ivr_flows.yaml_source import Document, Mapping, Scalar, Sequence, Value, read_text
from router.configuration.folder import (
    CALENDARS,
    INVARIANTS,
    LINES,
    NUMBERS,
    QUEUES,
    ROUTES,
    ROUTES_CSV,
    TRUNKS,
    flow_stem,
    is_flow_file,
)
from router.entry_flows import ENTRY_NODES

FLOW = ".flow.yaml"
SCENARIO = ".scenario.yaml"
Pattern = tuple[str, ...]
_DEFINED: dict[str, dict[Pattern, str]] = {
    ROUTES: {("lists",): "list"},
    CALENDARS: {("calendars",): "calendar"},
    QUEUES: {("queues",): "queue", ("voicemail",): "box", ("instances",): "instance"},
    LINES: {("lines",): "line"},
    TRUNKS: {("trunks",): "trunk"},
}
"""File → path of a mapping whose keys define things → their kind."""
_BESIDE: dict[Pattern, str] = {
    ("flow",): "flow",
    ("line",): "line",
    ("hunt", "lines"): "line",
    ("hunt", "lines", "KEY"): "line",
    ("hunt", "weights", "KEY"): "line",
    ("pin", "list"): "list",
}
"""What a route and a rule name alike."""
_HUNT: dict[Pattern, str] = {
    ("hunt", "lines"): "line",
    ("hunt", "lines", "KEY"): "line",
    ("hunt", "weights", "KEY"): "line",
}
_ROUTE: dict[Pattern, str] = {
    ("flow",): "flow",
    ("line",): "line",
    **_HUNT,
    ("allow",): "list",
    ("allow", "list"): "list",
    ("pin", "list"): "list",
    ("trial", "flow"): "flow",
    ("trial", "callers"): "list",
}
_RULE: dict[Pattern, str] = {
    ("flow",): "flow",
    ("line",): "line",
    **_HUNT,
    ("split", "KEY"): "flow",
    ("when", "hours"): "calendar",
    ("when", "caller", "list"): "list",
    ("when", "caller", "not_list"): "list",
    ("forward", "line"): "line",
    ("forward", "on", "*"): "flow",
    ("pin", "list"): "list",
}
_INVARIANT: dict[Pattern, str] = {
    ("caller", "list"): "list",
    ("caller", "not_list"): "list",
    ("when", "hours"): "calendar",
    ("reaches", "queue"): "queue",
    ("reaches", "flow"): "flow",
    ("reaches", "line"): "line",
    ("reaches", "voicemail"): "box",
}
_NAMED: dict[str, dict[Pattern, str]] = {
    ROUTES: {
        **{("routes", "*", *path): kind for path, kind in _ROUTE.items()},
        **{("routes", "*", "rules", *path): kind for path, kind in _RULE.items()},
        **{("routes", "*", "rules", "*", *path): kind for path, kind in _RULE.items()},
    },
    INVARIANTS: {
        ("invariants", "*", word, *path): kind for word in ("never", "always") for path, kind in _INVARIANT.items()
    },
    QUEUES: {("instances", "*", "queue"): "queue"},
    NUMBERS: {("numbers", "*", "instance"): "instance"},
    LINES: {
        ("lines", "*", "trunk"): "trunk",
        ("lines", "*", "overflow"): "line",
        ("lines", "*", "overflow", "*"): "line",
    },
    SCENARIO: {
        ("expect", "flow"): "flow",
        ("expect", "line"): "line",
        ("expect", "queue"): "queue",
        ("expect", "trunk"): "trunk",
        ("steps", "*", "queued_in"): "queue",
        ("lines", "KEY"): "line",
    },
}
"""File → path of a value (or of each of a list; ``KEY``: of the keys) that names something → its kind."""
_BY_NODE = ("fetch", "speech", "message")
"""Data of a scenario that are given by node."""


@dataclass(frozen=True, slots=True)
class Named:
    """One name where it stands. ``scope`` is the flow of a node or text, else empty; ``part``: it is a part of a longer
    value, and ``span`` is without quotes."""

    kind: str
    name: str
    span: Span
    defines: bool = False
    scope: str = ""
    part: bool = False

    @property
    def thing(self) -> tuple[str, str, str]:
        """What is named: equal for all names of one thing."""
        return self.kind, self.scope, self.name


@dataclass(frozen=True, slots=True)
class Flows:
    """What names in a scenario depend on. ``nodes``: flow → its nodes; ``runs``: (flow, node) → the flow that the node
    runs; ``of_number``: digits of a number → the flows that its routes name."""

    nodes: dict[str, frozenset[str]]
    runs: dict[tuple[str, str], str]
    of_number: dict[str, frozenset[str]]


def kind_of_file(file: str) -> str:
    """The key under which the names of ``file`` (its path in the folder) are described; empty for none of ours."""
    if file.endswith(SCENARIO):
        return SCENARIO
    if is_flow_file(file):
        return FLOW
    return file if file in _DEFINED or file in _NAMED or file == ROUTES_CSV else ""


def flows_among(documents: dict[str, Document]) -> Flows:
    """What the flows and routes among ``documents`` say."""
    nodes: dict[str, frozenset[str]] = {}
    runs: dict[tuple[str, str], str] = {}
    numbers: dict[str, frozenset[str]] = {}
    for file, document in documents.items():
        kind = kind_of_file(file)
        if kind == FLOW:
            found = editing.nodes_of(document.root)
            nodes[flow_stem(file)] = frozenset(found.entries) if found else frozenset()
            for name, node in found.entries.items() if found else ():
                called = editing.flow_run_by(node)
                if called is not None:
                    runs[flow_stem(file), name] = called
        elif kind == ROUTES and isinstance(document.root, Mapping):
            routes = document.root.get("routes")
            for number, route in routes.entries.items() if isinstance(routes, Mapping) else ():
                wrapped = Mapping({"routes": Mapping({number: route}, {}, route.place)}, {}, route.place)
                named = _matching(wrapped, _NAMED[ROUTES], "flow")
                numbers[_digits(number)] = frozenset(scalar.text for scalar in named)
    return Flows(nodes, runs, numbers)


def names_in(file: str, document: Document, flows: Callable[[], Flows]) -> list[Named]:
    """Every name in ``file`` (its path in the folder), in the order of its text; ``flows`` is asked for scenarios."""
    kind = kind_of_file(file)
    if kind == FLOW:
        found = _of_flow(flow_stem(file), document)
    elif kind == ROUTES_CSV:
        found = list(_of_table(document.text))
    else:
        found = _of_tree(kind, document)
        if kind == SCENARIO:
            found = [*found, *_of_scenarios(document, flows())]
    return sorted(dict.fromkeys(found), key=lambda named: named.span)


def _of_flow(stem: str, document: Document) -> list[Named]:
    lines = document.text.split("\n")
    found = [Named("node", one.name, one.span, one.defines, stem) for one in editing.occurrences(document)]
    found += [Named("text", name, span, defines, stem) for name, span, defines in editing.texts_named(document)]
    for kind, scalar in editing.named_outside(document):
        found += _named(kind, scalar, lines)
    own = document.root.get("flow") if isinstance(document.root, Mapping) else None
    if isinstance(own, Scalar):
        found += _named("flow", own, lines, defines=True)
    return found


def _of_tree(kind: str, document: Document) -> list[Named]:
    lines = document.text.split("\n")
    found: list[Named] = []
    for pattern, what in _DEFINED.get(kind, {}).items():
        for scalar in _at(document.root, (*pattern, "KEY")):
            found += _named(what, scalar, lines, defines=True)
    for what in dict.fromkeys(_NAMED.get(kind, {}).values()):
        for scalar in _matching(document.root, _NAMED[kind], what):
            found += _named(what, scalar, lines)
    return [*found, *_of_sentences(document, lines)] if kind == INVARIANTS else found


_WORD = r"[\w.\-]+"
_SENTENCES = (
    re.compile(rf"(?P<kind>queue|flow|line|voicemail|list)\s+(?P<name>{_WORD})"),
    re.compile(rf"(?P<kind>队列|流程|线路|语音信箱)\s*(?P<name>{_WORD})"),
    re.compile(rf"(?P<kind>名单)\s*(?P<name>{_WORD}?)\s*中?的"),
    re.compile(rf"(?P<kind>日历)\s*(?P<name>{_WORD}?)\s*(?:为|处于)"),
    re.compile(rf"(?P<kind>while)\s+(?P<name>{_WORD})\s+is"),
)
"""Where names stand in an invariant that is a sentence (`router.configuration.invariant_sentences`)."""
_KINDS = {"voicemail": "box", "while": "calendar", "队列": "queue", "流程": "flow", "线路": "line"}
_KINDS.update({"语音信箱": "box", "名单": "list", "日历": "calendar"})


def _of_sentences(document: Document, lines: list[str]) -> Iterator[Named]:
    for word in ("never", "always"):
        for scalar in _at(document.root, ("invariants", "*", word)):
            span = editing.span_of(scalar, lines)
            if span is None or scalar.text not in lines[span.line]:
                continue
            begin = lines[span.line].index(scalar.text, span.start)
            for pattern in _SENTENCES:
                for match in pattern.finditer(scalar.text):
                    at = Span(span.line, begin + match.start("name"), begin + match.end("name"))
                    yield Named(_KINDS.get(match["kind"], match["kind"]), match["name"], at, part=True)


def _named(kind: str, scalar: Scalar, lines: list[str], *, defines: bool = False) -> list[Named]:
    span = editing.span_of(scalar, lines)
    return [] if span is None or scalar.is_null else [Named(kind, scalar.text, span, defines)]


def _matching(root: Value | None, patterns: dict[Pattern, str], kind: str) -> Iterator[Scalar]:
    for pattern, what in patterns.items():
        if what == kind:
            for start in ((), ("scenarios", "*")) if patterns is _NAMED[SCENARIO] else ((),):
                yield from _at(root, (*start, *pattern))


def _at(value: Value | None, pattern: Pattern) -> Iterator[Scalar]:
    """The scalars at ``pattern``, each of a list that stands there."""
    if not pattern:
        if isinstance(value, Scalar):
            yield value
        elif isinstance(value, Sequence):
            yield from (item for item in value.items if isinstance(item, Scalar))
        return
    step, *rest = pattern
    if isinstance(value, Mapping):
        if step == "KEY":
            yield from value.keys.values()
        elif step == "*":
            for inner in value.entries.values():
                yield from _at(inner, tuple(rest))
        else:
            yield from _at(value.get(step), tuple(rest))
    elif isinstance(value, Sequence) and step == "*":
        for inner in value.items:
            yield from _at(inner, tuple(rest))


# Scenarios. -----------------------------------------------------------------------------------------------------


def _of_scenarios(document: Document, flows: Flows) -> Iterator[Named]:
    root = document.root
    several = root.get("scenarios") if isinstance(root, Mapping) else None
    lines = document.text.split("\n")
    for scenario in several.items if isinstance(several, Sequence) else [root]:
        if isinstance(scenario, Mapping):
            yield from _of_scenario(scenario, flows, lines)


def _of_scenario(scenario: Mapping, flows: Flows, lines: list[str]) -> Iterator[Named]:
    for occupied in _values(scenario, "occupied"):
        for key in _at(occupied, ("KEY",)):
            if not _digits(key.text).startswith("400"):  # a 400 number may stand there too
                yield from _named("line", key, lines)
    for tried in _values(scenario, "expect", "tried"):
        for scalar in _at(tried, ()):
            span = editing.span_of(scalar, lines)
            if span is not None:
                at = span.start + (1 if scalar.quoted else 0)
                name = scalar.text.partition("=")[0]
                yield Named("line", name, Span(span.line, at, at + len(name)))
    path = next((value for value in _values(scenario, "expect", "path") if isinstance(value, Sequence)), None)
    entered = [item for item in path.items if isinstance(item, Scalar)] if path else []
    data = [
        (key, scalar)
        for part in _BY_NODE
        for value in _values(scenario, "data", part)
        if isinstance(value, Mapping)
        for key, scalar in value.keys.items()
    ]
    names = {item.text.split("/")[0] for item in entered} - ENTRY_NODES
    flow = _flow_of(scenario, names or {key.split("/")[0] for key, _ in data}, flows)
    if flow is None:
        return
    for scalar in [*entered, *(scalar for key, scalar in data if "://" not in key)]:
        span = editing.span_of(scalar, lines)
        if span is None:
            continue
        at = span.start + (1 if scalar.quoted else 0)
        scope: str | None = flow
        for segment in scalar.text.split("/"):
            if scope is not None and (segment not in ENTRY_NODES or segment in flows.nodes.get(scope, ())):
                there = Span(span.line, at, at + len(segment))
                yield Named("node", segment, there, False, scope, "/" in scalar.text)
                scope = flows.runs.get((scope, segment))
            at += len(segment) + 1


def _flow_of(scenario: Mapping, names: set[str], flows: Flows) -> str | None:
    """The flow whose nodes a scenario names: what it expects, else the only one that has them all; None where that
    is open."""
    expected = next((value.text for value in _values(scenario, "expect", "flow") if isinstance(value, Scalar)), None)
    if expected is not None:
        return expected if expected in flows.nodes else None
    called = next((value.text for value in _values(scenario, "call", "to") if isinstance(value, Scalar)), "")
    among = flows.of_number.get(_digits(called)) or flows.nodes.keys()
    fitting = [flow for flow in among if names and names <= flows.nodes.get(flow, frozenset())]
    return fitting[0] if len(fitting) == 1 else None


def _values(scenario: Mapping, *path: str) -> Iterator[Value]:
    value: Value | None = scenario
    for step in path:
        value = value.get(step) if isinstance(value, Mapping) else None
    if value is not None:
        yield value


def _digits(number: str) -> str:
    return "".join(filter(str.isdigit, number))


# routes.csv. ----------------------------------------------------------------------------------------------------


def _of_table(text: str) -> Iterator[Named]:
    """The flows and lines of ``routes.csv``; of lines with quotes none, since columns do not show there."""
    lines = text.split("\n")
    header = [cell.strip() for cell in next(csv.reader(lines[:1]), [])]
    for number, line in enumerate(lines[1:], 1):
        if '"' in line:
            continue
        at = 0
        for column, cell in zip(header, line.rstrip("\r").split(","), strict=False):
            name = cell.strip()
            if column in ("flow", "line") and name:
                start = at + cell.index(name)
                yield Named(column, name, Span(number, start, start + len(name)))
            at += len(cell) + 1


def read(file: str, text: str) -> Document:
    """``text`` as `names_in` wants it."""
    return Document(file, None, text) if file == ROUTES_CSV else read_text(text, file)
