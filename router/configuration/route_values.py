"""Values of hunting, caps, PINs and forwardings as they stand in files; see `router.configuration.values`."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, Field

from ivr_flows.findings import Text
from ivr_flows.schema import Refusal
from router.callers import valid_number
from router.number400 import Number400, NumberError
from router.pins import PinError, check_hash

from .values import Percent, Seconds, as_text, kind


def _rings(value: float) -> float:
    if 1 <= value <= 300:
        return value
    raise Refusal(
        Text("A line rings from 1 s to 300 s.", "振铃时长应为 1 到 300 秒。"),
        Text("Write for example 20s.", "例如 20s。"),
        "bad-duration",
    )


RingTime = Annotated[Seconds, AfterValidator(_rings)]
Forwards = Annotated[int, Field(ge=0, le=20)]
Calls = Annotated[int, Field(ge=1, le=100_000_000)]
Weight = Percent


def read_target(value: object) -> str:
    """A number that a leg may dial: a valid number in any spelling, or an extension of digits, ``*`` and ``#``."""
    text = as_text(value)
    try:
        return Number400.parse(text).digits
    except NumberError:
        pass
    found = valid_number(text)
    if found is not None:
        return found
    if re.fullmatch(r"[0-9*#]{2,8}", text):
        return text
    raise Refusal(
        Text(f"`{text[:40]}` is no number to dial.", f"`{text[:40]}` 不是可拨打的号码。"),
        Text("Write a number such as 010-88880009 or 13800138000.", "请写号码，如 010-88880009 或 13800138000。"),
        "bad-number",
    )


def read_pin(value: object) -> str:
    """A PIN of 3 to 12 digits, as text."""
    text = as_text(value)
    if re.fullmatch(r"[0-9]{3,12}", text):
        return text
    raise Refusal(
        Text("A PIN is 3 to 12 digits.", "密码应为 3 到 12 位数字。"),
        Text('Write it in quotes: "0123".', '请加引号书写："0123"。'),
        "bad-pin",
    )


def read_pin_hash(value: object) -> str:
    """A PIN as ``line400 pin`` writes it."""
    text = as_text(value)
    try:
        check_hash(text)
    except PinError as error:
        raise Refusal(
            error.message,
            Text("Make one: line400 pin (it asks for the PIN).", "请运行 line400 pin 生成（会询问密码）。"),
            "bad-pin",
        ) from None
    return text


Target = kind(read_target, str, type=["string", "integer"], examples=["010-88880009"])
PinCode = kind(read_pin, str, type="string", pattern="^[0-9]{3,12}$")
PinHash = kind(read_pin_hash, str, type="string")
