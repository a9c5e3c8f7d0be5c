"""Emergency announcements and blocks: what is taken for one, and how it is shown. The command line and the API both
use it."""

from __future__ import annotations

from datetime import tzinfo
from typing import Any

from ivr_flows.findings import Text
from router.number400 import Number400
from router.store import AnnouncementRow, BlockRow

from .moments import iso_time
from .problems import usage

MAX_TEXT = 500
EVERY_NUMBER = "all"


def target_of(number: str) -> str:
    """The canonical 400 number, or ``all``. Raises `NumberError`."""
    return EVERY_NUMBER if number.strip().lower() == EVERY_NUMBER else Number400.parse(number).digits


def spoken_text(text: str) -> str:
    """``text`` as it is spoken: one line. Raises `Problem` for one that is too long."""
    text = " ".join(text.split())
    if len(text) > MAX_TEXT:
        raise usage(
            "too-long",
            Text(f"The text has {len(text)} characters; at most {MAX_TEXT} are spoken.", f"内容超过 {MAX_TEXT} 字。"),
            Text("Say it in fewer words.", "请缩短内容。"),
        )
    return text


def announcement_json(row: AnnouncementRow, zone: tzinfo) -> dict[str, Any]:
    """An announcement as ``announce --json`` prints it."""
    return {
        "number": row.number,
        "text": row.text,
        "until": iso_time(row.until, zone),
        "end_call": row.end_call,
        "author": row.author,
        "reason": row.reason,
    }


def block_json(row: BlockRow, zone: tzinfo) -> dict[str, Any]:
    """A block as ``block --json`` prints it."""
    return {
        "caller": row.caller,
        "until": None if row.until is None else iso_time(row.until, zone),
        "author": row.author,
        "reason": row.reason,
    }
