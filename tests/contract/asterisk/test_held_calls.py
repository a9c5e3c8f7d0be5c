"""Calls held on a real switch, all at once: every digit sent is the digit got. The whole form is
``make bench ONLY=asterisk_hold``."""

from __future__ import annotations

import pytest

from bench.asterisk import hold
from bench.asterisk_load import load_on_asterisk
from router.asterisk.host import Programs

pytestmark = pytest.mark.long


def test_no_digit_of_a_hundred_calls_at_once_is_lost(programs: Programs) -> None:
    with load_on_asterisk() as load:
        found = hold(load, 100, 20.0)
    assert (found.sent, found.got, found.damaged) == (1600, 1600, 0)
