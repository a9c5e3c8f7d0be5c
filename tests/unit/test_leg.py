"""What a leg presents: the base number of the line it leaves by, the caller where its trunk allows it, never a 400."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ivr_flows.commands import Dial
from router.leg import LegImpossible, LegPlan, plan_leg
from router.model import Line, Trunk
from router.number400 import presents_400

BJ = Line("bj", "01088880001", "bj-trunk")
SH = Line("sh", "02166660002", "sh-trunk")
LINES = {"bj": BJ, "sh": SH}
TRUNKS = {"bj-trunk": Trunk("bj-trunk"), "sh-trunk": Trunk("sh-trunk")}
OPEN_TRUNKS = {name: replace(trunk, caller_passthrough=True) for name, trunk in TRUNKS.items()}
CALLER = "13800138000"


def dial(to: str | None = None, line: str | None = None) -> Dial:
    return Dial(to, line, 30.0)


def test_a_leg_to_a_number_leaves_by_the_line_of_the_call() -> None:
    plan = plan_leg(dial("010-88880009"), BJ, CALLER, LINES, TRUNKS)
    assert plan == LegPlan("01088880009", "bj-trunk", "01088880001", "bj")


def test_a_leg_over_another_line_presents_that_lines_number() -> None:
    plan = plan_leg(dial(line="sh"), BJ, CALLER, LINES, TRUNKS)
    assert plan == LegPlan("02166660002", "sh-trunk", "02166660002", "sh")


def test_the_caller_is_presented_only_where_the_trunk_allows_it() -> None:
    assert plan_leg(dial("8001"), BJ, CALLER, LINES, TRUNKS).presented == "01088880001"
    assert plan_leg(dial("8001"), BJ, CALLER, LINES, OPEN_TRUNKS).presented == CALLER
    assert plan_leg(dial("8001"), BJ, None, LINES, OPEN_TRUNKS).presented == "01088880001"


@pytest.mark.parametrize("caller", ["4008001234", "400-800-1234", "+864008001234", "0104008001234", "sip:4008001234@x"])
def test_a_caller_that_is_a_400_number_is_never_presented(caller: str) -> None:
    assert plan_leg(dial("8001"), BJ, caller, LINES, OPEN_TRUNKS).presented == "01088880001"


@pytest.mark.parametrize("to", ["400-800-1234", "4008001234", "+86 400 800 1234"])
@pytest.mark.parametrize("trunks", [TRUNKS, OPEN_TRUNKS])
def test_dialling_a_400_number_presents_none(to: str, trunks: dict[str, Trunk]) -> None:
    assert not presents_400(plan_leg(dial(to), BJ, "4008001234", LINES, trunks).presented)


def test_a_line_whose_number_is_a_400_number_places_no_leg() -> None:
    with pytest.raises(LegImpossible) as refused:
        plan_leg(dial("8001"), replace(BJ, base_number="4008001234"), CALLER, LINES, TRUNKS)
    assert refused.value.presented == "4008001234"


@pytest.mark.parametrize("to", ["", "nobody", "1,2", "1&2", "9" * 40, "PJSIP/1@evil"])
def test_what_cannot_be_dialled_is_not(to: str) -> None:
    with pytest.raises(LegImpossible) as impossible:
        plan_leg(dial(to), BJ, CALLER, LINES, TRUNKS)
    assert impossible.value.presented is None


@pytest.mark.parametrize(
    ("to", "number"),
    [
        ("+86 10 8888 0009", "01088880009"),
        ("+86 13800138000", "13800138000"),
        ("+852 2123 4567", "0085221234567"),
        ("+86 400 800 1234", "4008001234"),
        ("10086", "10086"),
        ("80-01", "8001"),
        ("*61#", "*61#"),
    ],
)
def test_what_is_dialled_is_canonical(to: str, number: str) -> None:
    assert plan_leg(dial(to), BJ, CALLER, LINES, TRUNKS).number == number


def test_a_call_without_a_line_places_no_leg() -> None:
    with pytest.raises(LegImpossible):
        plan_leg(dial("8001"), None, CALLER, LINES, TRUNKS)
