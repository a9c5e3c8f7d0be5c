"""Texts in several languages, values read aloud in a call, and how long a text certainly is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ivr_flows import compile_flow, load_flow
from ivr_flows.commands import Play
from ivr_flows.expressions import ExpressionError, compile_text
from ivr_flows.results import Digits, Done
from ivr_flows.text_lengths import LONGEST_TEXT, certain_length, too_long
from ivr_flows.texts import variant
from tests.unit.flows.environment import AT, KnownNames, compiled, context, definition_of, found

FLOW = """
flow: example
texts:
  hello: { zh-CN: "您好{{ company }}，", en: "Hello, " }
  fee: { zh-CN: "余额{{ 2.5 | money }}。", en: "you have {{ 2.5 | money }}." }
  only_here: { zh-CN: 只有中文。 }
nodes:
  first: { play: "{{ texts.hello }}{{ texts.fee }}", next: switch }
  switch: { language: en, next: second }
  second: { play: "{{ texts.hello }}{{ texts.fee }}", next: third }
  third: { play: "{% if 1 %}{{ texts['fee'] }}{{ texts.only_here }}{% endif %}", next: bye }
  bye: { hangup: }
"""


def heard_in(text: str, **facts: object) -> list[str]:
    session = compiled(text).session(context(**facts))  # type: ignore[arg-type]
    session.start()
    while isinstance(session.resume(Done(AT)), Play):
        pass
    return session.heard


def saying(words: str, **facts: object) -> str:
    return heard_in(f"flow: example\nnodes:\n  say: {{ play: {words!r}, next: bye }}\n  bye: {{ hangup: }}\n", **facts)[
        0
    ]


def test_a_text_is_said_in_the_language_that_the_call_has_then() -> None:
    assert heard_in(FLOW) == [
        "您好示例科技，余额两块五。",
        "Hello, you have two yuan fifty.",
        "you have two yuan fifty.只有中文。",
    ]


def test_a_subflow_has_its_own_texts_and_language() -> None:
    inner = """
flow: inner
language: en
texts: { hello: { en: "Inside {{ 3 | number }}." } }
nodes:
  say: { play: "{{ texts.hello }}" }
"""
    outer = """
flow: example
texts: { hello: { zh-CN: "外面{{ 3 | number }}。" } }
nodes:
  one: { play: "{{ texts.hello }}", next: in }
  in: { subflow: inner, on: { ok: two, failed: two } }
  two: { play: "{{ texts.hello }}", next: bye }
  bye: { hangup: }
"""
    environment = KnownNames(subflows=(inner,))
    definition, findings = load_flow(outer, "example.flow.yaml")
    assert definition is not None, findings
    session = compile_flow(definition, environment).session(context())
    session.start()
    while isinstance(session.resume(Done(AT)), Play):
        pass
    assert session.heard == ["外面三。", "Inside three.", "外面三。"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("{{ called | digits }}", "四零零八零零一二三四"),
        ("{{ called | digits(telephone=true) }}", "四零零八零零幺二三四"),
        ("{{ '23' | number }}{{ 2.5 | money(formal=true) }}", "二十三两元五角"),
        ("{{ now | date }}{{ now | time }}", "十月十二日上午十点"),
        ("{{ now | date(year=true, weekday=true) }}", "二零二六年十月十二日星期一"),
        ("{{ 1791338400 | date }}{{ 1791338400 | time }}", "十月七日上午十点"),
        ("{% for n in [1, 2] %}{{ n | number }}{% endfor %}", "一二"),
        ("{{ (1 + 1) | money }}", "两块"),
        ("{{ last | default('12', true) | number }}", "十二"),
        ("[{{ last | money }}]", "[None]"),
    ],
)
def test_values_read_aloud(words: str, said: str) -> None:
    assert saying(words) == said


def test_the_plain_and_the_sandboxed_way_say_the_same() -> None:
    for expression in (
        "called | digits",
        "called | number",
        "now | date(weekday=true)",
        "now | time",
        "absent | money",
    ):
        session = compiled("flow: example\nnodes:\n  bye: { hangup: }\n").session(context())
        session.path.append("bye")
        plain, sandboxed = (
            compile_text(f"{{{{ {expression} }}}}"),
            compile_text(f"{{% if 1 %}}{{{{ {expression} }}}}{{% endif %}}"),
        )
        assert callable(plain)
        assert callable(sandboxed)
        assert plain(session, AT) == sandboxed(session, AT)


@pytest.mark.parametrize(
    "words",
    [
        "{{ texts._session }}",
        "{{ texts['__class__'] }}",
        "{{ texts['_session'] }}",
        "{{ texts.of }}",
        "{{ texts.__class__ }}",
        "{{ texts }}",
    ],
)
def test_texts_lead_nowhere_else(words: str) -> None:
    session = compiled(FLOW).session(context())
    session.path.append("first")
    plain = compile_text(words)
    sandboxed = compile_text("{% if 1 %}" + words + "{% endif %}")
    assert callable(plain)
    assert callable(sandboxed)
    assert plain(session, AT) == sandboxed(session, AT) == ""


@pytest.mark.parametrize("words", ["{{ texts._session.flow }}", "{{ texts.hello.__class__.__mro__ }}"])
def test_going_on_from_there_is_refused(words: str) -> None:
    session = compiled(FLOW).session(context())
    session.path.append("first")
    for written in (words, "{% if 1 %}" + words + "{% endif %}"):
        evaluate = compile_text(written)
        assert callable(evaluate)
        with pytest.raises(ExpressionError):
            evaluate(session, AT)


def test_which_variant_serves_a_language() -> None:
    assert variant({"zh-CN": 1, "en": 2}, "en-US", "zh-CN") == "en"
    assert variant({"zh-CN": 1, "en": 2}, "zh", "en") == "zh-CN"
    assert variant({"zh-CN": 1, "en": 2}, "fr", "en-GB") == "en"
    assert variant({"ja": 1}, "fr", "en") == "ja"


@pytest.mark.parametrize(
    ("texts", "code"),
    [
        ("{ a: { zh-CN: '{{ texts.b }}' }, b: { zh-CN: x } }", "text-in-text"),
        ("{ a: { zh-CN: '{{ unclosed' } }", "template-syntax"),
        ("{ a: { chinese: x } }", "bad-value"),
        ("{ a: { } }", "bad-value"),
        ("{ 'a b': { en: x } }", "bad-value"),
        ("{ _a: { en: x } }", "bad-value"),
        ("[a]", "bad-value"),
    ],
)
def test_texts_that_are_not_right_are_findings_in_their_place(texts: str, code: str) -> None:
    findings = found(f"flow: example\ntexts: {texts}\nnodes:\n  bye: {{ hangup: }}\n")
    assert [(finding.code, finding.place.line) for finding in findings] == [(code, 2)]
    assert all(finding.message.zh and finding.cure.en for finding in findings)


def test_how_long_a_text_certainly_is() -> None:
    texts = {"hello": {"zh-CN": "您好", "en": "Hello"}}
    assert certain_length("您好") == 2
    assert certain_length("共{{ 2.5 | money }}{{ 2.5 | money(formal=true) }}") == 8
    assert certain_length("{{ texts.hello }}，{{ company }}", texts) == 3
    assert certain_length("{{ texts.hello }}，{{ company }}", texts, "en-US") == 6
    assert certain_length("{% if a %}一二三{% elif b %}一{% else %}一二{% endif %}四") == 2
    assert certain_length("{% if a %}一二三{% endif %}") == 0
    assert certain_length("{{ '一二' }}{{ texts.absent }}", texts) == 2
    assert certain_length("{{ open") == 0
    assert certain_length("{{ '一' ~ x ~ '二三' }}{{ '四五' if x else '六' }}{{ '七' if x }}") == 4
    assert certain_length("今天是{{ now | date }}") == 7
    assert certain_length("单号{{ order | digits }}{{ order }}{{ other }}", least={"order": 8}) == 18
    assert certain_length("{{ order | digits }}", None, "en", {"order": 8}) == 31
    assert too_long("字" * LONGEST_TEXT) == 0
    assert too_long("字" * LONGEST_TEXT + "{{ '一' }}") == 1


def test_texts_reach_the_definition() -> None:
    definition = definition_of(FLOW)
    assert definition.texts["fee"]["en"] == "you have {{ 2.5 | money }}."


PAGE = Path(__file__).resolve().parents[3] / "docs" / "texts.md"


def test_the_page_says_what_is_said() -> None:
    page = PAGE.read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\{\{.*\}\})` \| (.*) \| (.*) \|$", page, re.MULTILINE)
    assert len(rows) >= 10
    for written, *said in rows:
        for language, words in zip(("zh-CN", "en"), said, strict=True):
            text = written.replace("\\|", "|")
            nodes = f"nodes:\n  say: {{ play: '{text}', next: bye }}\n  bye: {{ hangup: }}\n"
            assert heard_in(f"flow: example\nlanguage: {language}\n{nodes}") == [words]


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("1", "您好，欢迎致电示例科技。 您的余额是一百零二块五。"),
        ("2", "Welcome to 示例科技. Your balance is one hundred and two yuan fifty."),
    ],
)
def test_the_flow_of_the_page_speaks_both_languages(key: str, said: str) -> None:
    (flow,) = re.findall(r"```yaml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    session = compiled(flow).session(context())
    session.start()
    session.resume(Done(AT))
    session.resume(Digits(key, AT))
    assert session.heard[-1] == said


def test_a_text_that_is_not_there_is_a_finding() -> None:
    (finding,) = found(FLOW.replace("{{ texts.fee }}", "{{ texts.fees }}", 1).replace("  only", "  #only"))[:1]
    assert (finding.code, finding.severity, finding.place.line) == ("unknown-variable", "error", 8)
    assert "fee" in finding.cure.en
