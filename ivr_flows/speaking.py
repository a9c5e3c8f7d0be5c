"""Numbers, dates, times, money and digits as people say them, in Chinese and English.

Every function is total: a value that cannot be read so is said as it is written, since a caller who hears an odd value
is served better than one whose call ends. Languages are codes such as ``zh-CN`` and ``en``; what does not begin with
``en`` is said in Chinese. Numbers of 17 digits and more are said digit by digit.

Chinese follows everyday speech on the telephone: 两 for a first 2 before 百, 千, 万 and 亿 and before a measure word
(两块, 两点), 二 elsewhere; 幺 for 1 only where a telephone number is read.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, time, tzinfo
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

LONGEST_NUMBER = 16
"""Digits before the point of the largest number that is said as one."""
LONGEST_FRACTION = 12
"""Digits behind the point that are said."""

_ZH = "零一二三四五六七八九"
_EN = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_EN_TEENS = (
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
)
_EN_TENS = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_EN_SCALES = ("", "thousand", "million", "billion", "trillion", "quadrillion")
_EN_ORDINALS = {
    "one": "first",
    "two": "second",
    "three": "third",
    "five": "fifth",
    "eight": "eighth",
    "nine": "ninth",
    "twelve": "twelfth",
}
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_WEEKDAYS_ZH = "一二三四五六日"
_KEYS = {"zh": {"*": "星号", "#": "井号", "+": "加"}, "en": {"*": "star", "#": "pound", "+": "plus"}}
_SILENT = frozenset(" -‐‑–—_()./,，（）\t\u00a0")
"""Marks between digits that nobody says."""

_NUMBER = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?|[+-]?\d+(?:\.\d+)?|[+-]?\.\d+", re.ASCII)
_CURRENCY = re.compile(r"^(?:CNY|RMB|[¥￥])\s*|\s*(?:CNY|RMB|元|块)$", re.IGNORECASE)
_DATE = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?|(\d{4})(\d{2})(\d{2})(?!\d)", re.ASCII)
_TIME = re.compile(r"(\d{1,2}):(\d{2})(?::\d{2}(?:\.\d+)?)?", re.ASCII)


def is_english(language: str) -> bool:
    """Whether ``language`` is said in English."""
    return language.lower().startswith("en")


def say_digits(value: object, language: str = "zh-CN", *, telephone: bool = False) -> str:
    """``value`` digit by digit: 四零零, "four zero zero". Marks that only group digits are left out; letters stay.
    ``telephone`` says 幺 for 1, as Chinese telephone numbers are read."""
    text = _written(value)
    english = is_english(language)
    keys = _KEYS["en" if english else "zh"]
    words: list[str] = []
    for character in text:
        if character.isascii() and character.isdigit():
            digit = int(character)
            words.append(_EN[digit] if english else "幺" if telephone and digit == 1 else _ZH[digit])
        elif character not in _SILENT:
            words.append(keys.get(character, character))
    return (" " if english else "").join(words)


def say_number(value: object, language: str = "zh-CN") -> str:
    """A quantity: 一百零二, 两千, 三点一四, "one hundred and two", "three point one four"."""
    number = _number(value)
    if number is None:
        return _written(value)
    english = is_english(language)
    sign, whole, fraction = _parts(number)
    if len(whole) > LONGEST_NUMBER:
        return say_digits(whole, language)
    said = (english_integer if english else chinese_integer)(int(whole))
    if fraction:
        digits = say_digits(fraction[:LONGEST_FRACTION], language)
        said = f"{said} point {digits}" if english else f"{said}点{digits}"
    if sign:
        said = f"minus {said}" if english else f"负{said}"
    return said


def say_money(value: object, language: str = "zh-CN", *, formal: bool = False) -> str:
    """An amount in yuan, rounded to the fen: 两块五, 五毛, 两块零五分, "two yuan fifty", "fifty fen". ``formal`` says
    元 and 角 in full: 两元五角."""
    text = _written(value)
    number = _number(_CURRENCY.sub("", text.strip()) if isinstance(value, str) else value)
    if number is None:
        return text
    whole = _parts(number)[1]
    if len(whole) > LONGEST_NUMBER:
        return say_digits(whole, language)
    amount = int((abs(number) * 100).to_integral_value(ROUND_HALF_UP))
    yuan, fen = divmod(amount, 100)
    english = is_english(language)
    said = _english_money(yuan, fen) if english else _chinese_money(yuan, fen, formal)
    if number < 0 and amount:
        said = f"minus {said}" if english else f"负{said}"
    return said


def say_date(
    value: object,
    language: str = "zh-CN",
    *,
    year: bool = False,
    weekday: bool = False,
    zone: tzinfo | None = None,
) -> str:
    """The day of a date or moment: 十月一日, "October first". ``year`` says the year too (二零二六年…), ``weekday`` the
    day of the week. A moment with an offset of its own is taken to ``zone``."""
    day = _day(value, zone)
    if day is None:
        return _written(value)
    if not is_english(language):
        said = f"{chinese_integer(day.month)}月{chinese_integer(day.day)}日"
        if year:
            said = f"{say_digits(f'{day.year:04}')}年{said}"
        return f"{said}星期{_WEEKDAYS_ZH[day.weekday()]}" if weekday else said
    said = f"{_MONTHS[day.month - 1]} {english_ordinal(day.day)}"
    if year:
        said = f"{said}, {_english_year(day.year)}"
    return f"{_WEEKDAYS[day.weekday()]}, {said}" if weekday else said


def say_time(value: object, language: str = "zh-CN", *, zone: tzinfo | None = None) -> str:
    """The time of day of a time or moment, to the minute: 上午九点半, 下午两点零五分, "nine thirty a.m."."""
    moment = _time_of_day(value, zone)
    if moment is None:
        return _written(value)
    hour, minute = moment.hour, moment.minute
    return _english_time(hour, minute) if is_english(language) else _chinese_time(hour, minute)


def chinese_integer(number: int) -> str:
    """0 ≤ ``number`` < 10¹⁶ in Chinese, 二 and 两 as the module says."""
    said = _below_ten_to_sixteen(number)
    if said.startswith("二") and said[1:2] in ("百", "千", "万", "亿"):
        said = "两" + said[1:]
    return said[1:] if said.startswith("一十") else said


def english_integer(number: int) -> str:
    """0 ≤ ``number`` < 10¹⁸ in English, with "and" before what follows the hundreds."""
    if number == 0:
        return _EN[0]
    groups = []
    rest = number
    while rest:
        rest, group = divmod(rest, 1000)
        groups.append(group)
    words: list[str] = []
    for scale in range(len(groups) - 1, -1, -1):
        group = groups[scale]
        if not group:
            continue
        if scale == 0 and words and group < 100:
            words.append("and")
        words.append(_below_thousand(group))
        if scale:
            words.append(_EN_SCALES[scale])
    return " ".join(words)


def english_ordinal(number: int) -> str:
    """ "twenty-first" for 21."""
    said = english_integer(number)
    head, dash, last = said.rpartition("-")
    if not dash:
        head, dash, last = said.rpartition(" ")
    if last in _EN_ORDINALS:
        last = _EN_ORDINALS[last]
    elif last.endswith("y"):
        last = last[:-1] + "ieth"
    else:
        last += "th"
    return head + dash + last


def _below_ten_to_sixteen(number: int) -> str:
    if number < 10**4:
        return _below_ten_thousand(number)
    size, unit = (10**8, "亿") if number >= 10**8 else (10**4, "万")
    high, low = divmod(number, size)
    upper = _below_ten_to_sixteen(high)
    if high == 2:
        upper = "二"
    said = upper + unit
    if low:
        # A place that is left out is said once, as 零.
        said += ("零" if low < size // 10 else "") + _below_ten_to_sixteen(low)
    return said


def _below_ten_thousand(number: int) -> str:
    if number < 10:
        return _ZH[number]
    said = ""
    skipped = False
    for size, unit in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = number // size % 10
        if digit:
            said += ("零" if skipped else "") + _ZH[digit] + unit
            skipped = False
        else:
            skipped = bool(said)
    return said


def _below_thousand(number: int) -> str:
    hundreds, rest = divmod(number, 100)
    words = [f"{_EN[hundreds]} hundred"] if hundreds else []
    if rest:
        words.append(_below_hundred(rest))
    return " and ".join(words)


def _below_hundred(number: int) -> str:
    if number < 10:
        return _EN[number]
    if number < 20:
        return _EN_TEENS[number - 10]
    tens, ones = divmod(number, 10)
    return f"{_EN_TENS[tens]}-{_EN[ones]}" if ones else _EN_TENS[tens]


def _counted(number: int) -> str:
    """``number`` before a Chinese measure word."""
    return "两" if number == 2 else chinese_integer(number)


def _chinese_money(yuan: int, fen: int, formal: bool) -> str:
    big, small = ("元", "角") if formal else ("块", "毛")
    jiao, fen = divmod(fen, 10)
    if not yuan and (jiao or fen):
        if not jiao:
            return f"{_counted(fen)}分"
        return f"{_counted(jiao)}{small}" + (f"{_ZH[fen]}{'分' if formal else ''}" if fen else "")
    said = f"{_counted(yuan)}{big}"
    if jiao and fen:
        return f"{said}{_ZH[jiao]}{small}{_ZH[fen]}{'分' if formal else ''}"
    if jiao:
        return f"{said}{_ZH[jiao]}{small if formal else ''}"
    return f"{said}零{_ZH[fen]}分" if fen else said


def _english_money(yuan: int, fen: int) -> str:
    if not yuan and fen:
        return f"{english_integer(fen)} fen"
    said = f"{english_integer(yuan)} yuan"
    if not fen:
        return said
    # "two yuan five" could be 2.05 or 2.5.
    return f"{said} {english_integer(fen)}" if fen >= 10 else f"{said} and {english_integer(fen)} fen"


def _chinese_time(hour: int, minute: int) -> str:
    if hour < 6:
        part = "凌晨"
    elif hour < 9:
        part = "早上"
    elif hour < 12:
        part = "上午"
    elif hour == 12:
        part = "中午"
    else:
        part = "下午" if hour < 18 else "晚上"
    said = f"{part}{_counted(hour if hour <= 12 else hour - 12)}点"
    if minute == 30:
        return said + "半"
    if minute == 0:
        return said
    return f"{said}{'零' if minute < 10 else ''}{chinese_integer(minute)}分"


def _english_time(hour: int, minute: int) -> str:
    if minute == 0 and hour in (0, 12):
        return "midnight" if hour == 0 else "noon"
    said = english_integer(hour % 12 or 12)
    if minute:
        said += f" oh {english_integer(minute)}" if minute < 10 else f" {english_integer(minute)}"
    return f"{said} {'a.m.' if hour < 12 else 'p.m.'}"


def _english_year(year: int) -> str:
    century, rest = divmod(year, 100)
    if rest == 0:
        return english_integer(year) if century % 10 == 0 else f"{english_integer(century)} hundred"
    if century % 10 == 0 and rest < 10:
        return english_integer(year)
    return f"{english_integer(century)} {f'oh {_EN[rest]}' if rest < 10 else _below_hundred(rest)}"


def _written(value: object) -> str:
    """``value`` as text, full-width digits made plain."""
    return unicodedata.normalize("NFKC", str(value))


def _number(value: object) -> Decimal | None:
    text = _written(value).strip()
    if isinstance(value, float) and "e" in text:
        return Decimal(text)
    if isinstance(value, bool) or not _NUMBER.fullmatch(text):
        return None
    try:
        return Decimal(text.replace(",", ""))
    except InvalidOperation:
        return None


def _parts(number: Decimal) -> tuple[str, str, str]:
    """Sign, digits before the point, digits behind it (empty where they are all zeros)."""
    text = f"{abs(number):f}"
    whole, _, fraction = text.partition(".")
    whole = whole.lstrip("0") or "0"
    fraction = fraction if fraction.strip("0") else ""
    said = whole != "0" or bool(fraction[:LONGEST_FRACTION].strip("0"))
    return ("-" if number < 0 and said else "", whole, fraction if fraction[:LONGEST_FRACTION].strip("0") else "")


def _moment(value: object, zone: tzinfo | None) -> object:
    """``value``, a text that is a whole moment read as one; a moment with an offset taken to ``zone``."""
    if isinstance(value, str):
        text = _written(value).strip()
        # A day alone is no midnight.
        if ":" in text and _DATE.match(text):
            try:
                value = datetime.fromisoformat(text.replace("/", "-"))
            except ValueError:
                return text
        else:
            return text
    if isinstance(value, datetime) and value.tzinfo is not None and zone is not None:
        return value.astimezone(zone)
    return value


def _day(value: object, zone: tzinfo | None) -> date | None:
    value = _moment(value, zone)
    if isinstance(value, date):
        return value
    match = _DATE.match(value) if isinstance(value, str) else None
    if match is None and isinstance(value, int) and not isinstance(value, bool):
        match = _DATE.fullmatch(str(value))
    if match is None:
        return None
    year, month, day = (int(part) for part in match.groups() if part is not None)
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _time_of_day(value: object, zone: tzinfo | None) -> time | datetime | None:
    value = _moment(value, zone)
    if isinstance(value, time | datetime):
        return value
    match = _TIME.fullmatch(value) if isinstance(value, str) else None
    if match is None and isinstance(value, str) and _DATE.match(value):
        match = _TIME.search(value, 8)
    if match is None:
        return None
    hour, minute = int(match[1]), int(match[2])
    if hour == 24 and minute == 0:
        hour = 0
    return time(hour, minute) if hour < 24 and minute < 60 else None
