"""``subflow-cycle``: a subflow calls, over others or straight, the flow that calls it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from ...definition import FlowDefinition, NodeDefinition
from ...findings import Text
from ..probe import Probe
from ..rule import Problem, Rule
from ..subject import Subject


def check(subject: Subject) -> Iterator[Problem]:
    """One problem for every node that leads back to this flow."""
    for node in subject.nodes():
        called = _called(node)
        if called is None:
            continue
        way = _way_back(subject, called)
        if way is not None:
            shown = " → ".join([subject.flow.name, *way])
            yield Problem(
                node.option_place("flow"),
                Text(
                    f"The subflow of `{node.id}` leads back to this flow: {shown}.",
                    f"`{node.id}` 的子流程又回到本流程：{shown}。",
                ),
                Text(
                    "Return from the subflow (`return:`), and let the calling flow go on from there.",
                    "请在子流程中用 `return:` 返回，由调用它的流程继续。",
                ),
                show=partial(Probe.reach, node=node.id),
            )


def _called(node: NodeDefinition) -> str | None:
    found = getattr(node.options, "flow", None)
    return found if isinstance(found, str) else None


def _way_back(subject: Subject, called: str) -> list[str] | None:
    """The flows from ``called`` back to the subject's."""
    own = subject.flow.name
    if called == own:
        return [own]
    find = getattr(subject.environment, "flow_definition", None)
    waiting = [[called]]
    seen: set[str] = set()
    for way in waiting:
        if way[-1] in seen:
            continue
        seen.add(way[-1])
        flow: FlowDefinition | None = find(way[-1]) if find is not None else None
        for node in flow.nodes.values() if flow is not None else ():
            following = _called(node)
            if following == own:
                return [*way, own]
            if following is not None:
                waiting.append([*way, following])
    return None


RULE = Rule(
    "subflow-cycle", "warning", Text("subflows call each other in a circle", "子流程循环调用"), check, behaviour=True
)
