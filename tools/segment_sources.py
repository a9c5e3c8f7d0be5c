"""Where the table of mobile segments comes from: `phone` and `phonenumbers`, asked together.

What only one of them knows is believed; what both know and tell differently is not known, and is named as unsure.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from router.regions import (
    NOWHERE,
    PROVINCES,
    UNKNOWN,
    UNKNOWN_CARRIER,
    CallerPlace,
    canonical_carrier,
    canonical_city,
    canonical_province,
)


def together(segment: str) -> tuple[CallerPlace, tuple[str, ...]]:
    """The place of the mobile ``segment`` (seven digits), and what the sources tell differently."""
    first, second = by_phone(segment), by_phonenumbers(segment)
    unsure: list[str] = []
    carrier = _agreed(first.carrier, second.carrier, UNKNOWN_CARRIER, "carrier", unsure)
    province = _agreed(first.province, second.province, UNKNOWN, "province", unsure)
    if province == UNKNOWN:
        return CallerPlace(carrier=carrier), tuple(unsure)
    city = _agreed(first.city, second.city, UNKNOWN, "city", unsure)
    return CallerPlace(province, city, carrier), tuple(unsure)


def _agreed(first: str, second: str, unknown: str, what: str, unsure: list[str]) -> str:
    """What two sources say together: the one that knows where the other does not, unknown where they differ."""
    if first in (second, unknown):
        return second
    if second == unknown:
        return first
    unsure.append(what)
    return unknown


@lru_cache(maxsize=1)
def _phone() -> Any:
    from phone import Phone

    return Phone()


def by_phone(segment: str) -> CallerPlace:
    """What `phone` knows of ``segment``."""
    # Phone asserts on anything but 7 to 11 digits.
    if len(segment) != 7 or not (segment.isascii() and segment.isdigit()):
        return NOWHERE
    found = _phone().find(segment)
    if not found:
        return NOWHERE
    province = canonical_province(found["province"]) or UNKNOWN
    city = canonical_city(found["city"]) if found["city"] else UNKNOWN
    if province in ("北京", "天津", "上海", "重庆"):
        city = province
    return CallerPlace(province, city, canonical_carrier(found["phone_type"] or "") or UNKNOWN_CARRIER)


def by_phonenumbers(segment: str) -> CallerPlace:
    """What `phonenumbers` knows of ``segment``."""
    import phonenumbers
    from phonenumbers import carrier, geocoder

    number = phonenumbers.PhoneNumber(country_code=86, national_number=int(segment + "0000"))
    province, city = _split_place(geocoder.description_for_valid_number(number, "zh"))
    operator = canonical_carrier(carrier.name_for_valid_number(number, "zh")) or UNKNOWN_CARRIER
    return CallerPlace(province, city, operator)


def _split_place(text: str) -> tuple[str, str]:
    """Province and city of a geocoder's text: ``广东省深圳市``, ``云南怒江``; several cities are no city."""
    province = next((p for p in PROVINCES if text.startswith(p)), UNKNOWN)
    if province == UNKNOWN:
        return UNKNOWN, UNKNOWN
    if province in ("北京", "天津", "上海", "重庆"):
        return province, province
    rest = text.removeprefix(province)
    for suffix in ("壮族自治区", "回族自治区", "维吾尔自治区", "自治区", "省"):
        rest = rest.removeprefix(suffix)
    if not rest or "、" in rest:
        return province, UNKNOWN
    return province, canonical_city(rest)
