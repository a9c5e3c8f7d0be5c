"""``bind`` changes one value in the text and nothing else, or says why not."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from router.configuration import load
from router.configuration.edit import EditError, TextChange, bind
from router.configuration.files_on_disk import WriteError

from .conftest import GOOD


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in GOOD.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    return tmp_path


HEAD = "# 路由，请勿删除\nlists: { blocked: ['13900000000'] }   # 名单\n\n"


def written(
    folder: Path, text: str, number: str = "400-600-5678", flow: str = "welcome", line: str | None = None
) -> str:
    """``text`` as ``routes.yaml``, bound and written; the lines that changed, as ``-old`` and ``+new``."""
    (folder / "routes.yaml").write_text(text, "utf-8")
    (folder / "lines.yaml").write_text(GOOD["lines.yaml"].replace("    default_number: 400-800-1234\n", ""), "utf-8")
    change = bind(folder, number, flow, line)
    assert (folder / "routes.yaml").read_text("utf-8") == text
    change.write()
    loaded = load(folder)
    assert loaded.configuration is not None
    route = loaded.configuration.routes["4006005678"]
    assert route.flow == flow
    assert line is None or route.line == line
    lines = change.diff.splitlines()[2:]
    return "\n".join(line for line in lines if line[0] in "+-")


@pytest.mark.parametrize(
    ("text", "line", "changed"),
    [
        (
            HEAD + "routes:\n  4006 005 678:      # 热线\n    line: bj\n    flow:   later    # 留言\n    rules: []\n",
            None,
            "-    flow:   later    # 留言\n+    flow:   welcome    # 留言",
        ),
        (
            HEAD + "routes:\n  400-600-5678:\n    line: 'bj'   # 北京\n\n  400-800-1234: { line: bj, flow: later }\n",
            None,
            "+    flow: welcome",
        ),
        (
            HEAD + 'routes:\n  400-600-5678:\n    line: bj\n    flow: "later"\n',
            "sh",
            '-    line: bj\n-    flow: "later"\n+    line: sh\n+    flow: welcome',
        ),
        (
            HEAD + "routes:\n  400-600-5678: { line: bj }   # 短\n",
            None,
            "-  400-600-5678: { line: bj }   # 短\n+  400-600-5678: { line: bj, flow: welcome }   # 短",
        ),
        (
            HEAD + "routes: { 400-800-1234: { line: bj, flow: later } }\n",
            "sh",
            "-routes: { 400-800-1234: { line: bj, flow: later } }\n"
            "+routes: { 400-800-1234: { line: bj, flow: later }, 400-600-5678: { line: sh, flow: welcome } }",
        ),
        (
            HEAD + "routes:\n  400-600-5678:   # 待定\n",
            "sh",
            "+    line: sh\n+    flow: welcome",
        ),
        (
            HEAD + "routes:\n    400-800-1234:\n        line: bj\n        flow: later\n\n# 末尾\n",
            "sh",
            "+    400-600-5678:\n+      line: sh\n+      flow: welcome",
        ),
        (
            HEAD + "routes:\n",
            "sh",
            "+  400-600-5678:\n+    line: sh\n+    flow: welcome",
        ),
        (
            "lists:\n  blocked: []",
            "sh",
            "-  blocked: []\n+  blocked: []\n+routes:\n+  400-600-5678:\n+    line: sh\n+    flow: welcome",
        ),
        (
            "routes:\n  400-600-5678:\n    flow:\n    line: bj\n",
            None,
            "-    flow:\n+    flow: welcome",
        ),
        (
            "routes:\n  400-600-5678:\n    rules:\n      - { flow: later }\n",
            "sh",
            "+    line: sh\n+    flow: welcome",
        ),
    ],
)
def test_only_the_route_changes(folder: Path, text: str, line: str | None, changed: str) -> None:
    assert written(folder, text, line=line) == changed


def test_binding_to_what_is_bound_changes_nothing(folder: Path) -> None:
    change = bind(folder, "400-800-1234", "welcome")
    assert change.diff == ""
    assert change.before == change.after


def test_windows_line_ends_and_a_byte_order_mark_stay(folder: Path) -> None:
    data = b"\xef\xbb\xbf" + GOOD["routes.yaml"].replace("\n", "\r\n").encode()
    (folder / "routes.yaml").write_bytes(data)
    bind(folder, "400-600-5678", "welcome").write()
    assert (folder / "routes.yaml").read_bytes() == data[::-1].replace(b"retal", b"emoclew", 1)[::-1]


@pytest.mark.parametrize(
    ("number", "flow", "line", "code", "cure"),
    [
        ("400-600-567", "welcome", None, "bad-number", ""),
        ("400-600-5679", "welcome", None, "unknown-number", "4006005678"),
        ("400-600-5678", "welcom", None, "unknown-name", "welcome"),
        ("400-600-5678", "welcome", "bjj", "unknown-name", "bj"),
    ],
)
def test_what_is_not_known_is_refused_with_the_nearest(
    folder: Path, number: str, flow: str, line: str | None, code: str, cure: str
) -> None:
    with pytest.raises(EditError) as caught:
        bind(folder, number, flow, line)
    assert caught.value.findings[0].code == code
    assert cure in caught.value.cure.en


def test_a_number_without_line_needs_one(folder: Path) -> None:
    (folder / "routes.yaml").write_text("routes: {}\nlists: { blocked: [] }\n")
    (folder / "lines.yaml").write_text(GOOD["lines.yaml"].replace("    default_number: 400-800-1234\n", ""), "utf-8")
    with pytest.raises(EditError) as caught:
        bind(folder, "400-600-5678", "welcome")
    assert "--line" in caught.value.cure.en


def test_a_change_that_would_not_pass_the_check_is_refused(folder: Path) -> None:
    (folder / "routes.yaml").write_text(GOOD["routes.yaml"].replace("list: blocked", "list: blockd"), "utf-8")
    with pytest.raises(EditError) as caught:
        bind(folder, "400-800-1234", "welcome", "sh")
    assert caught.value.findings[0].code == "unknown-name"


def test_the_default_number_of_a_line_may_be_moved_to_another(folder: Path) -> None:
    bind(folder, "400-800-1234", "welcome", "sh").write()
    loaded = load(folder)
    assert loaded.configuration is not None
    assert loaded.configuration.routes["4008001234"].line == "sh"
    assert [finding.code for finding in loaded.findings] == ["default-number-elsewhere"]


def test_an_anchor_is_not_edited_behind_its_authors_back(folder: Path) -> None:
    (folder / "routes.yaml").write_text(
        "routes:\n  400-800-1234: &same { line: bj, flow: later }\n  400-600-5678: *same\n"
    )
    with pytest.raises(EditError) as caught:
        bind(folder, "400-600-5678", "welcome")
    assert caught.value.findings[0].code == "not-editable"


def test_a_row_of_the_table_is_edited(folder: Path) -> None:
    text = GOOD["routes.yaml"].replace("  400-600-5678:\n    line: bj\n    flow: later\n", "")
    (folder / "routes.yaml").write_text(text, "utf-8")
    (folder / "routes.csv").write_text("number,line\n4006005678,bj\n")
    bind(folder, "400-600-5678", "later").write()
    assert (folder / "routes.csv").read_text() == "number,line,flow\n4006005678,bj,later\n"


def test_a_file_changed_meanwhile_is_not_overwritten(folder: Path) -> None:
    change = bind(folder, "400-600-5678", "welcome")
    (folder / "routes.yaml").write_text("routes: {}\n")
    with pytest.raises(WriteError):
        change.write()
    assert (folder / "routes.yaml").read_text() == "routes: {}\n"


def test_writing_leaves_no_other_file_and_keeps_the_mode(folder: Path) -> None:
    (folder / "routes.yaml").chmod(0o640)
    before = sorted(folder.iterdir())
    bind(folder, "400-600-5678", "welcome").write()
    assert sorted(folder.iterdir()) == before
    assert (folder / "routes.yaml").stat().st_mode & 0o777 == 0o640


def test_a_file_changed_while_the_new_one_is_written_is_not_overwritten(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    change = bind(folder, "400-600-5678", "welcome")
    flush = os.fsync
    by_hand = change.before + "# 手工修改\n".encode()

    def meanwhile(handle: int) -> None:
        flush(handle)
        change.file.write_bytes(by_hand)

    monkeypatch.setattr(os, "fsync", meanwhile)
    with pytest.raises(WriteError):
        change.write()
    assert change.file.read_bytes() == by_hand
    assert [found.name for found in folder.iterdir() if found.name.startswith(".")] == []


def test_a_file_that_came_meanwhile_is_not_overwritten(folder: Path) -> None:
    change = bind(folder, "400-600-5678", "welcome")
    fresh = TextChange(folder / "new.yaml", b"", b"routes: {}\n", "")
    (folder / "new.yaml").write_bytes(b"mine\n")
    with pytest.raises(WriteError):
        fresh.write()
    assert (folder / "new.yaml").read_bytes() == b"mine\n"
    change.write()
