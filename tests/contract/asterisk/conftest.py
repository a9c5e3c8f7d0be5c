"""The fixtures of what is run on a real Asterisk."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.asterisk import MISSING, collected, programs, sounds

__all__ = ["programs", "sounds"]

collect_ignore_glob: list[str] = []
if not collected():
    print(f"NOTICE: nothing is tested on a real switch. {MISSING}", file=sys.__stderr__)
    collect_ignore_glob.append("test_*.py")


BY_THE_CLOCK = frozenset(
    {
        "test_agents",
        "test_barge_in",
        "test_failing_safe",
        "test_flow_cases",
        "test_heard",
        "test_scenarios_agree",
        "test_transcripts",
    }
)
"""What takes minutes of real time, or listens to audio that a busy machine damages: `make test-real` and
`make test-long`."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what runs by the clock."""
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here) and item.path.stem in BY_THE_CLOCK:
            item.add_marker(pytest.mark.long)
