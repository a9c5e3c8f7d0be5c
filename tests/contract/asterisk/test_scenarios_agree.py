"""The scenarios of the example company hold when their calls are real ones: `line400 test --on asterisk`."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from router.asterisk.host import Programs
from simulator.scenarios import load_files, run_over, run_virtually
from simulator.scenarios.loading import LoadedScenarios
from simulator.scenarios.setup import book_from
from simulator.sip import over_asterisk

CONFIG = Path(__file__).parents[3] / "config"
SHORT = 6.0
"""Seconds of the calls that are placed in every run of the tests."""
AT_ONCE = 4


def scenarios() -> LoadedScenarios:
    """All of the example company."""
    loaded = load_files([CONFIG / "scenarios"])
    assert loaded.findings == []
    return loaded


def short() -> LoadedScenarios:
    """Those whose calls last at most `SHORT` seconds in virtual time."""
    loaded = scenarios()
    ran = run_virtually(loaded, book_from(CONFIG))
    records = [result.record for result in ran.results]
    loaded.scenarios = [
        scenario
        for scenario, record in zip(loaded.scenarios, records, strict=True)
        if record is not None and (record.ended or record.started) - record.started <= SHORT
    ]
    return loaded


def failed(programs: Programs, sounds: Path, loaded: LoadedScenarios) -> list[str]:
    """What is said of the scenarios that do not hold over real calls."""
    book = book_from(CONFIG)
    place = over_asterisk(book, programs, sounds)
    report = asyncio.run(run_over(loaded, book.zone, place, on="asterisk", n=AT_ONCE))
    return [str(result.message()) for result in report.results if not result.ok]


@pytest.mark.timeout(300)
def test_the_short_scenarios_hold_over_real_calls(programs: Programs, sounds: Path) -> None:
    loaded = short()
    assert len(loaded.scenarios) >= 8
    assert failed(programs, sounds, loaded) == []
