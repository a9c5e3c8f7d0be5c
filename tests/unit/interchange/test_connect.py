"""Amazon Connect, both formats."""

from __future__ import annotations

import json

import pytest

from tests.unit.interchange.reading_back import header, imported, lost, nodes, of_type
from tests.unit.interchange.sources import action, block, connect, connect_old


def one(*actions: dict[str, object]) -> dict[str, object]:
    """The first node of a flow of ``actions``."""
    found = nodes(imported("connect", connect(*actions)))
    return next(node for name, node in found.items() if name not in ("from_outside", "end_call"))


def test_a_menu_gets_its_keys_and_its_failures():
    found = imported(
        "connect",
        connect(
            action(
                "menu",
                "GetParticipantInput",
                {"Text": "Press 1 or 2.", "InputTimeLimitSeconds": "8", "StoreInput": "False"},
                conditions={"1": "sales", "2": "bye"},
                errors={"InputTimeLimitExceeded": "bye", "NoMatchingCondition": "sales", "NoMatchingError": "bye"},
            ),
            action("sales", "MessageParticipant", {"Text": "Sales."}, next="bye"),
            action("bye", "DisconnectParticipant"),
        ),
    )
    assert nodes(found)["menu"] == {
        "menu": {"prompt": "Press 1 or 2.", "timeout": "8s", "digit_timeout": "3s", "retries": "0"},
        "on": {"1": "sales", "2": "bye", "no_input": "bye", "no_match": "sales"},
    }
    assert nodes(found)["bye"] == {"hangup": "normal"}
    assert (found.nodes, found.opaque) == (3, 0)


def test_a_stored_input_that_times_out_goes_on_with_the_word_timeout():
    found = imported(
        "connect",
        connect(
            action(
                "pin",
                "GetParticipantInput",
                {
                    "Text": "Your PIN.",
                    "StoreInput": "True",
                    "InputValidation": {"CustomValidation": {"MaximumLength": "4"}},
                    "InputEncryption": {"EncryptionKeyId": "k", "Key": "c"},
                    "DTMFConfiguration": {"InputTerminationSequence": "#", "InterdigitTimeLimitSeconds": "5"},
                },
                next="check",
                errors={"NoMatchingError": "bye"},
            ),
            action(
                "check",
                "Compare",
                {"ComparisonValue": "$.StoredCustomerInput"},
                conditions={"Timeout": "bye"},
                errors={"NoMatchingCondition": "bye"},
            ),
            action("bye", "DisconnectParticipant"),
        ),
    )
    pin = nodes(found)["pin"]
    assert pin["gather"]["max_digits"] == "4"
    assert pin["gather"]["digit_timeout"] == "5s"
    assert pin["gather"]["sensitive"] == "true"
    assert nodes(found)[pin["on"]["no_input"]] == {"set": {"stored_input": "Timeout"}, "next": "check"}
    assert nodes(found)["check"]["branch"] == [{"when": "stored_input == 'Timeout'", "next": "bye"}]
    assert ("GetParticipantInput", "InputEncryption") in lost(found)


@pytest.mark.parametrize(
    ("text", "ours"),
    [
        ("Hello $.Attributes.name.", "Hello {{ name }}."),
        ("You called $.SystemEndpoint.Address", "You called {{ called }}"),
        ("$.External.order.total", "{{ (external.order | default({})).total }}"),
        ("$.Attributes['the total']", "{{ the_total }}"),
        ("$.External.items", "{{ external['items'] }}"),
        ("{{COMPANY}} greets", "[COMPANY] greets"),
    ],
)
def test_references_in_texts(text: str, ours: str):
    assert one(action("say", "MessageParticipant", {"Text": text}))["play"] == ours


def test_values_from_elsewhere_are_defined_at_the_start_and_keep_what_is_given():
    found = imported("connect", connect(action("say", "MessageParticipant", {"Text": "$.External.a $.Attributes.b"})))
    assert header(found)["start"] == "from_outside"
    assert nodes(found)["from_outside"]["set"] == {
        "external": "{{ external | default({}) }}",
        "b": "{{ b | default('') }}",
    }


@pytest.mark.parametrize(
    ("operator", "operand", "ours"),
    [
        ("Equals", "gold", "level == 'gold'"),
        ("NumberGreaterThan", "3", "level | float > 3"),
        ("NumberLessThan", "$.Attributes.limit", "level | float < limit | float"),
        ("TextContains", "go", "'go' in level | string"),
        ("TextStartsWith", "g", "(level | string)[:'g' | length] == 'g'"),
        ("Resembles", "g", "false"),
    ],
)
def test_comparisons(operator: str, operand: str, ours: str):
    made = action("d", "Compare", {"ComparisonValue": "$.Attributes.level"}, errors={"NoMatchingCondition": "b"})
    made["Transitions"]["Conditions"] = [
        {"NextAction": "b", "Condition": {"Operator": operator, "Operands": [operand]}}
    ]
    assert one(made, action("b", "DisconnectParticipant"))["branch"] == [{"when": ours, "next": "b"}]


def test_a_queue_takes_the_only_name_that_was_set_before_it():
    found = imported(
        "connect",
        connect(
            action(
                "set",
                "UpdateContactTargetQueue",
                {"QueueId": "arn:aws:connect:x:1:instance/i/queue/billing"},
                next="go",
            ),
            action("go", "TransferContactToQueue", errors={"QueueAtCapacity": "full", "NoMatchingError": "full"}),
            action("full", "DisconnectParticipant"),
        ),
    )
    assert nodes(found)["set"] == {"set": {"target_queue": "billing"}, "next": "go"}
    assert nodes(found)["go"]["queue"]["name"] == "billing"
    assert found.queues == ["billing"]


def test_two_ways_with_different_queues_keep_the_variable():
    found = imported(
        "connect",
        connect(
            action(
                "which",
                "Compare",
                {"ComparisonValue": "$.Attributes.x"},
                conditions={"1": "a"},
                errors={"NoMatchingCondition": "b"},
            ),
            action("a", "UpdateContactTargetQueue", {"QueueId": "a"}, next="go"),
            action("b", "UpdateContactTargetQueue", {"QueueId": "b"}, next="go"),
            action("go", "TransferContactToQueue"),
        ),
    )
    assert nodes(found)["go"]["queue"]["name"] == "{{ target_queue }}"


def test_percentages_are_made_of_the_cumulative_ones():
    made = action("split", "DistributeByPercentage", errors={"NoMatchingCondition": "c"})
    made["Transitions"]["Conditions"] = [
        {"NextAction": "a", "Condition": {"Operator": "NumberLessThan", "Operands": ["20"]}},
        {"NextAction": "b", "Condition": {"Operator": "NumberLessThan", "Operands": ["50"]}},
    ]
    ends = [action(key, "DisconnectParticipant") for key in "abc"]
    assert one(made, *ends)["share"] == {"a": "20", "b": "30", "c": "50"}


def test_an_unknown_action_stays_visible_with_everything_it_had():
    found = imported(
        "connect",
        connect(
            action(
                "view",
                "ShowView",
                {"ViewResource": {"Id": "v"}},
                conditions={"Back": "bye"},
                errors={"NoMatchingError": "bye"},
            ),
            action("bye", "DisconnectParticipant"),
        ),
    )
    assert nodes(found)["view"] == {
        "opaque": "aws:ShowView",
        "parameters": {"ViewResource": {"Id": "v"}},
        "on": {"back": "bye", "no_matching_error": "bye"},
    }
    assert found.opaque == 1
    assert ("ShowView", "") in lost(found)


def test_a_target_that_is_not_there_ends_the_call_and_is_reported():
    found = imported("connect", connect(action("say", "MessageParticipant", {"Text": "Hi."}, next="nowhere")))
    assert nodes(found)["say"]["next"] == "end_call"
    assert ("MessageParticipant", "next") in lost(found)


def test_every_parameter_that_is_not_used_is_reported():
    found = imported("connect", connect(action("say", "MessageParticipant", {"Text": "Hi.", "Glitter": "much"})))
    assert ("MessageParticipant", "Glitter") in lost(found)


def test_numbers_out_of_range_are_brought_into_it():
    made = action("ask", "GetParticipantInput", {"Text": "?", "StoreInput": "True", "InputTimeLimitSeconds": "9999"})
    found = imported("connect", connect(made))
    assert nodes(found)["ask"]["gather"]["timeout"] == "300s"
    assert ("GetParticipantInput", "InputTimeLimitSeconds") in lost(found)


def test_a_silence_of_pauses_is_a_wait():
    made = action("hush", "MessageParticipant", {"SSML": '<speak><break time="500ms"/><break time="2s"/></speak>'})
    assert one(made) == {"wait": "2.5s"}


def test_a_flow_inside_the_answer_of_the_api_is_found():
    inner = connect(action("bye", "DisconnectParticipant")).decode()
    found = imported("connect", json.dumps({"ContactFlow": {"Name": "Night", "Content": inner}}))
    assert header(found)["flow"] == "night"


def test_flows_that_are_called_and_missing_become_placeholders():
    found = imported(
        "connect", connect(action("go", "TransferToFlow", {"ContactFlowId": "arn:x:contact-flow/billing"}))
    )
    assert [(flow.name, flow.placeholder) for flow in found.flows] == [("export", False), ("billing", True)]
    assert nodes(found, 1) == {"missing": {"return": "failed"}}
    assert nodes(found)["go"] == {"goto_flow": {"flow": "billing"}}


def parameter(name: str, value: object, **more: object) -> dict[str, object]:
    return {"name": name, "value": value, **more}


def test_the_older_format_is_read_by_the_same_table():
    found = imported(
        "connect",
        connect_old(
            block(
                "b-menu",
                "GetUserInput",
                [parameter("Text", "Press 1."), parameter("Timeout", "5"), parameter("MaxDigits", "1")],
                {"Timeout": "b-bye", "NoMatch": "b-bye", "Error": "b-bye"},
                target="Digits",
            )
            | {
                "branches": [
                    {"condition": "Evaluate", "conditionType": "Equals", "conditionValue": "1", "transition": "b-set"},
                    {"condition": "Timeout", "transition": "b-bye"},
                    {"condition": "NoMatch", "transition": "b-bye"},
                ]
            },
            block(
                "b-set",
                "SetAttributes",
                [parameter("Attribute", "Total", key="sum", namespace="External")],
                {"Success": "b-check"},
            ),
            block(
                "b-check",
                "CheckAttribute",
                [parameter("Attribute", "sum"), parameter("Namespace", "User Defined")],
                {"NoMatch": "b-bye"},
            ),
            block("b-bye", "Disconnect", [], {}),
        ),
    )
    assert of_type(found, "menu")[0]["on"]["1"] == "update_contact_attributes"
    assert of_type(found, "set")[-1]["set"] == {"sum": "{{ external.Total }}"}
    assert (found.nodes, found.opaque) == (4, 0)


@pytest.mark.parametrize(("target", "kind"), [("Queue", "queue"), ("Flow", "goto_flow"), ("PhoneNumber", "transfer")])
def test_transfers_of_the_older_format(target: str, kind: str):
    made = block("b-go", "Transfer", [parameter("PhoneNumber", "+8610 88880009")], {"Error": "b-bye"}, target=target)
    assert of_type(imported("connect", connect_old(made, block("b-bye", "Disconnect", [], {}))), kind)


@pytest.mark.parametrize(
    ("ssml", "written"),
    [
        (
            "<speak>Press <emphasis>1</emphasis>, $.Attributes.name.</speak>",
            {"ssml": "<speak>Press <emphasis>1</emphasis>, {{ name }}.</speak>"},
        ),
        ("<speak>Plain words &amp; all</speak>", "Plain words & all"),
        ('<speak><amazon:effect name="whispered">Hush</amazon:effect></speak>', "Hush"),
        (
            '<speak>R&D<break time="1s"/> <prosody rate="$.Attributes.rate">now</prosody></speak>',
            {"ssml": '<speak>R&amp;D<break time="1s"/> <prosody>now</prosody></speak>'},
        ),
        ("<speak>Not <b>closed</speak>", "Not closed"),
        ("<speak>Never <prosody rate='slow'>closed</speak>", "Never closed"),
    ],
)
def test_marks_for_the_speech_synthesis_stay_as_far_as_ours_go(ssml: str, written: object):
    found = imported("connect", connect(action("say", "MessageParticipant", {"SSML": ssml})))
    assert nodes(found)["say"]["play"] == written


def test_a_marked_prompt_of_an_input_stays_marked():
    made = action(
        "ask",
        "GetParticipantInput",
        {"SSML": "<speak>Press <emphasis>1</emphasis>.</speak>", "StoreInput": "False"},
        conditions={"1": "ask"},
        errors={"InputTimeLimitExceeded": "sorry", "NoMatchingCondition": "sorry"},
    )
    sorry = action("sorry", "MessageParticipant", {"SSML": "<speak>Sorry.<break time='1s'/></speak>"}, next="ask")
    found = imported("connect", connect(made, sorry))
    assert nodes(found)["ask"]["menu"]["prompt"] == "<speak>Press <emphasis>1</emphasis>.</speak>"
    assert nodes(found)["ask"]["menu"]["no_input_prompt"] == "<speak>Sorry.<break time='1s'/></speak>"
    assert found.flows[0].findings == ()
