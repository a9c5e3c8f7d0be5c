"""Expressions of an author who means no good: nothing of Python is reached, nothing runs for ever or grows without
bound. Each is put where texts, conditions and values are evaluated."""

from __future__ import annotations

import json

import pytest

from ivr_flows import compile_flow, lint, load_flow
from ivr_flows.results import Done
from ivr_flows.sandbox import MAX_SIZE
from simulator.parties import AgentScript, TargetScript
from simulator.script import PressScript
from simulator.virtual import VirtualCall

from .environment import AT, KnownNames, compiled, context

PYTHON = [
    "{{ ''.__class__.__mro__ }}",
    "{{ company.__class__ }}",
    "{{ caller | attr('__class__') }}",
    "{{ [caller] | map(attribute='__class__') | list }}",
    "{{ ''.format.__globals__ }}",
    "{{ '{0.__class__}'.format(caller) }}",
    "{{ lipsum.__globals__ }}",
    "{{ self }}",
    "{% import 'os' as os %}{{ os }}",
    "{% include '/etc/passwd' %}",
    "{{ company | random }}",
]
ENDLESS = [
    "{% for i in range(10**9) %}x{% endfor %}",
    "{% for a in 'x' * 9999 %}{% for b in 'x' * 9999 %}{% for c in 'x' * 9999 %}{% endfor %}{% endfor %}{% endfor %}",
    "{% macro m(n) %}{{ m(n) }}{{ m(n) }}{% endmacro %}{{ m(1) }}",
    "{% set x = 'a' * 9999 %}" + "{% set x = x ~ x %}" * 40 + "{{ x }}",
    "{{ 'a' * 10**9 }}",
    "{{ 'a' * 9999 * 9999 }}",
    "{{ ['x' * 9999] * 9999 }}",
    "{{ '%1000000000d' % 1 }}",
    "{{ '%*d' % (1000000000, 1) }}",
    "{{ '%999999999s' | format('x') }}",
    "{{ '{:1000000000}'.format(1) }}",
    "{{ '{x:1000000000}'.format_map({'x': 1}) }}",
    "{{ 2 ** 99999999 }}",
    "{{ ('9' * 4000) | int ** 16 }}",
    "{{ 'x' | center(10**9) }}",
    "{{ 'x'.ljust(10**9) }}",
    "{{ 'x'.zfill(10**9) }}",
    "{{ '\t'.expandtabs(10**9) }}",
    "{{ ('x' * 9999) | replace('x', 'y' * 9999) }}",
    "{{ ('x' * 9999).replace('', 'y' * 9999) }}",
    "{{ ('a\n' * 5000) | indent(9999) }}",
    "{{ (['x'] * 9999) | join('x' * 9999) }}",
    "{{ ([1] * 9999) | map('string') | join('x' * 9999) }}",
    "{{ 'x'.join(['y'] * 9999) * 9999 }}",
    "{{ ('x' * 9999).join(['y'] * 9999) }}",
    "{{ [1, 2] | batch(1000000000, 'x') | list }}",
    "{{ 'abc' | slice(1000000000) | list }}",
    "{{ ([[1] * 9999] * 9999) | string }}",
    "{{ " + "(" * 3000 + "1" + ")" * 3000 + " }}",
    "{{ 1" + " + 1" * 3000 + " }}",
    "{{ " + "not " * 3000 + "1 }}",
    "{{ company" + ".a" * 3000 + " }}",
    "{% if 1 %}" * 500 + "x" + "{% endif %}" * 500,
]


def outcome(node: dict[str, object]) -> tuple[set[str], str | None, list[str]]:
    """Codes of the errors of a flow with ``node``; where there are none, the fault and the texts of its call."""
    nodes = {"start": node, "say": {"play": "{{ value | default('') }}"}, "end": {"hangup": None}}
    document = {"flow": "x", "nodes": nodes}
    definition, findings = load_flow(json.dumps(document), "x.flow.yaml")
    assert definition is not None
    allowed = {"unreachable-node", "unknown-variable"}
    errors = {f.code for f in [*findings, *lint(definition, KnownNames())] if f.severity == "error"} - allowed
    if errors:
        return errors, None, []
    session = compile_flow(definition, KnownNames()).session(context())
    scripts = PressScript.parse(""), AgentScript.parse("none"), TargetScript.parse("answer")
    VirtualCall(session, *scripts, AT).run()
    return set(), session.fault.code if session.fault else None, session.heard


def places(text: str) -> list[dict[str, object]]:
    return [
        {"play": text},
        {"branch": [{"when": text, "next": "end"}], "else": "end"},
        {"set": {"value": text}, "next": "say"},
    ]


@pytest.mark.parametrize("text", ENDLESS, ids=[text[:40] for text in ENDLESS])
def test_no_expression_grows_or_runs_without_bound(text: str) -> None:
    for node in places(text):
        errors, fault, _ = outcome(node)
        assert errors == {"template-syntax"} or fault == "expression_failed", (node, errors, fault)


@pytest.mark.parametrize("text", PYTHON, ids=PYTHON)
def test_no_expression_reaches_python(text: str) -> None:
    for node in places(text):
        errors, fault, heard = outcome(node)
        assert errors or fault == "expression_failed" or not any("class" in words or "<" in words for words in heard)


def test_a_message_about_an_expression_ends_in_one_full_stop() -> None:
    session = compiled("""flow: f\nnodes:\n  a: { play: "{{ ''.__class__.__mro__[1] }}" }\n""").session(context())
    session.start()
    session.resume(Done(AT))
    assert session.fault is not None
    assert session.fault.message.en.endswith("is unsafe.")


GOOD = [
    ("{% for n in [1, 2, 3] %}{{ n }}{% if not loop.last %}、{% endif %}{% endfor %}", "1、2、3"),
    ("{% set n = 2 %}{{ n * 3 }}{{ '-' * 3 }}{{ 'a' + 'b' }}{{ '%03d' % 7 }}", "6---ab007"),
    ("{{ ['a', 'b'] | join('，') }}{{ 'abc' | replace('b', 'x') | upper }}{{ '1' ~ 2 }}", "a，bAXC12"),
    ("{{ 20000 | number }}{{ ('' | default('无', true)) }}{{ ' x '.strip() }}{{ 'a,b'.split(',')[1] }}", "两万无xb"),
    ("{{ [3, 1, 2] | sort | first }}{{ [1, 2] | sum }}{{ [1, 2] | map('string') | list | last }}", "132"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "said"), GOOD, ids=[said for _, said in GOOD])
def test_what_texts_need_works(text: str, said: str) -> None:
    assert outcome({"play": text}) == (set(), None, [said])


def test_a_text_has_an_end() -> None:
    _, fault, heard = outcome({"play": "{% for n in 'x' * 500 %}" + "x" * 500 + "{% endfor %}"})
    assert (fault, heard) == ("expression_failed", [])
    assert MAX_SIZE < 500 * 500
