"""Reading the switch's own call records: whole lines, once each, over rotation; and what a call's lines say."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.asterisk.generated.fixed import CDR_FIELDS
from router.asterisk.reconciling import Part, SwitchRecords, read_part, record_of
from router.book import RouteBook
from router.clock import Clock
from router.configuration import load
from router.store import ReadUpTo, Store
from router.switch_calls import SwitchRefusal, calls_of, read_leg, refused_of

ROOT = Path(__file__).parents[3]
AT = 1_790_000_000.0


@pytest.fixture(scope="module")
def book() -> RouteBook:
    loaded = load(ROOT / "config")
    assert loaded.configuration is not None
    return RouteBook.compile(loaded.configuration, "r1")


def line(
    uniqueid: str,
    *,
    called: str = "4008001234",
    source: str = "13800138000",
    note: str = "",
    answered: float = 0.0,
    ended: float = AT + 30,
    other: str = "",
    disposition: str = "NO ANSWER",
    handed: str | None = None,
    shown: str = "allowed_not_screened",
) -> str:
    """A line as the generated ``cdr_custom.conf`` makes it."""
    if handed is None:
        header = quote(f"<sip:{called}@carrier.invalid>", safe="")
        handed = f"bj-unicom&base=01088880001&call={uniqueid}&trunk=unicom-bj&p-called-party-id={header}"
        handed += f"&from={quote(source, safe='')}&shown={shown}"
    fields = [
        *(uniqueid, uniqueid, handed, "01088880001", "s", note, f"{AT:.6f}", f"{answered:.6f}", f"{ended:.6f}"),
        *(disposition, "0", "PJSIP/x-1", other, "line-bj-unicom"),
    ]
    assert len(fields) == len(CDR_FIELDS)
    return ",".join('"' + field.replace('"', '""') + '"' for field in fields) + "\n"


def test_a_call_at_the_fallback_is_told_by_number_line_and_moments(book: RouteBook) -> None:
    (call,) = calls_of([leg for leg in [read_leg(line("1.1", note="fallback", answered=AT + 2))] if leg])
    record = record_of(call, book)
    assert (record.called, record.called_by, record.base_number) == ("4008001234", "header", "01088880001")
    assert (record.line, record.trunk, record.caller, record.flow) == ("bj-unicom", "unicom-bj", "13800138000", None)
    assert (record.outcome, record.fault and record.fault.code) == ("fallback", "router_away")
    assert (record.started, record.ended, record.billable_minutes) == (AT, AT + 30, 0)
    assert record.heard == [book.lines["bj-unicom"].fallback.announce]


@pytest.mark.parametrize(
    ("lines", "outcome", "abandoned_in"),
    [
        ([line("1.1")], "abandoned", "ringing"),
        ([line("1.1", answered=AT + 1)], "failed", None),
        ([line("1.1", note="talked", answered=AT + 1)], "answered", None),
        (
            [
                line("1.1", answered=AT + 1, other="PJSIP/1001-1", disposition="NO ANSWER"),
                line("1.1", answered=AT + 9, other="PJSIP/1002-1", disposition="ANSWERED"),
            ],
            "answered",
            None,
        ),
        ([line("1.1", answered=AT + 1), line("1.2", handed="", note="outbound_400")], "failed", None),
    ],
    ids=["left", "unknown", "talked", "second agent answered", "a leg beside it"],
)
def test_how_a_call_ended(book: RouteBook, lines: list[str], outcome: str, abandoned_in: str | None) -> None:
    (call,) = calls_of([leg for leg in map(read_leg, lines) if leg])
    record = record_of(call, book)
    assert (record.outcome, record.abandoned_in) == (outcome, abandoned_in)
    assert record.fault is not None


@pytest.mark.parametrize("lines", [[line("1.1", note="full", handed="")], [line("1.1", handed="")]])
def test_legs_and_calls_that_a_full_line_refused_are_no_calls_of_ours(lines: list[str]) -> None:
    assert calls_of([leg for leg in map(read_leg, lines) if leg]) == []


def test_legs_that_the_switch_refused_say_what_they_would_have_shown() -> None:
    rows = [
        line("1.1", handed="", note="outbound_400 400 800 1234 sip:1001@10.0.0.1"),
        line("1.2", handed="", note="outbound_400"),
        line("1.3", handed="", note="not_allowed"),
        line("1.4", note="fallback"),
    ]
    legs = [leg for leg in map(read_leg, rows) if leg]
    assert refused_of(legs) == [
        SwitchRefusal("1.1", "PJSIP/x-1", "400 800 1234 sip:1001@10.0.0.1", AT + 30),
        SwitchRefusal("1.2", "PJSIP/x-1", "", AT + 30),
    ]


@pytest.mark.parametrize(
    ("source", "shown"),
    [("13800138000", "prohib_passed_screen"), ("", "allowed"), ("anonymous", "allowed"), ("1", "unavailable")],
)
def test_a_number_that_the_caller_withholds_is_not_recorded(book: RouteBook, source: str, shown: str) -> None:
    (call,) = calls_of([leg for leg in [read_leg(line("1.1", source=source, shown=shown))] if leg])
    record = record_of(call, book)
    assert (record.caller, record.caller_kind) == (None, "hidden")


@given(st.text(max_size=80))
def test_no_line_and_no_handed_over_text_is_too_odd(book: RouteBook, text: str) -> None:
    read_leg(text)
    leg = read_leg(line("1.1", handed=text or "x").replace("\n", " ").replace("\r", " "))
    if leg is not None:
        for call in calls_of([leg]):
            assert record_of(call, book).outcome in ("abandoned", "failed")


def lines_of(part: Part | None) -> list[str]:
    return [text for text, _ in part.lines] if part else []


def place_behind(part: Part | None) -> ReadUpTo:
    assert part is not None
    return ReadUpTo(part.start.head, part.lines[-1][1])


def test_only_whole_lines_are_read_and_each_once(tmp_path: Path) -> None:
    path = tmp_path / "cdr.csv"
    assert read_part(path, None) is None
    path.write_text("one\ntw")
    part = read_part(path, None)
    assert lines_of(part) == ["one"]
    assert read_part(path, place_behind(part)) is None
    path.write_text("one\ntwo\nthree\n")
    assert lines_of(read_part(path, place_behind(part))) == ["two", "three"]
    assert lines_of(read_part(path, place_behind(part), most=5)) == ["two"]


def test_a_file_that_was_rotated_is_read_to_its_end_first(tmp_path: Path) -> None:
    path = tmp_path / "cdr.csv"
    path.write_text("one\n")
    before = place_behind(read_part(path, None))
    path.write_text("one\ntwo\n")
    path.rename(tmp_path / "cdr.csv.1")
    path.write_text("three\n")
    part = read_part(path, before)
    assert lines_of(part) == ["two"]
    assert lines_of(read_part(path, place_behind(part))) == ["three"]
    path.write_text("four, cut down in place\n")
    assert lines_of(read_part(path, ReadUpTo(place_behind(read_part(path, None)).head, 9999))) == [
        "four, cut down in place"
    ]


async def test_what_is_settled_is_taken_and_the_rest_waits(book: RouteBook, tmp_path: Path) -> None:
    clock = Clock(AT + 40)
    clock.hold(AT + 40)
    path = tmp_path / "cdr.csv"
    path.write_text(line("1.1", note="fallback") + "broken\n" + line("1.2", ended=AT + 39, note="fallback"))
    async with await Store.open(f"sqlite:///{tmp_path}/line400.db") as store:
        records = SwitchRecords(path, store, clock, lambda: book)
        assert await records.catch_up() == 1
        assert await records.catch_up() == 0
        assert [record.call_id for record in await store.query_calls()] == ["1.1"]
        clock.hold(AT + 60)
        again = SwitchRecords(path, store, clock, lambda: book)
        assert await again.catch_up() == 1
        assert sorted(record.call_id for record in await store.query_calls()) == ["1.1", "1.2"]


async def test_a_call_of_several_lines_waits_as_a_whole(book: RouteBook, tmp_path: Path) -> None:
    """The lines of one call are written together, at its end; those of two calls may lie among each other."""
    clock = Clock(AT + 100)
    clock.hold(AT + 100)
    path = tmp_path / "cdr.csv"
    lines = [line("1.1", ended=AT + 10), line("1.2", ended=AT + 20), line("1.3", ended=AT + 20)]
    lines += [line("1.2", ended=AT + 30, note="fallback"), line("1.3", ended=AT + 99, note="fallback")]
    path.write_text("".join(lines))
    async with await Store.open(f"sqlite:///{tmp_path}/line400.db") as store:
        records = SwitchRecords(path, store, clock, lambda: book)
        assert await records.catch_up() == 1
        assert await store.count_by_outcome() == {"abandoned": 1}
        clock.hold(AT + 200)
        assert await records.catch_up() == 2
        assert await records.catch_up() == 0
        assert await store.count_by_outcome() == {"abandoned": 1, "fallback": 2}
