"""Kinds of values that stand in configuration files: how each is written, and what it becomes.

Every kind is an annotated type for pydantic: it reads the text that the author typed, gives the canonical value
of `router.model`, refuses with `ivr_flows.schema.Refusal` (message and cure in two languages), and describes
itself in the published JSON Schema as it is *written*.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import date, timedelta
from itertools import pairwise
from typing import Annotated, Any

from pydantic import BeforeValidator, GetCoreSchemaHandler, GetJsonSchemaHandler, WithJsonSchema
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from ivr_flows.findings import Text
from ivr_flows.schema import Duration, Refusal, nearest
from router.causes import REJECT_CAUSES

MINUTES_OF_A_DAY = 1440
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
REJECTIONS = tuple(REJECT_CAUSES)


def as_text(value: object) -> str:
    """What was written, folded (full-width forms) and trimmed. Refuses lists, mappings and nothing."""
    if isinstance(value, list | dict) or value is None:
        raise Refusal(
            Text("A single text is expected here.", "此处应为一个文本。"),
            Text("Write one value, not a list and not a mapping.", "请只写一个值，不要写列表或映射。"),
        )
    return unicodedata.normalize("NFKC", str(value)).strip()


def kind(read: Callable[[object], Any], becomes: type[Any] | Any, **schema: object) -> Any:
    """The annotated type of what ``read`` makes of a text; ``schema`` describes how it is written."""
    return Annotated[becomes, BeforeValidator(read), WithJsonSchema(dict(schema))]


def as_list(value: object) -> object:
    """One value where a list is allowed is a list of one."""
    return value if isinstance(value, list | tuple) else [] if value is None else [value]


_NAME = re.compile(r"[A-Za-z0-9_.\-\u3400-\u9fff]{1,64}")


def read_name(value: object) -> str:
    """A name of a line, trunk, queue, box, list, calendar or instance: letters, digits, ``_ . -``, Chinese.
    Names reach generated switch configuration, so nothing else is allowed."""
    text = as_text(value)
    if not _NAME.fullmatch(text):
        raise Refusal(
            Text(f"`{text[:60]}` cannot be a name.", f"`{text[:60]}` 不能用作名称。"),
            Text(
                "Use up to 64 letters, digits, `-`, `_`, `.` or Chinese characters, without spaces.",
                "请用不超过 64 个字母、数字、`-`、`_`、`.` 或汉字，不含空格。",
            ),
            "bad-name",
        )
    return text


def read_percent(value: object) -> float:
    """A percentage 0..100, decimals allowed."""
    text = as_text(value).removesuffix("%").strip()
    if re.fullmatch(r"\d{1,3}(\.\d+)?", text) and float(text) <= 100:
        return float(text)
    raise Refusal(
        Text(f"`{text[:40]}` is no percentage.", f"`{text[:40]}` 不是百分比。"),
        Text("Write a number from 0 to 100, such as 20.", "请写 0 到 100 的数，如 20。"),
        "bad-percent",
    )


_INTERVAL = re.compile(r"(\d{1,2}):(\d{2})\s*[-–—~]\s*(\d{1,2}):(\d{2})")


def read_interval(value: object) -> tuple[int, int]:
    """``09:00-12:00`` as minutes from midnight, ``[start, end)``; an end at or before the start is the next day's."""
    text = as_text(value)
    match = _INTERVAL.fullmatch(text)
    if match:
        hour, minute, end_hour, end_minute = (int(part) for part in match.groups())
        start, end = hour * 60 + minute, end_hour * 60 + end_minute
        if minute < 60 and end_minute < 60 and start < MINUTES_OF_A_DAY and end <= MINUTES_OF_A_DAY and start != end:
            return start, end if end > start else end + MINUTES_OF_A_DAY
    if match and match.group(1, 2) == match.group(3, 4):
        cure = Text("Write 00:00-24:00 for a whole day.", "全天请写 00:00-24:00。")
    else:
        cure = Text(
            "Write hours and minutes as 09:00-12:00; up to 24:00; 22:00-06:00 runs into the next day.",
            "请写成 09:00-12:00，最晚 24:00；22:00-06:00 表示到次日。",
        )
    raise Refusal(
        Text(f"`{text[:40]}` is no interval of a day.", f"`{text[:40]}` 不是一天中的时段。"), cure, "bad-interval"
    )


def read_hours(value: object) -> tuple[tuple[int, int], ...]:
    """The opening intervals of a day, in order; ``closed`` or an empty list is none. Overlaps are refused."""
    if isinstance(value, str) and value.strip() == "closed":
        return ()
    items = as_list(value)
    assert isinstance(items, list | tuple)
    hours = sorted(read_interval(item) for item in items)
    for (_, end), (start, _) in pairwise(hours):
        if start < end:
            raise Refusal(
                Text("Intervals of this day overlap.", "这一天的时段有重叠。"),
                Text("Join them, or correct the times.", "请合并时段或更正时间。"),
                "overlapping-hours",
            )
    return tuple(hours)


def read_date(value: object) -> date:
    """A day, written 2026-10-01."""
    text = as_text(value)
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        try:
            return date.fromisoformat(text)
        except ValueError:
            message = Text(f"There is no day `{text}`.", f"没有 `{text}` 这一天。")
    else:
        message = Text(f"`{text[:40]}` is no date.", f"`{text[:40]}` 不是日期。")
    raise Refusal(
        message,
        Text(
            "Write it as 2026-10-01; a range, where one may stand, as 2026-10-01..2026-10-07.",
            "请写成 2026-10-01；可写范围处写成 2026-10-01..2026-10-07。",
        ),
        "bad-date",
    )


def read_dates(value: object) -> tuple[date, date]:
    """One day or an inclusive range ``2026-10-01..2026-10-07``."""
    text = as_text(value)
    first_text, dots, last_text = text.partition("..")
    first = read_date(first_text)
    last = read_date(last_text) if dots else first
    if last < first:
        raise Refusal(
            Text(f"The range `{text}` ends before it begins.", f"日期范围 `{text}` 的结束早于开始。"),
            Text("Write the earlier day first.", "请把较早的日期写在前面。"),
            "bad-date",
        )
    return first, last


def days_of(dates: tuple[date, date]) -> list[date]:
    """Every day of an inclusive range."""
    first, last = dates
    return [first + timedelta(days=offset) for offset in range((last - first).days + 1)]


_WEEKDAY_WORDS = {word: index for index, word in enumerate(WEEKDAYS)} | {
    prefix + digit: index for prefix in ("周", "星期") for index, digit in enumerate("一二三四五六日")
}


def read_weekday(value: object) -> int:
    """``monday`` … ``sunday`` (周一 … 周日) as 0..6."""
    text = as_text(value).lower()
    if text in _WEEKDAY_WORDS:
        return _WEEKDAY_WORDS[text]
    close = nearest(text, WEEKDAYS)
    raise Refusal(
        Text(f"`{text[:40]}` is no day of the week.", f"`{text[:40]}` 不是星期几。"),
        Text(f"Did you mean `{close}`?", f"是否想写 `{close}`？")
        if close
        else Text(f"One of: {', '.join(WEEKDAYS)}.", "可选：monday … sunday 或 周一 … 周日。"),
        "bad-weekday",
    )


def read_rejection(value: object) -> str:
    """``busy``, ``blocked``, ``unallocated``, or a Q.850 cause 1..127 as text."""
    text = as_text(value)
    if text in REJECTIONS or (re.fullmatch(r"\d{1,3}", text) and 1 <= int(text) <= 127):
        return text if text in REJECTIONS else str(int(text))
    close = nearest(text, REJECTIONS)
    hint = f" Did you mean `{close}`?" if close else ""
    hint_zh = f"是否想写 `{close}`？" if close else ""
    raise Refusal(
        Text(f"`{text[:40]}` is no way to reject a call.", f"`{text[:40]}` 不是拒接方式。"),
        Text(
            f"Write busy, blocked, unallocated or a Q.850 cause from 1 to 127.{hint}",
            f"请写 busy、blocked、unallocated 或 1 到 127 的 Q.850 原因值。{hint_zh}",
        ),
        "bad-rejection",
    )


Name = kind(read_name, str, type="string", pattern=r"^[A-Za-z0-9_.\-\u3400-\u9fff]{1,64}$")
Percent = kind(read_percent, float, type=["number", "string"], minimum=0, maximum=100)
Seconds = Annotated[Duration, WithJsonSchema({"type": ["string", "number"], "examples": ["10s", "2m", "1m30s"]})]
_INTERVAL_SCHEMA = {"type": "string", "pattern": r"^\d{1,2}:\d{2}-\d{1,2}:\d{2}$", "examples": ["09:00-12:00"]}
Hours = kind(
    read_hours,
    tuple[tuple[int, int], ...],
    oneOf=[{"type": "array", "items": _INTERVAL_SCHEMA}, _INTERVAL_SCHEMA, {"const": "closed"}],
)
Day = kind(read_date, date, type="string", format="date")
Dates = kind(read_dates, tuple[date, date], type="string", pattern=r"^\d{4}-\d{2}-\d{2}(\.\.\d{4}-\d{2}-\d{2})?$")
Weekday = kind(read_weekday, int, type="string", enum=list(_WEEKDAY_WORDS))
Rejection = kind(
    read_rejection, str, oneOf=[{"enum": list(REJECTIONS)}, {"type": "integer", "minimum": 1, "maximum": 127}]
)


class _OneOrMore:
    """One value stands for a list of one, for the validator as for the published schema."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_before_validator_function(as_list, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        written = handler(schema)
        items = handler.resolve_ref_schema(written).get("items")
        return {"anyOf": [written, items]} if items else written


OneOrMore = _OneOrMore()
