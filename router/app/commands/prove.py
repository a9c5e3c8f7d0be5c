"""``line400 prove``: for every number, every minute of a year and every kind of caller where the call ends."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ivr_flows.findings import Finding, Text

from ..help_text import both
from ..invocation import Invocation
from ..problems import DONE, NOT_RIGHT, usage
from .explore import number_of
from .resolve import AtOption, RevisionOption
from .tables import progress

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from router.book import RouteBook
    from simulator.proving import NumberProof, Prover

LONGEST_DAYS = 3 * 366
MANY = 100
"""With more numbers only those with a way to nowhere are shown as tables."""

FirstOption = Annotated[
    str | None,
    typer.Option("--from", metavar="DATE", help=both("first day (default: that of --at)", "起始日（默认：--at 当天）")),
]
LastOption = Annotated[
    str | None,
    typer.Option("--to", metavar="DATE", help=both("last day (default: a year on)", "截止日（默认：一年后）")),
]
YearOption = Annotated[
    int | None,
    typer.Option("--year", metavar="Y", min=1990, max=2200, help=both("the calendar year Y", "整个公历年 Y")),
]


def prove(
    ctx: typer.Context,
    numbers: Annotated[
        list[str] | None,
        typer.Argument(metavar="NUMBER", help=both("400 numbers (default: all)", "400 号码（默认：全部）")),
    ] = None,
    first: FirstOption = None,
    last: LastOption = None,
    year: YearOption = None,
    at: AtOption = None,
    html: Annotated[
        Path | None, typer.Option("--html", metavar="F", help=both("write a page of HTML", "写成 HTML 页面"))
    ] = None,
    revision: RevisionOption = None,
) -> int:
    """Status 1 where a call ends nowhere, or an invariant does not hold."""
    from router.book import RouteBook
    from router.configuration.files_on_disk import write_atomic
    from simulator.proving import Prover, calendar_findings, findings_of, findings_of_invariants, rows_of

    from ..proof_view import Page, show_number, show_summary
    from ..world import load

    invocation: Invocation = ctx.obj
    configuration, label = load(invocation, revision)
    book = RouteBook.compile(configuration, label)
    begin, end = range_of(book, first, last, year, at)
    prover = Prover(configuration, book, begin, end)
    wanted: Iterable[str] = (
        dict.fromkeys(number_of(configuration, book, text, flows=False) for text in numbers)
        if numbers
        else book.numbers()
    )
    page = Page(prover, invocation.language) if html is not None else None
    findings: list[Finding] = []
    documents: list[dict[str, object]] = []
    shown = len(numbers) if numbers else len(book)
    proved = cells = count = 0
    for proof in _proofs(invocation, prover, wanted, shown):
        number = proof.number
        found = list(findings_of(prover, proof))
        findings.extend(found)
        count += 1
        cells += len(proof.partition.cells)
        proved += proof.proved
        if page is not None:
            page.add(proof)
        if invocation.json:
            documents.append(
                {
                    "number": number,
                    "proved": proof.proved,
                    "cells": len(proof.partition.cells),
                    "minutes": proof.minutes,
                    "rows": [row.as_json(invocation.language) for row in rows_of(proof, book.zone)],
                }
            )
        elif shown <= MANY or not proof.proved:
            show_number(invocation, prover, proof)
    chosen = list(wanted) if numbers else None
    findings.extend(findings_of_invariants(prover, configuration.invariants, chosen))
    findings.extend(calendar_findings(prover))
    if page is not None and html is not None:
        write_atomic(html, page.text(findings).encode("utf-8"))
    if invocation.json:
        invocation.document(
            {
                "from": book.environment.local_time(begin).isoformat(),
                "to": book.environment.local_time(end).isoformat(),
                "numbers": documents,
                "cells": cells,
                "proved": proved == count,
                "findings": [finding.as_json(invocation.language) for finding in findings],
            }
        )
    else:
        show_summary(invocation, prover, count, proved, cells, findings)
    return NOT_RIGHT if any(finding.severity == "error" for finding in findings) else DONE


def _proofs(invocation: Invocation, prover: Prover, numbers: Iterable[str], count: int) -> Iterator[NumberProof]:
    """The proofs of ``numbers``; of many, with a bar that tells how far it is."""
    if count <= MANY:
        yield from map(prover.prove, numbers)
        return
    with progress(invocation, Text("numbers proved", "已证明号码")) as told:
        for done, number in enumerate(numbers, 1):
            yield prover.prove(number)
            told(done, count)


def range_of(
    book: RouteBook, first: str | None, last: str | None, year: int | None, at: str | None
) -> tuple[float, float]:
    """The range of time ``[begin, end)`` that the options name, whole days of the configured time zone. Raises
    `Problem`."""
    from ..moments import parse_time

    zone = book.zone
    if year is not None:
        if first is not None or last is not None:
            raise usage(
                "range-given-twice",
                Text("--year is the whole range.", "--year 已是完整范围。"),
                Text("Leave --from and --to out, or --year.", "请去掉 --from、--to，或去掉 --year。"),
            )
        return datetime(year, 1, 1, tzinfo=zone).timestamp(), datetime(year + 1, 1, 1, tzinfo=zone).timestamp()
    given = first if first is not None else at
    moment = time.time() if given is None else parse_time(given, zone)
    begins = datetime.fromtimestamp(moment, zone).date()
    if last is None:
        try:
            ends = begins.replace(year=begins.year + 1)
        except ValueError:  # from a 29 February on
            ends = begins.replace(year=begins.year + 1, month=3, day=1)
    else:
        ends = datetime.fromtimestamp(parse_time(last, zone), zone).date() + timedelta(days=1)
    if not 0 < (ends - begins).days <= LONGEST_DAYS:
        raise usage(
            "bad-range",
            Text(
                f"From {begins} to {ends - timedelta(days=1)} is no range of 1 day to 3 years.",
                f"{begins} 至 {ends - timedelta(days=1)} 不是 1 天到 3 年的范围。",
            ),
            Text("Write for example --from 2026-10-01 --to 2026-10-07.", "例如 --from 2026-10-01 --to 2026-10-07。"),
        )
    return (
        datetime(begins.year, begins.month, begins.day, tzinfo=zone).timestamp(),
        datetime(ends.year, ends.month, ends.day, tzinfo=zone).timestamp(),
    )
