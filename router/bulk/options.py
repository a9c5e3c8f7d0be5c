"""The rest of a route in one cell: rules, hunting, caps and whatever else ``routes.yaml`` may say of it.

The cell holds YAML on one line. It is kept as JSON, which is YAML too, with every value a text: what values mean is the
schema's matter, in a file as in a cell.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from ivr_flows.findings import Text
from ivr_flows.schema import Refusal, plain, read_model
from ivr_flows.yaml_source import Document, read_text
from ivr_flows.yaml_source import Mapping as Tree
from router.configuration.number_values import read_number
from router.configuration.route_schemas import RouteEntry

from .columns import BINDING

_BREAKS = re.compile("[\x7f-\x9f\u2028\u2029\ufeff]")


def read_options(text: str) -> str:
    """The cell ``text`` as it is kept. Raises `Refusal` for what is no route's rest."""
    document = read_text(text, "options")
    root = document.root
    if document.findings or not isinstance(root, Tree):
        why = document.findings[0].message if document.findings else None
        raise Refusal(
            why or Text("The cell holds no keys and values.", "单元格内容不是键和值。"),
            Text(
                "Write it as in routes.yaml on one line, such as {rules: [{when: {share: 20}, flow: sales}]}.",
                "请按 routes.yaml 的写法写在一行里，如 {rules: [{when: {share: 20}, flow: sales}]}。",
            ),
            "bad-options",
        )
    for key in BINDING:
        if key in root.entries:
            raise Refusal(
                Text(f"`{key}` has a column of its own.", f"`{key}` 有单独的列。"),
                Text("Write it there.", "请写在那一列。"),
                "bad-options",
            )
    _, findings = read_model(RouteEntry, Document("options", root), root)
    if findings:
        raise Refusal(findings[0].message, findings[0].cure, findings[0].code)
    return written(plain(root)) if root.entries else ""


def written(options: Mapping[str, Any]) -> str:
    """``options`` as one line of JSON."""
    text = json.dumps(options, ensure_ascii=False)
    return _BREAKS.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def entries_of(options: str) -> list[tuple[str, str]]:
    """The keys of kept ``options``, each with its value on one line."""
    return [(key, written(value)) for key, value in json.loads(options).items()] if options else []


def options_in(routes: Document | None) -> dict[str, str]:
    """Of every route in the tree of ``routes.yaml``: its options, by number; none where a route has none."""
    root = routes.root if routes is not None else None
    section = root.get("routes") if isinstance(root, Tree) else None
    found: dict[str, str] = {}
    for key, value in section.entries.items() if isinstance(section, Tree) else ():
        if isinstance(value, Tree):
            rest = {name: plain(item) for name, item in value.entries.items() if name not in BINDING}
            if rest:
                found[read_number(key)] = written(rest)
    return found
