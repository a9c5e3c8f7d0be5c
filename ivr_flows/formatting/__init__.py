"""The formatter: one way to lay a YAML file out, comments and meaning kept.

It works on the text. A round trip through a library that keeps comments (ruamel.yaml) was left aside: it re-quotes
scalars and moves comments of reordered keys, and is one more reader of YAML beside the one that everything else here
uses. So values stand as their author wrote them; what changes is what stands between them: indentation, blank lines,
spaces in ``{ }`` and ``[ ]``, the order of keys where there is a canonical one, quotes of keys.

`format_text` gives the text laid out, or raises `NotFormattable`. It reads its own result again: had a value, the order
of what is ordered, or a comment changed, it would refuse.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from ..findings import Text
from ..yaml_source import Mapping, Scalar, Sequence, Value, read_text
from .emit import lay_out
from .order import Order, as_written, by_model, flow_order, scenario_order
from .tree import NotFormattable, comments_of, parse, refuse_odd, tokens_of

__all__ = ["NotFormattable", "Order", "as_written", "by_model", "flow_order", "format_text", "scenario_order"]


def format_text(text: str, file: str, order: Order = as_written) -> str:
    """``text`` laid out, the keys of its mappings as ``order`` says. Laying out the result changes nothing.

    Raises:
        NotFormattable: the text is no YAML that can be read, or holds what is not laid out (anchors, aliases, tags,
            several documents).
    """
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    refuse_odd(tokens_of(text))
    before = read_text(text, file)
    if before.root is None or any(finding.severity == "error" for finding in before.findings):
        first = before.findings[0]
        raise NotFormattable(first.message, first.cure, first.place.line)
    document = parse(text)
    formatted = lay_out(document, order)
    after = read_text(formatted, file)
    same = _meaning(before.root, order) == _meaning(after.root, order)
    if not same or Counter(comments_of(text)) != Counter(comments_of(formatted)):
        raise NotFormattable(
            Text("Laid out, the file would not say the same.", "排版后文件含义会改变。"),
            Text("Write the odd places in a plainer way.", "请把写法特殊的地方改得简单些。"),
        )
    return formatted


def _meaning(value: Value | None, order: Order, path: tuple[str, ...] = ()) -> Any:
    """The tree as values that are equal exactly if two texts say the same: keys that have a canonical order in that
    order, all others as they stand."""
    if isinstance(value, Scalar):
        return None if value.is_null else value.text
    if isinstance(value, Sequence):
        return [_meaning(item, order, (*path, "*")) for item in value.items]
    if isinstance(value, Mapping):
        keys = order(path, list(value.entries))
        return [(key, _meaning(value.entries[key], order, (*path, key))) for key in keys]
    return value
