"""The scenarios of the example company over real calls (`line400 test --on asterisk`): they hold, and what is recorded
is what virtual time records."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from router.asterisk.host import Programs
from router.record import CallRecord
from simulator.scenarios import load_files, run_over, run_virtually
from simulator.scenarios.setup import book_from
from simulator.sip import over_asterisk
from tests.contract.live.flow_company import agreed

CONFIG = Path(__file__).parents[3] / "config"
AT_ONCE = 12
"""Scenarios at a time, each with a switch of its own: most of their time is waiting."""


@pytest.mark.timeout(400)
def test_every_example_scenario_is_over_real_calls_as_in_virtual_time(programs: Programs, sounds: Path) -> None:
    """Those that take longest are begun first: together they take little more than the longest one."""
    loaded = load_files([CONFIG / "scenarios"])
    assert loaded.findings == []
    book = book_from(CONFIG)

    virtual = {result.name: result.record for result in run_virtually(loaded, book).results}
    loaded.scenarios.sort(key=lambda scenario: _seconds(virtual[scenario.name]), reverse=True)
    place = over_asterisk(book, programs, sounds)
    report = asyncio.run(run_over(loaded, book.zone, place, on="asterisk", n=AT_ONCE))
    wrong = [str(result.message()) for result in report.results if not result.ok]
    for result in report.results:
        there = virtual[result.name]
        if result.record is not None and there is not None:
            real, expected = agreed(book, result.record), agreed(book, there)
            wrong += [
                f"{result.name}: {key} is {real[key]}, in virtual time {expected[key]}"
                for key in expected
                if real[key] != expected[key]
            ]
    assert not wrong, "\n".join(wrong)


def _seconds(record: CallRecord | None) -> float:
    return 0.0 if record is None else (record.ended or record.started) - record.started
