"""Reading the original called number out of SIP header text: which 400 number was dialled before the carrier
translated it to the base number.

Forms: ``P-Called-Party-ID`` (RFC 7315) and ``To`` hold one address; ``History-Info`` (RFC 7044) a list with an
``index`` each, where the entry before one with the URI parameter ``cause=380`` (RFC 8119, service number
translation) was dialled; ``Diversion`` (RFC 5806) a list with the latest diversion first, so the original is last. The
text comes from a network: it is bounded, read once from left to right, and what it means is a 400 number or
nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Final
from urllib.parse import unquote_to_bytes

from .model import HeaderName
from .number400 import Number400, NumberError

MAX_HEADER: Final = 4096
MAX_ENTRIES: Final = 32
_MAX_USER: Final = 64
_MAX_KNOWN: Final = 256
_TRANSLATED: Final = "380"

SIP_NAMES: Final[Mapping[HeaderName, str]] = {
    "p-called-party-id": "P-Called-Party-ID",
    "history-info": "History-Info",
    "diversion": "Diversion",
    "to": "To",
}
"""The header of each key of a trunk's ``original_called``, as SIP writes it; a carrier's own is written as it is."""


def sip_name(header: HeaderName) -> str:
    """The name of ``header`` in SIP."""
    return SIP_NAMES.get(header, header)


def original_called(text: str, header: HeaderName | None = None) -> str | None:
    """The 400 number that the header's ``text`` names as originally called, canonical; None when it names none.

    Without ``header`` its kind is told by its parameters: ``index`` is History-Info, ``reason`` or ``counter``
    Diversion. Total: never raises.
    """
    if len(text) > MAX_HEADER:
        return None
    return _known(text, header) if len(text) <= _MAX_KNOWN else _read(text, header)


def _read(text: str, header: HeaderName | None) -> str | None:
    entries = [_Entry(part) for part in _split(text, ",")][:MAX_ENTRIES]
    if header is None:
        header = _kind(entries)
    if header == "history-info":
        return _from_history(entries)
    ordered: Iterable[_Entry] = reversed(entries) if header == "diversion" else entries[:1]
    return _first_number(ordered)


_known = lru_cache(maxsize=4096)(_read)
"""A carrier names the same few numbers in the same few forms again and again."""


class _Entry:
    """One address of a header: the user part of its URI, the URI's ``cause`` and the header parameters."""

    __slots__ = ("cause", "number", "parameters")

    def __init__(self, text: str) -> None:
        uri, rest = _address(text)
        self.number = _number(uri)
        self.cause = _parameters(uri.partition("?")[0]).get("cause")
        self.parameters = _parameters(rest)


def _kind(entries: list[_Entry]) -> HeaderName:
    for entry in entries:
        if "index" in entry.parameters:
            return "history-info"
        if "reason" in entry.parameters or "counter" in entry.parameters:
            return "diversion"
    return "to"


def _from_history(entries: list[_Entry]) -> str | None:
    """The number that was translated: the entry from which one with ``cause=380`` came (by index, else the one
    before it); without such a mark the earliest 400 number."""
    ordered = sorted(entries, key=lambda entry: _index(entry.parameters.get("index", "")))
    by_index = {_index(entry.parameters.get("index", "")): entry for entry in ordered}
    for position, entry in enumerate(ordered):
        if entry.cause != _TRANSLATED:
            continue
        parent = by_index.get(_index(entry.parameters.get("index", ""))[:-1])
        if parent is None and position > 0:
            parent = ordered[position - 1]
        if parent is not None and parent.number is not None:
            return parent.number
    return _first_number(ordered)


def _first_number(entries: Iterable[_Entry]) -> str | None:
    return next((entry.number for entry in entries if entry.number is not None), None)


def _index(text: str) -> tuple[int, ...]:
    """``1.2.1`` as numbers, so that 1.10 follows 1.9; anything else sorts last."""
    parts = text.split(".")
    if all(part.isascii() and part.isdigit() and len(part) <= 6 for part in parts):
        return tuple(int(part) for part in parts)
    return (10**9,)


def _address(text: str) -> tuple[str, str]:
    """The URI of one entry, and what follows it. A quoted display name may contain ``<``."""
    quoted = False
    escaped = False
    for position, char in enumerate(text):
        if escaped:
            escaped = False
        elif quoted and char == "\\":
            escaped = True
        elif char == '"':
            quoted = not quoted
        elif char == "<" and not quoted:
            end = text.find(">", position)
            return (text[position + 1 : end], text[end + 1 :]) if end > 0 else ("", "")
    uri, _, rest = text.partition(";")  # without angle brackets the parameters belong to the header
    return uri.strip(), f";{rest}"


def _number(uri: str) -> str | None:
    scheme, colon, rest = uri.strip().partition(":")
    if not colon and "@" not in scheme:
        scheme, rest = "tel", scheme  # a switch that hands over the number alone
    if scheme.lower() not in ("sip", "sips", "tel"):
        return None
    user, at, _ = rest.partition("@")
    if scheme.lower() == "tel":
        user = rest
    elif not at:
        return None
    user = user.partition(";")[0].partition(":")[0]  # no parameters, no password
    if not user or len(user) > _MAX_USER:
        return None
    try:
        plain = unquote_to_bytes(user).decode("ascii")
        # `Number400.parse` decodes escapes too; what is escaped twice is nobody's number.
        return Number400.parse(plain).digits if plain.isprintable() and "%" not in plain else None
    except (UnicodeDecodeError, NumberError):
        return None  # not a 400 number: that is the answer, not a failure


def _parameters(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in _split(text, ";")[1:]:
        key, _, value = part.partition("=")
        found.setdefault(key.strip().lower(), value.strip().strip('"'))
    return found


def _split(text: str, separator: str) -> list[str]:
    """``text`` at each ``separator`` that stands outside quotes and angle brackets."""
    parts: list[str] = []
    begin = 0
    quoted = escaped = inside = False
    for position, char in enumerate(text):
        if escaped:
            escaped = False
        elif quoted:
            if char == "\\":
                escaped = True
            elif char == '"':
                quoted = False
        elif char == '"' and not inside:
            quoted = True
        elif char == "<":
            inside = True
        elif char == ">":
            inside = False
        elif char == separator and not inside:
            parts.append(text[begin:position])
            begin = position + 1
    parts.append(text[begin:])
    return parts
