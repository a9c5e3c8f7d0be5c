"""Findings that an author accepts with a reason, and what is wrong with such comments."""

from __future__ import annotations

import pytest

from .rule_pages import judged

LOOP = "ask: { menu: 人工请按0。, on: { 0: bye, no_input: ask } }"
FLOW = "flow: example\nnodes:\n{above}  " + LOOP + "{beside}\n  bye: {{ hangup: normal }}\n"
GOOD = "# line400: allow silent-loop because the line is for testing"


def codes(above: str = "", beside: str = "") -> list[str]:
    text = FLOW.replace("{above}", f"  {above}\n" if above else "").replace("{beside}", f" {beside}" if beside else "")
    return [finding.code for finding in judged(text.replace("{{", "{").replace("}}", "}"))]


def test_the_flow_has_one_finding() -> None:
    assert codes() == ["silent-loop"]


@pytest.mark.parametrize(
    "comment",
    [
        GOOD,
        "# line400: allow silent-loop 因为 这是测试线路",
        "# line400: allow silent-loop: it is for testing",
        "#line400: allow silent-loop because it is meant",
    ],
)
def test_a_comment_with_a_reason_allows_the_finding_of_its_node(comment: str) -> None:
    assert codes(above=comment) == []
    assert codes(beside=comment) == []


def test_between_the_comment_and_the_node_other_comments_may_stand() -> None:
    assert codes(above=GOOD + "\n  # the test menu") == []


def test_it_covers_the_whole_node_and_only_this_node() -> None:
    text = (
        "flow: example\nnodes:\n"
        "  # line400: allow silent-loop because it is meant\n"
        "  one:\n    menu: 人工请按0。\n    on:\n      0: two\n      no_input: one\n"
        "  two:\n    menu: 人工请按0。\n    on:\n      0: bye\n      no_input: two\n"
        "  bye: { hangup: normal }\n"
    )
    assert [(finding.code, finding.place.line) for finding in judged(text)] == [("silent-loop", 13)]


def test_without_a_reason_it_allows_nothing_and_is_a_finding() -> None:
    assert sorted(codes(above="# line400: allow silent-loop")) == ["allow-without-reason", "silent-loop"]
    assert sorted(codes(beside="# line400: allow silent-loop because")) == ["allow-without-reason", "silent-loop"]


def test_one_that_allows_nothing_is_a_finding() -> None:
    assert sorted(codes(above="# line400: allow dead-end because it is meant")) == ["allow-unused", "silent-loop"]
    assert codes(beside=f"{GOOD}").count("allow-unused") == 0


def test_an_unknown_rule_is_answered_with_the_nearest() -> None:
    text = "flow: example\nnodes:\n  # line400: allow silent-lop because x\n  bye: { hangup: normal }\n"
    (finding,) = judged(text)
    assert finding.code == "allow-unused"
    assert "silent-loop" in finding.cure.en


def test_a_comment_that_is_not_understood_is_a_finding() -> None:
    assert sorted(codes(above="# line400: ignore silent-loop")) == ["allow-not-understood", "silent-loop"]


def test_what_does_not_run_cannot_be_allowed() -> None:
    text = "flow: example\nnodes:\n  a: { play: 您好。, next: b } # line400: allow unknown-node because later\n"
    assert sorted(finding.code for finding in judged(text)) == ["allow-unused", "unknown-node"]


def test_a_text_that_looks_like_the_comment_is_none() -> None:
    text = 'flow: example\nnodes:\n  a: { play: "写作 # line400: allow silent-loop 的注释" }\n'
    assert judged(text) == []


def test_several_codes_are_separated_by_commas() -> None:
    text = (
        "flow: example\nnodes:\n"
        "  ask: { menu: 人工请按0。, on: { 0: bye, 2: bye, no_input: ask } } "
        "# line400: allow silent-loop, key-not-offered because it is a test\n"
        "  bye: { hangup: normal }\n"
    )
    assert judged(text) == []
