"""What is said of a flow that is wrong: code, place, cure."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr_flows import load_flow, packaged_flows
from ivr_flows.nodes import NODE_TYPES

from .environment import definition_of, found, nodes

BYE = "\nbye: { hangup: normal }"

WRONG = [
    ("a: { play: 您好, next: byee }" + BYE, "unknown-node", (3, 24), "bye"),
    ("a: { plai: 您好, next: bye }" + BYE, "unknown-node-type", (3, 8), "play"),
    ("a: { menu: { prompt: 请按1, timout: 5s }, on: { 1: bye, no_input: bye } }" + BYE, "unknown-key", None, "timeout"),
    ("a: { menu: 请按1, on: { 1: bye } }" + BYE, "missing-branch", (3, 3), "no_input"),
    ("a: { menu: 请按1, on: { no_input: bye } }" + BYE, "menu-without-keys", (3, 3), '"1"'),
    ("a: { menu: 请按1, on: { 1: bye, no_imput: bye } }" + BYE, "unknown-branch", None, "no_input"),
    ("a: { queue: suport, on: { timeout: bye } }" + BYE, "unknown-queue", None, "support"),
    ("a: { queue: support }" + BYE, "missing-branch", (3, 3), "timeout"),
    ("a: { queue: support, exit_keys: 0, on: { timeout: bye } }" + BYE, "exit-key-not-handled", None, "0"),
    (
        "a: { queue: support, on: { timeout: bye, abandoned: b } }\nb: { play: 再见 }" + BYE,
        "abandoned-needs-caller",
        None,
        "abandoned",
    ),
    ("a: { hours: ofice, on: { open: bye, closed: bye } }" + BYE, "unknown-calendar", None, "office"),
    ("a: { voicemail: generl }" + BYE, "unknown-box", None, "general"),
    (
        "a: { transfer: { line: sh-telekom }, on: { busy: bye, no_answer: bye, failed: bye } }" + BYE,
        "unknown-line",
        None,
        "sh-telecom",
    ),
    ("a: { transfer: 010-88880009, on: { busy: bye, no_answer: bye } }" + BYE, "missing-branch", (3, 3), "failed"),
    ("a: { share: { bye: 80, b: 30 } }\nb: { hangup: busy }" + BYE, "shares-do-not-sum", None, "percentages"),
    ("a: { share: { bye: 80, b: nan } }\nb: { hangup: busy }" + BYE, "shares-do-not-sum", None, "percentages"),
    ("a: { play: { text: 您好, barge_in: true }, barge_in: false }" + BYE, "option-twice", None, "one"),
    ("a: { play: 您好, on: { next: bye } }" + BYE, "wrong-way-on", None, "next"),
    ("a: { hangup: normal, next: bye }" + BYE, "wrong-way-on", None, "ends"),
    ("a: { hangup: bussy }", "bad-cause", None, "busy"),
    ("a: { play: '您好{{ caller.provice }}' }", "unknown-variable", None, "province"),
    ("a: { play: '您好{{ compny }}' }", "unknown-variable", None, "company"),
    ("a: { play: '您好{{ company' }", "template-syntax", None, "braces"),
    (
        "a: { gather: 请输入, on: { ok: b, no_input: bye } }\n"
        "b: { branch: [{ when: '{{ digits > 3 }}', next: bye }], else: bye }" + BYE,
        "text-compared-with-number",
        None,
        "| int",
    ),
    ("a: { set: { caller: 1 } }", "bad-variable-name", None, "another"),
    (
        "a: { gather: { prompt: 请输入, pattern: '(a+)+' }, on: { ok: bye, no_input: bye } }" + BYE,
        "slow-pattern",
        None,
        "repeat",
    ),
    (
        "a: { gather: { prompt: 请输入, min_digits: 9, max_digits: 8 }, on: { ok: bye, no_input: bye } }" + BYE,
        "bad-lengths",
        None,
        "smaller",
    ),
    ("a: { menu: { prompt: 请按1, timeout: 5x }, on: { 1: bye, no_input: bye } }" + BYE, "bad-duration", None, "5s"),
    ("a: { play: }", "nothing-to-play", None, "text"),
    ("a: just text", "bad-node", None, "type"),
]


@pytest.mark.parametrize(
    ("text", "code", "place", "cure"), WRONG, ids=[f"{case[1]}-{index}" for index, case in enumerate(WRONG)]
)
def test_a_wrong_flow_is_answered_with_place_and_cure(
    text: str, code: str, place: tuple[int, int] | None, cure: str
) -> None:
    findings = [finding for finding in found(nodes(text)) if finding.severity == "error"]
    assert [finding.code for finding in findings] == [code], [finding.as_text() for finding in findings]
    finding = findings[0]
    assert finding.place.file == "example.flow.yaml"
    assert finding.place.line >= 3
    if place is not None:
        assert (finding.place.line, finding.place.column) == place
    assert cure in finding.cure.en
    assert finding.message.zh != finding.message.en


def test_a_node_that_nothing_reaches_is_a_warning() -> None:
    findings = found(nodes("a: { hangup: normal }\nb: { hangup: busy }"))
    assert [(finding.severity, finding.code) for finding in findings] == [("warning", "unreachable-node")]


def test_all_errors_are_told_at_once() -> None:
    codes = [finding.code for finding in found(nodes("a: { plai: x }\nb: { menu: 请按1, on: { nomatch: a } }"))]
    assert codes == ["unknown-node-type", "unknown-branch"]


def test_keys_of_a_menu_may_be_bare_or_quoted() -> None:
    definition = definition_of(
        nodes('a: { menu: 请按, on: { 1: bye, "2": bye, "*": bye, "#": bye, no_input: bye } }' + BYE)
    )
    assert set(definition.nodes["a"].on) == {"1", "2", "*", "#", "no_input"}


def test_options_may_stand_inside_the_type_or_beside_it() -> None:
    inside = definition_of(nodes("a: { play: { text: 您好, barge_in: true } }"))
    beside = definition_of(nodes("a: { play: 您好, barge_in: true }"))
    assert inside.nodes["a"].options == beside.nodes["a"].options


def test_yaml_1_1_traps_mean_what_the_author_wrote() -> None:
    definition = definition_of(nodes("on: { play: 09:30, next: no }\nno: { hangup: normal }", "start: on\n"))
    assert definition.start.name == "on"
    assert definition.nodes["on"].options.text == "09:30"


def test_the_packaged_welcome_greets_and_admits_without_a_key() -> None:
    file, text = packaged_flows()["welcome"]
    definition, findings = load_flow(text, file)
    assert findings == []
    assert definition is not None
    assert [node.type.name for node in definition.nodes.values()][:2] == ["play", "queue"]
    assert list(definition.nodes)[:2] == ["greeting", "admit"]


def test_every_node_type_has_a_docstring_for_its_options() -> None:
    for kind in NODE_TYPES.values():
        assert kind.options.__doc__, kind.name


@given(st.binary(max_size=300))
@settings(max_examples=150, deadline=None)
def test_any_bytes_give_findings_and_no_exception(data: bytes) -> None:
    from ivr_flows.loader import load_flow_document
    from ivr_flows.yaml_source import read_bytes

    definition, findings = load_flow_document(read_bytes(data, "x.flow.yaml"))
    assert definition is not None or findings
