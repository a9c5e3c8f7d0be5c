"""A process that dies between two writes leaves nothing half, and the command is simply given again."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.end_to_end.killed_life import ACTIONS

ROOT = Path(__file__).resolve().parents[2]


def test_killed_at_every_write_a_life_stays_whole_and_the_command_goes_through_when_repeated(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.end_to_end.killed_life", str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert [one["action"] for one in told] == list(ACTIONS)
    assert {one["action"]: one["wrong"] for one in told if one["wrong"]} == {}
    # Each action has writes to die at: at least a change, its audit and the commit.
    assert all(one["killed"] >= 3 for one in told), told
