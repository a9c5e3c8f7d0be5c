"""Rules on what a flow names outside of itself: calendars, queues, boxes, lines, and numbers to dial."""

from __future__ import annotations

from collections.abc import Iterable

from ..definition import FlowDefinition
from ..environment import Environment
from ..findings import Finding, Text


def outside_names(flow: FlowDefinition, environment: Environment) -> Iterable[Finding]:
    """``unknown-calendar``, ``unknown-queue``, ``unknown-box``, ``unknown-line`` …: each node type knows its own."""
    for node in flow.nodes.values():
        yield from node.type.check(node, environment)


def transfers_to_400(flow: FlowDefinition, environment: Environment) -> Iterable[Finding]:
    """``transfer-to-400`` (info): calling *to* a 400 number is allowed, but the leg goes out to the carrier and comes
    back as a new call, which may loop."""
    for node in flow.nodes.values():
        target = getattr(node.options, "to", None) if node.type.name == "transfer" else None
        if target and environment.presents_400(target):
            yield Finding(
                "info",
                "transfer-to-400",
                node.option_place("to"),
                Text(
                    f"`{node.id}` transfers to the 400 number {target}: the call leaves and comes back as a new one.",
                    f"`{node.id}` 转接到 400 号码 {target}：呼叫会先送出再作为新来电进入。",
                ),
                Text("Transfer to a base number or a line instead.", "建议改为转接到底号或线路。"),
            )
