"""Callers: the number as this project writes it, its kind, and where it comes from.

Canonical callers are national digits (``13800138000``, ``01088880001``), foreign ones ``00`` + country. Nobody is
refused for looking odd: a caller we cannot read is of kind ``unknown``. Number and kind are decided at once;
province, city and carrier only when somebody asks (`router.regions`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ivr_flows.findings import Text

from . import numbering, regions
from .number400 import presents_400
from .numbering import ELEVEN_DIGITS, KINDS, Kind
from .spelling import addresses, compact, digits_of, fold, shown, split_extension

MAX_CALLER = 512
"""Of a longer caller text only this many characters are read."""
_MAX_IDENTITY = 32

HIDDEN_WORDS = frozenset(
    {
        *(
            "anonymous",
            "restricted",
            "unavailable",
            "private",
            "withheld",
            "blocked",
            "unknown",
            "hidden",
            "none",
            "null",
        ),
        *(
            "coin line/payphone",
            "interaction with other service",
            "匿名",
            "保密",
            "隐藏",
            "未知",
            "未知号码",
            "私人号码",
        ),
    }
)
"""What switches send instead of a number that is not shown (3GPP TS 24.607 and Asterisk's presentation texts)."""


class CallerError(ValueError):
    """Why a text is no caller, base number or pattern. ``message`` says what is wrong, ``cure`` what to write."""

    def __init__(self, message: Text, cure: Text) -> None:
        super().__init__(message.en)
        self.message = message
        self.cure = cure


@dataclass(frozen=True, slots=True)
class Caller:
    """What is known of a caller; satisfies `ivr_flows.environment.CallerFacts`. ``number`` is canonical, None for a
    hidden one."""

    number: str | None
    kind: Kind

    @property
    def province(self) -> str:
        """Short name of the province-level unit, ``未知`` when not known."""
        return self.place.province

    @property
    def city(self) -> str:
        """The city's name without 市, ``未知`` when not known."""
        return self.place.city

    @property
    def carrier(self) -> str:
        """``mobile``, ``unicom``, ``telecom``, ``broadnet`` or ``unknown``: the carrier that the range was given to,
        also of a number that has moved to another."""
        return self.place.carrier

    @property
    def place(self) -> regions.CallerPlace:
        """Province, city and carrier together."""
        number = self.number
        if number is None:
            return regions.NOWHERE
        if self._in_segments(number):
            return regions.mobile_place(number[:7])
        if self.kind == "landline":
            return regions.landline_place(number)
        if self.kind == "foreign":
            return regions.foreign_place(number)
        return regions.NOWHERE

    @property
    def unsure(self) -> tuple[str, ...]:
        """Of ``province``, ``city``, ``carrier`` those that are unknown because the sources tell them differently."""
        number = self.number
        return regions.mobile_unsure(number[:7]) if number is not None and self._in_segments(number) else ()

    def _in_segments(self, number: str) -> bool:
        return len(number) == 11 and number[0] == "1" and self.kind in ("mobile", "iot")


HIDDEN = Caller(None, "hidden")
UNREADABLE = Caller(None, "unknown")
_AREA_LENGTHS = {code: ((11,) if len(code) == 3 else (11, 12)) for code in regions.AREA_CODES}


def caller_facts(text: str | None, base_number: str | None = None) -> Caller:
    """The facts of the caller that a switch shows as ``text`` (any spelling, URI or name-addr).

    Hidden: nothing given, a word such as ``anonymous``, or ``base_number``: a carrier that does not pass the caller on
    shows the line's own number.
    """
    if not text:
        return HIDDEN
    # The two spellings that nearly every call uses, without any parsing.
    length = len(text)
    if (length == 11 or length == 12) and text.isascii() and text.isdigit() and text != base_number:
        first = text[0]
        if first == "1" and length == 11:
            kind = ELEVEN_DIGITS.get(text[:3])
            if kind is not None and (base_number is None or _is_canonical(base_number)):
                return Caller(text, kind)
        elif first == "0":
            code = text[:3] if text[1] in "12" else text[:4]
            if (
                length in _AREA_LENGTHS.get(code, ())
                and text[len(code)] in "23456789"
                and (base_number is None or _is_canonical(base_number))
            ):
                return Caller(text, "landline")
    identity = _identity(text)
    if not identity:
        return HIDDEN if identity is None else UNREADABLE
    if base_number and identity == canonical_caller(base_number):
        return HIDDEN
    return Caller(identity, numbering.kind_of(identity))


def _is_canonical(base: str) -> bool:
    """Whether a base number surely needs no parsing before it is compared."""
    return base.isdigit() and base.isascii() and base[0] in "01" and len(base) in (11, 12)


def canonical_caller(text: str | None) -> str | None:
    """The canonical number of a caller in any spelling; None when it is hidden or nothing of it can be read. Total.

    What is neither digits nor hidden (``alice``) is kept as the letters, digits and ``._*#-`` of its identity.
    """
    return (_identity(text) or None) if text else None


def _identity(text: str) -> str | None:
    """As `canonical_caller`, with "" for a text of which nothing can be read, and None only for a hidden caller."""
    unread: str | None = None
    for address in addresses(fold(text[:MAX_CALLER])):
        user = address.user
        if not user or user.lower() in HIDDEN_WORDS:
            continue
        head, _ = split_extension(address.number)
        number = compact(head)
        context = compact(address.context)
        if _DIGITS.fullmatch(context) and context.startswith("+") and number.isdigit() and len(number) < 11:
            number = context + number
        if not _DIGITS.fullmatch(number):
            name = _name_of(head)
            number = compact(name)
            if not _DIGITS.fullmatch(number):
                if name and name.lower() not in HIDDEN_WORDS:
                    return name
                unread = None if name else ""
                continue
        return numbering.canonical(number)[:_MAX_IDENTITY]
    return unread


def _name_of(text: str) -> str:
    """What is kept of an identity that is no number. What goes may join what stays to an extension, hence the loop."""
    while True:
        name = _IDENTITY.sub("", split_extension(text)[0])[:_MAX_IDENTITY]
        if name == text:
            return name
        text = name


_DIGITS = re.compile(r"\+?[0-9]+")
_IDENTITY = re.compile(r"[^0-9A-Za-z._*#-]+")


def canonical_pattern(text: str) -> str:
    """A pattern of callers as lists and ``block`` write them: a number, or leading digits and ``*``.

    ``139*``, ``+852*`` (→ ``00852*``), ``010-8888*``, ``0086139*`` (→ ``139*``), ``010-88880001``. Raises
    `CallerError`.
    """
    folded = fold(text[:MAX_CALLER]).strip()
    what = shown(text)
    number = compact(folded.removesuffix("*"))
    if len(text) > MAX_CALLER or len(number) > _MAX_IDENTITY:
        raise CallerError(
            Text(f"“{what}” is longer than any caller's number", f"“{what}”比任何来电号码都长"),
            Text("write digits, such as 13900000000 or 0085*", "请写数字，例如 13900000000 或 0085*"),
        )
    if "*" in number:
        raise CallerError(
            Text(f"“{what}”: * may stand only at the end", f"“{what}”：* 只能写在末尾"),
            Text("write leading digits and one *, such as 139*", "请写开头几位再加一个 *，例如 139*"),
        )
    if folded.lower() in HIDDEN_WORDS:
        raise CallerError(
            Text(f"“{what}” is no number", f"“{what}”不是号码"),
            Text("callers who hide their number are matched by kind: hidden", "隐藏号码的来电请用 kind: hidden 匹配"),
        )
    if not folded.endswith("*"):
        head, extension = split_extension(folded)
        number = compact(head)
        if _DIGITS.fullmatch(number) and extension is None:
            return numbering.canonical(number)
        raise CallerError(
            Text(f"“{what}” is no caller's number", f"“{what}”不是来电号码"),
            Text(
                "write digits, or leading digits and *, such as 13900000000 or 0085*",
                "请写数字，或开头几位加 *，例如 13900000000 或 0085*",
            ),
        )
    prefix = _canonical_prefix(number)
    if not _DIGITS.fullmatch(number) or not prefix:
        if number and not _DIGITS.fullmatch(number):
            message = Text(f"“{what}” has something other than digits before the *", f"“{what}”的 * 前面不全是数字")
        else:
            message = Text(f"“{what}” matches every caller", f"“{what}”会匹配所有来电")
        raise CallerError(
            message,
            Text("write the leading digits before the *, such as 139*", "请在 * 前写开头几位数字，例如 139*"),
        )
    return prefix + "*"


def _canonical_prefix(number: str) -> str:
    """Leading digits as canonical callers begin: without +86, a foreign + as 00, a mobile without its trunk 0."""
    if number.startswith("+86"):
        number = _with_area_zero(number[3:])
    elif number.startswith("0086"):
        number = _with_area_zero(number[4:])
    elif number.startswith("+"):
        number = "00" + number[1:]
    elif number.startswith("86") and len(number) > 4 and number[2:5] in ELEVEN_DIGITS:
        number = number[2:]
    if number.startswith("0") and number[1:4] in ELEVEN_DIGITS and "0" + number[1:3] not in regions.AREA_CODES:
        number = number[1:]
    return number


def _with_area_zero(digits: str) -> str:
    """Leading national digits behind a country code, where a landline has lost its 0: ``10`` → ``010``."""
    for length in (2, 3):
        if "0" + digits[:length] in regions.AREA_CODES and len(digits) >= length and not digits.startswith("1010"):
            return "0" + digits
    return digits


def base_number(text: str) -> str:
    """The canonical digits of a base number: a landline with its area code, or a mobile. Raises `CallerError`."""
    what = shown(text)
    cure = Text("write a landline with its area code, such as 010-88880001", "请写带区号的固定电话，例如 010-88880001")
    if presents_400(text):
        raise CallerError(
            Text(f"“{what}” is a 400 number, not the number it lands on", f"“{what}”是 400 号码，不是落地号码"), cure
        )
    number = _plain_number(text)
    if number is not None and numbering.kind_of(number) in ("landline", "mobile"):
        return number
    if number is not None and re.fullmatch(r"[2-9][0-9]{6,7}", number):
        message = Text(f"“{what}”: the area code is missing", f"“{what}”：缺少区号")
    elif number is not None and number.startswith("00"):
        message = Text(f"“{what}” is a foreign number", f"“{what}”是境外号码")
    else:
        message = Text(f"“{what}” is neither a landline nor a mobile", f"“{what}”既不是固定电话也不是手机号码")
    raise CallerError(message, cure)


def valid_number(text: str) -> str | None:
    """The canonical digits of any valid number (a 400 number, mobile, landline, service, short, IoT, privacy or foreign
    one); None when ``text`` is none. This is what ``call`` and ``resolve`` accept."""
    number = _plain_number(text)
    if number is None:
        return None
    if re.fullmatch(r"400[0-9]{7}", number) or numbering.is_valid_other(number):
        return number
    return None


def _plain_number(text: str) -> str | None:
    """Canonical digits of a text that is one number and nothing else, with an extension or not; None when it is not."""
    if not text or len(text) > MAX_CALLER:
        return None
    parties = addresses(fold(text))
    if len(parties) != 1:
        return None
    head, extension = split_extension(parties[0].number)
    number = compact(head)
    if not _DIGITS.fullmatch(number) or (extension is not None and not digits_of(extension)):
        return None
    return numbering.canonical(number)


__all__ = [
    "HIDDEN",
    "HIDDEN_WORDS",
    "KINDS",
    "UNREADABLE",
    "Caller",
    "CallerError",
    "Kind",
    "base_number",
    "caller_facts",
    "canonical_caller",
    "canonical_pattern",
    "valid_number",
]
