"""The vendor's ``${…}`` variables as expressions of ours, and the other way round.

| vendor | here |
|---|---|
| ``${开始.callee}``, ``${开始.caller}`` | ``called``, ``caller.number`` |
| ``${收号.digits}`` | ``收号_digits`` |
| ``${sys.dateTime.dayOfWeek}`` | ``now.isoweekday()`` |
"""

from __future__ import annotations

import re
from typing import Any

from ..findings import Text
from .archy_values import safe
from .expression import Dialect, UnmappableExpression, translate
from .graph import Graph
from .naming import member, number, quoted, variable
from .reading import word

_REFERENCE = re.compile(r"\$\{\s*([^{}$\s][^{}$]{0,120}?)\s*\}")
_CALLER = frozenset({"caller", "callingnumber", "callernumber", "ani", "calling"})
_CALLED = frozenset({"callee", "callednumber", "calleenumber", "dnis", "called"})
_WHOLE = frozenset({"result", "results", "body", "data", "output", "outputs", "response"})
"""What stands between the name of a function activity and the parts of its answer."""
_CLOCK = {
    "dayofweek": "now.isoweekday()",
    "hour": "now.hour",
    "hourofday": "now.hour",
    "minute": "now.minute",
    "month": "now.month",
    "dayofmonth": "now.day",
    "year": "now.year",
    "date": "now.strftime('%Y-%m-%d')",
    "time": "now.strftime('%H:%M:%S')",
    "timestamp": "now.timestamp() | int",
}
OPERATORS = {
    **dict.fromkeys(("==", "=", "eq", "equal", "equals", "equalto", "is", "等于"), "=="),
    **dict.fromkeys(("!=", "<>", "ne", "neq", "notequal", "notequals", "不等于"), "!="),
    **dict.fromkeys((">", "gt", "greaterthan", "大于"), ">"),
    **dict.fromkeys((">=", "ge", "gte", "greaterthanorequal", "greaterorequal", "大于等于"), ">="),
    **dict.fromkeys(("<", "lt", "lessthan", "小于"), "<"),
    **dict.fromkeys(("<=", "le", "lte", "lessthanorequal", "lessorequal", "小于等于"), "<="),
    **dict.fromkeys(("contains", "contain", "include", "like", "包含"), "contains"),
    **dict.fromkeys(("notcontains", "notcontain", "notinclude", "notlike", "不包含"), "lacks"),
    **dict.fromkeys(("startswith", "beginwith", "prefix", "开头"), "starts"),
    **dict.fromkeys(("endswith", "endwith", "suffix", "结尾"), "ends"),
    **dict.fromkeys(("in", "oneof", "属于"), "in"),
    **dict.fromkeys(("isnull", "isempty", "isblank", "empty", "null", "为空"), "empty"),
    **dict.fromkeys(("isnotnull", "isnotempty", "isnotblank", "notempty", "notnull", "exists", "不为空"), "filled"),
}


def path(written: str, graph: Graph) -> str:
    """The expression for the inside of ``${…}``."""
    steps = [step for step in re.split(r"[.\[\]]+", written.strip()) if step]
    if not steps:
        return "''"
    last = steps[-1].lower()
    if len(steps) > 1 and last in _CALLER:
        return "caller.number"
    if len(steps) > 1 and last in _CALLED:
        return "called"
    if steps[0].lower() in ("sys", "system") and last in _CLOCK:
        return _CLOCK[last]
    answer = graph.aliases.get(f"answer {variable(steps[0])}")
    if answer is not None:
        parts = steps[2:] if len(steps) > 1 and steps[1].lower() in _WHOLE else steps[1:]
        graph.outside.setdefault(answer, "{}")
        return member(answer, *parts)
    name = variable("_".join(steps))
    name = graph.aliases.get(name, name)
    graph.outside.setdefault(name, "''")
    return name


def template(text: str, graph: Graph) -> str:
    """A text with ``${…}`` as a template of ours."""
    return _REFERENCE.sub(lambda match: "{{ " + path(match.group(1), graph) + " }}", safe(text))


def expression(value: Any, graph: Graph) -> str:
    """A value as an expression: exactly one ``${…}``, or a constant."""
    text = word(value).strip()
    match = _REFERENCE.fullmatch(text)
    if match:
        return path(match.group(1), graph)
    if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"":
        text = text[1:-1]
    return quoted(text)


def condition(left: Any, operator: str, right: Any, graph: Graph) -> str | None:
    """The condition of one comparison; None for an unknown operator."""
    kind = OPERATORS.get(re.sub(r"[_\s-]", "", operator).lower())
    subject = expression(left, graph) if "${" in word(left) else path(word(left), graph) if word(left) else "''"
    value = expression(right, graph)
    if kind in ("==", "!="):
        return f"{subject} | string {kind} {value}"
    if kind in (">", ">=", "<", "<="):
        return f"{number(subject)} {kind} {number(value)}"
    made = {
        "contains": f"{value} in ({subject} | string)",
        "lacks": f"{value} not in ({subject} | string)",
        "starts": f"({subject} | string).startswith({value})",
        "ends": f"({subject} | string).endswith({value})",
        "empty": f"({subject} | string) == ''",
        "filled": f"({subject} | string) != ''",
        "in": f"{subject} | string in [{', '.join(quoted(each.strip()) for each in word(right).split(','))}]",
    }
    return made.get(kind or "")


def written_condition(text: str, graph: Graph, node: str) -> str:
    """An expression such as ``${a.b} == '1' && ${c} > 2``."""
    known: dict[str, str] = {}

    def hold(match: re.Match[str]) -> str:
        name = f"zz{len(known)}zz"
        known[name] = path(match.group(1), graph)
        return f" {name} "

    held = re.sub(r"[\"']?\$\{\s*([^{}$]{1,120}?)\s*\}[\"']?", hold, text)
    try:
        return translate(
            held, Dialect(lambda steps: known.get(steps[0]) or path(".".join(steps), graph), numbers_compare=True)
        )
    except UnmappableExpression:
        name = variable(f"condition_{len(graph.outside) + 1}")
        graph.outside.setdefault(name, "''")
        graph.lose(
            node,
            text[:60],
            Text(f"cannot be expressed; its result is expected in `{name}`", f"无法表达，结果请放入 `{name}`"),
        )
        return f"{name} | string == 'true'"
