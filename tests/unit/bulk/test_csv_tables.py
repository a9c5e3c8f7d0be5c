"""A CSV file of numbers is read whatever program wrote it, and every bad row is told by row and column."""

from __future__ import annotations

from pathlib import Path

import pytest

from router.bulk.csv_source import CsvSource
from router.bulk.reading import Known, Table, read_table
from router.bulk.source import TableError

HEAD = "number,company,purchased,line,flow\n"
ROW = "400-800-1234,示例科技,2026-09-01,bj,welcome\n"
GOOD = ("示例科技", "2026-09-01", "bj", "welcome")


def read(path: Path, encoding: str | None = None, known: Known | None = None, ignore: tuple[str, ...] = ()) -> Table:
    return read_table(CsvSource(path, encoding), known or Known(), ignore, lambda done, total: None)


def table(tmp_path: Path, data: str | bytes, **options) -> Table:
    file = tmp_path / "numbers.csv"
    file.write_bytes(data if isinstance(data, bytes) else data.encode())
    return read(file, **options)


def faults(found: Table) -> list[tuple[int, int, str]]:
    return [(f.place.line, f.place.column, f.code) for bad in found.bad for f in bad.findings]


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16", "utf-16-le", "utf-16-be", "utf-32"]
)
def test_the_encoding_is_found_out(tmp_path, encoding):
    found = table(tmp_path, (HEAD + ROW).encode(encoding))
    assert [(entry.number, entry.values) for entry in found.entries] == [("4008001234", GOOD)]


def test_a_named_encoding_is_used_and_refused_where_it_does_not_fit(tmp_path):
    big5 = (HEAD + "400-800-1234,範例科技,,,\n").encode("big5")
    assert table(tmp_path, big5, encoding="big5").entries[0].values[0] == "範例科技"
    with pytest.raises(TableError) as error:
        table(tmp_path, (HEAD + ROW).encode("gb18030"), encoding="utf-8")
    assert (error.value.code, error.value.findings[0].place.line) == ("wrong-encoding", 2)


@pytest.mark.parametrize("name", ["klingon", "hex", "rot13", ""])
def test_what_is_no_text_encoding_is_refused(tmp_path, name):
    with pytest.raises(TableError) as error:
        table(tmp_path, HEAD + ROW, encoding=name)
    assert error.value.code == "unknown-encoding"


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|", "，", "；"])
def test_the_delimiter_is_found_out(tmp_path, delimiter):
    found = table(tmp_path, (HEAD + ROW).replace(",", delimiter))
    assert [entry.values for entry in found.entries] == [GOOD]


def test_excels_line_that_names_the_delimiter_is_understood_and_rows_keep_their_numbers(tmp_path):
    found = table(tmp_path, "sep=;\n" + (HEAD + ROW + ",,2026-13-01,,\n").replace(",", ";"))
    assert [entry.row for entry in found.entries] == [3]
    assert {row for row, _, _ in faults(found)} == {4}


def test_chinese_names_of_columns_and_a_title_above_them(tmp_path):
    found = table(tmp_path, "我司400号码清单,,\n号码,使用公司,自动续费\n４００８００１２３４,甲,否\n")
    assert found.columns == ("company", "auto_renew")
    assert [(entry.number, entry.values) for entry in found.entries] == [("4008001234", ("甲", "false"))]


@pytest.mark.parametrize(
    "written",
    [
        "4008001234",
        "400-800-1234",
        "4008001234.0",
        "'4008001234",
        " 4008001234 ",
        "４００８００１２３４",
        "+864008001234",
    ],
)
def test_a_number_as_spreadsheets_leave_it(tmp_path, written):
    assert [entry.number for entry in table(tmp_path, f"number\n{written}\n").entries] == ["4008001234"]


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2026/9/1", "2026-09-01"),
        ("2026年9月1日", "2026-09-01"),
        ("2026.09.01", "2026-09-01"),
        ("2026-9-1", "2026-09-01"),
    ],
)
def test_a_day_as_spreadsheets_write_it(tmp_path, written, day):
    assert table(tmp_path, f"number,purchased\n4008001234,{written}\n").entries[0].values == (day,)


def test_a_text_with_a_quoted_line_break_is_one_cell_and_rows_are_counted_by_lines(tmp_path):
    found = table(tmp_path, 'number,company\n4008001234,"甲\n公司"\n4008001235,乙\n')
    assert [(entry.row, entry.values[0]) for entry in found.entries] == [(2, "甲\n公司"), (4, "乙")]


def test_every_bad_row_is_told_with_every_fault_in_it(tmp_path):
    found = table(
        tmp_path,
        HEAD
        + "400-800,,2026-02-30,,\n"
        + ROW
        + "4008001234,again,,,\n"
        + "4008001235,\x07,,,\n"
        + "4008001236,a,,bj,welcome,more\n",
    )
    assert faults(found) == [
        (2, 1, "bad-number"),
        (2, 3, "bad-date"),
        (4, 1, "duplicate-number"),
        (5, 2, "control-character"),
        (6, 6, "csv-width"),
    ]
    assert len(found.entries) == 1
    assert found.rows == len(found.entries) + len(found.bad)


def test_more_bad_rows_than_anybody_lists_are_all_there(tmp_path):
    found = table(tmp_path, "number,carrier\n" + "".join(f"{4008000000 + n},nobody\n" for n in range(3_000)))
    assert len(found.bad) == 3_000
    assert {bad.findings[0].place.line for bad in found.bad} == set(range(2, 3_002))


def test_a_name_that_the_configuration_lacks_is_a_fault_of_the_cell(tmp_path):
    known = Known({"line": {"bj"}, "flow": {"welcome"}, "instance": set()})
    found = table(tmp_path, HEAD + ROW.replace("bj", "bk"), known=known)
    assert faults(found) == [(2, 4, "unknown-name")]
    assert "bj" in found.bad[0].findings[0].cure.en


def test_an_expiry_before_the_purchase_is_refused(tmp_path):
    found = table(tmp_path, "number,purchased,expires\n4008001234,2026-09-01,2026-08-31\n")
    assert faults(found) == [(2, 3, "expires-before-purchase")]


def test_a_number_that_does_more_than_receive_is_refused_with_the_rule(tmp_path):
    assert faults(table(tmp_path, "number,usage\n4008001234,both\n")) == [(2, 2, "usage-not-inbound")]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty-file"),
        ("company\nx\n", "missing-key"),
        ("number,notes\n4008001234,x\n", "unknown-key"),
        ("number,号码\n4008001234,4008001234\n", "duplicate-key"),
        ('number,company\n4008001234,"open\n4008001235,x\n', "csv-syntax"),
        ('number,company\n4008001234,"a"b\n', "csv-syntax"),
    ],
)
def test_what_is_no_table_is_refused_as_a_whole(tmp_path, text, code):
    with pytest.raises(TableError) as error:
        table(tmp_path, text)
    assert error.value.code == code


def test_a_column_can_be_left_out_and_the_column_of_problems_always_is(tmp_path):
    found = table(tmp_path, "number,备注,problem\n4008001234,x,what was wrong\n", ignore=("备注",))
    assert (found.columns, len(found.entries)) == ((), 1)
