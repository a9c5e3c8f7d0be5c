"""Files as they are found: old spellings, hand-made shapes, other encodings, packages in packages."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest

from ivr_flows.interchange import UnreadableFile, import_flows
from tests.unit.interchange.reading_back import imported, lost, nodes, of_type
from tests.unit.interchange.sources import action, activity, ccc, connect, studio, widget

HOTLINE = ccc(
    activity("a", "INCOMING_CALL", complete="b"),
    activity("b", "PLAY_SAY", {"say": "您好，欢迎致电，请按一转人工服务。"}, complete="c"),
    activity("c", "HANGUP", complete=None),
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gbk", "gb18030"])
def test_a_file_of_any_usual_encoding_is_read(encoding: str):
    text = json.dumps(json.loads(HOTLINE), ensure_ascii=False, indent=1).replace("\n", "\r\n")
    found = imported("ccc", text.encode(encoding))  # type: ignore[arg-type]
    assert of_type(found, "play") == [{"play": "您好，欢迎致电，请按一转人工服务。", "next": "c"}]


def test_an_old_dialplan_in_latin_letters_is_read():
    text = "[entrée]\n; généré à la main\nexten => s,1,Playback(bonjour)\n"
    assert of_type(imported("asterisk", text.encode("latin-1")), "play")  # type: ignore[arg-type]


@pytest.mark.parametrize("data", [b"\x89PNG\r\n\x1a\n\x00\x00", b"\xff\xfe\x00", b"\x00\x01\x02\x80\x81"])
def test_what_is_no_text_is_refused(data: bytes):
    with pytest.raises(UnreadableFile) as caught:
        import_flows("asterisk", data, "x")
    assert caught.value.findings[0].code in ("wrong-encoding", "import-not-read")


OLD = """[general]
;-- everything in here is a comment
[nothing]
exten => s,1,Hangup
--;
[base](!)
exten => 8,1,Playback(base)
[main](base)
exten => s,1,Wait,1
exten => s,2,DigitTimeout,5 ;-- a remark --;
exten => s,3,SetLanguage(en)
exten => s,4,Background(hello)
exten => s,5,WaitExten
exten => 1,1,Goto(s|4)
exten => 2,1,GotoIf($["${CALLERIDNUM}" = "5"]?main|1|1:other|s|1)
exten => 3,1,Exec(Playback(three))
exten => 4,1,Curl(http://crm.example/x)
exten => 5,1,MacroIf($[1 = 1]?hi,x:bye)
exten => 6,1,Queue(support|t||agents|60)
exten => t,1,Goto(s,4)
[other]
exten => s,1,Playback(other)
[macro-hi]
exten => s,1,Playback(hi)
[macro-bye]
exten => s,1,Playback(bye)
"""


def test_an_old_dialplan_keeps_its_meaning():
    found = imported("asterisk", OLD)
    made = nodes(found)
    assert found.opaque == 0
    menu = next(node for node in made.values() if "menu" in node)
    assert set(menu["on"]) >= {"1", "2", "3", "4", "5", "6", "8"}
    (language,) = of_type(found, "language")
    assert language["language"] == "en"
    assert of_type(found, "fetch")[0]["fetch"]["url"] == "http://crm.example/x"
    assert of_type(found, "queue")[0]["queue"] == {"name": "support", "timeout": "60s"}
    assert ("Queue(support,t,,agents,60)", "announce agents") in {
        (entry.node.split(" line")[0], entry.parameter) for entry in found.lost
    }
    played = {node["play"]["file"] for node in of_type(found, "play") if isinstance(node["play"], dict)}
    assert {"three", "other", "base"} <= played


def test_a_step_that_two_flows_share_counts_once():
    text = "[a]\nexten => s,1,Gosub(s,2)\n same => n,Gosub(b,s,1)\n same => n,Echo()\n[b]\nexten => s,1,Return()\n"
    found = imported("asterisk", text)
    assert found.opaque == 1
    assert found.nodes == 4


def test_subroutines_deeper_than_a_call_may_have_become_visible():
    names = "abcdefghij"
    text = "".join(f"[{name}]\nexten => s,1,Gosub({below},s,1)\n same => n,NoOp()\n" for name, below in pairwise(names))
    found = imported("asterisk", text + "[j]\nexten => s,1,Return()\n")
    assert found.opaque == 1
    assert any(entry.parameter == "flow" for entry in found.lost)


def test_an_archy_flow_written_by_hand():
    flow = {
        "name": "x",
        "startUpRef": "/inboundCall/states/begin",
        "states": {
            "begin": {
                "name": "Begin",
                "actions": [
                    {"playAudio": {"audio": {"en-us": {"tts": "Hello"}, "es": {"tts": "Hola"}}}},
                    {"decision": {"condition": 'Flow.Region == "US"', "outputs": {"yes": [{"disconnect": {}}]}}},
                    {
                        "decision": {
                            "condition": {
                                "if": "Flow.a == 1",
                                "then": [{"transferToAcd": {"targetQueue": {"literalQueueName": "Support"}}}],
                                "else": [{"disconnect": {}}],
                            },
                            "madeUp": {"lit": "x"},
                        }
                    },
                ],
            }
        },
        "menus": [{"menu": {"name": "Main", "actions": [{"transferToAcd": {"queueName": "Sales"}}]}}],
    }
    found = imported("archy", json.dumps({"inboundcall": flow}))
    assert found.opaque == 0
    assert [node["queue"]["name"] for node in of_type(found, "queue")] == ["support", "sales"]
    conditions = [node["branch"][0]["when"] for node in of_type(found, "branch")]
    assert conditions[0] == "Region == 'US'"
    assert ("decision", "madeUp") in lost(found)
    assert ("playAudio", "audio") in lost(found)


def test_names_that_people_give_to_actions_and_widgets():
    found = imported(
        "connect",
        connect(
            action("a", "PlayPrompt", {"Prompt": {"Text": "Hello."}}, next="b"),
            action("b", "storeuserinput", {"Text": "Number?", "StoreInput": "True"}, next="c"),
            action("c", "CheckVoiceId", {}, conditions={"Authenticated": "d"}, errors={"NoMatchingError": "d"}),
            action("d", "Disconnect"),
        ),
    )
    assert found.opaque == 0
    assert nodes(found)["a"]["play"] == "Hello."
    assert nodes(found)["b"]["gather"]["prompt"] == "Number?"
    assert nodes(found)["c"]["branch"][0]["when"] == "voice_id_status == 'Authenticated'"
    made = studio(
        widget("a", "Say", {"say": "Hello"}, audioComplete="b"),
        widget("b", "pause", {"length": 2}, next="c"),
        widget("c", "send_sms", {"body": "x"}, sent="d"),
        widget("d", "capture-payments", {"currency": "usd"}, success="e"),
        widget("e", "disconnect"),
    )
    found = imported("studio", made)
    assert [next(iter(node)) for node in nodes(found).values()][:5] == ["play", "wait", "message", "opaque", "hangup"]


def test_answers_of_functions_have_parts():
    made = ccc(
        activity("s", "INCOMING_CALL", complete="f"),
        activity("f", "FUNCTION_COMPUTE", {"functionName": "crm"}, success="j", failure="e"),
        activity(
            "j",
            "JSON_PARSER",
            {"source": "${f.result}", "variables": [{"name": "vip", "path": "$.user.vip"}]},
            success="b",
            failure="e",
        ),
        activity("b", "PLAY_SAY", {"say": "${f.data.name}${vip}"}, complete="e"),
        activity("e", "HANGUP"),
    )
    found = imported("ccc", made)
    assert nodes(found)["j"]["set"] == {"j": "{{ f }}", "vip": "{{ (f.user | default({})).vip }}"}
    assert nodes(found)["b"]["play"] == "{{ f.name }}{{ vip }}"


def test_a_package_in_a_package():
    package = {"FlowPackageData": json.dumps([{"flow": {"name": "内层", "definition": HOTLINE.decode()}}])}
    assert [flow.name for flow in imported("ccc", json.dumps({"Data": package})).flows] == ["热线"]
