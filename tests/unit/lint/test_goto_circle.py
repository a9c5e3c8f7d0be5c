"""``goto-circle``: circles through several flows."""

from __future__ import annotations

import pytest

from ivr_flows import lint, load_flow
from ivr_flows.lint import Calls
from tests.unit.flows.environment import AT, KnownNames

BACK = """flow: back
nodes:
  ask: {{ menu: {{ prompt: 返回请按1。, retries: 0 }}, on: {{ 1: home, no_input: {silence} }} }}
  home: {{ goto_flow: example }}
  out: {{ hangup: normal }}
"""
FLOW = """flow: example
nodes:
  hear: { play: 您好。, next: on }
  on: { goto_flow: back }
"""


@pytest.mark.parametrize(
    ("silence", "codes"), [("home", ["goto-circle"]), ("out", [])], ids=["round and round", "silence leaves it"]
)
def test_a_circle_through_two_flows(silence: str, codes: list[str]) -> None:
    environment = KnownNames(subflows=(BACK.format(silence=silence), FLOW))
    definition, _ = load_flow(FLOW, "example.flow.yaml")
    assert definition is not None
    found = lint(definition, environment, calls=Calls(AT))
    assert [finding.code for finding in found] == codes
    for finding in found:
        assert "on → back//ask → back//home → hear" in finding.message.en
        assert finding.counter_example == "line400 call NUMBER --flow example --press ''"
