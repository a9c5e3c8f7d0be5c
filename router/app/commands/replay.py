"""``line400 replay``: the real calls of a day through the files, or through another revision."""

from __future__ import annotations

import time
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ivr_flows.findings import Text

from ..help_text import both
from ..invocation import Invocation
from ..problems import DONE, usage
from .resolve import RevisionOption

if TYPE_CHECKING:
    from router.book import RouteBook
    from simulator.replaying import ReplayReport

DAY_SECONDS = 86_400.0


def replay(
    ctx: typer.Context,
    day: Annotated[
        str | None, typer.Option("--day", metavar="DATE", help=both("the calls of this day", "这一天的来电"))
    ] = None,
    since: Annotated[
        str | None, typer.Option("--since", metavar="TIME", help=both("calls begun at TIME or later", "此后开始的来电"))
    ] = None,
    until: Annotated[
        str | None, typer.Option("--until", metavar="TIME", help=both("calls begun before TIME", "此前开始的来电"))
    ] = None,
    called: Annotated[
        str | None, typer.Option("--called", metavar="NUMBER", help=both("only calls to it", "只看呼叫该号码的来电"))
    ] = None,
    candidate: Annotated[
        Path | None,
        typer.Option("--candidate", metavar="DIR", help=both("another configuration folder", "另一个配置目录")),
    ] = None,
    revision: RevisionOption = None,
    test: Annotated[bool, typer.Option("--test", help=both("test calls instead of real ones", "改用测试呼叫"))] = False,
) -> int:
    """Which recorded calls would go another way. Status 0 either way."""
    from router.book import RouteBook
    from router.number400 import Number400
    from router.store import CallFilter
    from simulator.replaying import replay_all

    from ..loading import load_folder, load_settings
    from ..moments import parse_time
    from ..stores import query
    from ..world import load

    invocation: Invocation = ctx.obj
    if candidate is not None and revision is not None:
        raise usage(
            "two-candidates",
            Text("--candidate and --revision exclude each other.", "--candidate 与 --revision 不能同时使用。"),
            Text("Give one of them.", "请只给出一个。"),
        )
    settings, zone = load_settings(invocation)
    if day is not None and (since is not None or until is not None):
        raise usage(
            "range-given-twice",
            Text("--day is the whole range.", "--day 已是完整范围。"),
            Text("Leave --since and --until out, or --day.", "请去掉 --since、--until，或去掉 --day。"),
        )
    if day is None and since is None:
        day = datetime.fromtimestamp(time.time(), zone).date().isoformat()
    begins = parse_time(day if day is not None else since or "", zone)
    ends = begins + DAY_SECONDS if day is not None else None if until is None else parse_time(until, zone)
    number = None if called is None else Number400.parse(called).digits
    records = query(settings.store, CallFilter(called=number, since=begins, until=ends, test=test, up=False))[::-1]
    configuration, label = (
        (load_folder(invocation, candidate), str(candidate)) if candidate is not None else load(invocation, revision)
    )
    book = RouteBook.compile(configuration, label)
    report = replay_all(records, _baselines(invocation, (record.revision for record in records)), book)
    if invocation.json:
        invocation.document(report.as_json(invocation.language))
    else:
        _show(invocation, report)
    return DONE


def _baselines(invocation: Invocation, names: Iterable[str | None]) -> dict[str, RouteBook]:
    """The books of the revisions that can be read and loaded; a call on another one is only routed."""
    from router.book import RouteBook
    from router.flow_environment import BookError
    from router.store import StoreError

    from ..problems import Problem
    from ..world import load

    found: dict[str, RouteBook] = {}
    for name in dict.fromkeys(names):
        if name is None or not name.startswith("r"):
            continue
        try:
            configuration, label = load(invocation, name)
            found[name] = RouteBook.compile(configuration, label)
        except (Problem, StoreError, BookError) as error:
            invocation.warn(error.message)
    return found


def _show(invocation: Invocation, report: ReplayReport) -> None:
    say = invocation.say
    for group in report.in_order():
        count = say(Text(f"{group.calls} calls" if group.calls != 1 else "1 call", f"{group.calls} 通来电"))
        before, after = (say(text) for text in group.said)
        invocation.line(say(Text(f"{group.number}: {count}", f"{group.number}：{count}")))
        invocation.line(say(Text(f"  before, {before}; after, {after}", f"  原来{before}，现在{after}")))
        if group.example.stimulus is not None:
            invocation.line(f"    {group.example.stimulus.command(report.zone)}")
    for why, calls in report.reasons.items():
        invocation.note(
            Text(f"{calls} only routed: {why.en}.", f"{calls} 通只比较了路由：{why.zh}。"),
        )
    invocation.line(
        say(
            Text(
                f"{report.calls} calls replayed, {report.differ} would go another way.",
                f"重放 {report.calls} 通来电，其中 {report.differ} 通会走不同的路。",
            )
        )
    )
