"""Which texts are a 400 number, and what is said of those that are not."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from router.number400 import MAX_TEXT, Number400, NumberError
from router.numbering import IP_CALL_PREFIXES
from tests.spellings import EXTENDED_400, INNOCENT, NUMBER, SPELLINGS_400

ASCII = "0123456789"
SCRIPTS = [ASCII, "０１２３４５６７８９", "٠١٢٣٤٥٦٧٨٩", "०१२३४५६७८९", "⓪①②③④⑤⑥⑦⑧⑨", "⁰¹²³⁴⁵⁶⁷⁸⁹"]
INVISIBLE = ["", "", "", "\u200b", "\u200e", "\ufeff", "\u00ad", "\ufe0f", "\u0301"]
SEPARATORS = ["", "", "", "-", " ", ".", "·", "・", "/", "_", "－", "—", "\u3000", ") ", " - ", "\t"]
PREFIXES = ["", "+86", "0086", "86", "(86)", "+86-", "0086 "]
MARKS = ["转", " 转 ", "分机", " ext ", " ext.", "x", " x ", "#", ",", ",,", ";ext=", " extension ", "（转"]


@st.composite
def numbers(draw: st.DrawFn) -> str:
    return "400" + draw(st.text(ASCII, min_size=7, max_size=7))


@st.composite
def spelled(draw: st.DrawFn) -> tuple[str, str, str | None]:
    """A number, one of its spellings, and the extension in it."""
    digits = draw(numbers())
    prefix = (
        draw(st.sampled_from(["", "9", "9-"]))
        + draw(st.sampled_from(["", "", *IP_CALL_PREFIXES]))
        + draw(st.sampled_from(PREFIXES))
        + draw(st.sampled_from(["", "", "0", "(0)"]))
    )
    body = "".join(
        draw(st.sampled_from(INVISIBLE))
        + draw(st.sampled_from(SCRIPTS))[int(digit)]
        + draw(st.sampled_from(SEPARATORS))
        for digit in digits
    )
    extension = draw(st.none() | st.text(ASCII, min_size=1, max_size=10))
    text = prefix + body
    if extension is not None:
        text += draw(st.sampled_from(MARKS)) + extension
    form = draw(
        st.sampled_from(["{}", "{}", "  {}\n", "tel:{}", "sip:{}@127.0.0.1", '"客服" <sip:{}@h;user=phone>', "<{}>"])
    )
    return digits, form.format(text), extension


@settings(deadline=None, max_examples=300)
@given(spelled())
def test_every_spelling_of_a_number_is_read(case: tuple[str, str, str | None]) -> None:
    digits, text, extension = case
    assert Number400.parse(text) == Number400(digits, extension)


@settings(deadline=None, max_examples=300)
@given(st.text() | st.text('400812395+-()<>"@:;,.%xX转 \\sipel', max_size=40))
def test_any_text_is_a_number_or_refused_with_a_reason(text: str) -> None:
    try:
        number = Number400.parse(text)
    except NumberError as error:
        reason = (error.code, *error.message, *error.cure)
        if not all(reason):
            raise AssertionError(reason) from error
    else:
        assert Number400.parse(number.digits) == Number400(number.digits)


@settings(deadline=None, max_examples=100)
@given(st.text(ASCII, max_size=16))
def test_digits_alone_are_a_number_exactly_behind_a_known_prefix(digits: str) -> None:
    rest = digits
    if rest.startswith("9") and not rest.startswith("95"):
        rest = rest[1:]
    rest = next((rest[5:] for prefix in IP_CALL_PREFIXES if rest.startswith(prefix)), rest)
    rest = next((rest[len(p) :] for p in ("0086", "86") if rest.startswith(p)), rest).removeprefix("0")
    expected = len(rest) == 10 and rest.startswith("400")
    try:
        Number400.parse(digits)
    except NumberError:
        assert not expected
    else:
        assert expected


@pytest.mark.parametrize("text", SPELLINGS_400)
def test_spellings_people_and_switches_use(text: str) -> None:
    assert Number400.parse(text) == Number400(NUMBER)


@pytest.mark.parametrize(("text", "extension"), EXTENDED_400)
def test_an_extension_is_kept_apart(text: str, extension: str) -> None:
    number = Number400.parse(text)
    assert (number.digits, number.extension) == (NUMBER, extension)


@pytest.mark.parametrize("text", ["4000-887-322", "400-9292-888", "4002000000", "4003-004-005"])
def test_every_range_and_grouping_in_use_is_accepted(text: str) -> None:
    assert Number400.parse(text).digits == text.replace("-", "")


def test_a_header_of_several_addresses_names_the_first_400_number() -> None:
    history = "<sip:4008001234@net>;index=1, <sip:01012345678@pbx;cause=380>;index=1.1;mp=1"
    assert Number400.parse(history).digits == NUMBER
    diversion = "<sip:01012345678@pbx>;reason=deflection, <sip:4008001234@net>;reason=unconditional"
    assert Number400.parse(diversion).digits == NUMBER


@pytest.mark.parametrize(
    ("text", "code", "words", "chinese"),
    [
        ("", "empty", "no number given", "没有填写号码"),
        (" \t\u200b", "empty", "no number given", "没有填写号码"),
        ("sip:@", "empty", "no number given", "没有填写号码"),
        ("400800123", "too_short", "9 digits, one too few", "9 位数字，少了 1 位"),
        ("400", "too_short", "3 digits, seven too few", "3 位数字，少了 7 位"),
        ("+86 400 800 12", "too_short", "8 digits, two too few", "少了 2 位"),
        ("40066660120", "too_long", "11 digits, one too many", "11 位数字，多了 1 位"),
        ("400-800-1234-5", "too_long", "11 digits, one too many", "多了 1 位"),
        ("400800123456", "too_long", "12 digits, two too many", "多了 2 位"),
        ("0086400800123456", "too_long", "12 digits, two too many", "多了 2 位"),
        ("400" + "1" * 40, "too_long", "43 digits, 33 too many", "多了 33 位"),
        ("0104008001234", "area_code", "400 takes no area code", "400 前不加区号"),
        ("0755-400-800-1234", "area_code", "400 takes no area code", "400 前不加区号"),
        ("+86 10 400 800 1234", "area_code", "400 takes no area code", "400 前不加区号"),
        ("+4008001234", "country_code", "+40 is a foreign country code", "外国的国家代码"),
        ("8008001234", "service_800", "800 is another service", "800 是另一种业务"),
        ("+86 800-800-1234", "service_800", "800 is another service", "800 是另一种业务"),
        ("95588", "service_95", "is a 95 service number", "95 客服号码"),
        ("9553312", "service_95", "is a 95 service number", "95 客服号码"),
        ("10086", "service", "is a service number", "服务号码"),
        ("110", "service", "is a service number", "服务号码"),
        ("13800138000", "mobile", "is a mobile number", "手机号码"),
        ("tel:+86-138-0013-8000", "mobile", "is a mobile number", "手机号码"),
        ("010-88880001", "landline", "is a landline", "固定电话"),
        ("01040080012", "landline", "is a landline", "固定电话"),
        ("+85223456789", "foreign", "is a foreign number", "境外号码"),
        ("0014155550100", "foreign", "is a foreign number", "境外号码"),
        ("400-CALL-NOW", "letters", "letters are not digits", "字母不是数字"),
        ("4OO8001234", "letters", "letters are not digits", "字母不是数字"),
        ("sip:alice@example.com", "letters", "letters are not digits", "字母不是数字"),
        ("电话：4008001234", "free_text", "is text, not only a number", "还含有其他文字"),
        ("4008001234（客服）", "free_text", "is text, not only a number", "还含有其他文字"),
        ("四零零八零零一二三四", "free_text", "is text, not only a number", "还含有其他文字"),
        ("400\x008001234", "free_text", "is text, not only a number", "还含有其他文字"),
        ("x" * (MAX_TEXT + 1), "free_text", "is text, not only a number", "还含有其他文字"),
        ("400903****", "masked", "digits are masked", "遮住"),
        ("400xxxx289", "masked", "digits are masked", "遮住"),
        ("4008001234转客服", "extension", "is not 1 to 10 digits", "不是 1 到 10 位数字"),
        ("4008001234,12345678901", "extension", "is not 1 to 10 digits", "不是 1 到 10 位数字"),
        ("1234567", "not_400", "does not begin with 400", "不以 400 开头"),
        ('"4008001234" <sip:13800138000@h>', "mobile", "is a mobile number", "手机号码"),
    ],
)
def test_a_wrong_number_says_why(text: str, code: str, words: str, chinese: str) -> None:
    with pytest.raises(NumberError) as refused:
        Number400.parse(text)
    assert refused.value.code == code
    assert words in refused.value.message.en
    assert chinese in refused.value.message.zh
    assert str(refused.value) == refused.value.message.en


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("400-CALL-NOW", "400-225-5669"),
        ("4OO8001234", "400-800-1234"),
        ("电话：4008001234", "4008001234"),
        ("0104008001234", "dial 4008001234 without 010"),
        ("40080012345", "400-800-1234转12"),
        ("+4008001234", "+86"),
    ],
)
def test_the_cure_names_what_was_probably_meant(text: str, hint: str) -> None:
    with pytest.raises(NumberError) as refused:
        Number400.parse(text)
    assert hint in refused.value.cure.en


@pytest.mark.parametrize("text", [text for text in INNOCENT if text.strip()])
def test_other_numbers_are_refused(text: str) -> None:
    with pytest.raises(NumberError):
        Number400.parse(text)


def test_messages_are_one_short_line_whatever_was_typed() -> None:
    with pytest.raises(NumberError) as refused:
        Number400.parse("4008001234 a\nb\x1b[31m" + "c" * 500)
    assert len(refused.value.message.en) < 120
    assert refused.value.message.en.isprintable()


@pytest.mark.parametrize("thing", [None, 4008001234, b"4008001234", [], object()])
def test_what_is_no_text_is_refused_like_any_other(thing: object) -> None:
    with pytest.raises(NumberError):
        Number400.parse(thing)  # type: ignore[arg-type]


def test_shapes_of_a_number() -> None:
    number = Number400.parse("+86 4008-001-234 ext 7")
    assert str(number) == NUMBER
    assert number.grouped == "400-800-1234"
    assert number.extension == "7"
    assert {Number400(NUMBER): 1}[Number400.parse("400-800-1234")] == 1


@pytest.mark.parametrize(
    ("digits", "carrier"),
    [("4008001234", "telecom"), ("4006001234", "unicom"), ("4001001234", "mobile"), ("4003001234", None)],
)
def test_the_fourth_digit_hints_at_the_carrier(digits: str, carrier: str | None) -> None:
    assert Number400(digits).carrier == carrier


@pytest.mark.parametrize(
    ("digits", "extension"), [("400800123", None), ("400-800-1234", None), ("4008001234", "a"), ("4008001234", "")]
)
def test_no_other_number_can_be_built(digits: str, extension: str | None) -> None:
    with pytest.raises(NumberError):
        Number400(digits, extension)
