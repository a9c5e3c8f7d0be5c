"""What changed inside a YAML file, by meaning; names that became others are recognised."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.configuration.diff import text_changes
from router.configuration.edits import Edit, edits_between

FLOW = {
    "flow": "a",
    "start": "main",
    "nodes": {
        "main": {"menu": "按1", "on": {"1": "agent", "no_input": "bye"}},
        "agent": {"queue": "default", "on": {"answered": "bye", "timeout": "main"}},
        "bye": {"hangup": "normal"},
    },
}


def renamed(value: object, old: str, new: str) -> object:
    if isinstance(value, dict):
        return {new if key == old else key: renamed(item, old, new) for key, item in value.items()}
    return new if value == old else value


@pytest.mark.parametrize("node", ["main", "agent"])
def test_a_node_with_another_name_is_one_change_wherever_it_is_named(node: str) -> None:
    assert edits_between(FLOW, renamed(FLOW, node, "other")) == [Edit("nodes.other", "renamed", node, "other")]


def test_a_node_that_is_renamed_and_changed_is_both() -> None:
    after = renamed(FLOW, "agent", "people")
    assert isinstance(after, dict)
    after["nodes"]["people"] = {**after["nodes"]["people"], "queue": "sales"}
    assert edits_between(FLOW, after) == [
        Edit("nodes.people", "renamed", "agent", "people"),
        Edit("nodes.people.queue", "changed", "default", "sales"),
    ]


def test_a_line_with_another_name_is_a_rename() -> None:
    line = {"base_number": "010-88880001", "trunk": "bj"}
    assert edits_between({"lines": {"bj": line}}, {"lines": {"beijing": line}}) == [
        Edit("lines.beijing", "renamed", "bj", "beijing")
    ]


def rule(name: str, province: str, flow: str) -> dict[str, object]:
    return {"name": name, "when": {"caller": {"province": province}}, "flow": flow}


def test_rules_are_known_by_their_names() -> None:
    one, two, three = rule("一", "上海", "a"), rule("二", "北京", "b"), rule("三", "广东", "c")
    assert edits_between([one, two], [one, three, two]) == [
        Edit("[三]", "added", None, '{"flow": "c", "name": "三", "when": {"caller": {"province": "广东"}}}')
    ]
    assert edits_between([one, two], [two, one]) == [Edit("", "moved", "一, 二", "二, 一")]
    assert edits_between([one, two], [one, {**two, "flow": "c"}]) == [Edit("[二].flow", "changed", "b", "c")]
    assert edits_between([one, two], [one, {**two, "name": "贰"}]) == [Edit("[贰]", "renamed", "二", "贰")]


def test_another_spelling_of_a_number_is_no_change() -> None:
    before = {"routes": {"400-800-1234": {"line": "bj", "flow": "a"}}}
    after = {"routes": {"4008001234": {"line": "bj", "flow": "b"}}}
    assert edits_between(before, after) == [Edit("routes.4008001234.flow", "changed", "a", "b")]


def test_a_flow_file_with_another_name_is_a_rename() -> None:
    text = "flow: a\nnodes: { x: { hangup: normal } }\n"
    changes = text_changes(
        {"flows/a.flow.yaml": text.encode()}, {"flows/b.flow.yaml": text.replace("a\n", "b\n", 1).encode()}
    )
    assert [(change.file, change.change, change.renamed_from) for change in changes] == [
        ("flows/b.flow.yaml", "renamed", "flows/a.flow.yaml")
    ]


TREES = st.recursive(
    st.one_of(st.text("abc", max_size=3), st.integers(0, 3), st.booleans()),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text("abcdef", max_size=2), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(TREES, TREES)
def test_trees_that_differ_are_told_of_and_equal_ones_are_not(before: object, after: object) -> None:
    assert edits_between(before, before) == []
    if before != after:
        assert edits_between(before, after)
