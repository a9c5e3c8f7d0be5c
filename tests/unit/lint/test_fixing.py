"""Cures by rule: what they change, and that they change nothing else."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ivr_flows.lint.fixing import apply_edits, edits_for, fix_text
from router.app.fixing import fix

from .rule_pages import judged

BYE = "\n  bye: { hangup: normal }\n"
CURED = [
    ("a: { say: 您好。, goto: bye }", "a: { play: 您好。, next: bye }"),
    (
        "a: { gather: { prompt: 请输入。, max_length: 4 }, on: { ok: bye, no_input: bye } }",
        "a: { gather: { prompt: 请输入。, max_digits: 4 }, on: { ok: bye, no_input: bye } }",
    ),
    ('a: { play: "您好${company}", next: bye }', 'a: { play: "您好{{ company }}", next: bye }'),
    ("a: { play: 您好{company}。, next: bye }", None),
    (
        "a: { gather: 请输入。, on: { ok: b, no_input: bye } }\n"
        "  b: { branch: [ { when: '{{ digits >= 3 }}', next: bye } ], else: bye }",
        "a: { gather: 请输入。, on: { ok: b, no_input: bye } }\n"
        "  b: { branch: [ { when: '{{ digits | int >= 3 }}', next: bye } ], else: bye }",
    ),
    (
        "a: { gather: 请输入。, on: { ok: b, no_input: bye } }\n"
        "  b: { branch: [ { when: '{{ 3 < digits }}', next: bye } ], else: bye }",
        "a: { gather: 请输入。, on: { ok: b, no_input: bye } }\n"
        "  b: { branch: [ { when: '{{ 3 < digits | int }}', next: bye } ], else: bye }",
    ),
    ("a: { menu: 请按1, on: { １: bye, no_input: bye } }", 'a: { menu: 请按1, on: { "1": bye, no_input: bye } }'),
    (
        "a: { play: 您好。, next: bye } # line400: allow dead-end because it is meant",
        "a: { play: 您好。, next: bye }",
    ),
    ("a: { menu: 请按1, on: { 1: bye, no_input: a } }", None),
]


def text_of(nodes: str) -> str:
    return f"flow: example\nnodes:\n  {nodes}{BYE}"


@pytest.mark.parametrize(("before", "after"), CURED)
def test_a_cure_changes_what_is_wrong_and_nothing_else(before: str, after: str | None) -> None:
    text = text_of(before)
    for _ in range(3):
        text, _ = fix_text(text, judged(text))
    assert text == text_of(before if after is None else after)
    if after is not None:
        assert judged(text) == []


def test_a_bare_hash_gets_its_quotes() -> None:
    on = "    on:\n      #: bye\n      1: bye\n      no_input: bye"
    text = "flow: example\nnodes:\n  a:\n    menu: 返回请按井号键\n" + on + BYE
    after, cured = fix_text(text, judged(text))
    assert [finding.code for finding in cured] == ["hash-not-quoted"]
    assert '      "#": bye\n' in after


def test_an_edit_whose_text_is_no_longer_there_is_left_out() -> None:
    text = text_of("a: { say: 您好。, goto: bye }")
    edits = [edit for finding in judged(text) for edit in edits_for(finding, text)]
    assert len(edits) == 2
    assert apply_edits(text.replace("say", "sag"), edits).count("sag") == 1


def test_files_are_written_with_their_mark_and_only_where_something_is_cured(tmp_path: Path) -> None:
    file = tmp_path / "a.flow.yaml"
    file.write_bytes(b"\xef\xbb\xbf" + text_of("a: { say: 您好。, goto: bye }").encode())
    found = judged(text_of("a: { say: 您好。, goto: bye }"))
    moved = [replace(finding, place=replace(finding.place, file=str(file))) for finding in found]
    assert {item.as_json()["code"] for item in fix(moved)} == {"deprecated-key"}
    assert file.read_bytes() == b"\xef\xbb\xbf" + text_of("a: { play: 您好。, next: bye }").encode()
    assert fix([]) == []
