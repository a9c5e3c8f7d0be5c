"""The fixtures of what is run on a real Asterisk."""

from __future__ import annotations

import sys

from tests.asterisk import MISSING, collected, programs, sounds

__all__ = ["programs", "sounds"]

collect_ignore_glob: list[str] = []
if not collected():
    print(f"NOTICE: nothing is tested on a real switch. {MISSING}", file=sys.__stderr__)
    collect_ignore_glob.append("test_*.py")
