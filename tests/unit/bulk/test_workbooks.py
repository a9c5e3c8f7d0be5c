"""An Excel workbook gives what its cells show; what cannot be known is a fault of the cell."""

from __future__ import annotations

import zipfile
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from router.bulk.reading import Known, Table, read_table
from router.bulk.source import TableError
from router.bulk.xlsx_source import XlsxSource

HEAD = ["号码", "使用公司", "购买日", "自动续费"]


def book(tmp_path: Path, rows: list[list[Any]], change=lambda book, sheet: None) -> Path:
    made = Workbook()
    sheet = made.active
    for row in rows:
        sheet.append(row)
    change(made, sheet)
    file = tmp_path / "numbers.xlsx"
    made.save(file)
    return file


def read(file: Path, sheet: str | None = None) -> tuple[Table, list[str]]:
    source = XlsxSource(file, sheet)
    found = read_table(source, Known(), (), lambda done, total: None)
    return found, [note.en for note in source.notes]


def entries(found: Table) -> list[tuple[str, ...]]:
    return [(entry.number, *entry.values) for entry in found.entries]


def test_numbers_dates_and_truth_values_are_what_they_show(tmp_path):
    file = book(
        tmp_path,
        [
            HEAD,
            [4008001234.0, "甲", date(2026, 9, 1), True],
            ["'4008001235", 7, datetime(2026, 9, 1), False],
            [" ４００-800-1236 ", 7.5, "2026/9/1", "是"],
        ],
    )
    assert entries(read(file)[0]) == [
        ("4008001234", "甲", "2026-09-01", "true"),
        ("4008001235", "7", "2026-09-01", "false"),
        ("4008001236", "7.5", "2026-09-01", "true"),
    ]


def test_a_day_with_a_time_is_refused(tmp_path):
    found, _ = read(book(tmp_path, [HEAD, [4008001234, "甲", datetime(2026, 9, 1, 8, 30), True]]))
    assert [(f.place.line, f.place.column, f.code) for f in found.bad[0].findings] == [(2, 3, "bad-date")]


def test_a_formula_without_a_stored_value_is_a_fault_and_a_text_that_looks_like_one_is_a_text(tmp_path):
    def change(_, sheet):
        sheet["B2"] = "=1+1"
        sheet["B3"].value = "=text"
        sheet["B3"].data_type = "s"
        sheet["B4"] = "#N/A"

    found, _ = read(book(tmp_path, [HEAD, *[[4008001230 + n] for n in range(3)]], change))
    assert [(bad.row, bad.findings[0].place.column, bad.findings[0].code) for bad in found.bad] == [
        (2, 2, "formula"),
        (4, 2, "error-value"),
    ]
    assert entries(found) == [("4008001231", "=text", "", "")]


def test_a_formula_counts_as_the_value_stored_with_it(tmp_path):
    file = book(tmp_path, [HEAD, [4008001234, "=1+1"]])
    calculated = tmp_path / "calculated.xlsx"
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(calculated, "w") as new:
        for entry in old.infolist():
            data = old.read(entry)
            if entry.filename == "xl/worksheets/sheet1.xml":
                assert b"<v />" in data or b"<v/>" in data
                data = data.replace(b"<v />", b"<v>2</v>").replace(b"<v/>", b"<v>2</v>")
            new.writestr(entry, data)
    assert entries(read(calculated)[0]) == [("4008001234", "2", "", "")]


def test_a_merged_cell_counts_for_every_cell_that_it_covers(tmp_path):
    def change(_, sheet):
        sheet.merge_cells("A1:D1")
        sheet.merge_cells("B3:B5")

    rows = [["我司400号码清单"], HEAD, [4008001234, "甲"], [4008001235], [4008001236], [4008001237, "乙"]]
    found, _ = read(book(tmp_path, rows, change))
    assert [row[:2] for row in entries(found)] == [
        ("4008001234", "甲"),
        ("4008001235", "甲"),
        ("4008001236", "甲"),
        ("4008001237", "乙"),
    ]


def test_hidden_rows_are_read_and_told(tmp_path):
    def change(_, sheet):
        sheet.row_dimensions[3].hidden = True

    found, notes = read(book(tmp_path, [HEAD, [4008001234], [4008001235]], change))
    assert len(found.entries) == 2
    assert [note for note in notes if "hidden" in note] == ["1 hidden rows of `Sheet` were read too: 3."]


def test_rows_and_columns_that_are_empty_keep_the_others_in_their_places(tmp_path):
    found, _ = read(book(tmp_path, [[], HEAD, [], [4008001234, "甲"], [], ["x"]]))
    assert [entry.row for entry in found.entries] == [4]
    assert [bad.row for bad in found.bad] == [6]


def test_of_several_sheets_the_one_with_numbers_is_read_or_the_one_named(tmp_path):
    def change(made, _):
        made.create_sheet("说明").append(["怎么填"])

    found, notes = read(book(tmp_path, [HEAD, [4008001234]], change))
    assert len(found.entries) == 1
    assert notes == ["The sheet `Sheet` was read, not the 1 others."]

    def two(made, _):
        second = made.create_sheet("second")
        second.append(["number"])
        second.append([4008001239])

    file = book(tmp_path, [HEAD, [4008001234]], two)
    with pytest.raises(TableError) as error:
        read(file)
    assert error.value.code == "several-sheets"
    assert [entry.number for entry in read(file, "second")[0].entries] == ["4008001239"]
    with pytest.raises(TableError) as error:
        read(file, "third")
    assert error.value.code == "unknown-sheet"


def test_a_hidden_sheet_is_not_chosen(tmp_path):
    def change(made, _):
        old = made.create_sheet("old")
        old.append(["number"])
        old.append([4008001239])
        old.sheet_state = "hidden"

    assert [entry.number for entry in read(book(tmp_path, [HEAD, [4008001234]], change))[0].entries] == ["4008001234"]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"number\n4008001234\n", "no-workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "old-workbook"),
        (b"PK\x03\x04 cut off", "no-workbook"),
        (b"", "no-workbook"),
    ],
)
def test_what_is_no_workbook_is_refused(tmp_path, data, code):
    file = tmp_path / "numbers.xlsx"
    file.write_bytes(data)
    with pytest.raises(TableError) as error:
        read(file)
    assert error.value.code == code


def test_a_zip_that_is_no_workbook_and_a_damaged_sheet_are_refused(tmp_path):
    file = tmp_path / "numbers.xlsx"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("readme.txt", "hello")
    with pytest.raises(TableError) as error:
        read(file)
    assert error.value.code == "no-workbook"
    good = book(tmp_path, [HEAD, *[[4008001234 + n] for n in range(50)]])
    damaged = tmp_path / "damaged.xlsx"
    with zipfile.ZipFile(good) as old, zipfile.ZipFile(damaged, "w") as new:
        for entry in old.infolist():
            data = old.read(entry)
            new.writestr(entry, data[:-200] if entry.filename == "xl/worksheets/sheet1.xml" else data)
    with pytest.raises(TableError) as error:
        read(damaged)
    assert error.value.code == "no-workbook"
