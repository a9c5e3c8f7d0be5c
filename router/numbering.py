"""China's numbering plan as far as a caller or a calling number needs it: prefixes, and what kind a number is.

Digits in, kinds out; no geography beyond area codes. Sources: 电信网编号计划 (2017), the ranges that `phone` and
`phonenumbers` list. `phonenumbers` is imported only where a foreign number has to be judged.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal

from .regions import AREA_CODES, area_code_of

Kind = Literal["mobile", "landline", "service", "iot", "privacy", "foreign", "hidden", "unknown"]
KINDS: tuple[Kind, ...] = ("mobile", "landline", "service", "iot", "privacy", "foreign", "hidden", "unknown")

IP_CALL_PREFIXES: tuple[str, ...] = (
    "10193",  # 联通 IP
    "11808",  # 电信 IP
    "12593",  # 移动 IP
    "17900",
    "17901",
    "17908",
    "17909",  # 电信
    "17910",
    "17911",  # 联通
    "17930",
    "17931",
    "17940",
    "17950",
    "17951",  # 移动
    "17960",
    "17961",
    "17968",
    "17969",
    "17990",
    "17991",  # 铁通
    "17995",
    "17996",
)
"""Dialled before a number to choose the long-distance carrier; some switches send them on."""

_IP = "(?:" + "|".join(IP_CALL_PREFIXES) + ")"
IP_PREFIX = re.compile(_IP)
PREFIXED_400 = re.compile(rf"9?{_IP}?(?:\+86|0086|86)?0?(400[0-9]*)")
"""A 400 number behind what switches put before it: outside line, IP-call prefix, country code, trunk 0."""
LOOSELY_PREFIXED_400 = re.compile(rf"9?{_IP}?(?:\+|00)?(?:86)?0?400[0-9]{{6,9}}")
"""The same without insisting on the country code or on the length (CONTRACT, *presents_400*)."""

_IOT_11 = ("140", "141", "142", "143", "144", "146", "148", "149")
ELEVEN_DIGITS: dict[str, Kind] = {f"1{n}": "iot" if f"1{n}" in _IOT_11 else "mobile" for n in range(30, 100)}
"""The kind of an 11-digit number by its first three digits. 146, 148 and 149 are sold for things that call."""

_IOT = re.compile(r"14[0-4][0-9]{10}|1064[0-9]{9}")
_PRIVACY = re.compile(r"700[0-9]{12}")
_SERVICE = re.compile(
    r"11[0-9]|11[68]114|12[0-9]{1,4}|123[0-9]{2,3}|125[0-9]{2,6}|100[0-9]{2,3}|101[0-9]{2}|1010[0-9]{4}"
    r"|106[0-9]{5,17}|95[0-9]{3,16}|96[0-9]{3,6}|400[0-9]{7}|800[0-9]{7}"
)


def kind_of(national: str) -> Kind:
    """The kind of a canonical number: national digits (``01088880001``) or ``00`` + country (`router.callers`)."""
    if len(national) == 11 and national[0] == "1":
        kind = ELEVEN_DIGITS.get(national[:3])
        if kind:
            return kind
    if national.startswith("00"):
        return "foreign" if len(national) > 4 else "unknown"
    if is_landline(national):
        return "landline"
    if _IOT.fullmatch(national):
        return "iot"
    if _PRIVACY.fullmatch(national):
        return "privacy"
    if _SERVICE.fullmatch(national):
        return "service"
    return "unknown"


def is_landline(national: str) -> bool:
    """Whether ``national`` is 0, a known area code and a local number: 8 digits in the cities with a two-digit code,
    7 or 8 elsewhere. Local numbers that begin with 0 or 1 are in no use, but valid (`phonenumbers` agrees)."""
    code = area_code_of(national)
    if code is None:
        return False
    local = len(national) - len(code)
    return local == 8 or (local == 7 and len(code) == 4)


def without_country(digits: str) -> str | None:
    """National digits of ``digits`` that begin ``+86``, ``0086`` or ``86``; None when they do not.

    A bare 86 is the country code only where a whole number follows it.
    """
    for prefix in ("+86", "0086"):
        if digits.startswith(prefix):
            return with_trunk_zero(digits[len(prefix) :])
    if digits.startswith("86") and len(digits) >= 12:
        national = with_trunk_zero(digits[2:])
        if kind_of(national) in ("mobile", "landline", "iot") or national[:3] in ("400", "800"):
            return national
    return None


def with_trunk_zero(digits: str) -> str:
    """National digits as this project writes them: a landline with its 0 (``1088880001`` → ``01088880001``), every
    other number without (``013800138000`` → ``13800138000``)."""
    if digits.startswith("0") and not digits.startswith("00"):
        bare = digits[1:]
        if len(bare) == 11 and bare[:3] in ELEVEN_DIGITS and not is_landline(digits):
            return bare
        if len(bare) == 10 and bare[:3] in ("400", "800"):
            return bare
        return digits
    if digits[:1] in "123456789" and 10 <= len(digits) <= 11 and is_landline("0" + digits):
        eleven = len(digits) == 11 and digits[:3] in ELEVEN_DIGITS
        code = len(area_code_of("0" + digits) or "")
        used = digits[code - 1] in "23456789"  # 9551112345 is the service 95511 and not the landline 0955 1112345
        if not eleven and digits[:3] not in ("400", "800") and (used or not _SERVICE.fullmatch(digits)):
            return "0" + digits
    return digits


def canonical(digits: str) -> str:
    """Digits, with or without a leading ``+``, as this project writes callers: national, or ``00`` + country.

    An IP-call prefix before a whole number is taken off. Canonical digits stay as they are; none is refused.
    """
    while True:
        national = _less_prefixed(digits)
        if national == digits:
            return digits
        digits = national


def _less_prefixed(digits: str) -> str:
    national = without_country(digits)
    if national is not None:
        return national
    if digits.startswith("+"):
        return "00" + digits[1:] if digits[1:2] not in ("0", "") else digits[1:]
    prefix = IP_PREFIX.match(digits)
    if prefix and len(digits) > 11:
        rest = with_trunk_zero(digits[prefix.end() :])
        if kind_of(rest) in ("mobile", "landline") or _SERVICE_400.fullmatch(rest):
            return rest
    return with_trunk_zero(digits)


_SERVICE_400 = re.compile(r"[48]00[0-9]{7}")


@lru_cache(maxsize=4096)
def is_valid_foreign(number: str) -> bool:
    """Whether ``00`` + country + subscriber is a valid number of that country (`phonenumbers`)."""
    if not number.startswith("00") or len(number) > 20:
        return False
    import phonenumbers

    try:
        parsed = phonenumbers.parse("+" + number[2:])
    except phonenumbers.NumberParseException:
        return False
    return phonenumbers.is_valid_number(parsed)


@lru_cache(maxsize=4096)
def is_valid_short(number: str) -> bool:
    """Whether ``number`` is a short number of China (110, 95588, 10086), by our table or `phonenumbers`."""
    if not 3 <= len(number) <= 8 or not number.isdigit():
        return False
    if _SERVICE.fullmatch(number):
        return True
    import phonenumbers
    from phonenumbers import shortnumberinfo

    try:
        parsed = phonenumbers.parse(number, "CN")
    except phonenumbers.NumberParseException:
        return False
    return shortnumberinfo.is_valid_short_number_for_region(parsed, "CN")


def is_valid_other(canonical: str) -> bool:
    """Whether a canonical number is valid and no 400 number: a mobile, a landline, an IoT or privacy number, a
    service or short number, or a valid foreign one."""
    kind = kind_of(canonical)
    if kind == "foreign":
        return is_valid_foreign(canonical)
    if kind == "service":
        return not canonical.startswith("400")
    return kind in ("mobile", "landline", "iot", "privacy") or is_valid_short(canonical)


__all__ = [
    "AREA_CODES",
    "ELEVEN_DIGITS",
    "IP_CALL_PREFIXES",
    "IP_PREFIX",
    "KINDS",
    "LOOSELY_PREFIXED_400",
    "PREFIXED_400",
    "Kind",
    "canonical",
    "is_landline",
    "is_valid_foreign",
    "is_valid_other",
    "is_valid_short",
    "kind_of",
    "with_trunk_zero",
    "without_country",
]
