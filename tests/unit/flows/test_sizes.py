"""Flows at the ends of what there is: 10,000 nodes, one node, names of any characters. Everything that looks at a flow
takes them."""

from __future__ import annotations

import json
from xml.etree import ElementTree

import pytest

from ivr_flows import FlowDefinition, lint, load_flow
from ivr_flows.diagram import as_mermaid, as_svg, picture_of
from ivr_flows.editing import hover, occurrences, rename
from ivr_flows.explore import Search, Situation
from ivr_flows.formatting import flow_order, format_text
from ivr_flows.lint import Calls
from ivr_flows.yaml_source import read_text
from router.callers import caller_facts
from simulator.exploring import PACE

from .environment import AT, KnownNames

pytestmark = pytest.mark.dateless

SITUATION = Situation(caller_facts("13800138000"), AT, "c1", company="示例科技")


def loaded(text: str) -> FlowDefinition:
    definition, findings = load_flow(text, "example.flow.yaml")
    assert definition is not None
    assert findings == []
    return definition


def ten_thousand_nodes() -> str:
    """Menus one behind the other, each of which gives up to one end."""
    lines = ["flow: example", "nodes:"]
    for number in range(9_999):
        on = f'"1": n{number + 1}, no_input: end' if number < 9_998 else '"1": end, no_input: end'
        lines.append(f"  n{number}: {{ menu: 继续请按1。, on: {{ {on} }} }}")
    return "\n".join([*lines, "  end: { hangup: normal }", ""])


@pytest.mark.long
@pytest.mark.timeout(400)
def test_calls_are_looked_for_in_a_flow_of_ten_thousand_nodes() -> None:
    assert lint(loaded(ten_thousand_nodes()), KnownNames(), calls=Calls(AT)) == []


@pytest.mark.timeout(400)
def test_a_flow_of_ten_thousand_nodes() -> None:
    text = ten_thousand_nodes()
    definition = loaded(text)
    assert lint(definition, KnownNames()) == []
    assert format_text(text, "example.flow.yaml", flow_order) == text
    tree = read_text(text, "example.flow.yaml")
    assert len(occurrences(tree)) == 3 * 9_999 + 1
    assert len(rename(tree, 10_001, 3, "finish")) == 10_001
    assert hover(tree, 5_000, 4) is not None
    covered = Search(definition, KnownNames(), [SITUATION], PACE, max_steps=5_000).cover()
    assert not covered.complete
    assert covered.bound.reached
    assert as_mermaid(picture_of(definition)).count("-->") == 2 * 9_998 + 1


ODD_NAMES = ["a b", "引号\"和'单'", "😀🎉", "end", "null", "on", "1", "~x", "a: b", "#x", "a/b", "<script>", "x" * 200]


@pytest.mark.parametrize("name", ODD_NAMES)
def test_nodes_of_any_name(name: str) -> None:
    written = json.dumps(name, ensure_ascii=False)
    text = (
        f"flow: example\nstart: {written}\nnodes:\n"
        f'  {written}: {{ menu: 继续请按1。, on: {{ "1": {written}, no_input: bye }} }}\n  bye: {{ hangup: normal }}\n'
    )
    definition = loaded(text)
    assert lint(definition, KnownNames(), calls=Calls(AT)) == []
    laid_out = format_text(text, "example.flow.yaml", flow_order)
    assert list(loaded(laid_out).nodes) == [name, "bye"]
    found = Search(definition, KnownNames(), [SITUATION], PACE).paths()
    assert (name, "bye") in {path.path for path in found.paths}
    picture = picture_of(definition)
    assert name in "".join(ElementTree.fromstring(as_svg(picture)).itertext())
    assert as_mermaid(picture).count("-->") == 2


@pytest.mark.parametrize("node", ["{ hangup: busy }", "{ play: 您好。 }", "{ queue: support, on: { timeout: only } }"])
def test_a_flow_of_one_node(node: str) -> None:
    text = f"flow: example\nnodes:\n  only: {node}\n"
    definition = loaded(text)
    assert lint(definition, KnownNames(), calls=Calls(AT)) == []
    assert format_text(text, "example.flow.yaml", flow_order) == text
    assert Search(definition, KnownNames(), [SITUATION], PACE).paths().paths
    ElementTree.fromstring(as_svg(picture_of(definition)))
