"""SSML in prompts: what is heard, how long it lasts, and where its faults stand."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr_flows import load_flow
from ivr_flows.commands import Gather, Play, Prompt
from ivr_flows.prompts import speech_seconds
from ivr_flows.results import Done
from ivr_flows.ssml import ELEMENTS, SsmlError, compile_ssml, is_ssml, read_ssml
from router.asterisk.prompts import prompt_file
from simulator.parties import AgentScript, TargetScript
from simulator.script import PressScript
from simulator.virtual import VirtualCall

from .environment import AT, compiled, context, found, nodes


@pytest.mark.parametrize(
    ("markup", "words", "pause"),
    [
        ("<speak>您好<break time='500ms'/>请按1。</speak>", "您好请按1。", 0.5),
        ("您好", "您好", 0.0),
        ("<speak>one<break time='2s'/>two</speak>", "one two", 2.0),
        ("<p>one</p><p>two</p>", "one two", 0.0),
        ("<speak>a <sub alias='World Wide Web'>WWW</sub> b</speak>", "a World Wide Web b", 0.0),
        ("<speak>R&amp;D &lt;1&gt;</speak>", "R&D <1>", 0.0),
        ("<speak>a<break/><break strength='none'/><break strength='x-strong'/>b</speak>", "a b", 1.5),
        ("<speak>请拨<say-as interpret-as='telephone'>10086</say-as></speak>", "请拨10086", 0.0),
        ("<speak><!-- no --><lang xml:lang='en-US'>Hello</lang> {{ name }}!</speak>", "Hello {{ name }}!", 0.0),
        ("<speak>\n  您好。\n  <phoneme alphabet='py' ph='chong2'>重</phoneme>庆\n</speak>", "您好。 重庆", 0.0),
    ],
)
def test_what_is_said(markup: str, words: str, pause: float) -> None:
    read = read_ssml(markup)
    assert (read.text, read.pause) == (words, pause)


@pytest.mark.parametrize(
    ("markup", "code", "at"),
    [
        ("<speak>您好<b>x</b></speak>", "ssml-element", "<b>"),
        ("<speak>您好<break time='5 minutes'/></speak>", "ssml-value", "<break"),
        ("<speak>您好<break time='61s'/></speak>", "ssml-value", "<break"),
        ("<speak>您好<break strength='huge'/></speak>", "ssml-value", "<break"),
        ("<speak>{{ a + b }}<p>x</s></speak>", "ssml-syntax", "s></speak>"),
        ("<speak>R&D</speak>", "ssml-syntax", "</speak>"),
        ("<speak>a&nbsp;b</speak>", "ssml-syntax", "&nbsp;"),
        ("<speak>a<say-as>1</say-as></speak>", "ssml-element", "<say-as>"),
        ("<speak>a<break onclick='x'/></speak>", "ssml-element", "<break"),
        ("<speak>a<speak>b</speak></speak>", "ssml-element", "<speak>b"),
        ("<speak>a<prosody rate='{{ r }}'>b</prosody></speak>", "ssml-expression", "<prosody"),
        ("<speak>{% if a %}b{% endif %}</speak>", "ssml-expression", "{% if"),
        ("<speak>{{ a</speak>", "template-syntax", "<speak>"),
        ("<speak>" + "<p>" * 60 + "</p>" * 60 + "</speak>", "ssml-element", "<p>"),
    ],
)
def test_a_fault_is_told_with_its_place(markup: str, code: str, at: str) -> None:
    with pytest.raises(SsmlError) as caught:
        read_ssml(markup)
    assert caught.value.code == code
    assert markup[caught.value.offset :].startswith(at)


@pytest.mark.parametrize(
    "markup",
    [
        '<!DOCTYPE speak [<!ENTITY x "y">]><speak>&x;</speak>',
        '<speak><!DOCTYPE speak [<!ENTITY x SYSTEM "file:///etc/passwd">]>&x;</speak>',
        '<?xml version="1.0"?><!DOCTYPE speak SYSTEM "http://127.0.0.1/x.dtd"><speak>a</speak>',
        '<speak xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="/etc/passwd"/></speak>',
    ],
)
def test_no_entity_and_no_file_gets_in(markup: str) -> None:
    with pytest.raises(SsmlError):
        read_ssml(markup)


@pytest.mark.parametrize(
    "written",
    [
        "a: { play: { ssml: '<speak>您好<b/></speak>' } }",
        'a: { play: { ssml: "<speak>\\u60a8好\\n<b/></speak>" } }',
        "a: { play: { ssml: '<speak>it''s <b/></speak>' } }",
        "a:\n  play:\n    ssml: |\n      <speak>\n        您好\n        <b/></speak>",
        "a:\n  play:\n    ssml: >-\n      <speak>\n      您好\n      <b/></speak>",
        "a:\n  menu:\n    prompt: <speak>请按1<b/></speak>\n  on: { 1: a, no_input: a }",
        "a: { menu: { prompt: 按1, no_input_prompts: [嗯, <speak><b/></speak>] }, on: { 1: a, no_input: a } }",
    ],
)
def test_the_place_is_line_and_column_of_the_fault(written: str) -> None:
    text = nodes(written)
    definition, findings = load_flow(text, "example.flow.yaml")
    assert definition is None
    (finding,) = findings
    before = text[: text.index("<b/>")].split("\n")
    assert (finding.code, finding.place.line) == ("ssml-element", len(before))
    assert finding.place.column == len(before[-1]) + 1


def test_a_caller_hears_the_words_and_waits_for_the_breaks() -> None:
    text = (
        "a: { play: { ssml: '<speak>您好<break time=\"3s\"/>{{ company }}</speak>' }, next: b }\nb: { hangup: normal }"
    )
    flow = compiled(nodes(text))
    session = flow.session(context(company="R&D <一>"))
    session.start()
    command = session.resume(Done(AT))
    assert isinstance(command, Play)
    (prompt,) = command.prompts
    assert session.heard == [prompt.heard] == ["您好R&D <一>"]
    assert prompt.ssml == '<speak>您好<break time="3s"/>R&amp;D &lt;一&gt;</speak>'
    assert command.seconds == prompt.seconds == speech_seconds("您好R&D <一>") + 3.0


def test_the_sound_file_follows_from_the_markup() -> None:
    plain, slow = Prompt("您好"), Prompt("您好", ssml="<speak><prosody rate='slow'>您好</prosody></speak>")
    assert prompt_file(plain) != prompt_file(slow)


def test_prompts_that_begin_with_the_root_are_ssml_wherever_they_stand() -> None:
    text = """
a:
  menu: { prompt: "<speak>查询<emphasis>请按1</emphasis></speak>", retries: 1,
          no_input_prompt: "<speak>没有按键<break/></speak>" }
  on: { 1: b, no_input: b }
b: { hangup: { text: "<speak>再见</speak>" } }
"""
    flow = compiled(nodes(text))
    session = flow.session(context())
    session.start()
    assert isinstance(session.resume(Done(AT)), Gather)
    assert session.heard == ["查询请按1"]
    session = flow.session(context())
    VirtualCall(session, PressScript.parse(","), AgentScript.parse("none"), TargetScript.parse("answer"), AT).run()
    assert session.heard == ["查询请按1", "没有按键", "查询请按1", "再见"]


def test_rules_read_the_words() -> None:
    text = """
a: { menu: { prompt: "<speak>查询请按<emphasis>2</emphasis></speak>" }, on: { 1: b, no_input: b } }
b: { play: { ssml: "{{ nobody }}" } }
"""
    assert {"key-not-handled", "unknown-variable"} <= {finding.code for finding in found(nodes(text))}


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("a: { play: { ssml: '<speak><break/></speak>' } }", "nothing-to-play"),
        ("a: { play: { ssml: 您好, text: 您好 } }", "option-twice"),
        ("a: { play: { ssml: 您好, file: hello } }", "option-twice"),
    ],
)
def test_what_makes_no_prompt(written: str, code: str) -> None:
    assert [finding.code for finding in found(nodes(written))] == [code]


def test_texts_hold_no_ssml() -> None:
    text = nodes("a: { play: '{{ texts.hello }}' }", "texts: { hello: { zh-CN: <speak>您好</speak> } }\n")
    assert [finding.code for finding in found(text)] == ["ssml-in-texts"]


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
PIECES = st.lists(
    st.one_of(
        TEXT,
        st.sampled_from(["{{ last }}", "&amp;", "&#60;", "<break/>", "<!--x-->", "<![CDATA[<p>]]>", "<?pi x?>"]),
        st.sampled_from([*(f"<{name}>" for name in ELEMENTS), *(f"</{name}>" for name in ELEMENTS)]),
        st.sampled_from(
            ["<sub alias='{{ last }}\"'>", "<say-as interpret-as='date'>", "{{", "}}", "{%", "<", '"', "]]>"]
        ),
    ),
    max_size=12,
).map("".join)


@given(inner=PIECES, root=st.booleans(), value=TEXT)
def test_whatever_is_written_is_refused_in_place_or_gives_well_formed_markup(
    inner: str, root: bool, value: str
) -> None:
    text = f"<speak>{inner}</speak>" if root else inner
    error: SsmlError | None = None
    try:
        spoken = compile_ssml(text)
    except SsmlError as refused:
        error = refused
    if error is not None:
        assert 0 <= error.offset <= len(text)
        return
    session = compiled(nodes("a: { hangup: normal }")).session(context())
    session.last = value
    words, markup, _ = spoken(session, AT) if callable(spoken) else spoken
    assert is_ssml(markup)
    ElementTree.fromstring(markup)
    assert isinstance(words, str)
