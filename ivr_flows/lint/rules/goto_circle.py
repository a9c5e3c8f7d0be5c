"""``goto-circle``: flows go on in each other in a circle that a caller who presses nothing never leaves."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from ...definition import FlowDefinition
from ...findings import Text
from ..probe import Probe
from ..rule import Problem, Rule
from ..subject import Graph, Subject, around, loops
from .silent_loop import failing

MOST_FLOWS = 100
"""Flows that are followed from one."""


def check(subject: Subject) -> Iterator[Problem]:
    """One problem for every circle through a node of this flow that goes on in another one."""
    own = _targets(subject.flow)
    if not own:
        return
    flows = _within_reach(subject)
    if not any(subject.flow.name in _targets(flow).values() for flow in flows.values()):
        return
    graph: Graph = {}
    for flow in flows.values():
        prefix = _prefix(subject, flow)
        ways = failing(Subject(flow, subject.environment, subject.settings), "no_input")
        targets = _targets(flow)
        for name, following in ways.items():
            graph[prefix + name] = [prefix + each for each in following]
            target = flows.get(targets.get(name, ""))
            if target is not None:
                graph[prefix + name].append(_prefix(subject, target) + target.start.name)
    for part in loops(graph):
        through = next((name for name in part if name in own), None)
        if through is None:
            continue
        way = around([through, *(name for name in part if name != through)], graph)
        leaves = any(target not in part for name in part for target in graph[name])
        yield Problem(
            subject.flow.nodes[through].place,
            Text(
                f"A caller who presses nothing goes round through the flows for ever: {' → '.join(way)}.",
                f"一直不按键的来电者会在流程之间无限循环：{' → '.join(way)}。",
            ),
            Text(
                "Lead `no_input` on to a person, a message or a hang-up with a text.",
                "请把 `no_input` 引到人工、留言或带提示的挂机。",
            ),
            show=partial(Probe.stays, nodes=part, presses=_silent),
            only_if_shown=leaves,
        )


def _targets(flow: FlowDefinition) -> dict[str, str]:
    return {node.id: node.options.flow for node in flow.nodes.values() if node.type.name == "goto_flow"}


def _within_reach(subject: Subject) -> dict[str, FlowDefinition]:
    found = {subject.flow.name: subject.flow}
    waiting = [subject.flow]
    while waiting and len(found) < MOST_FLOWS:
        for name in _targets(waiting.pop()).values():
            flow = None if name in found else subject.environment.flow_definition(name)
            if flow is not None:
                found[name] = flow
                waiting.append(flow)
    return found


def _prefix(subject: Subject, flow: FlowDefinition) -> str:
    """What stands before the names of ``flow``'s nodes in a path."""
    return "" if flow.name == subject.flow.name else f"{flow.name}//"


def _silent(gather: object, item: str) -> bool:
    return not item


RULE = Rule(
    "goto-circle",
    "warning",
    Text("flows lead a silent caller round for ever", "不按键的来电者在流程之间无限循环"),
    check,
    behaviour=True,
)
