"""``line400 import``: flows of other systems as flow files of ours, with a report of what was lost; tables of numbers
are the matter of `router.app.commands.tables`."""

from __future__ import annotations

import os
import tempfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ivr_flows.findings import Text

from ..help_text import both
from ..invocation import Invocation
from ..problems import DONE, Problem, usage
from .tables import TABLES, import_table

if TYPE_CHECKING:
    from ivr_flows.interchange import Imported, ImportedFlow

    from ..needed_names import Addition

SETTINGS = "line400.yaml"
SHOWN = 20


def import_flows(
    ctx: typer.Context,
    source: Annotated[
        str,
        typer.Argument(
            metavar="FORMAT",
            help=both(
                "flows: ccc (the vendor's), connect, studio, archy, asterisk; numbers and bindings: csv, xlsx",
                "流程：ccc（厂商格式）、connect、studio、archy 或 asterisk；号码及其绑定：csv 或 xlsx",
            ),
        ),
    ],
    file: Annotated[Path, typer.Argument(metavar="FILE", help=both("the exported file", "导出的文件"))],
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            metavar="DIR",
            help=both(
                "where the flow files go (default: printed; a configuration folder takes them under flows/), or the "
                "tables (default: the configuration)",
                "流程文件写到哪里（默认：打印；配置目录则写入其 flows/），或号码表写到哪里（默认：配置目录）",
            ),
        ),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help=both("replace flow files that exist", "覆盖已有的流程文件"))
    ] = False,
    encoding: Annotated[
        str | None,
        typer.Option(
            "--encoding", metavar="NAME", help=both("of a csv (default: found out)", "csv 的编码（默认：自动识别）")
        ),
    ] = None,
    sheet: Annotated[
        str | None,
        typer.Option(
            "--sheet",
            metavar="NAME",
            help=both("of an xlsx (default: the one with numbers)", "xlsx 的工作表（默认：含号码的那张）"),
        ),
    ] = None,
    ignore: Annotated[
        list[str] | None,
        typer.Option("--ignore", metavar="COLUMN", help=both("a column that is not imported", "不导入的列，可写多次")),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help=both("check the table and write nothing", "只检查表格，不写入"))
    ] = False,
    skip_bad: Annotated[
        Path | None,
        typer.Option(
            "--skip-bad",
            metavar="FILE",
            help=both(
                "write the bad rows to FILE (csv) and import the others", "把有问题的行另存为 FILE（csv），导入其余的行"
            ),
        ),
    ] = None,
) -> int:
    """Every node of a flow ends as a node or as a visible ``opaque`` one; status 0 also when something was lost. A
    table is imported as a whole, or its bad rows are listed and nothing is."""
    from ivr_flows.interchange import import_flows as read

    invocation: Invocation = ctx.obj
    if source.lower() in TABLES:
        return import_table(
            invocation,
            source.lower(),
            file,
            out,
            encoding=encoding,
            sheet=sheet,
            ignore=ignore or (),
            dry_run=dry_run,
            skip_bad=skip_bad,
        )
    name = source_format(source)
    imported = read(name, _bytes(file), str(file), invocation.language)
    files = _write(imported, out, force) if out is not None else {}
    added = _define(invocation, imported, out) if out is not None and (out / SETTINGS).exists() else []
    if invocation.json:
        document: dict[str, Any] = imported.as_json(invocation.language)
        document["files"] = {flow: str(path) for flow, path in files.items()}
        document["added"] = [{"file": str(each.path), "section": each.section, "names": each.names} for each in added]
        if out is None:
            document["texts"] = {flow.name: flow.text for flow in imported.flows}
        invocation.document(document)
        return DONE
    if out is None:
        for number, flow in enumerate(imported.flows):
            invocation.line(("---\n" if number else "") + flow.text.rstrip("\n"))
    for path in files.values():
        invocation.line(str(path))
    _report(invocation, imported)
    return DONE


def source_format(source: str) -> str:
    """The format's name. Raises `Problem` for one that is not known."""
    from ivr_flows.interchange import FORMATS

    name = source.lower()
    if name not in FORMATS:
        raise usage(
            "unknown-format",
            Text(f"There is no format `{source}`.", f"没有格式 `{source}`。"),
            Text(f"One of: {', '.join((*FORMATS, *TABLES))}.", f"可选：{'、'.join((*FORMATS, *TABLES))}。"),
        )
    return name


def _bytes(file: Path) -> bytes:
    """The file's content; a little more than what is read at most, so that a larger one is told."""
    from ivr_flows.interchange.reading import MAX_BYTES

    if file.is_dir():
        raise usage(
            "not-a-file",
            Text(f"{file} is a directory.", f"{file} 是目录。"),
            Text("Name one exported file.", "请给出一个导出的文件。"),
        )
    with file.open("rb") as stream:
        return stream.read(MAX_BYTES + 1)


def _write(imported: Imported, out: Path, force: bool) -> dict[str, Path]:
    """Write the flow files; nothing is written where one stands in the way."""
    folder = out / "flows" if (out / SETTINGS).exists() else out
    wanted: dict[str, tuple[Path, ImportedFlow]] = {}
    for flow in imported.flows:
        path = folder / f"{flow.name}.flow.yaml"
        if path.exists() and flow.placeholder:
            continue
        if path.exists() and not force:
            raise usage(
                "file-exists",
                Text(f"{path} exists already.", f"{path} 已存在。"),
                Text("Choose another folder, or --force to replace it.", "请换个目录，或用 --force 覆盖。"),
            )
        wanted[flow.name] = (path, flow)
    folder.mkdir(parents=True, exist_ok=True)
    for path, flow in wanted.values():
        replace_file(path, flow.text)
    return {name: path for name, (path, _) in wanted.items()}


def replace_file(path: Path, text: str) -> None:
    """Write ``text`` to ``path`` at once: a reader sees the old file or the new one."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:40]}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _define(invocation: Invocation, imported: Imported, folder: Path) -> list[Addition]:
    """Add the names that the flows need and the configuration lacks."""
    from ..needed_names import additions

    made, left = additions(folder, imported.queues, imported.boxes, imported.calendars)
    for addition in made:
        replace_file(addition.path, addition.text)
        listed = ", ".join(addition.names)
        invocation.note(
            Text(
                f"Added to {addition.path}: {listed}. Look through them.", f"已加入 {addition.path}：{listed}。请核对。"
            )
        )
    if left:
        listed = ", ".join(left)
        invocation.warn(Text(f"to be defined by hand: {listed}", f"请手工定义：{listed}"))
    return made


def _report(invocation: Invocation, imported: Imported) -> None:
    flows = len([flow for flow in imported.flows if not flow.placeholder])
    invocation.note(
        Text(
            f"{flows} flows, {imported.nodes} nodes, {imported.opaque} of them opaque, {len(imported.lost)} losses",
            f"流程 {flows} 个，节点 {imported.nodes} 个（无对应 {imported.opaque} 个），丢失 {len(imported.lost)} 处",
        )
    )
    told: Counter[tuple[str, str]] = Counter()
    for entry in imported.lost:
        told[entry.parameter, invocation.say(entry.why)] += 1
    for (parameter, why), times in told.most_common(SHOWN):
        shown = f"{parameter}: {why}" if parameter else why
        invocation.note(Text(f"  {times} × {shown}", f"  {times} × {shown}"))
    if len(told) > SHOWN:
        more = len(told) - SHOWN
        rest = Text(f"  … and {more} kinds more; --json lists all", f"  … 还有 {more} 种；--json 列出全部")
        invocation.note(rest)
    placeholders = [flow.name for flow in imported.flows if flow.placeholder]
    for what, names in (
        (Text("queues", "队列"), imported.queues),
        (Text("calendars", "日历"), imported.calendars),
        (Text("voicemail boxes", "语音信箱"), imported.boxes),
        (Text("flows that are not in the file", "文件中没有的流程"), placeholders),
    ):
        if names:
            listed = ", ".join(names[:SHOWN])
            invocation.note(Text(f"  needs {what.en}: {listed}", f"  需要{what.zh}：{listed}"))


__all__ = ["Problem", "import_flows", "replace_file", "source_format"]
