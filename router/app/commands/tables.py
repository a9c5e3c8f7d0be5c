"""``line400 import csv|xlsx`` and ``export csv|xlsx``: many numbers and their bindings as one table."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ivr_flows.findings import Finding, Text

from ..invocation import Invocation, printable
from ..problems import DONE, NOT_RIGHT, USAGE, Problem, usage

if TYPE_CHECKING:
    from router.bulk.landing import Landing
    from router.bulk.reading import Table
    from router.bulk.source import Progress, TableError

TABLES = ("csv", "xlsx")
SHOWN = 200
"""Findings that are listed on a terminal; elsewhere all are."""


def import_table(
    invocation: Invocation,
    kind: str,
    file: Path,
    out: Path | None,
    *,
    encoding: str | None,
    sheet: str | None,
    ignore: Sequence[str],
    dry_run: bool,
    skip_bad: Path | None,
) -> int:
    """Numbers and bindings of ``file`` into ``numbers.csv`` and ``routes.csv`` of the folder ``out`` (default: the
    configuration). Status 1 where rows are bad and nothing was imported."""
    from router.bulk.csv_source import CsvSource
    from router.bulk.landing import check, land
    from router.bulk.reading import read_table
    from router.bulk.source import TableError
    from router.bulk.target import TargetError, read_target
    from router.bulk.xlsx_source import XlsxSource

    folder = _folder(invocation, out)
    source = XlsxSource(file, sheet) if kind == "xlsx" else CsvSource(file, encoding)
    try:
        target = read_target(folder)
        with progress(invocation, Text("rows read", "已读取")) as told:
            table = read_table(source, target.known, ignore, told)
        landing = land(table, target)
        refused = bool(table.bad) and skip_bad is None
        if not refused:
            check(landing)
    except TableError as error:
        raise _unreadable(error) from error
    except TargetError as error:
        raise Problem(
            USAGE,
            "configuration-has-errors",
            Text(f"The configuration {folder} would not be right.", f"配置 {folder} 会有错误。"),
            Text("Correct what is listed, then import again.", "请先更正所列问题，再导入。"),
            error.findings,
        ) from error
    if not refused and not dry_run:
        if skip_bad is not None and table.bad:
            _write_aside(skip_bad, table, invocation)
        landing.write()
    _report(invocation, table, landing, source.notes, refused=refused, dry_run=dry_run, skip_bad=skip_bad)
    return NOT_RIGHT if refused else DONE


def _unreadable(error: TableError) -> Problem:
    """The problem of a file that is no table; where the fault has a place, that is told first."""
    if not error.findings:
        return Problem(USAGE, error.code, error.message, error.cure)
    file = error.findings[0].place.file
    said = Text(f"{file} cannot be imported.", f"无法导入 {file}。")
    return Problem(USAGE, error.code, said, findings=error.findings)


def _folder(invocation: Invocation, out: Path | None) -> Path:
    folder = out if out is not None else invocation.config
    if folder.exists() and not folder.is_dir():
        raise usage(
            "not-a-folder",
            Text(f"{folder} is no folder.", f"{folder} 不是目录。"),
            Text("Name a folder with --out.", "请用 --out 给出目录。"),
        )
    if out is None and not folder.is_dir():
        raise usage(
            "no-such-path",
            Text(f"There is no configuration folder {folder}.", f"找不到配置目录 {folder}。"),
            Text(
                "Name one with --config, or where the tables go: --out DIR",
                "请用 --config 指定，或用 --out 目录 指明写到哪里。",
            ),
        )
    return folder


def _write_aside(file: Path, table: Table, invocation: Invocation) -> None:
    """The bad rows as a table of their own, with what is wrong in a last column that an import leaves out."""
    import io

    from router.bulk.columns import PROBLEM
    from router.bulk.writing import safe
    from router.configuration.files_on_disk import write_atomic

    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\r\n")
    width = len(table.header)
    writer.writerow((*table.header, PROBLEM))
    for bad in table.bad:
        cells = [*bad.cells[:width], *[""] * (width - len(bad.cells))]
        why = "; ".join(f"{finding.message.to(invocation.language)}" for finding in bad.findings)
        writer.writerow((*(cell if cell.startswith("'") else safe(cell) for cell in cells), safe(why)))
    write_atomic(file, stream.getvalue().encode("utf-8-sig"))


def _report(
    invocation: Invocation,
    table: Table,
    landing: Landing,
    notes: Sequence[Text],
    *,
    refused: bool,
    dry_run: bool,
    skip_bad: Path | None,
) -> None:
    findings = [finding for bad in table.bad for finding in bad.findings]
    files = {name: str(landing.target.folder / name) for name in landing.files} if not refused else {}
    if invocation.json:
        invocation.document(
            {
                "rows": table.rows,
                "numbers": landing.numbers.as_json(),
                "routes": landing.routes.as_json(),
                "bad": len(table.bad),
                "findings": [finding.as_json(invocation.language) for finding in findings],
                "imported": not refused and not dry_run,
                "files": files,
                "skipped": str(skip_bad) if skip_bad is not None and table.bad else None,
                "notes": [note.to(invocation.language) for note in notes],
            }
        )
        return
    _list(invocation, findings)
    for note in notes:
        invocation.note(note)
    counts, bindings = landing.numbers, landing.routes
    bad = len(table.bad)
    summary = Text(
        f"{table.rows:,} rows: numbers {counts.added:,} added, {counts.changed:,} changed, {counts.unchanged:,} "
        f"unchanged; routes {bindings.added:,} added, {bindings.changed:,} changed; {bad:,} bad rows",
        f"共 {table.rows:,} 行：号码新增 {counts.added:,}、更改 {counts.changed:,}、不变 {counts.unchanged:,}；"
        f"路由新增 {bindings.added:,}、更改 {bindings.changed:,}；有问题的行 {bad:,}",
    )
    invocation.line(invocation.say(summary))
    if refused:
        invocation.line(
            invocation.say(
                Text(
                    "Nothing was imported. Correct the rows, or import the others: --skip-bad FILE writes them aside.",
                    "未导入任何内容。请更正这些行；或用 --skip-bad 文件 把它们另存，先导入其余的行。",
                )
            )
        )
    elif dry_run:
        invocation.line(invocation.say(Text("Nothing was written (--dry-run).", "未写入任何文件（--dry-run）。")))
    elif skip_bad is not None and bad:
        invocation.line(invocation.say(Text(f"Bad rows: {skip_bad}", f"有问题的行：{skip_bad}")))
    if not refused:
        for path in files.values():
            invocation.line(path)


def _list(invocation: Invocation, findings: Sequence[Finding]) -> None:
    shown = findings[:SHOWN] if invocation.err.isatty() else findings
    for finding in shown:
        invocation.err.write(printable(finding.as_text(invocation.language)) + "\n")
    if len(shown) < len(findings):
        more = len(findings) - len(shown)
        invocation.note(
            Text(
                f"… and {more:,} more; --json lists all, --skip-bad FILE writes all bad rows aside",
                f"… 还有 {more:,} 条；--json 列出全部，--skip-bad 文件 另存全部有问题的行",
            )
        )


@contextmanager
def progress(invocation: Invocation, what: Text) -> Iterator[Progress]:
    """A bar on standard error where that is a terminal; nothing elsewhere."""
    if invocation.quiet or not invocation.err.isatty():
        yield lambda done, total: None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bar

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Bar(*columns, console=invocation.console("err"), transient=True) as bar:
        task = bar.add_task(invocation.say(what), total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def export_table(invocation: Invocation, kind: str, file: Path | None, encoding: str | None) -> int:
    """Numbers and bindings of the configuration as one table, to ``file`` or to standard output."""
    from router.bulk.source import TableError

    from ..loading import load_folder

    if file is None and (invocation.json or (kind == "xlsx" and sys.stdout.isatty())):
        raise usage(
            "no-file",
            Text("Name the file that the table goes to.", "请给出要写入的文件名。"),
            Text(f"Such as: line400 export {kind} numbers.{kind}", f"如：line400 export {kind} numbers.{kind}"),
        )
    configuration = load_folder(invocation)
    try:
        with progress(invocation, Text("rows written", "已写出")) as told:
            _write(invocation, kind, file, configuration, encoding, told)
    except TableError as error:
        raise _unreadable(error) from error
    count = len(configuration.numbers)
    if invocation.json:
        invocation.document({"file": str(file), "numbers": count})
    elif file is not None:
        invocation.line(str(file))
    invocation.note(Text(f"{count:,} numbers", f"共 {count:,} 个号码"))
    return DONE


def _write(
    invocation: Invocation, kind: str, file: Path | None, configuration: Any, encoding: str | None, told: Progress
) -> None:
    from io import BytesIO

    from router.bulk.writing import write_csv, write_xlsx
    from router.configuration.files_on_disk import write_atomic

    made = BytesIO()
    if kind == "xlsx":
        write_xlsx(made, configuration, invocation.language, told)
    else:
        write_csv(made, configuration, invocation.language, encoding or "utf-8-sig", told)
    if file is not None:
        if file.exists() and not file.is_file():  # a pipe or a device is written to, never replaced
            file.write_bytes(made.getvalue())
        else:
            write_atomic(file, made.getvalue())
        return
    out: Any = getattr(invocation.out, "buffer", None)
    if out is None:
        invocation.out.write(made.getvalue().decode("utf-8-sig"))
        return
    invocation.out.flush()
    out.write(made.getvalue())
    out.flush()
