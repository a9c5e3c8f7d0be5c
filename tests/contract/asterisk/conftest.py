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


SIDE_BY_SIDE = {
    "scenarios": ("test_scenarios_agree",),
    "routers": ("test_failing_safe", "test_barge_in", "test_heard"),
}
"""Which modules are run by one process where three run them side by side (`make test`), so that each has as much to
wait for: the third runs all others, also those that need a carrier's address for themselves. More than three make a
small machine too busy for calls."""
OTHERS = "others"


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tell which process runs what, before they are handed out."""
    here = Path(__file__).parent
    group_of = {module: name for name, modules in SIDE_BY_SIDE.items() for module in modules}
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker(pytest.mark.xdist_group(group_of.get(item.path.stem, OTHERS)))


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """That nothing was run is no failure where nothing is to be run."""
    if exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED and not collected():
        session.exitstatus = pytest.ExitCode.OK
