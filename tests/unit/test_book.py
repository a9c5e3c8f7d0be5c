"""Where a call goes: both ways of arriving, what a number's life allows, and what is in force beside the revision."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr_flows.environment import Environment, Instance
from router.asterisk.watching import overlay_of
from router.book import RouteBook
from router.explain import explain
from router.flow_environment import BookError
from router.model import (
    CalendarSpec,
    CallerMatch,
    Configuration,
    LifeState,
    Line,
    NumberFacts,
    Route,
    Rule,
    Settings,
    Trunk,
    When,
)
from router.number400 import NumberError
from router.overlay import Announcement, Block, Overlay
from router.resolution import Inbound, Resolution
from router.route_options import Overflow
from router.store import OverlayRows

SHANGHAI = ZoneInfo("Asia/Shanghai")
HOTLINE = "4008001234"  # on line bj, which it shares with SALES
SALES = "4006005678"
PROMO = "4001009999"  # alone on line sh
UNBOUND = "4007000001"
OPENED = "4009000002"
BJ, SH, GZ = "01088880001", "02188880001", "02088880001"
MORNING = datetime(2026, 10, 12, 10, tzinfo=SHANGHAI).timestamp()

LINES = {
    "bj": Line("bj", BJ, "trunk-bj", overflow=Overflow(full=("sh",))),
    "sh": Line("sh", SH, "trunk-sh"),
    "gz": Line("gz", GZ, "trunk-gz"),
}
NUMBERS = (
    NumberFacts(HOTLINE, company="示例科技", instance="support"),
    NumberFacts(SALES),
    NumberFacts(PROMO, purchased=date(2026, 9, 1)),
    NumberFacts(UNBOUND),
    NumberFacts(OPENED),
)
ROUTES = {
    HOTLINE: Route(
        HOTLINE,
        "bj",
        "service",
        (
            Rule("黑名单", When(caller=CallerMatch(lists=("blocked",))), reject="blocked"),
            Rule("上海来电", When(caller=CallerMatch(province=("上海",))), line="gz", flow="sales"),
            Rule("下班", When(hours="office", hours_is=("closed",)), flow="after-hours"),
            Rule("试运行", When(share=30.0), flow="welcome-v2"),
        ),
    ),
    SALES: Route(SALES, "bj", "sales"),
    PROMO: Route(PROMO, "sh", "welcome"),
    UNBOUND: Route(UNBOUND, "gz"),
}


def configuration(**changes: Any) -> Configuration:
    given_parts: dict[str, Any] = {
        "settings": Settings(company="母公司"),
        "numbers": NUMBERS,
        "lines": LINES,
        "routes": ROUTES,
        "lists": {"blocked": ("13900000000",)},
        "calendars": {"office": CalendarSpec("office", holidays="CN", workday=((540, 1080),))},
        "instances": {"support": "vip"},
    }
    return Configuration(**(given_parts | changes))


BOOK = RouteBook.compile(configuration(), revision="7")


def resolve(dialled: str, caller: str | None = "13800138000", book: RouteBook = BOOK, **more: Any) -> Resolution:
    overlay = more.pop("overlay", None)
    return book.resolve(Inbound(dialled, caller, more.pop("at", MORNING), **more), overlay)


def codes(resolution: Resolution) -> list[str]:
    return [step.code for step in resolution.trace]


# -- dialled as a 400 number ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "dialled", [PROMO, "400-100-9999", "+86 4001 009 999", "sip:4001009999@x", "４００１００９９９９"]
)
def test_a_400_number_resolves_in_any_spelling(dialled: str) -> None:
    found = resolve(dialled)
    assert (found.number, found.line, found.base_number) == (PROMO, "sh", SH)
    assert (found.flow, found.rule, found.called_by, found.fault) == ("welcome", "default", "dialled", None)
    assert codes(found) == ["default"]


def test_the_line_of_a_dialled_call_is_the_carriers_choice_by_the_same_rules() -> None:
    found = resolve(HOTLINE, "02166660000")
    assert (found.line, found.base_number, found.flow, found.rule) == ("gz", GZ, "sales", "上海来电")
    assert found.line_mismatch is None


@pytest.mark.parametrize(
    ("dialled", "code", "by"),
    [
        ("4008009999", "unknown_number", "caller"),
        ("13800138000", "unknown_number", "caller"),
        ("010-66660000", "unknown_number", "caller"),
        ("95588", "unknown_number", "caller"),
        (UNBOUND, "unbound", "configuration"),
        (OPENED, "not_routed", "carrier"),
    ],
)
def test_a_number_that_leads_nowhere_says_why(dialled: str, code: str, by: str) -> None:
    found = resolve(dialled)
    assert found.fault is not None
    assert (found.fault.code, found.fault.by) == (code, by)
    assert (found.flow, found.rule, found.reject) == (None, None, None)
    assert codes(found) == [code]


@pytest.mark.parametrize("text", ["", "hello", "40080012345", "400800123", "400800123456", "0104008001234", "\x00"])
def test_what_is_no_number_is_refused_with_the_reason(text: str) -> None:
    with pytest.raises(NumberError) as caught:
        resolve(text)
    assert caught.value.message.zh
    assert caught.value.cure.zh


def test_a_number_outside_its_service_is_not_connected() -> None:
    before = datetime(2026, 8, 31, 12, tzinfo=SHANGHAI).timestamp()
    found = resolve(PROMO, at=before)
    assert found.fault is not None
    assert found.fault.code == "not_purchased"
    assert BOOK.connectable(PROMO, before) == found.fault
    assert BOOK.connectable(PROMO, MORNING) is None
    fault = BOOK.connectable("4008009999", MORNING)
    assert fault is not None
    assert fault.code == "unknown_number"


def test_a_bound_state_does_not_make_a_missing_flow_welcome() -> None:
    book = RouteBook.compile(
        configuration(numbers=(NumberFacts(UNBOUND, state="bound"), NumberFacts(OPENED, state="bound")))
    )
    unbound, opened = resolve(UNBOUND, book=book), resolve(OPENED, book=book)
    assert unbound.fault is not None
    assert opened.fault is not None
    assert (unbound.fault.code, opened.fault.code) == ("unbound", "not_routed")


def test_states_of_the_store_win_over_the_file() -> None:
    states: dict[str, LifeState] = {PROMO: "released"}
    book = RouteBook.compile(configuration(), states=states)
    found = resolve(PROMO, book=book)
    assert found.fault is not None
    assert found.fault.code == "released"
    assert book.state_of(PROMO) == "released"
    later = resolve(PROMO, book=book, overlay=Overlay(states={PROMO: "bound"}))
    assert (later.flow, later.fault) == ("welcome", None)


def test_a_suspended_number_is_rejected_with_its_announcement() -> None:
    found = resolve(PROMO, overlay=Overlay(states={PROMO: "suspended"}))
    assert found.fault is not None
    assert (found.fault.code, found.reject, found.flow) == ("suspended", "blocked", None)
    assert found.announce


# -- arriving on a base number ----------------------------------------------------------------------------------


@pytest.mark.parametrize("dialled", [BJ, "010-88880001", "+86 10 8888 0001", "sip:01088880001@pbx", "(010)88880001"])
def test_the_header_of_the_lines_trunk_names_the_number(dialled: str) -> None:
    found = resolve(dialled, trunk="trunk-bj", original_called="400-600-5678")
    assert (found.number, found.called_by, found.line, found.base_number) == (SALES, "header", "bj", BJ)
    assert (found.flow, found.rule, found.line_mismatch) == ("sales", "default", None)


def test_a_header_is_believed_only_from_the_lines_own_trunk() -> None:
    found = resolve(SH, trunk="trunk-gz", original_called=HOTLINE)
    assert (found.number, found.called_by) == (PROMO, "only_number")
    assert codes(found)[0] == "header_untrusted"
    trusted = resolve(SH, trunk=None, original_called=PROMO)  # the simulator's own call
    assert trusted.called_by == "header"


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ("4008009999", "header_unknown_number"),
        ("garbage", "header_unreadable"),
        ("4" * 100_000, "header_unreadable"),
        (SH, "header_unreadable"),
    ],
)
def test_a_header_that_names_no_configured_number_is_noted_and_passed_over(header: str, code: str) -> None:
    found = resolve(SH, original_called=header)
    assert (found.number, found.called_by, codes(found)[0]) == (PROMO, "only_number", code)
    assert all(len(detail) <= 200 for detail in found.trace[0].details)


def test_a_line_with_one_number_of_its_own_is_unambiguous_although_others_overflow_to_it() -> None:
    found = resolve(SH)
    assert (found.number, found.called_by) == (PROMO, "only_number")


def test_a_shared_base_number_without_a_header_takes_the_lines_default_number() -> None:
    lines = LINES | {"bj": Line("bj", BJ, "trunk-bj", default_number=SALES)}
    found = resolve(BJ, book=RouteBook.compile(configuration(lines=lines)))
    assert (found.number, found.called_by, found.flow) == (SALES, "line_default", "sales")


def test_a_shared_base_number_with_different_flows_is_ambiguous() -> None:
    found = resolve(BJ)
    assert found.fault is not None
    assert (found.fault.code, found.line, found.base_number) == ("ambiguous_number", "bj", BJ)
    assert (found.number, found.flow, found.called_by) == (None, None, None)


def test_a_shared_base_number_whose_numbers_have_the_same_flow_goes_there() -> None:
    routes = {HOTLINE: Route(HOTLINE, "bj", "welcome"), SALES: Route(SALES, "bj", "welcome")}
    book = RouteBook.compile(configuration(routes=routes, numbers=NUMBERS[:2]))
    found = resolve(BJ, book=book)
    assert (found.number, found.flow, found.rule, found.fault) == (None, "welcome", "default", None)
    assert codes(found) == ["shared_same_flow"]


def test_an_unbound_number_does_not_make_a_line_shared() -> None:
    numbers = (NumberFacts(HOTLINE), NumberFacts(UNBOUND))  # line gz: a rule of the one, the default of the other
    found = resolve(GZ, book=RouteBook.compile(configuration(numbers=numbers)))
    assert (found.number, found.called_by) == (HOTLINE, "only_number")
    alone = resolve(GZ, book=RouteBook.compile(configuration(numbers=numbers[1:])))
    assert alone.fault is not None
    assert (alone.number, alone.fault.code) == (UNBOUND, "unbound")


def test_released_numbers_do_not_make_a_line_shared() -> None:
    book = RouteBook.compile(configuration(), states={HOTLINE: "released"})
    assert resolve(BJ, book=book).number == SALES
    both = RouteBook.compile(configuration(), states={HOTLINE: "released", SALES: "released"})
    assert resolve(BJ, book=both).fault is not None


def test_a_line_that_only_takes_overflow_serves_the_numbers_that_overflow() -> None:
    numbers = (NumberFacts(SALES),)
    book = RouteBook.compile(configuration(numbers=numbers))
    found = resolve(SH, book=book)
    assert (found.number, found.called_by, found.line_mismatch) == (SALES, "only_number", None)


def test_a_line_without_any_number_is_unbound() -> None:
    book = RouteBook.compile(configuration(numbers=()))
    found = resolve(GZ, book=book)
    assert found.fault is not None
    assert (found.fault.code, found.line) == ("unbound", "gz")


def test_the_line_is_the_one_arrived_on_and_a_differing_one_is_reported() -> None:
    found = resolve(BJ, "02166660000", original_called=HOTLINE)
    assert (found.line, found.base_number, found.flow, found.rule) == ("bj", BJ, "sales", "上海来电")
    assert found.line_mismatch == "gz"
    assert codes(found)[-1] == "line_mismatch"


def test_an_overflow_line_is_no_mismatch() -> None:
    assert resolve(SH, original_called=SALES).line_mismatch is None
    assert resolve(GZ, original_called=SALES).line_mismatch == "bj"


def test_two_lines_may_share_a_base_number_on_different_trunks() -> None:
    lines = {"a": Line("a", BJ, "trunk-a"), "b": Line("b", BJ, "trunk-b")}
    routes = {SALES: Route(SALES, "a", "sales"), PROMO: Route(PROMO, "b", "welcome")}
    book = RouteBook.compile(configuration(lines=lines, routes=routes))
    assert resolve(BJ, book=book, trunk="trunk-b").number == PROMO
    assert resolve(BJ, book=book, trunk="trunk-a").number == SALES


callers = st.sampled_from(["13800138000", "13900000000", "02166660000", "01066660000", None, "+85223456789"])
moments = st.datetimes(datetime(2026, 9, 2), datetime(2026, 12, 30)).map(
    lambda moment: moment.replace(tzinfo=SHANGHAI).timestamp()
)


@settings(deadline=None)
@given(number=st.sampled_from([HOTLINE, SALES, PROMO]), caller=callers, at=moments, base=st.sampled_from([BJ, SH, GZ]))
def test_arriving_with_a_header_decides_as_dialling_does(number: str, caller: str | None, at: float, base: str) -> None:
    dialled = resolve(number, caller, at=at, call_id="c")
    arrived = resolve(base, caller, at=at, call_id="c", original_called=number)
    assert (arrived.flow, arrived.rule, arrived.reject) == (dialled.flow, dialled.rule, dialled.reject)
    assert arrived.number == number
    assert arrived.base_number == base


# -- beside the revision ----------------------------------------------------------------------------------------


def test_a_blocked_caller_is_rejected_before_any_rule_and_shown_first() -> None:
    overlay = Overlay(blocks=[Block("138*", until=MORNING + 60, author="qa")])
    for found in (resolve(PROMO, overlay=overlay), resolve(SH, overlay=overlay)):
        assert (found.reject, found.rule, found.flow, found.fault) == ("blocked", None, None, None)
        assert codes(found)[0] == "blocked_caller"
        assert "qa" in explain(found.trace[0]).zh
    assert resolve(PROMO, overlay=overlay, at=MORNING + 60).flow == "welcome"
    assert resolve(PROMO, None, overlay=overlay).flow == "welcome"
    noted = resolve(SH, overlay=overlay, original_called="garbage")
    assert codes(noted) == ["blocked_caller", "header_unreadable"]


def test_an_emergency_announcement_is_shown_first_and_given_to_the_call() -> None:
    overlay = Overlay([Announcement(HOTLINE, "系统升级", MORNING + 60, end_call=True, author="li")])
    found = resolve(HOTLINE, overlay=overlay)
    assert (found.emergency, found.end_after_emergency) == ("系统升级", True)
    assert found.flow is not None
    assert codes(found)[0] == "announcement"
    assert resolve(PROMO, overlay=overlay).emergency is None
    assert resolve(HOTLINE, overlay=overlay, at=MORNING + 60).emergency is None
    assert resolve(HOTLINE, "13900000000", overlay=overlay).emergency is None  # rejected: nobody hears it


def test_a_number_that_the_store_lets_go_on_is_served_beyond_the_end_in_its_file() -> None:
    facts = (NumberFacts(PROMO, purchased=date(2026, 9, 1), expires=date(2026, 9, 20), auto_renew=False),)
    book = RouteBook.compile(configuration(numbers=facts, routes={PROMO: ROUTES[PROMO]}))
    ended = resolve(PROMO, book=book)
    assert ended.fault is not None
    assert ended.fault.code == "expired"
    renewed = overlay_of(OverlayRows([], [], {PROMO: "bound"}, 1, {}, frozenset({PROMO, HOTLINE})), book)
    assert resolve(PROMO, book=book, overlay=renewed).flow == "welcome"
    # Before its purchase it is not there all the same.
    early = resolve(PROMO, book=book, overlay=renewed, at=MORNING - 60 * 86_400)
    assert early.fault is not None
    assert early.fault.code == "not_purchased"
    # Where the file names no end there is nothing to lay over, and calls take the short way.
    assert overlay_of(OverlayRows([], [], {}, 1, {}, frozenset({HOTLINE})), BOOK).quiet


def test_a_quiet_overlay_changes_nothing() -> None:
    for dialled in (HOTLINE, PROMO, BJ, SH, UNBOUND, "4008009999"):
        assert resolve(dialled, overlay=Overlay()) == resolve(dialled)


# -- what the book knows ----------------------------------------------------------------------------------------


def test_what_the_book_knows_of_numbers_and_lines() -> None:
    assert list(BOOK.numbers()) == [facts.number for facts in NUMBERS]
    assert len(BOOK) == len(NUMBERS)
    assert HOTLINE in BOOK
    assert BOOK.route(HOTLINE) == ROUTES[HOTLINE]
    assert BOOK.route("4008009999") is None
    assert BOOK.overflow_of("bj") == ("bj", "sh")
    assert BOOK.instance_of(HOTLINE) == Instance("support", "vip")
    assert BOOK.instance_of(PROMO) == Instance("", "default")
    assert BOOK.company_of(HOTLINE) == "示例科技"
    assert BOOK.company_of(PROMO) == "母公司"
    assert BOOK.company_of(None) == "母公司"
    assert BOOK.state_of(UNBOUND) == "routed"
    assert BOOK.state_of("4008009999") is None
    assert BOOK.revision == "7"


def test_names_that_always_exist_are_in_the_environment() -> None:
    environment: Environment = BOOK.environment
    assert environment.queues is not None
    assert environment.boxes is not None
    assert environment.calendars is not None
    assert "default" in environment.queues
    assert "general" in environment.boxes
    assert environment.calendars["office"](MORNING) == "open"
    assert environment.presents_400("+4008001234")
    assert environment.local_time(MORNING).hour == 10
    assert BOOK.trunks["trunk-bj"] == Trunk("trunk-bj")


def test_an_overflow_circle_ends() -> None:
    lines = {
        "bj": Line("bj", BJ, "t", overflow=Overflow(full=("sh",))),
        "sh": Line("sh", SH, "t", overflow=Overflow(full=("bj",))),
    }
    book = RouteBook.compile(configuration(lines=lines, numbers=(), routes={}))
    assert book.overflow_of("bj") == ("bj", "sh")


def test_a_route_to_what_is_not_defined_does_not_wait_for_a_call() -> None:
    for route in (
        Route(PROMO, "nowhere", "welcome"),
        Route(PROMO, "sh", "welcome", (Rule("r", None, line="nowhere"),)),
        Route(PROMO, "sh", "welcome", (Rule("r", When(hours="nowhere")),)),
    ):
        with pytest.raises(BookError) as caught:
            RouteBook.compile(configuration(routes={PROMO: route}))
        assert "nowhere" in caught.value.message.zh


def test_the_json_of_a_resolution_has_the_keys_of_the_contract() -> None:
    found = resolve(HOTLINE, "13900000000").as_json("zh")
    assert {"number", "line", "base_number", "flow", "rule", "reject", "called_by", "fault", "trace"} <= found.keys()
    assert found["reject"] == "blocked"
    trace = found["trace"]
    assert isinstance(trace, list)
    assert trace[0].keys() == {"rule", "matched", "code", "why"}


def test_numbers_with_the_same_facts_share_what_the_book_keeps() -> None:
    numbers = tuple(NumberFacts(f"4008{n:06d}") for n in range(1000))
    routes = {facts.number: Route(facts.number, "bj", "service") for facts in numbers}
    book = RouteBook.compile(configuration(numbers=numbers, routes=routes))
    assert len({id(entry) for entry in book._entries.values()}) == 1
