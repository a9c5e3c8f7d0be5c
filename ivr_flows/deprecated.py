"""Keys that flows may still be written with and should no longer be: read as their names of today, reported, and
renamed by ``line400 check --fix``.

``say`` and ``goto`` are what other systems call ``play`` and ``next``, ``max_length`` and ``min_length`` the vendor's
words for the digits of an entry.
"""

from __future__ import annotations

from .findings import Finding, Text
from .yaml_source import Document, Mapping, Scalar

KEYS = {"say": "play", "goto": "next", "max_length": "max_digits", "min_length": "min_digits"}
"""Key of a node, or of the options inside its type → its name of today."""


def rename_deprecated(document: Document) -> list[Finding]:
    """Give deprecated keys in the nodes of ``document`` their names of today; a finding for each."""
    nodes = document.root.get("nodes") if isinstance(document.root, Mapping) else None
    findings: list[Finding] = []
    for node in nodes.entries.values() if isinstance(nodes, Mapping) else ():
        if not isinstance(node, Mapping) or KEYS.keys().isdisjoint(_keys(node)):
            continue
        _rename(node, findings)
        for value in node.entries.values():
            if isinstance(value, Mapping):
                _rename(value, findings)
    return findings


def _keys(node: Mapping) -> set[str]:
    return {
        *node.entries,
        *(key for value in node.entries.values() if isinstance(value, Mapping) for key in value.keys),
    }


def _rename(mapping: Mapping, findings: list[Finding]) -> None:
    for old in [key for key in mapping.entries if key in KEYS and KEYS[key] not in mapping.entries]:
        new = KEYS[old]
        place = mapping.place_of(old)
        mapping.entries = {new if key == old else key: value for key, value in mapping.entries.items()}
        mapping.keys = {
            new if key == old else key: Scalar(new, place) if key == old else scalar
            for key, scalar in mapping.keys.items()
        }
        findings.append(
            Finding(
                "warning",
                "deprecated-key",
                place,
                Text(f"`{old}` is the old name of `{new}`.", f"`{old}` 是 `{new}` 的旧名称。"),
                Text(
                    f"Write `{new}:`; `line400 check --fix` does it.",
                    f"请改为 `{new}:`（`line400 check --fix` 可自动修改）。",
                ),
            )
        )
