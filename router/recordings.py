"""How recordings of a call are named, the same in every way of running it."""

from __future__ import annotations

import re

FOLDER = "line400-recordings"
BEEP_SECONDS = 0.3
"""The tone before a recording."""


def recording_name(call_id: str, number: int) -> str:
    """The file, without extension, of recording ``number`` of a call: from 1 what its nodes record, 0 the whole
    call."""
    return f"{FOLDER}/{re.sub(r'[^A-Za-z0-9_.-]', '-', call_id)}-{number}"
