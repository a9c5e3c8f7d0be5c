"""Rules, hunting, caps and whatever else a route has go out in one cell and come back the same."""

from __future__ import annotations

import io
import json
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr_flows.schema import Refusal
from router.bulk.csv_source import CsvSource
from router.bulk.landing import Landing, check, land
from router.bulk.options import read_options
from router.bulk.reading import Table, read_table
from router.bulk.target import read_target
from router.bulk.writing import write_csv, write_xlsx
from router.bulk.xlsx_source import XlsxSource
from router.configuration import load
from router.model import NOWHERE, Configuration, Route
from tests.unit.bulk.test_landing import quiet

EXAMPLE = Path(__file__).resolve().parents[3] / "config"


def bare(routes: dict[str, Route]) -> dict[str, Route]:
    """``routes`` wherever they stand."""
    return {
        number: replace(route, place=NOWHERE, rules=tuple(replace(rule, place=NOWHERE) for rule in route.rules))
        for number, route in routes.items()
    }


def loaded(folder: Path) -> Configuration:
    found = load(folder)
    assert found.configuration is not None, [str(f.place) + f.message.en for f in found.findings]
    return found.configuration


def without_numbers(source: Path, folder: Path) -> Path:
    """A copy of the configuration ``source`` with its lists and without numbers and routes."""
    shutil.copytree(source, folder)
    (folder / "numbers.yaml").unlink()
    routes = yaml.safe_load((source / "routes.yaml").read_text("utf-8"))
    rest = {key: value for key, value in routes.items() if key != "routes"}
    (folder / "routes.yaml").write_text(
        "# 名单保留\n" + yaml.safe_dump(rest, allow_unicode=True) if rest else "routes:\n", encoding="utf-8"
    )
    return folder


def bring(folder: Path, configuration: Configuration, kind: str) -> tuple[Table, Landing]:
    stream = io.BytesIO()
    file = folder.parent / f"table.{kind}"
    if kind == "xlsx":
        write_xlsx(stream, configuration, "zh", quiet)
    else:
        write_csv(stream, configuration, None, "utf-8-sig", quiet)
    file.write_bytes(stream.getvalue())
    target = read_target(folder)
    source = XlsxSource(file) if kind == "xlsx" else CsvSource(file)
    table = read_table(source, target.known, (), quiet)
    assert [finding.message.en for bad in table.bad for finding in bad.findings] == []
    landing = land(table, target)
    check(landing)
    return table, landing


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_example_company_comes_back_with_all_its_rules(tmp_path: Path, kind: str) -> None:
    before = loaded(EXAMPLE)
    folder = without_numbers(EXAMPLE, tmp_path / "config")
    _, landing = bring(folder, before, kind)
    landing.write()
    after = loaded(folder)
    assert bare(dict(after.routes)) == bare(dict(before.routes))
    assert [replace(f, place=NOWHERE) for f in after.numbers] == [replace(f, place=NOWHERE) for f in before.numbers]
    assert (folder / "routes.yaml").read_text("utf-8").startswith("# 名单保留\n")
    again = bring(folder, after, kind)[1]
    unchanged = (again.numbers.unchanged, again.routes.unchanged)
    assert (again.files, *unchanged) == ({}, len(before.numbers), len(before.routes))


SMALL = {
    "line400.yaml": "company: x\n",
    "numbers.yaml": "numbers: [{ number: 400-800-1234 }, { number: 400-600-5678 }]\n",
    "lines.yaml": (
        "lines: { bj: { base_number: 010-88880001, trunk: t }, sh: { base_number: 021-66660002, trunk: t } }\n"
    ),
    "calendars.yaml": 'calendars: { office: { open: { workday: ["09:00-18:00"] } } }\n',
    "flows/sales.flow.yaml": "flow: sales\nnodes: { bye: { hangup: normal } }\n",
}
names = st.text(st.characters(categories=("L", "N", "P", "S", "Zs"), exclude_characters="\ufffe\uffff"), min_size=1)
whens = st.one_of(
    st.fixed_dictionaries({"share": st.sampled_from([20, "12.5", 50])}, optional={"by": st.just("call")}),
    st.fixed_dictionaries({"weekday": st.lists(st.sampled_from(["monday", "sunday"]), min_size=1, unique=True)}),
    st.fixed_dictionaries({"caller": st.just({"list": "blocked", "kind": ["mobile", "hidden"]})}),
    st.fixed_dictionaries({"dates": st.just("2027-10-01..2027-10-07"), "hours": st.just("office")}),
)
actions = st.sampled_from(
    [{"reject": "busy"}, {"reject": 21, "announce": "“再见”: 是, 否 #1"}, {"flow": "sales"}, {"line": "sh"}]
)
rules = st.lists(
    st.tuples(st.none() | names.map(str.strip).filter(bool), whens, actions),
    min_size=1,
    max_size=3,
    unique_by=lambda r: r[0],
).map(lambda found: [({"name": n} if n else {}) | {"when": w} | a for n, w, a in found])
options = st.fixed_dictionaries(
    {}, optional={"rules": rules, "max_calls": st.integers(1, 99), "max_calls_per_month": st.integers(1, 9999)}
)


@settings(max_examples=15, deadline=None)
@given(first=options, second=options, kind=st.sampled_from(["csv", "xlsx"]), flow_style=st.booleans())
def test_any_options_come_back_the_same(
    first: dict[str, object], second: dict[str, object], kind: str, flow_style: bool
) -> None:
    with tempfile.TemporaryDirectory() as name:
        source, folder = Path(name) / "source", Path(name) / "config"
        source.mkdir()
        for file, text in SMALL.items():
            (source / file).parent.mkdir(exist_ok=True)
            (source / file).write_text(text, encoding="utf-8")
        routes = {
            "routes": {
                "400-800-1234": {"line": "bj", "flow": "welcome", **first},
                "400-600-5678": {"hunt": {"lines": ["sh", "bj"], "strategy": "circular"}, "flow": "sales", **second},
            },
            "lists": {"blocked": ["13900000000"]},
        }
        (source / "routes.yaml").write_text(yaml.safe_dump(routes, allow_unicode=True), encoding="utf-8")
        before = loaded(source)
        without_numbers(source, folder)
        if flow_style:
            with (folder / "routes.yaml").open("a", encoding="utf-8") as stream:
                stream.write("routes: {}\n")
        bring(folder, before, kind)[1].write()
        assert bare(dict(loaded(folder).routes)) == bare(dict(before.routes))


def test_options_move_a_route_from_the_table_to_the_yaml_file(tmp_path: Path) -> None:
    folder = tmp_path / "config"
    for name, text in SMALL.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    bindings = "number,line,flow\n400-800-1234,bj,welcome\n400-600-5678,sh,sales\n"
    (folder / "routes.csv").write_text(bindings, encoding="utf-8")
    file = tmp_path / "t.csv"
    file.write_text('number,路由规则\n4008001234,"{rules: [{when: {share: 20}, flow: sales}]}"\n', encoding="utf-8")
    target = read_target(folder)
    table = read_table(CsvSource(file), target.known, (), quiet)
    landing = land(table, target)
    check(landing)
    landing.write()
    routes = loaded(folder).routes
    assert (routes["4008001234"].line, routes["4008001234"].flow) == ("bj", "welcome")
    assert routes["4008001234"].rules[0].when is not None
    assert (folder / "routes.csv").read_text("utf-8") == "number,line,flow\n400-600-5678,sh,sales\n"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("[1]", "bad-options"),
        ("{rules: [", "bad-options"),
        ("{flow: sales}", "bad-options"),
        ("{rulez: []}", "unknown-key"),
        ("{max_calls: many}", "bad-value"),
        ("plain", "bad-options"),
    ],
)
def test_what_is_no_rest_of_a_route_is_refused(text: str, code: str) -> None:
    with pytest.raises(Refusal) as error:
        read_options(text)
    assert error.value.code == code


def test_options_are_kept_on_one_line_of_json() -> None:
    kept = read_options("{rules: [{name: 甲\u2028, when: {share: 20}, flow: a}], max_calls: 5}")
    assert json.loads(kept)["max_calls"] == "5"
    assert len(kept.splitlines()) == 1
