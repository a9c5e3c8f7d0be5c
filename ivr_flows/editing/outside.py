"""Names that a flow file shares with others: the flows, queues, calendars, boxes and lines that its nodes name, and its
own ``texts``."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..nodes import NODE_TYPES
from ..yaml_source import Document, Mapping, Scalar
from .occurrences import Span, nodes_of, option_of, span_of

OUTSIDE: dict[tuple[str, str], str] = {
    ("queue", "name"): "queue",
    ("staffing", "queue"): "queue",
    ("callback", "queue"): "queue",
    ("hours", "calendar"): "calendar",
    ("voicemail", "box"): "box",
    ("transfer", "line"): "line",
    ("subflow", "flow"): "flow",
    ("goto_flow", "flow"): "flow",
}
"""Type and option of a node → the kind of thing that the option names."""
_TEXT = re.compile(r"\btexts\.([^\W\d]\w*)")


def named_outside(document: Document) -> Iterator[tuple[str, Scalar]]:
    """Kind and name of everything outside of the flow that its nodes name; names made by a template are none."""
    nodes = nodes_of(document.root)
    for node in nodes.entries.values() if nodes else ():
        for (name, option), kind in OUTSIDE.items():
            if not isinstance(node, Mapping) or name not in node.entries or name not in NODE_TYPES:
                continue
            value = option_of(node, NODE_TYPES[name], option)
            if isinstance(value, Scalar) and not value.is_null and "{{" not in value.text:
                yield kind, value


def texts_named(document: Document) -> Iterator[tuple[str, Span, bool]]:
    """Every name of one of the flow's ``texts``: where it is written down (True), and where expressions say it."""
    root = document.root
    lines = document.text.split("\n")
    texts = root.get("texts") if isinstance(root, Mapping) else None
    for name, scalar in texts.keys.items() if isinstance(texts, Mapping) else ():
        span = span_of(scalar, lines)
        if span is not None:
            yield name, span, True
    for number, line in enumerate(lines):
        for match in _TEXT.finditer(line):
            yield match[1], Span(number, match.start(1), match.end(1)), False
