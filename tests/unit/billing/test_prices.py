"""``prices.yaml`` and ``billing:``: what is right is taken, what is wrong is told with its place and cure."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from router.configuration import load_files
from router.configuration.price_parts import packaged_prices
from router.tariffs import USUAL_RULES

BASE = {
    "line400.yaml": "company: 示例科技\n",
    "numbers.yaml": "numbers: []\n",
    "lines.yaml": "lines: { bj: { base_number: 010-88880001, trunk: bj } }\n",
    "routes.yaml": "routes: {}\n",
}
MINIMUMS = "{ 普通: 400, 优选: 800, 精选: 1500, 金牌: 2500, 白金: 5000, VIP: 12500, VVIP: 20000 }"
GOOD = f"""\
tables:
  - from: 2027-01-01
    inbound: {{ usage: 0.21, seats: 0.1905 }}
    seats: {{ 1: 199 }}
    packs: {{ 10000: 1,950 }}
    minimums: {MINIMUMS}
"""


def loaded(**files: str):
    content = {**BASE, **{name.replace("__", "."): text for name, text in files.items()}}
    return load_files({name: text.encode() for name, text in content.items()}, Path("config"))


def findings(prices: str) -> list[tuple[int, int, str]]:
    return [(one.place.line, one.place.column, one.code) for one in loaded(prices__yaml=prices).findings]


def test_without_a_file_the_packaged_prices_hold_with_their_sources() -> None:
    configuration = loaded().configuration
    assert configuration is not None
    assert configuration.prices == packaged_prices()
    (table,) = configuration.prices
    assert table.since == date(2021, 3, 4)
    assert set(table.marks) == {"inbound", "seats", "packs", "minimums", "free"}
    assert {mark.confidence for mark in table.marks.values()} == {"sourced"}
    assert all(mark.source and mark.date.year == 2021 for mark in table.marks.values())


def test_a_table_of_ones_own_is_added_and_amounts_stay_exact() -> None:
    configuration = loaded(prices__yaml=GOOD.replace("1,950", '"1,950"')).configuration
    assert configuration is not None
    first, second = configuration.prices
    assert (first.since.year, second.since.year) == (2021, 2027)
    assert second.inbound == {"usage": Decimal("0.21"), "seats": Decimal("0.1905")}
    assert second.packs == {10_000: Decimal(1950)}
    assert second.pack_months == 3


def test_a_table_of_the_packaged_date_stands_in_its_place() -> None:
    text = GOOD.replace("2027-01-01", "2021-03-04").replace("1,950", "1950")
    configuration = loaded(prices__yaml=text).configuration
    assert configuration is not None
    (table,) = configuration.prices
    assert table.minimums["普通"] == 400


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (("usage: 0.21", "usage: free"), (3, 16, "bad-amount")),
        (("usage: 0.21", "usage: 0"), (3, 16, "bad-amount")),
        (("usage: 0.21", "usage: -1"), (3, 16, "bad-amount")),
        (("usage: 0.21, seats", "usge: 0.21, seats"), (3, 16, "bad-value")),
        (("usage: 0.21, ", ""), (2, 5, "incomplete-prices")),
        (("1: 199", "10: 199"), (2, 5, "incomplete-prices")),
        (("10000: 1950", "10500: 1950"), (5, 14, "bad-value")),
        (("10000: 1950", "many: 1950"), (5, 14, "bad-value")),
        (("普通: 400, ", ""), (2, 5, "incomplete-prices")),
        (("普通: 400", "普号: 400"), (6, 17, "bad-value")),
        (("2027-01-01", "2027-02-30"), (2, 5, "bad-date")),
        (("    packs", "    pack"), (5, 5, "unknown-key")),
    ],
)
def test_a_fault_is_told_where_it_stands(change: tuple[str, str], expected: tuple[int, int, str]) -> None:
    text = GOOD.replace("1,950", "1950")
    assert change[0] in text
    found = findings(text.replace(*change))
    assert expected in found
    for one in loaded(prices__yaml=text.replace(*change)).findings:
        assert one.severity == "error"
        assert one.place.file == "config/prices.yaml"
        assert one.cure.en
        assert one.cure.zh


def test_two_tables_of_one_day_are_told() -> None:
    text = GOOD.replace("1,950", "1950")
    assert (7, 5, "duplicate-date") in findings(text + text.split("\n", 1)[1])


def test_the_settings_are_read() -> None:
    text = (
        "company: 示例科技\nbilling: { mode: 坐席包月, pack_use_counts: true, minimum_of: tier, first_month: days, "
        "transfer: new, due_days: 10, grace_days: never }\n"
    )
    configuration = loaded(line400__yaml=text).configuration
    assert configuration is not None
    rules = configuration.settings.billing
    assert (rules.mode, rules.pack_use_counts, rules.minimum_of, rules.first_month) == ("seats", True, "tier", "days")
    assert (rules.transfer, rules.due_days, rules.grace_days) == ("new", 10, None)
    assert loaded().configuration.settings.billing == USUAL_RULES


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("first_month: half", "bad-value"),
        ("grace_days: soon", "bad-days"),
        ("due_days: -1", "bad-value"),
        ("timezone: Mars", "bad-timezone"),
        ("first_monht: full", "unknown-key"),
    ],
)
def test_a_wrong_setting_is_told(text: str, code: str) -> None:
    (found,) = loaded(line400__yaml=f"company: 示例科技\nbilling:\n  {text}\n").findings
    assert (found.place.line, found.code.split("-")[0]) == (3, code.split("-")[0])
