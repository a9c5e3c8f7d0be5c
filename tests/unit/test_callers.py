"""Callers: canonical numbers, kinds, and where they come from."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from router import regions
from router.callers import (
    KINDS,
    CallerError,
    base_number,
    caller_facts,
    canonical_caller,
    canonical_pattern,
    valid_number,
)
from router.number400 import presents_400

MOBILE, LANDLINE = "13800138000", "01088880001"


@pytest.mark.parametrize(
    ("text", "number", "kind"),
    [
        (MOBILE, MOBILE, "mobile"),
        ("138 0013 8000", MOBILE, "mobile"),
        ("+8613800138000", MOBILE, "mobile"),
        ("0086-138-0013-8000", MOBILE, "mobile"),
        ("8613800138000", MOBILE, "mobile"),
        ("013800138000", MOBILE, "mobile"),
        ("１３８００１３８０００", MOBILE, "mobile"),
        ("1791113800138000", MOBILE, "mobile"),
        ('"张三" <sip:+8613800138000@10.0.0.1:5060;user=phone>', MOBILE, "mobile"),
        ("tel:13800138000;phone-context=+86", MOBILE, "mobile"),
        ("17412345678", "17412345678", "mobile"),
        (LANDLINE, LANDLINE, "landline"),
        ("010-88880001", LANDLINE, "landline"),
        ("+861088880001", LANDLINE, "landline"),
        ("861088880001", LANDLINE, "landline"),
        ("1088880001", LANDLINE, "landline"),
        ("010-88880001转12", LANDLINE, "landline"),
        ("075588880001", "075588880001", "landline"),
        ("05718888000", "05718888000", "landline"),
        ("010-12345678", "01012345678", "landline"),
        ("+861012345678", "01012345678", "landline"),
        ("0755-01234567", "075501234567", "landline"),
        ("9551112345", "9551112345", "service"),
        ("+869551112345", "9551112345", "service"),
        ("95588", "95588", "service"),
        ("950133123456", "950133123456", "service"),
        ("10086", "10086", "service"),
        ("110", "110", "service"),
        ("+864008001234", "4008001234", "service"),
        ("8008001234", "8008001234", "service"),
        ("106575000012345", "106575000012345", "service"),
        ("14612345678", "14612345678", "iot"),
        ("1440001234567", "1440001234567", "iot"),
        ("1064812345678", "1064812345678", "iot"),
        ("700123456789012", "700123456789012", "privacy"),
        ("+85223456789", "0085223456789", "foreign"),
        ("0085223456789", "0085223456789", "foreign"),
        ("+14155550100", "0014155550100", "foreign"),
        ("88880001", "88880001", "unknown"),
        ("0349", "0349", "unknown"),
        ("+" + "1" * 50, "00" + "1" * 30, "foreign"),
        ("alice", "alice", "unknown"),
        ("sip:alice@example.com", "alice", "unknown"),
        ("张三", None, "unknown"),
        (None, None, "hidden"),
        ("", None, "hidden"),
        ("  ", None, "hidden"),
        ("anonymous", None, "hidden"),
        ("Restricted", None, "hidden"),
        ("unavailable", None, "hidden"),
        ('"Anonymous" <sip:anonymous@anonymous.invalid>', None, "hidden"),
        ("匿名", None, "hidden"),
    ],
)
def test_number_and_kind(text: str | None, number: str | None, kind: str) -> None:
    caller = caller_facts(text)
    assert (caller.number, caller.kind) == (number, kind)
    assert canonical_caller(text) == number
    assert kind in KINDS


@pytest.mark.parametrize("shown", ["01088880001", "010-88880001", "+86 10 8888 0001", "sip:01088880001@gw"])
@pytest.mark.parametrize("base", ["01088880001", "010-88880001", "+861088880001"])
def test_a_caller_shown_as_the_base_number_is_hidden(shown: str, base: str) -> None:
    caller = caller_facts(shown, base)
    assert (caller.number, caller.kind, caller.province) == (None, "hidden", "未知")


def test_another_line_than_the_base_number_is_a_caller() -> None:
    assert caller_facts("01088880002", LANDLINE).number == "01088880002"
    assert caller_facts(MOBILE, "010-88880001").number == MOBILE
    assert caller_facts("+86" + MOBILE, "+86" + MOBILE).kind == "hidden"


@pytest.mark.parametrize(
    ("text", "province", "city", "carrier"),
    [
        (MOBILE, "北京", "北京", "mobile"),
        ("18600000000", "北京", "北京", "unicom"),
        (LANDLINE, "北京", "北京", "unknown"),
        ("02188880001", "上海", "上海", "unknown"),
        ("075588880001", "广东", "深圳", "unknown"),
        ("05718888000", "浙江", "杭州", "unknown"),
        ("04718880001", "内蒙古", "呼和浩特", "unknown"),
        ("09918880001", "新疆", "乌鲁木齐", "unknown"),
        ("08918880001", "西藏", "拉萨", "unknown"),
        ("02488880001", "辽宁", "未知", "unknown"),
        ("+85223456789", "香港", "香港", "unknown"),
        ("+85328123456", "澳门", "澳门", "unknown"),
        ("+886223456789", "台湾", "未知", "unknown"),
        ("+14155550100", "未知", "未知", "unknown"),
        ("95588", "未知", "未知", "unknown"),
        ("14612345678", "江苏", "南京", "unicom"),
        ("17312345678", "未知", "未知", "telecom"),
        ("16700000000", "未知", "未知", "unicom"),
        ("1440001234567", "未知", "未知", "unknown"),
        ("88880001", "未知", "未知", "unknown"),
        ("alice", "未知", "未知", "unknown"),
        (None, "未知", "未知", "unknown"),
    ],
)
def test_where_a_caller_is_from(text: str | None, province: str, city: str, carrier: str) -> None:
    caller = caller_facts(text)
    assert (caller.province, caller.city, caller.carrier) == (province, city, carrier)


@pytest.mark.parametrize("text", ["010-12345678", "021-12345678", "0755-12345678", "0310-0123456", "+86 10 1234 5678"])
def test_every_local_number_behind_an_area_code_is_a_valid_landline(text: str) -> None:
    """No exchange is numbered 0 or 1, and `phonenumbers` takes them for valid: examples are written so."""
    assert valid_number(text) == base_number(text)
    assert caller_facts(text).province != regions.UNKNOWN
    assert not presents_400(text)


@settings(deadline=None, max_examples=200)
@given(st.text("0123456789", max_size=20) | st.text("+0123456789- ()*#<>@:;sip转", max_size=40) | st.text(max_size=40))
def test_canonical_is_total_and_final(text: str) -> None:
    caller = caller_facts(text)
    assert caller.number == canonical_caller(text)
    assert caller.kind in KINDS
    if caller.number is not None:
        assert canonical_caller(caller.number) == caller.number
        assert caller_facts(caller.number) == caller
    else:
        assert caller.kind in ("hidden", "unknown")


@settings(deadline=None, max_examples=200)
@given(
    st.integers(0, 10**13).map(str)
    | st.integers(0, 10**11).map(lambda n: f"0{n}")
    | st.integers(13 * 10**9, 2 * 10**10 - 1).map(str)
)
def test_the_short_way_and_the_long_way_agree(text: str) -> None:
    assert caller_facts(text) == caller_facts(f"sip:{text}@h")


@settings(deadline=None, max_examples=100)
@given(st.integers(1_300_000, 1_999_999))
def test_every_mobile_segment_has_known_words_only(segment: int) -> None:
    caller = caller_facts(f"{segment}0000")
    assert caller.province in (*regions.PROVINCES, "未知")
    assert caller.city
    assert caller.carrier in (*regions.CARRIERS, "unknown")


def test_asking_for_number_and_kind_loads_no_geography() -> None:
    script = (
        "import sys; from router.callers import caller_facts\n"
        "for text in ('13800138000', '+8613800138000', '01088880001', '0085223456789', 'anonymous', '95588'):\n"
        "    caller_facts(text, '01088880002').kind\n"
        "caller_facts('02188880001').province\n"
        "assert not {'phonenumbers', 'phone'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


@pytest.mark.parametrize(
    ("text", "pattern"),
    [
        ("13900000000", "13900000000"),
        ("139*", "139*"),
        ("１３９*", "139*"),
        ("0085*", "0085*"),
        ("+852*", "00852*"),
        ("+1 415*", "001415*"),
        ("+86139*", "139*"),
        ("0086139*", "139*"),
        ("86139*", "139*"),
        ("0139*", "139*"),
        ("+8610*", "010*"),
        ("+86755*", "0755*"),
        ("+86 1*", "1*"),
        ("010-8888*", "0108888*"),
        ("010-88880001", LANDLINE),
        ("+86 10 8888 0001", LANDLINE),
        ("95*", "95*"),
        ("00*", "00*"),
        ("+852 2345 6789", "0085223456789"),
    ],
)
def test_patterns_are_canonical(text: str, pattern: str) -> None:
    assert canonical_pattern(text) == pattern


@settings(deadline=None, max_examples=100)
@given(st.sampled_from(["+86", "0086", ""]), st.integers(13_000_000_000, 19_999_999_999).map(str), st.integers(3, 10))
def test_a_pattern_matches_the_callers_that_begin_so(country: str, mobile: str, length: int) -> None:
    caller = canonical_caller(country + mobile)
    assert caller is not None
    assert caller.startswith(canonical_pattern(country + mobile[:length] + "*").removesuffix("*"))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("*", "matches every caller"),
        ("+86*", "matches every caller"),
        ("1*9", "only at the end"),
        ("*139", "only at the end"),
        ("139**", "only at the end"),
        ("abc*", "other than digits"),
        ("abc", "no caller's number"),
        ("", "no caller's number"),
        ("13?", "no caller's number"),
        ("anonymous", "is no number"),
        ("1" * 33, "longer than any"),
        ("1" * 33 + "*", "longer than any"),
        ("1" * 100_000, "longer than any"),
    ],
)
def test_a_wrong_pattern_says_why(text: str, words: str) -> None:
    with pytest.raises(CallerError) as refused:
        canonical_pattern(text)
    assert words in refused.value.message.en
    assert refused.value.message.zh
    assert refused.value.cure.zh


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("010-88880001", LANDLINE),
        ("01088880001", LANDLINE),
        ("+86 10 8888 0001", LANDLINE),
        ("0755-8888001", "07558888001"),
        ("0378-8888001", "03788888001"),
        ("139 0000 0000", "13900000000"),
    ],
)
def test_base_numbers(text: str, number: str) -> None:
    assert base_number(text) == number


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("400-800-1234", "is a 400 number"),
        ("0104008001234", "is a 400 number"),
        ("88880001", "area code is missing"),
        ("+85223456789", "is a foreign number"),
        ("010-8888000", "neither a landline nor a mobile"),
        ("0111-88880001", "neither a landline nor a mobile"),
        ("95588", "neither a landline nor a mobile"),
        ("abc", "neither a landline nor a mobile"),
        ("", "neither a landline nor a mobile"),
    ],
)
def test_a_wrong_base_number_says_why(text: str, words: str) -> None:
    with pytest.raises(CallerError) as refused:
        base_number(text)
    assert words in refused.value.message.en
    assert refused.value.message.zh
    assert refused.value.cure.zh


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("400-800-1234", "4008001234"),
        ("010-88880001", LANDLINE),
        (MOBILE, MOBILE),
        ("95588", "95588"),
        ("110", "110"),
        ("+85223456789", "0085223456789"),
        ("400800123", None),
        ("40080012345", None),
        ("0104008001234", None),
        ("+4008001234", None),
        ("88880001", None),
        ("1001", None),
        ("abc", None),
        ("电话 13800138000", None),
        ("", None),
        ("1" * 600, None),
    ],
)
def test_which_numbers_are_valid(text: str, number: str | None) -> None:
    assert valid_number(text) == number


@pytest.mark.parametrize("short", regions.PROVINCES)
def test_provinces_by_long_and_short_name(short: str) -> None:
    assert regions.canonical_province(short) == short
    assert regions.canonical_province(f" {short}省 ") == short


@pytest.mark.parametrize(
    ("long", "short"),
    [
        ("北京市", "北京"),
        ("内蒙古自治区", "内蒙古"),
        ("广西壮族自治区", "广西"),
        ("宁夏回族自治区", "宁夏"),
        ("新疆维吾尔自治区", "新疆"),
        ("西藏自治区", "西藏"),
        ("香港特别行政区", "香港"),
        ("未知", "未知"),
        ("深圳", None),
        ("", None),
    ],
)
def test_long_names_of_provinces(long: str, short: str | None) -> None:
    assert regions.canonical_province(long) == short


def test_there_are_34_provinces_and_every_area_code_lies_in_one() -> None:
    assert len(set(regions.PROVINCES)) == 34
    assert len(regions.AREA_CODES) == 321 + 12
    for code, (province, cities) in regions.AREA_CODES.items():
        assert province in regions.PROVINCES
        assert all(cities)
        assert len(code) == (3 if code[1] in "12" else 4)


@pytest.mark.parametrize(
    ("text", "city"),
    [
        ("深圳市", "深圳"),
        ("延边朝鲜族自治州", "延边"),
        ("锡林郭勒盟", "锡林郭勒"),
        ("沙市", "沙市"),
        ("吉首", "湘西"),
        ("某地", "某地"),
    ],
)
def test_cities_by_their_short_names(text: str, city: str) -> None:
    assert regions.canonical_city(text) == city


@pytest.mark.parametrize(
    ("text", "carrier"),
    [
        ("中国移动", "mobile"),
        ("联通", "unicom"),
        ("telecom", "telecom"),
        ("电信虚拟运营商", "telecom"),
        ("广电", "broadnet"),
        ("未知", "unknown"),
        ("x", None),
    ],
)
def test_carriers_by_name(text: str, carrier: str | None) -> None:
    assert regions.canonical_carrier(text) == carrier
