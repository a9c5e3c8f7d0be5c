"""Text as Asterisk's configuration files take it. Whatever a configuration names ends as data, never as a directive.

Asterisk reads files line by line: a line break begins another directive, ``;`` a comment. In the dialplan ``${`` and
``$[`` are evaluated, a comma separates arguments. What cannot be written safely is refused, not altered.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from hashlib import sha256

_SAFE_NAME = re.compile(r"[A-Za-z0-9_-]{1,40}")
_DIGEST = re.compile(r"n[0-9a-f]{16}", re.IGNORECASE)
_WORD = re.compile(r"[A-Za-z0-9_.:/@+*#=-]*")


class Unquotable(ValueError):
    """A text that has no safe form in the place where it is wanted."""


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
        raise Unquotable(f"{text!r} cannot be a value")
    return text.replace("\\", "\\\\").replace(";", "\\;") if ";" in text else text


def argument(text: str) -> str:
    """``text`` as an argument of a dialplan application. Raises `Unquotable` for anything that Asterisk could read as
    more than text: only letters of any script, digits, a few signs and what names may hold besides pass."""
    if all(character.isalnum() or "\u3400" <= character <= "\u9fff" for character in text.translate(_SIGNS)):
        return text
    raise Unquotable(f"{text!r} cannot be an argument")


_SIGNS = {ord(sign): "x" for sign in "_.:/@+*#=-"}


def word(text: str) -> str:
    """``text`` of ASCII letters, digits and ``_.:/@+*#=-`` only. Raises `Unquotable`."""
    if _WORD.fullmatch(text):
        return text
    raise Unquotable(f"{text!r} is no plain word")


def section(name: str, items: Iterable[tuple[str, str]] | Mapping[str, str], template: str = "") -> str:
    """One section: ``[name]`` or ``[name](template)``, then ``key = value`` lines."""
    pairs = items.items() if isinstance(items, Mapping) else items
    head = f"[{word(name)}]" + (f"({template})" if template else "")
    return "\n".join([head, *(f"{key} = {value(text)}" for key, text in pairs), ""])
