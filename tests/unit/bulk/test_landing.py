"""Rows land in ``numbers.csv`` and ``routes.csv`` all or none, and an export imports back to the same."""

from __future__ import annotations

import contextlib
import io
import os
import tempfile
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from router.bulk import landing as landing_module
from router.bulk.csv_source import CsvSource
from router.bulk.landing import Landing, check, land
from router.bulk.reading import Known, Table, read_table
from router.bulk.source import Source
from router.bulk.target import TargetError, read_target
from router.bulk.writing import write_csv, write_xlsx
from router.bulk.xlsx_source import XlsxSource
from router.configuration import load
from router.configuration.files_on_disk import WriteError
from router.model import Configuration, NumberFacts, Route

pytestmark = pytest.mark.dateless

SETTINGS = "company: 示例科技\n"
LINES = """\
lines:
  bj: { base_number: 010-88880001, trunk: bj }
  sh: { base_number: 021-66660002, trunk: sh }
"""


@pytest.fixture
def folder(tmp_path) -> Path:
    """A configuration whose numbers come as a table."""
    made = tmp_path / "config"
    made.mkdir()
    (made / "line400.yaml").write_text(SETTINGS, encoding="utf-8")
    (made / "lines.yaml").write_text(LINES, encoding="utf-8")
    return made


def quiet(done: int, total: int | None) -> None:
    """Nobody watches."""


def bring(folder: Path, text: str) -> tuple[Table, Landing]:
    file = folder.parent / "table.csv"
    file.write_text(text, encoding="utf-8")
    target = read_target(folder)
    table = read_table(CsvSource(file), target.known, (), quiet)
    landing = land(table, target)
    check(landing)
    return table, landing


def codes(table: Table) -> list[tuple[int, str]]:
    return [(finding.place.line, finding.code) for bad in table.bad for finding in bad.findings]


def test_numbers_and_routes_land_in_their_files(folder):
    _, landing = bring(folder, "number,tier,line,flow\n4008001234,精选,bj,welcome\n4008001235,,sh,\n")
    landing.write()
    assert (folder / "numbers.csv").read_text(encoding="utf-8") == ("number,tier\n400-800-1234,精选\n400-800-1235,\n")
    assert (folder / "routes.csv").read_text(encoding="utf-8") == (
        "number,line,flow\n400-800-1234,bj,welcome\n400-800-1235,sh,\n"
    )
    loaded = load(folder)
    assert loaded.configuration is not None
    assert loaded.configuration.routes["4008001235"].line == "sh"


def test_a_second_import_changes_what_it_names_keeps_the_rest_and_deletes_nothing(folder):
    bring(folder, "number,tier,company,line,flow\n4008001234,精选,甲,bj,welcome\n4008001235,,乙,sh,\n")[1].write()
    _, landing = bring(folder, "number,company,line\n4008001235,丙,bj\n4008001236,丁,sh\n")
    landing.write()
    assert (landing.numbers.added, landing.numbers.changed, landing.numbers.unchanged) == (1, 1, 0)
    assert (folder / "numbers.csv").read_text(encoding="utf-8") == (
        "number,company,tier\n400-800-1234,甲,精选\n400-800-1235,丙,\n400-800-1236,丁,\n"
    )
    assert (folder / "routes.csv").read_text(encoding="utf-8") == (
        "number,line,flow\n400-800-1234,bj,welcome\n400-800-1235,bj,\n400-800-1236,sh,\n"
    )


def test_the_same_table_again_writes_nothing(folder):
    text = "number,tier,line,flow\n4008001234,精选,bj,welcome\n"
    bring(folder, text)[1].write()
    assert bring(folder, text)[1].files == {}


def test_empty_cells_empty_and_a_route_of_which_nothing_is_left_goes(folder):
    bring(folder, "number,company,line,flow\n4008001234,甲,bj,welcome\n4008001235,乙,sh,welcome\n")[1].write()
    bring(folder, "number,company,line,flow\n4008001234,,,\n")[1].write()
    assert (folder / "numbers.csv").read_text(encoding="utf-8") == "number,company\n400-800-1234,\n400-800-1235,乙\n"
    assert (folder / "routes.csv").read_text(encoding="utf-8") == "number,line,flow\n400-800-1235,sh,welcome\n"


def test_what_stands_in_yaml_is_compared_and_never_changed(folder):
    numbers = "numbers:\n  - { number: 400-800-1234, tier: 精选, purchased: 2026-01-01 }  # ours\n"
    routes = "routes:\n  400-800-1234: { line: bj, flow: welcome, rules: [{ when: { share: 5 }, reject: busy }] }\n"
    (folder / "numbers.yaml").write_text(numbers, encoding="utf-8")
    (folder / "routes.yaml").write_text(routes, encoding="utf-8")
    same = "number,tier,company,auto_renew,line,flow\n4008001234,精选,,,bj,welcome\n"
    table, landing = bring(folder, same)
    assert (table.bad, landing.files, landing.numbers.unchanged) == ([], {}, 1)
    table, landing = bring(folder, "number,tier,line,flow\n4008001234,金牌,sh,\n4008001235,,bj,\n")
    assert codes(table) == [(2, "differs-from-yaml")] * 3
    assert "numbers.yaml:2:7" in table.bad[0].findings[0].cure.en
    landing.write()
    assert (folder / "numbers.yaml").read_text(encoding="utf-8") == numbers
    assert (folder / "numbers.csv").read_text(encoding="utf-8") == "number,tier\n400-800-1235,\n"


def test_a_route_for_a_number_of_another_configuration_is_refused(folder):
    bring(folder, "number,company\n4008001234,甲\n")[1].write()
    table, landing = bring(folder, "number,line,flow\n4008001234,bj,welcome\n4006009999,bj,welcome\n")
    assert codes(table) == [(3, "unknown-number")]
    assert [entry.number for entry in table.entries] == ["4008001234"]
    assert landing.routes.added == 1


def test_a_configuration_that_would_not_load_is_left_as_it_is(folder):
    (folder / "routes.yaml").write_text(
        "routes:\n  400-800-1234: { line: bj, flow: welcome, rules: [{ when: { hours: nowhere }, flow: welcome }] }\n",
        encoding="utf-8",
    )
    with pytest.raises(TargetError) as error:
        bring(folder, "number,company\n4008001234,甲\n")
    assert [finding.code for finding in error.value.findings] == ["unknown-name"]
    assert not (folder / "numbers.csv").exists()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("numbers.csv", "number,carrier\n4008001234,nobody\n"),
        ("routes.csv", "number,line\n400,bj\n"),
        ("numbers.yaml", "numbers:\n  - { number: 400 }\n"),
        ("routes.yaml", "routes: [1]\n"),
    ],
)
def test_files_that_cannot_be_understood_are_never_replaced(folder, name, text):
    (folder / name).write_text(text, encoding="utf-8")
    with pytest.raises(TargetError) as error:
        bring(folder, "number,company\n4008001239,甲\n")
    assert error.value.findings[0].place.file == str(folder / name)
    assert (folder / name).read_text(encoding="utf-8") == text


def test_a_file_that_somebody_changed_meanwhile_is_not_overwritten(folder):
    _, landing = bring(folder, "number,company,line\n4008001234,甲,bj\n")
    (folder / "routes.csv").write_text("number,line\n400-800-1239,sh\n", encoding="utf-8")
    with pytest.raises(WriteError) as error:
        landing.write()
    assert "changed meanwhile" in error.value.message.en
    assert sorted(path.name for path in folder.iterdir()) == ["line400.yaml", "lines.yaml", "routes.csv"]


def test_when_the_second_file_cannot_be_replaced_the_first_is_taken_back(folder, monkeypatch):
    bring(folder, "number,company,line\n4008001234,甲,bj\n")[1].write()
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    _, landing = bring(folder, "number,company,line\n4008001234,乙,sh\n4008001235,丙,bj\n")
    replace = os.replace

    def full(source, target):
        if Path(target).name == "routes.csv":
            raise OSError(28, "No space left on device")
        replace(source, target)

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(WriteError) as error:
        landing.write()
    assert "No space left" in error.value.message.en
    monkeypatch.undo()
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_a_folder_that_is_no_configuration_takes_the_tables(tmp_path):
    _, landing = bring(tmp_path / "made", "number,line,flow\n4008001234,anything,welcome\n")
    landing.write()
    assert sorted(path.name for path in (tmp_path / "made").iterdir()) == ["numbers.csv", "routes.csv"]


texts = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff\u2028\u2029\x85"), max_size=12
).map(str.strip)
companies = st.one_of(texts, texts.map("=".__add__), texts.map("'".__add__), st.sampled_from(["+1", "-a", "@x", "＝"]))
facts = st.builds(
    NumberFacts,
    number=st.integers(0, 9_999_999).map("400{:07d}".format),
    company=companies.map(lambda text: text or "示例科技"),
    carrier=st.sampled_from([None, "unicom", "mobile", "telecom"]),
    tier=st.sampled_from(["普通", "精选", "VVIP"]),
    instance=st.sampled_from([None, "中心", "shop-1"]),
    purchased=st.none() | st.dates(date(2000, 1, 1), date(2020, 1, 1)),
    expires=st.none() | st.dates(date(2020, 1, 1), date(2040, 1, 1)),
    auto_renew=st.booleans(),
    state=st.sampled_from([None, "bound", "suspended"]),
)
books = st.lists(facts, max_size=6, unique_by=lambda each: each.number).flatmap(
    lambda numbers: st.builds(
        lambda routes: (numbers, {route.number: route for route in routes if route is not None}),
        st.tuples(
            *(
                st.none()
                | st.builds(
                    Route,
                    number=st.just(each.number),
                    line=st.sampled_from(["bj", "sh"]),
                    flow=st.sampled_from([None, "welcome"]),
                )
                for each in numbers
            )
        ),
    )
)


def bare(configuration: Configuration) -> tuple[object, object]:
    """What numbers and routes are, wherever they stand."""
    numbers = [tuple(getattr(f, key) for key in landing_module.FACTS if key != "usage") for f in configuration.numbers]
    routes = {number: (route.line, route.flow) for number, route in configuration.routes.items()}
    return list(zip((f.number for f in configuration.numbers), numbers, strict=True)), routes


@pytest.mark.parametrize("kind", ["csv", "gb18030", "xlsx"])
@settings(max_examples=15, deadline=None)
@given(books, st.sampled_from(["zh", "en"]))
def test_an_export_imports_back_to_the_same(kind, book, language):
    numbers, routes = book
    before = Configuration(numbers=tuple(numbers), routes=routes)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "config"
        folder.mkdir()
        (folder / "line400.yaml").write_text(SETTINGS, encoding="utf-8")
        (folder / "lines.yaml").write_text(LINES, encoding="utf-8")
        (folder / "routes.yaml").write_text("routes: {}\n", encoding="utf-8")
        stream = io.BytesIO()
        file = Path(name) / f"out.{kind}"
        source: Source
        if kind == "xlsx":
            write_xlsx(stream, before, language, quiet)
            source = XlsxSource(file)
        else:
            encoding = "utf-8-sig" if kind == "csv" else kind
            write_csv(stream, before, language, encoding, quiet)
            source = CsvSource(file, None if kind == "csv" else kind)
        file.write_bytes(stream.getvalue())
        target = read_target(folder)
        table = read_table(source, Known(), (), quiet)
        assert codes(table) == []
        landing = land(table, target)
        landing.write()
        after = load(folder)
        if not numbers:
            return
        assert after.configuration is not None, [finding.message.en for finding in after.findings]
        assert bare(after.configuration) == bare(before)


@pytest.mark.parametrize("renames", [0, 1, 2])
def test_a_process_that_is_killed_between_two_files_leaves_whole_files_and_a_valid_configuration(
    folder: Path, monkeypatch: pytest.MonkeyPatch, renames: int
) -> None:
    bring(folder, "number,company,line,flow\n4008001234,甲,bj,welcome\n")[1].write()
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    table = "number,company,line,flow\n4008001234,乙,sh,welcome\n4008001235,丙,bj,welcome\n"
    _, landing = bring(folder, table)
    replace, done = os.replace, []

    class KilledError(BaseException):
        """Nothing runs after it, as after a kill."""

    def killing(source: str, target: str) -> None:
        if len(done) == renames:
            raise KilledError
        done.append(target)
        replace(source, target)

    monkeypatch.setattr(os, "replace", killing)
    with contextlib.suppress(KilledError):
        landing.write()
    monkeypatch.undo()
    for path in folder.iterdir():
        if path.name in before:
            assert path.read_bytes() in (before[path.name], landing.files.get(path.name))
    assert load(folder).configuration is not None
    bring(folder, table)[1].write()
    assert load(folder).configuration is not None
    assert bring(folder, table)[1].files == {}
