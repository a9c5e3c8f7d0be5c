"""``line400 resolve``: line, flow, by which rule, and why each earlier rule did not match."""

from __future__ import annotations

import time
from typing import Annotated

import typer

from ..help_text import both
from ..invocation import Invocation
from ..problems import DONE, NOT_RIGHT

FromOption = Annotated[
    str | None,
    typer.Option("--from", metavar="CALLER", help=both("the caller; hidden without it", "主叫号码；不写为隐藏号码")),
]
AtOption = Annotated[
    str | None, typer.Option("--at", metavar="TIME", help=both("when (default: now)", "时间（默认：现在）"))
]
RevisionOption = Annotated[
    str | None,
    typer.Option(
        "--revision", metavar="N|current", help=both("an applied revision, not the files", "使用已应用的版本")
    ),
]
NoStoreOption = Annotated[
    bool,
    typer.Option(
        "--no-store",
        help=both("leave out announcements, blocks and life states of the store", "不用库中的通知、拦截与状态"),
    ),
]
LineStateOption = Annotated[
    list[str] | None,
    typer.Option(
        "--line-state",
        metavar="LINE=STATE",
        help=both(
            "a line that takes no call: full, busy, no_answer, down (may be repeated)",
            "线路状态 full busy no_answer down（可重复）",
        ),
    ),
]
OccupiedOption = Annotated[
    list[str] | None,
    typer.Option(
        "--occupied",
        metavar="NAME=N",
        help=both("calls that are up on a 400 number or a line (may be repeated)", "号码或线路的当前通话数 （可重复）"),
    ),
]
MonthCallsOption = Annotated[
    list[str] | None,
    typer.Option(
        "--month-calls",
        metavar="NUMBER=N",
        help=both("calls that a 400 number had this month (may be repeated)", "号码本月已接通话数 （可重复）"),
    ),
]


def resolve(
    ctx: typer.Context,
    number: Annotated[
        str, typer.Argument(metavar="NUMBER", help=both("a 400 number or a base number", "400 号码或底号"))
    ],
    caller: FromOption = None,
    at: AtOption = None,
    original_called: Annotated[
        str | None,
        typer.Option(
            "--original-called",
            metavar="N",
            help=both(
                "the 400 number in the header of a call to a base number", "打到底号的来电在信令头中带的 400 号码"
            ),
        ),
    ] = None,
    trunk: Annotated[
        str | None, typer.Option("--trunk", metavar="T", help=both("the trunk it arrives on", "到达的中继"))
    ] = None,
    line_state: LineStateOption = None,
    occupied: OccupiedOption = None,
    month_calls: MonthCallsOption = None,
    revision: RevisionOption = None,
    no_store: NoStoreOption = False,
) -> int:
    """Status 1 for a valid number that is not configured; unbound, not routed and rejected are 0 (CONTRACT)."""
    from router.resolution import Inbound

    from ..moments import parse_time
    from ..presentation import show_resolution
    from ..resolving import explained
    from ..traffic import traffic_of
    from ..world import look

    invocation: Invocation = ctx.obj
    world = look(invocation, revision, use_store=not no_store)
    moment = time.time() if at is None else parse_time(at, world.book.zone)
    inbound = Inbound(
        number,
        caller,
        moment,
        trunk=trunk,
        original_called=original_called,
        traffic=traffic_of(world.book, moment, line_state, occupied, month_calls),
    )
    found = explained(world.book, world.overlay, inbound)
    if invocation.json:
        invocation.document(found.as_json(invocation.language))
    else:
        show_resolution(invocation, found.resolution, found.tried, found.caller)
    return NOT_RIGHT if found.unknown else DONE
