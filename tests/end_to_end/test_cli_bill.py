"""Bills on the command line: the example of the document, exports, packs, tariffs, payments, arrears, estimates."""

from __future__ import annotations

import asyncio
import csv
import json
import re
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from openpyxl import load_workbook
from pypdf import PdfReader

from router.record import CallRecord
from router.store import Store
from tests.stores import over

ZONE = ZoneInfo("Asia/Shanghai")
DOCUMENT = (Path(__file__).resolve().parents[2] / "docs" / "billing.md").read_text("utf-8")
MAIN = "4008001234"


@pytest.fixture
def company(cli):
    """示例科技 with two numbers since September, no call yet."""
    cli.write(
        "numbers.yaml",
        "numbers:\n  - { number: 400-800-1234, purchased: 2026-09-01 }\n"
        "  - { number: 400-600-5678, purchased: 2026-09-01, tier: 优选 }\n",
    )
    cli.write(
        "routes.yaml",
        "routes:\n  400-800-1234: { line: bj, flow: welcome }\n  400-600-5678: { line: sh, flow: service }\n",
    )
    return cli


def record(cli, *calls: tuple[str, str, float], test: bool = False) -> None:
    """Put calls (number, flow entry, seconds) into the store of the company."""
    records: list[CallRecord] = []
    for index, (number, at, seconds) in enumerate(calls):
        entered = datetime.fromisoformat(at).replace(tzinfo=ZONE).timestamp()
        moments = {"entered": entered, "answered": entered, "ended": entered + seconds}
        records.append(over(f"{number}-{at}-{index}", entered - 3, called=number, test=test, **moments))

    async def work() -> None:
        async with await Store.open(f"sqlite:///{cli.folder.parent}/var/line400.db") as store:
            for one in records:
                await store.save(one)

    asyncio.run(work())


def rows_of(heading: str) -> list[list[str]]:
    """The cells of the table in the document whose first row begins so."""
    found = re.search(rf"^\| {re.escape(heading)} .*?\n\|[-|]+\n((?:\|.*\n)+)", DOCUMENT, re.MULTILINE)
    assert found is not None, heading
    return [[cell.strip().strip("`") for cell in row.strip("|\n").split("|")] for row in found[1].splitlines()]


def test_the_example_of_the_document_is_what_comes_out(company) -> None:
    calls = []
    for number, count, first, lasts, minutes, together in rows_of("number | calls"):
        start = datetime.fromisoformat(first)
        digits = number.replace("-", "")
        seconds = float(lasts.removesuffix(" s"))
        assert int(count) * int(minutes) == int(together.replace(",", ""))
        for index in range(int(count)):
            at = datetime.fromtimestamp(start.timestamp() + 120 * index).isoformat()
            calls.append((digits, at, seconds))
    record(company, *calls)
    commands = [line for line in re.findall(r"^line400 bill (.*)$", DOCUMENT, re.MULTILINE) if "--at" in line]
    assert [line.split()[0] for line in commands] == ["packs", "issue"]
    for line in commands:
        said = company("bill", *line.split(), "--json")
        assert said.status == 0, said.err
    bill = said.json
    shown = [
        [
            line["number"] or "company", line["code"], line["unit_price"], line["quantity"],
            line["list_price"], line["discount"], line["due"],
        ]
        for line in bill["lines"]
    ]  # fmt: skip
    expected = [
        [
            row[0].replace("-", ""),
            row[1],
            row[2],
            int(row[3].replace(",", "")),
            *(cell.replace(",", "") for cell in row[4:]),
        ]
        for row in rows_of("number | code")
    ]
    assert shown == expected
    assert (bill["due"], bill["bill"], bill["state"]) == ("3250.00", "B202610-0001", "open")
    assert "Together 3,250.00" in DOCUMENT


def test_the_sum_of_the_lines_is_the_bill_in_every_form(company, tmp_path: Path) -> None:
    record(company, (MAIN, "2026-10-05T10:00", 61), ("4006005678", "2026-10-06T10:00", 3_600 * 100))
    issued = company("bill", "issue", "--month", "2026-10", "--at", "2026-11-01", "--json").json
    assert issued["new"] is True
    due = sum(Decimal(line["due"]) for line in issued["lines"])
    assert Decimal(issued["due"]) == due == Decimal("1575.00")
    assert sum(Decimal(amount) for amount in issued["numbers"].values()) == due
    for ending in ("csv", "xlsx", "pdf", "json"):
        said = company("bill", "export", "B202610-0001", "--out", str(tmp_path / f"bill.{ending}"))
        assert said.status == 0, said.err
    rows = list(csv.reader((tmp_path / "bill.csv").read_text("utf-8-sig").splitlines()))
    assert rows[0] == ["number", "item", "unit_price", "quantity", "list_price", "discount", "due"]
    assert sum(Decimal(row[-1]) for row in rows[1:-1]) == Decimal(rows[-1][-1]) == due
    sheet = load_workbook(tmp_path / "bill.xlsx").active
    assert sheet is not None
    cells = [[str(cell or "") for cell in row] for row in sheet.iter_rows(values_only=True)]
    assert [row[-1] for row in cells] == [row[-1] for row in rows]
    text = "".join(page.extract_text() for page in PdfReader(tmp_path / "bill.pdf").pages)
    assert "示例科技" in text
    assert "B202610-0001" in text
    assert "1,575.00" in text
    assert json.loads((tmp_path / "bill.json").read_text("utf-8"))["due"] == "1575.00"
    said = company("bill", "export", "B202610-0001", "--out", str(tmp_path / "bill.doc"))
    assert (said.status, "bill.doc" in said.err) == (2, True)


def test_a_bill_so_far_one_number_of_it_and_both_languages(company) -> None:
    record(company, (MAIN, "2026-10-05T10:00", 61), (MAIN, "2026-10-20T10:00", 61))
    record(company, (MAIN, "2026-10-06T10:00", 6_000), test=True)
    said = company("bill", "show", "400-800-1234", "--at", "2026-10-10T12:00", "--json").json
    assert (said["state"], said["bill"], said["part_of"]) == ("draft", None, MAIN)
    assert said["until"] == "2026-10-10T12:00:00+08:00"
    assert {line["number"] for line in said["lines"]} == {MAIN}
    assert said["lines"][0]["quantity"] == 2
    english = company("bill", "show", "--month", "2026-10", "--at", "2026-11-01", "--lang", "en").out
    chinese = company("bill", "show", "--month", "2026-10", "--at", "2026-11-01", "--lang", "zh").out
    assert "long distance: free" in english
    assert "长途费（分钟）：免" in chinese
    assert "Minutes out of packs do not count to the minimum." in english
    assert "语音包抵扣的分钟不计入月最低消费。" in chinese


def test_without_a_store_the_files_alone_make_a_bill(company) -> None:
    said = company("bill", "show", "--month", "2026-10", "--at", "2026-11-01", "--json")
    assert (said.status, said.json["due"]) == (0, "1125.00")
    assert not (company.folder.parent / "var" / "line400.db").exists()


def test_issued_twice_it_is_one_bill_and_it_is_frozen(company) -> None:
    record(company, (MAIN, "2026-10-05T10:00", 61))
    words = ("bill", "issue", "--month", "2026-10", "--at", "2026-11-01", "--json")
    first = company(*words).json
    record(company, (MAIN, "2026-10-05T11:00", 600))
    again = company(*words)
    assert again.status == 0
    assert again.json == {**first, "new": False}
    assert company("bill", "show", "--month", "2026-10", "--json").json["minutes"] == 2
    made = company("bill", "correct", "b202610-0001", "--reason", "漏计", "--at", "2026-11-05", "--json").json
    assert (made["amount"], made["minutes"], made["made"]) == ("0.00", 10, True)  # below the minimum all the same
    made = company(
        "bill", "correct", "B202610-0001", "--amount=-50.00", "--reason", "优惠", "--at", "2026-11-05", "--json"
    )
    assert made.json["amount"] == "-50.00"
    second = company("bill", "issue", "--month", "2026-11", "--at", "2026-12-01", "--json").json
    assert second["lines"][-1]["facts"] == {"bill": "B202610-0001", "reason": "优惠"}
    assert second["due"] == "1075.00"
    company("bill", "export", "B202611-0001", "--out", "credit.csv")
    rows = list(csv.reader((company.folder.parent / "credit.csv").read_text("utf-8-sig").splitlines()))
    assert [row[-1] for row in rows[-2:]] == ["-50.00", "1075.00"]
    listed = company("bill", "list", "--json").json
    assert [(one["bill"], one["due"]) for one in listed] == [("B202610-0001", "1125.00"), ("B202611-0001", "1075.00")]


@pytest.mark.parametrize(
    ("words", "status", "code"),
    [
        (("issue", "--month", "2026-10", "--at", "2026-10-31T23:59"), 1, "month-not-over"),
        (("show", "--month", "October"), 2, "bad-month"),
        (("show", "B202601-0001"), 1, "no-bill"),
        (("show", "--company", "无此公司"), 1, "unknown-company"),
        (("show", "--month", "2019-01"), 1, "no-prices"),
        (("packs", "buy", "--minutes", "12345"), 1, "no-such-pack"),
        (("packs", "buy"), 2, "missing-value"),
        (("packs", "sell"), 2, "unknown-action"),
        (("mode", "--mode", "seats"), 2, "missing-value"),
        (("mode", "--mode", "flat"), 2, "unknown-mode"),
        (("mode", "--mode", "seats", "--seats", "3", "--instance", "nowhere"), 1, "unknown-instance"),
        (("pay", "B202601-0001"), 1, "no-bill"),
        (("pay",), 2, "missing-value"),
        (("pay", "B202601-0001", "--amount", "1.005"), 2, "bad-amount"),
        (("correct", "B202601-0001"), 2, "missing-value"),
        (("estimate",), 2, "no-profile"),
        (("estimate", "--minutes", "5", "--mode", "seats"), 2, "missing-value"),
        (("estimate", "--minutes", "5", "--calls", "5"), 2, "no-profile"),
        (("estimate", "--calls", "5", "--duration", "soon"), 2, "bad-duration"),
        (("estimate", "--minutes", "5", "--tier", "钻石"), 2, "unknown-tier"),
        (("estimate", "--recorded", "--month", "2026-01..2026-09"), 2, "too-many-months"),
        (("dance",), 2, "unknown-action"),
    ],
)
def test_what_is_refused_says_why_and_changes_nothing(company, words: tuple[str, ...], status: int, code: str) -> None:
    said = company("bill", *words, "--json")
    assert (said.status, said.json["error"]["code"]) == (status, code)
    assert said.json["error"]["cure"]


def test_a_configuration_with_errors_is_no_ground_for_a_bill(company) -> None:
    company.write("prices.yaml", "tables:\n  - { from: 2026-01-01, inbound: { usage: free } }\n")
    said = company("bill")
    assert said.status == 2
    assert "prices.yaml:2:" in said.err


def test_an_unpaid_bill_suspends_and_payment_brings_back(company) -> None:
    company("bill", "issue", "--month", "2026-10", "--at", "2026-11-02T10:00")
    assert company("bill", "arrears", "--at", "2026-11-17T23:00", "--json").json == []
    moved = company("bill", "arrears", "--at", "2026-11-18T00:00", "--json").json
    assert {(one["number"], one["event"]) for one in moved} == {(MAIN, "suspend"), ("4006005678", "suspend")}
    late = ("call", "400-800-1234", "--from", "13800138000", "--at", "2026-11-18T10:00", "--json")
    assert company(*late).json["outcome"] == "rejected"
    assert company("bill", "list", "--unpaid", "--at", "2026-11-18T10:00", "--json").json[0]["state"] == "overdue"
    part = company("bill", "pay", "B202610-0001", "--amount", "1000", "--at", "2026-11-19T10:00", "--json").json
    assert (part["outstanding"], part["moved"]) == ("125.00", [])
    rest = company("bill", "pay", "B202610-0001", "--at", "2026-11-19T11:00", "--json").json
    assert (rest["entered"], rest["state"], len(rest["moved"])) == ("125.00", "settled", 2)
    again = company("bill", "pay", "B202610-0001", "--at", "2026-11-19T12:00", "--json").json
    assert (again["entered"], again["moved"]) == ("0.00", [])
    back = ("call", "400-800-1234", "--from", "13800138000", "--at", "2026-11-19T12:00", "--json")
    assert company(*back).json["outcome"] == "queued"
    assert company("bill", "list", "--unpaid", "--json").json == []


def test_packs_and_modes_are_entered_and_told(company) -> None:
    bought = company("bill", "packs", "buy", "--minutes", "10000", "--count", "2", "--at", "2026-10-01", "--json").json
    assert (bought["price"], [one["minutes"] for one in bought["packs"]]) == ("3800.00", [10_000, 10_000])
    record(company, (MAIN, "2026-10-05T10:00", 60 * 10_100))
    left = company("bill", "packs", "--at", "2026-11-01", "--json").json
    assert (left["left"], [one["left"] for one in left["packs"]]) == (9_900, [0, 9_900])
    assert company("bill", "packs", "balance", "--at", "2027-01-01", "--json").json == {"packs": [], "left": 0}
    assert len(company("bill", "packs", "list", "--at", "2027-01-01", "--json").json["packs"]) == 2
    chosen = company("bill", "mode", "--mode", "包月", "--seats", "20", "--at", "2026-10-07", "--json").json
    assert chosen == {
        "modes": [{"month": "2026-11", "instance": None, "mode": "seats", "seats": 20}],
        "default": "usage",
    }
    lines = company("bill", "show", "--month", "2026-11", "--at", "2026-12-01", "--json").json["lines"]
    assert [line["due"] for line in lines if line["code"] == "seats"] == ["3980.00"]


def test_every_company_is_billed_with_all(company) -> None:
    company.write(
        "numbers.yaml",
        "numbers:\n  - { number: 400-800-1234, purchased: 2026-09-01 }\n"
        "  - { number: 400-600-5678, purchased: 2026-09-01, company: 门店 }\n",
    )
    made = company("bill", "issue", "--all", "--month", "2026-10", "--at", "2026-11-01", "--json").json
    assert [(one["bill"], one["company"], one["due"]) for one in made] == [
        ("B202610-0001", "示例科技", "375.00"),
        ("B202610-0002", "门店", "375.00"),
    ]
    assert company("bill", "show", "400-600-5678", "--month", "2026-10", "--json").json["company"] == "门店"


def test_an_estimate_names_the_cheapest_with_its_arithmetic(company) -> None:
    found = company("bill", "estimate", "--minutes", "30000", "--seats", "10", "--at", "2026-11-01", "--json").json
    best = found["cheapest"]
    assert (best["mode"], best["tier"], best["packs"]) == ("usage", "普通", [{"minutes": 30_000, "count": 3}])
    assert best["total"] == "17325.00"
    assert best["arithmetic"][0] == "packs 3 × 30,000 minutes = 16,200.00"
    assert [Decimal(one["total"]) for one in found["options"]] == sorted(
        Decimal(one["total"]) for one in found["options"]
    )
    assert {one["tier"] for one in found["options"]} == set(found["break_even"])
    assert found["break_even"]["普通"] == {"usage": 1_875, "seats": 2_084}
    chinese = company("bill", "estimate", "--calls", "2000", "--duration", "61s", "--lang", "zh").out
    assert "最省：按量付费，普通，不购语音包" in chinese
    assert "4,000 × 0.20 = 800.00" in chinese


def test_an_estimate_of_recorded_calls_takes_what_was_recorded(company) -> None:
    record(company, (MAIN, "2026-10-05T10:00", 60 * 4_000), ("4006005678", "2026-10-05T10:00", 60 * 1_000))
    found = company("bill", "estimate", "--recorded", "--month", "2026-10", "--at", "2026-11-01", "--json").json
    assert (found["calls"], found["minutes"], found["numbers"]) == (2, [5_000] * 3, [MAIN, "4006005678"])
    own = next(one for one in found["options"] if one["tier"] is None and one["mode"] == "usage" and not one["packs"])
    assert own["months"][0]["total"] == "1550.00"  # 800.00 and 200.00 of calls, 550.00 up to the minimum of 优选
    months = ("--number", "400-800-1234", "--month", "2026-09..2026-10", "--at", "2026-11-01")
    one = company("bill", "estimate", "--recorded", *months, "--json").json
    assert one["minutes"] == [0, 4_000]


def test_the_prices_are_shown_with_their_sources(company) -> None:
    table = company("bill", "prices", "--json").json
    assert table["inbound"] == {"usage": "0.20", "seats": "0.18"}
    assert table["marks"]["minimums"] == {
        "date": "2021-04-19", "confidence": "sourced", "source": "申请阿里云代理400号码",
    }  # fmt: skip
    assert "云呼叫中心资费说明" in company("bill", "prices").out
