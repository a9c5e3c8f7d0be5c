"""The company in ``config/`` is complete, and passes the check on any day."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from router.book import RouteBook
from router.configuration import Loaded, load
from router.model import Configuration
from router.resolution import Inbound

FOLDER = Path(__file__).resolve().parents[3] / "config"
MONDAY_MORNING = 1791770400.0  # 2026-10-12T10:00+08:00


@pytest.fixture(scope="module")
def loaded() -> Loaded:
    return load(FOLDER)


@pytest.fixture(scope="module")
def company(loaded: Loaded) -> Configuration:
    assert loaded.configuration is not None
    return loaded.configuration


@pytest.mark.parametrize("days", [0, 30, 400, 3_000])
def test_it_passes_the_check_today_and_later(days: int) -> None:
    findings = load(FOLDER, at=date(2026, 11, 24) + timedelta(days=days)).findings
    assert [finding.as_text() for finding in findings if finding.severity != "info"] == []


def test_it_is_a_company_as_real_ones_are(company: Configuration) -> None:
    assert len(company.numbers) >= 6
    assert {facts.carrier for facts in company.numbers} == {"unicom", "mobile", "telecom"}
    assert len({facts.tier for facts in company.numbers}) >= 4
    assert len(company.lines) == 5
    assert len({line.province for line in company.lines.values()}) >= 3
    assert len(company.flow_sources) >= 6
    assert len(company.calendars) == 2
    shared = [route.line for route in company.routes.values() if route.line == "bj-unicom"]
    assert len(shared) == 2


def test_carriers_agree_with_the_first_digits(loaded: Loaded) -> None:
    assert "carrier-differs-from-prefix" not in {finding.code for finding in loaded.findings}


def test_one_number_is_unbound_and_one_not_routed(loaded: Loaded) -> None:
    told = {(finding.code, finding.message.en[:12]) for finding in loaded.findings}
    assert told == {("number-unbound", "400-000-1357"), ("number-not-routed", "400-678-2000")}


@pytest.mark.parametrize(
    ("dialled", "caller", "flow", "rule", "line"),
    [
        ("400-800-1234", "13800138000", "welcome", "default", "bj-unicom"),
        ("400-800-1234", "021-66668888", "sales", "上海来电", "sh-telecom"),
        ("400-800-1234", "13900000000", None, "黑名单", "bj-unicom"),
        ("400-600-5678", "13800138000", "service", "default", "bj-unicom"),
        ("400-700-2468", "028-88886666", "promotion", "西南来电", "cd-unicom"),
        ("400-900-8888", "13800138000", "sales", "default", "sh-telecom"),
    ],
)
def test_calls_go_where_its_files_say(
    company: Configuration, dialled: str, caller: str, flow: str | None, rule: str, line: str
) -> None:
    found = RouteBook.compile(company).resolve(Inbound(dialled, caller, MONDAY_MORNING))
    assert (found.flow, found.rule, found.line) == (flow, rule, line)


@pytest.mark.parametrize(("number", "code"), [("400-000-1357", "unbound"), ("400-678-2000", "not_routed")])
def test_numbers_not_in_service_say_why(company: Configuration, number: str, code: str) -> None:
    found = RouteBook.compile(company).resolve(Inbound(number, "13800138000", MONDAY_MORNING))
    assert found.fault is not None
    assert found.fault.code == code
