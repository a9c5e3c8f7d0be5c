"""The command that speaks prompts in place of espeak-ng, as ``line400.yaml`` names it."""

from __future__ import annotations

import re

from ivr_flows.findings import Text
from ivr_flows.schema import Refusal, nearest

from .values import as_text, kind

PLACEHOLDERS = ("{text}", "{language}", "{voice}", "{output}")
MOST_WORDS = 50
_PLACEHOLDER = re.compile(r"\{[A-Za-z_]*\}")
_CURE = Text(
    'Write a list, one item a word: [my-tts, --language, "{language}", --out, "{output}"].',
    '请写成列表，每个参数一项：[my-tts, --language, "{language}", --out, "{output}"]。',
)


def read_command_word(value: object) -> str:
    """One word of a command: any printable text; what stands in braces is one of `PLACEHOLDERS`."""
    text = as_text(value)
    if not text or not text.isprintable() or len(text) > 1000:
        raise Refusal(Text("This is no word of a command.", "这不是命令的参数。"), _CURE, "bad-command")
    for found in _PLACEHOLDER.findall(text):
        if found not in PLACEHOLDERS:
            close = nearest(found, PLACEHOLDERS)
            raise Refusal(
                Text(f"`{found}` is nothing that a command is given.", f"`{found}` 不是可替换的参数。"),
                Text(f"Did you mean `{close}`?", f"是否想写 `{close}`？")
                if close
                else Text(f"There are {', '.join(PLACEHOLDERS)}.", f"可用：{'、'.join(PLACEHOLDERS)}。"),
                "bad-command",
            )
    return text


def one_program(words: tuple[str, ...]) -> tuple[str, ...]:
    """The words of a command, the first of which is the program."""
    if words and (_PLACEHOLDER.search(words[0]) or (len(words) == 1 and " " in words[0])):
        raise Refusal(
            Text(
                "The first item is the program alone; there is no shell that would take a line apart.",
                "第一项只能是程序名；命令不经过 shell，不会拆分整行。",
            ),
            _CURE,
            "bad-command",
        )
    return words


CommandWord = kind(read_command_word, str, type="string", examples=["my-tts", "{text}", "{output}"])
