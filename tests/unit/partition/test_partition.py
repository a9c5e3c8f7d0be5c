"""Partitions: every call falls in exactly one cell, and goes where the cell says."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from router.call_ids import call_id_of
from router.callers import caller_facts
from router.model import CalendarSpec, CallerMatch, Rule, Settings, When
from router.overlay import Block, Overlay
from router.partition import Cell, Partition, Survey, partition
from router.partition.chances import bucket_of
from router.partition.classes import meeting
from router.regions import segments_by_place
from router.resolution import Inbound

from .books import (
    CALLERS,
    FIRST,
    LAST,
    NUMBER,
    ZONE,
    book,
    books,
    call_ids,
    callers,
    moments,
    overlays,
    where,
)

pytestmark = pytest.mark.dateless


def holding(found: Partition, caller: str | None, at: float, call_id: str) -> list[Cell]:
    """Every cell that holds the call, looked for one by one."""
    facts = caller_facts(caller, found.base_number)
    return [
        cell
        for cell in found.cells
        if any(start <= at < end for start, end in cell.when)
        and cell.who.meets == meeting(found.conditions, facts)
        and all(
            part.low <= bucket_of(NUMBER, (part.rule, part.by_call), facts.number, call_id) < part.high
            for part in cell.chance.ranges
        )
    ]


calls = st.lists(st.tuples(callers, moments, call_ids), min_size=6, max_size=6)


@given(st.lists(books(), min_size=1, max_size=2), overlays, calls)
@settings(max_examples=120, deadline=None)
def test_every_call_falls_in_exactly_one_cell_and_goes_where_it_says(given_books, overlay, some_calls):
    found = partition(given_books, NUMBER, FIRST, LAST, overlay)
    for caller, at, call_id in some_calls:
        cells = holding(found, caller, at, call_id)
        assert len(cells) == 1
        assert found.locate(caller, at, call_id) is cells[0]
        for one, resolution in zip(given_books, cells[0].resolutions, strict=True):
            assert where(one.resolve(Inbound(NUMBER, caller, at, call_id=call_id), overlay)) == where(resolution)


@given(st.lists(books(), min_size=1, max_size=2), overlays)
@settings(max_examples=40, deadline=None)
def test_the_sample_of_a_cell_falls_in_it(given_books, overlay):
    found = partition(given_books, NUMBER, FIRST, LAST, overlay)
    for cell in found.cells:
        if min((part.high - part.low for part in cell.chance.ranges), default=10_000) < 500:
            continue  # a sample of a tiny share takes long to find
        sample = cell.sample
        if sample is None:
            assert cell.who.members is None, "of few callers all are known"
            continue
        assert found.locate(sample.caller, sample.at, sample.call_id) is cell
        assert sample.seed is None or sample.call_id == call_id_of(sample.seed)


@given(books())
@settings(max_examples=25, deadline=None)
def test_minute_by_minute_the_book_agrees(one):
    first = FIRST + 2 * 86_400
    found = partition([one], NUMBER, first, first + 2 * 86_400)
    for minute in range(0, 2 * 1440, 7):
        at = first + minute * 60
        for caller in ("13912345678", "02166660001", None):
            call_id = call_id_of(minute)
            cell = found.locate(caller, at, call_id)
            assert where(one.resolve(Inbound(NUMBER, caller, at, call_id=call_id))) == where(cell.resolutions[0])


@given(books())
@settings(max_examples=40, deadline=None)
def test_cells_fill_the_range_and_their_chances_sum_to_one(one):
    found = partition([one], NUMBER, FIRST, LAST)
    seconds: Counter[int] = Counter()
    for cell in found.cells:
        assert cell.when[0][0] >= FIRST
        assert cell.when[-1][1] <= LAST
        seconds[cell.who.meets] += sum(end - start for start, end in cell.when) * cell.chance.probability
    assert set(seconds) == {who.meets for who in found.classes}
    for total in seconds.values():
        assert float(total) == pytest.approx(LAST - FIRST)


@pytest.mark.parametrize("caller", CALLERS)
def test_the_class_of_a_caller_is_the_one_whose_conditions_it_meets(caller: str | None):
    one = book(
        Rule("a", When(CallerMatch(lists=("blocked",), kind=("mobile",)))),
        Rule("b", When(CallerMatch(province=("上海",)))),
        Rule("c", When(CallerMatch(prefix=("139", "0")))),
        Rule("d", When(CallerMatch(kind=("hidden", "unknown")))),
    )
    found = partition([one], NUMBER, FIRST, LAST)
    meets = meeting(found.conditions, caller_facts(caller, found.base_number))
    assert [who.meets for who in found.classes].count(meets) == 1


def test_every_class_has_a_caller_with_its_facts():
    one = book(
        Rule("a", When(CallerMatch(province=("上海",), carrier=("mobile",)))),
        Rule("b", When(CallerMatch(city=("深圳",)))),
        Rule("c", When(CallerMatch(lists=("blocked", "wide")))),
        Rule("d", When(CallerMatch(kind=("foreign",)))),
    )
    found = partition([one], NUMBER, FIRST, LAST)
    for who in found.classes:
        assert who.facts == caller_facts(who.caller)
        assert meeting(found.conditions, who.facts) == who.meets
    words = {who.words.zh for who in found.classes}
    assert {"上海移动来电", "深圳来电", "名单 blocked、wide 中的来电", "境外来电", "其余来电"} <= words
    assert len(words) == len(found.classes)


def test_a_class_that_no_number_can_have_is_left_out():
    one = book(
        Rule("a", When(CallerMatch(province=("上海",)))),
        Rule("b", When(CallerMatch(province=("北京",)))),
        Rule("c", When(CallerMatch(prefix=("1391",)))),
        Rule("d", When(CallerMatch(number=("139*",)))),
    )
    found = partition([one], NUMBER, FIRST, LAST)
    for who in found.classes:
        assert who.meets & 0b11 != 0b11, "nobody calls from two provinces"
        assert who.meets & 0b1100 != 0b0100, "who begins with 1391 begins with 139"


def test_a_beginning_of_some_mobiles_is_told_from_other_mobiles():
    found = partition([book(Rule("some", When(CallerMatch(prefix=("13912",)))))], NUMBER, FIRST, LAST)
    assert [who.meets for who in found.classes] == [0, 1]
    assert found.classes[1].caller.startswith("13912")


def test_callers_of_a_place_are_found_although_most_of_its_segments_are_listed():
    place = next(place for place, there in segments_by_place().items() if place.city == "上海" and len(there) > 40)
    segments = [str(segment) for segment in segments_by_place()[place]]
    one = book(
        Rule("listed", When(CallerMatch(prefix=tuple(segments[:-1])))),
        Rule("mobile", When(CallerMatch(province=("上海",), carrier=(place.carrier,), kind=("mobile",)))),
    )
    found = partition([one], NUMBER, FIRST, LAST)
    others = next(who for who in found.classes if who.meets == 0b10)
    assert others.facts.city == "上海"
    assert others.caller[:7] not in segments[:-1]


def test_callers_on_no_list_are_all_others_and_the_hidden():
    one = book(Rule("allow", When(CallerMatch(not_lists=("vip",))), reject="busy"))
    found = partition([one], NUMBER, FIRST, LAST)
    assert {who.words.zh for who in found.classes} == {"不在名单 vip 中的来电", "名单 vip 中的来电"}
    assert found.locate(None, FIRST).resolutions[0].reject == "busy"
    assert found.locate("13800138000", FIRST).resolutions[0].reject is None


def test_one_listed_number_has_one_known_fate_in_a_share():
    one = book(
        Rule("vip", When(CallerMatch(number=("13800138000",)), share=50.0), flow="a"),
        Rule("others", When(share=50.0), flow="b"),
    )
    found = partition([one], NUMBER, FIRST, LAST)
    listed = [cell for cell in found.cells if cell.who.members == ("13800138000",)]
    assert len(listed) == 1
    assert listed[0].chance.probability == 1
    others = [cell for cell in found.cells if cell.who.members is None]
    assert sorted(cell.chance.probability for cell in others) == [Fraction(1, 2), Fraction(1, 2)]


def test_a_share_and_the_split_of_the_same_rule_are_one_draw():
    one = book(Rule("trial", When(share=20.0), split=(("a", 50.0), ("b", 50.0))))
    cells = partition([one], NUMBER, FIRST, LAST).cells
    fates = {cell.resolutions[0].flow: cell.chance.percent for cell in cells if cell.who.facts.number}
    assert fates == {"a": 10.0, "b": 10.0, "welcome": 80.0}


def test_two_books_with_a_larger_share_move_only_those_in_between():
    before = book(Rule("trial", When(share=20.0), flow="a"))
    after = book(Rule("trial", When(share=50.0), flow="a"))
    cells = [cell for cell in partition([before, after], NUMBER, FIRST, LAST).cells if cell.who.facts.number]
    fates = {tuple(found.flow for found in cell.resolutions): cell.chance.percent for cell in cells}
    assert fates == {("a", "a"): 20.0, ("welcome", "a"): 30.0, ("welcome", "welcome"): 50.0}


def test_two_books_with_another_rule_name_draw_anew():
    before = book(Rule("trial", When(share=20.0), flow="a"))
    after = book(Rule("test", When(share=20.0), flow="a"))
    cells = [cell for cell in partition([before, after], NUMBER, FIRST, LAST).cells if cell.who.facts.number]
    fates = {tuple(found.flow for found in cell.resolutions): cell.chance.percent for cell in cells}
    assert fates == {("a", "a"): 4.0, ("welcome", "a"): 16.0, ("a", "welcome"): 16.0, ("welcome", "welcome"): 64.0}


def test_edges_are_exact_to_the_second():
    one = book(Rule("closed", When(hours="office", hours_is=("closed", "holiday")), flow="b"))
    found = partition([one], NUMBER, FIRST, LAST)
    nine = datetime(2026, 9, 28, 9, tzinfo=ZONE).timestamp()
    assert found.locate(None, nine - 1).resolutions[0].flow == "b"
    assert found.locate(None, nine).resolutions[0].flow == "welcome"


def test_days_have_the_length_that_their_clock_gives_them():
    zone = ZoneInfo("America/New_York")
    calendar = CalendarSpec("office", workday=((9 * 60, 17 * 60),), weekdays={6: ((60, 180),)})
    one = book(
        Rule("sunday", When(weekday=(6,), hours="office"), flow="a"),
        settings=Settings(timezone="America/New_York"),
        calendars={"office": calendar},
    )
    first = datetime(2026, 10, 30, tzinfo=zone).timestamp()
    found = partition([one], NUMBER, first, first + 4 * 86_400)
    hours = sum(cell.minutes for cell in found.cells if cell.resolutions[0].flow == "a") / 60
    assert hours == 3, "01:00 to 03:00 of the day on which the clock goes back lasts three hours"
    for minute in range(0, 4 * 1440, 5):
        at = first + minute * 60
        assert found.locate(None, at).resolutions[0].flow == one.resolve(Inbound(NUMBER, None, at)).flow


def test_a_block_ends_where_it_ends():
    overlay = Overlay(blocks=[Block("139*", FIRST + 3600.0), Block("138*")])
    found = partition([book()], NUMBER, FIRST, LAST, overlay)
    assert found.locate("13900000000", FIRST + 3599.0).resolutions[0].reject == "blocked"
    assert found.locate("13900000000", FIRST + 3600.0).resolutions[0].reject is None
    assert found.locate("13800000000", LAST - 1.0).resolutions[0].reject == "blocked"
    assert found.locate(None, FIRST).resolutions[0].reject is None


def test_a_base_number_is_hidden_only_in_the_book_of_its_line():
    rule = Rule("beijing", When(CallerMatch(kind=("landline",))), flow="a")
    cells = partition([book(rule), book(rule, line="sh")], NUMBER, FIRST, LAST)
    assert [found.flow for found in cells.locate("01088880001", FIRST).resolutions] == ["welcome", "a"]
    assert [found.flow for found in cells.locate("02188880001", FIRST).resolutions] == ["a", "welcome"]


def test_a_survey_makes_the_same_partition_as_alone():
    one = book(Rule("closed", When(CallerMatch(lists=("wide",)), hours="office"), flow="b"))
    survey = Survey(FIRST, LAST)
    survey.partition([book(Rule("x", When(hours="night"), flow="a"))], NUMBER)
    assert survey.partition([one], NUMBER).cells == partition([one], NUMBER, FIRST, LAST).cells


def test_a_list_of_many_numbers_is_one_class():
    many = tuple(f"1380013{number:04d}" for number in range(3000))
    one = book(Rule("many", When(CallerMatch(lists=("many",))), flow="a"), lists={"many": many})
    found = partition([one], NUMBER, FIRST, LAST)
    assert [len(who.members or ()) for who in found.classes] == [0, 3000]
    assert found.locate("13800132999", FIRST).resolutions[0].flow == "a"
    assert found.locate("13800133000", FIRST).resolutions[0].flow == "welcome"


def test_a_range_must_not_be_empty():
    with pytest.raises(ValueError, match="ends after its beginning"):
        partition([book()], NUMBER, FIRST, FIRST)


def test_a_number_without_rules_is_one_cell():
    found = partition([book()], NUMBER, FIRST, LAST)
    assert [(cell.when, cell.who.words.zh, cell.chance.percent) for cell in found.cells] == [
        (((FIRST, LAST),), "所有来电", 100.0)
    ]


def test_dates_and_calendars_cut_only_where_they_change():
    one = book(Rule("week", When(dates=((date(2026, 10, 1), date(2026, 10, 7)),), hours="office"), flow="a"))
    cells = partition([one], NUMBER, FIRST, LAST).cells
    assert [cell.resolutions[0].flow for cell in cells] == ["welcome"], "the office is closed all the holiday long"
