"""The `share` node splits calls as CONTRACT (*routes*: ``share``) says, by a hash written out here once more."""

from __future__ import annotations

import hashlib

import pytest

from router.book import RouteBook
from simulator.call import TestCall
from simulator.script import SILENT
from simulator.virtual import run_virtual

from .flow_case import OPEN
from .flow_company import compiled_book, number_of

SPLIT = {"first": 12.5, "second": 20.0, "third": 67.5}
SAYING = "first: { play: 一 }\nsecond: { play: 二 }\nthird: { play: 三 }"
SHARES = "{ first: 12.5, second: 20, third: 67.5 }"
FLOWS = [
    f"trial: {{ share: {SHARES} }}\n{SAYING}",
    f"trial: {{ share: {SHARES}, by: call }}\n{SAYING}",
]
CALLERS = [f"138{place * 7919:08d}" for place in range(1, 300)]


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> RouteBook:
    return compiled_book(tmp_path_factory.mktemp("shares") / "config", FLOWS)


def expected(flow: str, key: str) -> str:
    digest = hashlib.sha256(b"\x1f".join(part.encode() for part in (flow, "trial", key))).hexdigest()
    bucket = int(digest, 16) % 10000
    end = 0.0
    for name, percent in SPLIT.items():
        end += percent * 100
        if bucket < end:
            return name
    raise AssertionError("the shares sum to 100")


def way(book: RouteBook, flow: int, caller: str | None, call_id: str) -> str:
    record = run_virtual(book, TestCall(number_of(flow), caller, OPEN, call_id), SILENT)
    trial, taken = record.path
    assert trial == "trial"
    return taken


def test_a_caller_goes_the_way_of_its_hash(book: RouteBook) -> None:
    ways = [way(book, 0, caller, f"call-{caller}") for caller in CALLERS]
    assert ways == [expected("flow-000", caller) for caller in CALLERS]
    assert set(ways) == set(SPLIT)


def test_a_caller_always_goes_the_same_way(book: RouteBook) -> None:
    for caller in CALLERS[:50]:
        assert len({way(book, 0, caller, f"call-{n}") for n in range(5)}) == 1


def test_a_hidden_caller_is_split_by_call(book: RouteBook) -> None:
    calls = [f"call-{n}" for n in range(100)]
    assert [way(book, 0, None, call) for call in calls] == [expected("flow-000", call) for call in calls]


def test_by_call_the_caller_does_not_matter(book: RouteBook) -> None:
    calls = [f"call-{n}" for n in range(100)]
    assert [way(book, 1, CALLERS[0], call) for call in calls] == [expected("flow-001", call) for call in calls]
