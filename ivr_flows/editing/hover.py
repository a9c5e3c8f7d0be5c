"""What an editor shows for the word under the cursor: a node with what is heard there, or what a key means."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..descriptions import FLOW_KEYS, NODES, WAYS, describe_branch, describe_option
from ..expressions import ExpressionError, names_used
from ..findings import Language, Text
from ..flow_schema import options_of
from ..lint.facts import HEARD
from ..nodes import NodeType
from ..yaml_source import Document, Mapping, Scalar, Sequence, Value
from .occurrences import Span, kind_of, nodes_of, occurrence_at, option_of, span_of, targets_of

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """``text`` in Markdown for what stands at ``span``."""

    text: str
    span: Span


def hover(document: Document, line: int, column: int, language: Language = "zh") -> Shown | None:
    """What to show at the cursor; None where there is nothing to say."""
    occurrence = occurrence_at(document, line, column)
    if occurrence is not None:
        nodes = nodes_of(document.root)
        node = nodes.get(occurrence.name) if nodes else None
        if node is not None:
            return Shown(node_card(document, occurrence.name, node, language), occurrence.span)
    lines = document.text.split("\n")
    for path, scalar, is_key in _words(document.root, ()):
        span = span_of(scalar, lines)
        if span is None or not span.holds(line, column):
            continue
        text = _key(document, path, language) if is_key else _texts_in(document, scalar.text)
        if text:
            return Shown(text, span)
    return None


def node_card(document: Document, name: str, node: Value, language: Language) -> str:
    """A node in Markdown: its type, what is heard there, where it leads."""
    kind = kind_of(node)
    title = f"**{name}**"
    if kind is None:
        return title
    parts = [f"{title} · `{kind.name}` · {NODES[kind.name].to(language)}" if kind.name in NODES else title]
    parts.extend(f"> {words}" for words in heard_in(document, node, kind))
    ways = [f"- `{branch}` → `{target.text}`" for branch, target in targets_of(node)]
    if ways:
        parts.append("\n".join(ways))
    return "\n\n".join(parts)


def heard_in(document: Document, node: Value, kind: NodeType) -> Iterator[str]:
    """What a caller hears in a node, `texts` in every language."""
    for option in HEARD:
        value = option_of(node, kind, option)
        if isinstance(value, Scalar) and not value.is_null and option in options_of(kind):
            yield _shown(value.text)
            said = _texts_in(document, value.text)
            if said:
                yield said.replace("\n", "\n> ")


def _texts_in(document: Document, text: str) -> str:
    """The variants of the ``texts`` that ``text`` says."""
    root = document.root
    texts = root.get("texts") if isinstance(root, Mapping) else None
    if not isinstance(texts, Mapping):
        return ""
    try:
        used = [attribute for name, attribute in names_used(text) if name == "texts" and attribute]
    except ExpressionError:
        return ""
    found = []
    for name in dict.fromkeys(used):
        variants = texts.get(name)
        if isinstance(variants, Mapping):
            for code, said in variants.entries.items():
                if isinstance(said, Scalar):
                    found.append(f"`{name}` ({code}): {_shown(said.text)}")
    return "  \n".join(found)


def _key(document: Document, path: Path, language: Language) -> str:
    """What the key at ``path`` means."""
    if len(path) == 1:
        text = FLOW_KEYS.get(str(path[0]))
        return _explained(str(path[0]), text, language)
    if path[0] != "nodes" or len(path) < 3:
        return ""
    nodes = nodes_of(document.root)
    kind = kind_of(nodes.get(str(path[1]))) if nodes else None
    if kind is None:
        return ""
    key = str(path[-1])
    if len(path) == 3:
        if key == kind.name:
            return f"{_explained(key, NODES.get(key), language)}{_facts(kind, language)}"
        return _explained(key, WAYS.get(key) or describe_option(kind.name, key), language)
    if len(path) == 4 and path[2] == "on":
        return _explained(key, describe_branch(key), language)
    if len(path) == 4 and path[2] == kind.name and not kind.main_is_mapping:
        return _explained(key, describe_option(kind.name, key), language)
    if isinstance(path[-2], int) and kind.branches.ways == "inside":
        return _explained(key, describe_option(kind.name, key), language)
    return ""


def _explained(key: str, text: Text | None, language: Language) -> str:
    return f"`{key}` · {text.to(language)}" if text else ""


def _facts(kind: NodeType, language: Language) -> str:
    """The options and branches of a type, by name."""
    parts = []
    if options := ", ".join(f"`{name}`" for name in options_of(kind)):
        parts.append(f"{Text('options', '选项').to(language)}: {options}")
    if branches := ", ".join(f"`{name}`" for name in kind.branches.known):
        parts.append(f"{Text('branches', '分支').to(language)}: {branches}")
    return "".join(f"\n\n{part}" for part in parts)


def _shown(text: str) -> str:
    return " ".join(text.split())


def _words(value: Value | None, path: Path) -> Iterator[tuple[Path, Scalar, bool]]:
    """Every key and every scalar of the tree with its path."""
    if isinstance(value, Mapping):
        for name, inner in value.entries.items():
            yield (*path, name), value.keys[name], True
            yield from _words(inner, (*path, name))
    elif isinstance(value, Sequence):
        for index, inner in enumerate(value.items):
            yield from _words(inner, (*path, index))
    elif value is not None:
        yield path, value, False
