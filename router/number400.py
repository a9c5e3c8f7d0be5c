"""400 numbers: `Number400.parse` reads one, `presents_400` says whether a calling number shows one.

The grammar is ours (CONTRACT, *Numbers and callers*): `phonenumbers` lets ``400-CALL-NOW`` and leading free text
through and refuses ``sip:`` and ``转``. It accepts 400 and seven digits

- in any kind of digit and any grouping: ``400-800-1234``, ``4008-001-234``, ``４００　８００　１２３４``,
  ``400·800·1234``; between them spaces, dashes, dots, ``/``, ``_``, brackets; what has no width counts for nothing;
- behind an outside-line ``9``, an IP-call prefix (``17911``), ``+86``, ``0086``, ``86``, ``(86)`` and a trunk ``0``,
  in this order, each at most once;
- before an extension of 1 to 10 digits: ``转12``, ``分机12``, ``ext 12``, ``x12``, ``#12``, ``,12``, ``;ext=12``;
- in a ``tel:``, ``sip:`` or ``sips:`` URI with any parameters, as ``user@host``, or in a name-addr with a display
  name; in a header of several addresses the first that is a 400 number counts.

Letters are not digits, an ``O`` is no ``0``, and ``四零零`` is text: all of these are refused with a hint.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ivr_flows.findings import Text

from . import numbering
from .spelling import (
    Address,
    addresses,
    compact,
    decodings,
    digits_of,
    fold,
    shown,
    split_extension,
)

MAX_TEXT = 1024
"""Longest text that `Number400.parse` reads, in characters."""
MAX_JUDGED = 8192
"""Of a longer text `presents_400` judges the first and last half of this; no switch shows more of a caller."""

# Who opens numbers by the fourth digit (agents' pages agree on these six; 4002 to 4005 are not settled).
_CARRIERS = {"1": "mobile", "7": "mobile", "0": "unicom", "6": "unicom", "8": "telecom", "9": "telecom"}

_CURE = Text("write the ten digits, such as 400-800-1234", "请写 10 位数字，例如 400-800-1234")


class NumberError(ValueError):
    """Why a text is no 400 number.

    ``code`` is one of ``empty``, ``letters``, ``free_text``, ``masked``, ``too_short``, ``too_long``, ``area_code``,
    ``country_code``, ``service_800``, ``service_95``, ``service``, ``mobile``, ``landline``, ``foreign``,
    ``extension``, ``not_400``.
    """

    def __init__(self, code: str, message: Text, cure: Text = _CURE) -> None:
        super().__init__(message.en)
        self.code = code
        self.message = message
        self.cure = cure


@dataclass(frozen=True, slots=True, order=True)
class Number400:
    """A 400 number: ten digits, and the extension that was written behind it (1 to 10 digits, or None)."""

    digits: str
    extension: str | None = None

    def __post_init__(self) -> None:
        if not _COMPLETE.fullmatch(self.digits):
            raise _diagnosis(self.digits, self.digits)
        if self.extension is not None and not _EXTENSION.fullmatch(self.extension):
            raise _bad_extension(self.extension)

    @classmethod
    def parse(cls, text: str) -> Number400:
        """Read a 400 number as people write it and switches send it. Raises `NumberError`, nothing else."""
        if not isinstance(text, str):
            raise _error("empty" if text is None else "free_text", shown(text))
        if len(text) == 10 and _COMPLETE.fullmatch(text):
            return cls(text)
        if len(text) > MAX_TEXT:
            raise _error("free_text", shown(text))
        first: NumberError | None = None
        for address in addresses(fold(text)):
            try:
                return cls._read(address, text)
            except NumberError as error:
                first = first or error
        raise first or _error("empty", "")

    @classmethod
    def _read(cls, address: Address, text: str) -> Number400:
        head, extension = split_extension(address.number)
        if address.extension is not None:
            extension = address.extension
        number = _in_context(compact(head), address.context)
        prefixed = numbering.PREFIXED_400.fullmatch(number)
        if prefixed is None or not _COMPLETE.fullmatch(prefixed[1]):
            raise _diagnosis(number, text)
        if extension is None:
            return cls(prefixed[1])
        digits = compact(extension)
        if not _EXTENSION.fullmatch(digits):
            raise _bad_extension(extension)
        return cls(prefixed[1], digits)

    def __str__(self) -> str:
        return self.digits

    @property
    def grouped(self) -> str:
        """The number as people write it: ``400-800-1234``."""
        return f"{self.digits[:3]}-{self.digits[3:6]}-{self.digits[6:]}"

    @property
    def carrier(self) -> str | None:
        """The carrier whose range the fourth digit is: ``mobile``, ``unicom`` or ``telecom``; None where the range is
        not settled. A hint, never a reason to refuse."""
        return _CARRIERS.get(self.digits[3])


_COMPLETE = re.compile(r"400[0-9]{7}")
_EXTENSION = re.compile(r"[0-9]{1,10}")
_NUMBER = re.compile(r"\+?[0-9]+")
_LATIN = re.compile(r"[A-Za-z]")
_FRACTION = re.compile(r"\d{10}\.0+")
_SCIENTIFIC = re.compile(r"4(?:\.\d+)?[Ee]\+?0?9")
_MASK = re.compile(r"\*{2,}|(?i:x{2,})")
_AREA_400 = re.compile(r"0?(10|2[0-9]|[3-9][0-9]{2})(400[0-9]{6,8})")
_COUNTRY = re.compile(rf"9?(?:{numbering.IP_PREFIX.pattern})?(?:\+86|0086)")
_KEYPAD = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "22233344455566677778889999")
_LOOKALIKES = str.maketrans("OoIlQ", "00110")


def _in_context(number: str, context: str) -> str:
    """A local number in its ``phone-context`` (RFC 3966): a context that is a prefix stands before it."""
    prefix = compact(context)
    if number and prefix.startswith("+") and _NUMBER.fullmatch(prefix) and not number.startswith("+"):
        return prefix + number
    return number


def _error(code: str, what: str) -> NumberError:
    if code == "empty":
        return NumberError(code, Text("no number given", "没有填写号码"))
    return NumberError(
        code,
        Text(f"“{what}” is text, not only a number", f"“{what}”不只是号码，还含有其他文字"),
        Text("write only the number, such as 400-800-1234", "请只写号码，例如 400-800-1234"),
    )


def _bad_extension(extension: str) -> NumberError:
    what = shown(extension)
    return NumberError(
        "extension",
        Text(f"the extension “{what}” is not 1 to 10 digits", f"分机号“{what}”不是 1 到 10 位数字"),
        Text("write it as 400-800-1234转12", "请写成 400-800-1234转12"),
    )


def _diagnosis(number: str, text: str) -> NumberError:
    """Why ``number`` (folded, without separators and extension) is no 400 number."""
    what = shown(text)
    if not number:
        return _error("free_text" if text.strip() and digits_of(fold(text)) else "empty", what)
    if not _NUMBER.fullmatch(number):
        return _not_digits(number, what)
    if number.startswith("+") and not number.startswith("+86"):
        if number.startswith("+400"):
            return NumberError(
                "country_code",
                Text(f"“{what}”: +40 is a foreign country code", f"“{what}”：+40 是外国的国家代码"),
                Text("leave out the +, or write +86 before the 400", "请去掉 +，或在 400 前写 +86"),
            )
        return _other("foreign", what, Text("a foreign number", "境外号码"))
    prefixed = numbering.PREFIXED_400.fullmatch(number)
    if prefixed:
        return _wrong_length(prefixed[1], what)
    national = number
    country = _COUNTRY.match(number)
    if country:
        national = number[country.end() :]
    elif number.startswith("86") and len(number) >= 11:
        national = number[2:]
    area = _AREA_400.fullmatch(national)
    if area and "0" + area[1] in numbering.AREA_CODES and not numbering.is_landline("0" + area[1] + area[2]):
        return NumberError(
            "area_code",
            Text(f"“{what}”: 400 takes no area code", f"“{what}”：400 前不加区号"),
            Text(f"dial {area[2]} without 0{area[1]}", f"去掉 0{area[1]}，直接写 {area[2]}"),
        )
    return _other_number(numbering.with_trunk_zero(national), what)


def _wrong_length(digits: str, what: str) -> NumberError:
    have = len(digits)
    if have == 10:  # complete, and refused for what stands before it
        return _error("free_text", what)
    if _FRACTION.fullmatch(what):
        return NumberError(
            "too_long",
            Text(f"“{what}”: a spreadsheet has stored the number as a fraction", f"“{what}”：表格软件把号码存成了小数"),
            Text(
                f"write {what.partition('.')[0]}, and format the column as text",
                f"请写 {what.partition('.')[0]}，并把该列设为文本格式",
            ),
        )
    words = ("one", "two", "three", "four", "five", "six", "seven")
    difference = abs(have - 10)
    count = words[difference - 1] if difference <= len(words) else str(difference)
    if have > 10:
        return NumberError(
            "too_long",
            Text(f"“{what}”: {have} digits, {count} too many", f"“{what}”：{have} 位数字，多了 {difference} 位"),
            Text(
                "a 400 number has ten digits; write an extension as 400-800-1234转12",
                "400 号码共 10 位；分机请写成 400-800-1234转12",
            ),
        )
    return NumberError(
        "too_short",
        Text(f"“{what}”: {have} digits, {count} too few", f"“{what}”：{have} 位数字，少了 {difference} 位"),
        Text("a 400 number has ten digits", "400 号码共 10 位"),
    )


def _not_digits(number: str, what: str) -> NumberError:
    if _MASK.search(number) and digits_of(number):
        return NumberError(
            "masked",
            Text(f"“{what}”: digits are masked", f"“{what}”：有几位被遮住了"),
            Text("write all ten digits", "请写全 10 位数字"),
        )
    if _SCIENTIFIC.fullmatch(what):
        return NumberError(
            "letters",
            Text(f"“{what}”: a spreadsheet has cut the number's digits", f"“{what}”：表格软件把号码变成了科学计数"),
            Text(
                "format the column as text and enter the number again",
                "请把该列设为文本格式，再重新输入号码",
            ),
        )
    for reading in (number.translate(_LOOKALIKES), number.upper().translate(_KEYPAD)):
        digits = reading[:10]
        if _COMPLETE.fullmatch(digits) and _LATIN.search(number):
            meant = f"{digits[:3]}-{digits[3:6]}-{digits[6:]}"
            return NumberError(
                "letters",
                Text(f"“{what}”: letters are not digits", f"“{what}”：字母不是数字"),
                Text(f"write the digits; perhaps {meant} is meant", f"请写数字；也许是 {meant}"),
            )
    digits = digits_of(number)
    cure = Text("write only the number, such as 400-800-1234", "请只写号码，例如 400-800-1234")
    if _COMPLETE.fullmatch(digits):
        cure = Text(f"write only the number: {digits}", f"请只写号码：{digits}")
    if _LATIN.search(number) and number.isascii():
        return NumberError("letters", Text(f"“{what}”: letters are not digits", f"“{what}”：字母不是数字"), cure)
    return NumberError("free_text", _error("free_text", what).message, cure)


def _other(code: str, what: str, kind: Text) -> NumberError:
    return NumberError(
        code,
        Text(f"“{what}” is {kind.en}, not a 400 number", f"“{what}”是{kind.zh}，不是 400 号码"),
    )


def _other_number(national: str, what: str) -> NumberError:
    if national.startswith("00"):
        return _other("foreign", what, Text("a foreign number", "境外号码"))
    if national.startswith("800") and len(national) > 6:
        return NumberError(
            "service_800",
            Text(f"“{what}”: 800 is another service", f"“{what}”：800 是另一种业务"),
            Text("a 400 number begins with 400", "400 号码以 400 开头"),
        )
    match numbering.kind_of(national):
        case "mobile" | "iot":
            return _other("mobile", what, Text("a mobile number", "手机号码"))
        case "landline":
            return _other("landline", what, Text("a landline", "固定电话"))
        case "service" if national.startswith("95"):
            return _other("service_95", what, Text("a 95 service number", "95 客服号码"))
        case "service":
            return _other("service", what, Text("a service number", "服务号码"))
    return NumberError(
        "not_400",
        Text(f"“{what}” does not begin with 400", f"“{what}”不以 400 开头"),
    )


def presents_400(text: object) -> bool:
    """Whether ``text``, used as a calling number or shown as one, presents a 400 number. Total: any object, no error.

    In the order of CONTRACT, *Numbers and callers*, for the number or URI user and then for the display name of each
    address in the text:

    1. yes, if it parses as a 400 number, with or without an extension (whatever the extension is), or is, prefixes
       and separators removed, 400 and 6 to 9 digits; ``+4008001234`` too;
    2. else no, if it is a valid other number;
    3. else yes, if its digits end in 400 and seven more: free text around a 400 number, an area code before it;
    4. else no.

    A complete 400 number with something other than a digit behind it counts as one with an extension, and inside a
    display name wherever it stands. Percent escapes are undone up to four times, and where a right-to-left override
    turns the digits round they are read both ways. Letters and Chinese numerals are no digits, as in
    `Number400.parse`: ``4OO8001234`` and ``四零零`` present none.
    """
    if isinstance(text, int) and not isinstance(text, bool):
        text = str(text) if 0 <= text < 10**40 else ""
    elif isinstance(text, (bytes, bytearray, memoryview)):
        text = bytes(text).decode("utf-8", "replace")
    if not isinstance(text, str):
        return False
    if len(text) <= 20 and text.isascii() and text.isdigit() and "400" not in text:
        return False
    if len(text) > MAX_JUDGED:
        text = text[: MAX_JUDGED // 2] + "\ufffd" + text[-MAX_JUDGED // 2 :]
    if _any_presents(fold(text)):
        return True
    return "\u202e" in text and _any_presents(fold(text[::-1]))


def _any_presents(folded: str) -> bool:
    for address in addresses(folded):
        for user in decodings(address.user):
            if _presents(user) or (address.context and _presents(_in_context(compact(user), address.context))):
                return True
        if address.whole and not _is_other(*split_extension(address.user)) and _presents(address.whole):
            return True
        for name in (address.display, address.trailer):
            if name and any(_presents(variant) or _NAMED.search(variant) for variant in decodings(name)):
                return True
    return False


_GAP = r"[ \-./_()\[\]~']*"
_SPACED_400 = _GAP.join("400") + f"(?:{_GAP}[0-9]){{7}}"
_NAMED = re.compile(rf"(?<![0-9]){_SPACED_400}(?![0-9])")
_LEADING = re.compile(r"([+0-9 \-./_()\[\]~']*)[^+0-9 \-./_()\[\]~']", re.DOTALL)
_ENDS_IN_400 = re.compile(r"400[0-9]{7}$")


def _presents(text: str) -> bool:
    digits = digits_of(text)
    if "400" not in digits:
        return False
    head, extension = split_extension(text)
    number = compact(head)
    if numbering.LOOSELY_PREFIXED_400.fullmatch(number):
        return True
    leading = _LEADING.match(head)
    if leading:
        prefixed = numbering.PREFIXED_400.fullmatch(compact(leading[1]))
        if prefixed and _COMPLETE.fullmatch(prefixed[1]):
            return True
    if not (_ENDS_IN_400.search(digits) or _ENDS_IN_400.search(digits_of(head))):
        return False
    return not _is_other(head, extension)


def _is_other(head: str, extension: str | None) -> bool:
    """Whether a number with the ``extension`` behind it is surely another one. Ranges so wide that they hold every
    400 number with something before it (long 95 and 106 numbers, IoT, privacy) prove nothing."""
    number = compact(head)
    if not _NUMBER.fullmatch(number):
        return False
    if extension is not None and not re.fullmatch(r"[0-9]{1,8}", compact(extension)):
        return False
    canonical = numbering.canonical(number)
    if numbering.kind_of(canonical) in ("service", "iot", "privacy") and _ENDS_IN_400.search(canonical):
        return False
    return numbering.is_valid_other(canonical)
