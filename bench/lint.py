"""Compiling and linting flows of 60 nodes: what a large company's configuration costs to check."""

from __future__ import annotations

import gc
import time

from ivr_flows import compile_flow, load_flow
from ivr_flows.lint import family, lint
from tests.unit.flows.environment import KnownNames

FLOWS = 1000
NODES = 60
LIMIT_SECONDS = 20.0


def flow_text(number: int, nodes: int = NODES) -> str:
    """A service flow of ``nodes`` nodes: a greeting, a tree of menus with texts, questions and queues behind them, and
    some mistakes (a circle of silence, a key that is not handled), different in every flow."""
    lines = [f"flow: flow{number}", "start: greeting", "nodes:"]
    lines.append(f"  greeting: {{ play: '您好，欢迎致电{{{{ company }}}}第{number}号热线。', next: m0 }}")
    count = 1
    index = 0
    while count + 7 <= nodes - 2:
        following = f"m{index + 1}" if count + 14 <= nodes - 2 else "agent"
        silent = f"m{index}" if (number + index) % 7 == 0 else "agent"
        prompt = f"业务{index}请按1，查询请按2，更多请按3，重听请按9，人工服务请按0。"
        keys = f'"1": t{index}, "2": g{index}, "3": {following}, "9": m{index}, "0": agent'
        lines += [
            f"  m{index}: {{ menu: {{ prompt: '{prompt}', retries: 2 }}, on: {{ {keys}, no_input: {silent} }} }}",
            f"  t{index}: {{ play: '第{index}项业务的说明，编号{number}。', next: h{index} }}",
            f"  h{index}: {{ hours: office, on: {{ open: q{index}, closed: v{index} }} }}",
            f"  q{index}: {{ queue: support, on: {{ answered: bye, timeout: v{index} }} }}",
            f"  v{index}: {{ voicemail: general, prompt: 请留言。, next: bye }}",
            f"  g{index}: {{ gather: {{ prompt: '请输入订单号，以井号键结束。', into: order{index} }}, "
            f"on: {{ ok: b{index}, no_input: agent }} }}",
            f"  b{index}: {{ branch: [ {{ when: \"{{{{ order{index} == '1' }}}}\", next: t{index} }} ], else: agent }}",
        ]
        count += 7
        index += 1
    while count < nodes - 2:
        target = f"x{count + 1}" if count + 1 < nodes - 2 else "agent"
        lines.append(f"  x{count}: {{ play: 请稍候。, next: {target} }}")
        count += 1
    lines.append("  agent: { queue: support, on: { answered: bye, timeout: v0 } }")
    lines.append("  bye: { hangup: normal }")
    return "\n".join(lines) + "\n"


def lint_1000_flows_seconds(flows: int = FLOWS) -> dict[str, object]:
    """Read, lint and compile ``flows`` flows, each with its own texts."""
    texts = [flow_text(number) for number in range(flows)]
    environment = KnownNames()
    gc.disable()  # as `router.configuration` reads: everything stays
    began = time.process_time()
    definitions = {}
    for number, text in enumerate(texts):
        definition, findings = load_flow(text, f"flow{number}.flow.yaml")
        assert definition is not None, findings
        definitions[definition.name] = definition
    read = time.process_time()
    among = family(definitions)
    found = sum(len(lint(definition, environment, among=among)) for definition in definitions.values())
    for definition in definitions.values():
        compile_flow(definition, environment)
    ended = time.process_time()
    gc.enable()
    nodes = sum(len(definition.nodes) for definition in definitions.values())
    return {
        "value": round(ended - read, 2),
        "unit": "s",
        "reference": LIMIT_SECONDS,
        "ratio": round((ended - read) / LIMIT_SECONDS, 3),
        "note": f"{len(definitions)} flows, {nodes} nodes, {found} findings; reading took {read - began:.1f} s more",
    }
