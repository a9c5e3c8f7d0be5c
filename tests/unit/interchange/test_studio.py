"""Twilio Studio: widgets, Liquid, splits."""

from __future__ import annotations

import json

import pytest

from ivr_flows.interchange.graph import Graph
from ivr_flows.interchange.liquid import template
from tests.unit.interchange.reading_back import imported, lost, nodes
from tests.unit.interchange.sources import studio, widget


def test_an_order_hotline():
    found = imported(
        "studio",
        studio(
            widget("Trigger", "trigger", incomingCall="ask"),
            widget(
                "ask",
                "gather-input-on-call",
                {
                    "say": "Your order number.",
                    "timeout": 8,
                    "finish_on_key": "#",
                    "number_of_digits": 6,
                    "offset": {"x": 1},
                },
                keypress="look",
                timeout="sorry",
            ),
            widget(
                "look",
                "make-http-request",
                {"url": "https://erp.example/{{widgets.ask.Digits}}", "method": "GET"},
                success="tell",
                failed="sorry",
            ),
            widget("tell", "say-play", {"say": "It is {{widgets.look.parsed.status | upcase}}."}),
            widget("sorry", "say-play", {"say": "Sorry.", "loop": 2}, audioComplete="agent"),
            widget("agent", "connect-call-to", {"noun": "number", "to": "+861088880009", "timeout": 20}),
        ),
    )
    made = nodes(found)
    assert made["trigger"] == {"answer": None, "next": "ask"}
    assert made["ask"]["gather"]["into"] == "ask_digits"
    assert made["ask"]["gather"]["max_digits"] == "6"
    assert made["look"]["fetch"]["url"] == "https://erp.example/{{ ask_digits }}"
    assert made["look"]["on"] == {"ok": "tell", "error": "sorry"}
    assert made["tell"] == {"play": "It is {{ look.status | upper }}."}
    assert made["sorry"] == {"play": "Sorry. Sorry.", "next": "agent"}
    assert made["agent"]["transfer"] == {"to": "+861088880009", "timeout": "20s"}
    assert (found.nodes, found.opaque) == (6, 0)


@pytest.mark.parametrize(
    ("liquid", "ours"),
    [
        ("{{flow.variables.name}}", "{{ name }}"),
        ("{{ trigger.call.From }}", "{{ caller.number }}"),
        ("{{contact.channel.address}}", "{{ caller.number }}"),
        ("{{flow.channel.address}}", "{{ called }}"),
        ("{{trigger.parent.parameters.level}}", "{{ level }}"),
        ("{{flow.variables.n | plus: 1}}", "{{ (n | int + 1) }}"),
        ("{{flow.variables.n | append: 'x'}}", "{{ (n ~ 'x') }}"),
        ('{{flow.variables.n | default: "nobody"}}', "{{ n | default('nobody') }}"),
        (
            "{% if flow.variables.n == 'a' %}A{% elsif n contains 'b' %}B{% else %}C{% endif %}",
            "{% if n == 'a' %}A{% elif 'b' in (n | string) %}B{% else %}C{% endif %}",
        ),
        ("{% unless flow.variables.n %}A{% endunless %}", "{% if not (n) %}A{% endif %}"),
        ("{% assign total = 3 %}{{ total }}", "{% set total = 3 %}{{ total }}"),
        ("no template", "no template"),
    ],
)
def test_liquid(liquid: str, ours: str):
    graph = Graph("test")
    assert template(liquid, graph) == ours
    assert graph.lost == []


@pytest.mark.parametrize(
    "liquid", ["{{ a | frobnicate }}", "{{ ??? }}", "{% cycle 'a', 'b' %}", "{{ unclosed", "{% if x %}"]
)
def test_liquid_that_cannot_be_mapped_is_kept_as_words_and_reported(liquid: str):
    graph = Graph("test")
    made = template(liquid, graph)
    assert "{{" not in made
    assert "{%" not in made
    assert len(graph.lost) == 1


@pytest.mark.parametrize(
    ("kind", "value", "ours"),
    [
        ("equal_to", "1", "ask_digits == '1'"),
        ("equal_to", "Yes", "ask_digits | string | lower == 'yes'"),
        ("matches_any_of", "a, B", "ask_digits | string | lower in ['a', 'b']"),
        ("less_than", "5", "ask_digits | float < 5"),
        ("regex", "^(sales|Support)$", "ask_digits | string | lower in ['sales', 'support']"),
        ("is_blank", "", "(ask_digits | string | trim) == ''"),
        ("regex", r"\d{3,}", "false"),
    ],
)
def test_splits(kind: str, value: str, ours: str):
    state = widget("split", "split-based-on", {"input": "{{widgets.ask.Digits}}"}, noMatch="no")
    state["transitions"].append(
        {
            "event": "match",
            "next": "yes",
            "conditions": [{"type": kind, "arguments": ["{{widgets.ask.Digits}}"], "value": value}],
        }
    )
    found = imported(
        "studio", studio(state, widget("yes", "say-play", {"say": "Y"}), widget("no", "say-play", {"say": "N"}))
    )
    assert nodes(found)["split"] == {"branch": [{"when": ours, "next": "yes"}], "else": "no"}


def test_a_widget_without_counterpart_stays_visible():
    found = imported(
        "studio", studio(widget("pay", "capture-payments", {"currency": "usd"}, success="a"), widget("a", "hangup"))
    )
    assert nodes(found)["pay"] == {
        "opaque": "twilio:capture-payments",
        "parameters": {"currency": "usd"},
        "on": {"success": "a"},
    }
    assert found.opaque == 1
    assert ("capture-payments", "") in lost(found)


def test_a_definition_inside_the_answer_of_the_api_is_found():
    inner = json.loads(studio(widget("a", "say-play", {"say": "Hi"})))
    found = imported("studio", json.dumps({"friendly_name": "Front Desk", "definition": inner}))
    assert found.flows[0].name == "front_desk"
