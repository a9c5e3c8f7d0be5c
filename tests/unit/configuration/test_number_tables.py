"""``numbers.csv`` and ``routes.csv``: the columns are the keys of the YAML files, the findings have line and column."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from ivr_flows.findings import Finding
from router.configuration import load_files
from router.configuration.number_table import MAX_FINDINGS
from router.model import Configuration

BASE = Path("config")


def with_table(files: dict[str, bytes], text: str, encoding: str = "utf-8") -> dict[str, bytes]:
    return {**files, "numbers.csv": text.encode(encoding)}


def errors(files: dict[str, bytes]) -> list[Finding]:
    return [finding for finding in load_files(files, BASE).findings if finding.severity == "error"]


def configuration(files: dict[str, bytes]) -> Configuration:
    loaded = load_files(files, BASE)
    assert loaded.configuration is not None, [finding.as_text() for finding in loaded.findings]
    return loaded.configuration


def test_a_row_means_what_the_yaml_entry_means(files: dict[str, bytes]) -> None:
    table = (
        "number,company,carrier,tier,instance,purchased,expires,auto_renew,usage,state\n"
        '400-700-0001,"甲, 乙",移动,VIP,center,2026-01-02,2027-01-02,false,inbound,suspended\n'
        "4007000002,,,,,,,,,\n"
    )
    entries = """\
  - number: 400-700-0001
    company: 甲, 乙
    carrier: 移动
    tier: VIP
    instance: center
    purchased: 2026-01-02
    expires: 2027-01-02
    auto_renew: false
    usage: inbound
    state: suspended
  - number: 4007000002
"""
    from_table = configuration(with_table(files, table)).numbers[-2:]
    from_yaml = configuration({**files, "numbers.yaml": files["numbers.yaml"] + entries.encode()}).numbers[-2:]
    for row, entry in zip(from_table, from_yaml, strict=True):
        for key in row.__dataclass_fields__:
            if key != "place":
                assert getattr(row, key) == getattr(entry, key)
    assert from_table[0].purchased == date(2026, 1, 2)
    assert from_table[1].company == "示例科技"
    assert str(from_table[1].place) == "config/numbers.csv:3:1"


@pytest.mark.parametrize(
    ("table", "code", "place"),
    [
        ("number,tire\n4007000001,VIP\n", "unknown-key", "1:8"),
        ("number,tier,tier\n4007000001,VIP,VIP\n", "duplicate-key", "1:13"),
        ("tier,carrier\nVIP,mobile\n", "missing-key", "1:1"),
        ("number,tier\n4007000001,VIPP\n", "bad-value", "2:12"),
        ("tier,number\nVIP,400700001\n", "bad-number", "2:5"),
        ("number,tier\n4007000001,VIP\n400700001,VIP\n", "bad-number", "3:1"),
        ('number,company,tier\n4007000001,"a,b",VIPP\n', "bad-value", "2:18"),
        ('number,company,tier\n4007000001,"a\nb",VIP\n4007000002,c,VIPP\n', "bad-value", "4:14"),
        ("number,usage\n4007000001,outbound\n", "usage-not-inbound", "2:12"),
        ("number,tier\n4007000001,VIP,x\n", "csv-width", "2:1"),
        ("number,tier,state\n4007000001,VIP\n", "csv-width", "2:1"),
        ('number,company\n4007000001,"x\n', "csv-syntax", "2:1"),
        ("number,company\r\n4007000001,甲\r\n4007000002,乙\0\r\n", "control-character", "3:13"),
        ("number\n4007000001\n400-700-0001\n", "duplicate-number", "3:1"),
        ("number\n4008001234\n", "duplicate-number", "2:1"),
        ("number,instance\n4007000001,centre\n", "unknown-name", "2:1"),
        ("number,purchased,expires\n4007000001,2026-02-01,2026-01-01\n", "expires-before-purchase", "2:1"),
        ("", "empty-file", "1:1"),
    ],
)
def test_a_fault_has_its_line_and_column(files: dict[str, bytes], table: str, code: str, place: str) -> None:
    found = errors(with_table(files, table))
    assert [(finding.code, str(finding.place)) for finding in found] == [(code, f"config/numbers.csv:{place}")]
    assert found[0].cure.en
    assert found[0].cure.zh


def test_gbk_from_a_spreadsheet_is_named(files: dict[str, bytes]) -> None:
    found = errors(with_table(files, "number,company\n4007000001,示例\n", "gbk"))
    assert [(finding.code, finding.place.line) for finding in found] == [("wrong-encoding", 2)]
    assert "GBK" in found[0].message.en


def test_a_byte_order_mark_and_windows_line_ends_are_read(files: dict[str, bytes]) -> None:
    table = "\ufeffnumber,tier\r\n4007000001,VIP\r\n\r\n4007000002,VVIP\r\n"
    assert [facts.tier for facts in configuration(with_table(files, table)).numbers[-2:]] == ["VIP", "VVIP"]


def test_many_faults_are_capped_and_counted(files: dict[str, bytes]) -> None:
    rows = "".join(f"40070{index:04d},VIP\n" for index in range(500))
    found = errors(with_table(files, f"number,tier\n{rows}"))
    assert len(found) == MAX_FINDINGS + 1
    assert [finding.code for finding in found].count("more-findings") == 1
    assert any(f"{500 - MAX_FINDINGS} more" in finding.message.en for finding in found)


def test_a_hundred_thousand_rows_are_read(files: dict[str, bytes]) -> None:
    rows = "\n".join(
        f"400{2_000_000 + index},示例{index % 7},telecom,普通,center,2025-01-01" for index in range(100_000)
    )
    routes = "\n".join(f"400{2_000_000 + index},bj,later" for index in range(100_000))
    files = with_table(files, f"number,company,carrier,tier,instance,purchased\n{rows}\n")
    loaded = configuration({**files, "routes.csv": f"number,line,flow\n{routes}\n".encode()})
    assert len(loaded.numbers) == 100_002
    assert len(loaded.routes) == 100_002
    assert loaded.routes["4002099999"].flow == "later"
    assert loaded.numbers[-1].number == "4002099999"


def test_rows_of_routes_are_checked_as_routes(files: dict[str, bytes]) -> None:
    found = errors({**files, "routes.csv": b"number,line,flow\n4008001234,bj,welcome\n4007000001,bjj,welcom\n"})
    assert [(finding.code, str(finding.place)) for finding in found] == [
        ("duplicate-route", "config/routes.csv:2:1"),
        ("unknown-name", "config/routes.csv:3:1"),
        ("unknown-name", "config/routes.csv:3:1"),
        ("unknown-number", "config/routes.csv:3:1"),
    ]
