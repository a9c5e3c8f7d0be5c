"""What is wrong where YAML cannot be read: libyaml's words in two languages, and the usual slips recognised.

libyaml often notices a slip only on the line behind it, so the line above is looked at too.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import yaml

from .findings import Text

_ZH = {
    "mapping values are not allowed in this context": "此处不能出现“键: 值”",
    "block sequence entries are not allowed in this context": "此处不能出现列表项 `- `",
    "could not find expected ':'": "缺少冒号 `:`",
    "did not find expected key": "此处应为下一个键",
    "did not find expected '-' indicator": "此处应为下一个列表项 `- `",
    "did not find expected ',' or '}'": "缺少 `,` 或 `}`",
    "did not find expected ',' or ']'": "缺少 `,` 或 `]`",
    "did not find expected node content": "缺少内容",
    "did not find expected <document start>": "文件内容已结束，此后不能再有内容",
    "found unexpected end of stream": "文件意外结束，可能缺少引号",
    "found unexpected document indicator": "引号未结束就遇到 `---` 或 `...`",
    "found character that cannot start any token": "值不能以此字符开头",
    "found unknown escape character": "无法识别的转义字符",
    "control characters are not allowed": "不允许控制字符",
}
_KEY = r"\s*(?:-\s+)?[\"']?[\w.-]+[\"']?"
_WIDE_COLON = re.compile(_KEY + r"(?P<here>：)")
_NO_SPACE = re.compile(r"\s*(?:-\s+)?(?P<key>[A-Za-z_]\w{0,40}):(?P<here>[^\s/])")
_NO_SPACE_BEHIND_DASH = re.compile(r"\s*-(?P<here>[A-Za-z_]\w{0,40}):(?:\s|$)")
_SECOND_COLON = re.compile(_KEY + r":\s+[^\s\"'{\[|>&*#].*?(?P<here>:)(?:\s|$)")


@dataclass(frozen=True, slots=True)
class Problem:
    """``line`` and ``column`` count from 1."""

    code: str
    line: int
    column: int
    message: Text
    cure: Text


def explain(text: str, error: yaml.MarkedYAMLError) -> Problem:
    """The reason why ``text`` is not YAML, its place and its cure."""
    mark = error.problem_mark or error.context_mark
    line = mark.line + 1 if mark else 1
    column = mark.column + 1 if mark else 1
    lines = text.splitlines()
    written = lines[line - 1] if line <= len(lines) else ""
    stripped = written.lstrip()
    problem = " ".join((error.problem or str(error)).split())[:200]
    if "\t" in written[: len(written) - len(stripped) + 1] or "\\t" in problem:
        return Problem(
            "tab",
            line,
            column,
            Text("A tab is used for indentation; YAML allows only spaces.", "缩进用了制表符，YAML 只允许空格。"),
            Text("Replace the tab by two spaces.", "把制表符换成两个空格。"),
        )
    if "alias" in problem or "anchor" in problem or stripped.startswith("*"):
        return Problem(
            "star-not-quoted",
            line,
            column,
            Text("YAML reads a bare `*` as an alias.", "YAML 把不加引号的 `*` 读成别名。"),
            Text('Write the key with quotes: "*".', '给该键加引号："*"。'),
        )
    if "{{" in written:
        return Problem(
            "template-not-quoted",
            line,
            column,
            Text("YAML reads `{{ … }}` without quotes as a mapping.", "不加引号的 `{{ … }}` 会被 YAML 读成映射。"),
            Text('Put quotes around the whole value: "{{ … }}".', '给整个值加引号："{{ … }}"。'),
        )
    above = next((number for number in range(min(line - 1, len(lines)), 0, -1) if _holds_text(lines[number - 1])), 0)
    for number in (line, above):
        slip = _slip(lines[number - 1], number, problem) if 0 < number <= len(lines) else None
        if slip:
            return slip
    return Problem(
        "yaml-syntax",
        line,
        column,
        Text(f"YAML cannot be read here: {problem}.", f"此处 YAML 无法读取：{_ZH.get(problem, problem)}。"),
        _cure(problem, stripped, written, lines[above - 1] if above else "", above),
    )


def _holds_text(line: str) -> bool:
    return bool(line.strip()) and not line.lstrip().startswith("#")


def _slip(written: str, line: int, problem: str) -> Problem | None:
    """A slip that this line shows by itself."""

    def found(match: re.Match[str], message: Text, cure: Text) -> Problem:
        return Problem("yaml-syntax", line, match.start("here") + 1, message, cure)

    if match := _WIDE_COLON.match(written):
        return found(
            match,
            Text("The full-width colon `：` is no colon of YAML.", "这里是全角冒号 `：`，YAML 不识别。"),
            Text("Write a half-width colon and a space: `: `.", "改用半角冒号，后面加一个空格：`: `。"),
        )
    if match := _NO_SPACE_BEHIND_DASH.match(written):
        return found(
            match,
            Text("There is no space behind `-`.", "`-` 后面缺少空格。"),
            Text(f"Write `- {match['here']}:`.", f"请写 `- {match['here']}:`。"),
        )
    if problem.startswith(("could not find expected ':'", "mapping values", "did not find expected key")):
        if match := _NO_SPACE.match(written):
            return found(
                match,
                Text(f"There is no space behind `{match['key']}:`.", f"`{match['key']}:` 后面缺少空格。"),
                Text("Put a space behind the colon.", "请在冒号后加一个空格。"),
            )
        if match := _SECOND_COLON.match(written):
            return found(
                match,
                Text("The text holds a colon and has no quotes.", "文本中含有冒号，却没有加引号。"),
                Text("Put quotes around the whole text behind the first colon.", "给第一个冒号后的整段文本加引号。"),
            )
    return None


def _cure(problem: str, stripped: str, written: str, line_above: str, above: int) -> Text:
    if stripped.startswith(("@", "`", "%")) or ("cannot start any token" in problem and "@" in stripped[:80]):
        return Text("Put quotes around the value.", "给该值加上引号。")
    here, there = (len(text) - len(text.lstrip(" ")) for text in (written, line_above))
    if (
        above
        and here != there
        and problem.startswith(("mapping values", "did not find expected key", "did not find expected '-'"))
    ):
        return Text(
            f"This line is indented by {here} spaces, line {above} by {there}. Give keys that belong together the same "
            "indentation; a list item begins with `- `.",
            f"本行缩进 {here} 个空格，第 {above} 行缩进 {there} 个。同一层的键缩进必须相同；列表项以 `- ` 开头。",
        )
    return Text("Check the indentation, the colon and the quotes of this line.", "检查本行的缩进、冒号和引号。")
