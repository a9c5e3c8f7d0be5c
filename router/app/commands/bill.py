"""``line400 bill``: what numbers cost: bills, voice packs, tariffs, payments, estimates."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from ..arguments import as_text
from ..help_text import both
from ..invocation import Invocation
from .emergency import Author, Reason

ACTIONS = (
    *("show", "issue", "list", "export", "pay", "correct", "arrears"),
    *("packs", "mode", "estimate", "prices"),
)


def bill(
    ctx: typer.Context,
    action: Annotated[
        str | None,
        typer.Argument(metavar="ACTION", help=both(f"show (default); {', '.join(ACTIONS)}", "、".join(ACTIONS))),
    ] = None,
    what: Annotated[
        str | None,
        typer.Argument(
            metavar="BILL|NUMBER|buy|list|balance",
            parser=as_text,
            help=both(
                "a bill (B202610-0001), a 400 number, or for packs: buy, list, balance",
                "账单号（B202610-0001）、400 号码；packs：buy、list、balance",
            ),
        ),
    ] = None,
    company: Annotated[
        str | None,
        typer.Option(
            "--company",
            metavar="NAME",
            parser=as_text,
            help=both("of which company (name or credit code)", "哪家公司（名称或信用代码）"),
        ),
    ] = None,
    month: Annotated[
        str | None,
        typer.Option(
            "--month",
            metavar="MONTH",
            help=both("2026-10; estimate --recorded: also FIRST..LAST", "如 2026-10；estimate --recorded 可写 起..止"),
        ),
    ] = None,
    number: Annotated[
        str | None,
        typer.Option("--number", metavar="NUMBER", help=both("only this 400 number", "只看该 400 号码")),
    ] = None,
    minutes: Annotated[
        int | None,
        typer.Option(
            "--minutes",
            metavar="N",
            min=0,
            help=both("packs buy: size of the pack; estimate: a month", "packs buy：语音包分钟数；estimate：每月分钟"),
        ),
    ] = None,
    count: Annotated[
        int, typer.Option("--count", metavar="N", min=1, max=1000, help=both("packs buy: how many", "packs buy：数量"))
    ] = 1,
    seats: Annotated[
        int | None,
        typer.Option("--seats", metavar="N", min=0, max=100_000, help=both("mode, estimate: seats", "坐席数")),
    ] = None,
    mode: Annotated[
        str | None,
        typer.Option(
            "--mode",
            metavar="usage|seats",
            parser=as_text,
            help=both("pay as you go, or seats by the month", "按量付费（usage）或坐席包月（seats）"),
        ),
    ] = None,
    instance: Annotated[
        str | None,
        typer.Option("--instance", metavar="NAME", parser=as_text, help=both("mode: of this instance", "mode：实例")),
    ] = None,
    calls: Annotated[
        int | None,
        typer.Option("--calls", metavar="N", min=0, help=both("estimate: calls a month", "estimate：每月来电数")),
    ] = None,
    duration: Annotated[
        str | None,
        typer.Option(
            "--duration", metavar="D", help=both("estimate: length of a call (60s)", "estimate：每通时长（60s）")
        ),
    ] = None,
    tier: Annotated[
        str | None,
        typer.Option("--tier", metavar="TIER", parser=as_text, help=both("estimate: only this tier", "只比较该档位")),
    ] = None,
    recorded: Annotated[
        bool, typer.Option("--recorded", help=both("estimate: for recorded calls", "estimate：按已有来电记录"))
    ] = False,
    amount: Annotated[
        str | None,
        typer.Option(
            "--amount",
            metavar="YUAN",
            help=both("pay: a part; correct: by so much (-50.00)", "pay：部分支付；correct：更正金额（如 -50.00）"),
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help=both("export: .json .csv .xlsx .pdf", "export：导出文件")),
    ] = None,
    unpaid: Annotated[bool, typer.Option("--unpaid", help=both("list: not settled", "list：未结清"))] = False,
    all_: Annotated[bool, typer.Option("--all", help=both("issue: every company", "issue：所有公司"))] = False,
    at: Annotated[
        str | None, typer.Option("--at", metavar="TIME", help=both("as if it were TIME", "按该时刻办理"))
    ] = None,
    author: Author = None,
    reason: Reason = None,
) -> int:
    """An issued bill stays as it is; what is wrong with it is corrected on a later one."""
    from ..billing import estimating, exporting
    from ..billing.acting import Acting
    from ..billing.tariffs import Tariffs
    from ..billing.till import Asked, open_till
    from ..life.at_desk import unknown_action

    invocation: Invocation = ctx.obj
    asked = Asked(
        what=what,
        company=company,
        month=month,
        number=number,
        minutes=minutes,
        count=count,
        seats=seats,
        mode=mode,
        instance=instance,
        calls=calls,
        duration=duration,
        tier=tier,
        recorded=recorded,
        amount=amount,
        out=out,
        unpaid=unpaid,
        all=all_,
    )
    word = (action or "show").lower()
    if word not in ACTIONS:
        raise unknown_action(word, ACTIONS)
    till = open_till(invocation, at, author, reason)
    acting, tariffs = Acting(till, asked), Tariffs(till, asked)
    acts: dict[str, Callable[[], int]] = {
        "show": acting.show,
        "issue": acting.issue,
        "list": acting.list,
        "export": lambda: exporting.export(acting),
        "pay": acting.pay,
        "correct": acting.correct,
        "arrears": acting.arrears,
        "packs": tariffs.packs,
        "mode": tariffs.mode,
        "estimate": lambda: estimating.estimate(till, asked),
        "prices": lambda: estimating.prices(till, asked),
    }
    return acts[word]()
