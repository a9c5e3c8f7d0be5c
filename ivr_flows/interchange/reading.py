"""Reading foreign files, which are hostile: bounded in size, depth and count, errors with a place, never a crash."""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn

from ..findings import Finding, Place, Text
from ..schema import plain
from ..yaml_source import read_text as read_yaml

MAX_BYTES = 8 * 1024 * 1024
MAX_DEPTH = 60
MAX_VALUES = 400_000


class UnreadableFile(Exception):
    """A file of which no flow can be made. ``findings`` say where and why."""

    code = "unreadable-import"

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.message.en)
        self.message = finding.message
        self.cure = finding.cure
        self.findings = [finding]


def refuse(place: Place, message: Text, cure: Text, code: str = "import-not-read") -> NoReturn:
    """Raise `UnreadableFile` with one finding."""
    raise UnreadableFile(Finding("error", code, place, message, cure))


def decode(data: bytes, file: str) -> str:
    """``data`` as text: UTF-8, UTF-16 by its mark or its zeros, GB18030 where it gives Chinese, else Latin-1, in which
    old dialplans are. Raises `UnreadableFile` where it is too large, empty or no text."""
    if len(data) > MAX_BYTES:
        refuse(
            Place(file),
            Text(
                f"The file has {len(data):,} bytes; at most {MAX_BYTES:,} are read.",
                f"文件有 {len(data):,} 字节，上限为 {MAX_BYTES:,} 字节。",
            ),
            Text("Export fewer flows at a time.", "请分批导出。"),
            "file-too-large",
        )
    text, wrong = _text(data)
    if text is None:
        line = data.count(b"\n", 0, wrong) + 1
        refuse(
            Place(file, line, wrong - (data.rfind(b"\n", 0, wrong) + 1) + 1),
            Text("The file is no text, or in an unknown encoding.", "文件不是文本，或编码无法识别。"),
            Text("Save it as UTF-8.", "请另存为 UTF-8。"),
            "wrong-encoding",
        )
    if not text.strip():
        refuse(
            Place(file),
            Text("The file is empty.", "文件是空的。"),
            Text("Export the flow again.", "请重新导出流程。"),
            "empty-file",
        )
    return text


def _text(data: bytes) -> tuple[str | None, int]:
    """The text of ``data``, or None with the byte at which it is none."""
    sample = data[:4096]
    zeros = sample.count(0)
    encodings = ["utf-8-sig"]
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        encodings = ["utf-16"]
    elif zeros > len(sample) // 4:
        encodings = ["utf-16-le" if sample[1::2].count(0) >= zeros // 2 else "utf-16-be"]
    elif not zeros:
        encodings += ["gb18030", "latin-1"]
    wrong = 0
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError as error:
            wrong = wrong or error.start
            continue
        if encoding == "gb18030" and not _is_chinese(text):
            continue
        if encoding == "latin-1" and any(0x7F < byte < 0xA0 for byte in data):
            continue
        return text, 0
    return None, wrong


def _is_chinese(text: str) -> bool:
    """Whether what is no ASCII in ``text`` is Chinese for the most part: bytes of other encodings give rare letters."""
    others = [letter for letter in text if letter > "\x7f"]
    common = sum(
        1 for letter in others if "\u4e00" <= letter <= "\u9fa5" or "\u3000" <= letter <= "\u303f" or letter > "\uff00"
    )
    usual = sum(1 for letter in others if letter in _USUAL)
    return common >= 0.9 * len(others) and usual * 20 >= len(others)


_USUAL = frozenset(
    "的是您请按一二三四五六七八九零转人工服务业务电话号码欢迎致电输入在线客户挂机等待稍后有我不了个，。：、"
)
"""Letters that a Chinese call flow is full of."""


def read_json(text: str, file: str) -> Any:
    """The JSON value of ``text``. Raises `UnreadableFile` with the place of a fault."""
    if _too_deep(text):
        refuse(
            Place(file),
            Text(f"Values are nested more than {MAX_DEPTH} deep.", f"嵌套超过 {MAX_DEPTH} 层。"),
            Text("No flow is nested that deep; check the file.", "流程不会嵌套这么深，请检查文件。"),
            "too-deep",
        )
    try:
        return json.loads(text, parse_int=_whole, parse_constant=lambda name: name)
    except json.JSONDecodeError as error:
        refuse(
            Place(file, error.lineno, error.colno),
            Text(f"This is not JSON: {error.msg}.", f"不是合法的 JSON：{error.msg}。"),
            Text("Export the flow again, or correct this place.", "请重新导出，或更正此处。"),
            "json-syntax",
        )


def read_yaml_tree(text: str, file: str) -> Any:
    """The YAML value of ``text`` as dicts, lists, texts and None. Raises `UnreadableFile`."""
    document = read_yaml(text, file)
    wrong = [finding for finding in document.findings if finding.severity == "error"]
    if document.root is None:
        raise UnreadableFile(wrong[0])
    return plain(document.root)


def mapping(value: Any) -> dict[str, Any]:
    """``value`` where it is a mapping, else an empty one."""
    return value if isinstance(value, dict) else {}


def items(value: Any) -> list[Any]:
    """``value`` where it is a list, else an empty one."""
    return value if isinstance(value, list) else []


def word(value: Any) -> str:
    """``value`` as a text: scalars written out, anything else empty."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int | float) else ""


def flag(value: Any) -> bool:
    """Whether ``value`` says yes in any of the spellings that exports use."""
    return word(value).strip().lower() in ("true", "yes", "1", "enable", "enabled", "on")


def _whole(digits: str) -> int | str:
    return int(digits) if len(digits) <= 18 else digits


_STRING = re.compile(r'"(?:[^"\\]|\\.)*"?', re.DOTALL)


def _too_deep(text: str) -> bool:
    """Whether brackets outside of strings nest too deep or are too many (the parser itself recurses)."""
    depth = 0
    for count, letter in enumerate(re.findall(r"[\[\]{},]", _STRING.sub("", text))):
        depth += 1 if letter in "[{" else -1 if letter in "]}" else 0
        if depth > MAX_DEPTH or count > MAX_VALUES:
            return True
    return False
