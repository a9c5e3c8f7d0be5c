"""The fixtures of what is run on a real Asterisk, and which of it runs side by side."""

from __future__ import annotations

import sys
from pathlib import PurePosixPath

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from tests.asterisk import MISSING, collected, programs, sounds

__all__ = ["programs", "sounds"]

collect_ignore_glob: list[str] = []
if not collected():
    print(f"NOTICE: nothing is tested on a real switch. {MISSING}", file=sys.__stderr__)
    collect_ignore_glob.append("test_*.py")


SIDE_BY_SIDE = {
    "scenarios": ("test_scenarios_agree",),
    "routers": ("test_failing_safe", "test_barge_in", "test_heard"),
}
"""Which modules are run by one process where three run them side by side (`make test`), so that each has as much to
wait for: the third runs all others, also those that need a carrier's address for themselves. More than three make a
small machine too busy for calls."""
OTHERS = "others"


class SideBySide(LoadScopeScheduling):
    """Hands `SIDE_BY_SIDE` out, each part to one process."""

    def _split_scope(self, nodeid: str) -> str:
        module = PurePosixPath(nodeid.partition("::")[0]).stem
        return next((part for part, modules in SIDE_BY_SIDE.items() if module in modules), OTHERS)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> SideBySide:
    """How the tests of this folder are handed out where they are run by themselves."""
    return SideBySide(config, log)


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """That nothing was run is no failure where nothing is to be run."""
    if exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED and not collected():
        session.exitstatus = pytest.ExitCode.OK
