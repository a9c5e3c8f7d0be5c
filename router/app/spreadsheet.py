"""Call records as CSV for a spreadsheet: UTF-8 with a byte order mark, one row per call.

What callers and flows put into a record may look like a formula; such a cell gets a leading apostrophe, so that no
spreadsheet runs it (CWE-1236).
"""

from __future__ import annotations

import csv
import os
import tempfile
from collections.abc import Sequence
from datetime import tzinfo
from pathlib import Path
from typing import Any, TextIO

from ivr_flows.findings import Language
from router.record import CallRecord

COLUMNS = (
    "call_id",
    "test",
    "started",
    "answered",
    "ended",
    "duration_s",
    "billable_minutes",
    "caller",
    "caller_kind",
    "called",
    "called_by",
    "dialled",
    "base_number",
    "line",
    "trunk",
    "flow",
    "revision",
    "rule",
    "outcome",
    "abandoned_in",
    "queue",
    "hangup_by",
    "hangup_cause",
    "fault_code",
    "fault_by",
    "fault_message",
    "pressed",
    "path",
    "heard",
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def cell(value: Any) -> str:
    """``value`` as the text of a cell that no spreadsheet takes for a formula."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    text = str(value).encode("utf-8", "replace").decode()
    return f"'{text}" if text.startswith(_FORMULA) else text


def row_of(record: CallRecord, zone: tzinfo, language: Language) -> list[str]:
    """The cells of one record, in the order of `COLUMNS`."""
    values = record.as_json(zone, language)
    hangup = {"by": record.hangup_by, "cause": record.hangup_cause}
    fault: dict[str, Any] = dict(record.fault.as_json(language)) if record.fault else {}
    values["path"] = " ".join(record.path)
    values["heard"] = " | ".join(record.heard)
    values.update({f"hangup_{name}": value for name, value in hangup.items()})
    values.update({f"fault_{name}": fault.get(name) for name in ("code", "by", "message")})
    return [cell(values[name]) for name in COLUMNS]


def write_rows(stream: TextIO, records: Sequence[CallRecord], zone: tzinfo, language: Language) -> None:
    """Write the header and one row per record."""
    writer = csv.writer(stream)
    writer.writerow(COLUMNS)
    writer.writerows(row_of(record, zone, language) for record in records)


def write_csv(file: Path, records: Sequence[CallRecord], zone: tzinfo, language: Language) -> None:
    """Write ``records`` to ``file``; the old file stays until the new one is complete. A link stays, what it leads to
    is written; a pipe or device is written to, never replaced. Raises `OSError`."""
    target = file.resolve()
    if (target.exists() and not target.is_file()) or not target.parent.is_dir():
        with file.open("w", encoding="utf-8-sig", newline="") as stream:  # raises what is wrong, by the user's name
            write_rows(stream, records, zone, language)
        return
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8-sig", newline="") as stream:
            write_rows(stream, records, zone, language)
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)
