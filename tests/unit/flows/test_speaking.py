"""Numbers, money, dates and times as people say them: read back by readers of our own, and the sayings by name."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr_flows.speaking import (
    chinese_integer,
    english_integer,
    english_ordinal,
    say_date,
    say_digits,
    say_money,
    say_number,
    say_time,
)

DIGITS = {**{character: value for value, character in enumerate("零一二三四五六七八九")}, "两": 2}
UNITS = {"十": 10, "百": 100, "千": 1000}


def read_group(text: str) -> int:
    """A Chinese number below 10,000 as a listener takes it: a digit behind a unit without 零 stands for the next
    smaller unit (一百二 is 120), so that a 零 left out is a number of its own."""
    if text == "两":
        return 2
    rest = "一" + text if text.startswith("十") else text
    total = unit = 0
    while rest:
        match = re.match("(零?)([一二三四五六七八九两])([千百十]?)", rest)
        assert match is not None, text
        rest = rest[match.end() :]
        size = UNITS.get(match[3], 0)
        if not size:
            assert not rest, text
            size = unit // 10 if unit and not match[1] else 1
        skipped = unit > size * 10
        assert skipped == bool(match[1]), (text, "零 stands where a place is left out, and nowhere else")
        assert not unit or size < unit, text
        assert match[2] != "两" or (not total and match[3] in ("百", "千")), text
        total += DIGITS[match[2]] * size
        unit = size
    return total


def read_chinese(text: str) -> int:
    """A Chinese number as a listener takes it."""
    for character, size in (("亿", 10**8), ("万", 10**4)):
        head, found, rest = text.rpartition(character)
        if found:
            high = read_chinese(head)
            if not rest:
                return high * size
            low = read_chinese(rest.removeprefix("零"))
            assert rest.startswith("零") == (low < size // 10), text
            return high * size + low
    return 0 if text == "零" else read_group(text)


SMALL = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
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
]
TENS = {"twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90}
SCALES = {"thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12, "quadrillion": 10**15}


def read_english(text: str) -> int:
    total = group = 0
    for word in text.split():
        if word in SCALES:
            assert 0 < group < 1000, text
            total, group = total + group * SCALES[word], 0
        elif word == "hundred":
            assert 0 < group < 10, text
            group *= 100
        elif word != "and":
            tens, dash, ones = word.rpartition("-")
            if dash:
                assert 0 < SMALL.index(ones) < 10, text
                group += TENS[tens] + SMALL.index(ones)
            else:
                group += TENS[word] if word in TENS else SMALL.index(word)
    return total + group


def check_round_trip(number: int) -> None:
    assert read_chinese(chinese_integer(number)) == number
    assert read_english(english_integer(number)) == number


def test_every_number_of_two_groups_borders_is_read_back() -> None:
    for number in range(20_001):
        check_round_trip(number)
    for low in range(10_000):
        # Each value of a group behind each kind of higher group: with and without zeros at its end and front.
        for high in (1, 2, 10, 200, 1002, 9990, 9999):
            number = high * 10_000 + low
            assert read_chinese(chinese_integer(number)) == number


def test_numbers_spread_to_a_hundred_million_are_read_back() -> None:
    for number in range(0, 10**8 + 1, 4999):
        check_round_trip(number)
    check_round_trip(10**8)


@given(st.integers(0, 10**8))
def test_any_number_to_a_hundred_million_is_read_back(number: int) -> None:
    check_round_trip(number)


@given(st.integers(0, 10**16 - 1))
def test_any_number_that_is_said_as_one_is_read_back(number: int) -> None:
    check_round_trip(number)


@pytest.mark.parametrize(
    ("number", "chinese", "english"),
    [
        (0, "零", "zero"),
        (2, "二", "two"),
        (10, "十", "ten"),
        (23, "二十三", "twenty-three"),
        (102, "一百零二", "one hundred and two"),
        (110, "一百一十", "one hundred and ten"),
        (200, "两百", "two hundred"),
        (2000, "两千", "two thousand"),
        (12_200, "一万二千二百", "twelve thousand two hundred"),
        (20_000, "两万", "twenty thousand"),
        (100_010, "十万零一十", "one hundred thousand and ten"),
        (10**8, "一亿", "one hundred million"),
        ("1,234.50", "一千二百三十四点五零", "one thousand two hundred and thirty-four point five zero"),
        (0.05, "零点零五", "zero point zero five"),
        (-3, "负三", "minus three"),
        ("２３", "二十三", "twenty-three"),
        (3.0, "三", "three"),
        (Decimal("2.0"), "二", "two"),
    ],
)
def test_numbers_as_people_say_them(number: object, chinese: str, english: str) -> None:
    assert say_number(number) == chinese
    assert say_number(number, "en-US") == english


@pytest.mark.parametrize("value", ["", "N/A", "1.2.3", "12-3", None, True, float("nan"), float("inf"), "１２号"])
def test_what_is_no_number_is_said_as_written(value: object) -> None:
    assert say_number(value) == say_money(value) == str(value).replace("１２", "12")


def test_a_number_too_long_to_be_said_as_one_is_said_by_digits() -> None:
    assert say_number("1" * 17) == "一" * 17
    assert say_number(10**17, "en").startswith("one zero zero")


def test_digits() -> None:
    assert say_digits("400-811-1234") == "四零零八一一一二三四"
    assert say_digits("400-811-1234", telephone=True) == "四零零八幺幺幺二三四"
    assert say_digits("0100", "en", telephone=True) == "zero one zero zero"
    assert say_digits("+86 12*#") == "加八六一二星号井号"
    assert say_digits("A１2", "en") == "A one two"
    assert say_digits(7) == "七"


@given(st.text("0123456789", max_size=30))
def test_digits_are_read_back(text: str) -> None:
    assert "".join(str(DIGITS[character]) for character in say_digits(text)) == text
    assert "".join(str(SMALL.index(word)) for word in say_digits(text, "en").split()) == text


@pytest.mark.parametrize(
    ("amount", "chinese", "formal", "english"),
    [
        (2.5, "两块五", "两元五角", "two yuan fifty"),
        ("2.50", "两块五", "两元五角", "two yuan fifty"),
        (2, "两块", "两元", "two yuan"),
        (0, "零块", "零元", "zero yuan"),
        (0.5, "五毛", "五角", "fifty fen"),
        (0.2, "两毛", "两角", "twenty fen"),
        (0.02, "两分", "两分", "two fen"),
        (0.55, "五毛五", "五角五分", "fifty-five fen"),
        (2.05, "两块零五分", "两元零五分", "two yuan and five fen"),
        (12.34, "十二块三毛四", "十二元三角四分", "twelve yuan thirty-four"),
        ("¥3,200.00", "三千二百块", "三千二百元", "three thousand two hundred yuan"),
        ("100元", "一百块", "一百元", "one hundred yuan"),
        ("1.005", "一块零一分", "一元零一分", "one yuan and one fen"),
        (-2.5, "负两块五", "负两元五角", "minus two yuan fifty"),
        (-0.001, "零块", "零元", "zero yuan"),
    ],
)
def test_money(amount: object, chinese: str, formal: str, english: str) -> None:
    assert say_money(amount) == chinese
    assert say_money(amount, formal=True) == formal
    assert say_money(amount, "en") == english


def read_formal_money(text: str) -> int:
    """Fen of an amount said with 元, 角 and 分."""
    match = re.fullmatch(r"(?:(.+?)元)?(?:(.)角)?(?:零?(.)分)?", text)
    assert match is not None
    yuan, jiao, fen = (0 if part is None else 2 if part == "两" else read_chinese(part) for part in match.groups())
    return yuan * 100 + jiao * 10 + fen


@given(st.integers(0, 10**10))
def test_any_amount_is_read_back(fen: int) -> None:
    amount = Decimal(fen) / 100
    assert read_formal_money(say_money(amount, formal=True)) == fen


@given(st.integers(0, 10**6 - 1), st.integers(0, 99))
def test_any_english_amount_is_read_back(yuan: int, fen: int) -> None:
    said = say_money(f"{yuan}.{fen:02}", "en")
    whole, found, rest = said.partition(" yuan")
    if not found:
        assert (yuan, fen) == (0, read_english(said.removesuffix(" fen")))
        return
    assert read_english(whole) == yuan
    assert (read_english(rest.replace(" and ", " ").removesuffix(" fen")) if rest else 0) == fen
    assert ("fen" in rest) == (0 < fen < 10)  # else "two yuan five" were 2.05 and 2.50


def test_dates() -> None:
    assert say_date("2026-10-01") == say_date(date(2026, 10, 1)) == say_date(20261001) == "十月一日"
    assert say_date("2026/10/22", year=True, weekday=True) == "二零二六年十月二十二日星期四"
    assert say_date("2026年10月1日", "en") == "October first"
    assert say_date("2026-10-22", "en", year=True, weekday=True) == "Thursday, October twenty-second, twenty twenty-six"
    assert say_date("2007-01-03", "en", year=True) == "January third, two thousand and seven"
    assert say_date("1905-01-03", "en", year=True) == "January third, nineteen oh five"
    assert say_date("1900-12-12", "en", year=True) == "December twelfth, nineteen hundred"
    for wrong in ("2026-13-01", "2026-02-30", "soon", "", None, 7):
        assert say_date(wrong) == say_date(wrong, "en") == str(wrong)


ORDINALS = {english_ordinal(number): number for number in range(1, 32)}
MONTHS = [f"{date(2000, month, 1):%B}" for month in range(1, 13)]


@given(st.dates())
def test_any_date_is_read_back(day: date) -> None:
    match = re.fullmatch(r"(.{4})年(.+)月(.+)日星期(.)", say_date(day, year=True, weekday=True))
    assert match is not None
    year = int("".join(str(DIGITS[character]) for character in match[1]))
    assert date(year, read_chinese(match[2]), read_chinese(match[3])) == day
    assert "一二三四五六日".index(match[4]) == day.weekday()
    month, ordinal = say_date(day.isoformat(), "en").split(" ")
    assert (MONTHS.index(month) + 1, ORDINALS[ordinal]) == (day.month, day.day)


def test_thirty_one_ordinals_differ() -> None:
    assert len(ORDINALS) == 31
    assert {"first", "second", "third", "twelfth", "twentieth", "twenty-first", "thirtieth"} <= ORDINALS.keys()


def test_times() -> None:
    said = {
        "00:00": ("凌晨零点", "midnight"),
        "00:30": ("凌晨零点半", "twelve thirty a.m."),
        "02:05": ("凌晨两点零五分", "two oh five a.m."),
        "08:00": ("早上八点", "eight a.m."),
        "9:30": ("上午九点半", "nine thirty a.m."),
        "12:00:00": ("中午十二点", "noon"),
        "14:00": ("下午两点", "two p.m."),
        "18:45": ("晚上六点四十五分", "six forty-five p.m."),
        "24:00": ("凌晨零点", "midnight"),
    }
    for text, (chinese, english) in said.items():
        assert (say_time(text), say_time(text, "en")) == (chinese, english)
    moment = datetime(2026, 10, 1, 9, 30)
    assert say_date(moment) + say_time(moment) == "十月一日上午九点半"
    for wrong in ("25:00", "9:75", "2026-10-01", "soon", ""):
        assert say_time(wrong) == wrong


def test_every_minute_of_a_day_is_said_differently() -> None:
    minutes = [(datetime(2026, 1, 1) + timedelta(minutes=count)).time() for count in range(1440)]
    for language in ("zh-CN", "en"):
        assert len({say_time(minute, language) for minute in minutes}) == 1440
    for minute in minutes:
        match = re.fullmatch(r"(凌晨|早上|上午|中午|下午|晚上)(.+)点(?:(半)|零?(.+)分)?", say_time(minute))
        assert match is not None
        hour = 2 if match[2] == "两" else read_chinese(match[2])
        hour += 12 if match[1] in ("下午", "晚上") else 0
        assert time(hour, 30 if match[3] else read_chinese(match[4]) if match[4] else 0) == minute


def test_a_moment_with_an_offset_is_told_in_the_zone_of_the_caller() -> None:
    zone = ZoneInfo("Asia/Shanghai")
    for moment in ("2026-10-01T20:30:00Z", datetime(2026, 10, 1, 20, 30, tzinfo=UTC)):
        assert say_date(moment, zone=zone) + say_time(moment, zone=zone) == "十月二日凌晨四点半"
    assert say_time("2026-10-01 20:30", zone=zone) == "晚上八点半"


@given(st.one_of(st.text(), st.floats(), st.integers(), st.none(), st.decimals(), st.lists(st.integers(), max_size=3)))
def test_nothing_is_refused(value: object) -> None:
    for language in ("zh-CN", "en", "", "fr"):
        for say in (say_digits, say_number, say_money, say_date, say_time):
            assert isinstance(say(value, language), str)
