"""The explorer and the engine agree where flows run others, hear speech, send messages, and go on behind a hang-up."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from ivr_flows import Context, FlowDefinition, Session, compile_flow, lint, load_flow
from ivr_flows.explore import Search, Situation
from ivr_flows.findings import has_errors
from simulator.exploring import PACE
from simulator.parties import AgentScript, TargetScript
from simulator.script import PressScript
from simulator.virtual import VirtualCall

from .random_flows import MAKERS, Pick, flow_text
from .test_explore import AGENTS, CAMPAIGN, KEYS, SITUATIONS, TARGETS, DayNames

pytestmark = pytest.mark.dateless

INNER = """
flow: inner
on_hangup: note
nodes:
  ask: { menu: { prompt: 会员请按1，咨询请按2。, retries: 1 }, on: { 1: vip, 2: talk, no_input: nothing } }
  vip: { return: vip, values: { digits: "1234" } }
  talk: { queue: { name: support, timeout: 20s }, on: { timeout: nothing, abandoned: note } }
  nothing: { return: ok }
  note: { notify: left }
"""
SAID = ("我要查账单", "转人工", "嗯", "")


class Wider(DayNames):
    """`DayNames` that know the subflow ``inner``."""

    def __init__(self) -> None:
        super().__init__()
        inner = load_flow(INNER, "inner.flow.yaml")[0]
        assert inner is not None
        self.definitions = {"inner": inner}
        self.flows = (*self.flows, "inner")

    def flow_definition(self, name: str) -> FlowDefinition | None:
        return self.definitions.get(name)


def _speech(pick: Pick, to: Callable[[], str]) -> dict[str, Any]:
    options = {"prompt": "请说查账单或按1，转人工请按2。", "intents": ["账单", "人工"], "retries": pick([0, 1])}
    on = {"账单": to(), "人工": to(), "no_input": to()} | ({"no_match": to()} if pick([True, False]) else {})
    return {"speech": options, "on": on}


def _message(pick: Pick, to: Callable[[], str]) -> dict[str, Any]:
    return {"message": {"text": "链接", "to": "{{ caller.number }}"}, "on": {"sent": to(), "failed": to()}}


def _subflow(pick: Pick, to: Callable[[], str]) -> dict[str, Any]:
    return {"subflow": "inner", "on": {"ok": to(), "vip": to(), "failed": to()}}


def wider(seed: int, most: int, *, loops: bool) -> str:
    chance = random.Random(seed)
    makers = (*MAKERS, *([_speech, _message, _subflow] * 4))
    size = chance.randint(1, most)
    flow = yaml.safe_load(flow_text(size, chance.choice, loops=loops, makers=makers))
    if chance.random() < 0.5:
        flow["on_hangup"] = "gone"
        flow["nodes"]["gone"] = {"notify": "gone", "next": "end"}
    return str(yaml.safe_dump(flow, allow_unicode=True, sort_keys=False))


def definition_of(text: str) -> FlowDefinition:
    definition, findings = load_flow(text, "example.flow.yaml")
    assert definition is not None, [finding.as_text() for finding in findings]
    assert not has_errors(lint(definition, Wider()))
    return definition


def run(
    definition: FlowDefinition,
    situation: Situation,
    press: str,
    agents: str,
    target: str,
    data: Mapping[str, Any] | None,
) -> tuple[tuple[str, ...], str | None]:
    context = Context(situation.call_id, situation.at, "4008001234", situation.caller, company="示例科技", data=data)
    session: Session = compile_flow(definition, Wider()).session(context)
    parties = AgentScript.parse(agents), TargetScript.parse(target)
    VirtualCall(session, PressScript.parse(press), *parties, situation.at).run()
    return tuple(session.path), session.outcome


@CAMPAIGN
@given(st.integers(0, 2**32))
def test_every_path_replays(seed: int) -> None:
    text = wider(seed, 6, loops=True)
    definition = definition_of(text)
    exploration = Search(definition, Wider(), SITUATIONS, PACE, max_paths=1500).paths()
    assert exploration.paths or not exploration.complete
    for found in exploration.paths[:200]:
        taken = run(
            definition, found.situation, found.press, found.agents or "none", found.target or "answer", found.data
        )
        assert taken == (found.path, found.outcome), (text, found)


@CAMPAIGN
@given(st.integers(0, 2**32))
def test_a_random_walk_is_among_the_paths(seed: int) -> None:
    text = wider(seed, 4, loops=False)
    definition = definition_of(text)
    exploration = Search(definition, Wider(), SITUATIONS, PACE, max_paths=3000).paths()
    if not exploration.complete:
        return
    known = {(found.path, found.outcome) for found in exploration.paths}
    chance = random.Random(seed)
    nodes = [*definition.nodes, *(f"{node}/{inner}" for node in definition.nodes for inner in ("ask", "talk"))]
    for _ in range(15):
        items = [chance.choice(KEYS) for _ in range(chance.randrange(7))]
        if chance.random() < 0.4:
            items.append(f"@{chance.randrange(1, 160) / 2:g}:{chance.choice('h105*')}")
        data = {
            "fetch": {name: chance.choice([{"status": "paid"}, {"level": 3}, 7, {"error": "x"}]) for name in nodes},
            "speech": {name: [chance.choice(SAID) for _ in range(2)] for name in nodes},
            "message": {name: {"error": "x"} for name in nodes if chance.random() < 0.5},
        }
        walk = (chance.choice(SITUATIONS), ",".join(items), chance.choice(AGENTS), chance.choice(TARGETS), data)
        assert run(definition, *walk) in known, (text, walk)
