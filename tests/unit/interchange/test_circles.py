"""Flows of one file that run each other in a circle."""

from __future__ import annotations

from tests.unit.interchange.reading_back import imported, nodes, of_type
from tests.unit.interchange.sources import action, connect


def test_a_flow_that_jumps_to_itself_goes_on_at_its_start():
    made = connect(
        action("hello", "MessageParticipant", {"Text": "Hello."}, next="again"),
        action("again", "TransferToFlow", {"ContactFlowId": "export"}),
    )
    found = imported("connect", made)
    assert of_type(found, "goto_flow") == []
    assert nodes(found)["again"]["branch"][0]["next"] in ("hello", "rounds")
    assert [flow.name for flow in found.flows] == ["export"]


def test_flows_that_jump_to_each_other_do_so_here():
    made = connect(
        action("hello", "MessageParticipant", {"Text": "Hello."}, next="on"),
        action("on", "TransferToFlow", {"ContactFlowId": "arn:aws:connect:x:contact-flow/other"}),
    )
    found = imported("connect", made)
    assert of_type(found, "goto_flow") == [{"goto_flow": {"flow": "other"}}]
    assert [(flow.name, flow.placeholder) for flow in found.flows] == [("export", False), ("other", True)]


def test_a_subroutine_that_ends_by_calling_itself_goes_on_at_its_start():
    text = (
        "[a]\nexten => s,1,Gosub(b,s,1)\n[b]\nexten => s,1,Playback(hi)\n same => n,Gosub(b,s,1)\n same => n,Return()\n"
    )
    found = imported("asterisk", text)
    assert found.opaque == 0
    assert of_type(found, "subflow", 1) == []


def test_a_subroutine_that_calls_itself_becomes_visible():
    called = "[a]\nexten => s,1,Gosub(b,s,1)\n[b]\nexten => s,1,Gosub(c,s,1)\n"
    text = called + "[c]\nexten => s,1,Gosub(b,s,1)\n same => n,Playback(hi)\n"
    found = imported("asterisk", text)
    assert found.opaque == 1
    assert [len(of_type(found, "opaque", place)) for place in range(3)] == [0, 0, 1]
    assert any(entry.parameter == "flow" for entry in found.lost)
