"""Call records as CSV for a spreadsheet: UTF-8 with a byte order mark, one row per call.

What callers and flows put into a record may look like a formula; such a cell gets a leading apostrophe, so that no
spreadsheet runs it (CWE-1236).
"""

from __future__ import annotations

import csv
import io
import os
import tempfile
from collections.abc import Callable, Sequence
from datetime import tzinfo
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO, TextIO

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
    if isinstance(value, int | float | Decimal):
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
    """Write ``records`` to ``file``; see `write_whole`. Raises `OSError`."""

    def write(stream: BinaryIO) -> None:
        with _text(stream) as text:
            write_rows(text, records, zone, language)

    write_whole(file, write)


def write_table(file: Path, columns: Sequence[str], rows: Sequence[Sequence[Any]], title: str) -> None:
    """Write a table to ``file``: a workbook of one sheet where its name ends in ``.xlsx``, else CSV. Every cell is made
    by `cell`. See `write_whole`. Raises `OSError`."""
    cells = [list(columns), *([cell(value) for value in row] for row in rows)]

    def write(stream: BinaryIO) -> None:
        if file.suffix.lower() != ".xlsx":
            with _text(stream) as text:
                csv.writer(text).writerows(cells)
            return
        from openpyxl import Workbook
        from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

        book = Workbook(write_only=True)
        sheet = book.create_sheet(title)
        for row in cells:
            sheet.append([ILLEGAL_CHARACTERS_RE.sub("\N{REPLACEMENT CHARACTER}", value) for value in row])
        book.save(stream)

    write_whole(file, write)


def _text(stream: BinaryIO) -> TextIO:
    return io.TextIOWrapper(stream, encoding="utf-8-sig", newline="")


def write_whole(file: Path, write: Callable[[BinaryIO], None]) -> None:
    """Let ``write`` write ``file``; the old file stays until the new one is complete. A link stays, what it leads to
    is written; a pipe or device is written to, never replaced. Raises `OSError`."""
    target = file.resolve()
    if (target.exists() and not target.is_file()) or not target.parent.is_dir():
        with file.open("wb") as stream:  # raises what is wrong, by the user's name
            write(stream)
        return
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            write(stream)
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)
