"""``line400 cdr``: call records, filtered, as a table, JSON or CSV."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ivr_flows.findings import Text

from ..help_text import both
from ..invocation import Invocation
from ..problems import DONE, usage

SHOWN = 50
"""Records that a terminal shows unless ``--limit`` says otherwise; JSON and CSV give all."""


def cdr(
    ctx: typer.Context,
    called: Annotated[
        str | None, typer.Option("--called", metavar="NUMBER", help=both("calls to this 400 number", "呼入该 400 号码"))
    ] = None,
    caller: Annotated[
        str | None, typer.Option("--caller", metavar="NUMBER", help=both("calls from this caller", "该主叫的来电"))
    ] = None,
    outcome: Annotated[
        str | None, typer.Option("--outcome", metavar="WORD", help=both("calls that ended so", "以此结果结束的来电"))
    ] = None,
    line: Annotated[
        str | None, typer.Option("--line", metavar="LINE", help=both("calls on this line", "走该线路的来电"))
    ] = None,
    flow: Annotated[
        str | None, typer.Option("--flow", metavar="FLOW", help=both("calls in this flow", "进入该流程的来电"))
    ] = None,
    since: Annotated[
        str | None, typer.Option("--since", metavar="TIME", help=both("begun at TIME or later", "不早于该时间开始"))
    ] = None,
    until: Annotated[
        str | None, typer.Option("--until", metavar="TIME", help=both("begun before TIME", "早于该时间开始"))
    ] = None,
    real: Annotated[bool, typer.Option("--real", help=both("only real calls", "只看真实来电"))] = False,
    test: Annotated[bool, typer.Option("--test", help=both("only test calls", "只看测试来电"))] = False,
    limit: Annotated[
        int | None, typer.Option("--limit", metavar="N", min=1, help=both("the newest N", "最新的 N 条"))
    ] = None,
    csv: Annotated[
        Path | None,
        typer.Option(
            "--csv", metavar="FILE", help=both("write CSV to FILE; - is standard output", "写入 CSV 文件；- 为标准输出")
        ),
    ] = None,
) -> int:
    """Newest first. An empty store, or none yet, is an empty list."""
    from ..loading import load_settings
    from ..presentation import show_records
    from ..records import call_filter
    from ..spreadsheet import write_csv, write_rows
    from ..stores import query

    invocation: Invocation = ctx.obj
    if real and test:
        raise usage("real-and-test", Text("--real and --test exclude each other.", "--real 与 --test 不能同时使用。"))
    to_stdout = csv == Path("-")
    if to_stdout and invocation.json:
        raise usage(
            "csv-and-json",
            Text("Standard output takes CSV or JSON, not both.", "标准输出只能是 CSV 或 JSON 之一。"),
            Text("Write the CSV to a file: --csv calls.csv", "请把 CSV 写入文件：--csv calls.csv"),
        )
    settings, zone = load_settings(invocation)
    bound = limit if limit is not None or invocation.json or csv is not None else SHOWN
    wanted = call_filter(
        zone,
        called=called,
        caller=caller,
        outcome=outcome,
        line=line,
        flow=flow,
        since=since,
        until=until,
        test=True if test else False if real else None,
        limit=None if bound is None else bound + 1,
    )
    records = query(settings.store, wanted)
    more = bound is not None and len(records) > bound
    records = records[:bound]
    if to_stdout:
        write_rows(invocation.out, records, zone, invocation.language)
    elif csv is not None:
        write_csv(csv, records, zone, invocation.language)
        invocation.note(
            Text(f"{len(records)} records are written to {csv}.", f"已将 {len(records)} 条记录写入 {csv}。")
        )
    if invocation.json:
        invocation.document([record.as_json(zone, invocation.language) for record in records])
    elif csv is None:
        if records:
            show_records(invocation, records, zone)
        else:
            invocation.line(invocation.say(Text("No call records.", "没有呼叫记录。")))
    if more and limit is None:
        invocation.note(
            Text(
                f"Only the newest {bound} are shown; --limit N shows more.",
                f"只显示最新 {bound} 条；用 --limit N 查看更多。",
            )
        )
    return DONE
