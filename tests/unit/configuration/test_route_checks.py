"""The checks of routes on whole configurations: no noise where nothing is wrong, allowed findings, many of a kind."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from router.app.main import run
from router.configuration import load
from router.configuration.init import Options, write_new
from router.configuration.route_checks import CODES
from router.configuration.route_checks.rules.line_oversold import channels_for, erlangs
from tests.unit.configuration.test_route_check_pages import DAY, written

CONFIG = Path(__file__).resolve().parents[3] / "config"
DAYS = [date(2026, 10, 12), date(2026, 11, 24), date(2027, 2, 6), date(2028, 2, 29)]


def codes(folder: Path, day: date = DAY) -> list[str]:
    return [finding.code for finding in load(folder, at=day, examples=True).findings]


@pytest.mark.parametrize("day", DAYS)
def test_the_company_of_the_example_has_no_finding_about_its_routes(day: date) -> None:
    assert set(codes(CONFIG, day)) & set(CODES) == set()


@pytest.mark.parametrize("day", DAYS)
def test_what_init_writes_has_no_finding_about_its_routes(day: date, tmp_path: Path) -> None:
    write_new(tmp_path / "config", Options(company="我的", number="4006001234", base_number="0571-88880001"))
    assert set(codes(tmp_path / "config", day)) & set(CODES) == set()


def rules(*written: str) -> dict[str, str]:
    lines = "".join(f"      {line}\n" for line in written)
    return {"routes.yaml": f"routes:\n  400-800-1234:\n    line: bj\n    flow: welcome\n    rules:\n{lines}"}


TWO = ("- { name: 周末, when: { weekday: [saturday, sunday] }, flow: sales }",)
SHADOW = "- { name: 周六, when: { weekday: saturday }, flow: welcome }"


def test_a_finding_is_allowed_with_a_reason_on_its_line_or_above(tmp_path: Path) -> None:
    assert "rule-never-matches" in codes(written(tmp_path / "a", rules(*TWO, SHADOW)))
    above = rules(*TWO, "# line400: allow rule-never-matches because it returns in spring", SHADOW)
    assert "rule-never-matches" not in codes(written(tmp_path / "b", above))
    beside = rules(*TWO, f"{SHADOW}  # line400: allow rule-never-matches 因为：春季恢复")
    assert "rule-never-matches" not in codes(written(tmp_path / "c", beside))


def test_a_comment_without_a_reason_or_without_a_finding_is_told(tmp_path: Path) -> None:
    silent = rules(*TWO, "# line400: allow rule-never-matches", SHADOW)
    assert {"rule-never-matches", "allow-without-reason"} <= set(codes(written(tmp_path / "a", silent)))
    idle = rules("# line400: allow rule-never-matches because of nothing", *TWO)
    assert "allow-unused" in codes(written(tmp_path / "b", idle))


def test_a_company_sets_the_severity_of_a_check_for_all_files_or_for_some(tmp_path: Path) -> None:
    def found(name: str, lint: str) -> list[str]:
        files = {**rules(*TWO, SHADOW), "line400.yaml": f"company: x\nlint: {lint}\n"}
        folder = written(tmp_path / name, files)
        return [f.severity for f in load(folder, at=DAY, examples=True).findings if f.code == "rule-never-matches"]

    assert found("a", "{ rules: { rule-never-matches: error } }") == ["error"]
    assert found("b", "{ rules: { rule-never-matches: off } }") == []
    assert found("c", "{ files: { routes.yaml: { rule-never-matches: info } } }") == ["info"]
    assert found("d", "{ files: { other.yaml: { rule-never-matches: info } } }") == ["warning"]
    folder = written(tmp_path / "e", {"line400.yaml": "company: x\nlint: { rules: { rule-never-match: off } }\n"})
    (finding,) = [f for f in load(folder, at=DAY).findings if f.code == "unknown-rule"]
    assert "`rule-never-matches`" in finding.cure.en


def test_an_error_cannot_be_allowed(tmp_path: Path) -> None:
    files = rules("# line400: allow unknown-name because it comes later", "- { name: a, flow: nowhere }")
    assert "unknown-name" in codes(written(tmp_path, files))


def test_a_number_that_nobody_reaches_is_shown_by_a_call(tmp_path: Path) -> None:
    folder = written(tmp_path, {"routes.yaml": "routes:\n  400-800-1234: { line: bj, flow: welcome }\n"})
    (finding,) = [f for f in load(folder, at=DAY, examples=True).findings if f.code == "number-not-routed"]
    assert finding.counter_example == "line400 call 400-600-5678 --at 2026-11-24T12:00 --no-store"


@pytest.mark.parametrize(("expires", "code"), [("2026-12-31", "expires-soon"), ("2026-10-31", "expired")])
def test_a_number_that_expires_is_shown_by_a_call_that_fails(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], expires: str, code: str
) -> None:
    numbers = (
        f"numbers:\n  - {{ number: 400-800-1234, purchased: 2026-01-01, expires: {expires}, auto_renew: false }}\n"
        "  - { number: 400-600-5678, purchased: 2026-01-01 }\n"
    )
    folder = written(tmp_path, {"numbers.yaml": numbers})
    (finding,) = [f for f in load(folder, at=DAY, examples=True).findings if f.code == code]
    assert finding.counter_example is not None
    assert run(["--config", str(folder), "--json", *finding.counter_example.split()[1:]], {}) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["outcome"], said["fault"]["code"]) == ("no_route", "expired")


def test_many_of_a_kind_are_counted(tmp_path: Path) -> None:
    lines = "".join(f"  l{n}: {{ base_number: 010-8888{n:04d}, trunk: t }}\n" for n in range(1000, 1080))
    base = "lines:\n  bj: { base_number: 010-88880001, trunk: t }\n  sh: { base_number: 021-66660002, trunk: t }\n"
    found = load(written(tmp_path, {"lines.yaml": base + lines}), at=DAY, examples=True).findings
    assert [finding.code for finding in found].count("unused-line") == 50
    (more,) = [finding for finding in found if finding.code == "more-findings"]
    assert more.message.en.startswith("31 more")


@pytest.mark.parametrize(("offered", "channels"), [(0.0, 0), (0.24, 3), (1.0, 5), (10.0, 18), (100.0, 117)])
def test_channels_are_those_of_erlangs_table_for_one_call_in_a_hundred(offered: float, channels: int) -> None:
    assert channels_for(offered) == channels


def test_tiers_stand_for_traffic() -> None:
    assert round(erlangs("普通"), 2) == 0.24
    assert round(erlangs("VVIP"), 1) == 12.6


def test_a_log_for_code_hosts_names_the_page_of_each_check(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder, log = written(tmp_path / "config", rules(*TWO, SHADOW)), tmp_path / "log.sarif"
    assert run(["--config", str(folder), "check", str(folder), "--at", "2026-11-24", "--sarif", str(log)], {}) == 1
    capsys.readouterr()
    driver = json.loads(log.read_text("utf-8"))["runs"][0]["tool"]["driver"]
    pages = {rule["id"]: rule.get("help", {}).get("text") for rule in driver["rules"]}
    assert pages["rule-never-matches"] == "docs/rules/routes/rule-never-matches.md"
