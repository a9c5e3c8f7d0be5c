"""The nodes that a call went through, in the vendor's words. The record has their order, and moments only of its
beginning and its end: those are the moments of the first and the last node; others are not known."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from ivr_flows.definition import FlowDefinition
from router.record import CallRecord

from ..served import Served
from .flow_files import definition_of, exported

_EXITS: Final = {
    "Success": ("next", "ok", "answered", "done", "open"),
    "Timeout": ("no_input", "timeout", "no_answer"),
    "Failure": ("no_match", "failed", "error", "busy", "no_agents"),
    "Overflow": ("full",),
}
EXIT_CODES: Final[Mapping[str, str]] = {branch: code for code, branches in _EXITS.items() for branch in branches}


def tracked(served: Served, record: CallRecord, instance: str, caller: str | None) -> list[dict[str, Any]]:
    """The nodes of ``record``, in order."""
    sources = served.configuration.flow_sources
    found: list[dict[str, Any]] = []
    path = list(record.path)
    for place, entered in enumerate(path):
        flow, node, definition = _where(record.flow or "", entered, sources)
        last = place == len(path) - 1
        following = None if last else path[place + 1]
        found.append(
            {
                "Instance": instance,
                "ContactId": record.call_id,
                "Caller": caller,
                "Callee": record.called,
                "FlowId": flow,
                "FlowName": definition.title or flow if definition is not None else flow,
                "NodeId": entered,
                "NodeName": node,
                "NodeType": _type(flow, node, sources),
                "NodeExitCode": _exit(definition, node, entered, following, record),
                "NodeProperties": {},
                "NodeVariables": {},
                "ChannelId": "",
                "ChannelVariables": "",
                "EnterTime": _millis(record.entered) if place == 0 else None,
                "LeaveTime": _millis(record.ended) if last else None,
            }
        )
    return found


def summary_of(record: CallRecord) -> str:
    """The path in one line, and how it ended."""
    walked = " -> ".join(record.path) or "-"
    return f"{record.flow or '-'}: {walked} ({record.outcome}, {record.hangup_by})"


def _where(flow: str, entered: str, sources: Mapping[str, tuple[str, str]]) -> tuple[str, str, FlowDefinition | None]:
    """The flow and node of an entry of a path, ``more/ask`` being the node ``ask`` of the flow that ``more`` calls."""
    *calls, node = entered.split("/")
    for call in calls:
        definition = definition_of(flow, sources[flow][1]) if flow in sources else None
        calling = definition.nodes.get(call) if definition is not None else None
        flow = str(getattr(calling.options, "flow", "")) if calling is not None else ""
    return flow, node, definition_of(flow, sources[flow][1]) if flow in sources else None


def _type(flow: str, node: str, sources: Mapping[str, tuple[str, str]]) -> str:
    made = exported(flow, sources[flow][1]) if flow in sources else ""
    activities = json.loads(made)["activities"] if made else []
    return next((str(each["type"]) for each in activities if each["id"] == f"n-{node}"), "")


def _exit(definition: FlowDefinition | None, node: str, entered: str, following: str | None, record: CallRecord) -> str:
    """By which way the node was left: what leads to the next one."""
    if following is None:
        return "Hangup" if record.hangup_by == "caller" else "Success"
    read = definition.nodes.get(node) if definition is not None else None
    beside = following.split("/")[len(entered.split("/")) - 1 :]
    for branch, reference in read.exits() if read is not None else ():
        if beside and reference.name == beside[0]:
            return EXIT_CODES.get(branch, f"Branch-{branch}" if branch[:1].isdigit() else "Default")
    return "Default"


def _millis(at: float | None) -> int | None:
    return None if at is None else int(at * 1000)
