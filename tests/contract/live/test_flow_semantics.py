"""Every rule of the flow language, in virtual time and over the embedded switch: both give what the contract says.

The cases are in `flow_cases`. Most of what is recorded is written down there; all of it must be alike on both ways.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from router.book import RouteBook
from router.record import CallRecord
from simulator.call import TestCall
from simulator.parties import AgentScript, TargetScript
from simulator.script import PressScript
from simulator.virtual import run_virtual

from .flow_case import Case
from .flow_cases import CASES, SUBFLOWS
from .flow_company import agreed, compiled_book, number_of, over_switch, virtually

NUMBERS = {name: number_of(place) for place, name in enumerate(CASES)}


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> RouteBook:
    return compiled_book(
        tmp_path_factory.mktemp("flows") / "config",
        [case.nodes for case in CASES.values()],
        subflows=SUBFLOWS,
        headers={place: case.header for place, case in enumerate(CASES.values())},
    )


@pytest.fixture(scope="module")
def on_switch(book: RouteBook) -> dict[str, CallRecord | BaseException]:
    """All cases over one switch."""
    calls = {name: (NUMBERS[name], case) for name, case in CASES.items()}
    records, refused = asyncio.run(over_switch(book, calls))
    assert refused == []
    return records


def expected_of(case: Case, number: str) -> dict[str, Any]:
    expect = dict(case.expect)
    if "heard" in expect:
        expect["heard"] = [text.replace("{called}", number) for text in expect["heard"]]
    return expect


def of_expected(record: Mapping[str, Any], expect: Mapping[str, Any]) -> dict[str, Any]:
    """The keys of ``record`` that ``expect`` names, of a fault only what it says of it."""
    found = {key: record[key] for key in expect}
    if isinstance(expect.get("fault"), dict) and found["fault"]:
        found["fault"] = {key: found["fault"][key] for key in expect["fault"]}
    return found


@pytest.mark.parametrize("name", CASES)
def test_virtual_time_gives_what_the_contract_says(book: RouteBook, name: str) -> None:
    case, number = CASES[name], NUMBERS[name]
    record = agreed(book, virtually(book, name, number, case))
    expect = expected_of(case, number)
    assert of_expected(record, expect) == expect


@pytest.mark.parametrize("name", CASES)
def test_the_switch_gives_what_the_contract_says(
    book: RouteBook, on_switch: dict[str, CallRecord | BaseException], name: str
) -> None:
    case, number = CASES[name], NUMBERS[name]
    found = on_switch[name]
    assert isinstance(found, CallRecord), repr(found)
    record = agreed(book, found)
    expect = expected_of(case, number)
    assert of_expected(record, expect) == expect
    assert record == agreed(book, virtually(book, name, number, case))


@pytest.mark.parametrize(
    "name", [name for name, case in CASES.items() if not case.doing and "•" not in str(case.expect)]
)
def test_what_was_pressed_replays_the_call(
    book: RouteBook, on_switch: dict[str, CallRecord | BaseException], name: str
) -> None:
    case = CASES[name]
    found = on_switch[name]
    assert isinstance(found, CallRecord), repr(found)
    call = TestCall(NUMBERS[name], case.caller, case.at, f"call-{name}", case.data or {})
    parties = AgentScript.parse(case.agents), TargetScript.parse(case.target)
    again = run_virtual(book, call, PressScript.parse(found.pressed), *parties)
    assert agreed(book, again) == agreed(book, found)


ITEMS = st.lists(
    st.sampled_from(["", "h", "1", "2", "9", "*", "#", "12", "13", "0077#", "1*", "123456789012345678901234"]),
    max_size=6,
)


@given(name=st.sampled_from(sorted(CASES)), items=ITEMS)
@settings(max_examples=400, deadline=None)
def test_whatever_is_pressed_can_be_replayed(book: RouteBook, name: str, items: list[str]) -> None:
    case = CASES[name]
    call = TestCall(NUMBERS[name], case.caller, case.at, "replayed", case.data or {})
    parties = AgentScript.parse(case.agents), TargetScript.parse(case.target)
    first = run_virtual(book, call, PressScript(items), *parties)
    if "•" not in first.pressed:
        again = run_virtual(book, call, PressScript.parse(first.pressed), *parties)
        assert agreed(book, again) == agreed(book, first)
