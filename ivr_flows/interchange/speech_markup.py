"""SSML of other systems as ours (`ivr_flows.ssml`): what our language does not take is left out and reported, markup
that marks nothing becomes plain text."""

from __future__ import annotations

import re
from html import unescape

from ..findings import Text
from ..ssml import ELEMENTS, SPOKEN_OPTIONS, SsmlError, read_ssml
from .graph import Graph, Node

_TAG = re.compile(r"<(/?)([A-Za-z][\w:.-]{0,60})((?:[^<>\"']|\"[^\"]*\"|'[^']*'){0,400})>")
_ANY_TAG = re.compile(r"<[^<>]{0,400}>")
_ATTRIBUTE = re.compile(r"([\w:.-]{1,60})\s*=\s*(\"[^\"]*\"|'[^']*')")
_BARE_AMPERSAND = re.compile(r"&(?!(?:amp|lt|gt|quot|apos|#\d{1,7}|#x[0-9A-Fa-f]{1,6});)")
_NAMED = re.compile(r"&[A-Za-z]{2,30};")
_DECLARATION = re.compile(r"<\?[^<>]{0,400}\?>|<!--.*?-->", re.DOTALL)
_MARKS = re.compile(r"<(break|prosody|emphasis|say-as|sub|phoneme|lang|p|s|voice)\b[^<>]{0,400}>", re.IGNORECASE)
_EXPRESSION = re.compile(r"\{\{.*?\}\}", re.DOTALL)
PLAIN = frozenset({"speak"})


def is_marked(text: str) -> bool:
    """Whether ``text`` of another system is SSML: it begins with the root, or holds one of its elements."""
    return text.lstrip().lower().startswith("<speak") or _MARKS.search(text) is not None


def spoken_words(markup: str) -> str:
    """What is said, without tags."""
    return " ".join(unescape(_ANY_TAG.sub(" ", markup)).split())


def settle_markup(graph: Graph) -> None:
    """Make every marked prompt of ``graph`` one that our language takes."""
    for node in graph.nodes.values():
        if node.type in ("opaque", "message", "set", "branch"):
            continue
        if node.type == "play":
            _play(graph, node)
            continue
        for name, value in list(node.options.items()):
            if name in SPOKEN_OPTIONS and isinstance(value, str) and is_marked(value):
                node.options[name] = fitted(graph, node, value) or "…"


def _play(graph: Graph, node: Node) -> None:
    text = node.options.get("ssml", node.options.get(""))
    if not isinstance(text, str) or not ("ssml" in node.options or is_marked(text)) or "file" in node.options:
        return
    made = fitted(graph, node, text)
    node.options.pop("ssml", None)
    node.options.pop("", None)
    rest = dict(node.options)
    node.options.clear()
    if made.startswith("<speak"):
        node.options["ssml"] = made
    elif made:
        node.options[""] = made
    else:
        pause = pause_seconds(text) or 1.0
        node.type, rest = "wait", {"": f"{pause:g}s"}
    node.options.update(rest)


def fitted(graph: Graph, node: Node, markup: str) -> str:
    """``markup`` with the marks that our language has, beginning with ``<speak``; its plain words where it marks
    nothing or cannot be read; nothing where it says nothing."""
    origin = node.origin or node.key
    made = _known_marks(graph, origin, markup)
    try:
        read = read_ssml(made)
    except SsmlError as error:
        graph.lose(
            origin,
            "SSML",
            Text(f"keeps its words only: {error.message.en}", f"只保留文字：{error.message.zh}"),
        )
        return spoken_words(markup)
    if not read.words:
        return ""
    return made if {match[2] for match in _TAG.finditer(made)} - PLAIN else read.text


def pause_seconds(markup: str) -> float:
    """The length of all pauses together, as far as the markup can be read."""
    found = 0.0
    for match in _TAG.finditer(markup):
        if match[2].lower() == "break" and not match[1]:
            try:
                found += read_ssml(f"<speak>{match[0].rstrip('/>')}/></speak>").pause
            except SsmlError:
                continue
    return round(found, 2)


def _known_marks(graph: Graph, origin: str, markup: str) -> str:
    left_out: dict[str, None] = {}

    def keep(match: re.Match[str]) -> str:
        closing, name, rest = match[1], match[2].lower(), match[3]
        allowed = ELEMENTS.get(name)
        if allowed is None:
            left_out[f"<{match[2]}>"] = None
            return ""
        if closing:
            return f"</{name}>"
        kept = []
        for attribute, value in _ATTRIBUTE.findall(rest):
            if attribute not in allowed or (_EXPRESSION.search(value) and attribute != "alias"):
                if not attribute.startswith(("xmlns", "xsi:")) and attribute != "id":
                    left_out[f"<{name} {attribute}>"] = None
                continue
            if not attribute.startswith(("xmlns", "xsi:")):
                kept.append(f" {attribute}={value}")
        return f"<{name}{''.join(kept)}{'/' if rest.rstrip().endswith('/') else ''}>"

    expressions: list[str] = []

    def aside(match: re.Match[str]) -> str:
        expressions.append(match[0])
        return f"\x01{len(expressions) - 1}\x02"

    text = _EXPRESSION.sub(aside, _DECLARATION.sub("", markup))
    text = _NAMED.sub(_entity, text)
    text = _BARE_AMPERSAND.sub("&amp;", text)
    text = re.sub(r"\x01(\d+)\x02", lambda match: expressions[int(match[1])], text)
    text = _TAG.sub(keep, text).strip()
    if not text.startswith("<speak"):
        text = f"<speak>{text}</speak>"
    if left_out:
        listed = ", ".join(list(left_out)[:8])
        graph.lose(origin, "SSML", Text(f"is said without {listed}", f"播报时不含 {listed}"))
    return text


def _entity(match: re.Match[str]) -> str:
    """A character that HTML has a name for and XML has not."""
    if match[0] in ("&amp;", "&lt;", "&gt;", "&quot;", "&apos;"):
        return match[0]
    made = unescape(match[0])
    return made if made != match[0] else f"&amp;{match[0][1:]}"
