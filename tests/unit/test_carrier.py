"""The simulated carrier: a dialled 400 number lands on a line, or is refused."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from router.book import RouteBook
from router.model import CallerMatch, Configuration, HeaderName, LifeState, Line, NumberFacts, Route, Rule, Trunk, When
from router.original_called import original_called
from router.overlay import Block, Overlay
from router.resolution import Inbound
from router.route_options import Overflow
from simulator.carrier import Carrier, Translation

SHANGHAI = ZoneInfo("Asia/Shanghai")
MORNING = datetime(2026, 10, 12, 10, tzinfo=SHANGHAI).timestamp()
HOTLINE, UNBOUND, OPENED, RELEASED = "4008001234", "4007000001", "4009000002", "4006000003"
BJ, SH = "01088880001", "02188880001"


def carrier(trunk: Trunk | None = None, *, transparent: bool = True, **lines: Any) -> Carrier:
    return Carrier(book(trunk, **lines), transparent=transparent)


def book(trunk: Trunk | None = None, **lines: Any) -> RouteBook:
    share = Rule("分流", When(share=40.0), line="sh", flow="welcome")
    shanghai = Rule("上海", When(caller=CallerMatch(province=("上海",))), line="sh", flow="welcome")
    blocked = Rule("黑名单", When(caller=CallerMatch(number=("13900000000",))), reject="blocked")
    return RouteBook.compile(
        Configuration(
            numbers=(
                NumberFacts(HOTLINE),
                NumberFacts(UNBOUND),
                NumberFacts(OPENED),
                NumberFacts(RELEASED, state="released"),
            ),
            lines=lines
            or {
                "bj": Line("bj", BJ, "trunk-bj", channels=2, overflow=Overflow(full=("sh",))),
                "sh": Line("sh", SH, "trunk-sh", channels=1),
            },
            trunks={trunk.name: trunk} if trunk else {},
            routes={
                HOTLINE: Route(HOTLINE, "bj", "welcome", (blocked, shanghai) if not lines else (share,)),
                UNBOUND: Route(UNBOUND, "bj"),
                RELEASED: Route(RELEASED, "bj", "welcome"),
            },
        )
    )


def dial(carrier: Carrier, dialled: str = HOTLINE, caller: str | None = "13800138000") -> Translation:
    return carrier.translate(dialled, caller, MORNING, "c1")


def test_a_400_number_is_translated_to_its_lines_base_number() -> None:
    found = dial(carrier(), "400-800-1234")
    assert (found.line, found.base_number, found.trunk, found.refused) == ("bj", BJ, "trunk-bj", None)
    assert found.original_called == HOTLINE
    assert found.header == ("P-Called-Party-ID", "<sip:4008001234@carrier.invalid>")
    assert (found.caller_shown, found.overflowed) == ("13800138000", None)


def test_the_region_rule_chooses_the_line() -> None:
    assert dial(carrier(), caller="02166660000").line == "sh"


def test_the_share_rule_chooses_the_line_and_each_caller_keeps_it() -> None:
    lines = {"bj": Line("bj", BJ, "t"), "sh": Line("sh", SH, "t")}
    shared = carrier(**lines)
    callers = [f"138{n:08d}" for n in range(2000)]
    first = [dial(shared, caller=caller).line for caller in callers]
    assert [dial(carrier(**lines), caller=caller).line for caller in callers] == first
    assert abs(first.count("sh") / len(first) - 0.4) < 0.04


@pytest.mark.parametrize(
    ("header", "name", "part"),
    [
        ("history-info", "History-Info", f"<sip:{BJ}@carrier.invalid;cause=380>;index=1.1"),
        ("diversion", "Diversion", ";reason=unconditional"),
        ("to", "To", "<sip:4008001234@"),
    ],
)
def test_the_number_travels_in_the_trunks_first_header(header: HeaderName, name: str, part: str) -> None:
    found = dial(carrier(Trunk("trunk-bj", original_called=(header, "to"))))
    assert found.header is not None
    assert found.header[0] == name
    assert part in found.header[1]
    assert original_called(found.header[1]) == found.original_called == HOTLINE


def test_a_trunk_may_carry_it_nowhere() -> None:
    found = dial(carrier(Trunk("trunk-bj", original_called=())))
    assert (found.line, found.header, found.original_called) == ("bj", None, None)


def test_when_the_channels_are_busy_the_call_overflows_and_then_is_refused() -> None:
    exchange = carrier()
    for expected, overflowed in (("bj", None), ("bj", None), ("sh", "bj")):
        found = dial(exchange)
        assert (found.line, found.overflowed) == (expected, overflowed)
        assert found.original_called == HOTLINE
        exchange.occupy(expected)
    refused = dial(exchange).refused
    assert refused is not None
    assert (refused.cause, refused.tone, refused.fault.code, refused.fault.by) == (
        34,
        "tone:reorder",
        "line_full",
        "carrier",
    )
    exchange.release("bj")
    assert dial(exchange).line == "bj"
    assert exchange.occupied("bj") == 1


def test_a_trunk_bounds_its_lines_together() -> None:
    lines = {"bj": Line("bj", BJ, "t", channels=5), "sh": Line("sh", SH, "t", channels=5)}
    exchange = carrier(Trunk("t", max_calls=1), **lines)
    exchange.occupy("sh")
    refused = dial(exchange, BJ).refused
    assert refused is not None
    assert refused.fault.code == "line_full"


def test_an_overflow_circle_of_busy_lines_ends() -> None:
    lines = {
        "bj": Line("bj", BJ, "t", channels=0, overflow=Overflow(full=("sh",))),
        "sh": Line("sh", SH, "t", channels=0, overflow=Overflow(full=("bj",))),
    }
    assert dial(carrier(**lines)).refused is not None


def test_a_channel_that_is_not_in_use_cannot_be_given_back() -> None:
    with pytest.raises(ValueError, match="bj"):
        carrier().release("bj")


@pytest.mark.parametrize(
    ("dialled", "cause", "tone", "code"),
    [
        ("4008009999", 1, "tone:unallocated", "unknown_number"),
        (UNBOUND, 1, "tone:unallocated", "unbound"),
        (RELEASED, 1, "tone:unallocated", "released"),
        (OPENED, 17, "tone:busy", "not_routed"),
        ("13800138000", 1, "tone:unallocated", "unknown_number"),
    ],
)
def test_what_leads_nowhere_is_refused_by_the_carrier(dialled: str, cause: int, tone: str, code: str) -> None:
    found = dial(carrier(), dialled)
    assert found.refused is not None
    assert (found.refused.cause, found.refused.tone, found.refused.fault.code) == (cause, tone, code)
    assert (found.line, found.base_number, found.header) == (None, None, None)


def test_what_we_reject_is_delivered_first() -> None:
    assert dial(carrier(), caller="13900000000").line == "bj"
    suspended: dict[str, LifeState] = {HOTLINE: "suspended"}
    overlay = Overlay(blocks=[Block("138*")])
    for beside in (overlay, Overlay(states=suspended)):
        assert carrier().translate(HOTLINE, "13800138000", MORNING, "c", beside).line == "bj"


def test_a_base_number_dialled_directly_lands_without_a_400_number() -> None:
    found = dial(carrier(), "010-88880001")
    assert (found.line, found.base_number, found.original_called, found.header) == ("bj", BJ, None, None)


def test_a_carrier_that_hides_callers_shows_the_base_number() -> None:
    assert dial(carrier(transparent=False)).caller_shown == BJ
    assert dial(carrier(), caller=None).caller_shown is None


def test_what_the_carrier_delivers_arrives_as_it_was_dialled() -> None:
    routes = book()
    for caller in ("13800138000", "02166660000", None):
        landed = Carrier(routes).translate(HOTLINE, caller, MORNING, "c1")
        assert landed.base_number is not None
        arrived = routes.resolve(
            Inbound(landed.base_number, landed.caller_shown, MORNING, landed.trunk, landed.original_called, "c1")
        )
        dialled = routes.resolve(Inbound(HOTLINE, caller, MORNING, call_id="c1"))
        assert (arrived.number, arrived.line, arrived.flow, arrived.rule) == (
            dialled.number,
            dialled.line,
            dialled.flow,
            dialled.rule,
        )
        assert (arrived.called_by, arrived.line_mismatch) == ("header", None)
