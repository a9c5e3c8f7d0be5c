"""Our flows as the vendor's flow JSON and back: the same on every path."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr_flows import compile_flow, lint, load_flow
from ivr_flows.findings import has_errors
from ivr_flows.interchange import import_flows
from ivr_flows.interchange.ccc_export import export_ccc
from ivr_flows.loader import packaged_flows
from tests.unit.flows.environment import KnownNames, definition_of
from tests.unit.flows.random_flows import MAKERS, Pick, flow_text
from tests.unit.interchange.reading_back import imported, nodes
from tests.unit.interchange.walking import walk

HOTLINE = """
flow: hotline
title: 服务热线 "24 小时"
nodes:
  您好:
    play: { text: "您好，{{ company }}：欢迎。", barge_in: true }
    next: menu
  menu:
    menu: 查订单请按1，人工请按0，重听请按井号。
    retries: 1
    no_match_prompt: 按键无效。
    on: { "1": order, "0": agent, "#": 您好, no_input: agent, no_match: bye }
  order:
    gather: { prompt: 请输入订单号。, max_digits: 4, min_digits: 2, pattern: "[0-7]+", retries: 1, into: order_no }
    on: { ok: keep, no_input: agent, no_match: agent }
  keep:
    set: { vip: "{{ order_no == '1234' }}", empty: , note: "单号 {{ order_no }}" }
    next: decide
  decide:
    branch:
      - { when: "{{ vip }}", next: agent }
      - { when: "order_no == '12'", next: human }
    else: part
  part:
    share: { agent: 30, box: 70 }
  human:
    transfer: { to: 010-88880009, timeout: 25s }
    on: { answered: bye, busy: box, no_answer: box, failed: agent }
  agent:
    queue: { name: support, timeout: 90s, priority: 5, exit_keys: "0" }
    on: { timeout: box, full: bye, "0": bye }
  box:
    voicemail: { prompt: "请留言，{{ caller.number }}。", max: 30s }
    next: bye
  bye:
    hangup: { cause: normal, text: 再见。 }
"""

PLAIN = """
flow: plain
nodes:
  hello: { play: 您好。, next: menu }
  menu:
    menu: { prompt: 请按1或2。, retries: 1 }
    on: { "1": order, "2": agent, no_input: bye, no_match: agent }
  order:
    gather: { prompt: 请输入订单号。, max_digits: 4, retries: 0, into: order_no }
    on: { ok: decide, no_input: agent, no_match: bye }
  decide:
    branch: [{ when: "order_no == '1234'", next: agent }]
    else: say
  say: { play: "单号是{{ order_no }}。", next: bye }
  agent: { queue: support, timeout: 60s, on: { timeout: bye, full: say_full, no_agents: bye } }
  say_full: { play: 座席全忙。, next: bye }
  bye: { hangup: normal }
"""


def exported(text: str) -> bytes:
    made = export_ccc(text, "example.flow.yaml")
    assert made.document is not None, made.findings
    return json.dumps(made.document, ensure_ascii=False).encode()


@pytest.mark.parametrize("text", [HOTLINE, PLAIN, packaged_flows()["welcome"][1]], ids=["hotline", "plain", "welcome"])
def test_a_flow_comes_back_as_it_was(text: str):
    back = import_flows("ccc", exported(text), "hotline.json")
    before = compile_flow(definition_of(text), KnownNames())
    after = compile_flow(definition_of(back.flows[0].text), KnownNames())
    assert back.opaque == 0
    assert back.lost == []
    assert (after.name, after.definition.title) == (before.name, before.definition.title)
    for seed in range(300):
        assert walk(after, seed) == walk(before, seed)


INNER = "flow: inner\nnodes:\n  say: { play: 里, next: out }\n  out: { return: vip }\n"
THERE = """flow: there
nodes:
  say: { play: { ssml: 那里<break time='1s'/> }, next: back }
  back: { goto_flow: example }
"""
OUTSIDE = KnownNames(subflows=(INNER, THERE))


def _goto_flow(pick: Pick, to: Callable[[], str]) -> dict[str, Any]:
    return {"goto_flow": pick(["there", {"flow": "there", "with": {"digits": "{{ last }}"}}])}


def _subflow(pick: Pick, to: Callable[[], str]) -> dict[str, Any]:
    return {"subflow": {"flow": "inner", "with": {"digits": "7"}}, "on": {"ok": to(), "vip": to()}}


@given(seed=st.integers(0, 2**32), size=st.integers(1, 9))
@settings(max_examples=80, deadline=None)
def test_any_flow_comes_back_as_it_was(seed: int, size: int):
    chance = random.Random(seed)
    text = flow_text(size, chance.choice, makers=(*MAKERS, _goto_flow, _goto_flow, _subflow))
    back = import_flows("ccc", exported(text), "example.json")
    assert (back.opaque, back.lost) == (0, [])
    first, second = (load_flow(each, "example.flow.yaml")[0] for each in (text, back.flows[0].text))
    assert first is not None
    assert second is not None
    for name, node in first.nodes.items():
        other = second.nodes[name]
        assert (other.type.name, other.options) == (node.type.name, node.options)
        assert [(way, to.name) for way, to in other.exits()] == [(way, to.name) for way, to in node.exits()]
    assert not has_errors(lint(second, OUTSIDE))
    before, after = compile_flow(first, OUTSIDE), compile_flow(second, OUTSIDE)
    assert after.steps.keys() == before.steps.keys()


@given(seed=st.integers(0, 2**32), size=st.integers(1, 9))
@settings(max_examples=60, deadline=None)
def test_the_vendors_part_of_any_flow_is_a_flow(seed: int, size: int):
    chance = random.Random(seed)
    text = flow_text(size, chance.choice, makers=(*MAKERS, _goto_flow, _subflow))
    document = json.loads(exported(text))
    del document["line400"]
    back = import_flows("ccc", json.dumps(document).encode(), "example.json")
    definition, findings = load_flow(back.flows[0].text, "example.flow.yaml")
    assert definition is not None, [finding.as_text() for finding in findings]
    outside = KnownNames(subflows=tuple(flow.text for flow in back.flows))
    outside.queues = outside.boxes = outside.calendars = None  # type: ignore[assignment]
    wrong = [finding.as_text() for finding in lint(definition, outside) if finding.severity == "error"]
    assert wrong == []


def test_the_walks_tell_flows_apart():
    text = PLAIN.replace("retries: 1", "retries: 2")
    first, second = (compile_flow(definition_of(each), KnownNames()) for each in (PLAIN, text))
    assert any(walk(first, seed) != walk(second, seed) for seed in range(300))


def test_the_vendors_part_alone_says_and_does_the_same():
    document = json.loads(exported(PLAIN))
    del document["line400"]
    back = import_flows("ccc", json.dumps(document).encode(), "plain.json")
    assert back.opaque == 0
    before = compile_flow(definition_of(PLAIN), KnownNames())
    after = compile_flow(definition_of(back.flows[0].text), KnownNames())
    for seed in range(300):
        _, heard, _, outcome = walk(before, seed)
        _, heard_after, _, outcome_after = walk(after, seed)
        assert heard_after == heard
        assert outcome_after == outcome


def test_a_change_at_the_vendor_is_what_counts():
    document = json.loads(exported(PLAIN))
    next(each for each in document["activities"] if each["name"] == "hello")["properties"]["say"] = "新年好。"
    back = imported("ccc", json.dumps(document))
    assert "新年好。" in back.flows[0].text
    assert any(entry.parameter == "line400" for entry in back.lost)


def test_moving_a_node_on_the_canvas_changes_nothing():
    document = json.loads(exported(PLAIN))
    for each in document["activities"]:
        each["properties"]["position"] = {"x": 1, "y": 2}
    assert set(nodes(imported("ccc", json.dumps(document)))) == set(definition_of(PLAIN).nodes)


def test_every_exit_of_an_export_is_connected():
    activities = json.loads(exported(HOTLINE))["activities"]
    known = {each["id"] for each in activities}
    for each in activities:
        for event in each["events"]:
            assert event["next"] in known or (each["type"] == "HANGUP" and event["next"] is None)


def test_a_prompt_longer_than_the_vendor_takes_is_reported():
    made = export_ccc(f"flow: long\nnodes:\n  a: {{ play: {'长' * 201} }}\n", "long.flow.yaml")
    assert [(entry.node, entry.parameter) for entry in made.lost] == [("a", "text")]


def test_a_flow_with_errors_is_not_exported():
    made = export_ccc("flow: x\nnodes:\n  a: { plai: hello }\n", "x.flow.yaml")
    assert made.document is None
    assert [finding.code for finding in made.findings] == ["unknown-node-type"]


def test_what_was_imported_can_be_loaded():
    definition, findings = load_flow(imported("ccc", exported(HOTLINE)).flows[0].text, "hotline.flow.yaml")
    assert definition is not None
    assert findings == []


def _activity(kind: str, name: str, properties: dict[str, Any], **exits: str) -> dict[str, Any]:
    events = [{"event": event, "next": target} for event, target in exits.items()]
    return {"type": kind, "id": name, "name": name, "properties": properties, "events": events}


def test_digits_without_the_name_of_an_activity_are_the_last_ones_entered() -> None:
    branches = [{"name": "Branch-A", "conditions": [{"variable": "${digits}", "operator": "==", "value": "1"}]}]
    flow = {
        "activities": [
            _activity("INCOMING_CALL", "start", {}, complete="ask"),
            _activity("GATHER_INPUT", "ask", {"say": "请按1。", "maxLength": 1}, success="which", failure="end"),
            _activity("BRANCH", "which", {"branches": branches}, **{"Branch-A": "agent", "Default": "end"}),
            _activity("TRANSFER_TO_AGENT", "agent", {"skillGroupId": "skg-vip@demo"}, timeout="end", failure="end"),
            _activity("HANGUP", "end", {}),
        ]
    }
    found = nodes(imported("ccc", json.dumps(flow)))
    assert found[found["ask"]["on"]["ok"]] == {"set": {"digits": "{{ ask_digits }}"}, "next": "which"}


def test_inputs_of_a_sub_flow_listed_by_name_are_handed_over() -> None:
    inputs = [{"name": "phone", "value": "${start.caller}"}]
    flow = {
        "activities": [
            _activity("INCOMING_CALL", "start", {}, complete="sub"),
            _activity("SUB", "sub", {"subFlowName": "orders", "inputs": inputs}, complete="end"),
            _activity("HANGUP", "end", {}),
        ]
    }
    found = nodes(imported("ccc", json.dumps(flow)))
    assert found["sub"]["subflow"]["with"] == {"phone": "{{ caller.number }}"}
