"""Numbers and their bindings as a table that imports back to the same: one row per number, every column.

Where a text begins with what a spreadsheet takes for a formula (CWE-1236), or with an apostrophe, an apostrophe is put
before it, which the import takes away again. Numbers are written 400-800-1234, so that no spreadsheet makes a number
of them.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from ivr_flows.findings import Language, Text
from ivr_flows.yaml_source import read_bytes
from router.configuration.consistency import grouped
from router.configuration.folder import ROUTES
from router.model import Configuration

from .columns import BINDING, CHINESE, KEYS, NUMBER, OPTIONS, bound_to, spell
from .csv_source import LONGEST_CELL, control_character, text_encoding
from .options import options_in
from .source import Progress, TableError

COLUMNS = tuple(key for key in KEYS if key != "usage")  # it has one value only
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", "'")
MAX_SHEET_ROWS = 1_048_576
_REPORT_EVERY = 2_048


def header(language: Language | None) -> tuple[str, ...]:
    """The names of the columns: in Chinese for ``zh``, else the configuration's own keys."""
    return tuple(CHINESE[key] for key in COLUMNS) if language == "zh" else COLUMNS


def rows(configuration: Configuration, progress: Progress) -> Iterator[tuple[str, ...]]:
    """One row per number, in the order of the configuration, without the row of names."""
    total = len(configuration.numbers)
    written = configuration.files.get(ROUTES)
    options = options_in(read_bytes(written, ROUTES)) if written is not None else {}
    for done, facts in enumerate(configuration.numbers):
        route = configuration.routes.get(facts.number)
        values = [grouped(facts.number)]
        for key in COLUMNS[1:]:
            if key == OPTIONS:
                values.append(safe(options.get(facts.number, "")))
                continue
            if key in BINDING:
                values.append(safe(bound_to(route, key)) if route is not None else "")
            else:
                values.append(safe(spell(getattr(facts, key))))
        yield tuple(values)
        if done % _REPORT_EVERY == 0:
            progress(done, total)
    progress(total, total)


def safe(text: str) -> str:
    """``text`` as a cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(FORMULA) else text


def write_csv(
    stream: BinaryIO, configuration: Configuration, language: Language | None, encoding: str, progress: Progress
) -> None:
    """Write the table as CSV, with a byte order mark where it is UTF-8. Raises `TableError` for a text that
    ``encoding`` cannot hold, and `OSError`."""
    text = io.TextIOWrapper(stream, encoding=text_encoding(encoding), newline="")
    try:
        writer = csv.writer(text, lineterminator="\r\n")
        writer.writerow(header(language))
        writer.writerows(rows(configuration, progress))
        text.flush()
    except UnicodeEncodeError as error:
        letter = error.object[error.start]
        raise TableError(
            "wrong-encoding",
            Text(f"`{letter}` cannot be written in {encoding}.", f"`{letter}` 无法用 {encoding} 编码。"),
            Text("Use --encoding utf-8-sig.", "请用 --encoding utf-8-sig。"),
        ) from error
    finally:
        text.detach()


def write_xlsx(
    file: Path | BinaryIO, configuration: Configuration, language: Language | None, progress: Progress
) -> None:
    """Write the table as a workbook of one sheet, all cells texts. Raises `TableError` where a sheet cannot hold it,
    and `OSError`."""
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font

    if len(configuration.numbers) >= MAX_SHEET_ROWS:
        raise TableError(
            "too-many-rows",
            Text(
                f"A sheet holds {MAX_SHEET_ROWS - 1:,} numbers, the configuration {len(configuration.numbers):,}.",
                f"一张工作表最多 {MAX_SHEET_ROWS - 1:,} 个号码，配置中有 {len(configuration.numbers):,} 个。",
            ),
            Text("Export csv.", "请导出为 csv。"),
        )
    book = Workbook(write_only=True)
    sheet = book.create_sheet("号码" if language == "zh" else "numbers")
    sheet.freeze_panes = "B2"
    for at, key in enumerate(COLUMNS):
        sheet.column_dimensions[chr(ord("A") + at)].width = 24 if key in (NUMBER, "company") else 14
    names = [WriteOnlyCell(sheet, value=name) for name in header(language)]
    for cell in names:
        cell.font = Font(bold=True)
    sheet.append(names)
    for row in rows(configuration, progress):
        for value in row:
            if control_character(value) or len(value) > LONGEST_CELL:
                raise TableError(
                    "control-character",
                    Text(f"{row[0]}: a text that no cell can hold.", f"{row[0]}：有单元格无法容纳的文本。"),
                    Text("Delete its control characters in the configuration.", "请在配置中删除其控制字符。"),
                )
        sheet.append([value or None for value in row])
    book.save(file)
