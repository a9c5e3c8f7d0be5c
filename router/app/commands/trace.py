"""``line400 trace``: who reaches a line, a flow or a queue, and when; ``--down``: what is hit if it dies."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated

import typer

from ivr_flows.findings import Text
from ivr_flows.schema import nearest

from ..help_text import both
from ..invocation import Invocation, printable
from ..problems import DONE, usage
from .prove import FirstOption, LastOption, YearOption, range_of
from .resolve import AtOption, RevisionOption

if TYPE_CHECKING:
    from router.book import RouteBook
    from simulator.proving.tracing import Instead, Subject, Traced


def trace(
    ctx: typer.Context,
    line: Annotated[str | None, typer.Option("--line", metavar="L", help=both("a line", "线路"))] = None,
    flow: Annotated[str | None, typer.Option("--flow", metavar="F", help=both("a flow", "流程"))] = None,
    queue: Annotated[str | None, typer.Option("--queue", metavar="Q", help=both("a queue", "队列"))] = None,
    down: Annotated[
        bool,
        typer.Option("--down", help=both("where these calls go if it dies", "它失效时这些来电改去哪里")),
    ] = False,
    first: FirstOption = None,
    last: LastOption = None,
    year: YearOption = None,
    at: AtOption = None,
    revision: RevisionOption = None,
) -> int:
    """Status 0 also where nobody reaches it."""
    from router.book import RouteBook
    from simulator.proving.tracing import trace as traced

    from ..world import load

    invocation: Invocation = ctx.obj
    configuration, label = load(invocation, revision)
    book = RouteBook.compile(configuration, label)
    subject = _subject(book, configuration.flow_sources, line, flow, queue)
    begin, end = range_of(book, first, last, year, at)
    rows = list(traced(configuration, book, begin, end, subject, down=down))
    if invocation.json:
        invocation.document(
            {
                subject.kind: subject.name,
                "down": down,
                "from": book.environment.local_time(begin).isoformat(),
                "to": book.environment.local_time(end).isoformat(),
                "numbers": len({row.number for row in rows}),
                "reached_by": [row.as_json(invocation.language) for row in rows],
            }
        )
    else:
        _show(invocation, rows, down)
    return DONE


def _subject(book: RouteBook, flows: Iterable[str], line: str | None, flow: str | None, queue: str | None) -> Subject:
    """The one thing asked about. Raises `Problem`."""
    from simulator.proving.tracing import Subject, SubjectKind

    kinds: tuple[tuple[SubjectKind, str | None, Iterable[str]], ...] = (
        ("line", line, book.lines),
        ("flow", flow, flows),
        ("queue", queue, book.queues),
    )
    given = [(kind, name, known) for kind, name, known in kinds if name is not None]
    if len(given) != 1:
        raise usage(
            "trace-what",
            Text("Name one thing to trace.", "请指定一个追踪对象。"),
            Text("One of --line L, --flow F, --queue Q.", "--line、--flow、--queue 三者之一。"),
        )
    kind, name, known = given[0]
    if name not in known:
        close = nearest(name, known)
        listed = ", ".join(list(known)[:8])
        raise usage(
            f"unknown-{kind}",
            Text(f"There is no {kind} `{name}`.", f"没有名为 `{name}` 的{_KINDS[kind]}。"),
            Text(f"Did you mean `{close}`?", f"是否想输入 `{close}`？")
            if close
            else Text(f"Known: {listed}.", f"已定义的有：{listed}。"),
        )
    return Subject(kind, name)


_KINDS = {"line": "线路", "flow": "流程", "queue": "队列"}


def _show(invocation: Invocation, rows: list[Traced], down: bool) -> None:
    from rich.box import SIMPLE
    from rich.table import Table
    from rich.text import Text as Styled

    from router.number400 import Number400

    say = invocation.say
    if not rows:
        invocation.line(say(Text("Nobody reaches it in this time.", "这段时间内没有来电会到达。")))
        return
    headings = [
        Text("number", "号码"),
        Text("way", "走向"),
        Text("who", "来电"),
        Text("when", "时间"),
        *([Text("instead", "改去")] if down else []),
    ]
    table = Table(box=SIMPLE, show_edge=False, pad_edge=False)
    for heading in headings:
        table.add_column(say(heading), overflow="fold")
    for row in rows:
        way = " → ".join(part for part in (row.rule if row.rule != "default" else None, row.flow) if part) or "–"
        if row.share != 1:
            way = f"{way} ({float(row.share * 100):.4g}%)"
        cells = [Number400.parse(row.number).grouped, way, say(row.who), say(row.when)]
        if row.instead is not None:
            cells.append(_instead(invocation, row.instead))
        table.add_row(*(Styled(printable(cell)) for cell in cells))
    invocation.console().print(table)
    numbers = len({row.number for row in rows})
    invocation.line(say(Text(f"{numbers} number{'' if numbers == 1 else 's'}", f"共 {numbers} 个号码")))


def _instead(invocation: Invocation, instead: Instead) -> str:
    from simulator.proving.ends import in_words

    say = invocation.say
    ends = say(in_words(instead.ends))
    if instead.fallback is not None:
        return say(Text(f"the line's fallback: {instead.fallback}", f"线路备用：{instead.fallback}"))
    parts = [part for part in (instead.line, instead.flow) if part]
    return " → ".join([*parts, ends]) if ends else say(Text("nothing: the calls fail", "无：呼叫失败"))
