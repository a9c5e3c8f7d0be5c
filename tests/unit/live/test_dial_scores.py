"""Transfers, as what the live driver writes and what comes back: who is presented, how the leg ends."""

from __future__ import annotations

from typing import Any

import pytest

from ivr_flows.commands import Dial
from ivr_flows.results import DialEnded, Failed, HungUp
from router.model import Line, Trunk


def leg(number: str, line: str, base: str, options: str = "g", timeout: int = 25) -> str:
    return f"""
    > GET VARIABLE "CALLERID(num)"
    < 200 result=1 (13800138000)
    > SET VARIABLE "CALLERID(num)" "{base}"
    < 200 result=1
    > SET VARIABLE "CALLERID(name)" ""
    < 200 result=1
    > SET VARIABLE "REDIRECTING(from-num,i)" ""
    < 200 result=1
    > SET VARIABLE "REDIRECTING(from-name,i)" ""
    < 200 result=1
    > EXEC "Dial" "PJSIP/out-{line}/sip:{number}@127.0.0.1,{timeout},{options}b(line400-guard^leg^1)"
    """


def ended(status: str) -> str:
    return f"""
    < 200 result=0
    > GET VARIABLE "DIALSTATUS"
    < 200 result=1 ({status})
    > SET VARIABLE "CALLERID(num)" "13800138000"
    < 200 result=1
    """


async def test_a_leg_presents_the_base_number_of_its_line(perform: Any) -> None:
    done = await perform(
        leg("01088880009", "bj-unicom", "01088880001") + "+ 4\n! DialEnd DialStatus=ANSWER\n+ 60\n" + ended("ANSWER"),
        Dial("01088880009", None, 25.0),
    )
    assert isinstance(done.result, DialEnded)
    assert done.result.how == "answered"
    assert done.facts == ["TargetAnswered @4"]


async def test_a_leg_out_of_another_line_presents_that_line(perform: Any) -> None:
    await perform(leg("02188880002", "sh-telecom", "02188880002") + ended("NOANSWER"), Dial(None, "sh-telecom", 25.0))


async def test_digits_behind_the_answer(perform: Any) -> None:
    await perform(
        leg("01088880009", "bj-unicom", "01088880001", "gD(12#)") + ended("ANSWER"),
        Dial("01088880009", None, 25.0, post_digits="12#"),
    )


async def test_the_caller_is_presented_only_over_a_trunk_that_allows_it(perform: Any) -> None:
    await perform(
        leg("01088880009", "bj-unicom", "13800138000") + ended("ANSWER"),
        Dial("01088880009", None, 25.0),
        trunks={"unicom-bj": Trunk("unicom-bj", caller_passthrough=True)},
    )


@pytest.mark.parametrize("caller", ["4008001234", "+86 400-800-1234", "0104008001234", None])
async def test_a_caller_who_presents_a_400_number_is_not_passed_on(perform: Any, caller: str | None) -> None:
    await perform(
        leg("01088880009", "bj-unicom", "01088880001") + ended("ANSWER"),
        Dial("01088880009", None, 25.0),
        caller=caller,
        trunks={"unicom-bj": Trunk("unicom-bj", caller_passthrough=True)},
    )


@pytest.mark.parametrize("base", ["4008001234", "400-800-1234", "864008001234", "0104008001234"])
async def test_a_leg_that_would_present_a_400_number_is_not_placed(perform: Any, base: str) -> None:
    audited: list[tuple[str, str]] = []

    async def audit(code: str, presented: str) -> None:
        audited.append((code, presented))

    done = await perform("", Dial("01088880009", None, 25.0), line=Line("bj-unicom", base, "unicom-bj"), audit=audit)
    assert isinstance(done.result, Failed)
    assert done.result.reason.startswith("outbound_400")
    assert audited == [("outbound_400", base)]


@pytest.mark.parametrize(
    ("status", "how"),
    [
        ("BUSY", "busy"),
        ("NOANSWER", "no_answer"),
        ("CONGESTION", "failed"),
        ("CHANUNAVAIL", "failed"),
        ("INVALIDARGS", "failed"),
        ("", "failed"),
    ],
)
async def test_how_a_leg_ends(perform: Any, status: str, how: str) -> None:
    done = await perform(
        leg("01088880009", "bj-unicom", "01088880001") + ended(status), Dial("01088880009", None, 25.0)
    )
    assert done.result.how == how
    assert done.facts == []


@pytest.mark.parametrize("target", ["010-8888&PJSIP/1", "x@evil", "", "1" * 40])
async def test_a_target_that_is_no_number_is_not_dialled(perform: Any, target: str) -> None:
    done = await perform("", Dial(target or "-", None, 25.0))
    assert isinstance(done.result, Failed)


async def test_a_caller_who_hangs_up_while_it_rings(perform: Any) -> None:
    done = await perform(
        leg("01088880009", "bj-unicom", "01088880001")
        + """
        < 200 result=-1
        < HANGUP
        > GET VARIABLE "DIALSTATUS"
        < 200 result=1 (CANCEL)
        > GET VARIABLE "HANGUPCAUSE"
        < 200 result=1 (16)
        """,
        Dial("01088880009", None, 25.0),
    )
    assert done.result.by == "caller"
    assert done.facts == []


async def test_a_caller_who_hangs_up_while_talking(perform: Any) -> None:
    done = await perform(
        leg("01088880009", "bj-unicom", "01088880001")
        + """
        < 200 result=-1
        < HANGUP
        > GET VARIABLE "DIALSTATUS"
        < 200 result=1 (ANSWER)
        > GET VARIABLE "HANGUPCAUSE"
        < 200 result=1 (16)
        """,
        Dial("01088880009", None, 25.0),
    )
    assert done.result.by == "caller"
    assert done.facts == ["TargetAnswered @0"]


async def test_a_caller_who_is_gone_as_the_target_hangs_up_has_left(perform: Any) -> None:
    done = await perform(
        leg("01088880009", "bj-unicom", "01088880001")
        + """
        ! DialEnd DialStatus=ANSWER
        + 30
        < 200 result=0
        < HANGUP
        > GET VARIABLE "DIALSTATUS"
        < EOF
        """,
        Dial("01088880009", None, 25.0),
    )
    assert isinstance(done.result, HungUp)
    assert done.result.by == "caller"
