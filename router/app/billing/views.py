"""Bills for people and for programs: the same values, with words in the language of the reader."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from ivr_flows.findings import Text
from router.accounting.showing import Shown
from router.billing.bill import Line
from router.billing.words import COLUMNS, STATE_TEXTS, choice_texts, item_of, title_of
from router.configuration.consistency import grouped
from router.store.billing_rows import ModeRow
from router.tariffs import MODE_TEXTS

from ..invocation import Invocation, printable
from ..moments import show_time
from ..presentation import show_rows


def show_bill(invocation: Invocation, shown: Shown) -> None:
    """A bill for people."""
    say, bill, issued = invocation.say, shown.bill, shown.issued
    until = Text(f"calls until {bill.until}", f"来电截至 {bill.until}") if bill.until else None
    show_rows(
        invocation,
        (
            (title_of(bill), issued.number if issued else say(STATE_TEXTS["draft"])),
            (Text("credit code", "统一社会信用代码"), bill.account if bill.account != bill.company else ""),
            (Text("issued", "出账时间"), f"{show_time(issued.issued, shown.zone)} ({issued.by})" if issued else ""),
            (Text("overdue from", "逾期时间"), show_time(issued.due_by, shown.zone) if issued else ""),
            (Text("state", "状态"), say(STATE_TEXTS[shown.state])),
            (Text("so far", "截至"), say(until) if until else ""),
            (Text("prices from", "价格表"), bill.prices),
        ),
    )
    show_lines(invocation, shown.lines)
    paid = issued.paid if issued else Decimal("0.00")
    show_rows(
        invocation,
        (
            (Text("due", "应付合计"), f"{shown.due:,}"),
            (Text("paid", "已付"), f"{paid:,}" if paid else ""),
            (Text("outstanding", "欠费"), f"{issued.outstanding:,}" if issued and shown.number is None else ""),
        ),
    )
    for said in choice_texts(bill.choices):
        invocation.line(f"  · {say(said)}")


def show_lines(invocation: Invocation, lines: Sequence[Line]) -> None:
    """The lines as a table."""
    show_table(invocation, [title for _, title in COLUMNS], line_rows(invocation, lines), right=range(2, len(COLUMNS)))


def show_table(
    invocation: Invocation, titles: Sequence[Text], rows: Sequence[Sequence[str]], right: Sequence[int] = ()
) -> None:
    """A table; the columns ``right`` are aligned to the right."""
    from rich.table import Table
    from rich.text import Text as Styled

    table = Table(box=None, padding=(0, 1), header_style="bold")
    for index, title in enumerate(titles):
        table.add_column(invocation.say(title), justify="right" if index in right else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Styled(printable(cell)) for cell in row))
    invocation.console().print(table)


def line_rows(invocation: Invocation, lines: Sequence[Line]) -> list[list[str]]:
    """The cells of each line, as `COLUMNS` names them."""
    whole = invocation.say(Text("company", "公司"))
    return [
        [
            grouped(line.number) if line.number else whole,
            invocation.say(item_of(line)),
            f"{line.unit_price:,}",
            f"{line.quantity:,}",
            f"{line.list_price:,}",
            f"{line.discount:,}",
            f"{line.due:,}",
        ]
        for line in lines
    ]


def mode_text(row: ModeRow) -> Text:
    """A choice of tariff in words."""
    mode = MODE_TEXTS[row.mode]
    seats_en = f", {row.seats} seats" if row.mode == "seats" else ""
    seats_zh = f"，{row.seats} 个坐席" if row.mode == "seats" else ""
    of = f" ({row.instance})" if row.instance else ""
    return Text(f"from {row.month}{of}: {mode.en}{seats_en}", f"{row.month} 起{of}：{mode.zh}{seats_zh}")
