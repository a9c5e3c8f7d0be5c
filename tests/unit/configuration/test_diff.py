"""What changed between two contents."""

from __future__ import annotations

from router.configuration.diff import text_changes


def test_added_removed_and_changed_files_come_sorted() -> None:
    changes = text_changes({"b.yaml": b"x: 1\n", "c.yaml": b"y: 1\n"}, {"a.yaml": b"z: 1\n", "c.yaml": b"y: 2\n"})
    assert [(change.file, change.change) for change in changes] == [
        ("a.yaml", "added"),
        ("b.yaml", "removed"),
        ("c.yaml", "changed"),
    ]
    assert changes[0].diff == "--- /dev/null\n+++ b/a.yaml\n@@ -0,0 +1 @@\n+z: 1"


def test_the_same_content_is_no_change() -> None:
    assert text_changes({"a.yaml": b"x"}, {"a.yaml": b"x"}) == []


def test_paths_name_the_values_that_differ() -> None:
    before = b"routes:\n  400-800-1234:\n    flow: a\n    rules:\n      - { name: n, flow: x }\n"
    after = b"routes:\n  400-800-1234:\n    flow: b\n    rules:\n      - { name: n, flow: y }\n"
    after += b"  400-600-5678: { flow: c }\n"
    assert text_changes({"routes.yaml": before}, {"routes.yaml": after})[0].paths == (
        "routes.400-800-1234.flow",
        "routes.400-800-1234.rules[0].flow",
        "routes.400-600-5678",
    )


def test_comments_and_layout_are_told_from_meaning() -> None:
    before = {"a.yaml": b"x: 1\ny: 2\n"}
    assert text_changes(before, {"a.yaml": b"x: 1 # one\ny:   2\n"})[0].meaning is False
    assert text_changes(before, {"a.yaml": b"y: 2\nx: 1\n"})[0].meaning is False
    assert text_changes(before, {"a.yaml": b"x: 1\ny: 3\n"})[0].meaning is True


def test_the_order_of_a_split_has_a_meaning() -> None:
    before, after = b"r:\n  split: { a: 50, b: 50 }\n", b"r:\n  split: { b: 50, a: 50 }\n"
    assert text_changes({"a.yaml": before}, {"a.yaml": after})[0].meaning is True


def test_what_is_no_yaml_is_compared_as_text() -> None:
    assert text_changes({"a.yaml": b"x: ["}, {"a.yaml": b"x: [\xff"})[0].change == "changed"
