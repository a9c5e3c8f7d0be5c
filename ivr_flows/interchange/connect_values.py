"""Amazon Connect's ``$.`` references as expressions of ours.

| Connect | here |
|---|---|
| ``$.Attributes.x``, ``$.FlowAttributes.x`` | ``x`` |
| ``$.External.x``, ``$.LoopedData`` … | ``external.x`` … |
| ``$.StoredCustomerInput`` | ``stored_input`` |
| ``$.CustomerEndpoint.Address``, ``$.SystemEndpoint.Address`` | ``caller.number``, ``called`` |
| ``$.Lex.IntentName``, ``$.Lex.Slots.x`` | ``utterance``, ``lex.Slots.x`` |
"""

from __future__ import annotations

import re
from typing import Any

from ..findings import Text
from .graph import Graph
from .naming import member, number, quoted, variable
from .reading import word

STORED = "stored_input"
EXTERNAL = "external"
TARGET_QUEUE = "target_queue"
_CONSTANTS: dict[tuple[str, ...], str] = {("Channel",): "'VOICE'", ("InitiationMethod",): "'INBOUND'"}
_KNOWN: dict[tuple[str, ...], str] = {
    ("CustomerEndpoint", "Address"): "caller.number",
    ("SystemEndpoint", "Address"): "called",
    ("CustomerEndpoint", "Type"): "'TELEPHONE_NUMBER'",
    ("SystemEndpoint", "Type"): "'TELEPHONE_NUMBER'",
    ("StoredCustomerInput",): STORED,
    ("Queue", "Name"): TARGET_QUEUE,
    ("Queue", "ARN"): TARGET_QUEUE,
    ("Lex", "IntentName"): "utterance",
    ("Customer", "PhoneNumber"): "caller.number",
}
_FLAT = ("Attributes", "FlowAttributes", "SegmentAttributes")
_REFERENCE = re.compile(r"\$\.(?:[A-Za-z_][\w-]*|\['[^']+'\])(?:\.[A-Za-z_][\w-]*|\['[^']{1,80}'\]|\[\d{1,4}\])*")
_STEP = re.compile(r"\.?([A-Za-z_][\w-]*)|\['([^']+)'\]|\[(\d+)\]")
_PLACEHOLDER = re.compile(r"\{\{\s*([\w.$-]{0,60})\s*\}\}")


def reference(path: str, graph: Graph) -> str:
    """The expression for a reference such as ``$.Attributes.x``; what comes from elsewhere is noted in ``graph``."""
    steps = [next(part for part in match.groups() if part is not None) for match in _STEP.finditer(path[1:])]
    known = _KNOWN.get(tuple(steps)) or _CONSTANTS.get(tuple(steps))
    if known is not None:
        if known == TARGET_QUEUE:
            graph.outside.setdefault(TARGET_QUEUE, "instance.queue")
        return known
    head, rest = steps[0], steps[1:]
    if head in _FLAT and rest:
        name = variable(rest[0])
        graph.outside.setdefault(name, "{}" if rest[1:] else "''")
        return member(name, *rest[1:])
    name = variable(head.lower())
    graph.outside.setdefault(name, "{}" if rest else "''")
    return member(name, *rest)


def template(text: str, graph: Graph, node: str = "", parameter: str = "") -> str:
    """A text with references as a template of ours; placeholders of build tools (``{{NAME}}``) are kept as words."""
    found = False
    if "{{" in text or "{%" in text or "{#" in text:
        found = True
        text = _PLACEHOLDER.sub(r"[\1]", text)
        text = text.replace("{{", "[").replace("}}", "]").replace("{%", "[").replace("{#", "[")
    if found:
        graph.lose(
            node,
            parameter,
            Text("holds a placeholder that was never filled in", "含有尚未替换的占位符"),
        )
    return _REFERENCE.sub(lambda match: "{{ " + reference(match.group(), graph) + " }}", text)


def expression(value: Any, graph: Graph) -> str:
    """A parameter as an expression: the reference where it is exactly one, else a constant."""
    text = word(value).strip()
    if _REFERENCE.fullmatch(text):
        return reference(text, graph)
    rendered = template(text, graph)
    if "{{" not in rendered:
        return quoted(text)
    parts = [
        part[3:-3] if part.startswith("{{ ") else quoted(part)
        for part in re.split(r"(\{\{ .*? \}\})", rendered)
        if part
    ]
    return " ~ ".join(parts)


def is_reference(value: Any) -> bool:
    """Whether ``value`` is exactly one reference."""
    return bool(_REFERENCE.fullmatch(word(value).strip()))


def compare(left: str, operator: str, operands: list[Any], graph: Graph) -> str | None:
    """The condition of a comparison; None for an operator that is not known."""
    first = operands[0] if operands else ""
    right = expression(first, graph)
    if operator in ("Equals", "TextEquals"):
        return " or ".join(f"{left} == {expression(each, graph)}" for each in operands) or f"{left} == ''"
    if operator in ("NotEquals", "TextNotEquals"):
        return f"{left} != {right}"
    if operator in ("NumberEquals",):
        return f"{number(left)} == {number(right)}"
    sign = {
        "NumberGreaterThan": ">",
        "GreaterThan": ">",
        "NumberGreaterThanOrEqualTo": ">=",
        "NumberGreaterOrEqualTo": ">=",
        "GreaterThanOrEqualTo": ">=",
        "GreaterThanOrEquals": ">=",
        "NumberLessThan": "<",
        "LessThan": "<",
        "NumberLessThanOrEqualTo": "<=",
        "NumberLessOrEqualTo": "<=",
        "LessThanOrEqualTo": "<=",
        "LessThanOrEquals": "<=",
    }.get(operator)
    if sign:
        return f"{number(left)} {sign} {number(right)}"
    if operator in ("TextContains", "Contains"):
        return f"{right} in {left} | string"
    if operator in ("TextStartsWith", "StartsWith", "BeginsWith"):
        return f"({left} | string)[:{right} | length] == {right}"
    if operator in ("TextEndsWith", "EndsWith"):
        return f"({left} | string)[-({right} | length):] == {right}"
    if operator in ("IsDefined", "Exists", "IsSet"):
        return f"{left} | string != ''"
    return None


def resource(value: Any, shown: str = "") -> str:
    """A readable name for an ARN or an id: the display name where the export carries one, else its last part."""
    text = shown or word(value)
    text = text.rsplit(":", 1)[-1] if text.startswith("arn:") else text
    return text.rsplit("/", 1)[-1].strip("{}%<>$ ") or "unnamed"
