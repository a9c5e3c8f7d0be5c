"""Genesys Archy YAML: menus, tasks, nested outputs."""

from __future__ import annotations

import pytest

from ivr_flows.interchange.archy_values import Values
from ivr_flows.interchange.graph import Graph
from tests.unit.interchange.reading_back import header, imported, lost, nodes, of_type

FLOW = """
inboundCall:
  name: Orders
  defaultLanguage: zh-cn
  startUpRef: "/inboundCall/menus/menu[Main_1]"
  initialGreeting: { tts: Welcome. }
  settingsMenu: { repeatCount: { lit: 2 }, menuSelectionTimeout: { lit: { seconds: 7 } } }
  menus:
    - menu:
        name: Main
        refId: Main_1
        audio: { tts: "Press 1 or 9." }
        defaultChildMenuRef: "./choices/menuDisconnect[Out_9]"
        choices:
          - menuJumpToTask: { name: Look, dtmf: digit_1, targetTaskRef: "/inboundCall/tasks/task[Look_2]" }
          - menuRepeat: { name: Again, dtmf: digit_star }
          - menuDisconnect: { name: Out, refId: Out_9, dtmf: digit_9 }
  tasks:
    - task:
        name: Look
        refId: Look_2
        actions:
          - collectInput:
              name: Number
              inputData: { var: Task.number }
              digits: { exact: { lit: 6 } }
              inputAudio: { tts: Your number. }
              outputs:
                success:
                  actions:
                    - decision:
                        name: Known
                        condition: { exp: 'Task.number == "123456" and !IsNotSetOrEmpty(Task.number)' }
                        outputs:
                          "yes":
                            actions:
                              - playAudio: { name: Hit, audio: { exp: 'Append("You are ", Task.number)' } }
          - loop:
              name: Twice
              loopCount: { lit: 2 }
              outputs: { loop: { actions: [ { playAudio: { name: Round, audio: { tts: Round. } } } ] } }
          - callTask: { name: Ask, targetTaskRef: "/inboundCall/tasks/task[Rate_3]" }
          - makeCoffee: { name: Coffee, sugar: { lit: 2 } }
          - transferToAcd: { name: People, targetQueue: { lit: { name: Support } }, priority: { lit: 3 } }
          - disconnect: { name: Bye }
    - task:
        name: Rate
        refId: Rate_3
        actions: [ { endTask: { name: End } } ]
"""


def test_an_order_hotline():
    found = imported("archy", FLOW)
    made = nodes(found)
    assert (header(found)["flow"], header(found)["language"], header(found)["start"]) == (
        "orders",
        "zh-CN",
        "greeting",
    )
    assert made["main"]["menu"] == {"prompt": "Press 1 or 9.", "timeout": "7s", "retries": "2"}
    assert made["main"]["on"] == {"1": "look", "*": "main", "9": "out", "no_input": "out"}
    assert made["number"]["gather"]["min_digits"] == made["number"]["gather"]["max_digits"] == "6"
    assert made["number"]["on"] == {"ok": "known", "no_input": "twice", "no_match": "twice"}
    assert made["known"] == {
        "branch": [{"when": "number | string == '123456' and not ((number | string) == '')", "next": "hit"}],
        "else": "twice",
    }
    assert made["hit"] == {"play": "{{ 'You are ' ~ number }}", "next": "twice"}
    assert made["twice"] == {"loop": "2", "on": {"again": "round", "done": "ask"}}
    assert made["round"] == {"play": "Round.", "next": "twice"}
    assert made["people"]["queue"] == {"name": "support", "timeout": "600s", "priority": "3"}


def test_a_task_that_is_called_becomes_a_flow_that_comes_back():
    found = imported("archy", FLOW)
    assert [flow.name for flow in found.flows] == ["orders", "orders_rate"]
    assert nodes(found)["ask"] == {"subflow": {"flow": "orders_rate"}, "on": {"ok": "coffee", "failed": "coffee"}}
    assert of_type(found, "return", 1)


def test_an_unknown_action_stays_visible():
    found = imported("archy", FLOW)
    assert nodes(found)["coffee"] == {
        "opaque": "genesys:makeCoffee",
        "parameters": {"sugar": {"lit": "2"}},
        "on": {"next": "people"},
    }
    assert ("makeCoffee", "") in lost(found)
    assert found.opaque == 1


def test_placeholders_of_a_build_tool_do_not_stop_the_reading():
    found = imported("archy", FLOW.replace("name: Orders", 'name: "{{prefix}}-Orders"').replace("Support", "{{team}}"))
    assert ("prefix___orders", "placeholders") in lost(found)
    assert nodes(found)["people"]["queue"]["name"] == "team"


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("Flow.level >= 3", "level | float >= 3"),
        ('If(Flow.vip, "gold", "none")', "('gold' if vip else 'none')"),
        ("Call.Ani", "caller.number"),
        ('Length(Flow.who) > 2 or Contains(Flow.who, "x")', "who | length > 2 or 'x' in (who | string)"),
        ("Flow.order.total", "order.total"),
        ("Flow.a + 1", "(a | int) + 1"),
        ('"a" + Flow.b', "'a' ~ b"),
    ],
)
def test_expressions(theirs: str, ours: str):
    graph = Graph("test")
    assert Values(graph).expression({"exp": theirs}, "node x", "value") == ours
    assert graph.lost == []


def test_an_expression_that_cannot_be_mapped_is_a_variable_from_outside_and_reported():
    graph = Graph("test")
    assert Values(graph).expression({"exp": "Frobnicate(Flow.a)"}, "node Big Sum", "value") == "value_of_Big_Sum"
    assert "value_of_Big_Sum" in graph.outside
    assert len(graph.lost) == 1


CALLED = """
inboundCall:
  name: Calls
  startUpRef: "/inboundCall/tasks/task[go]"
  tasks:
    - task:
        refId: go
        name: Go
        actions:
          - callTask:
              name: Rank
              targetTaskRef: "/inboundCall/tasks/task[rank]"
              targetTaskInputs: { Task.Who: { exp: Call.Ani } }
              targetTaskOutputs:
                Gold: { actions: [ { playAudio: { name: G, audio: { tts: Gold. } } } ] }
          - transferToAcd:
              name: People
              targetQueue: { lit: { name: Support } }
              priority: { exp: "If(Flow.IsVip, 50, 1)" }
    - task:
        refId: rank
        name: Rank
        actions:
          - decision:
              name: Which
              condition: { exp: Task.Who == "1" }
              outputs:
                "yes": { actions: [ { endTask: { name: E1, outputPath: { name: Gold } } } ] }
                "no": { actions: [ { endTask: { name: E2, outputPath: { name: Silver } } } ] }
"""


def test_every_output_of_a_called_task_has_a_way_on_and_its_inputs_are_handed_over():
    found = imported("archy", CALLED)
    assert [each.code for each in found.flows[0].findings if each.severity == "error"] == []
    [call] = of_type(found, "subflow")
    assert call["subflow"]["with"] == {"Who": "{{ caller.number }}"}
    assert set(call["on"]) >= {"ok", "failed", "gold", "silver"}
    assert call["on"]["gold"] != call["on"]["ok"] == call["on"]["silver"]


def test_the_priority_of_a_queue_may_be_an_expression():
    [queue] = of_type(imported("archy", CALLED), "queue")
    assert "50 if" in queue["queue"]["priority"]


def test_actions_under_an_output_that_was_written_by_hand_are_kept():
    source = """
inboundCall:
  name: Hand
  states:
    state[Start]:
      actions:
        - collectInput:
            name: Choice
            outputs:
              success: { outputActions: [ { playAudio: { name: S, audio: { tts: Thanks. } } } ] }
"""
    assert [each["play"] for each in of_type(imported("archy", source), "play")] == ["Thanks."]


def test_a_secure_flow_keeps_its_inputs_secret():
    source = """
secureCall:
  name: Card
  tasks:
    - task: { name: T, actions: [ { collectInput: { name: Number, inputAudio: { tts: Your card. } } } ] }
"""
    [ask] = of_type(imported("archy", source), "gather")
    assert ask["gather"]["sensitive"] == "true"


def test_voicemail_goes_into_the_box_of_its_queue_with_its_greeting():
    source = """
inboundCall:
  name: Voicemail
  tasks:
    - task:
        name: T
        actions:
          - transferToVoicemail:
              name: V
              destination:
                queue:
                  targetQueue: { lit: { name: General Help } }
                  voicemailGreeting: { exp: 'AudioPlaybackOptions(ToAudioTTS("Leave a message."), false)' }
"""
    found = imported("archy", source)
    [box] = of_type(found, "voicemail")
    assert (box["voicemail"], box["prompt"]) == ("general_help", "Leave a message.")
    assert found.boxes == ["general_help"]
