"""Calls per second and core of a service flow of 60 nodes, of which a call visits 12, in virtual time."""

from __future__ import annotations

import gc
import time

from ivr_flows import Context, Flow, compile_flow, load_flow
from router.callers import caller_facts
from simulator.parties import AgentScript, TargetScript
from simulator.script import PressScript
from simulator.virtual import VirtualCall

from .surroundings import Surroundings

NODES = 60
VISITED = 12
AT = 1_790_000_000.0
CALLS = 5_000
ROUNDS = 20


def flow_text() -> str:
    """Ten departments of five nodes behind a chain of menus, set, branch and hours: sixty nodes in all."""
    lines = ["flow: service", "nodes:", "  hello: { play: 您好，欢迎致电。, next: mark }"]
    lines.append("  mark: { set: { visits: 1 }, next: known }")
    lines.append("  known: { branch: [ { when: \"{{ caller.kind == 'mobile' }}\", next: office } ], else: office }")
    lines.append("  office: { hours: office, on: { open: menu0, closed: bye } }")
    for number in range(10):
        lines.append(
            f"  menu{number}: {{ menu: 本部门请按1，下一个请按2。, on: {{ 1: say{number}, "
            f"2: {f'menu{number + 1}' if number < 9 else 'bye'}, no_input: bye }} }}"
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


def _flow() -> Flow:
    definition, findings = load_flow(flow_text(), "service.flow.yaml")
    assert definition is not None, findings
    assert len(definition.nodes) == NODES, len(definition.nodes)
    return compile_flow(definition, Surroundings())


def service_flow_calls_per_second_core() -> dict[str, object]:
    """Best of short rounds. The caller takes the second department; path, heard and inputs included."""
    flow = _flow()
    press, agents, targets = PressScript.parse("2,1"), AgentScript.parse("answer:5:30"), TargetScript()
    caller = caller_facts("13800138000")

    def one_call() -> list[str]:
        session = flow.session(Context("c", AT, "4008001234", caller))
        VirtualCall(session, press, agents, targets, AT).run()
        return session.path

    assert len(one_call()) == VISITED, one_call()
    best = 0.0
    for _ in range(ROUNDS):
        gc.collect()
        began = time.perf_counter()
        for _ in range(CALLS):
            one_call()
        best = max(best, CALLS / (time.perf_counter() - began))
    return {
        "value": round(best),
        "unit": "calls/s",
        "reference": None,
        "ratio": None,
        "note": f"virtual time, one core; {NODES} nodes of which a call visits {VISITED}",
    }
