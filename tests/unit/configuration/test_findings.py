"""Every fault of a configuration is a finding with its place, its code and a cure, in both languages."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from ivr_flows.findings import Finding
from router.configuration import load_files
from router.model import Trunk

BASE = Path("config")


def broken(files: dict[str, bytes], file: str, old: str, new: str) -> dict[str, bytes]:
    text = files[file].decode()
    assert text.count(old) >= 1, f"{old!r} is not in {file}"
    return {**files, file: text.replace(old, new, 1).encode()}


def only(findings: list[Finding], severity: str = "error") -> Finding:
    chosen = [finding for finding in findings if finding.severity == severity]
    assert len(chosen) == 1, [finding.as_text() for finding in findings]
    return chosen[0]


def test_the_good_configuration_has_no_finding(files: dict[str, bytes]) -> None:
    loaded = load_files(files, BASE)
    assert loaded.findings == []
    assert loaded.configuration is not None


# file, what is replaced, by what, code, line:column, a word of the cure
ERRORS = [
    ("line400.yaml", "company: 示例科技", "compny: 示例科技", "unknown-key", "1:1", "company"),
    ("line400.yaml", "company: 示例科技", "timezone: Asia/Shangai", "bad-time-zone", "1:1", "Asia/Shanghai"),
    ("line400.yaml", "company: 示例科技", "store: mysql://x/y", "bad-store-url", "1:1", "sqlite:///"),
    ("line400.yaml", "company: 示例科技", "api: { port: 70000 }", "bad-value", "1:8", "≤ 65535"),
    ("line400.yaml", "company: 示例科技", "api: { host: 'a b' }", "bad-host", "1:8", "127.0.0.1"),
    ("line400.yaml", "company: 示例科技", "asterisk: { secret: x }", "unknown-key", "1:13", "secret_env"),
    ("line400.yaml", "company: 示例科技", "asterisk: { secret_env: hunter2! }", "bad-variable", "1:13", "variable"),
    ("line400.yaml", "company: 示例科技", "- company", "bad-value", "1:1", "company:"),
    ("numbers.yaml", "400-600-5678", "400-600-567", "bad-number", "5:5", ""),
    ("numbers.yaml", "400-600-5678", "400-600-56789", "bad-number", "5:5", ""),
    ("numbers.yaml", "400-600-5678", "400-600-5678转12", "bad-number", "5:5", "400-600-5678"),
    ("numbers.yaml", "    carrier: telecom", "    usage: outbound", "usage-not-inbound", "3:5", "inbound"),
    ("numbers.yaml", "    carrier: telecom", "    carrier: telcom", "bad-value", "3:5", "telecom"),
    ("numbers.yaml", "    carrier: telecom", "    tier: 黄金", "bad-value", "3:5", "普通"),
    ("numbers.yaml", "    carrier: telecom", "    tire: 普通", "unknown-key", "3:5", "tier"),
    ("numbers.yaml", "    carrier: telecom", "    state: bond", "bad-value", "3:5", "bound"),
    ("numbers.yaml", "    carrier: telecom", "    purchased: 2026-13-01", "bad-date", "3:5", "2026-10-01"),
    ("numbers.yaml", "    carrier: telecom", "    auto_renew: maybe", "bad-value", "3:5", "true or false"),
    ("numbers.yaml", "instance: center", "instance: centre", "unknown-name", "4:5", "center"),
    ("numbers.yaml", "- number: 400-600-5678", "- company: x", "missing-key", "5:5", "number"),
    (
        "numbers.yaml",
        "  - number: 400-600-5678",
        "  - number: 400-600-5678\n  - number: 4006 005 678",
        "duplicate-number",
        "6:5",
        "Keep one",
    ),
    (
        "numbers.yaml",
        "    carrier: telecom",
        "    purchased: 2026-02-01\n    expires: 2026-01-01",
        "expires-before-purchase",
        "2:5",
        "dates",
    ),
    ("lines.yaml", "010-88880001", "400-600-5678", "base-number-is-400", "3:5", "landing number"),
    ("lines.yaml", "010-88880001", "88880001", "bad-base-number", "3:5", "010-88880001"),
    ("lines.yaml", "021-66660002", "010 8888 0001", "base-number-shared", "9:5", "several 400 numbers"),
    ("lines.yaml", "province: 北京", "province: 北平", "bad-province", "4:5", "北京"),
    ("lines.yaml", "overflow: sh", "overflow: shh", "unknown-name", "6:15", "sh"),
    ("lines.yaml", "overflow: sh", "overflow: bj", "overflow-cycle", "6:5", "nowhere"),
    (
        "lines.yaml",
        "021-66660002\n    trunk: t1",
        "021-66660002\n    trunk: t1\n    overflow: bj",
        "overflow-cycle",
        "11:5",
        "nowhere",
    ),
    (
        "lines.yaml",
        "default_number: 400-800-1234",
        "default_number: 400-800-1235",
        "unknown-number",
        "7:5",
        "400-800-1234",
    ),
    ("lines.yaml", "    province: 北京", "    channels: 0", "bad-value", "4:5", "≥ 1"),
    ("lines.yaml", "    province: 北京", "    fallback: { }", "bad-fallback", "4:5", "announce"),
    (
        "lines.yaml",
        "    province: 北京",
        "    fallback: { announce: 忙, number: 010-88880009 }",
        "bad-fallback",
        "4:5",
        "or",
    ),
    ("lines.yaml", "  sh:\n    base_number: 021-66660002", "  sh:", "missing-key", "8:3", "base_number"),
    ("trunks.yaml", "peer: 127.0.0.1", "codecs: [alow]", "bad-value", "2:18", "alaw"),
    ("trunks.yaml", "peer: 127.0.0.1", "original_called: [diverson]", "bad-value", "2:27", "diversion"),
    ("trunks.yaml", "peer: 127.0.0.1", "per: x", "unknown-key", "2:9", "peer"),
    ("queues.yaml", 'agents: ["1001"]', "strategy: longest", "bad-value", "2:14", "longest_idle"),
    ("queues.yaml", 'agents: ["1001"]', "wrap_up: soon", "bad-duration", "2:14", "5s"),
    ("queues.yaml", "queue: support", "queue: suport", "unknown-name", "6:20", "support"),
    ("queues.yaml", "max: 60s", "max: 0", "bad-duration", "4:14", "120s"),
    (
        "routes.yaml",
        "    line: bj\n    flow: welcome",
        "    line: bjj\n    flow: welcome",
        "unknown-name",
        "3:11",
        "bj",
    ),
    ("routes.yaml", "flow: welcome", "flow: welcom", "unknown-name", "4:11", "welcome"),
    ("routes.yaml", "flow: welcome", "flows: welcome", "unknown-key", "4:5", "flow"),
    ("routes.yaml", "list: blocked", "list: blokced", "unknown-name", "7:33", "blocked"),
    ("routes.yaml", "hours: office", "hours: offices", "unknown-name", "10:24", "office"),
    ("routes.yaml", "is: closed", "is: close", "bad-value", "10:32", "closed"),
    ("routes.yaml", "hours: office, is: closed", "is: closed", "incomplete-condition", "10:9", "hours"),
    ("routes.yaml", "hours: office, is: closed", "by: call, weekday: monday", "incomplete-condition", "10:9", "share"),
    ("routes.yaml", "hours: office, is: closed", "weekday: mondy", "bad-weekday", "10:17", "monday"),
    ("routes.yaml", "hours: office, is: closed", "dates: 2026-10-07..2026-10-01", "bad-date", "10:17", "earlier"),
    ("routes.yaml", "hours: office, is: closed", "share: 120", "bad-percent", "10:17", "0 to 100"),
    ("routes.yaml", "hours: office, is: closed", "caller: { province: 沪 }", "bad-province", "10:27", "34"),
    ("routes.yaml", "hours: office, is: closed", "caller: { kind: robot }", "bad-value", "10:27", "mobile"),
    ("routes.yaml", "hours: office, is: closed", "caller: { }", "empty-condition", "10:17", "list"),
    ("routes.yaml", "{ hours: office, is: closed }", "{ }", "empty-condition", "10:9", "condition"),
    ("routes.yaml", "{ hours: office, is: closed }", "", "empty-condition", "9:9", "condition"),
    ("routes.yaml", "reject: blocked", "reject: 128", "bad-rejection", "8:9", "127"),
    ("routes.yaml", "reject: blocked", "reject: blockt", "bad-rejection", "8:9", "blocked"),
    ("routes.yaml", "reject: blocked", "reject: blocked\n        flow: later", "contradicting-rule", "6:9", "one"),
    ("routes.yaml", "        reject: blocked", "", "empty-rule", "6:9", "reject"),
    ("routes.yaml", "        flow: later", "        split: { later: 80, welcome: 10 }", "split-sum", "9:9", "100"),
    (
        "routes.yaml",
        "        flow: later",
        "        split: { later: 80, welcom: 20 }",
        "unknown-name",
        "11:29",
        "welcome",
    ),
    ("routes.yaml", "name: 下班", "name: 黑名单", "duplicate-rule", "9:9", "name"),
    ("routes.yaml", "  400-600-5678:", "  400-600-5679:", "unknown-number", "12:3", "400-600-5678"),
    ("routes.yaml", "  400-600-5678:", "  4008001234:", "duplicate-route", "12:3", "one spelling"),
    ("routes.yaml", "  400-600-5678:", "  400-800-1234:", "duplicate-key", "12:3", "one of the two"),
    ("routes.yaml", "  400-600-5678:", "  500-600-5678:", "bad-number", "12:3", ""),
    ("routes.yaml", '"0085*"', '"00*85"', "bad-caller-pattern", "16:28", "*"),
    ("routes.yaml", "lists:", "list:", "unknown-key", "15:1", "lists"),
    ("calendars.yaml", "09:00-12:00", "9-12", "bad-interval", "4:7", "09:00-12:00"),
    ("calendars.yaml", "09:00-12:00", "09:00-09:00", "bad-interval", "4:7", "24:00"),
    ("calendars.yaml", "09:00-12:00", "09:00-25:00", "bad-interval", "4:7", "24:00"),
    ("calendars.yaml", "09:00-12:00", "09:00-14:00", "overlapping-hours", "4:7", "Join"),
    ("calendars.yaml", "workday:", "workdays:", "unknown-key", "4:7", "workday"),
    ("calendars.yaml", "    open:", "    holidays: US\n    open:", "bad-value", "3:5", "CN"),
    (
        "calendars.yaml",
        "    open:",
        "    overrides: { 2026-02-30: holiday }\n    open:",
        "bad-date",
        "3:18",
        "2026-10-01",
    ),
    ("flows/later.flow.yaml", "flow: later", "flow: latter", "flow-name-differs", "1:1", "flow: later"),
    ("flows/later.flow.yaml", "next: bye", "next: bey", "unknown-node", "8:11", "bye"),
    ("flows/later.flow.yaml", "voicemail: general", "voicemail: genral", "unknown-box", "7:16", "general"),
]


@pytest.mark.parametrize(("file", "old", "new", "code", "place", "cure"), ERRORS)
def test_an_error_has_its_place_and_its_cure(
    files: dict[str, bytes], file: str, old: str, new: str, code: str, place: str, cure: str
) -> None:
    loaded = load_files(broken(files, file, old, new), BASE)
    errors = [finding for finding in loaded.findings if finding.severity == "error"]
    assert [(finding.code, str(finding.place)) for finding in errors] == [(code, f"{BASE / file}:{place}")]
    assert cure in errors[0].cure.en
    for text in (errors[0].message, errors[0].cure):
        assert text.en
        assert text.zh
    assert loaded.configuration is None


def test_all_errors_of_all_files_come_at_once(files: dict[str, bytes]) -> None:
    files = broken(files, "numbers.yaml", "carrier: telecom", "carrier: telcom")
    files = broken(files, "lines.yaml", "overflow: sh", "overflow: shh")
    files = broken(files, "routes.yaml", "is: closed", "is: close")
    files = broken(files, "routes.yaml", "flow: welcome", "flow: welcom")
    files = broken(files, "calendars.yaml", "09:00-12:00", "9-12")
    found = [(Path(finding.place.file).name, finding.code) for finding in load_files(files, BASE).findings]
    assert found == [
        ("calendars.yaml", "bad-interval"),
        ("lines.yaml", "unknown-name"),
        ("numbers.yaml", "bad-value"),
        ("routes.yaml", "unknown-name"),
        ("routes.yaml", "bad-value"),
    ]


def test_an_unreadable_file_is_one_finding_and_not_one_for_everything_that_leans_on_it(files: dict[str, bytes]) -> None:
    for name in ("lines.yaml", "numbers.yaml", "queues.yaml", "calendars.yaml", "trunks.yaml"):
        found = load_files({**files, name: b"a: [\n"}, BASE).findings
        assert [(finding.code, Path(finding.place.file).name) for finding in found] == [("yaml-syntax", name)]


@pytest.mark.parametrize(
    ("name", "cure"),
    [
        ("route.yaml", "`routes.yaml`"),
        ("routes.yml", "`routes.yaml`"),
        ("flow/later.flow.yaml", "`flows/`"),
        ("flows/more/x.flow.yaml", "flows/ itself"),
        ("sales.flow.yaml", "flows/"),
    ],
)
def test_a_file_that_nothing_reads_is_a_warning_with_the_nearest_name(
    files: dict[str, bytes], name: str, cure: str
) -> None:
    loaded = load_files({**files, name: b"x: 1\n"}, BASE)
    warning = only(loaded.findings, "warning")
    assert (warning.code, warning.place.file) == ("unknown-file", str(BASE / name))
    assert cure in warning.cure.en
    assert loaded.configuration is not None


def test_a_rule_behind_one_that_always_matches_is_a_warning(files: dict[str, bytes]) -> None:
    files = broken(files, "routes.yaml", "        when: { caller: { list: blocked } }\n", "")
    warning = only(load_files(files, BASE).findings, "warning")
    assert (warning.code, warning.place.line) == ("rule-never-matches", 8)


def test_numbers_without_line_or_flow_are_told_as_info(files: dict[str, bytes]) -> None:
    files = broken(files, "routes.yaml", "  400-600-5678:\n    line: bj\n    flow: later\n", "")
    info = only(load_files(files, BASE).findings, "info")
    assert (info.code, str(info.place)) == ("number-not-routed", "config/numbers.yaml:5:5")
    assert "line400 bind 400-600-5678" in info.cure.en


def test_a_number_without_flow_is_unbound_and_never_welcome(files: dict[str, bytes]) -> None:
    loaded = load_files(broken(files, "routes.yaml", "    line: bj\n    flow: later\n", "    line: bj\n"), BASE)
    assert only(loaded.findings, "info").code == "number-unbound"
    assert loaded.configuration is not None
    assert loaded.configuration.routes["4006005678"].flow is None


def test_without_queues_yaml_what_flows_name_exists_and_is_told(files: dict[str, bytes]) -> None:
    files = broken(files, "flows/later.flow.yaml", "voicemail: general", "voicemail: { box: later-box }")
    del files["queues.yaml"]
    loaded = load_files(files, BASE)
    assert {(finding.code, finding.severity) for finding in loaded.findings} == {("created-by-default", "info")}
    assert loaded.configuration is not None
    assert set(loaded.configuration.boxes) == {"general", "later-box"}
    assert set(loaded.configuration.queues) == {"default"}
    assert loaded.configuration.instances == {"center": "default"}


def test_without_trunks_yaml_the_trunks_of_lines_exist_with_defaults(files: dict[str, bytes]) -> None:
    del files["trunks.yaml"]
    loaded = load_files(files, BASE)
    assert loaded.findings == []
    assert loaded.configuration is not None
    assert loaded.configuration.trunks["t1"].original_called == ("p-called-party-id", "history-info", "diversion", "to")


@pytest.mark.parametrize(("written", "percent"), [("20", 20.0), ("12.5", 12.5), ("0.125", 0.125), ("33.333%", 33.333)])
def test_a_share_may_have_decimals(files: dict[str, bytes], written: str, percent: float) -> None:
    loaded = load_files(broken(files, "routes.yaml", "hours: office, is: closed", f"share: {written}"), BASE)
    assert loaded.findings == []
    assert loaded.configuration is not None
    when = loaded.configuration.routes["4008001234"].rules[1].when
    assert when is not None
    assert when.share == percent


def test_a_default_number_may_land_on_its_line_by_overflow(files: dict[str, bytes]) -> None:
    files = broken(files, "lines.yaml", "021-66660002\n", "021-66660002\n    default_number: 400-800-1234\n")
    assert load_files(files, BASE).findings == []
    files = broken(files, "lines.yaml", "    overflow: sh\n", "")
    loaded = load_files(files, BASE)
    finding = only(loaded.findings, "warning")
    assert (finding.code, finding.place.line, finding.place.column) == ("default-number-elsewhere", 9, 5)
    assert "`sh`" in finding.cure.en
    assert loaded.configuration is not None


def test_a_trunk_that_trunks_yaml_leaves_out_exists_with_defaults_and_is_told(files: dict[str, bytes]) -> None:
    files = broken(files, "lines.yaml", "    trunk: t1\n    overflow", "    trunk: t2\n    overflow")
    loaded = load_files(files, BASE)
    finding = only(loaded.findings, "info")
    assert (finding.code, finding.place.line, finding.place.column) == ("created-by-default", 5, 12)
    assert "`t1`" in finding.cure.en
    assert "`t1`" in finding.cure.zh
    assert loaded.configuration is not None
    assert loaded.configuration.trunks["t2"] == Trunk("t2", place=loaded.configuration.trunks["t2"].place)


@pytest.mark.parametrize("missing", ["line400.yaml", "numbers.yaml", "lines.yaml", "routes.yaml"])
def test_a_missing_file_is_one_error(files: dict[str, bytes], missing: str) -> None:
    del files[missing]
    errors = [finding for finding in load_files(files, BASE).findings if finding.severity == "error"]
    assert [(finding.code, finding.place.file) for finding in errors] == [("missing-file", str(BASE / missing))]
    assert "line400 init" in errors[0].cure.en


@pytest.mark.parametrize(
    ("day", "years"), [(date(2026, 6, 1), []), (date(2026, 12, 1), [2027]), (date(2031, 1, 1), [2031])]
)
def test_a_year_without_holiday_data_is_info_and_depends_on_the_day_given(
    files: dict[str, bytes], day: date, years: list[int]
) -> None:
    files = broken(files, "calendars.yaml", "    open:", "    holidays: CN\n    open:")
    assert load_files(files, BASE).findings == []
    findings = load_files(files, BASE, at=day).findings
    assert [finding.severity for finding in findings] == ["info"] * len(years)
    assert [str(year) in finding.message.en for year, finding in zip(years, findings, strict=True)] == [True] * len(
        years
    )


def test_a_number_that_expires_soon_is_info(files: dict[str, bytes]) -> None:
    files = broken(files, "numbers.yaml", "carrier: telecom", "expires: 2026-12-01\n    auto_renew: false")
    assert [f.code for f in load_files(files, BASE, at=date(2026, 6, 1)).findings] == []
    assert [f.code for f in load_files(files, BASE, at=date(2026, 11, 24)).findings] == ["expires-soon"]
    assert [f.code for f in load_files(files, BASE, at=date(2027, 1, 1)).findings] == ["expired"]
