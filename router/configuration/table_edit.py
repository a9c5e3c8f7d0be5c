"""Editing one row of ``numbers.csv`` or ``routes.csv``: every other row stays as it was typed."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping

from ivr_flows.schema import Refusal

from .number_values import read_number
from .text_edit import NotEditable


def with_cells(text: str, number: str, cells: Mapping[str, str]) -> str:
    """``text`` with ``cells`` (column → value) in the row of ``number``. A column that the header lacks is added to
    every row. The same text where the row is not there or says it already. Raises `NotEditable` for a table that cannot
    be read."""
    records = list(_records(text))
    if not records:
        return text
    header = [cell.strip() for cell in records[0][1]]
    row = _row_of(records, header, number)
    if row is None:
        return text
    known = dict(zip(header, row, strict=False))
    wanted = {column: value for column, value in cells.items() if known.get(column, "") != value}
    if not wanted:
        return text
    added = [column for column in wanted if column not in header]
    columns = [*header, *added]
    made: list[str] = []
    for index, (lines, written) in enumerate(records):
        if index == 0:
            made.append(_line([*written, *added]) if added else lines)
        elif written is row:
            padded = [*row, *[""] * (len(columns) - len(row))]
            made.append(_line([wanted.get(column, cell) for column, cell in zip(columns, padded, strict=True)]))
        elif added and written:
            made.append(_line([*written, *[""] * (len(columns) - len(written))]))
        else:
            made.append(lines)
    return "".join(made)


def without_row(text: str, number: str) -> tuple[str, dict[str, str]]:
    """``text`` without the row of ``number``, and what stood in it; nothing where it is not there. Raises
    `NotEditable`."""
    records = list(_records(text))
    header = [cell.strip() for cell in records[0][1]] if records else []
    row = _row_of(records, header, number)
    if row is None:
        return text, {}
    return "".join(lines for lines, written in records if written is not row), dict(zip(header, row, strict=False))


def _records(text: str) -> Iterator[tuple[str, list[str]]]:
    """Each record with the lines that it stands on."""
    lines = io.StringIO(text, newline="\n").readlines()
    reader = csv.reader(iter(lines), strict=True)
    begin = 0
    try:
        for row in reader:
            yield "".join(lines[begin : reader.line_num]), row
            begin = reader.line_num
    except csv.Error as error:
        raise NotEditable(str(error)) from error


def _row_of(records: list[tuple[str, list[str]]], header: list[str], number: str) -> list[str] | None:
    if "number" not in header:
        return None
    key = header.index("number")
    return next((row for _, row in records[1:] if len(row) > key and _same(row[key], number)), None)


def _same(written: str, number: str) -> bool:
    try:
        return read_number(written) == number
    except Refusal:
        return False


def _line(cells: list[str]) -> str:
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\n").writerow(cells)
    return stream.getvalue()
