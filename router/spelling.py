"""How people and switches write a telephone number: characters folded, addresses taken apart, extensions cut off.

Nothing here knows what a valid number is; `router.numbering` and `router.number400` judge what comes out.
All functions are total and linear in the length of their text.
"""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple
from urllib.parse import unquote

_KEPT_FOLDS = 4096
_DASHES = frozenset("‐‑‒–—―−⸺⸻〜～﹘﹣－ーｰ")
_DOTS = frozenset("·・•‧∙⋅･。．")


class _Fold(dict[int, str]):
    """Code point → what it is folded to; filled on demand, its size bounded whatever a peer sends."""

    def __missing__(self, point: int) -> str:
        folded = _fold_character(chr(point))
        if len(self) < _KEPT_FOLDS:
            self[point] = folded
        return folded


def _fold_character(character: str) -> str:
    """One character folded. Character by character, since NFKC of a whole text is quadratic in the length of a run
    of combining marks."""
    if character in _DASHES:
        return "-"
    if character in _DOTS:
        return "."
    folded = []
    for part in unicodedata.normalize("NFKC", character):
        digit = unicodedata.digit(part, None)
        category = unicodedata.category(part)
        if digit is not None:
            folded.append(str(digit))
        elif part.isspace() or category == "Zs":
            folded.append(" ")
        elif category == "Pd":
            folded.append("-")
        elif category == "Cc":
            folded.append("\ufffd")
        elif category not in ("Cf", "Mn", "Me"):
            folded.append(part)
    return "".join(folded)


_FOLD = _Fold()
_PLAIN = re.compile(r"[\x20-\x7e]*")


def fold(text: str) -> str:
    """``text`` with every kind of digit as 0-9, full-width and other compatibility forms as their plain ones, every
    space as a space, dash as ``-`` and middle dot as ``.``; what has no width (zero-width spaces, direction and
    combining marks, variation selectors) is dropped, other control characters become U+FFFD.

    Letters and Chinese numerals stay what they are: they are not digits.
    """
    if _PLAIN.fullmatch(text):
        return text
    return text.translate(_FOLD)


class Address(NamedTuple):
    """One party as a SIP header, a URI or a plain text names it. ``user`` is the number's text as written;
    ``extension`` and ``context`` are the values of ``;ext=`` and ``;phone-context=``; ``trailer`` is what stands
    behind ``>`` where only parameters may. ``whole`` is a text without scheme that only looks like an address, without
    its port."""

    user: str
    display: str = ""
    extension: str | None = None
    context: str = ""
    trailer: str = ""
    whole: str = ""

    @property
    def number(self) -> str:
        """The user part with its percent escapes undone once, as a URI means it."""
        return fold(unquote(self.user)).strip() if "%" in self.user else self.user


_SCHEME = re.compile(r"\s*(sips?|tel|callto):(?://)?", re.IGNORECASE)
_ANY_SCHEME = re.compile(r"(?:sips?|tel|callto):", re.IGNORECASE)
_PARAMETERS = re.compile(r";\s*(?=[A-Za-z][\w.-]*\s*(?:=|;|$))")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_PORT = re.compile(r":\d*$")


def addresses(folded: str) -> list[Address]:
    """The addresses in a folded text: one for a plain number or URI, several for a header that lists several.
    Never empty."""
    return [_address(piece) for piece in _pieces(folded)]


def _pieces(text: str) -> list[str]:
    """The comma-separated addresses of a header. A comma between plain numbers is a dialling pause, not a list."""
    if "," not in text or ("<" not in text and not _ANY_SCHEME.search(text)):
        return [text]
    pieces: list[str] = []
    start = 0
    quoted = bracketed = False
    listed = "<" in text
    position = 0
    while position < len(text):
        character = text[position]
        if character == "\\" and quoted:
            position += 1
        elif character == '"':
            quoted = not quoted
        elif quoted:
            pass
        elif character == "<":
            bracketed = True
        elif character == ">":
            bracketed = False
        elif character == "," and not bracketed and (listed or _SCHEME.match(text, position + 1)):
            pieces.append(text[start:position])
            start = position + 1
        position += 1
    pieces.append(text[start:])
    return [piece for piece in pieces if piece.strip()] or [text]


def _opening(piece: str) -> int:
    """Where the ``<`` outside quotes is; with unbalanced quotes the first one at all; -1 without any."""
    quoted = False
    position = 0
    while position < len(piece):
        character = piece[position]
        if character == "\\" and quoted:
            position += 1
        elif character == '"':
            quoted = not quoted
        elif character == "<" and not quoted:
            return position
        position += 1
    return piece.find("<") if quoted else -1


def _unquoted(text: str) -> str:
    text = text.strip()
    if '"' not in text and "\\" not in text:
        return text
    return _ESCAPED.sub(r"\1", text).replace('"', "").strip()


def _address(piece: str) -> Address:
    opening = _opening(piece)
    if opening < 0:
        return _uri(_unquoted(piece))
    inside, _, behind = piece[opening + 1 :].partition(">")
    address = _uri(inside)
    return address._replace(display=_unquoted(piece[:opening]), trailer=behind.partition(";")[0].strip())


def _uri(text: str) -> Address:
    scheme = _SCHEME.match(text)
    rest = text[scheme.end() :] if scheme else text
    is_tel = scheme is not None and scheme[1].lower() == "tel"
    if not is_tel and "@" in rest:
        user, _, host = rest.rpartition("@")
        user = user.partition(":")[0]
        if not user.strip():
            user = _PORT.sub("", re.split(r"[;?]", host, maxsplit=1)[0])
    elif scheme and not is_tel:
        user = _PORT.sub("", rest.partition("?")[0].partition(";")[0])
    else:
        user = rest.partition("?")[0] if scheme else rest
    number, *parameters = _PARAMETERS.split(user)
    extension: str | None = None
    context = ""
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        match name.strip().lower():
            case "ext":
                extension = fold(unquote(value)).strip()
            case "phone-context":
                context = fold(unquote(value)).strip()
    looks_only = not scheme and ("@" in rest or bool(parameters))
    return Address(number.strip(), "", extension, context, "", _PORT.sub("", text) if looks_only else "")


def decodings(text: str) -> list[str]:
    """``text`` and what up to four rounds of percent-decoding make of it: a far side may decode once more."""
    found = [text]
    while "%" in found[-1] and len(found) < 5:
        further = fold(unquote(found[-1]))
        if further == found[-1]:
            break
        found.append(further)
    return found


_MARK = re.compile(
    r"(?:(?:转|轉|分机号?|分機號?|内线|內線|extension|extn?\b\.?|ext(?=\d)|x(?=[\s.:\-]*\d)|\#|,|;\s*ext\s*=)[\s.:=\-]*)+",
    re.IGNORECASE,
)
_PAUSE = re.compile(r"\s*([09])\s*,+\s*(?=[+(\d])")


def split_extension(text: str) -> tuple[str, str | None]:
    """A number's text and its extension: ``4008001234转12``, ``… ext 12``, ``… x12``, ``…#12``, ``…,12``. The
    extension is None where there is no mark, and is given as written, whether or not it is digits. An outside-line
    digit with its pause (``9,4008001234``) is not taken for a number."""
    pause = _PAUSE.match(text)
    if pause:
        text = pause[1] + text[pause.end() :]
    for mark in _MARK.finditer(text):
        if any(character.isdigit() for character in text[: mark.start()]):
            return text[: mark.start()].strip(" (["), text[mark.end() :].strip(" )].")
    return text.strip(), None


_SEPARATORS = str.maketrans("", "", " -./_()[]~'")


def compact(text: str) -> str:
    """``text`` without the separators that people put between digits."""
    return text.translate(_SEPARATORS)


_NON_DIGITS = re.compile(r"[^0-9]+")


def digits_of(text: str) -> str:
    """Only the digits of a folded text."""
    return _NON_DIGITS.sub("", text)


def shown(text: object) -> str:
    """``text`` as it may stand in a message or a log: one line, no control characters, at most 40 characters."""
    if not isinstance(text, str):
        return type(text).__name__
    line = "".join(character if character.isprintable() else "�" for character in text[:200]).strip()
    return line if len(line) <= 40 else line[:39] + "…"
