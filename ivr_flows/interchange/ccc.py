"""The vendor's flow JSON: ``activities`` with ``properties`` and ``events``; main, sub and survey flows.

A file that `ccc_export` wrote carries our own definition under ``line400``, with a fingerprint of the vendor's
part. As long as that part is unchanged our definition is taken, which makes the round trip exact; else the vendor's
part is read.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from ..findings import Place, Text
from .ccc_activities import convert
from .ccc_activity import Activity
from .graph import Graph, Node, Parameters
from .naming import slug, variable
from .reading import items, mapping, read_json, refuse, word

OWN = "line400"
MAX_WRAPPING = 6
LAST_DIGITS = "digits"
ANSWERS = frozenset({"FUNCTION_COMPUTE", "FUNCTION", "HTTP", "HTTP_REQUEST", "INVOKE_FUNCTION", "JSON_PARSER"})
"""Activities whose name stands for an answer with parts."""
_INNER = (
    "Definition",
    "definition",
    "FlowPackageData",
    "Data",
    "List",
    "ContactFlow",
    "ContactFlows",
    "flows",
    "Flows",
    "body",
)


def read_ccc(text: str, file: str, name: str) -> list[Graph]:
    """Every flow of a file: a definition, an answer of the API that holds one, a package, or a list of them."""
    graphs = _flows(read_json(text, file), file, name, {}, 0)
    if not graphs:
        refuse(
            Place(file),
            Text("This is no flow of the vendor: it has no `activities`.", "这不是云呼叫中心流程：没有 `activities`。"),
            Text(
                "Give the flow's definition, or the answer of GetContactFlow.",
                "请给出流程定义，或 GetContactFlow 的返回。",
            ),
        )
    return graphs


def _flows(value: Any, file: str, name: str, around: dict[str, Any], depth: int) -> list[Graph]:
    if isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
        value = read_json(value, file)
    if isinstance(value, list):
        found: list[Graph] = []
        for number, each in enumerate(value[:1000], 1):
            if depth < MAX_WRAPPING and isinstance(each, dict | str):
                found += _flows(each, file, f"{name}_{number}", around, depth + 1)
        return found
    inner = mapping(value)
    if isinstance(inner.get("activities"), list):
        return [_flow(inner, file, name, {**around, **{key: inner[key] for key in ("name", "type") if key in inner}})]
    for key in _INNER:
        if key in inner and depth < MAX_WRAPPING:
            found = _flows(inner[key], file, name, {**around, **inner}, depth + 1)
            if found:
                return found
    # Packages are wrapped in ways of their own: every value is looked into.
    for key, each in inner.items():
        if key not in _INNER and depth < MAX_WRAPPING and isinstance(each, dict | list):
            found = _flows(each, file, name, {**around, **inner}, depth + 1)
            if found:
                return found
    return []


def fingerprint(activities: list[Any]) -> str:
    """A digest of what the activities mean: types, names, properties without positions, exits."""
    seen = [
        [
            word(each.get("type")),
            word(each.get("id")),
            word(each.get("name")),
            {key: inner for key, inner in mapping(each.get("properties")).items() if key != "position"},
            [[word(mapping(exit_).get("event")), mapping(exit_).get("next")] for exit_ in items(each.get("events"))],
        ]
        for each in activities
        if isinstance(each, dict)
    ]
    return hashlib.sha256(json.dumps(seen, sort_keys=True, ensure_ascii=True).encode()).hexdigest()


def _flow(value: dict[str, Any], file: str, name: str, around: dict[str, Any]) -> Graph:
    activities = [entry for entry in value["activities"] if isinstance(entry, dict)]
    if not activities:
        refuse(
            Place(file),
            Text("`activities` holds no node.", "`activities` 里没有任何节点。"),
            Text("Export the flow again.", "请重新导出流程。"),
        )
    own = mapping(value.get(OWN))
    if own.get("fingerprint") == fingerprint(activities):
        graph = own_definition(own)
        if graph is not None:
            graph.sources = len(activities)
            return graph
    title = word(around.get("Name")) or word(around.get("name")) or name
    graph = Graph(slug(title, "imported"), title, "zh-CN")
    graph.remarks.append(f"Imported from the vendor's flow JSON: {file}")
    if word(value.get("description")):
        graph.remarks.append(word(value.get("description")))
    if own:
        graph.lose(
            graph.name,
            OWN,
            Text("was changed after the export; the vendor's part is read", "导出后有改动，按厂商部分读取"),
        )
    kind = word(around.get("Type")) or word(around.get("type")) or "MAIN_FLOW"
    graph.remarks.append(f"type: {kind}")
    for entry in activities:
        kept = word(mapping(entry.get("properties")).get("variable"))
        if kept:
            graph.aliases[variable(f"{word(entry.get('name'))}_digits")] = variable(kept)
        if word(entry.get("type")).upper() in ANSWERS and word(entry.get("name")):
            into = word(mapping(entry.get("properties")).get("resultVariable")) or kept or word(entry.get("name"))
            graph.aliases[f"answer {variable(word(entry.get('name')))}"] = variable(into)
    for number, entry in enumerate(activities):
        _activity(graph, entry, number, kind)
    graph.start = _start(activities, graph)
    _last_digits(graph)
    return graph


def _last_digits(graph: Graph) -> None:
    """``${digits}`` without the name of an activity is what was entered last."""
    inputs = [node for node in graph.nodes.values() if node.type == "gather"]
    if LAST_DIGITS not in graph.outside or any(node.options["into"] == LAST_DIGITS for node in inputs):
        return
    for node in inputs:
        value = {LAST_DIGITS: "{{ " + node.options["into"] + " }}"}
        kept = Node(f"{node.key} digits", "set", {"": value}, next=node.on.get("ok") or graph.end(), name=LAST_DIGITS)
        node.on["ok"] = graph.add(kept).key


def _start(activities: list[dict[str, Any]], graph: Graph) -> str:
    for entry in activities:
        if word(entry.get("type")).upper() in ("INCOMING_CALL", "SUB_START", "SURVEY_START", "START", "OUTGOING_CALL"):
            return word(entry.get("id")) or "activity 0"
    targets = {target for node in graph.nodes.values() for target in node.targets()}
    return next((key for key in graph.nodes if key not in targets), next(iter(graph.nodes)))


def _activity(graph: Graph, entry: dict[str, Any], number: int, flow_type: str) -> None:
    key = word(entry.get("id")) or f"activity {number}"
    kind = word(entry.get("type")) or "UNKNOWN"
    name = word(entry.get("name"))
    origin = f"{kind} {name or key}".strip()
    graph.sources += 1
    exits: dict[str, str] = {}
    for exit_ in items(entry.get("events")):
        target = word(mapping(exit_).get("next"))
        if target:
            exits[word(mapping(exit_).get("event")) or "complete"] = target
    properties = Parameters(graph, origin, mapping(entry.get("properties")))
    properties.ignore("position", "name", "description")
    node = convert(Activity(graph, key, kind, name or key, origin, properties, exits, flow_type))
    node.key, node.origin, node.name = key, origin, node.name or name or kind.lower()
    graph.add(node)
    properties.close()


def own_definition(own: dict[str, Any]) -> Graph | None:
    """Our own definition out of an exported file; None where it is not whole."""
    flow, nodes = mapping(own.get("flow")), items(own.get("nodes"))
    if not word(flow.get("flow")) or not nodes:
        return None
    graph = Graph(
        word(flow.get("flow")), word(flow.get("title")), word(flow.get("language")) or "zh-CN", word(flow.get("start"))
    )
    graph.exact = True
    graph.header = mapping(own.get("header"))
    for entry in nodes:
        inner = mapping(entry)
        name, kind = word(inner.get("id")), word(inner.get("type"))
        if not name or not kind or name in graph.nodes:
            return None
        node = Node(name, kind, mapping(inner.get("options")), word(inner.get("next")) or None, name=name)
        node.on = {branch: word(target) for branch, target in mapping(inner.get("on")).items()}
        node.cases = [
            (word(case[0]), word(case[1]))
            for case in items(inner.get("cases"))
            if isinstance(case, list) and len(case) == 2
        ]
        node.otherwise = word(inner.get("else")) or None
        graph.nodes[name] = node
    return graph
