"""The priority, skill and music of a queue may be told by the call: an expression gives them."""

from __future__ import annotations

import pytest

from ivr_flows.commands import Queue

from .environment import compiled, context, found

FLOW = """flow: hotline
nodes:
  rank: {{ set: {{ level: "{value}" }}, next: agent }}
  agent:
    queue: {{ name: support, priority: "{{{{ level }}}}", skill: "s{{{{ level }}}}" }}
    on: {{ timeout: bye }}
  bye: {{ hangup: normal }}
"""


def _queue(value: str) -> Queue:
    command = compiled(FLOW.format(value=value)).session(context()).start()
    assert isinstance(command, Queue)
    return command


@pytest.mark.parametrize(
    ("value", "priority"),
    [("{{ 7 }}", 7), ("9", 9), ("{{ 3.9 }}", 3), ("500", 99), ("-2", 1), ("gold", 1), ("nan", 1)],
)
def test_an_expression_gives_the_nearest_priority(value: str, priority: int) -> None:
    assert _queue(value).priority == priority


def test_the_skill_is_a_text_of_the_call() -> None:
    assert _queue("english").skill == "senglish"


@pytest.mark.parametrize("written", ["0", "100", "high", "1.5"])
def test_a_written_priority_is_a_whole_number_from_1_to_99(written: str) -> None:
    text = f"flow: f\nnodes:\n  q: {{ queue: {{ name: support, priority: {written} }}, on: {{ timeout: q }} }}\n"
    assert [(each.code, each.place.line) for each in found(text)] == [("bad-priority", 3)]
