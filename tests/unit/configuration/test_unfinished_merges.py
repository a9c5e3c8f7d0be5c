"""A file in which a merge was not finished is told as that, whatever kind of file it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from ivr_flows import load_flow
from ivr_flows.yaml_source import read_text
from router.configuration import load_files
from tests.unit.configuration.test_route_check_pages import BASE

ROUTES = """\
routes:
  400-800-1234:
<<<<<<< HEAD
    line: bj
||||||| base
    line: cd
=======
    line: sh
>>>>>>> 上海 (move to Shanghai)
    flow: welcome
"""


def codes(files: dict[str, str]) -> list[tuple[str, str, int]]:
    content = {name: text.encode() for name, text in {**BASE, **files}.items()}
    return [(f.place.file, f.code, f.place.line) for f in load_files(content, Path("c")).findings]


def test_a_merge_in_a_yaml_file_is_one_finding_at_its_first_line() -> None:
    assert codes({"routes.yaml": ROUTES}) == [("c/routes.yaml", "merge-conflict", 3)]
    (finding,) = read_text(ROUTES, "routes.yaml").findings
    assert "3 to 9" in finding.message.en
    assert "<<<<<<<" in finding.cure.zh


def test_each_of_several_is_told() -> None:
    text = "a: 1\n" + "<<<<<<< x\nb: 1\n=======\nb: 2\n>>>>>>> y\n" * 3
    assert [finding.place.line for finding in read_text(text, "x.yaml").findings] == [2, 7, 12]


def test_a_merge_in_a_table_or_a_flow_is_told_too() -> None:
    table = "number,line\n<<<<<<< HEAD\n4006005678,bj\n=======\n4006005678,sh\n>>>>>>> other\n"
    files = {"routes.csv": table, "routes.yaml": "routes: {}\n"}
    assert ("c/routes.csv", "merge-conflict", 2) in codes(files)
    _, findings = load_flow("flow: a\n<<<<<<< HEAD\nstart: b\n=======\n>>>>>>> x\nnodes: {}\n", "a.flow.yaml")
    assert [finding.code for finding in findings] == ["merge-conflict"]


@pytest.mark.parametrize(
    "text",
    [
        "a: |\n  <<<<<<< HEAD\n  b\n  >>>>>>> x\n",  # a text about merges
        'a: "<<<<<<< x"\n',
        "# <<<<<<< HEAD\na: 1\n# >>>>>>> x\n",
    ],
)
def test_what_only_looks_like_one_is_none(text: str) -> None:
    assert read_text(text, "x.yaml").findings == []


def test_a_number_that_a_spreadsheet_made_a_fraction_of_is_told_with_what_to_write() -> None:
    content = {name: text.encode() for name, text in BASE.items() if name != "numbers.yaml"}
    content["numbers.csv"] = b"number,company\n4008001234.0,x\n4006005678,y\n"
    finding = next(f for f in load_files(content, Path("c")).findings if f.code == "bad-number")
    assert "fraction" in finding.message.en
    assert "write 4008001234" in finding.cure.en
