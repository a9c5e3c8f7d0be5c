"""``line400 bill estimate`` and ``prices``: what a traffic would cost under every mode, tier and choice of packs."""

from __future__ import annotations

from ivr_flows.findings import Text
from router.accounting.books import Books
from router.accounting.drafting import Ledger
from router.accounting.estimating import Recorded, recorded, told
from router.accounting.showing import Compared, estimate_json, prices_json
from router.billing.estimate import break_even, compare
from router.billing.months import Month
from router.billing.words import CONFIDENCE_TEXTS, SECTION_TEXTS, arithmetic, packs_text
from router.configuration.consistency import grouped
from router.tariffs import MODE_TEXTS, MODES, PriceTable

from ..life.at_desk import needed
from ..problems import DONE, usage
from .till import Asked, Till, mode_word, number_asked
from .views import show_table

SHOWN = 14
"""Options that a terminal shows; JSON gives all."""


def estimate(till: Till, asked: Asked) -> int:
    """Compare, and say which is cheapest and why."""
    invocation = till.invocation
    mode = mode_word(asked.mode)
    _see_what_is_asked(asked)
    if mode == "seats" and not asked.seats:
        needed(None, "--seats", "line400 bill estimate --minutes 5000 --mode seats --seats 10")

    async def work(ledger: Ledger, books: Books) -> Compared:
        if asked.recorded:
            made, table = await _recorded(ledger, books, till, asked)
        else:
            table = books.prices(till.month(asked, books).first)
            made = Recorded(told(_minutes(asked), table.pack_months, asked.seats or 0), (), asked.calls)
        tiers: list[str | None] = [None, *table.minimums] if asked.recorded else [*table.minimums]
        if asked.tier is not None:
            tiers = [_tier(asked.tier, table)]
        options = compare(made.profile, table, books.rules, tiers, MODES if mode is None else (mode,))
        return Compared(made, options, table)

    found = till.look(work)
    if invocation.json:
        invocation.document(estimate_json(found, till.configuration.settings.billing, invocation.language))
    else:
        _show(till, found)
    return DONE


def _see_what_is_asked(asked: Asked) -> None:
    ways = [asked.minutes is not None, asked.calls is not None, asked.recorded]
    if sum(ways) != 1:
        raise usage(
            "no-profile",
            Text(
                "Say one traffic: --minutes, --calls or --recorded.",
                "请用 --minutes、--calls 或 --recorded 之一说明话务量。",
            ),
            Text("line400 bill estimate --minutes 5000 --seats 10", "line400 bill estimate --minutes 5000 --seats 10"),
        )


def _minutes(asked: Asked) -> int:
    """Minutes a month; of calls, each started minute is one."""
    if asked.minutes is not None:
        return asked.minutes
    from ivr_flows.schema import Refusal, parse_duration

    try:
        seconds = parse_duration(asked.duration or "60s")
    except Refusal as error:
        raise usage(error.code, error.message, error.cure) from error
    return (asked.calls or 0) * max(1, -(-round(seconds * 1000) // 60_000))


def _tier(word: str, table: PriceTable) -> str:
    wanted = word.strip().removesuffix("400号码")
    for tier in table.minimums:
        if tier == wanted or tier == wanted.upper():
            return tier
    raise usage(
        "unknown-tier",
        Text(f"There is no tier `{word[:20]}`.", f"没有档位 `{word[:20]}`。"),
        Text(f"One of: {', '.join(table.minimums)}.", f"可选：{'、'.join(table.minimums)}。"),
    )


async def _recorded(ledger: Ledger, books: Books, till: Till, asked: Asked) -> tuple[Recorded, PriceTable]:
    first_text, _, last_text = (asked.month or "").partition("..")
    first = Month.parse(first_text) if first_text else Month.of(till.at, books.zone).plus(-1)
    last = Month.parse(last_text) if last_text else first
    table = books.prices(first.first)
    number = number_asked(asked)
    account = None
    if number is not None and asked.company is None:
        owners = [t.account for own in books.tenures(first).values() for t in own if t.number == number]
        account = owners[-1] if owners else None
    account = account or books.account(asked.company)
    made = await recorded(ledger, books, account, first, last, asked.seats or 0, table.pack_months, number)
    return made, table


def _show(till: Till, found: Compared) -> None:
    invocation, best = till.invocation, found.options[0]
    say, table = invocation.say, found.table
    minutes = " + ".join(f"{one:,}" for one in found.profile.monthly())
    of = ", ".join(grouped(number) for number in found.traffic.numbers)
    of_en, of_zh = (f" ({of})", f"（{of}）") if of else ("", "")
    months, seats = found.profile.months, found.profile.seats
    invocation.line(
        say(
            Text(
                f"{minutes} minutes in {months} months, {seats} seats{of_en}; prices from {table.since}",
                f"{months} 个月 {minutes} 分钟，{seats} 个坐席{of_zh}；价格表 {table.since}",
            )
        )
    )
    own = say(Text("as it is", "现有档位"))
    titles = (
        *(Text("mode", "资费模式"), Text("tier", "档位"), Text("packs", "语音包")),
        *(Text("a month", "每月"), Text("together", "合计")),
    )
    rows = [
        [say(MODE_TEXTS[one.mode]), one.tier or own, say(packs_text(one.packs)), f"{one.monthly:,}", f"{one.total:,}"]
        for one in found.options[:SHOWN]
    ]
    show_table(invocation, titles, rows, right=(3, 4))
    tier = best.tier or own
    mode = MODE_TEXTS[best.mode]
    packs = packs_text(best.packs)
    invocation.line()
    invocation.line(say(Text(f"Cheapest: {mode.en}, {tier}, {packs.en}", f"最省：{mode.zh}，{tier}，{packs.zh}")))
    for line in arithmetic(best, table.inbound[best.mode]):
        invocation.line(f"  {say(line)}")
    if best.tier is not None:
        from_minutes = break_even(table, best.tier, best.mode)
        said = Text(
            f"The minimum of {best.tier} is used up from {from_minutes:,} minutes a month on.",
            f"{best.tier}档每月 {from_minutes:,} 分钟起用满最低消费。",
        )
        invocation.line(f"  {say(said)}")


def prices(till: Till, asked: Asked) -> int:
    """The price table in force, with where its figures come from."""
    invocation = till.invocation

    async def work(_ledger: Ledger, books: Books) -> PriceTable:
        return books.prices(till.month(asked, books).first)

    table = till.look(work)
    if invocation.json:
        invocation.document(prices_json(table))
        return DONE
    say = invocation.say
    marks = {
        name: f"{mark.date}, {say(CONFIDENCE_TEXTS[mark.confidence])}, {mark.source}"
        for name, mark in table.marks.items()
    }
    inbound = say(SECTION_TEXTS["inbound"])
    rows = [
        [f"{inbound}, {say(MODE_TEXTS[mode])}", str(price), marks.get("inbound", "")]
        for mode, price in table.inbound.items()
    ]
    seats, packs, minimums = (say(SECTION_TEXTS[name]) for name in ("seats", "packs", "minimums"))
    rows += [[f"{seats} ≥ {step}", f"{price:,}", marks.get("seats", "")] for step, price in table.seats.items()]
    rows += [[f"{packs} {size:,}", f"{price:,}", marks.get("packs", "")] for size, price in table.packs.items()]
    rows += [[f"{minimums} {tier}", f"{price:,}", marks.get("minimums", "")] for tier, price in table.minimums.items()]
    rows += [[say(SECTION_TEXTS["free"]), "0.00", marks.get("free", "")]]
    titles = (Text(f"prices from {table.since}", f"{table.since} 起的价格"), Text("yuan", "元"), Text("source", "来源"))
    show_table(invocation, titles, rows, right=(1,))
    return DONE
