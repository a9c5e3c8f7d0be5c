"""What changed between two contents, file by file, as a person reads it."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from ivr_flows.schema import plain
from ivr_flows.yaml_source import read_bytes

from .edits import Edit, edits_between
from .folder import is_flow_file

Change = Literal["added", "removed", "changed", "renamed"]
MAX_LINES = 2_000
MOST_EDITS = 200


@dataclass(frozen=True, slots=True)
class FileChange:
    """One file that differs. ``diff`` is a unified diff; ``meaning`` is false where only comments, order or layout
    of a YAML file changed; ``paths`` are the YAML paths of values that differ (``routes.400-800-1234.flow``), the
    first few; ``edits`` what changed by meaning, likewise. A flow file that came back under another name with the same
    content is ``renamed``."""

    file: str
    change: Change
    diff: str
    meaning: bool = True
    paths: tuple[str, ...] = ()
    edits: tuple[Edit, ...] = ()
    renamed_from: str | None = None

    def as_json(self) -> dict[str, object]:
        """The change as ``plan --json`` prints it among ``changes``."""
        return {
            "file": self.file,
            "change": self.change,
            "meaning": self.meaning,
            "paths": list(self.paths),
            "edits": [edit.as_json() for edit in self.edits],
            "renamed_from": self.renamed_from,
            "diff": self.diff,
        }


def text_changes(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> list[FileChange]:
    """Files added, removed or changed from ``before`` to ``after``, sorted by name. Never raises."""
    changes: list[FileChange] = []
    renamed = _renamed_flows(before, after)
    for file in sorted({*before, *after}):
        old, new = before.get(file), after.get(file)
        if old == new or file in renamed.values():
            continue
        if file in renamed:
            origin = renamed[file]
            changes.append(FileChange(file, "renamed", unified(file, before[origin], new), renamed_from=origin))
            continue
        kind: Change = "added" if old is None else "removed" if new is None else "changed"
        meaning, paths, edits = _meaning(file, old, new)
        changes.append(FileChange(file, kind, unified(file, old, new), meaning, paths, edits))
    return changes


def _renamed_flows(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> dict[str, str]:
    """New file → old file of flows that hold the same but for their name."""
    gone = [file for file in before if file not in after and is_flow_file(file)]
    come = [file for file in after if file not in before and is_flow_file(file)]
    if not gone or not come:
        return {}
    trees = {file: _nameless(before[file]) for file in gone}
    found: dict[str, str] = {}
    for file in come:
        tree = _nameless(after[file])
        origin = next((old for old in gone if old not in found.values() and trees[old] == tree), None)
        if tree is not None and origin is not None:
            found[file] = origin
    return found


def _nameless(data: bytes) -> dict[str, object] | None:
    tree = plain(read_bytes(data, "flow").root)
    return {key: value for key, value in tree.items() if key != "flow"} if isinstance(tree, dict) else None


def unified(file: str, old: bytes | None, new: bytes | None) -> str:
    """The unified diff of one file, without a trailing newline; cut after `MAX_LINES` lines, saying so."""
    lines = [
        line.rstrip("\n")
        for line in difflib.unified_diff(
            _lines(old),
            _lines(new),
            "/dev/null" if old is None else f"a/{file}",
            "/dev/null" if new is None else f"b/{file}",
        )
    ]
    if len(lines) > MAX_LINES:
        lines = [*lines[:MAX_LINES], f"… {len(lines) - MAX_LINES} more lines"]
    return "\n".join(lines)


def _lines(data: bytes | None) -> list[str]:
    return [] if data is None else data.decode("utf-8-sig", "replace").splitlines(keepends=True)


def _meaning(file: str, old: bytes | None, new: bytes | None) -> tuple[bool, tuple[str, ...], tuple[Edit, ...]]:
    if old is None or new is None or not file.endswith(".yaml"):
        return True, (), ()
    trees = [read_bytes(data, file).root for data in (old, new)]
    if None in trees:
        return True, (), ()
    paths: list[str] = []
    left, right = (plain(tree) for tree in trees)
    _compare(left, right, "", paths)
    edits = tuple(edits_between(left, right)[:MOST_EDITS])
    return left != right or _order_differs(left, right), tuple(paths[:20]), edits


def _compare(left: object, right: object, path: str, paths: list[str]) -> None:
    if left == right:
        return
    if isinstance(left, dict) and isinstance(right, dict):
        for key in dict.fromkeys([*left, *right]):
            if left.get(key, _compare) != right.get(key, _compare):
                inner = f"{path}.{key}" if path else str(key)
                if key in left and key in right:
                    _compare(left[key], right[key], inner, paths)
                else:
                    paths.append(inner)
    elif isinstance(left, list) and isinstance(right, list) and len(left) == len(right):
        for index, (one, other) in enumerate(zip(left, right, strict=True)):
            _compare(one, other, f"{path}[{index}]", paths)
    else:
        paths.append(path)


def _order_differs(left: object, right: object) -> bool:
    """Whether mappings list their keys in another order: it means something in ``split:`` and ``share:``."""
    if isinstance(left, dict) and isinstance(right, dict):
        for key in left:
            if key in ("split", "share") and isinstance(left[key], dict) and list(left[key]) != list(right[key]):
                return True
            if _order_differs(left[key], right[key]):
                return True
    elif isinstance(left, list) and isinstance(right, list):
        return any(_order_differs(one, other) for one, other in zip(left, right, strict=True))
    return False
