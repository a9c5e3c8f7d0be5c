"""What presents a 400 number as the caller: the question that every outbound check asks."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from router import numbering
from router.number400 import Number400, NumberError, presents_400
from tests.spellings import INNOCENT, PRESENTS_400
from tests.unit.test_number400 import numbers, spelled


@pytest.mark.parametrize("text", PRESENTS_400)
def test_a_400_number_is_recognised_in_every_disguise(text: str) -> None:
    assert presents_400(text) is True


@pytest.mark.parametrize("text", INNOCENT)
def test_other_callers_are_not_taken_for_one(text: str) -> None:
    assert presents_400(text) is False


@settings(deadline=None, max_examples=200)
@given(spelled())
def test_every_spelling_presents(case: tuple[str, str, str | None]) -> None:
    assert presents_400(case[1])


@settings(deadline=None, max_examples=300)
@given(st.text() | st.text('40081239+-()<>"@:;,.%xX转 \\sipel\u202e\u200b', max_size=60))
def test_it_is_total_and_agrees_with_the_parser(text: str) -> None:
    presents = presents_400(text)
    assert isinstance(presents, bool)
    try:
        Number400.parse(text)
    except NumberError:
        return
    assert presents


@settings(deadline=None, max_examples=200)
@given(numbers(), st.text("0123456789", max_size=8))
def test_digits_before_a_400_number_hide_it_only_in_a_valid_number(number: str, before: str) -> None:
    digits = before + number
    assert presents_400(digits) or numbering.is_valid_foreign(digits)


@settings(deadline=None, max_examples=100)
@given(st.integers(13_000_000_000, 19_999_999_999))
def test_no_mobile_presents(number: int) -> None:
    expected = numbering.ELEVEN_DIGITS[str(number)[:3]] == "iot" and str(number)[1:4] == "400"
    assert presents_400(str(number)) is expected


@settings(deadline=None, max_examples=100)
@given(st.sampled_from(sorted(numbering.AREA_CODES)), st.integers(20_000_000, 99_999_999))
def test_no_landline_presents(code: str, local: int) -> None:
    for spelling in (f"{code}{local}", f"{code}-{local}", f"+86{code[1:]}{local}", f"sip:{code}{local}@h"):
        assert presents_400(spelling) is False


@settings(deadline=None, max_examples=100)
@given(
    numbers(),
    st.sampled_from(['"{}" <sip:01088880001@h>', "<sip:01088880001@h>, <sip:{}@h>", '"Support {} (1)" <sip:1@h>']),
)
def test_no_part_of_a_header_may_show_it(number: str, header: str) -> None:
    assert presents_400(header.format(number))


def test_a_valid_foreign_number_stays_one_whatever_its_digits() -> None:
    assert presents_400("+494008001234") is False
    assert presents_400("00494008001234") is False
    assert presents_400("+4940080012345") is False
    assert presents_400("494008001234") is True


def test_escapes_are_undone_until_nothing_changes() -> None:
    once = "".join(f"%{ord(digit):02x}" for digit in "4008001234")
    assert presents_400(f"sip:{once}@h")
    assert presents_400(f"sip:{once.replace('%', '%25')}@h")
    assert presents_400("sip:%EF%BC%94008001234@h")


@pytest.mark.parametrize(
    "thing",
    [
        None,
        b"",
        0,
        -1,
        pytest.param(10**5000, id="huge-int"),
        13800138000,
        1.5,
        [],
        {},
        object(),
        b"\xff\xfe",
        True,
        pytest.param("\ud800", id="surrogate"),
    ],
)
def test_anything_at_all_may_be_asked_about(thing: object) -> None:
    assert presents_400(thing) is False


@pytest.mark.parametrize(
    "thing",
    [4008001234, b"4008001234", bytearray(b"sip:4008001234@h"), pytest.param("\ud8004008001234", id="surrogate")],
)
def test_numbers_and_bytes_are_judged_as_their_text(thing: object) -> None:
    assert presents_400(thing) is True


@pytest.mark.parametrize(
    "filler",
    [
        "a",
        "4",
        "0",
        "(",
        '"',
        "<",
        ">",
        ",",
        ";",
        "%",
        "%25",
        "\\",
        "@",
        " ",
        "ext",
        "x ",
        "转",
        "\u0301",
        "\u202e",
        "ﷺ",
        "400",
        "sip:",
        ";a=",
    ],
)
def test_huge_texts_take_bounded_work(filler: str) -> None:
    huge = filler * 200_000
    assert isinstance(presents_400(huge), bool)
    assert presents_400(huge + " \U0001f4de4008001234")
    with pytest.raises(NumberError):
        Number400.parse(huge)
