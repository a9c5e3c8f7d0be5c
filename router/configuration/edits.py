"""What changed inside a YAML file, by meaning: values added, removed, changed, moved, and names that became others.

Flows, nodes, lines, queues and rules are recognised by what they hold when their name is another; places that named
them by the old name are no further change.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Literal

from ivr_flows.schema import Refusal

from .number_values import read_number

EditKind = Literal["added", "removed", "changed", "renamed", "moved"]
_SHOWN = 80
_NAMED = ("name", "number", "id")
"""Keys by which an entry of a list is known."""


@dataclass(frozen=True, slots=True)
class Edit:
    """One change. ``path`` is where it stands now (where it stood, of what is removed); ``before`` and ``after`` are
    the values in short, of a rename the names."""

    path: str
    kind: EditKind
    before: str | None = None
    after: str | None = None

    def as_json(self) -> dict[str, object]:
        """As ``plan --json`` prints it among ``edits``."""
        return {"path": self.path, "kind": self.kind, "before": self.before, "after": self.after}


def edits_between(before: Any, after: Any) -> list[Edit]:
    """What leads from one tree of plain values to the other."""
    renames: dict[str, str] = {}
    list(_walk(before, after, "", renames))  # finds the names that became others, wherever they stand
    return list(_walk(before, after, "", renames))


def _walk(before: Any, after: Any, path: str, renames: dict[str, str]) -> Iterator[Edit]:
    if before == after:
        return
    if isinstance(before, dict) and isinstance(after, dict):
        yield from _mappings(before, after, path, renames)
    elif isinstance(before, list) and isinstance(after, list):
        yield from _lists(before, after, path, renames)
    elif not (isinstance(before, str) and renames.get(before) == after):
        yield Edit(path, "changed", _short(before), _short(after))


def _mappings(
    before: Mapping[Any, Any], after: Mapping[Any, Any], path: str, renames: dict[str, str]
) -> Iterator[Edit]:
    gone = [key for key in before if key not in after]
    come = [key for key in after if key not in before]
    pairs = _respelled(gone, come)
    renamed = _renamed({key: before[key] for key in gone if key not in pairs}, _without(after, come, pairs.values()))
    for key in after:
        inner = f"{path}.{key}" if path else str(key)
        if key in before:
            yield from _walk(before[key], after[key], inner, renames)
        elif (old := _key_of(pairs, key)) is not None:
            yield from _walk(before[old], after[key], inner, renames)
        elif (old := _key_of(renamed, key)) is not None:
            renames[str(old)] = str(key)
            yield Edit(inner, "renamed", str(old), str(key))
            yield from _walk(before[old], after[key], inner, renames)
        else:
            yield Edit(inner, "added", None, _short(after[key]))
    for key in gone:
        if key not in pairs and key not in renamed:
            yield Edit(f"{path}.{key}" if path else str(key), "removed", _short(before[key]), None)


def _without(mapping: Mapping[Any, Any], keys: Sequence[Any], taken: Any) -> dict[Any, Any]:
    used = set(taken)
    return {key: mapping[key] for key in keys if key not in used}


def _key_of(pairs: Mapping[Any, Any], wanted: Any) -> Any:
    return next((old for old, new in pairs.items() if new == wanted), None)


def _respelled(gone: Sequence[Any], come: Sequence[Any]) -> dict[Any, Any]:
    """Keys that are one number in another spelling."""
    by_number = {number: key for key in come if (number := _number(key)) is not None}
    return {key: by_number[number] for key in gone if (number := _number(key)) in by_number and number is not None}


def _number(key: object) -> str | None:
    try:
        return read_number(key)
    except Refusal:
        return None


def _renamed(gone: Mapping[Any, Any], come: Mapping[Any, Any]) -> dict[Any, Any]:
    """Old name → new name of entries that hold the same, but for names that are others themselves; of one that went
    and one that came, also when they hold mostly the same."""
    names = {str(key) for key in (*gone, *come)}
    found: dict[Any, Any] = {}
    left = dict(come)
    for old, value in gone.items():
        if not isinstance(value, dict | list) or not value:
            continue
        masked = _masked(value, names)
        same = next((new for new, other in left.items() if _masked(other, names) == masked), None)
        if same is not None:
            found[old] = same
            del left[same]
    rest = [key for key in gone if key not in found]
    if len(rest) == 1 and len(left) == 1:
        old, new = rest[0], next(iter(left))
        if _alike(_masked(gone[old], names), _masked(left[new], names)):
            found[old] = new
    return found


def _masked(value: Any, names: set[str]) -> Any:
    if isinstance(value, dict):
        return {key: _masked(item, names) for key, item in value.items()}
    if isinstance(value, list):
        return [_masked(item, names) for item in value]
    return "\0" if isinstance(value, str) and value in names else value


def _alike(one: Any, other: Any) -> bool:
    """Whether more than half of what two mappings hold is the same."""
    if not isinstance(one, dict) or not isinstance(other, dict) or not one:
        return False
    shared = sum(1 for key, value in one.items() if key in other and other[key] == value)
    return shared * 2 > max(len(one), len(other)) or (shared * 2 == max(len(one), len(other)) and shared > 0)


def _lists(before: Sequence[Any], after: Sequence[Any], path: str, renames: dict[str, str]) -> Iterator[Edit]:
    names = [_name(item) for item in before], [_name(item) for item in after]
    if all(name is not None for side in names for name in side) and all(len(set(side)) == len(side) for side in names):
        yield from _named(
            dict(zip(names[0], before, strict=True)), dict(zip(names[1], after, strict=True)), path, renames
        )
        return
    if len(before) == len(after) and not all(isinstance(item, str) for item in (*before, *after)):
        for index, (one, other) in enumerate(zip(before, after, strict=True)):
            yield from _walk(one, other, f"{path}[{index}]", renames)
        return
    texts = (
        [_key(renames.get(item, item) if isinstance(item, str) else item) for item in before],
        [_key(i) for i in after],
    )
    for tag, low, high, new_low, new_high in SequenceMatcher(None, *texts, autojunk=False).get_opcodes():
        if tag != "equal":
            for index in range(low, high):
                yield Edit(f"{path}[{index}]", "removed", _short(before[index]), None)
            for index in range(new_low, new_high):
                yield Edit(f"{path}[{index}]", "added", None, _short(after[index]))


def _named(before: Mapping[Any, Any], after: Mapping[Any, Any], path: str, renames: dict[str, str]) -> Iterator[Edit]:
    """Entries with a name of their own, such as rules: by name, whatever their order."""
    gone = {key: _nameless(item) for key, item in before.items() if key not in after}
    come = {key: _nameless(item) for key, item in after.items() if key not in before}
    renamed = _renamed(gone, come)
    for key, item in after.items():
        inner = f"{path}[{key}]"
        if key in before:
            yield from _walk(_nameless(before[key]), _nameless(item), inner, renames)
        elif (old := _key_of(renamed, key)) is not None:
            renames[str(old)] = str(key)
            yield Edit(inner, "renamed", str(old), str(key))
            yield from _walk(gone[old], come[key], inner, renames)
        else:
            yield Edit(inner, "added", None, _short(item))
    for key, item in before.items():
        if key in gone and key not in renamed:
            yield Edit(f"{path}[{key}]", "removed", _short(item), None)
    order = [renamed.get(key, key) for key in before if renamed.get(key, key) in after]
    kept = [key for key in after if key in set(order)]
    if order != kept:
        yield Edit(path, "moved", ", ".join(map(str, order)), ", ".join(map(str, kept)))


def _name(item: Any) -> str | None:
    if not isinstance(item, dict):
        return None
    for key in _NAMED:
        value = item.get(key)
        if isinstance(value, str):
            return (_number(value) or value) if key == "number" else value
    return None


def _nameless(item: Mapping[Any, Any]) -> dict[Any, Any]:
    first = next((key for key in _NAMED if isinstance(item.get(key), str)), None)
    return {key: value for key, value in item.items() if key != first}


def _key(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else _key(value)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"
