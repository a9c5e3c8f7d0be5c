"""An Excel workbook, read row by row: what a cell shows becomes the text that a table of the configuration would hold.

A formula counts as the value that was stored with it. A merged cell counts for every cell that it covers. Hidden rows
are read like others, and told. openpyxl reads cells; merged ranges and hidden rows, which its streaming reader leaves
out, are read from the sheet's own XML (ECMA-376 part 1, 18.3.1.55 and 18.3.1.73).
"""

from __future__ import annotations

import re
import warnings
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import ParseError

from ivr_flows.findings import Place, Text
from ivr_flows.schema import Refusal

from .columns import NUMBER, column_of
from .csv_source import HEADER_ROWS
from .source import Cell, Progress, Row, TableError

if TYPE_CHECKING:
    from openpyxl import Workbook

MAX_UNPACKED = 4 * 1024**3
"""Bytes of a workbook unpacked; a million rows of all columns have less than a tenth."""
MAX_MERGED = 100_000
_ERRORS = frozenset({"#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A", "#GETTING_DATA", "#SPILL!"})
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell [^>]*?ref="([A-Z]+)(\d+):([A-Z]+)(\d+)"')
_HIDDEN = re.compile(rb'<(?:\w+:)?row [^>]*?hidden="(?:1|true)"[^>]*>')
_ROW_NUMBER = re.compile(rb' r="(\d+)"')
_LONGEST_TAG = 4096
_CHUNK = 1 << 20


class XlsxSource:
    """The table in a workbook: on the sheet ``sheet``, else on the one visible sheet that has a column of numbers."""

    def __init__(self, path: Path, sheet: str | None = None) -> None:
        self.path = path
        self.name = str(path)
        self.sheet = sheet
        self.notes: list[Text] = []

    def rows(self, progress: Progress) -> Iterator[Row]:
        """Every row of the sheet. Raises `TableError`, and `OSError` where the file cannot be opened."""
        _refuse_what_is_no_workbook(self.path)
        with _workbook(self.path, formulas=True) as book:
            sheet = self._choose(book)
            with _workbook(self.path, formulas=False) as stored:
                yield from self._rows(sheet, stored, progress)

    def _choose(self, book: Workbook) -> Any:
        sheets: dict[str, Any] = {sheet.title: sheet for sheet in book.worksheets}
        if self.sheet is not None:
            if self.sheet not in sheets:
                listed = ", ".join(sheets)
                raise TableError(
                    "unknown-sheet",
                    Text(f"{self.name} has no sheet `{self.sheet}`.", f"{self.name} 中没有工作表 `{self.sheet}`。"),
                    Text(f"Its sheets: {listed}.", f"其中的工作表：{listed}。"),
                )
            return sheets[self.sheet]
        visible = {name: sheet for name, sheet in sheets.items() if sheet.sheet_state == "visible"}
        with_numbers = [name for name, sheet in visible.items() if _names_numbers(sheet)]
        if len(with_numbers) > 1:
            listed = ", ".join(with_numbers)
            raise TableError(
                "several-sheets",
                Text(f"Several sheets hold numbers: {listed}.", f"有多张工作表含号码：{listed}。"),
                Text(f"Choose one: --sheet {with_numbers[0]}", f"请用 --sheet 选择一张，如 --sheet {with_numbers[0]}"),
            )
        if with_numbers:
            chosen = with_numbers[0]
        elif visible:
            chosen = next(iter(visible))
        else:
            raise _unreadable(self.path, Text("it has no visible sheet", "没有可见的工作表"))
        others = len(visible) - 1
        if others:
            self.notes.append(
                Text(
                    f"The sheet `{chosen}` was read, not the {others} others.",
                    f"读取了工作表 `{chosen}`，其余 {others} 张未读。",
                )
            )
        return visible[chosen]

    def _rows(self, sheet: Any, stored: Workbook, progress: Progress) -> Iterator[Row]:
        merged, hidden = _merged_and_hidden(self.path, sheet._worksheet_path)
        if hidden:
            shown = ", ".join(str(row) for row in hidden[:5]) + (" …" if len(hidden) > 5 else "")
            self.notes.append(
                Text(
                    f"{len(hidden):,} hidden rows of `{sheet.title}` were read too: {shown}.",
                    f"工作表 `{sheet.title}` 中的 {len(hidden):,} 个隐藏行也已读取：{shown}。",
                )
            )
        total = sheet.max_row
        values = _StoredValues(stored, sheet.title)
        above: dict[tuple[int, int], Cell] = {}
        with _reading(self.path):
            for number, cells in enumerate(_plain_rows(sheet), 1):
                texts = [_text(value, number, index, values) for index, value in enumerate(cells)]
                for origin, columns in merged.get(number, ()):
                    _fill(texts, number, origin, columns, above)
                if number % 2048 == 0:
                    progress(number, total)
                yield Row(number, tuple(texts))


def _fill(
    texts: list[Cell], number: int, origin: tuple[int, int], columns: range, above: dict[tuple[int, int], Cell]
) -> None:
    """Put the value of the merged cell whose corner is ``origin`` into the cells that it covers in row ``number``."""
    texts.extend("" for _ in range(columns.stop - len(texts)))
    if number == origin[0]:
        above[origin] = texts[origin[1]]
    for column in columns:
        texts[column] = above.get(origin, "")


class _StoredValues:
    """The values that were stored with the formulas of a sheet, looked up in ascending order of rows."""

    def __init__(self, book: Workbook, title: str) -> None:
        self._rows = enumerate(_plain_rows(book[title]), 1)
        self._at = 0
        self._cells: tuple[Any, ...] = ()

    def value(self, row: int, column: int) -> Any:
        while self._at < row:
            self._at, self._cells = next(self._rows, (row, ()))
        return self._cells[column] if column < len(self._cells) else None


def _plain_rows(sheet: Any) -> Iterator[tuple[Any, ...]]:
    """The values of a read-only sheet, row by row (openpyxl's types describe the sheets that can be written)."""
    sheet.reset_dimensions()  # programs write wrong ones; cells beyond them would be lost
    yield from sheet.iter_rows(values_only=True)


def _names_numbers(sheet: Any) -> bool:
    for row in sheet.iter_rows(max_row=HEADER_ROWS, values_only=True):
        if any(isinstance(value, str) and column_of(value) == NUMBER for value in row):
            return True
    return False


def _text(value: Any, row: int, column: int, stored: _StoredValues) -> Cell:
    if value is None:
        return ""
    if isinstance(value, str):
        if value.startswith("="):
            return _formula(value, row, column, stored)
        if value in _ERRORS:
            return _error_value(value)
        return value
    return (
        _of_value(value)
        if isinstance(value, bool | int | float | date | time | timedelta)
        else _formula("=", row, column, stored)
    )


def _formula(written: str, row: int, column: int, stored: _StoredValues) -> Cell:
    value = stored.value(row, column)
    if value is None:
        return Refusal(
            Text("The cell holds a formula whose value was not stored.", "单元格是公式，且文件中没有保存其结果。"),
            Text(
                "Open and save it in a spreadsheet, or paste the cells as values.",
                "请在表格软件中打开并保存，或选择“粘贴为数值”。",
            ),
            "formula",
        )
    if isinstance(value, str):
        return _error_value(value) if value in _ERRORS else value
    return _of_value(value)


def _error_value(value: str) -> Refusal:
    return Refusal(
        Text(f"The cell shows the error {value}.", f"单元格显示错误值 {value}。"),
        Text("Correct the formula, or write the value.", "请更正公式，或直接写值。"),
        "error-value",
    )


def _of_value(value: bool | int | float | date | time | timedelta) -> str:
    """What is no text in a workbook as the text that means the same: a number without the ``.0`` that every number of
    a workbook has, a day without its midnight."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e18 else repr(value)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ")
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value)


def _merged_and_hidden(path: Path, part: str) -> tuple[dict[int, list[tuple[tuple[int, int], range]]], list[int]]:
    """Of the sheet in ``part`` of the workbook: for each row the merged cells that lie in it (corner as row and index
    of the column, columns covered), and the hidden rows."""
    from openpyxl.utils import column_index_from_string

    merged: dict[int, list[tuple[tuple[int, int], range]]] = {}
    hidden: list[int] = []
    found_merged = 0
    with zipfile.ZipFile(path) as archive, archive.open(part) as stream:
        rest = b""
        while chunk := stream.read(_CHUNK):
            data = rest + chunk
            end = data.rfind(b"<")
            rest, data = (data[end:], data[:end]) if len(data) - end < _LONGEST_TAG else (b"", data)
            for tag in _HIDDEN.finditer(data):
                number = _ROW_NUMBER.search(tag[0])
                if number:
                    hidden.append(int(number[1]))
            for left, top, right, bottom in _MERGED.findall(data):
                first, last = column_index_from_string(left.decode()) - 1, column_index_from_string(right.decode())
                for row in range(int(top), int(bottom) + 1):
                    found_merged += 1
                    if found_merged > MAX_MERGED:
                        raise _unreadable(path, Text("its merged cells cover too much", "合并单元格过多"))
                    merged.setdefault(row, []).append(((int(top), first), range(first, last)))
    return merged, hidden


def _refuse_what_is_no_workbook(path: Path) -> None:
    with path.open("rb") as stream:
        start = stream.read(8)
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        raise TableError(
            "old-workbook",
            Text(
                f"{path} is in the format of Excel 97 (.xls), or protected by a password.",
                f"{path} 是 Excel 97 格式（.xls），或设有打开密码。",
            ),
            Text("Save it as .xlsx without a password.", "请另存为不带密码的 .xlsx。"),
        )
    if not start.startswith(b"PK"):
        raise TableError(
            "no-workbook",
            Text(f"{path} is no Excel workbook.", f"{path} 不是 Excel 工作簿。"),
            Text(
                "Save it as .xlsx; a CSV file is read by: line400 import csv FILE",
                "请另存为 .xlsx；CSV 文件用 line400 import csv 文件。",
            ),
        )
    try:
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
    except zipfile.BadZipFile as error:
        raise _unreadable(path, Text("it is damaged or cut off", "文件损坏或不完整")) from error
    if unpacked > MAX_UNPACKED:
        raise _unreadable(path, Text(f"it unpacks to {unpacked:,} bytes", f"解压后有 {unpacked:,} 字节"))


@contextmanager
def _workbook(path: Path, *, formulas: bool) -> Iterator[Workbook]:
    from openpyxl import load_workbook

    with _reading(path):
        book = load_workbook(path, read_only=True, data_only=not formulas, keep_links=False)
    try:
        yield book
    finally:
        book.close()


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    """Whatever openpyxl raises over a workbook that is no good is one `TableError`; its remarks about what it leaves
    out (styles, validations) concern nobody here."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            yield
        except (
            ValueError,
            KeyError,
            TypeError,
            AttributeError,
            IndexError,
            ParseError,
            zipfile.BadZipFile,
            EOFError,
        ) as error:
            reason = " ".join(str(error).split())[:120] or type(error).__name__
            raise _unreadable(path, Text(reason, reason)) from error


def _unreadable(path: Path, reason: Text) -> TableError:
    return TableError(
        "no-workbook",
        Text(f"{path} cannot be read as a workbook: {reason.en}.", f"{path} 无法作为工作簿读取：{reason.zh}。"),
        Text("Open it in a spreadsheet and save it anew as .xlsx.", "请用表格软件打开并重新另存为 .xlsx。"),
        Place(str(path)),
    )
