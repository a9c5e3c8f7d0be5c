"""Bills in words: what each line is, how its amount comes about, and which choices a bill was made with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ivr_flows.findings import Text
from router.tariffs import MODE_TEXTS, Confidence, Section

from .bill import Bill, Line, LineCode
from .estimate import Option

LINE_TEXTS: dict[LineCode, Text] = {
    "inbound": Text("inbound minutes", "400 呼入通话费（分钟）"),
    "inbound_pack": Text("inbound minutes out of voice packs", "400 呼入（语音包抵扣，分钟）"),
    "minimum": Text("up to the monthly minimum", "月最低消费补足"),
    "rent": Text("rent of the number", "400 号码月租"),
    "base_number": Text("base number", "底号费用"),
    "long_distance": Text("long distance", "长途费（分钟）"),
    "seats": Text("seats by the month", "坐席包月"),
    "pack": Text("voice pack", "语音包"),
    "correction": Text("correction", "账单更正"),
}
COLUMNS: tuple[tuple[str, Text], ...] = (
    ("number", Text("number", "号码")),
    ("item", Text("item", "项目")),
    ("unit_price", Text("unit price", "单价")),
    ("quantity", Text("quantity", "用量")),
    ("list_price", Text("list price", "原价")),
    ("discount", Text("discount", "优惠金额")),
    ("due", Text("due", "应付")),
)
STATE_TEXTS: dict[str, Text] = {
    "draft": Text("not issued", "未出账"),
    "open": Text("to be paid", "待支付"),
    "overdue": Text("overdue", "已逾期"),
    "settled": Text("settled", "已结清"),
}
_SHARES = {"full": Text("in full", "全额"), "days": Text("by days", "按天"), "none": Text("not at all", "不收")}
_TRANSFERS = {
    "days": Text("each company by days", "双方按天分摊"),
    "new": Text("the new company", "由新公司承担"),
    "old": Text("the old company", "由原公司承担"),
    "both": Text("both companies in full", "双方各全额"),
}
SECTION_TEXTS: dict[Section, Text] = {
    "inbound": Text("inbound minutes", "400 呼入"),
    "seats": Text("seats", "坐席"),
    "packs": Text("voice packs", "语音包"),
    "minimums": Text("minimums by tier", "档位月最低消费"),
    "free": Text("the three frees", "三免"),
}
CONFIDENCE_TEXTS: dict[Confidence, Text] = {
    "sourced": Text("read in the source", "来源明确"),
    "inferred": Text("inferred", "推断"),
    "own": Text("own figure", "自定"),
}


def item_of(line: Line) -> Text:
    """What a line is, with what explains its amount."""
    name = LINE_TEXTS[line.code]
    facts = line.facts
    match line.code:
        case "inbound" | "inbound_pack":
            mode = MODE_TEXTS[facts["mode"]]
            return Text(f"{name.en} ({mode.en})", f"{name.zh}（{mode.zh}）")
        case "minimum":
            return _minimum(line)
        case "seats":
            of = facts.get("instance")
            return Text(f"{name.en} ({of})", f"{name.zh}（{of}）") if of else name
        case "pack":
            return Text(
                f"{name.en} {facts['pack']}: {facts['minutes']:,} minutes until {facts['expires']}",
                f"{name.zh} {facts['pack']}：{facts['minutes']:,} 分钟，有效期至 {facts['expires']}",
            )
        case "correction":
            return Text(
                f"{name.en} of {facts['bill']}: {facts['reason']}", f"{name.zh} {facts['bill']}：{facts['reason']}"
            )
        case _:
            return Text(f"{name.en}: free", f"{name.zh}：免")


def _minimum(line: Line) -> Text:
    facts = line.facts
    en, zh = f"{facts['minimum']} less {facts['counted']}", f"{facts['minimum']} 减 {facts['counted']}"
    if facts["share"] != "1":
        en = f"{facts['monthly']} × {facts['share']} = {en}"
        zh = f"{facts['monthly']} × {facts['share']} = {zh}"
    name = LINE_TEXTS["minimum"]
    return Text(f"{name.en}, {facts['tier']}: {en}", f"{name.zh}（{facts['tier']}：{zh}）")


def choice_texts(choices: Mapping[str, Any]) -> list[Text]:
    """The rules that a bill was made with, a sentence each."""
    counts, seats = choices["pack_use_counts"], choices["packs_with_seats"]
    shared = choices["minimum_of"] == "tier"
    first, last, suspended = (_SHARES[choices[name]] for name in ("first_month", "last_month", "suspended_days"))
    transfer = _TRANSFERS[choices["transfer"]]
    return [
        Text(
            f"A call belongs to the month in which its flow began; months end at midnight in {choices['timezone']}.",
            f"来电按进入流程的时刻归月；月份以 {choices['timezone']} 零点为界。",
        ),
        Text(
            f"Minutes out of packs {'count' if counts else 'do not count'} to the minimum.",
            f"语音包抵扣的分钟{'计入' if counts else '不计入'}月最低消费。",
        ),
        Text(
            f"Packs {'cover' if seats else 'do not cover'} calls under seats by the month.",
            f"语音包{'可' if seats else '不可'}抵扣坐席包月下的通话。",
        ),
        Text(
            "The numbers of a tier share one minimum." if shared else "Every number has a minimum of its own.",
            "同一档位的号码共用一份月最低消费。" if shared else "每个号码单独计算月最低消费。",
        ),
        Text(
            f"The minimum of the month of purchase counts {first.en}, of the last month {last.en}, on suspended days "
            f"{suspended.en}.",
            f"月最低消费：开通首月{first.zh}，末月{last.zh}，停机日{suspended.zh}。",
        ),
        Text(
            f"In the month of a transfer the minimum is borne by {transfer.en}.",
            f"过户当月的月最低消费：{transfer.zh}。",
        ),
    ]


def packs_text(packs: Mapping[int, int]) -> Text:
    """A combination of packs."""
    if not packs:
        return Text("no packs", "不购语音包")
    said = " + ".join(f"{count} × {size:,}" for size, count in packs.items())
    return Text(said, said)


def arithmetic(option: Option, price: Any) -> list[Text]:
    """How the total of an option comes about, line by line."""
    found: list[Text] = []
    if option.packs:
        packs = packs_text(option.packs)
        found.append(
            Text(f"packs {packs.en} minutes = {option.pack_price:,}", f"语音包 {packs.zh} 分钟 = {option.pack_price:,}")
        )
    for index, month in enumerate(option.months):
        charged = month.minutes - month.covered
        en = f"month {index + 1}: ({month.minutes:,} − {month.covered:,}) × {price} = {month.calls:,}"
        zh = f"第 {index + 1} 月：({month.minutes:,} − {month.covered:,}) × {price} = {month.calls:,}"
        if not month.covered:
            en = f"month {index + 1}: {charged:,} × {price} = {month.calls:,}"
            zh = f"第 {index + 1} 月：{charged:,} × {price} = {month.calls:,}"
        if month.minimum:
            en += f"; up to the minimum + {month.minimum:,}"
            zh += f"；补足月最低消费 + {month.minimum:,}"
        if month.seats:
            en += f"; seats + {month.seats:,}"
            zh += f"；坐席 + {month.seats:,}"
        found.append(Text(f"{en} → {month.total:,}", f"{zh} → {month.total:,}"))
    found.append(
        Text(
            f"together {option.total:,} yuan in {len(option.months)} months, {option.monthly:,} a month",
            f"{len(option.months)} 个月合计 {option.total:,} 元，平均每月 {option.monthly:,} 元",
        )
    )
    return found


def title_of(bill: Bill) -> Text:
    """The heading of a bill."""
    return Text(f"Bill of {bill.company} for {bill.month}", f"{bill.company} {bill.month} 账单")
