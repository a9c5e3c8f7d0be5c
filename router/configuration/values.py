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
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, WithJsonSchema

from ivr_flows.findings import Text
from ivr_flows.schema import Duration, Refusal, nearest

MINUTES_OF_A_DAY = 1440
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
REJECTIONS = ("busy", "blocked", "unallocated")


def _text(value: object) -> str:
    if isinstance(value, list | dict) or value is None:
        raise Refusal(
            Text("A single text is expected here.", "此处应为一个文本。"),
            Text("Write one value, not a list and not a mapping.", "请只写一个值，不要写列表或映射。"),
        )
    return unicodedata.normalize("NFKC", str(value)).strip()


def _kind(read: Callable[[object], Any], kind: type[Any] | Any, **schema: object) -> Any:
    """The annotated type of what ``read`` makes of a text; ``schema`` describes how it is written."""
    return Annotated[kind, BeforeValidator(read), WithJsonSchema(dict(schema))]


def as_list(value: object) -> object:
    """One value where a list is allowed is a list of one."""
    return value if isinstance(value, list | tuple) else [] if value is None else [value]


_NAME = re.compile(r"[A-Za-z0-9_.\-\u3400-\u9fff]{1,64}")


def read_name(value: object) -> str:
    """A name of a line, trunk, queue, box, list, calendar or instance: letters, digits, ``_ . -``, Chinese.
    Names reach generated switch configuration, so nothing else is allowed."""
    text = _text(value)
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
    """A percentage 0..100; decimals to two places, since shares are cut into 10,000 buckets."""
    text = _text(value).removesuffix("%").strip()
    if re.fullmatch(r"\d{1,3}(\.\d+)?", text) and float(text) <= 100:
        if len(text.partition(".")[2].rstrip("0")) > 2:
            raise Refusal(
                Text(f"`{text}` is finer than a hundredth of a percent.", f"`{text}` 比百分之一个百分点更细。"),
                Text("Write at most two decimals.", "最多写两位小数。"),
                "bad-percent",
            )
        return float(text)
    raise Refusal(
        Text(f"`{text[:40]}` is no percentage.", f"`{text[:40]}` 不是百分比。"),
        Text("Write a number from 0 to 100, such as 20.", "请写 0 到 100 的数，如 20。"),
        "bad-percent",
    )


_INTERVAL = re.compile(r"(\d{1,2}):(\d{2})\s*[-–—~]\s*(\d{1,2}):(\d{2})")


def read_interval(value: object) -> tuple[int, int]:
    """``09:00-12:00`` as minutes from midnight, ``[start, end)``; an end at or before the start is the next day's."""
    text = _text(value)
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
    text = _text(value)
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        try:
            return date.fromisoformat(text)
        except ValueError:
            message = Text(f"There is no day `{text}`.", f"没有 `{text}` 这一天。")
    else:
        message = Text(f"`{text[:40]}` is no date.", f"`{text[:40]}` 不是日期。")
    raise Refusal(message, Text("Write it as 2026-10-01.", "请写成 2026-10-01 的形式。"), "bad-date")


def read_dates(value: object) -> tuple[date, date]:
    """One day or an inclusive range ``2026-10-01..2026-10-07``."""
    text = _text(value)
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
    text = _text(value).lower()
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
    text = _text(value)
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


def read_number(value: object) -> str:
    """A 400 number in any spelling, without an extension, as its ten digits."""
    from router.number400 import Number400, NumberError

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
    from router.callers import CallerError, base_number
    from router.number400 import Number400, NumberError

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
    from router.callers import CallerError, canonical_pattern

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
    return read_pattern(_text(value).rstrip("*") + "*").removesuffix("*")


def read_province(value: object) -> str:
    """A province-level unit by its short name (long names accepted), or 未知."""
    from router.regions import PROVINCES, canonical_province

    text = _text(value)
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
    from router.regions import canonical_city

    return canonical_city(_text(value))


def read_carrier(value: object) -> object:
    """A carrier's name in either language as its word; anything else stays for the schema to refuse."""
    from router.regions import canonical_carrier

    return canonical_carrier(value) or value if isinstance(value, str) else value


def read_time_zone(value: object) -> str:
    """A name of the IANA time zone database."""
    text = _text(value)
    try:
        ZoneInfo(text)
    except (KeyError, ValueError, OSError) as error:
        raise Refusal(
            Text(f"There is no time zone `{text[:40]}`.", f"没有时区 `{text[:40]}`。"),
            Text("Write an IANA name, such as Asia/Shanghai.", "请写 IANA 时区名，如 Asia/Shanghai。"),
            "bad-time-zone",
        ) from error
    return text


def read_store(value: object) -> str:
    """The URL of the store; its path may be relative (see `router.configuration.settings`)."""
    text = _text(value)
    scheme, separator, rest = text.partition("://")
    if separator and scheme.partition("+")[0] == "sqlite" and (not rest or rest.startswith("/")):
        return text
    if separator and scheme.partition("+")[0] == "postgresql" and rest:
        return text
    raise Refusal(
        Text("The store's URL is not of a known kind.", "存储地址的形式不对。"),
        Text(
            "Write sqlite:///var/line400.db or postgresql://user@host/database.",
            "请写 sqlite:///var/line400.db 或 postgresql://用户@主机/库名。",
        ),
        "bad-store-url",
    )


def _matching(pattern: str, code: str, message: Text, cure: Text) -> Callable[[object], str]:
    compiled = re.compile(pattern)

    def read(value: object) -> str:
        text = _text(value)
        if not compiled.fullmatch(text):
            raise Refusal(
                Text(f"`{text[:60]}` {message.en}", f"`{text[:60]}` {message.zh}"),
                cure,
                code,
            )
        return text

    return read


read_variable = _matching(
    r"[A-Z_][A-Z0-9_]{0,63}",
    "bad-variable",
    Text("is no name of an environment variable.", "不是环境变量名。"),
    Text(
        "Write the variable's name, such as LINE400_AMI_SECRET; the secret itself never stands in a file.",
        "请写变量名，如 LINE400_AMI_SECRET；密钥本身不写在文件里。",
    ),
)
read_host = _matching(
    r"[A-Za-z0-9.\-]{1,253}|\[?[0-9A-Fa-f:.]{2,45}\]?",
    "bad-host",
    Text("is no host name or address.", "不是主机名或地址。"),
    Text("Write a name or an address, such as 127.0.0.1.", "请写主机名或地址，如 127.0.0.1。"),
)
read_peer = _matching(
    r"([A-Za-z0-9.\-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(:\d{1,5})?",
    "bad-host",
    Text("is no address of a peer.", "不是对端地址。"),
    Text("Write an address, or one with a port: 10.0.0.1:5060.", "请写地址，可带端口，如 10.0.0.1:5060。"),
)

Name = _kind(read_name, str, type="string", pattern=r"^[A-Za-z0-9_.\-\u3400-\u9fff]{1,64}$")
Percent = _kind(read_percent, float, type=["number", "string"], minimum=0, maximum=100)
Seconds = Annotated[Duration, WithJsonSchema({"type": ["string", "number"], "examples": ["10s", "2m", "1m30s"]})]
_INTERVAL_SCHEMA = {"type": "string", "pattern": r"^\d{1,2}:\d{2}-\d{1,2}:\d{2}$", "examples": ["09:00-12:00"]}
Hours = _kind(
    read_hours,
    tuple[tuple[int, int], ...],
    oneOf=[{"type": "array", "items": _INTERVAL_SCHEMA}, _INTERVAL_SCHEMA, {"const": "closed"}],
)
Day = _kind(read_date, date, type="string", format="date")
Dates = _kind(read_dates, tuple[date, date], type="string", pattern=r"^\d{4}-\d{2}-\d{2}(\.\.\d{4}-\d{2}-\d{2})?$")
Weekday = _kind(read_weekday, int, type="string", enum=list(_WEEKDAY_WORDS))
Rejection = _kind(
    read_rejection, str, oneOf=[{"enum": list(REJECTIONS)}, {"type": "integer", "minimum": 1, "maximum": 127}]
)
Number = _kind(read_number, str, type=["string", "integer"], examples=["400-800-1234"])
BaseNumber = _kind(read_base_number, str, type=["string", "integer"], examples=["010-88880001"])
CallerPattern = _kind(read_pattern, str, type=["string", "integer"], examples=["13900000000", "0085*"])
CallerNumber = _kind(read_caller, str, type=["string", "integer"], examples=["13900000000"])
CallerPrefix = _kind(read_prefix, str, type=["string", "integer"], examples=["138", "+852"])
Province = _kind(read_province, str, type="string", examples=["北京", "广东", "未知"])
City = _kind(read_city, str, type="string")
TimeZone = _kind(read_time_zone, str, type="string", examples=["Asia/Shanghai"])
StoreUrl = _kind(read_store, str, type="string", examples=["sqlite:///var/line400.db"])
Variable = _kind(read_variable, str, type="string", pattern="^[A-Z_][A-Z0-9_]*$")
Host = _kind(read_host, str, type="string")
Peer = _kind(read_peer, str, type="string")
