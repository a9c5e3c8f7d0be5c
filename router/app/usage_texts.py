"""What the argument parser says, in Chinese. Its own sentences are English and are not a stable interface: one that is
not known here stays as it is, behind a Chinese word for its kind."""

from __future__ import annotations

import re

_INPUT = (
    (re.compile(r"Input should be a valid integer.*"), "应为整数"),
    (re.compile(r"Input should be a valid number.*"), "应为数字"),
    (re.compile(r"Input should be greater than or equal to (\S+)"), r"应不小于 \1"),
    (re.compile(r"Input should be less than or equal to (\S+)"), r"应不大于 \1"),
)
_SENTENCES = (
    (
        re.compile(r"No such option: (\S+) \((?:Possible options|Did you mean one of): ([^)]*)\)"),
        r"没有选项 \1；是否想写 \2？",
    ),
    (re.compile(r"No such option: (\S+) Did you mean (\S+)\?"), r"没有选项 \1；是否想写 \2？"),
    (re.compile(r"No such option: (\S+)"), r"没有选项 \1"),
    (re.compile(r"Missing argument '(.+)'\.?"), r"缺少参数 \1"),
    (re.compile(r"Missing option '(.+)'\.?"), r"缺少选项 \1"),
    (re.compile(r"Option '(.+)' requires (?:an argument|\d+ arguments)\.?"), r"选项 \1 缺少值"),
    (re.compile(r"Got unexpected extra arguments?(?:\(s\))? \((.*)\)"), r"多余的参数：\1"),
)
_INVALID = re.compile(r"Invalid value for '(.+?)': (.*)", re.DOTALL)


def in_chinese(said: str) -> str:
    """The parser's sentence ``said`` in Chinese."""
    for pattern, words in _SENTENCES:
        if match := pattern.fullmatch(said):
            return match.expand(words)
    if invalid := _INVALID.fullmatch(said):
        why = invalid[2]
        for pattern, words in _INPUT:
            if match := pattern.fullmatch(why):
                why = match.expand(words)
                break
        return f"{invalid[1]} 的值不正确：{why}"
    return f"用法不正确：{said}"
