"""A flow judged where nothing is known of the outside."""

from __future__ import annotations

from ivr_flows import lint, load_flow
from tests.unit.flows.environment import KnownNames, nodes

HOURS = """
ask: { menu: 请按1。, on: { 1: when, no_input: when } }
when: { hours: somewhere, on: { open: ask, closed: bye } }
bye: { hangup: normal }
"""


def test_calendars_of_which_nothing_is_known_are_open() -> None:
    definition, _ = load_flow(nodes(HOURS), "example.flow.yaml")
    assert definition is not None
    outside = KnownNames()
    outside.calendars = None  # type: ignore[assignment]
    assert [finding.code for finding in lint(definition, outside)] == ["silent-loop"]
