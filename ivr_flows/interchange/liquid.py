"""Twilio Studio's Liquid templates as templates of ours.

| Studio | here |
|---|---|
| ``flow.variables.x``, ``flow.data.x``, ``trigger.parent.parameters.x`` | ``x`` |
| ``trigger.call.From``, ``contact.channel.address`` | ``caller.number`` |
| ``trigger.call.To``, ``flow.channel.address`` | ``called`` |
| ``widgets.NAME.Digits``, ``widgets.NAME.parsed.x`` | ``NAME_digits``, ``NAME.x`` |
"""

from __future__ import annotations

import re

from ..expressions import ExpressionError, parse
from ..findings import Text
from .graph import Graph
from .naming import member, number, quoted, variable

_OUTPUT = re.compile(r"\{\{-?(.{0,2000}?)-?\}\}|\{%-?\s*(.{0,2000}?)\s*-?%\}", re.DOTALL)
_PATH = re.compile(r"[A-Za-z_][\w-]*(?:\s*\.\s*[\w-]+|\[\s*\d+\s*\]|\[\s*[\"'][^\"'\]]+[\"']\s*\])*")
_STEP = re.compile(r"([\w-]+)|\[\s*[\"']?([^\"'\]]+?)[\"']?\s*\]")
_STRING = re.compile(r"\"[^\"]*\"|'[^']*'")
_WORDS = {"and", "or", "not", "in", "nil", "null", "true", "false", "blank", "empty", "contains"}
_FILTERS = {
    "downcase": "lower",
    "upcase": "upper",
    "capitalize": "capitalize",
    "strip": "trim",
    "size": "length",
    "default": "default",
    "replace": "replace",
    "first": "first",
    "last": "last",
    "join": "join",
    "round": "round",
    "abs": "abs",
    "escape": "e",
    "url_encode": "urlencode",
    "to_json": "tojson",
    "json": "tojson",
    "sort": "sort",
    "reverse": "reverse",
    "uniq": "unique",
    "number": "int",
}
_OPERATORS = {"append": "~", "plus": "+", "minus": "-", "times": "*", "divided_by": "/", "modulo": "%"}
_TAGS = {"endif": "endif", "else": "else", "endfor": "endfor", "endunless": "endif"}

CALL = {"From": "caller.number", "To": "called", "Caller": "caller.number", "Called": "called"}
_BARE = {**CALL, "Digits": "last"}


def template(text: str, graph: Graph, node: str = "", parameter: str = "") -> str:
    """``text`` as a template of ours. What cannot be mapped is kept as words and reported."""
    if "{{" not in text and "{%" not in text and "{#" not in text:
        return text
    failed: list[str] = []

    def change(match: re.Match[str]) -> str:
        output, tag = match.groups()
        made = _output(output, graph) if output is not None else _tag(tag or "", graph)
        if made is None:
            failed.append(match.group())
            return f"[{re.sub(r'[{}%#]', '', match.group()).strip()}]"
        return made

    made = _OUTPUT.sub(change, text)
    try:
        parse(made)
    except ExpressionError:
        failed.append(text)
        made = re.sub(r"\{\{|\{%|\{#", "[", re.sub(r"\}\}|%\}|#\}", "]", text))
    for each in failed:
        graph.lose(
            node, parameter, Text(f"`{each[:60]}` cannot be expressed here", f"`{each[:60]}` 无法用这里的模板表达")
        )
    return made


def expression(text: str, graph: Graph) -> str:
    """A parameter as an expression: the inner one where it is exactly one output, else a text."""
    stripped = text.strip()
    if stripped.startswith("{{") and stripped.endswith("}}") and stripped.count("{{") == 1:
        made = _inner(stripped[2:-2].strip("- "), graph)
        if made is not None:
            return made
    if "{{" not in text:
        return quoted(text)
    made_text = template(text, graph)
    parts = [part for part in re.split(r"(\{\{.*?\}\})", made_text) if part]
    return " ~ ".join(f"({part[2:-2].strip()})" if part.startswith("{{") else quoted(part) for part in parts)


def _output(text: str, graph: Graph) -> str | None:
    inner = _inner(text.strip(), graph)
    return None if inner is None else "{{ " + inner + " }}"


def _inner(text: str, graph: Graph) -> str | None:
    """``path | filter: argument | …``."""
    parts = _split(text, "|")
    made = _value(parts[0].strip(), graph)
    if made is None:
        return None
    for part in parts[1:]:
        name, _, rest = part.strip().partition(":")
        arguments = [_value(each.strip(), graph) for each in _split(rest, ",") if each.strip()]
        if any(each is None for each in arguments):
            return None
        given = [each for each in arguments if each is not None]
        name = name.strip()
        if name in _OPERATORS and given:
            left = made if name == "append" else number(made, "int")
            made = f"({left} {_OPERATORS[name]} {given[0]})"
        elif name == "prepend" and given:
            made = f"({given[0]} ~ {made})"
        elif name == "remove" and given:
            made = f"{made} | replace({given[0]}, '')"
        elif name == "slice" and given:
            start = given[0]
            stop = f"{start} + {given[1]}" if len(given) > 1 else f"{start} + 1"
            made = f"({made} | string)[{start}:{stop}]" if not start.startswith("-") else f"({made} | string)[{start}:]"
        elif name == "split" and given:
            made = f"({made} | string).split({given[0]})"
        elif name in _FILTERS:
            made = f"{made} | {_FILTERS[name]}" + (f"({', '.join(given)})" if given else "")
        else:
            return None
    return made


def _split(text: str, mark: str) -> list[str]:
    """``text`` cut at every ``mark`` outside of quotes."""
    hidden = _STRING.sub(lambda match: "\x01" * len(match.group()), text)
    parts, begin = [], 0
    for place, letter in enumerate(hidden):
        if letter == mark:
            parts.append(text[begin:place])
            begin = place + 1
    parts.append(text[begin:])
    return parts


def _value(text: str, graph: Graph) -> str | None:
    if _STRING.fullmatch(text):
        return quoted(text[1:-1])
    if re.fullmatch(r"-?\d{1,15}(?:\.\d{1,15})?", text):
        return text
    if text in ("true", "false", "nil", "null", "blank", "empty"):
        return {"true": "true", "false": "false"}.get(text, "''")
    if _PATH.fullmatch(text):
        return path(text, graph)
    return None


def path(text: str, graph: Graph) -> str:
    """The expression for a Liquid path."""
    steps = [(match.group(1) or match.group(2)).strip() for match in _STEP.finditer(text)]
    head, rest = steps[0], steps[1:]
    if not rest and head in _BARE:
        return _BARE[head]
    if head == "trigger" and len(rest) >= 2:
        return _trigger(rest, graph)
    if head == "flow" and rest[:1] in (["variables"], ["data"]) and len(rest) > 1:
        return _known(rest[1:], graph)
    if head == "flow" and rest[:2] == ["channel", "address"]:
        return "called"
    if head == "contact" and rest[:2] == ["channel", "address"]:
        return "caller.number"
    if head == "widgets" and len(rest) >= 2:
        return widget(rest[0], rest[1:], graph)
    return _known(
        ["_".join(steps[:2]), *steps[2:]] if head in ("flow", "contact", "trigger", "widgets") else steps, graph
    )


def _trigger(rest: list[str], graph: Graph) -> str:
    kind, names = rest[0], rest[1:]
    if kind in ("call", "conversation") and names[0] in CALL:
        return CALL[names[0]]
    if names[0] == "parameters" and len(names) > 1:
        return _known(names[1:], graph)
    return _known([f"{kind}_{names[0]}", *names[1:]], graph)


def widget(name: str, steps: list[str], graph: Graph) -> str:
    """What a widget gave: digits, speech, an answer to a request, a reply."""
    base, first = variable(name), steps[0]
    if first == "Digits":
        return _known([f"{base}_digits"], graph)
    if first == "SpeechResult":
        return _known([f"{base}_speech"], graph)
    if first in ("parsed", "body") and len(steps) > 1:
        return _known([base, *steps[1:]], graph)
    if first in ("parsed", "body"):
        return _known([base], graph, "{}")
    if first == "inbound":
        return _known([f"{base}_reply"], graph)
    return _known([f"{base}_{first}", *steps[1:]], graph)


def _known(steps: list[str], graph: Graph, standing: str = "") -> str:
    name = variable(steps[0])
    graph.outside.setdefault(name, standing or ("{}" if len(steps) > 1 else "''"))
    return member(name, *steps[1:])


def _tag(text: str, graph: Graph) -> str | None:
    word, _, rest = text.partition(" ")
    if word in _TAGS:
        return "{% " + _TAGS[word] + " %}"
    if word in ("if", "elsif", "unless"):
        made = _condition(rest, graph)
        if made is None:
            return None
        return "{% " + {"if": f"if {made}", "elsif": f"elif {made}", "unless": f"if not ({made})"}[word] + " %}"
    if word == "assign":
        name, _, value = rest.partition("=")
        inner = _inner(value.strip(), graph)
        return None if inner is None else "{% set " + f"{variable(name)} = {inner}" + " %}"
    if word == "comment":
        return "{% if false %}"
    if word == "endcomment":
        return "{% endif %}"
    if word == "for":
        match = re.fullmatch(r"(\w+)\s+in\s+(.+)", rest)
        values = _value(match.group(2).strip(), graph) if match else None
        return (
            None if match is None or values is None else "{% for " + f"{variable(match.group(1))} in {values}" + " %}"
        )
    return None


_TOKEN = re.compile(r"\s*(\"[^\"]*\"|'[^']*'|==|!=|<>|<=|>=|<|>|[A-Za-z_][\w.\[\]\"'-]*|-?\d+(?:\.\d+)?)")


def _condition(text: str, graph: Graph) -> str | None:
    made: list[str] = []
    place = 0
    while place < len(text.rstrip()):
        match = _TOKEN.match(text, place)
        if match is None:
            return None
        place, token = match.end(), match.group(1)
        if token in ("==", "!=", "<=", ">=", "<", ">", "and", "or"):
            made.append(token)
        elif token == "<>":  # noqa: S105
            made.append("!=")
        elif token == "contains":  # noqa: S105
            if not made:
                return None
            made.append("\x01contains")
        else:
            value = _value(token, graph)
            if value is None:
                return None
            made.append(value)
    while "\x01contains" in made:
        where = made.index("\x01contains")
        if where + 1 >= len(made):
            return None
        made[where - 1 : where + 2] = [f"{made[where + 1]} in ({made[where - 1]} | string)"]
    return " ".join(made) or None
