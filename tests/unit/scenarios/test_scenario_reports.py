"""Reports of a run: JSON, text, JUnit XML and the HTML page, and the exit status."""

from __future__ import annotations

import asyncio
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest

from router.book import RouteBook
from router.record import CallRecord
from simulator.call import TestCall
from simulator.parties import AgentScript, TargetScript
from simulator.scenarios import Report, as_html, as_junit, as_text, load_text, run_over, run_scenarios, run_virtually
from simulator.script import CallerScript
from simulator.virtual import run_virtual

from .company import scenario

HOSTILE = '<script>alert(1)</script> & \\x07 "q"'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "good.scenario.yaml").write_text(scenario("好的", "hears: 欢迎", "presses: 0"), encoding="utf-8")
    (tmp_path / "wrong.scenario.yaml").write_text(scenario("错的", "hears: 停电"), encoding="utf-8")
    return tmp_path


def report_on(book: RouteBook, text: str) -> Report:
    return run_virtually(load_text(text, "x.scenario.yaml"), book, seed=5)


def test_the_json_form(book: RouteBook, folder: Path) -> None:
    document = run_scenarios([folder], book, seed=5).as_json()
    assert {key: document[key] for key in ("passed", "failed", "seed")} == {"passed": 1, "failed": 1, "seed": 5}
    scenarios = document["scenarios"]
    assert isinstance(scenarios, list)
    for entry in scenarios:
        assert list(entry) == ["name", "file", "line", "ok", "expected", "heard", "path", "message"]
    good, wrong = scenarios
    assert (good["name"], good["ok"], good["expected"], good["message"], good["line"]) == ("好的", True, None, None, 1)
    assert (wrong["name"], wrong["ok"], wrong["expected"], wrong["line"]) == ("错的", False, "hears: 停电", 4)
    assert wrong["file"] == str(folder / "wrong.scenario.yaml")


def test_the_exit_status(book: RouteBook, folder: Path) -> None:
    assert run_scenarios([folder / "good.scenario.yaml"], book).exit_status == 0
    assert run_scenarios([folder], book).exit_status == 1
    (folder / "unreadable.scenario.yaml").write_text("scenario: x\n", encoding="utf-8")
    assert run_scenarios([folder], book).exit_status == 2


def test_a_file_that_cannot_be_read_is_in_every_report(book: RouteBook, folder: Path) -> None:
    (folder / "a.scenario.yaml").write_text("scenario: x\ncall: { to: 400-800-1234 }\n", encoding="utf-8")
    report = run_scenarios([folder], book)
    assert (report.passed, report.failed) == (1, 2)
    assert [finding.code for finding in report.findings] == ["missing-key"]
    for shown in (as_text(report), as_junit(report), as_html(report, "en"), str(report.as_json())):
        assert "a.scenario.yaml" in shown
        assert "never reads the clock" in shown


def test_selection_by_name_tag_and_file(book: RouteBook, folder: Path) -> None:
    (folder / "tagged.scenario.yaml").write_text(
        scenario("另一个", "hears: 欢迎", more="tags: [假期]\n"), encoding="utf-8"
    )
    for words, names in (("好", ["好的"]), ("假期", ["另一个"]), ("WRONG", ["错的"]), ("没有", [])):
        assert [result.name for result in run_scenarios([folder], book, select=words).results] == names


def test_the_text_form(book: RouteBook, folder: Path) -> None:
    report = run_scenarios([folder], book, seed=5)
    lines = as_text(report).splitlines()
    assert lines[0] == "ok   好的"
    assert lines[1] == "FAIL 错的"
    assert lines[2].endswith("wrong.scenario.yaml:4:5  step 1 of 1")
    assert lines[-1] == "1 passed, 1 failed (on virtual, seed 5)"
    assert "ok   好的" not in as_text(report, verbose=False)
    assert as_text(report, "zh").splitlines()[-1] == "1 个通过，1 个失败（方式 virtual，种子 5）"


def test_junit_is_xml_that_holds_hostile_names(book: RouteBook) -> None:
    text = scenario(f'"{HOSTILE.replace(chr(34), chr(92) + chr(34))}"', "hears: 停电", "hangs_up:")
    xml = as_junit(report_on(book, text))
    suite = ElementTree.fromstring(xml.encode()).find("testsuite")
    assert suite is not None
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("1", "1", "0")
    case = suite.find("testcase")
    assert case is not None
    assert case.get("name") == HOSTILE.replace("\\x07", "\ufffd")
    assert (case.get("file"), case.get("line"), case.get("classname")) == ("x.scenario.yaml", "4", "x")
    failure = case.find("failure")
    assert failure is not None
    assert "hears: 停电" in (failure.get("message") or "")
    assert "path      greeting → menu → bye" in (failure.text or "")


class Tags(HTMLParser):
    """The elements of a page and the addresses that they load."""

    def __init__(self) -> None:
        super().__init__()
        self.names: list[str] = []
        self.loaded: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)
        self.loaded.extend(value or "" for name, value in attrs if name in ("src", "href"))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_is_self_contained_and_escaped(book: RouteBook, language: str) -> None:
    text = scenario(f'"{HOSTILE.replace(chr(34), chr(92) + chr(34))}"', "hears: <b>停电</b>")
    page = as_html(report_on(book, text), "zh" if language == "zh" else "en")
    tags = Tags()
    tags.feed(page)
    assert "script" not in tags.names
    assert "b" in tags.names  # the page's own sums
    assert tags.loaded == []
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp;" in page
    assert "hears: &lt;b&gt;停电&lt;/b&gt;" in page


def test_failed_scenarios_come_first_on_the_page(book: RouteBook, folder: Path) -> None:
    page = as_html(run_scenarios([folder], book), "en")
    assert page.index("错的") < page.index("好的")


async def test_another_way_of_placing_calls_gives_the_same_results_in_order(book: RouteBook, folder: Path) -> None:
    from simulator.scenarios import load_files

    running = 0
    most = 0

    async def place(call: TestCall, caller: CallerScript, agents: AgentScript, targets: TargetScript) -> CallRecord:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0)
        running -= 1
        return run_virtual(book, call, caller, agents, targets)

    for number in range(6):
        (folder / f"more{number}.scenario.yaml").write_text(scenario(f"第{number}个", "presses: 1"), encoding="utf-8")
    loaded = load_files([folder])
    report = await run_over(loaded, book.zone, place, on="switch", n=3)
    assert report.as_json()["scenarios"] == run_virtually(loaded, book).as_json()["scenarios"]
    assert report.on == "switch"
    assert most == 3


def test_a_way_that_is_not_handed_in_is_a_fault_of_the_program(book: RouteBook, folder: Path) -> None:
    with pytest.raises(TypeError, match="switch"):
        run_scenarios([folder], book, on="switch")
