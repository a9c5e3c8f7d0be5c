"""Calls per second and core of a service flow of 60 nodes, of which a call visits 12, in virtual time; what a visit of
a node costs in flows of 20 to 10,000 nodes."""

from __future__ import annotations

import gc
import math
import time
from collections.abc import Callable

from ivr_flows import Context, Flow, compile_flow, load_flow
from router.callers import caller_facts
from simulator.parties import AgentScript, TargetScript
from simulator.script import PressScript
from simulator.virtual import VirtualCall

from .surroundings import Surroundings

NODES = 60
VISITED = 12
SIZES = (20, 100, 1_000, 10_000)
AT = 1_790_000_000.0
CALLS = 5_000
ROUNDS = 20


def flow_text(nodes: int = NODES) -> str:
    """Departments of five nodes each behind a chain of menus, set, branch and hours: ``nodes`` in all, ten besides the
    departments."""
    departments = (nodes - 10) // 5
    lines = ["flow: service", "nodes:", "  hello: { play: 您好，欢迎致电。, next: mark }"]
    lines.append("  mark: { set: { visits: 1 }, next: known }")
    lines.append("  known: { branch: [ { when: \"{{ caller.kind == 'mobile' }}\", next: office } ], else: office }")
    lines.append("  office: { hours: office, on: { open: menu0, closed: bye } }")
    for number in range(departments):
        lines.append(
            f"  menu{number}: {{ menu: 本部门请按1，下一个请按2。, on: {{ 1: say{number}, "
            f"2: {f'menu{number + 1}' if number < departments - 1 else 'bye'}, no_input: bye }} }}"
        )
        lines.append(f"  say{number}: {{ play: 正在转接第{number}部门。, next: note{number} }}")
        lines.append(f'  note{number}: {{ set: {{ department: "{number}" }}, next: pick{number} }}')
        lines.append(
            f"  pick{number}: {{ branch: [ {{ when: \"{{{{ department == '{number}' }}}}\", next: agent{number} }} ], "
            f"else: bye }}"
        )
        lines.append(f"  agent{number}: {{ queue: default, on: {{ answered: thanks, timeout: bye }} }}")
    lines.append("  thanks: { play: 感谢来电。, next: bye }")
    lines.append("  tail: { hangup: busy }")
    lines.append("  spare: { hangup: rejected }")
    lines.append("  other: { hangup: 19 }")
    lines.append("  unused: { hangup: 38 }")
    lines.append("  bye: { hangup: normal }")
    return "\n".join(lines) + "\n"


def _flow(nodes: int = NODES) -> Flow:
    definition, findings = load_flow(flow_text(nodes), "service.flow.yaml")
    assert definition is not None, findings
    assert len(definition.nodes) == nodes, len(definition.nodes)
    return compile_flow(definition, Surroundings())


def _calls(flow: Flow) -> Callable[[], list[str]]:
    """Calls of a caller who takes the second department; path, heard and inputs included."""
    press, agents, targets = PressScript.parse("2,1"), AgentScript.parse("answer:5:30"), TargetScript()
    caller = caller_facts("13800138000")

    def one_call() -> list[str]:
        session = flow.session(Context("c", AT, "4008001234", caller))
        VirtualCall(session, press, agents, targets, AT).run()
        return session.path

    assert len(one_call()) == VISITED, one_call()
    return one_call


def _seconds(one_call: Callable[[], list[str]]) -> float:
    gc.collect()
    began = time.perf_counter()
    for _ in range(CALLS):
        one_call()
    return (time.perf_counter() - began) / CALLS


def service_flow_calls_per_second_core() -> dict[str, object]:
    """Best of short rounds."""
    one_call = _calls(_flow())
    best = min(_seconds(one_call) for _ in range(ROUNDS))
    return {
        "value": round(1 / best),
        "unit": "calls/s",
        "reference": None,
        "ratio": None,
        "note": f"virtual time, one core; {NODES} nodes of which a call visits {VISITED}",
    }


def call_cost_per_node_ratio() -> dict[str, object]:
    """Time for each node that a call visits, in a flow of 10,000 nodes over one of 20; best of interleaved rounds."""
    calls = {size: _calls(_flow(size)) for size in SIZES}
    best = dict.fromkeys(SIZES, math.inf)
    for _ in range(ROUNDS):
        for size, one_call in calls.items():
            best[size] = min(best[size], _seconds(one_call))
    costs = {size: seconds / VISITED * 1e6 for size, seconds in best.items()}
    ratio = costs[SIZES[-1]] / costs[SIZES[0]]
    return {
        "value": round(ratio, 2),
        "unit": "times",
        "reference": 1.0,
        "ratio": round(1 / ratio, 2),
        "note": ", ".join(f"{size} nodes: {cost:.2f} µs a visit" for size, cost in costs.items()),
    }
