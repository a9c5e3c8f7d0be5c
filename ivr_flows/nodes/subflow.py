"""``subflow``: run another flow and go on by what it returns."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from pydantic import Field

from ..expressions import compile_value
from ..findings import Finding, Text
from ..schema import Strict, unknown_name
from ..session import NOT_SET, Step
from ..subflows import DEEPEST_SUBFLOW, cycle, depth, returned
from .kind import Branches, Enter, NodeType
from .next_step import finish_or_go
from .variables import VariableName

if TYPE_CHECKING:
    from ..commands import Command
    from ..compiler import Wiring
    from ..definition import NodeDefinition
    from ..environment import Environment
    from ..session import Session


class SubflowOptions(Strict):
    """``flow`` names the flow to run. ``with_`` (``with``): variables that it begins with; behind it they are again
    what they were."""

    flow: str
    with_: dict[VariableName, str | None] = Field(default_factory=dict, alias="with")


def _texts(options: SubflowOptions) -> Iterable[tuple[tuple[str | int, ...], str]]:
    for name, value in options.with_.items():
        if value:
            yield ("with", name), value


def _check(node: NodeDefinition, environment: Environment) -> Iterable[Finding]:
    known = environment.flows
    name = node.options.flow
    if known is not None and name not in known:
        yield unknown_name(node.option_place("flow"), Text("flow", "流程"), name, known, "unknown-flow")
        return
    callee = environment.flow_definition(name)
    if callee is None:
        return
    circle = cycle(name, environment)
    if circle is not None:
        shown = " → ".join(circle)
        yield Finding(
            "error",
            "subflow-cycle",
            node.option_place("flow"),
            Text(f"Flows run each other in a circle: {shown}.", f"流程之间循环调用：{shown}。"),
            Text(
                "Let one of them return instead; `loop` repeats, `goto_flow` goes on for good.",
                "请改为返回；需要重复时用 `loop`，不再返回用 `goto_flow`。",
            ),
        )
    elif depth(name, environment) > DEEPEST_SUBFLOW:
        yield Finding(
            "error",
            "subflow-too-deep",
            node.option_place("flow"),
            Text(
                f"More than {DEEPEST_SUBFLOW} subflows are under way inside each other from here.",
                f"从这里起嵌套的子流程超过 {DEEPEST_SUBFLOW} 层。",
            ),
            Text("Return before the next one is run.", "请先返回再调用下一个。"),
        )
    yield from _branches(node, returned(callee))


def _branches(node: NodeDefinition, found: set[str]) -> Iterable[Finding]:
    name = node.options.flow
    for branch in sorted(found - node.on.keys()):
        yield Finding(
            "error",
            "missing-branch",
            node.place,
            Text(
                f"The subflow `{name}` may return `{branch}`; `{node.id}` has no such branch.",
                f"子流程 `{name}` 可能返回 `{branch}`，`{node.id}` 没有该分支。",
            ),
            Text(f"Add `{branch}: NODE` under `on:`.", f"请在 `on:` 下补上 `{branch}: 节点`。"),
        )
    for branch in sorted(node.on.keys() - found - {"ok", "failed"}):
        yield Finding(
            "warning",
            "branch-never-taken",
            node.on[branch].place,
            Text(f"The subflow `{name}` never returns `{branch}`.", f"子流程 `{name}` 不会返回 `{branch}`。"),
            Text("Delete the branch, or return it there.", "请删去该分支，或在子流程中返回它。"),
        )


def _compile(node: NodeDefinition, wiring: Wiring) -> Enter:
    options: SubflowOptions = node.options
    failed = wiring.steps[node.on["failed"].name] if "failed" in node.on else None
    callee = wiring.callee(options.flow)
    if callee is None:
        return _unavailable(options.flow, failed)
    arguments = [(name, compile_value(text) if text is not None else None) for name, text in options.with_.items()]
    ways = {name: wiring.steps[target.name] for name, target in node.on.items()}

    def way_out(name: str) -> Step | None:
        return ways.get(name) or ways.get("ok") or wiring.ending

    first = wiring.inline(node, callee, _way_back(way_out("ok")), way_out)

    def enter(session: Session, at: float) -> Command | Step:
        values = [(name, value(session, at) if callable(value) else value) for name, value in arguments]
        variables = session.variables
        saved = tuple([(name, variables.get(name, NOT_SET)) for name, _ in values])
        session.frames = (*session.frames, (saved, failed))
        variables.update(values)
        return first

    return enter


def _way_back(following: Step | None) -> Step:
    """The step behind a node of the subflow that has no way on. It is no node: no path shows it."""

    def enter(session: Session, at: float) -> Command | Step:
        session.path.pop()
        if session.gone:
            return session.end_call("flow")
        session.leave_subflow()
        return finish_or_go(session, following)

    step = Step("", needs_caller=False)
    step.enter = enter
    return step


def _unavailable(name: str, failed: Step | None) -> Enter:
    message = Text(f"The subflow `{name}` cannot be run here.", f"子流程 `{name}` 无法在此运行。")

    def enter(session: Session, at: float) -> Command | Step:
        if failed is None:
            return session.fail("subflow_unavailable", "configuration", message)
        session.note_fault("subflow_unavailable", "configuration", message)
        return failed

    return enter


SUBFLOW = NodeType(
    "subflow",
    SubflowOptions,
    _compile,
    Branches("on", ("ok", "failed"), any_name=True),
    main="flow",
    needs_caller=False,
    texts=_texts,
    defines=lambda options: tuple(options.with_),
    check=_check,
)
