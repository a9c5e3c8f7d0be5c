"""What is no fault, and is not told of: repeats that callers choose, bounded circles, natural ends, the company's own
flows."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from ivr_flows import load_flow, packaged_flows
from router.configuration import load

from ..flows.environment import nodes
from .rule_pages import judged

ROOT = Path(__file__).resolve().parents[3]
QUIET = {
    "9 to repeat": "ask: { menu: 重听请按9，人工请按0。, on: { 9: ask, 0: agent, no_input: agent } }\n"
    "agent: { queue: support, on: { timeout: bye } }\nbye: { hangup: normal }",
    "a message is an end": "say: { play: 请留言。, next: message }\nmessage: { voicemail: general }",
    "a talk is an end": "agent: { queue: support, on: { timeout: say } }\nsay: { play: 座席忙。 }",
    "waiting for people": "agent: { queue: support, on: { timeout: ask } }\n"
    "ask: { menu: 留言请按1，否则继续等待。, on: { 1: message, no_input: agent } }\n"
    "message: { voicemail: general }",
    "a loop node": "ask: { menu: 人工请按0。, on: { 0: agent, no_input: again } }\n"
    "again: { loop: 2, on: { again: ask, done: agent } }\nagent: { queue: support, on: { timeout: bye } }\n"
    "bye: { hangup: normal }",
    "a counter": "begin: { set: { tries: '{{ 0 }}' }, next: ask }\n"
    "ask: { menu: 人工请按0。, on: { 0: agent, no_input: count } }\n"
    "count: { set: { tries: '{{ tries + 1 }}' }, next: enough }\n"
    "enough: { branch: [ { when: '{{ tries > 2 }}', next: agent } ], else: ask }\n"
    "agent: { queue: support, on: { timeout: bye } }\nbye: { hangup: normal }",
    "a counter without a question": "begin: { set: { tries: '{{ 0 }}' }, next: say }\n"
    "say: { play: 请稍候。, next: count }\n"
    "count: { set: { tries: '{{ tries + 1 }}' }, next: enough }\n"
    "enough: { branch: [ { when: '{{ tries > 3 }}', next: bye } ], else: say }\nbye: { hangup: normal }",
    "keys offered before": "say: { play: { text: 人工请按0。, barge_in: true }, next: ask }\n"
    "ask: { menu: 重听请按9。, on: { 0: bye, 9: say, no_input: bye } }\nbye: { hangup: normal }",
    "a prompt without keys": "ask: { menu: 请选择。, on: { 0: bye, no_input: bye } }\nbye: { hangup: normal }",
    "a prompt made elsewhere": "ask: { menu: '{{ company }}', on: { 0: bye, no_input: bye } }\nbye: { hangup: normal }",
    "a report whose answer nobody needs": "tell: { fetch: { url: 'https://erp.example/seen', method: POST }, "
    "on: { ok: say, error: sorry } }\nsay: { play: 您好。 }\nsorry: { play: 您好。 }",
}


@pytest.mark.parametrize("text", QUIET.values(), ids=QUIET)
def test_nothing_is_said_of_it(text: str) -> None:
    assert judged(nodes(text)) == []


def test_the_company_is_free_of_errors_and_warnings() -> None:
    findings = load(ROOT / "config", at=date(2026, 10, 12), examples=True).findings
    assert [finding for finding in findings if finding.severity != "info"] == []


@pytest.mark.parametrize("name", packaged_flows())
def test_packaged_flows_are_free_of_findings(name: str) -> None:
    file, text = packaged_flows()[name]
    assert load_flow(text, file)[1] == []
    assert [finding for finding in judged(text) if finding.severity != "info"] == []


def test_a_counter_that_never_ends_is_told_of() -> None:
    text = (
        "begin: { set: { tries: '{{ 0 }}' }, next: ask }\n"
        "ask: { menu: 人工请按0。, on: { 0: bye, no_input: count } }\n"
        "count: { set: { tries: '{{ tries + 1 }}' }, next: enough }\n"
        "enough: { branch: [ { when: '{{ tries < 0 }}', next: bye } ], else: ask }\nbye: { hangup: normal }"
    )
    assert [finding.code for finding in judged(nodes(text))] == ["silent-loop"]
