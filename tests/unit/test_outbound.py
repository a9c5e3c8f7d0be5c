"""The outbound policy: one code, one reference, and no 400 number shown to anybody."""

from __future__ import annotations

import pytest

from router.callers import CallerError
from router.outbound import (
    CODE,
    MESSAGE,
    Q850_CAUSE,
    REFERENCE,
    SIP_REASON,
    SIP_STATUS,
    judge_outbound,
    refuse_outbound,
)
from tests.spellings import INNOCENT, PRESENTS_400


@pytest.mark.parametrize("text", PRESENTS_400)
def test_a_400_number_may_not_call_out(text: str) -> None:
    refusal = refuse_outbound(text)
    assert refusal is not None
    assert (refusal.code, refusal.reference) == ("outbound_400", REFERENCE)
    assert judge_outbound(text).allowed is False


@pytest.mark.parametrize("text", [*INNOCENT, None])
def test_what_shows_no_400_number_is_not_refused(text: str | None) -> None:
    assert refuse_outbound(text) is None


@pytest.mark.parametrize("text", PRESENTS_400)
def test_no_other_field_may_show_one(text: str) -> None:
    refusal = refuse_outbound("01088880001", None, "客服", text)
    assert refusal is not None
    assert refusal.presented.isprintable()
    assert len(refusal.presented) <= 40
    assert not judge_outbound("01088880001", text).allowed


def test_the_refusal_as_json() -> None:
    verdict = judge_outbound("400-800-1234")
    assert verdict.as_json() == {
        "allowed": False,
        "code": "outbound_400",
        "reference": REFERENCE,
        "message": MESSAGE.en,
    }
    assert verdict.as_json("zh")["message"] == "400号码仅支持呼入，不支持外呼或外显"


def test_the_reference_names_the_rule() -> None:
    assert "工信部要求400号码只能呼入，不能呼出" in REFERENCE
    assert "400号码不能做外显号码" in REFERENCE
    assert CODE == "outbound_400"


def test_what_a_switch_answers() -> None:
    assert (SIP_STATUS, Q850_CAUSE) == (403, 21)
    assert SIP_REASON.startswith("Q.850;cause=21")


@pytest.mark.parametrize("text", ["010-88880001", "13800138000", "95588", "+85223456789", "sip:01088880001@gw"])
def test_other_numbers_may_call_out(text: str) -> None:
    verdict = judge_outbound(text).as_json()
    assert verdict.pop("message")
    assert verdict == {"allowed": True, "code": None, "reference": None}


@pytest.mark.parametrize("text", ["", "  ", "abc", "客服", "1001", "400-CALL-NOW", "010-8888"])
def test_what_is_no_number_is_neither_allowed_nor_refused(text: str) -> None:
    with pytest.raises(CallerError) as wrong:
        judge_outbound(text)
    assert wrong.value.message.en
    assert wrong.value.message.zh
    assert wrong.value.cure.en
