"""Amazon Connect: which of its two formats a file is in, and what it may be wrapped in."""

from __future__ import annotations

from typing import Any

from ..findings import Place, Text
from .connect_new import read_connect_new
from .connect_old import read_connect_old
from .graph import Graph
from .reading import items, mapping, read_json, refuse, word

_INNER = ("ContactFlow", "ContactFlowModule", "Content", "content", "ContactFlowContent", "contactFlow")
MAX_WRAPPING = 6


def read_connect(text: str, file: str, name: str) -> list[Graph]:
    """Every flow of a file: an export, the answer of an API that holds one, or a list of them."""
    graphs = _flows(read_json(text, file), file, name, 0)
    if not graphs:
        refuse(
            Place(file),
            Text(
                "This is no flow of Amazon Connect: it has neither `Actions` nor `modules`.",
                "这不是 Amazon Connect 流程：没有 `Actions` 也没有 `modules`。",
            ),
            Text("Export the flow in the console, or check the format's name.", "请在控制台导出流程，或检查格式名。"),
        )
    return graphs


def _flows(value: Any, file: str, name: str, depth: int) -> list[Graph]:
    if isinstance(value, str) and value.lstrip().startswith("{"):
        value = read_json(value, file)
    if isinstance(value, list):
        found: list[Graph] = []
        for number, each in enumerate(items(value)[:1000], 1):
            if isinstance(each, dict | str) and depth < MAX_WRAPPING:
                found += _flows(each, file, f"{name}_{number}", depth + 1)
        return found
    inner = mapping(value)
    if isinstance(inner.get("Actions"), list):
        return read_connect_new(inner, file, name)
    if isinstance(inner.get("modules"), list):
        return read_connect_old(inner, file, name)
    for key in _INNER:
        if key in inner and depth < MAX_WRAPPING:
            found = _flows(inner[key], file, word(inner.get("Name")) or name, depth + 1)
            if found:
                return found
    return []
