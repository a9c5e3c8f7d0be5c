"""What Windows editors and spreadsheets make of a configuration is named with its cure."""

from __future__ import annotations

from pathlib import Path

import pytest

from ivr_flows.findings import Finding
from router.configuration import load, load_files
from router.configuration.init import Options, write_new

MINE = Options("示例科技", "400-820-8888", "021-66668888")


def company(tmp_path: Path) -> Path:
    write_new(tmp_path / "mine", MINE)
    return tmp_path / "mine"


@pytest.mark.parametrize(
    ("name", "proper"),
    [
        ("routes.yaml.txt", "routes.yaml"),
        ("numbers.xlsx", "numbers.csv"),
        ("flows/service.flow.yaml.txt", "flows/service.flow.yaml"),
    ],
)
def test_a_file_saved_under_a_longer_name_is_reported(tmp_path: Path, name: str, proper: str) -> None:
    folder = company(tmp_path)
    (folder / name).write_bytes(b"x")
    (found,) = load(folder).findings
    assert (found.severity, found.code) == ("warning", "unknown-file")
    assert proper in found.cure.zh


@pytest.mark.parametrize("name", ["notes.txt", "numbers.yaml~", "numbers.yaml.bak", "README.md", "prices.xlsx"])
def test_notes_and_backups_are_left_alone(tmp_path: Path, name: str) -> None:
    folder = company(tmp_path)
    (folder / name).write_bytes(b"x")
    assert load(folder).findings == []


def findings_of(tmp_path: Path, table: str) -> list[Finding]:
    folder = company(tmp_path)
    files = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*.yaml")}
    del files["numbers.yaml"]
    content = {name: data for name, data in files.items() if not name.startswith("scenarios/")}
    return load_files({**content, "numbers.csv": table.encode()}, folder).findings


@pytest.mark.parametrize("mark", [";", "\t", "，"])
def test_a_table_with_other_separators_says_so_once(tmp_path: Path, mark: str) -> None:
    (found,) = findings_of(tmp_path, f"number{mark}company\n4008208888{mark}示例\n")
    assert (found.code, found.place.line, found.place.column) == ("csv-syntax", 1, 7)
    assert "半角逗号" in found.cure.zh


def test_a_number_cut_by_a_spreadsheet_says_so(tmp_path: Path) -> None:
    found = next(item for item in findings_of(tmp_path, "number\n4.00821E+09\n") if item.code == "bad-number")
    assert "科学计数" in found.message.zh
    assert "text" in found.cure.en
