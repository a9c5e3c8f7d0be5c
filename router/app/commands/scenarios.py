"""``line400 test``: runs scenarios, in virtual time or over the embedded switch."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from ivr_flows.findings import Text

from ..help_text import both
from ..invocation import Invocation
from .call import OnOption, check_way, placing_over_asterisk
from .resolve import RevisionOption

if TYPE_CHECKING:
    from router.record import CallRecord
    from router.store import Store
    from simulator.scenarios import Way


def run(
    ctx: typer.Context,
    paths: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="PATH",
            help=both(
                "scenario files or folders (default: scenarios/ of the configuration)",
                "场景文件或目录（默认：配置目录下的 scenarios/）",
            ),
        ),
    ] = None,
    on: OnOption = "virtual",
    n: Annotated[
        int,
        typer.Option(
            "-n", metavar="N", min=1, max=200, help=both("calls at a time on the switch", "交换机上同时进行的呼叫数")
        ),
    ] = 4,
    select: Annotated[
        str | None,
        typer.Option(
            "--select",
            metavar="WORDS",
            help=both("only scenarios whose name or tag has WORDS", "只运行名称或标签含该词的场景"),
        ),
    ] = None,
    seed: Annotated[int, typer.Option("--seed", metavar="N", help=both("seed of call ids", "呼叫 ID 的种子"))] = 0,
    junit: Annotated[
        Path | None, typer.Option("--junit", metavar="F", help=both("write JUnit XML to F", "写入 JUnit XML"))
    ] = None,
    html: Annotated[
        Path | None, typer.Option("--html", metavar="F", help=both("write an HTML report to F", "写入 HTML 报告"))
    ] = None,
    record: Annotated[
        bool, typer.Option("--record", help=both("keep the call records in the store", "把呼叫记录写入库"))
    ] = False,
    revision: RevisionOption = None,
) -> int:
    """Status 0 where all hold, 1 where one does not, 2 where a file cannot be read. Never looks at the store's life
    states, announcements and blocks, nor at the clock."""
    from router.book import RouteBook
    from simulator.scenarios import as_html, as_junit, as_text, run_scenarios
    from simulator.scenarios.switch_way import over_switch

    from ..problems import usage
    from ..stores import change
    from ..world import load

    invocation: Invocation = ctx.obj
    check_way(on)
    configuration, label = load(invocation, revision)
    book = RouteBook.compile(configuration, label)
    place = None
    if on == "switch":
        place = over_switch(book)
    elif on == "asterisk":
        place = placing_over_asterisk(invocation, book)
    report = run_scenarios(
        paths or [invocation.config / "scenarios"],
        book,
        on=cast("Way", on),
        place=place,
        seed=seed,
        n=n,
        select=select,
    )
    if select and not report.results:
        raise usage(
            "nothing-selected",
            Text(
                f"No scenario's name, tag or file name has `{select}`.",
                f"没有场景的名称、标签或文件名含有 `{select}`。",
            ),
            Text("`line400 test` without --select names them all.", "不带 --select 的 `line400 test` 会列出全部场景。"),
        )
    if record:
        records = [result.record for result in report.results if result.record is not None]
        change(configuration.settings.store, lambda store: _save(store, records))
    for file, text in ((junit, as_junit), (html, as_html)):
        if file is not None:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text(report, invocation.language), encoding="utf-8")
    if invocation.json:
        invocation.document(report.as_json(invocation.language))
    else:
        invocation.line(as_text(report, invocation.language, verbose=not invocation.quiet))
    return report.exit_status


async def _save(store: Store, records: list[CallRecord]) -> None:
    for record in records:
        await store.save(record)
