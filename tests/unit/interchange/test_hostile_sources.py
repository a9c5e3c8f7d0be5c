"""Any file gives flows with a report, or a clear refusal: never a crash, and nothing is dropped."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr_flows import FlowDefinition, lint, load_flow
from ivr_flows.interchange import FORMATS, Imported, UnreadableFile, import_flows
from ivr_flows.interchange.reading import MAX_BYTES, MAX_DEPTH
from tests.unit.flows.environment import KnownNames
from tests.unit.interchange.sources import action, activity, ccc, connect, studio, widget

texts = st.text(max_size=20)
words = st.sampled_from(
    [
        *(
            "next",
            "1",
            "a",
            "b",
            "",
            "true",
            "{{x}}",
            "{{ 'a",
            "{%",
            "$.Attributes.x",
            "${x",
            "$[",
            "${EXTEN:1}",
            "\x00",
            "\ud800",
        ),
        *("键", "😀 ‮", "*", "on: {", "- x", "'", '"', "#", "9" * 30, "-1", "1e400", "arn:aws:x/y", "nan"),
    ]
)
scalars = st.one_of(
    words, texts, st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False)
)
values = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.one_of(words, texts), inner, max_size=3)),
    max_leaves=8,
)


class Anything(KnownNames):
    """Every queue, calendar and box; the flows of one import."""

    def __init__(self, definitions: dict[str, FlowDefinition]) -> None:
        super().__init__()
        self.queues = self.boxes = self.lines = self.calendars = None  # type: ignore[assignment]
        self.definitions = definitions
        self.flows = tuple(definitions)


def outcome(source: str, data: bytes) -> Imported | None:
    """The import, or None for a refusal that says what is wrong and what to do."""
    try:
        found = import_flows(source, data, "export.json")
    except UnreadableFile as raised:
        refusal = raised
    else:
        refusal = None
    if refusal is not None:
        assert refusal.message.en
        assert refusal.cure.zh
        assert refusal.findings[0].place.file
        return None
    for flow in found.flows:
        flow.text.encode()
    definitions = {}
    for flow in found.flows:
        definition, findings = load_flow(flow.text, "flow.yaml")
        assert definition is not None, (flow.text, [finding.as_text() for finding in findings])
        definitions[flow.name] = definition
    outside = Anything(definitions)
    for flow in found.flows:
        wrong = [finding for finding in lint(definitions[flow.name], outside) if finding.severity == "error"]
        assert wrong == [], (flow.text, [finding.as_text() for finding in wrong])
    json.dumps(found.as_json("zh"))
    return found


@pytest.mark.parametrize("source", FORMATS)
@given(data=st.one_of(texts.map(lambda text: text.encode("utf-8", "replace")), st.binary(max_size=60)))
@settings(max_examples=25, deadline=None)
def test_any_bytes(source: str, data: bytes):
    outcome(source, data)


@pytest.mark.parametrize("source", FORMATS)
@given(value=values)
@settings(max_examples=25, deadline=None)
def test_any_json(source: str, value: Any):
    outcome(source, json.dumps(value).encode())


CONNECT_TYPES = [
    *(
        "MessageParticipant",
        "GetParticipantInput",
        "Compare",
        "UpdateContactAttributes",
        "InvokeLambdaFunction",
        "Loop",
        "Wait",
    ),
    *(
        "TransferContactToQueue",
        "UpdateContactTargetQueue",
        "TransferToFlow",
        "InvokeFlowModule",
        "DistributeByPercentage",
    ),
    *(
        "CheckHoursOfOperation",
        "CheckMetricData",
        "ConnectParticipantWithLexBot",
        "MessageParticipantIteratively",
        "ShowView",
    ),
    *(
        "UpdateContactData",
        "UpdateContactTextToSpeechVoice",
        "TransferParticipantToThirdParty",
        "GetCustomerProfile",
        "TagContact",
    ),
    *(
        "CreateCallbackContact",
        "UpdateContactEventHooks",
        "UpdateContactRoutingBehavior",
        "SendMessage",
        "EndFlowExecution",
    ),
]
CONNECT_PARAMETERS = [
    *(
        "Text",
        "SSML",
        "PromptId",
        "InputTimeLimitSeconds",
        "StoreInput",
        "DTMFConfiguration",
        "InputValidation",
        "LexV2Bot",
    ),
    *(
        "ComparisonValue",
        "Attributes",
        "LambdaFunctionARN",
        "LambdaInvocationAttributes",
        "LoopCount",
        "QueueId",
        "Messages",
    ),
    *(
        "ContactFlowId",
        "MetricType",
        "LanguageCode",
        "TextToSpeechVoice",
        "ThirdPartyPhoneNumber",
        "EventHooks",
        "QueuePriority",
    ),
]
parameters = st.dictionaries(st.sampled_from(CONNECT_PARAMETERS), values, max_size=4)
keys = st.sampled_from(["a", "b", "c", "nowhere", ""])
exits = st.dictionaries(
    st.sampled_from(["NoMatchingError", "InputTimeLimitExceeded", "NoMatchingCondition", "CallFailed"]), keys
)
actions = st.builds(
    lambda key, kind, given_, next_, errors, conditions: action(
        key, kind, given_, next=next_, errors=errors, conditions=conditions
    ),
    keys,
    st.sampled_from(CONNECT_TYPES),
    parameters,
    keys,
    exits,
    st.dictionaries(st.one_of(words, st.sampled_from("1234567890*#")), keys, max_size=3),
)


@given(found=st.lists(actions, min_size=1, max_size=5))
@settings(max_examples=100, deadline=None)
def test_any_flow_of_connect_is_imported_whole(found: list[dict[str, Any]]):
    made = outcome("connect", connect(*found))
    assert made is not None
    assert made.nodes == len(found)


widgets = st.builds(
    lambda name, kind, given_, exits_: widget(name, kind, given_, **exits_),
    keys,
    st.sampled_from(
        [
            *(
                "trigger",
                "say-play",
                "gather-input-on-call",
                "split-based-on",
                "set-variables",
                "make-http-request",
                "nothing",
            ),
            *("run-function", "connect-call-to", "enqueue-call", "record-voicemail", "run-subflow", "send-message"),
        ]
    ),
    st.dictionaries(
        st.sampled_from(
            ["say", "timeout", "loop", "url", "method", "body", "parameters", "variables", "to", "input", "flow_sid"]
        ),
        values,
        max_size=4,
    ),
    st.dictionaries(
        st.sampled_from(["next", "keypress", "timeout", "audioComplete", "success", "match", "noMatch"]),
        keys,
        max_size=3,
    ),
)


@given(found=st.lists(widgets, min_size=1, max_size=5))
@settings(max_examples=60, deadline=None)
def test_any_flow_of_studio_is_imported_whole(found: list[dict[str, Any]]):
    made = outcome("studio", studio(*found))
    assert made is not None
    assert made.nodes == len(found)


activities = st.builds(
    lambda key, kind, given_, exits_: activity(key, kind, given_, **exits_),
    keys,
    st.sampled_from(
        [
            *(
                "INCOMING_CALL",
                "PLAY_SAY",
                "GATHER_INPUT",
                "BRANCH",
                "TRANSFER_TO_AGENT",
                "FORWARD_TO_OUTSIDE_NUMBER",
                "SUB",
            ),
            *(
                "SET_VARIABLES",
                "FUNCTION_COMPUTE",
                "SATISFACTION_RATING",
                "VOICE_NAVIGATOR",
                "VOICEMAIL",
                "HANGUP",
                "???",
            ),
        ]
    ),
    st.dictionaries(
        st.sampled_from(
            [
                "say",
                "maxTries",
                "maxLength",
                "regex",
                "branches",
                "skillGroupId",
                "callee",
                "variables",
                "inputs",
                "url",
            ]
        ),
        values,
        max_size=4,
    ),
    st.dictionaries(
        st.sampled_from(["complete", "success", "failure", "timeout", "Branch-A", "Default"]), keys, max_size=3
    ),
)


@given(found=st.lists(activities, min_size=1, max_size=5))
@settings(max_examples=60, deadline=None)
def test_any_flow_of_the_vendor_is_imported_whole(found: list[dict[str, Any]]):
    made = outcome("ccc", ccc(*found))
    assert made is not None
    assert made.nodes == len(found)


steps = st.builds(
    lambda exten, priority, application, arguments: f"exten => {exten},{priority},{application}({arguments})",
    st.sampled_from(["s", "1", "2", "_X.", "_[1-", "t", "i", "h", "_!", "a-b"]),
    st.sampled_from(["1", "n", "n(x)", "2", "n+3", "hint", "s"]),
    st.sampled_from(
        [
            *(
                "Answer",
                "Background",
                "WaitExten",
                "Goto",
                "GotoIf",
                "GotoIfTime",
                "ExecIf",
                "Gosub",
                "Macro",
                "Dial",
                "Set",
                "Queue",
            ),
            *(
                "Read",
                "SayDigits",
                "While",
                "EndWhile",
                "Random",
                "AGI",
                "Return",
                "Hangup",
                "Wait",
                "Record",
                "Whatever",
                "GosubIf",
            ),
        ]
    ),
    st.one_of(
        st.sampled_from(
            [
                "s,1",
                "a,s,1",
                "$[${x} = 1]?x:1",
                "x=${y}",
                "${EXTEN:1}",
                "a?b(c):d(e)",
                "1,2,3",
                "09:00-10:00,*,*,*?x",
                "((",
                "x",
            ]
        ),
        st.text(alphabet="${}[]()?:,=\"'&|!1aX ", max_size=20),
    ),
)


@given(
    found=st.lists(
        st.one_of(
            steps, st.sampled_from(["[a]", "[macro-x]", "include => a", "same => n,NoOp()", "same => n(x),Goto(1)"])
        ),
        max_size=12,
    )
)
@settings(max_examples=100, deadline=None)
def test_any_dialplan_is_imported_or_refused(found: list[str]):
    made = outcome("asterisk", "\n".join(["[a]", *found]).encode())
    assert made is None or made.nodes > 0


archy_actions = st.deferred(
    lambda: st.dictionaries(
        st.sampled_from(
            [
                *(
                    "playAudio",
                    "collectInput",
                    "decision",
                    "switch",
                    "callData",
                    "updateData",
                    "loop",
                    "jumpToTask",
                    "callTask",
                ),
                *(
                    "transferToAcd",
                    "transferToNumber",
                    "disconnect",
                    "endTask",
                    "evaluateSchedule",
                    "exitLoop",
                    "unknownAction",
                ),
            ]
        ),
        st.fixed_dictionaries(
            {},
            optional={
                "name": words,
                "audio": values,
                "condition": values,
                "outputs": st.dictionaries(
                    st.sampled_from(["yes", "no", "success", "failure", "loop"]),
                    st.fixed_dictionaries({"actions": st.lists(archy_actions, max_size=2)}),
                    max_size=2,
                ),
                "targetTaskRef": st.sampled_from(["./tasks/task[t]", "nowhere", ""]),
                "statements": values,
                "digits": values,
            },
        ),
        min_size=1,
        max_size=1,
    )
)


@given(found=st.lists(archy_actions, max_size=4))
@settings(max_examples=60, deadline=None)
def test_any_archy_flow_is_imported(found: list[Any]):
    flow = {"name": "x", "tasks": [{"task": {"name": "t", "refId": "t", "actions": found}}]}
    made = outcome("archy", json.dumps({"inboundCall": flow}).encode())
    assert made is None or made.nodes >= 1


@pytest.mark.parametrize(
    ("data", "code", "line"),
    [
        (b"", "empty-file", 1),
        (b"\xff\xfe\x00", "wrong-encoding", 1),
        (b'{"Actions": [\n{]', "json-syntax", 2),
        (b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1), "too-deep", 1),
        (b"x" * (MAX_BYTES + 1), "file-too-large", 1),
        (b'{"states": []}', "import-not-read", 1),
    ],
)
def test_refusals_say_where(data: bytes, code: str, line: int):
    with pytest.raises(UnreadableFile) as caught:
        import_flows("connect", data, "export.json")
    finding = caught.value.findings[0]
    assert (finding.code, finding.place.line) == (code, line)


def test_a_yaml_bomb_is_refused():
    bomb = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"{chr(98 + i)}: &{chr(98 + i)} [{', '.join(['*' + chr(97 + i)] * 9)}]\n" for i in range(12)
    )
    assert outcome("archy", bomb.encode()) is None


def test_deeply_nested_strings_in_strings_end():
    text = "{}"
    for _ in range(8):
        text = json.dumps({"Content": text})
    assert outcome("connect", text.encode()) is None


def test_a_long_chain_of_jumps_is_no_recursion():
    lines = [
        "[a]",
        *(f"exten => {number},1,Goto({number + 1},1)" for number in range(100, 3000)),
        "exten => 3000,1,Hangup()",
    ]
    found = outcome("asterisk", "\n".join(lines).encode())
    assert found is not None
    assert found.nodes == 2901
