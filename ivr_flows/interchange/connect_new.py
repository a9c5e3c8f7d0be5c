"""Amazon Connect's flow language (version 2019-10-30): ``Actions`` with ``Parameters`` and ``Transitions``."""

from __future__ import annotations

from typing import Any

from ..findings import Place, Text
from . import connect_actions as actions
from .connect_action import Action
from .connect_queues import settle_queues
from .connect_values import resource
from .graph import Graph, Parameters
from .naming import slug
from .reading import items, mapping, refuse, word


def read_connect_new(value: dict[str, Any], file: str, name: str) -> list[Graph]:
    """The flow of one export. Raises `UnreadableFile` where ``Actions`` holds no action."""
    metadata = mapping(value.get("Metadata"))
    shown = mapping(metadata.get("ActionMetadata"))
    title = word(metadata.get("name")) or word(value.get("Name"))
    graph = Graph(slug(title or name, "imported"), title or name, start=word(value.get("StartAction")))
    graph.remarks.append(f"Imported from Amazon Connect: {file}")
    if word(metadata.get("description")):
        graph.remarks.append(word(metadata.get("description")))
    found = [entry for entry in items(value.get("Actions")) if isinstance(entry, dict)]
    if not found:
        refuse(
            Place(file),
            Text("`Actions` holds no action.", "`Actions` 里没有任何动作。"),
            Text("Export the flow again.", "请重新导出流程。"),
        )
    for number, entry in enumerate(found):
        _read(graph, entry, mapping(shown.get(word(entry.get("Identifier")))), number)
    if not graph.start:
        graph.start = next(iter(graph.nodes))
    settle_queues(graph)
    return [graph]


def _read(graph: Graph, entry: dict[str, Any], shown: dict[str, Any], number: int) -> None:
    key = word(entry.get("Identifier")) or f"action {number}"
    kind = word(entry.get("Type")) or "Unknown"
    short = key[:8] if len(key) == 36 else key
    origin = f"{kind} {short}"
    graph.sources += 1
    transitions = mapping(entry.get("Transitions"))
    action = Action(
        graph=graph,
        key=key,
        kind=kind,
        origin=origin,
        parameters=Parameters(graph, origin, mapping(entry.get("Parameters"))),
        shown=shown,
        next=_target(transitions.get("NextAction")),
        errors={
            word(each.get("ErrorType")): target
            for each in items(transitions.get("Errors"))
            if isinstance(each, dict) and (target := _target(each.get("NextAction"))) is not None
        },
        conditions=[
            (operator, operands, target)
            for each in items(transitions.get("Conditions"))
            if isinstance(each, dict) and (target := _target(each.get("NextAction"))) is not None
            for operator, operands in [_condition(each)]
        ],
    )
    node = actions.convert(action)
    node.key, node.origin = key, origin
    node.name = node.name or _name(kind, shown, key)
    graph.add(node)
    action.parameters.close()


def _target(value: Any) -> str | None:
    return word(value) or None


def _condition(each: dict[str, Any]) -> tuple[str, list[Any]]:
    written = each.get("Condition")
    inner = written if isinstance(written, dict) else each
    operands = items(inner.get("Operands"))
    if not operands:
        single = inner.get("Operand", inner.get("Value", written if not isinstance(written, dict) else None))
        operands = [] if single is None else [single]
    return word(inner.get("Operator")) or "Equals", operands


_NAMES = {
    "MessageParticipant": "say",
    "GetParticipantInput": "ask",
    "Compare": "decide",
    "InvokeLambdaFunction": "look_up",
    "UpdateContactAttributes": "remember",
    "DisconnectParticipant": "hang_up",
    "EndFlowExecution": "end_flow",
    "TransferContactToQueue": "agent",
}


def _name(kind: str, shown: dict[str, Any], key: str) -> str:
    friendly = word(shown.get("friendlyName"))
    if friendly:
        return friendly
    if len(key) != 36 and key:
        return resource(key)
    return _NAMES.get(kind, kind)
