"""Every rule of the flow language over a real Asterisk."""

from __future__ import annotations

from pathlib import Path

import pytest

from router.asterisk.host import Programs
from router.book import RouteBook
from tests.asterisk import programs, sounds
from tests.contract.asterisk.test_flow_cases import disagreements, listed
from tests.contract.live.flow_cases import CASES
from tests.contract.live.test_flow_semantics import book

__all__ = ["book", "programs", "sounds"]  # the fixtures

pytestmark = [pytest.mark.long, pytest.mark.timeout(1800)]


def test_all_cases_leave_the_records_of_virtual_time(book: RouteBook, programs: Programs, sounds: Path) -> None:
    names = [name for name, case in CASES.items() if not case.race]
    found = disagreements(book, programs, sounds, names, switches=4)
    assert not found, listed(found)
