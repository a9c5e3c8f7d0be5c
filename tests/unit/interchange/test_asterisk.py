"""Asterisk's extensions.conf."""

from __future__ import annotations

import pytest

from ivr_flows.interchange.asterisk_source import matches, read_dialplan
from ivr_flows.interchange.asterisk_values import Variables, time_condition
from ivr_flows.interchange.graph import Graph
from tests.unit.interchange.reading_back import header, imported, lost, nodes, of_type

HOTLINE = """
[general]
static=yes
[globals]
TEAM=support            ; a global
[incoming]
exten => s,1,Answer()
 same => n,Set(TIMEOUT(response)=7)
 same => n(again),Background(welcome&choices)
 same => n,WaitExten()
exten => 1,1,Queue(support,,,,120)
 same => n,Voicemail(100@default,u)
 same => n,Hangup()
exten => 2,1,Goto(orders,s,1)
exten => _[3-4],1,SayDigits(${EXTEN})
 same => n,Hangup(17)
exten => i,1,Playback(invalid)
 same => n,Goto(s,again)
exten => t,1,Hangup()
exten => h,1,NoOp(gone ${CALLERID(num)})
[orders]
exten => s,1,Read(number,enter,6,,3,8)
 same => n,Set(tries=$[${tries} + 1])
 same => n,GotoIf($["${number}" = "123456" & ${tries} < 3]?hit)
 same => n,ExecIf($[${LEN(${number})} = 0]?Playback(nothing):Playback(unknown))
 same => n,Gosub(said,s,1(${number}))
 same => n,Dial(PJSIP/01088880009@trunk,20,g)
 same => n,Goto(after-${DIALSTATUS},1)
 same => n(hit),Frobnicate(a,b)
exten => after-BUSY,1,Playback(busy)
exten => _after-.,1,Hangup()
[said]
exten => s,1,SayNumber(${ARG1})
 same => n,Return()
"""


def test_a_menu_takes_the_extensions_of_its_context():
    found = imported("asterisk", HOTLINE)
    menu = of_type(found, "menu")[0]
    assert menu["menu"] == {"prompt": "", "timeout": "7s", "retries": "0"}
    assert set(menu["on"]) == {"1", "2", "3", "4", "no_input", "no_match"}
    made = nodes(found)
    assert made[menu["on"]["1"]]["queue"] == {"name": "support", "timeout": "120s"}
    assert made[menu["on"]["no_input"]] == {"hangup": "normal"}
    again = made["again"]
    assert again["play"] == {"file": "welcome", "barge_in": "true"}


def test_a_pattern_sets_the_digits_that_were_dialled():
    made = nodes(imported("asterisk", HOTLINE))
    menu = next(node for node in made.values() if "menu" in node)
    three = made[menu["on"]["3"]]
    assert three["set"] == {"exten": "3"}
    assert made[three["next"]]["play"] == "{{ exten | digits }}"


def test_jumps_reach_other_contexts_and_conditions_are_translated():
    made = nodes(imported("asterisk", HOTLINE))
    whens = [case["when"] for node in made.values() for case in node.get("branch", [])]
    assert "number | string == '123456' and tries | float < 3" in whens
    assert "DIALSTATUS == 'BUSY'" not in whens
    assert "'after-' ~ DIALSTATUS == 'after-BUSY'" in whens


def test_a_subroutine_is_a_flow_that_comes_back():
    found = imported("asterisk", HOTLINE)
    assert [flow.name for flow in found.flows] == ["incoming", "said"]
    call = of_type(found, "subflow")[0]
    assert call["subflow"] == {"flow": "said", "with": {"ARG1": "{{ number }}"}}
    assert of_type(found, "play", 1)[0]["play"] == "{{ ARG1 | number }}"
    assert of_type(found, "return", 1)


def test_what_runs_after_a_hang_up_is_the_flows_hook():
    found = imported("asterisk", HOTLINE)
    hook = nodes(found)[header(found)["on_hangup"]]
    assert hook["notify"] == {"main": "no_op"} or hook["notify"] == "no_op"


def test_every_step_is_counted_and_an_unknown_application_stays_visible():
    found = imported("asterisk", HOTLINE)
    assert found.nodes == 26
    assert found.opaque == 1
    assert of_type(found, "opaque")[0]["parameters"] == {"arguments": "a,b"}
    assert ("Frobnicate(a,b)", "") in lost(found)


def test_contexts_of_other_files_become_placeholders():
    found = imported("asterisk", "[a]\nexten => s,1,Goto(elsewhere,s,1)\n")
    assert [(flow.name, flow.placeholder) for flow in found.flows] == [("a", False), ("elsewhere", True)]


def test_dialled_numbers_choose_the_way_and_others_reach_the_greeting():
    found = imported(
        "asterisk", "[a]\nexten => s,1,Background(hi)\nexten => 1001,1,Hangup()\nexten => _11XX,1,Hangup()\n"
    )
    start = nodes(found)[header(found)["start"]]
    start = nodes(found)[start["next"]] if "set" in start else start
    assert [case["when"] for case in start["branch"]] == [
        "called == '1001'",
        "called | length == 4 and called[0:2] == '11' and called[2:3] in '0123456789' and called[3:4] in '0123456789'",
    ]
    assert "play" in nodes(found)[start["else"]]


def test_a_step_whose_priority_is_taken_is_kept_and_reported():
    found = imported("asterisk", "[a]\nexten => s,1,Answer()\nexten => s,1,Playback(x)\n")
    assert of_type(found, "play")
    assert any(parameter == "priority" for _, parameter in lost(found))


def test_comments_labels_and_old_spellings():
    plan = read_dialplan(
        "[a] ; first\n;-- a block\nexten => s,1,Hangup()\n--;\nexten=>s,1,Answer\nexten => s,n(go),Playback(a\\;b)\n"
        "same = n+2,Dial,SIP/1|20\nexten => 1/2001,1,Hangup\n",
        "x",
    )
    extension = plan.contexts["a"].extensions["s"]
    assert [(step.priority, step.label, step.application, step.arguments) for step in extension.steps.values()] == [
        (1, "", "Answer", ""),
        (2, "go", "Playback", "a\\;b"),
        (4, "", "Dial", "SIP/1,20"),
    ]
    assert "1" in plan.contexts["a"].extensions


@pytest.mark.parametrize(
    ("pattern", "number", "yes"),
    [
        ("_X.", "12", True),
        ("_X.", "1", False),
        ("_NXX", "234", True),
        ("_NXX", "134", False),
        ("_[1-35]!", "5", True),
        ("_[1-35]!", "4", False),
        ("_11XX", "1105", True),
    ],
)
def test_patterns(pattern: str, number: str, yes: bool):
    assert matches(pattern, number) is yes


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("${NAME}", "NAME"),
        ("${EXTEN}", "'100'"),
        ("${CALLERID(num)}", "caller.number"),
        ("${NUMBER:1}", "(NUMBER | string)[1:]"),
        ("${NUMBER:2:3}", "(NUMBER | string)[2:5]"),
        ("${NUMBER:-4}", "(NUMBER | string)[-4:]"),
        ("$[${a} + 1]", "(a | int) + 1"),
        ("$[${a} = 1 | ${b} != x]", "a | string == '1' or b != 'x'"),
        ("${IF($[${a} > 1]?yes:no)}", "('yes' if a | float > 1 else 'no')"),
        ("${TOUPPER(${a})}", "(a) | upper"),
        ("a-${b}", "'a-' ~ b"),
    ],
)
def test_variables(theirs: str, ours: str):
    graph = Graph("test")
    assert Variables(graph, "node", "'100'").expression(theirs) == ours
    assert graph.lost == []


def test_a_function_without_counterpart_is_a_variable_from_outside_and_reported():
    graph = Graph("test")
    assert Variables(graph, "node", "'100'").expression("${DEVICE_STATE(SIP/1)}") == "device_state_sip_1"
    assert "device_state_sip_1" in graph.outside
    assert len(graph.lost) == 1


def test_times_are_conditions_on_the_present_moment():
    assert time_condition(["09:00-17:59", "mon-fri", "*", "*"]) == (
        "(now.strftime('%H:%M') >= '09:00' and now.strftime('%H:%M') <= '17:59') and now.weekday() in [0, 1, 2, 3, 4]"
    )
    assert time_condition(["*", "sat-sun", "24-25", "dec"]) == (
        "now.weekday() in [5, 6] and now.month - 1 in [11] and now.day - 1 in [23, 24]"
    )
    assert time_condition(["later"]) is None


FETCHING = """
[weather]
exten => s,1,Answer()
 same => n,Set(ANSWER=${CURL(http://weather.example/now?at=${EXTEN})})
 same => n,Set(WARM=${JSON_DECODE(ANSWER,current.temperature_2m)})
 same => n,Set(COUNT=3)
 same => n(again),SayNumber(${COUNT})
 same => n,Verbose(${DEC(COUNT)})
 same => n,GotoIf($[${COUNT} > 0]?again)
 same => n,Set(QUEUE_PRIO=$[${WARM} + 1])
 same => n,Queue(support)
"""


def test_a_request_in_an_assignment_is_a_fetch_and_its_parts_are_read():
    found = imported("asterisk", FETCHING)
    [ask] = of_type(found, "fetch")
    assert (ask["fetch"]["url"], ask["fetch"]["into"]) == ("http://weather.example/now?at=s", "ANSWER")
    [warm] = [each for each in of_type(found, "set") if "WARM" in each["set"]]
    assert warm["set"]["WARM"] == "{{ (ANSWER.current | default({})).temperature_2m }}"
    assert not any("CURL" in parameter or "JSON_DECODE" in parameter for _, parameter in lost(found))


def test_a_count_that_goes_down_where_it_is_read_is_an_assignment():
    values = [each["set"] for each in of_type(imported("asterisk", FETCHING), "set")]
    assert {"COUNT": "{{ (COUNT | default(0) | int - 1) }}"} in values


def test_the_priority_set_before_a_queue_is_its_priority():
    [queue] = of_type(imported("asterisk", FETCHING), "queue")
    assert queue["queue"]["priority"] == "{{ QUEUE_PRIO }}"
