"""The same call in virtual time and over the embedded switch (live driver, FastAGI, AMI, TCP) leaves the same record.

Agreement means path, heard, pressed, outcome, called, line, rule, fault, queue and hang-up; not times.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from router.book import RouteBook
from router.configuration import load
from router.record import CallRecord
from simulator.call import TestCall
from simulator.embedded import Embedded
from simulator.parties import AgentScript, TargetScript
from simulator.script import CallerScript, PressScript, TimedHangUp
from simulator.virtual import run_virtual

COMPANY = Path(__file__).parents[3] / "config"
OPEN = datetime.fromisoformat("2026-10-12T10:00:00+08:00").timestamp()
HOLIDAY = datetime.fromisoformat("2026-10-01T10:00:00+08:00").timestamp()
NIGHT = datetime.fromisoformat("2026-10-12T20:00:00+08:00").timestamp()

HOTLINE, SERVICE, PROMOTION, SALES, SHOP = (
    "400-800-1234",
    "400-600-5678",
    "400-700-2468",
    "400-900-8888",
    "400-100-6699",
)

CALLS: dict[str, tuple[str, dict[str, Any]]] = {
    "welcome, queued": (HOTLINE, {}),
    "welcome, answered": (HOTLINE, {"agents": "answer:3:5"}),
    "welcome, nobody answers": (HOTLINE, {"agents": "never"}),
    "welcome, queue full": (HOTLINE, {"agents": "full"}),
    "welcome, nobody signed in": (HOTLINE, {"agents": "no_agents"}),
    "welcome, from Shanghai": (HOTLINE, {"caller": "02161234567", "agents": "answer:3:5"}),
    "welcome, hidden": (HOTLINE, {"caller": None}),
    "welcome, foreign": (HOTLINE, {"caller": "+442079460000"}),
    "welcome, blocked": (HOTLINE, {"caller": "13900000000"}),
    "service, product and features": (SERVICE, {"press": "1,2,0", "agents": "answer:2:3"}),
    "service, order number": (SERVICE, {"press": "2,1,12345678", "agents": "answer:2:3"}),
    "service, order number too short": (SERVICE, {"press": "2,1,77#,12345678#", "agents": "answer:2:3"}),
    "service, wrong keys": (SERVICE, {"press": "7,*,#", "agents": "answer:2:3"}),
    "service, silence": (SERVICE, {"press": ",,", "agents": "answer:2:3"}),
    "service, too many keys": (SERVICE, {"press": "123456,2,0", "agents": "answer:2:3"}),
    "service, complaint": (SERVICE, {"press": "3"}),
    "service, message when nobody answers": (SERVICE, {"press": "0", "agents": "never"}),
    "service, hang-up in the first menu": (SERVICE, {"press": "h"}),
    "service, hang-up in the second menu": (SERVICE, {"press": "1,h"}),
    "service, hang-up while giving a number": (SERVICE, {"press": "2,1,h"}),
    "service, holiday": (SERVICE, {"at": HOLIDAY}),
    "service, closed": (SERVICE, {"at": NIGHT, "press": "2"}),
    "service, closed, transferred": (SERVICE, {"at": NIGHT, "press": "1", "target": "answer:2:3"}),
    "service, closed, target busy": (SERVICE, {"at": NIGHT, "press": "1", "target": "busy"}),
    "service, closed, no answer": (SERVICE, {"at": NIGHT, "press": "1", "target": "no_answer"}),
    "promotion, one half of the split": (PROMOTION, {"caller": "13800138001", "press": "1,2"}),
    "promotion, another caller": (PROMOTION, {"caller": "13800138007", "press": "2", "target": "failed"}),
    "promotion, nuisance": (PROMOTION, {"caller": "02012345678"}),
    "sales": (SALES, {"press": "1", "agents": "answer:2:3"}),
    "sales, line busy": (SALES, {"agents": "never", "target": "failed"}),
    "shop trial": (SHOP, {"caller": "13800138003", "press": "1", "agents": "answer:2:3"}),
    "the base number itself": ("010-88880001", {}),
    "unbound": ("400-000-1357", {}),
    "not routed": ("400-678-2000", {}),
    "suspended": ("400-811-0000", {}),
    "unknown": ("400-999-9999", {}),
}


AGREED = (
    *("caller", "caller_kind", "called", "called_by", "dialled", "base_number", "line", "trunk", "flow", "rule"),
    *("path", "heard", "pressed", "outcome", "queue", "hangup", "fault", "revision", "test"),
)


@pytest.fixture(scope="module")
def book() -> RouteBook:
    loaded = load(COMPANY)
    assert loaded.configuration is not None
    return RouteBook.compile(loaded.configuration, "r1")


def agreed(record: CallRecord) -> dict[str, Any]:
    """What every way must say alike."""
    shown = record.as_json(datetime.fromtimestamp(0).astimezone().tzinfo)  # type: ignore[arg-type]
    return {key: shown[key] for key in AGREED}


async def both(book: RouteBook, number: str, script: CallerScript, **given: Any) -> tuple[CallRecord, CallRecord]:
    at = given.get("at", OPEN)
    call = TestCall(number, given.get("caller", "13800138000"), at, "c-1")
    agents, targets = AgentScript.parse(given.get("agents", "none")), TargetScript.parse(given.get("target", "answer"))
    virtual = run_virtual(book, call, script, agents, targets)
    async with Embedded(book, at, speed=given.get("speed", 40.0)) as embedded:
        switch = await asyncio.wait_for(embedded.place(call, script, agents, targets), 60)
        assert embedded.refused_legs == []
    return virtual, switch


@pytest.mark.parametrize("name", CALLS)
async def test_both_ways_agree(book: RouteBook, name: str) -> None:
    number, given = CALLS[name]
    virtual, switch = await both(book, number, PressScript.parse(given.get("press", "")), **given)
    assert agreed(switch) == agreed(virtual)


MOMENTS = [0.0, 1.0, 5.0, 8.0, 12.5, 14.0, 20.0, 24.0]


@pytest.mark.parametrize("after", MOMENTS)
async def test_a_caller_who_hangs_up_at_any_moment(book: RouteBook, after: float) -> None:
    """Moments inside the greeting, the menus, the order number, the queue, the talk."""
    script = TimedHangUp(after, PressScript.parse("2,2"))
    virtual, switch = await both(book, SERVICE, script, agents="answer:3:60", speed=20.0)
    assert switch.hangup_by == "caller"
    assert agreed(switch) == agreed(virtual)


@pytest.fixture
async def embedded(book: RouteBook) -> AsyncIterator[Embedded]:
    async with Embedded(book, OPEN, speed=30.0) as found:
        yield found


async def test_many_calls_at_once_each_leave_their_record(embedded: Embedded, book: RouteBook) -> None:
    calls = [TestCall(SERVICE, f"1380013{number:04d}", OPEN, f"c-{number}") for number in range(25)]
    script = PressScript.parse("1,2,9,3")
    records = await asyncio.gather(*(embedded.place(call, script) for call in calls))
    expected = run_virtual(book, calls[0], script)
    assert {record.call_id for record in records} == {call.call_id for call in calls}
    assert [record.caller for record in records] == [call.caller for call in calls]
    assert {tuple(record.path) for record in records} == {tuple(expected.path)}
    assert embedded.store is not None
    assert embedded.router is not None
    assert embedded.router.status()["calls"]["in_progress"] == 0
