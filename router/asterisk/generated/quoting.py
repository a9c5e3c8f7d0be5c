"""Text as Asterisk's configuration files take it. Whatever a configuration names ends as data, never as a directive.

Asterisk reads files line by line: a line break begins another directive, ``;`` a comment. In the dialplan ``${`` and
``$[`` are evaluated, a comma separates arguments. What cannot be written safely is refused, not altered.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from hashlib import sha256

from ivr_flows.findings import Text

_SAFE_NAME = re.compile(r"[A-Za-z0-9_-]{1,40}")
_DIGEST = re.compile(r"n[0-9a-f]{16}", re.IGNORECASE)
_WORD = re.compile(r"[A-Za-z0-9_.:/@+*#=-]*")


class Unquotable(ValueError):
    """A text that has no safe form in the place where it is wanted; ``message`` and ``cure`` say so."""

    def __init__(self, text: str, place: Text, cure: Text) -> None:
        super().__init__(f"{text!r} cannot be {place.en}")
        self.code = "unquotable"
        shown = repr(text[:60])
        self.message = Text(
            f"{shown} cannot be {place.en} in Asterisk's files.", f"{shown} 不能用作 Asterisk 配置中的{place.zh}。"
        )
        self.cure = cure


def section_name(name: str) -> str:
    """The name of a context, endpoint or the like for ``name``: itself where it is plain, else a digest of it.

    Asterisk bounds contexts to 80 bytes, and a Chinese name may be longer than that in UTF-8.
    """
    return name if _SAFE_NAME.fullmatch(name) and not _DIGEST.fullmatch(name) else digest_name(name)


def digest_name(name: str) -> str:
    """The digest that stands for ``name``; no plain name is one."""
    return "n" + sha256(name.encode()).hexdigest()[:16]


def value(text: str) -> str:
    """``text`` as the value of a key: ``;`` escaped. Raises `Unquotable` for control characters and outer spaces,
    which would end the line or be lost."""
    if any(ord(character) < 32 or ord(character) == 127 for character in text) or text != text.strip():
        raise Unquotable(
            text,
            Text("a value", "值"),
            Text("Write it without control characters and outer spaces.", "请勿包含控制字符或首尾空格。"),
        )
    return text.replace("\\", "\\\\").replace(";", "\\;") if ";" in text else text


def argument(text: str) -> str:
    """``text`` as an argument of a dialplan application. Raises `Unquotable` for anything that Asterisk could read as
    more than text: only letters of any script, digits, a few signs and what names may hold besides pass."""
    if all(character.isalnum() or "\u3400" <= character <= "\u9fff" for character in text.translate(_SIGNS)):
        return text
    raise Unquotable(
        text, Text("an argument", "参数"), Text("Use letters, digits and `_ . -` only.", "请仅用字母、数字和 `_ . -`。")
    )


_SIGNS = {ord(sign): "x" for sign in "_.:/@+*#=-"}


def word(text: str) -> str:
    """``text`` of ASCII letters, digits and ``_.:/@+*#=-`` only. Raises `Unquotable`."""
    if _WORD.fullmatch(text):
        return text
    raise Unquotable(
        text,
        Text("a word", "单词"),
        Text(
            "Use ASCII letters, digits and `_ . : / @ + * # = -` only; addresses are of IPv4.",
            "请仅用 ASCII 字母、数字和 `_ . : / @ + * # = -`；地址须为 IPv4。",
        ),
    )


def section(name: str, items: Iterable[tuple[str, str]] | Mapping[str, str], template: str = "") -> str:
    """One section: ``[name]`` or ``[name](template)``, then ``key = value`` lines."""
    pairs = items.items() if isinstance(items, Mapping) else items
    head = f"[{word(name)}]" + (f"({template})" if template else "")
    return "\n".join([head, *(f"{key} = {value(text)}" for key, text in pairs), ""])
