"""The papers by which a person is known, and how the number of each kind is checked.

Resident identity cards and residence permits of Hong Kong, Macao and Taiwan residents follow GB 11643-1999: province,
date of birth, check digit (by python-stdnum; counties are not judged, since their codes change). So do permanent
residence cards of foreigners since December 2023: 18 digits that begin with 9; older ones have three letters of the
country and twelve digits. Passports and the travel permits of Hong Kong, Macao and Taiwan residents have no published
check digit: their shape is checked, and the date of birth is asked for, since the number does not tell it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Literal

from stdnum.cn import ric
from stdnum.exceptions import InvalidChecksum, InvalidComponent, InvalidLength, ValidationError

from ivr_flows.findings import Text
from router.lifecycle import add_months

from .model import LifeError

IdKind = Literal["resident", "permanent-residence", "passport", "hk-macao", "taiwan"]
ADULT: Final = 18
ID_KINDS: Final[dict[IdKind, Text]] = {
    "resident": Text("resident identity card", "居民身份证"),
    "permanent-residence": Text("permanent residence card of a foreigner", "外国人永久居留身份证"),
    "passport": Text("passport", "护照"),
    "hk-macao": Text("mainland travel permit of a Hong Kong or Macao resident", "港澳居民来往内地通行证"),
    "taiwan": Text("mainland travel permit of a Taiwan resident", "台湾居民来往大陆通行证"),
}

_SHAPES: Final[dict[IdKind, tuple[re.Pattern[str], Text]]] = {
    "permanent-residence": (
        re.compile(r"[A-Z]{3}\d{12}"),
        Text(
            "18 digits that begin with 9, or three letters and 12 digits",
            "以 9 开头的 18 位号码，或 3 位字母加 12 位数字",
        ),
    ),
    "passport": (
        re.compile(r"(?=.*\d)[A-Z0-9]{5,9}"),
        Text("5 to 9 letters and digits", "5 至 9 位字母和数字"),
    ),
    "hk-macao": (
        re.compile(r"[HM]\d{8}(\d{2})?"),
        Text("H or M and 8 or 10 digits", "H 或 M 加 8 位或 10 位数字"),
    ),
    "taiwan": (re.compile(r"\d{8}"), Text("8 digits", "8 位数字")),
}
_PROVINCES: Final = re.compile(r"1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3]")
"""How resident numbers begin; 81, 82 and 83 stand on residence permits."""


@dataclass(frozen=True, slots=True)
class Identity:
    """A person's paper, checked. All of it is personal."""

    kind: IdKind
    number: str
    born: date | None = None

    def as_json(self) -> dict[str, Any]:
        """What is sealed of it."""
        return {"kind": self.kind, "number": self.number, "born": self.born.isoformat() if self.born else None}

    @classmethod
    def of(cls, value: Mapping[str, Any]) -> Identity:
        """What `as_json` made."""
        return cls(value["kind"], value["number"], date.fromisoformat(value["born"]) if value["born"] else None)

    @property
    def masked(self) -> str:
        """The number as it may be shown."""
        return masked(self.number)


def read_identity(
    kind: str, number: str, born: date | None, today: date, whose: Text, adult: int = ADULT
) -> Identity:  # fmt: skip
    """A paper in its canonical form, of somebody who is ``adult`` years old on ``today``. ``born`` is asked for where
    the number does not tell it. Raises `LifeError`, which does not repeat the number."""
    known = next((one for one in ID_KINDS if one == kind), None)
    if known is None:
        raise LifeError(
            "unknown-id-kind",
            Text(f"There is no kind of identity paper `{kind[:40]}`.", f"没有证件类型 `{kind[:40]}`。"),
            Text(
                f"One of: {', '.join(ID_KINDS)}.",
                "可选：" + "、".join(f"{name}（{word.zh}）" for name, word in ID_KINDS.items()) + "。",
            ),
        )
    digits = re.sub(r"[\s()（）-]", "", number).upper()
    if known == "resident" or (known == "permanent-residence" and digits.startswith("9")):
        found = _with_check_digit(known, digits, whose)
    else:
        found = _by_shape(known, digits, born, whose)
    if found.born is not None and found.born > today:
        raise _wrong(found.kind, whose, Text("the date of birth is to come", "出生日期在未来"))
    if found.born is not None and add_months(found.born, adult * 12) > today:
        raise LifeError(
            "minor",
            Text(f"The {whose.en} is under {adult}.", f"{whose.zh}未满 {adult} 周岁。"),
            Text("The law asks for an adult.", "法律要求成年人办理。"),
        )
    return found


def masked(number: str) -> str:
    """A personal number with all but its ends hidden: ``110***********002X`` for an ID card."""
    if len(number) < 8:
        return "*" * len(number)
    head, tail = (3, 4) if len(number) > 9 else (1, 1)
    return f"{number[:head]}{'*' * (len(number) - head - tail)}{number[-tail:]}"


def _with_check_digit(kind: IdKind, digits: str, whose: Text) -> Identity:
    """A number by GB 11643."""
    try:
        if len(digits) != 18:
            raise InvalidLength
        begins = bool(_PROVINCES.match(digits)) if kind == "resident" else digits[0] == "9"
        if not (begins and digits.isascii() and digits[:-1].isdecimal()):
            raise InvalidComponent
        if ric.calc_check_digit(digits) != digits[-1]:
            raise InvalidChecksum
        return Identity(kind, digits, ric.get_birth_date(digits))
    except ValidationError as error:
        raise _wrong(kind, whose, why(error)) from error


def _by_shape(kind: IdKind, digits: str, born: date | None, whose: Text) -> Identity:
    shape, said = _SHAPES[kind]
    if not shape.fullmatch(digits):
        raise _wrong(kind, whose, Text(f"it has {said.en}", f"应为{said.zh}"))
    if born is None:
        raise LifeError(
            "born-missing",
            Text(
                f"The number of a {ID_KINDS[kind].en} does not tell the date of birth of the {whose.en}.",
                f"{ID_KINDS[kind].zh}号码不含出生日期，请补充{whose.zh}的出生日期。",
            ),
            Text("Give it: YYYY-MM-DD.", "请按 YYYY-MM-DD 填写。"),
        )
    return Identity(kind, digits, born)


def _wrong(kind: IdKind, whose: Text, because: Text) -> LifeError:
    paper = ID_KINDS[kind]
    return LifeError(
        "bad-id-number",
        Text(
            f"The number of the {whose.en}'s {paper.en} is not right: {because.en}.",
            f"{whose.zh}的{paper.zh}号码不正确：{because.zh}。",
        ),
        Text("Copy it from the paper.", "请按证件核对。"),
    )


def why(error: ValidationError) -> Text:
    """What python-stdnum found wrong with a number of 18 characters."""
    if isinstance(error, InvalidLength):
        return Text("it does not have 18 characters", "不是 18 位")
    if isinstance(error, InvalidChecksum):
        return Text("its check digit is wrong", "校验码错误")
    return Text("a character, date or place in it is impossible", "含有不可能的字符、日期或地区码")
