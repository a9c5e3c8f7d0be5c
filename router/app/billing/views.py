"""Bills for people and for programs: the same values, with words in the language of the reader."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo
from decimal import Decimal
from typing import Any

from ivr_flows.findings import Text
from router.billing.bill import Bill, Line
from router.billing.words import COLUMNS, STATE_TEXTS, choice_texts, item_of, title_of
from router.configuration.consistency import grouped
from router.store.billing_rows import IssuedBill, ModeRow, PackRow
from router.tariffs import MODE_TEXTS

from ..invocation import Invocation, printable
from ..moments import iso_time, show_time
from ..presentation import show_rows


@dataclass(frozen=True, slots=True)
class Shown:
    """A bill as it is shown: issued, or a draft (``issued`` None). ``number``: only the part of that 400 number."""

    bill: Bill
    issued: IssuedBill | None
    at: float
    zone: tzinfo
    number: str | None = None

    @property
    def state(self) -> str:
        """``draft``, ``open``, ``overdue`` or ``settled``."""
        return "draft" if self.issued is None else self.issued.state_at(self.at)

    @property
    def lines(self) -> list[Line]:
        """The lines that are shown."""
        return [line for line in self.bill.lines if self.number in (None, line.number)]

    @property
    def due(self) -> Decimal:
        """The sum of the lines that are shown."""
        return self.bill.due if self.number is None else self.bill.due_of(self.number)


def bill_json(invocation: Invocation, shown: Shown) -> dict[str, Any]:
    """A bill; every line with its words."""
    issued = shown.issued
    found = shown.bill.as_json()
    found["lines"] = [{**line.as_json(), "text": invocation.say(item_of(line))} for line in shown.lines]
    found["choices_text"] = [invocation.say(said) for said in choice_texts(shown.bill.choices)]
    found["due"] = str(shown.due)
    if shown.number is not None:
        found["part_of"] = shown.number
        found["list_price"] = str(sum((line.list_price for line in shown.lines), Decimal("0.00")))
        found["discount"] = str(sum((line.discount for line in shown.lines), Decimal("0.00")))
    return {"state": shown.state, **issued_json(issued, shown.zone), **found}


def issued_json(issued: IssuedBill | None, zone: tzinfo) -> dict[str, Any]:
    """What issuing and paying added to a bill."""
    if issued is None:
        names = ("bill", "issued", "issued_by", "reason", "due_by", "paid", "outstanding")
        return dict.fromkeys(names)
    return {
        "bill": issued.number,
        "issued": iso_time(issued.issued, zone),
        "issued_by": issued.by,
        "reason": issued.reason,
        "due_by": iso_time(issued.due_by, zone),
        "paid": str(issued.paid),
        "outstanding": str(issued.outstanding),
    }


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


def pack_json(pack: PackRow, left: int, at: float, zone: tzinfo) -> dict[str, Any]:
    """A pack and what is left of it."""
    return {
        "pack": pack.id,
        "minutes": pack.minutes,
        "price": str(pack.price),
        "bought": iso_time(pack.bought, zone),
        "expires": iso_time(pack.expires, zone),
        "left": left,
        "valid": pack.bought <= at < pack.expires,
        "by": pack.by,
    }


def mode_json(row: ModeRow) -> dict[str, Any]:
    """A choice of tariff."""
    return {"month": str(row.month), "instance": row.instance, "mode": row.mode, "seats": row.seats}


def mode_text(row: ModeRow) -> Text:
    """A choice of tariff in words."""
    mode = MODE_TEXTS[row.mode]
    seats_en = f", {row.seats} seats" if row.mode == "seats" else ""
    seats_zh = f"，{row.seats} 个坐席" if row.mode == "seats" else ""
    of = f" ({row.instance})" if row.instance else ""
    return Text(f"from {row.month}{of}: {mode.en}{seats_en}", f"{row.month} 起{of}：{mode.zh}{seats_zh}")
