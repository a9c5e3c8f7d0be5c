"""Values and expressions of Genesys Archy: ``lit``, ``exp``, ``var``, ``tts``, ``prompt``, ``noValue``."""

from __future__ import annotations

import re
from typing import Any

from ..findings import Text
from .expression import Dialect, Function, UnmappableExpression, translate
from .graph import Graph
from .naming import member, quoted, variable
from .reading import mapping, word

_KNOWN = {
    "call.ani": "caller.number",
    "call.dnis": "called",
    "call.calledaddress": "called",
    "call.calledaddressoriginal": "called",
    "call.remotename": "caller.number",
    "call.language": "'zh-CN'",
    "flow.invokingani": "caller.number",
    "flow.name": "company",
}
_SCOPES = ("task", "flow", "state", "call", "session", "slot", "context", "message", "email", "interaction", "loop")


_SPOKEN = frozenset(
    {"tts", "prompt", "exp", "var", "lit", "noValue", "audioSequence", "sequence", "name", "id", "text", "value"}
)


def _blank(value: str) -> str:
    return f"({value} | string) == ''"


def _one(pattern: str) -> Function:
    return lambda given: pattern.format(*given) if len(given) >= pattern.count("{") else None


def _joined(given: list[str]) -> str | None:
    return " ~ ".join(given) if given else "''"


_FUNCTIONS: dict[str, Function] = {
    **dict.fromkeys(("append", "concat", "toaudio"), _joined),
    **dict.fromkeys(
        (
            "audioplaybackoptions",
            "toaudiotts",
            "tostring",
            "str",
            "toaudionumber",
            "tostringversion",
            "toaudiostring",
            "toaudiophonenumber",
        ),
        lambda given: given[0] if given else None,
    ),
    "toaudioblank": lambda given: "''",
    "toaudiodigits": _one("{0}"),
    "isnotsetorempty": lambda given: _blank(given[0]) if given else None,
    "isnotset": lambda given: _blank(given[0]) if given else None,
    "isset": lambda given: f"({given[0]} | string) != ''" if given else None,
    "if": lambda given: f"({given[1]} if {given[0]} else {given[2]})" if len(given) == 3 else None,
    "length": _one("{0} | length"),
    "count": _one("{0} | length"),
    "lower": _one("{0} | lower"),
    "upper": _one("{0} | upper"),
    "trim": _one("{0} | trim"),
    "toint": _one("{0} | int"),
    "tonumber": _one("{0} | float"),
    "todecimal": _one("{0} | float"),
    "tobool": _one("({0} | string | lower) == 'true'"),
    "contains": lambda given: f"{given[1]} in ({given[0]} | string)" if len(given) >= 2 else None,
    "startswith": lambda given: f"({given[0]} | string).startswith({given[1]})" if len(given) >= 2 else None,
    "endswith": lambda given: f"({given[0]} | string).endswith({given[1]})" if len(given) >= 2 else None,
    "replace": lambda given: f"{given[0]} | replace({given[1]}, {given[2]})" if len(given) == 3 else None,
    "left": lambda given: f"({given[0]} | string)[:{given[1]}]" if len(given) == 2 else None,
    "right": lambda given: f"({given[0]} | string)[-{given[1]}:]" if len(given) == 2 else None,
    "substring": lambda given: (
        f"({given[0]} | string)[{given[1]}:{given[1]} + {given[2]}]" if len(given) == 3 else None
    ),
    "round": _one("{0} | round"),
    "abs": _one("{0} | abs"),
    "getat": lambda given: f"{given[0]}[{given[1]}]" if len(given) == 2 else None,
    "first": _one("{0} | first"),
    "last": _one("{0} | last"),
    "getcurrentdatetimeutc": lambda given: "now",
    "hour": lambda given: "now.hour",
    "tojson": _one("{0} | tojson"),
    "makelist": lambda given: f"[{', '.join(given)}]",
    "toqueue": _one("{0}"),
    "findqueue": _one("{0}"),
    "tophonenumber": _one("{0}"),
}


class Values:
    """Reads values for one flow; what cannot be mapped becomes a variable from outside and is reported."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.dialect = Dialect(self.name, _FUNCTIONS, numbers_compare=True)

    def name(self, path: list[str]) -> str:
        """The expression for ``Flow.x``, ``Task.y.z``, ``Call.Ani`` …"""
        known = _KNOWN.get(".".join(path).lower())
        if known is not None:
            return known
        steps = path[1:] if path[0].lower() in _SCOPES and len(path) > 1 else path
        name = variable(steps[0])
        self.graph.outside.setdefault(name, "{}" if steps[1:] else "''")
        return member(name, *steps[1:])

    def expression(self, value: Any, node: str, parameter: str) -> str:
        """A value as an expression."""
        inner = mapping(value)
        if not inner:
            return quoted(word(value))
        if "var" in inner:
            return self.name(word(inner["var"]).split("."))
        if "exp" in inner:
            return self._translated(word(inner["exp"]), node, parameter)
        return quoted(self.literal(value))

    def condition(self, value: Any, node: str) -> str:
        """A condition: an expression also where it is written as a bare text."""
        if isinstance(value, str) and value.strip().lower() not in ("true", "false", ""):
            return self._translated(value, node, "condition")
        return self.expression(value, node, "condition")

    def _translated(self, text: str, node: str, parameter: str) -> str:
        try:
            return translate(text, self.dialect)
        except UnmappableExpression:
            name = variable(f"{parameter}_of_{node.split(' ', 1)[-1]}")
            self.graph.outside.setdefault(name, "''")
            self.graph.lose(
                node,
                parameter,
                Text(
                    f"`{text[:60]}` cannot be expressed; the value is expected in `{name}`",
                    f"`{text[:60]}` 无法表达，请放入 `{name}`",
                ),
            )
            return name

    def template(self, value: Any, node: str, parameter: str) -> str:
        """A value as a text of ours."""
        inner = mapping(value)
        if "tts" in inner:
            return safe(word(inner["tts"]))
        if "var" in inner or "exp" in inner:
            made = self.expression(value, node, parameter)
            if re.fullmatch(r"'[^'\\]*'", made):
                return made[1:-1]
            return "{{ " + made + " }}"
        return safe(self.literal(value))

    def literal(self, value: Any) -> str:
        """A literal as a text; a missing one is empty."""
        inner = mapping(value)
        if not inner:
            return word(value)
        if "lit" in inner:
            return self.literal(inner["lit"])
        for key in (
            "name",
            "literalQueueName",
            "queueName",
            "id",
            "queueId",
            "tts",
            "prompt",
            "str",
            "phone",
            "user",
            "text",
            "value",
        ):
            if key in inner:
                return self.literal(inner[key])
        return ""

    def seconds(self, value: Any, default: float, low: float, high: float) -> str:
        """A duration literal (``seconds``, ``minutes``, ``ms``, ``hours``) within bounds."""
        inner = mapping(mapping(value).get("lit")) or mapping(value)
        total, found = 0.0, False
        for unit, factor in (("hours", 3600.0), ("minutes", 60.0), ("seconds", 1.0), ("ms", 0.001)):
            try:
                total += float(word(inner.get(unit))) * factor
                found = True
            except ValueError:
                continue
        return f"{min(max(total, low), high) if found else default:g}s"

    def count(self, value: Any, default: int, low: int, high: int) -> int:
        """A whole number within bounds."""
        try:
            return min(max(int(float(self.literal(value))), low), high)
        except (ValueError, OverflowError):
            return default

    def audio(self, value: Any, node: str, parameter: str) -> tuple[str, str]:
        """What is played: (text, recorded file), of which at most one is filled."""
        inner = mapping(value)
        if isinstance(value, str):
            return safe(value), ""
        if inner and not inner.keys() & _SPOKEN:
            # One for each language: the first is taken.
            first = next(iter(inner.values()))
            if isinstance(first, str | dict):
                if len(inner) > 1:
                    self.graph.lose(node, parameter, Text("keeps its first language only", "只保留第一种语言"))
                return (
                    self.audio(first, node, parameter) if mapping(first).keys() & _SPOKEN else (safe(word(first)), "")
                )
        if "prompt" in inner:
            return "", word(inner["prompt"]).rsplit(".", 1)[-1] or self.literal(inner["prompt"])
        exp = word(inner.get("exp"))
        if exp.startswith("Prompt.") and exp.replace(".", "").replace("_", "").isalnum():
            return "", exp.rsplit(".", 1)[-1]
        if "audioSequence" in inner or "sequence" in inner:
            parts = inner.get("audioSequence", inner.get("sequence"))
            texts = (
                [self.audio(each, node, parameter)[0] for each in parts if isinstance(each, dict)]
                if isinstance(parts, list)
                else []
            )
            return " ".join(texts), ""
        return (self.template(value, node, parameter), "") if inner and "noValue" not in inner else ("", "")


def safe(text: str) -> str:
    """``text`` without what the template language would take for its own."""
    return text.replace("{{", "[").replace("}}", "]").replace("{%", "[").replace("{#", "[")
