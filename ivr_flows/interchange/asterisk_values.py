"""Asterisk's variables and expressions as ours: ``${VAR}``, ``${VAR:1:2}``, ``${FUNCTION(…)}``, ``$[ … ]``.

``${CALLERID(num)}`` is ``caller.number``, ``${EXTEN}`` the digits themselves where the extension is a fixed one and
the variable ``exten`` where it is a pattern. A function without counterpart becomes a variable that something
outside fills.
"""

from __future__ import annotations

import re

from ..findings import Text
from .asterisk_source import pattern_classes, split_arguments
from .expression import Dialect, UnmappableExpression, translate
from .graph import Graph
from .naming import member, quoted, slug, variable

_CALLER = ("num", "number", "ani", "all", "name", "ani-num", "num-all")
_TIME = {"EPOCH": "now.timestamp() | int", "DATETIME": "now.strftime('%d%m%Y-%H:%M:%S')"}
_SUBSTRING = re.compile(r"(.+?):(-?\d+)(?::(-?\d+))?$", re.DOTALL)
_CONSTANT = re.compile(r"'[^'\\{}]*'")
MAX_NESTING = 20


class Variables:
    """Translates the texts of one extension; ``exten`` is what ``${EXTEN}`` stands for."""

    def __init__(self, graph: Graph, node: str, exten: str) -> None:
        self.graph = graph
        self.node = node
        self.exten = exten

    def parts(self, text: str, depth: int = 0) -> list[tuple[bool, str]]:
        """``text`` as pieces: (is an expression, piece)."""
        found: list[tuple[bool, str]] = []
        place = begin = 0
        while place < len(text):
            if text[place : place + 2] in ("${", "$[") and depth < MAX_NESTING:
                end = _closing(text, place + 1)
                if end is None:
                    break
                if place > begin:
                    found.append((False, text[begin:place]))
                inner = text[place + 2 : end]
                made = self.variable(inner, depth + 1) if text[place + 1] == "{" else self.arithmetic(inner, depth + 1)
                found.append((True, made))
                place = begin = end + 1
            else:
                place += 1
        if begin < len(text):
            found.append((False, text[begin:]))
        return found

    def template(self, text: str) -> str:
        """``text`` as a template of ours."""
        written = []
        for dynamic, piece in self.parts(text):
            if dynamic and _CONSTANT.fullmatch(piece):
                written.append(_safe(piece[1:-1]))
            else:
                written.append("{{ " + piece + " }}" if dynamic else _safe(piece))
        return "".join(written)

    def expression(self, text: str, depth: int = 0) -> str:
        """``text`` as an expression."""
        pieces = self.parts(_unquoted(text), depth)
        if not pieces:
            return "''"
        if len(pieces) == 1:
            return pieces[0][1] if pieces[0][0] else quoted(pieces[0][1])
        return " ~ ".join(
            f"({piece})" if dynamic and " " in piece else piece if dynamic else quoted(piece)
            for dynamic, piece in pieces
        )

    def condition(self, text: str) -> str:
        """``text`` as a condition: true unless empty or 0."""
        stripped = text.strip()
        made = self.expression(stripped)
        if re.search(r" (==|!=|<=|>=|<|>|in|and|or) |^not ", made):
            return made
        if made in ("'0'", "''", "0"):
            return "false"
        if made in ("'1'", "1"):
            return "true"
        return f"({made}) | string not in ['', '0']"

    def variable(self, inner: str, depth: int) -> str:
        """``${inner}``."""
        match = _SUBSTRING.match(inner) if "(" not in inner or inner.rfind(":") > inner.rfind(")") else None
        if match and "${" not in match.group(1):
            name, start, length = match.groups()
            made = self.variable(name, depth)
            if length is None:
                return f"({made} | string)[{start}:]"
            stop = length if length.startswith("-") else str(int(start) + int(length))
            return f"({made} | string)[{start}:{'' if stop == '0' and start.startswith('-') else stop}]"
        if "${" in inner and "(" not in inner:
            return self.outside(inner, "''")
        if "(" in inner:
            name, _, rest = inner.partition("(")
            return self.function(name.strip(), rest.rpartition(")")[0] if ")" in rest else rest, inner, depth)
        name = inner.strip().lstrip("_")
        if name in ("EXTEN", "MACRO_EXTEN"):
            return self.exten
        if name in ("CALLERIDNUM", "CALLERID"):
            return "caller.number"
        if name in _TIME:
            return _TIME[name]
        found = variable(name)
        self.graph.outside.setdefault(found, "''")
        return found

    def outside(self, written: str, standing: str) -> str:
        """A variable that something outside has to fill, reported."""
        name = variable(slug(written, "value"))
        self.graph.outside.setdefault(name, standing)
        self.graph.lose(
            self.node,
            written[:60],
            Text(f"cannot be computed here; the value is expected in `{name}`", f"无法在此计算，请放入变量 `{name}`"),
        )
        return name

    def function(self, name: str, rest: str, written: str, depth: int) -> str:
        """``${NAME(rest)}``."""
        given = split_arguments(rest)
        upper = name.upper()
        if upper == "CALLERID":
            return "caller.number" if given[0].lower() in _CALLER else "called" if given[0].lower() == "dnid" else "''"
        if upper in ("GLOBAL", "LOCAL", "SHARED"):
            return self.variable(rest, depth)
        if upper == "LEN":
            return f"({self.expression(rest, depth)} | string) | length"
        if upper in ("TOUPPER", "TOLOWER"):
            return f"({self.expression(rest, depth)}) | {'upper' if upper == 'TOUPPER' else 'lower'}"
        if upper in ("ISNULL", "EXISTS"):
            sign = "==" if upper == "ISNULL" else "!="
            return f"({self.expression(rest, depth)} | string) {sign} ''"
        if upper == "IF" and "?" in rest:
            condition, _, choice = rest.partition("?")
            yes, *no = split_arguments(choice, ":")
            other = self.expression(no[0], depth) if no else "''"
            return f"({self.expression(yes, depth)} if {self.condition(condition)} else {other})"
        if upper == "FILTER" and len(given) > 1:
            return self.expression(given[1], depth)
        if upper == "CUT" and len(given) > 2 and given[2].isdigit() and int(given[2]) > 0:
            mark = given[1].strip("\"'").replace("\\", "") or ","
            return f"({self.variable(given[0], depth)} | string).split({quoted(mark)})[{int(given[2]) - 1}]"
        if upper in ("INC", "DEC"):
            return f"({self.variable(rest, depth)} | default(0) | int {'+' if upper == 'INC' else '-'} 1)"
        if upper == "JSON_DECODE" and len(given) > 1:
            inside = re.split(r"[./\[\]]+", given[1].strip(" /[]."))
            return member(self.variable(given[0], depth), *inside)
        if upper == "MATH":
            return self.arithmetic(given[0], depth)
        if upper == "STRFTIME":
            return f"now.strftime({quoted(given[2].strip(chr(34)) if len(given) > 2 else '%Y-%m-%d %H:%M')})"
        if upper in ("QUOTE", "ESCAPE", "URIENCODE"):
            return self.expression(rest, depth)
        return self.outside(written, "''")

    def arithmetic(self, inner: str, depth: int) -> str:
        """``$[inner]``."""
        known: dict[str, str] = {}

        def hold(made: str) -> str:
            name = f"zz{len(known)}zz"
            known[name] = made
            return name

        text = ""
        quote = ""
        for dynamic, piece in self.parts(inner, depth):
            if dynamic:
                text += ('" ~ ' + hold(piece) + ' ~ "') if quote else f" {hold(piece)} "
                continue
            for letter in piece:
                if letter == '"':
                    quote = "" if quote else letter
            text += piece
        text = text.replace('"" ~ ', "").replace(' ~ ""', "")
        text = re.sub(r"=~", "=", text) if "=~" not in text else text

        def name(path: list[str]) -> str:
            return known.get(path[0], quoted(".".join(path))) if len(path) == 1 else quoted(".".join(path))

        try:
            return translate(text, Dialect(name, numbers_compare=True))
        except UnmappableExpression:
            return self.outside(f"$[{inner}]", "''")


def _closing(text: str, start: int) -> int | None:
    """The place of the bracket that closes the one at ``start``."""
    opening = text[start]
    closing = {"{": "}", "[": "]"}[opening]
    depth = 0
    for place in range(start, len(text)):
        if text[place] == opening:
            depth += 1
        elif text[place] == closing:
            depth -= 1
            if depth == 0:
                return place
    return None


def _unquoted(text: str) -> str:
    stripped = text.strip()
    inner = stripped[1:-1]
    return inner if len(stripped) >= 2 and stripped[0] == stripped[-1] == '"' and '"' not in inner else stripped


def _safe(text: str) -> str:
    return text.replace("{{", "[").replace("}}", "]").replace("{%", "[").replace("{#", "[").replace("\\,", ",")


_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def time_condition(spec: list[str]) -> str | None:
    """The condition of GotoIfTime's ``times,weekdays,mdays,months``; None where it cannot be read."""
    parts: list[str] = []
    times, days, dates, months = ([*spec, "*", "*", "*", "*"])[:4]
    if times not in ("*", ""):
        spans = []
        for span in times.split("&"):
            match = re.fullmatch(r"(\d{1,2}):(\d{2})-(\d{1,2}):(\d{2})", span.strip())
            if match is None:
                return None
            first, last = (f"'{int(match.group(i)):02d}:{match.group(i + 1)}'" for i in (1, 3))
            clock = "now.strftime('%H:%M')"
            join = "and" if first <= last else "or"
            spans.append(f"({clock} >= {first} {join} {clock} <= {last})")
        parts.append(" or ".join(spans) if len(spans) == 1 else f"({' or '.join(spans)})")
    for written, names, reading in ((days, _DAYS, "now.weekday()"), (months, _MONTHS, "now.month - 1")):
        if written in ("*", ""):
            continue
        chosen = _members(written, names)
        if chosen is None:
            return None
        parts.append(f"{reading} in {chosen}")
    if dates not in ("*", ""):
        chosen = _members(dates, tuple(str(day) for day in range(1, 32)))
        if chosen is None:
            return None
        parts.append(f"now.day - 1 in {chosen}")
    return " and ".join(parts) or "true"


def _members(written: str, names: tuple[str, ...]) -> list[int] | None:
    found: list[int] = []
    for span in written.lower().split("&"):
        first, mark, last = span.strip().partition("-")
        if first not in names or (mark and last not in names):
            return None
        place, end = names.index(first), names.index(last) if mark else names.index(first)
        while True:
            found.append(place)
            if place == end:
                break
            place = (place + 1) % len(names)
    return sorted(set(found))


def pattern_condition(pattern: str, subject: str) -> str:
    """The condition under which ``subject`` is matched by a dialplan pattern."""
    classes, more = pattern_classes(pattern)
    text = subject if re.fullmatch(r"[\w.]+", subject) else f"({subject})"
    if "-" in re.sub(r"\[[^\]]*\]", "", pattern):
        text = f"({text} | replace('-', ''))"
    sign = (">" if pattern.endswith(".") else ">=") if more else "=="
    parts = [f"{text} | length {sign} {len(classes)}"]
    place = 0
    while place < len(classes):
        end = place
        while end < len(classes) and len(classes[end]) == 1:
            end += 1
        if end > place:
            fixed = "".join(classes[place:end])
            parts.append(f"{text}[{place}:{end}] == {quoted(fixed)}")
            place = end
        else:
            parts.append(f"{text}[{place}:{place + 1}] in {quoted(classes[place])}")
            place += 1
    return " and ".join(parts)
