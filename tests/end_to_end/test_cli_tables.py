"""``line400 import csv|xlsx`` and ``export csv|xlsx``: numbers in and out of the configuration as one table."""

from __future__ import annotations

import csv
import io

import pytest
from openpyxl import load_workbook

AT = "--at=2026-10-12T10:00"
GOOD = "号码,使用公司,线路,流程\n400-900-0001,甲,bj,service\n400-900-0002,乙,sh,service\n"
BAD = GOOD + "400-900-003,丙,bj,service\n400-900-0004,丁,nowhere,service\n"


def files(cli) -> set[str]:
    return {path.name for path in cli.folder.iterdir() if path.suffix == ".csv"}


def test_an_imported_number_is_called(cli, tmp_path):
    file = tmp_path / "新号码.csv"
    file.write_bytes(GOOD.encode("gb18030"))
    said = cli("import", "csv", str(file), "--json")
    assert said.status == 0
    assert said.json["numbers"] == {"added": 2, "changed": 0, "unchanged": 0}
    assert said.json["imported"] is True
    called = cli("call", "400-900-0002", AT, "--press", "0", "--json").json
    assert (called["called"], called["line"], called["flow"]) == ("4009000002", "sh", "service")


def test_one_bad_row_stops_the_import_and_every_one_is_told(cli, tmp_path):
    file = tmp_path / "t.csv"
    file.write_text(BAD, encoding="utf-8")
    said = cli("import", "csv", str(file), "--json")
    assert said.status == 1
    assert [(f["line"], f["column"], f["code"]) for f in said.json["findings"]] == [
        (4, 1, "bad-number"),
        (5, 3, "unknown-name"),
    ]
    assert (said.json["imported"], said.json["files"], files(cli)) == (False, {}, set())
    shown = cli("import", "csv", str(file), lang="zh")
    assert f"{file}:5:3" in shown.err
    assert "未导入任何内容" in shown.out


def test_bad_rows_are_written_aside_corrected_and_imported(cli, tmp_path):
    file, aside = tmp_path / "t.csv", tmp_path / "bad.csv"
    file.write_text(BAD, encoding="utf-8")
    assert cli("import", "csv", str(file), "--skip-bad", str(aside)).status == 0
    rows = list(csv.reader(io.StringIO(aside.read_text(encoding="utf-8-sig"))))
    assert rows[0] == ["号码", "使用公司", "线路", "流程", "problem"]
    assert [row[:4] for row in rows[1:]] == [
        ["400-900-003", "丙", "bj", "service"],
        ["400-900-0004", "丁", "nowhere", "service"],
    ]
    text = aside.read_text(encoding="utf-8-sig").replace("400-900-003,", "400-900-0003,").replace("丁,nowhere", "丁,sh")
    aside.write_text(text, encoding="utf-8")
    said = cli("import", "csv", str(aside), "--json")
    assert (said.status, said.json["numbers"]["added"]) == (0, 2)
    assert cli("resolve", "400-900-0004", AT, "--json").json["line"] == "sh"


def test_a_dry_run_writes_nothing(cli, tmp_path):
    file = tmp_path / "t.csv"
    file.write_text(BAD, encoding="utf-8")
    said = cli("import", "csv", str(file), "--dry-run", "--skip-bad", str(tmp_path / "bad.csv"))
    assert (said.status, files(cli), (tmp_path / "bad.csv").exists()) == (0, set(), False)


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_an_export_of_the_configuration_changes_nothing_when_it_is_imported(cli, tmp_path, kind, lang):
    file = tmp_path / f"numbers.{kind}"
    assert cli("export", kind, str(file), lang=lang).status == 0
    said = cli("import", kind, str(file), "--json")
    assert (said.status, said.json["files"], said.json["bad"]) == (0, {}, 0)
    assert said.json["numbers"] == {"added": 0, "changed": 0, "unchanged": 4}


def test_a_workbook_for_people_has_texts_only_and_their_names_of_columns(cli, tmp_path):
    file = tmp_path / "n.xlsx"
    cli.write("numbers.csv", 'number,company\n400-900-0001,"=HYPERLINK(""x"")"\n')
    assert cli("export", "xlsx", str(file), lang="zh").status == 0
    sheet = load_workbook(file).active
    assert [cell.value for cell in sheet[1]][:2] == ["400号码", "使用公司"]
    assert {cell.data_type for row in sheet.iter_rows() for cell in row if cell.value is not None} == {"s"}
    assert sheet["B6"].value == '\'=HYPERLINK("x")'


def test_a_csv_goes_to_standard_output_without_a_file(cli):
    said = cli("export", "csv")
    assert said.status == 0
    assert "400-800-1234" in said.out
    assert "黑名单" in said.out


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["import", "csv", "missing.csv"], "file-error"),
        (["import", "xlsx", "missing.xlsx"], "file-error"),
        (["export", "csv", "--encoding", "klingon", "x.csv"], "unknown-encoding"),
        (["export", "csv"], "no-file"),
        (["export", "ccc"], "no-flow"),
        (["import", "ods", "x.ods"], "unknown-format"),
    ],
)
def test_wrong_usage_is_one_message(cli, arguments, code):
    said = cli(*arguments, "--json")
    assert (said.status, said.json["error"]["code"]) == (2, code)


def test_an_encoding_that_cannot_hold_a_text_is_told(cli, tmp_path):
    said = cli("export", "csv", str(tmp_path / "x.csv"), "--encoding", "ascii", "--json")
    assert (said.status, said.json["error"]["code"]) == (2, "wrong-encoding")
    assert not (tmp_path / "x.csv").exists()
