"""Twilio Studio: ``states`` (widgets) with ``properties`` and ``transitions``."""

from __future__ import annotations

from collections import Counter
from typing import Any

from ..findings import Place, Text
from . import studio_widgets as widgets
from .graph import Graph, Parameters
from .naming import slug
from .reading import items, mapping, read_json, refuse, word
from .studio_widgets import Widget


def read_studio(value: dict[str, Any], file: str, name: str) -> list[Graph]:
    """The flow of one export. Raises `UnreadableFile` where ``states`` holds no widget."""
    definition = mapping(value.get("definition")) or value
    title = word(value.get("friendly_name")) or word(definition.get("description")) or name
    if title in ("A New Flow", "Bot flow"):
        title = name
    graph = Graph(slug(title, "imported"), title[:80])
    graph.remarks.append(f"Imported from Twilio Studio: {file}")
    states = [entry for entry in items(definition.get("states")) if isinstance(entry, dict)]
    if not states:
        refuse(
            Place(file),
            Text("`states` holds no widget.", "`states` 里没有任何组件。"),
            Text("Export the flow again.", "请重新导出流程。"),
        )
    graph.language = _language(states)
    for number, state in enumerate(states):
        _read(graph, state, number)
    graph.start = word(definition.get("initial_state")) or next(iter(graph.nodes))
    return [graph]


def _language(states: list[dict[str, Any]]) -> str:
    spoken: Counter[str] = Counter()
    for state in states:
        written = word(mapping(state.get("properties")).get("language")).lower()
        if written:
            spoken["zh-CN" if written.startswith(("zh", "cmn")) else "en"] += 1
    return spoken.most_common(1)[0][0] if spoken else "en"


def _read(graph: Graph, state: dict[str, Any], number: int) -> None:
    name = word(state.get("name")) or f"widget {number}"
    kind = word(state.get("type")) or "unknown"
    origin = f"{kind} {name}"
    graph.sources += 1
    parameters = Parameters(graph, origin, mapping(state.get("properties")))
    parameters.ignore("offset")
    exits: dict[str, str] = {}
    matches: list[tuple[list[Any], str]] = []
    for transition in items(state.get("transitions")):
        if not isinstance(transition, dict):
            continue
        target = word(transition.get("next"))
        event = word(transition.get("event"))
        if event == "match":
            matches.append((items(transition.get("conditions")), target))
        elif target:
            exits[event] = target
    node = widgets.convert(Widget(graph, name, kind, origin, parameters, exits, matches))
    node.key, node.origin, node.name = name, origin, node.name or name
    graph.add(node)
    parameters.close()


def read_studio_file(text: str, file: str, name: str) -> list[Graph]:
    """Every flow of a file: an export, or the answer of the API with its ``definition``."""
    value = read_json(text, file)
    flows = value if isinstance(value, list) else [value]
    graphs: list[Graph] = []
    for number, each in enumerate(flows[:1000], 1):
        inner = mapping(each)
        if isinstance((mapping(inner.get("definition")) or inner).get("states"), list):
            graphs += read_studio(inner, file, name if len(flows) == 1 else f"{name}_{number}")
    if not graphs:
        refuse(
            Place(file),
            Text("This is no flow of Twilio Studio: it has no `states`.", "这不是 Twilio Studio 流程：没有 `states`。"),
            Text(
                "Export the flow's JSON in the console, or check the format's name.",
                "请在控制台导出 JSON，或检查格式名。",
            ),
        )
    return graphs
