"""The real Asterisk of the tests: the distribution's where it is new enough, else a file tree below ``var/``.

`tests.real_parts` provides it. Its sound files are spoken once and shared by all tests.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from router.asterisk.host import Programs, find_programs

VAR = Path(__file__).parents[1] / "var" / "asterisk"
TREE = VAR / "tree"
SOUNDS = VAR / "test-sounds"
MISSING = (
    "There is no Asterisk of version 20 or later, and these tests need it: `python -m tests.real_parts` provides one"
)


def find() -> Programs | None:
    """Its programs, None where there are none."""
    return find_programs(TREE)


def must_be_there() -> bool:
    """Whether a missing Asterisk is a failure: in CI, and as root, who can provide it."""
    return os.environ.get("CI") == "true" or os.geteuid() == 0


def collected() -> bool:
    """Whether tests on it are collected: always, but for a notice where it is neither there nor required."""
    return find() is not None or must_be_there()


@pytest.fixture(scope="session")
def programs() -> Programs:
    """The programs. A test that asks for them fails where there are none."""
    found = find()
    if found is None:
        pytest.fail(MISSING)
    return found


@pytest.fixture(scope="session")
def sounds() -> Path:
    """The folder of sound files that switches of tests share; each file appears whole or not at all."""
    SOUNDS.mkdir(parents=True, exist_ok=True)
    return SOUNDS
