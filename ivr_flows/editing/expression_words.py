"""What may be written within ``{{ … }}``: names, their fields, filters."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from ..expressions import BUILT_IN, SPOKEN
from ..findings import Text
from ..lint.templates import FIELDS

Sort: TypeAlias = Literal["variable", "field", "filter"]
_FILTERS = {
    "digits": Text("read digit by digit", "逐位读"),
    "number": Text("read as one number", "读成一个数"),
    "money": Text("read as an amount of yuan", "读成金额"),
    "date": Text("read as a date", "读成日期"),
    "time": Text("read as a time of day", "读成时刻"),
    "int": Text("a whole number", "转成整数"),
    "float": Text("a number", "转成数"),
    "default": Text("instead of a value that is not there", "缺省值"),
    "length": Text("how many characters or items", "长度"),
    "trim": Text("without blanks at its ends", "去掉首尾空白"),
    "lower": Text("in small letters", "转小写"),
    "upper": Text("in capitals", "转大写"),
    "round": Text("rounded", "四舍五入"),
    "first": Text("the first item", "第一项"),
    "last": Text("the last item", "最后一项"),
    "join": Text("items put together", "连接各项"),
    "replace": Text("one text in place of another", "替换文本"),
}
assert SPOKEN.keys() <= _FILTERS.keys()
_OPEN = re.compile(r"\{\{(?:(?!\}\}).)*$")
_INTO = re.compile(r"\binto:\s*([^\W\d]\w*)")
_SET = re.compile(r"^\s*(?:[^\s#].*[{,]\s*)?set:\s*\{(?P<names>.*)")
_NAME = re.compile(r"([^\W\d]\w*)\s*:")
_TEXTS = re.compile(r"^texts\s*:")


@dataclass(frozen=True, slots=True)
class Word:
    """A word that may stand in an expression; ``sort`` is what kind of word it is."""

    label: str
    sort: Sort
    detail: Text | None = None


def inside_expression(before: str) -> str | None:
    """What is written of the expression up to the cursor; None where the cursor is in none."""
    match = _OPEN.search(before)
    return match[0][2:] if match else None


def expression_words(expression: str, lines: list[str]) -> tuple[str, list[Word]]:
    """The part of a word that is written already, and the words that may stand there."""
    match = re.search(r"(?:(?P<owner>[^\W\d]\w*)\.|(?P<pipe>\|)\s*)?(?P<partial>\w*)$", expression)
    assert match is not None
    partial = match["partial"]
    if match["pipe"]:
        return partial, [Word(name, "filter", detail) for name, detail in _FILTERS.items()]
    if match["owner"] == "texts":
        return partial, [Word(name, "field") for name in _text_names(lines)]
    if match["owner"]:
        return partial, [Word(name, "field") for name in FIELDS.get(match["owner"], ())]
    if re.search(r"['\"][^'\"]*$", expression) and expression.count("'") % 2:
        return partial, []
    has_texts = any(map(_TEXTS.match, lines))
    names = dict.fromkeys([*_variables(lines), *(name for name in BUILT_IN if name != "texts" or has_texts)])
    return partial, [Word(name, "variable") for name in names]


def _variables(lines: list[str]) -> Iterator[str]:
    """Names that nodes give a value, read line by line: while somebody types there may be no tree."""
    depth: int | None = None
    for line in lines:
        yield from _INTO.findall(line)
        indent = len(line) - len(line.lstrip())
        if depth is not None and line.strip():
            if indent <= depth:
                depth = None
            elif name := _NAME.match(line.lstrip()):
                yield name[1]
        if match := _SET.match(line):
            yield from _NAME.findall(re.sub(r"\"[^\"]*\"|'[^']*'|\{\{.*?\}\}", "", match["names"]))
        elif re.match(r"\s*set:\s*$", line):
            depth = indent


def _text_names(lines: list[str]) -> Iterator[str]:
    inside = False
    depth: int | None = None
    for line in lines:
        if _TEXTS.match(line):
            inside = True
            yield from re.findall(r"([^\W\d]\w*)\s*:\s*\{", line.partition(":")[2])
        elif inside and line[:1].strip() and not line.startswith("#"):
            return
        elif inside and (match := re.match(r"(\s+)([^\W\d]\w*)\s*:", line)):
            depth = depth if depth is not None else len(match[1])
            if len(match[1]) == depth:
                yield match[2]
