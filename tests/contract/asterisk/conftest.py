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


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The tests of one module share their switches: they run on one worker (``--dist loadgroup``)."""
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker(pytest.mark.xdist_group(item.path.stem))
