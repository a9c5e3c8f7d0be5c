"""Two hundred calls on a real Asterisk whose routers are killed: none of their records is lost, none is there twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from router.asterisk.host import Programs
from tests.asterisk import programs, sounds
from tests.contract.asterisk.failing import FailingLab, campaign
from tests.contract.asterisk.test_failing_safe import settled

__all__ = ["programs", "sounds"]  # the fixtures

pytestmark = [pytest.mark.long, pytest.mark.timeout(1800)]


async def test_two_hundred_killed_calls_leave_two_hundred_records(
    programs: Programs, sounds: Path, tmp_path: Path
) -> None:
    async with FailingLab(programs, sounds, tmp_path) as lab:
        results, names = await campaign(lab, rounds=10, calls_a_round=20, seed=401)
        assert len(names) == 200
        await settled(lab, results)
