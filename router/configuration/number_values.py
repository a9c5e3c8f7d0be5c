"""Numbers, callers and places as they stand in configuration files; see `router.configuration.values`."""

from __future__ import annotations

from ivr_flows.findings import Text
from ivr_flows.schema import Refusal
from router.callers import CallerError, base_number, canonical_pattern
from router.number400 import Number400, NumberError
from router.regions import PROVINCES, canonical_carrier, canonical_city, canonical_province

from .values import as_text, kind


def read_number(value: object) -> str:
    """A 400 number in any spelling, without an extension, as its ten digits."""
    text = "" if value is None else str(value)
    try:
        number = Number400.parse(text)
    except NumberError as error:
        raise Refusal(error.message, error.cure, "bad-number") from error
    if number.extension:
        raise Refusal(
            Text(f"`{text}` has an extension; a number is configured without.", f"`{text}` 带分机号；此处不写分机号。"),
            Text(f"Write {number.grouped}.", f"请写 {number.grouped}。"),
            "bad-number",
        )
    return number.digits


def read_base_number(value: object) -> str:
    """A base number (an ordinary landline or mobile) as national digits; a 400 number is refused."""
    text = "" if value is None else str(value)
    try:
        digits = Number400.parse(text).digits
    except NumberError:
        pass
    else:
        raise Refusal(
            Text(
                f"{digits} is a 400 number; a line's number is an ordinary one.", f"{digits} 是 400 号码，不能作底号。"
            ),
            Text(
                "Write the landing number, such as 010-88880001; a 400 number is virtual and has no line.",
                "请写落地号码，如 010-88880001；400 号码是虚拟号码，没有线路。",
            ),
            "base-number-is-400",
        )
    try:
        return base_number(text)
    except CallerError as error:
        raise Refusal(error.message, error.cure, "bad-base-number") from error


def read_pattern(value: object) -> str:
    """A caller's number or a pattern with ``*`` at its end, canonical."""
    try:
        return canonical_pattern("" if value is None else str(value))
    except CallerError as error:
        raise Refusal(error.message, error.cure, "bad-caller-pattern") from error


def read_caller(value: object) -> str:
    """One caller's number, canonical."""
    pattern = read_pattern(value)
    if pattern.endswith("*"):
        raise Refusal(
            Text(f"`{value}` is a pattern; one number is expected.", f"`{value}` 是号段；此处应为一个号码。"),
            Text("Use `prefix:` or a list.", "请用 `prefix:` 或名单。"),
            "bad-caller-pattern",
        )
    return pattern


def read_prefix(value: object) -> str:
    """Leading digits of callers, canonical, without a star."""
    return read_pattern(as_text(value).rstrip("*") + "*").removesuffix("*")


def read_province(value: object) -> str:
    """A province-level unit by its short name (long names accepted), or 未知."""
    text = as_text(value)
    if text in ("未知", "unknown"):
        return "未知"
    short = canonical_province(text)
    if short:
        return short
    # of two-character names only the first says what was meant
    close = next((province for province in PROVINCES if text and province[0] == text[0]), None)
    raise Refusal(
        Text(f"`{text[:40]}` is no province.", f"`{text[:40]}` 不是省级行政区。"),
        Text(f"Did you mean `{close}`?", f"是否想写 `{close}`？")
        if close
        else Text("Write one of the 34 short names, such as 北京 or 广东.", "请写 34 个简称之一，如 北京、广东。"),
        "bad-province",
    )


def read_city(value: object) -> str:
    """A city's name as caller facts give it: without 市."""
    return canonical_city(as_text(value))


def read_carrier(value: object) -> object:
    """A carrier's name in either language as its word; anything else stays for the schema to refuse."""
    return canonical_carrier(value) or value if isinstance(value, str) else value


Number = kind(read_number, str, type=["string", "integer"], examples=["400-800-1234"])
BaseNumber = kind(read_base_number, str, type=["string", "integer"], examples=["010-88880001"])
CallerPattern = kind(read_pattern, str, type=["string", "integer"], examples=["13900000000", "0085*"])
CallerNumber = kind(read_caller, str, type=["string", "integer"], examples=["13900000000"])
CallerPrefix = kind(read_prefix, str, type=["string", "integer"], examples=["138", "+852"])
Province = kind(read_province, str, type="string", examples=["北京", "广东", "未知"])
City = kind(read_city, str, type="string")
