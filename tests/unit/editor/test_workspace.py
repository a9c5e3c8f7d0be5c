"""Names across the files of a configuration: from each to what defines it, and another name for it everywhere."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from ivr_flows.schema import Refusal
from router.book import RouteBook
from router.configuration import load
from router.editor.names import Named
from router.editor.workspace import Renaming, Workspace
from simulator.scenarios.running import run_scenarios

ROOT = Path(__file__).resolve().parents[3]
DAY = date(2026, 10, 12)


@pytest.fixture
def company(tmp_path: Path) -> Path:
    return Path(shutil.copytree(ROOT / "config", tmp_path / "config"))


def named(folder: Path, file: str, mark: str, inside: int = 0) -> tuple[Named, Path]:
    path = folder / file
    text = path.read_text("utf-8")
    before = text[: text.index(mark) + inside]
    line = before.rpartition("\n")[2]
    found = Workspace().name_at(path, text, before.count("\n"), len(line), {})
    assert found is not None, mark
    return found, path


def apply(renaming: Renaming) -> None:
    for path, edits in renaming.edits.items():
        lines = path.read_text("utf-8").split("\n")
        for span, written in sorted(edits, reverse=True):
            lines[span.line] = lines[span.line][: span.start] + written + lines[span.line][span.end :]
        path.write_text("\n".join(lines), "utf-8")
    if renaming.moved:
        renaming.moved[0].rename(renaming.moved[1])


RENAMED = [
    ("flows/service.flow.yaml", "flow: service", 6, "客服热线"),
    ("flows/holiday.flow.yaml", "  duty:", 2, "值班"),
    ("flows/holiday.flow.yaml", "  notice:", 2, "hear, this"),
    ("routes.yaml", "flow: sales", 6, "verkauf"),
    ("routes.yaml", "hours: office", 7, "buero"),
    ("routes.yaml", "list: blocked", 6, "null"),
    ("routes.yaml", "line: sh-telecom", 6, "shanghai"),
    ("queues.yaml", "support:", 0, "helpers"),
    ("calendars.yaml", "  shop:", 2, "laden"),
    ("lines.yaml", "trunk: ", 7, "erster"),
]  # fmt: skip


@pytest.mark.parametrize(("file", "mark", "inside", "name"), RENAMED, ids=[f"{f} {m}" for f, m, _, _ in RENAMED])
def test_a_configuration_does_the_same_under_another_name(
    company: Path, file: str, mark: str, inside: int, name: str
) -> None:
    before = load(company, at=DAY)
    found, path = named(company, file, mark, inside)
    places = Workspace().all_of(found, path, {})
    apply(Workspace().rename(found, name, path, {}))
    after = load(company, at=DAY)
    assert after.configuration is not None, [finding.as_text() for finding in after.findings]
    assert [finding.code for finding in after.findings] == [finding.code for finding in before.findings]
    routes = company / "routes.yaml"
    renamed = [one for names in Workspace().names(routes, {}).values() for one in names if one.name == name]
    assert [(one.kind, one.scope) for one in renamed] == [(found.kind, found.scope)] * len(places)
    report = run_scenarios([company / "scenarios"], RouteBook.compile(after.configuration))
    assert [result.name for result in report.results if not result.ok] == []


def test_every_name_of_the_company_leads_to_what_defines_it(company: Path) -> None:
    workspace = Workspace()
    names = workspace.names(company / "routes.yaml", {})
    defined = {one.thing for found in names.values() for one in found if one.defines}
    kinds = {one.kind for found in names.values() for one in found}
    assert kinds >= {"flow", "node", "queue", "calendar", "line", "trunk", "list", "instance", "box"}
    packaged = {("flow", "", "welcome"), ("queue", "", "default"), ("box", "", "general")}
    assert {one.thing for found in names.values() for one in found} - defined <= packaged | {
        ("node", "welcome", "greeting"),
        ("node", "welcome", "admit"),
        ("node", "welcome", "bye"),
    }


def test_a_node_of_a_subflow_is_named_by_its_path(company: Path) -> None:
    (company / "flows" / "inner.flow.yaml").write_text(
        "flow: inner\nnodes:\n  ask: { menu: 请按1。, on: { 1: out, no_input: out } }\n  out: { return: ok }\n", "utf-8"
    )
    (company / "flows" / "outer.flow.yaml").write_text(
        "flow: outer\nnodes:\n  more: { subflow: inner, on: { failed: bye } }\n  bye: { hangup: }\n", "utf-8"
    )
    scenario = company / "scenarios" / "outer.scenario.yaml"
    scenario.write_text(
        "scenario: s\ncall: { to: 400-800-1234, at: 2026-10-12T10:00:00+08:00 }\n"
        'expect: { flow: outer, path: [more, more/ask, "more/out"] }\n',
        "utf-8",
    )
    found, path = named(company, "flows/inner.flow.yaml", "  ask:", 2)
    renaming = Workspace().rename(found, "frage", path, {})
    assert len(renaming.edits[scenario]) == 1
    apply(renaming)
    found, path = named(company, "flows/outer.flow.yaml", "  more:", 2)
    apply(Workspace().rename(found, "weiter", path, {}))
    assert '[weiter, weiter/frage, "weiter/out"]' in scenario.read_text("utf-8")
    found, path = named(company, "flows/inner.flow.yaml", "  frage:", 2)
    with pytest.raises(Refusal, match="would need quotes"):
        Workspace().rename(found, "a, b", path, {})


def test_words_of_sentences_are_renamed(company: Path) -> None:
    invariants = company / "invariants.yaml"
    found, path = named(company, "queues.yaml", "sales:", 0)
    apply(Workspace().rename(found, "verkauf", path, {}))
    text = invariants.read_text("utf-8")
    assert "进入队列 verkauf\n" in text
    assert "queue: [support, verkauf, repair]" in text
    (company / "invariants.yaml").write_text(
        "invariants:\n  - never: a caller on list blocked reaches queue support while office is closed\n", "utf-8"
    )
    kinds = {(one.kind, one.name) for one in Workspace().names(invariants, {})[invariants]}
    assert kinds == {("list", "blocked"), ("queue", "support"), ("calendar", "office")}


def test_a_text_is_renamed_in_its_flow_alone(company: Path) -> None:
    flow = company / "flows" / "two.flow.yaml"
    flow.write_text(
        "flow: two\ntexts: { hello: { zh-CN: 您好, en: Hello } }\n"
        'nodes:\n  say: { play: "{{ texts.hello }}{{ texts.hello }}" }\n',
        "utf-8",
    )
    found, path = named(company, "flows/two.flow.yaml", "hello")
    renaming = Workspace().rename(found, "greeting", path, {})
    assert list(renaming.edits) == [flow]
    apply(renaming)
    assert flow.read_text("utf-8").count("texts.greeting") == 2
    with pytest.raises(Refusal):
        Workspace().rename(*named(company, "flows/two.flow.yaml", "greeting")[:1], "no name", flow, {})


def test_flows_in_a_table_of_routes_are_renamed(company: Path) -> None:
    table = company / "routes.csv"
    table.write_text("number,line,flow\n400-811-0001, sh-telecom ,sales\n400-811-0002,sh-telecom,holiday\n", "utf-8")
    found, path = named(company, "flows/sales.flow.yaml", "flow: sales", 6)
    apply(Workspace().rename(found, "verkauf", path, {}))
    assert table.read_text("utf-8").splitlines()[1] == "400-811-0001, sh-telecom ,verkauf"


def test_a_scenario_whose_flow_is_not_clear_is_left_alone(company: Path) -> None:
    scenario = company / "scenarios" / "open.scenario.yaml"
    scenario.write_text(
        "scenario: s\ncall: { to: 010-88880001, at: 2026-10-12T10:00:00+08:00 }\nexpect: { path: [bye] }\n", "utf-8"
    )
    names = Workspace().names(scenario, {})[scenario]
    assert [one for one in names if one.kind == "node"] == []


@pytest.mark.parametrize(
    ("mark", "name", "why"),
    [
        ("flow: sales", "service", "There is a flow `service` already"),
        ("flow: welcome", "start", "not defined in this configuration"),
        ("flow: sales", "a/b", "cannot be a name"),
        ("flow: sales", " ", "cannot be a name"),
    ],
)
def test_what_cannot_be_is_refused(company: Path, mark: str, name: str, why: str) -> None:
    found, path = named(company, "routes.yaml", mark, 6)
    with pytest.raises(Refusal) as caught:
        Workspace().rename(found, name, path, {})
    assert why in caught.value.message.en
    assert caught.value.message.zh != caught.value.message.en
