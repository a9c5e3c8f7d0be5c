"""``line400 bill export``: a bill as a file, by the ending of its name: JSON, CSV, Excel or PDF."""

from __future__ import annotations

import json
from typing import Any, BinaryIO

from ivr_flows.findings import Text
from router.accounting.showing import Shown, bill_json
from router.billing.words import COLUMNS, STATE_TEXTS, choice_texts, title_of

from ..life.at_desk import needed
from ..moments import show_time
from ..problems import DONE, usage
from ..spreadsheet import write_table, write_whole
from .acting import Acting
from .views import line_rows

ENDINGS = (".json", ".csv", ".xlsx", ".pdf")


def export(acting: Acting) -> int:
    """Write the bill that was asked for. Raises `Problem` and `OSError`."""
    invocation = acting.invocation
    file = needed(acting.asked.out, "--out", "line400 bill export --month 2026-10 --out bill.xlsx")
    ending = file.suffix.lower()
    if ending not in ENDINGS:
        raise usage(
            "unknown-ending",
            Text(f"`{file.name}` names no kind of file that a bill can be.", f"`{file.name}` 的类型不支持导出账单。"),
            Text(f"Let it end in one of: {', '.join(ENDINGS)}.", f"请以此结尾：{'、'.join(ENDINGS)}。"),
        )
    shown = acting.find()
    if ending == ".json":
        text = json.dumps(bill_json(shown, invocation.language), ensure_ascii=False, indent=2) + "\n"
        write_whole(file, lambda stream: _write(stream, text.encode()))
    elif ending == ".pdf":
        content = _pdf(acting, shown)
        write_whole(file, lambda stream: _write(stream, content))
    else:
        columns = [name for name, _ in COLUMNS]
        rows: list[list[Any]] = [
            [*row[:2], line.unit_price, line.quantity, line.list_price, line.discount, line.due]
            for row, line in zip(line_rows(invocation, shown.lines), shown.lines, strict=True)
        ]
        total = ["", invocation.say(Text("total", "合计")), "", "", "", "", shown.due]
        write_table(file, columns, [*rows, total], str(shown.bill.month))
    if invocation.json:
        invocation.document({"file": str(file), "bill": shown.issued.number if shown.issued else None})
    else:
        invocation.note(Text(f"The bill is written to {file}.", f"账单已写入 {file}。"))
    return DONE


def _write(stream: BinaryIO, content: bytes) -> None:
    stream.write(content)


def _pdf(acting: Acting, shown: Shown) -> bytes:
    from router.paperwork.statement import Statement, draw_statement

    say, bill, issued = acting.invocation.say, shown.bill, shown.issued
    facts = [
        (say(Text("bill", "账单号")), issued.number if issued else say(STATE_TEXTS["draft"])),
        (say(Text("company", "公司")), bill.company),
        (say(Text("credit code", "统一社会信用代码")), bill.account if bill.account != bill.company else "-"),
        (say(Text("month", "账期")), str(bill.month)),
        (say(Text("prices from", "价格表")), bill.prices),
    ]
    totals = [(say(Text("due", "应付合计")), f"{shown.due:,}")]
    if issued is not None:
        facts.append((say(Text("issued", "出账时间")), show_time(issued.issued, shown.zone)))
        facts.append((say(Text("overdue from", "逾期时间")), show_time(issued.due_by, shown.zone)))
        if shown.number is None:
            totals += [
                (say(Text("paid", "已付")), f"{issued.paid:,}"),
                (say(Text("outstanding", "欠费")), f"{issued.outstanding:,}"),
            ]
    if bill.until is not None:
        facts.append((say(Text("calls until", "来电截至")), bill.until))
    return draw_statement(
        Statement(
            say(title_of(bill)),
            facts,
            [say(title) for _, title in COLUMNS],
            line_rows(acting.invocation, shown.lines),
            totals,
            [say(said) for said in choice_texts(bill.choices)],
        )
    )
