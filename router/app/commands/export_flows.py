"""``line400 export``: our flows as flow files of another system (the vendor's); tables of numbers are the matter of
`router.app.commands.tables`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from ivr_flows.findings import Text

from ..help_text import both
from ..invocation import Invocation
from ..problems import DONE, USAGE, Problem, usage
from .import_flows import replace_file, source_format
from .tables import TABLES, export_table


def export(
    ctx: typer.Context,
    target: Annotated[
        str,
        typer.Argument(
            metavar="FORMAT",
            help=both(
                "ccc (a flow as the vendor's JSON); csv or xlsx (numbers and their bindings)",
                "ccc（流程，厂商 JSON）；csv 或 xlsx（号码及其绑定）",
            ),
        ),
    ],
    flow: Annotated[
        str | None,
        typer.Argument(
            metavar="FLOW|FILE",
            help=both(
                "with ccc: a flow of the configuration, or a flow file; with csv and xlsx: where the table goes",
                "ccc：配置中的流程名，或流程文件；csv 与 xlsx：表格写到哪个文件",
            ),
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", metavar="FILE", help=both("where it goes (default: printed)", "写到哪个文件（默认：打印）")
        ),
    ] = None,
    encoding: Annotated[
        str | None,
        typer.Option(
            "--encoding", metavar="NAME", help=both("of a csv (default: utf-8-sig)", "csv 的编码（默认：utf-8-sig）")
        ),
    ] = None,
) -> int:
    """The flow as the other system reads it; what that system has no node for is reported on standard error. A table
    holds every number and its binding, and imports back to the same."""
    from ivr_flows.interchange.ccc_export import export_ccc

    invocation: Invocation = ctx.obj
    if target.lower() in TABLES:
        return export_table(invocation, target.lower(), out or (Path(flow) if flow is not None else None), encoding)
    if source_format(target) != "ccc":
        raise usage(
            "no-such-export",
            Text(f"Flows cannot be exported as `{target}`.", f"不能导出为 `{target}`。"),
            Text("Flows go out as ccc, numbers as csv or xlsx.", "流程可导出为 ccc，号码可导出为 csv 或 xlsx。"),
        )
    if flow is None:
        raise usage(
            "no-flow",
            Text("No flow is named.", "没有给出流程。"),
            Text("Such as: line400 export ccc welcome", "如：line400 export ccc welcome"),
        )
    text, shown = _source(invocation, flow)
    exported = export_ccc(text, shown)
    if exported.document is None:
        raise Problem(
            USAGE,
            "flow-with-errors",
            Text(f"{shown} has errors.", f"{shown} 有错误。"),
            Text("Correct them first; `line400 check` lists them.", "请先更正；`line400 check` 会列出错误。"),
            exported.findings,
        )
    written = json.dumps(exported.document, ensure_ascii=False, indent=2) + "\n"
    if out is not None:
        replace_file(out, written)
    lost = [entry.as_json(invocation.language) for entry in exported.lost]
    if invocation.json:
        document: dict[str, Any] = {"flow": exported.name, "lost": lost, "file": str(out) if out is not None else None}
        if out is None:
            document["document"] = exported.document
        invocation.document(document)
        return DONE
    invocation.line(str(out) if out is not None else written.rstrip("\n"))
    for entry in exported.lost:
        what = f"{entry.node}.{entry.parameter}" if entry.parameter else entry.node
        invocation.note(Text(f"  {what}: {entry.why.en}", f"  {what}：{entry.why.zh}"))
    return DONE


def _source(invocation: Invocation, flow: str) -> tuple[str, str]:
    """The text of a flow and how it is called: a file, a flow of the configuration, or a packaged one."""
    from ivr_flows import packaged_flows
    from ivr_flows.yaml_source import MAX_BYTES

    path = Path(flow)
    for candidate in (path, *(invocation.config / "flows" / f"{flow}{suffix}" for suffix in (".flow.yaml", ".yaml"))):
        if candidate.is_file() and (candidate != path or path.suffix == ".yaml"):
            if candidate.stat().st_size > MAX_BYTES:
                raise usage("file-too-large", Text(f"{candidate} is too large.", f"{candidate} 过大。"))
            try:
                return candidate.read_text(encoding="utf-8"), str(candidate)
            except UnicodeDecodeError:
                raise usage("wrong-encoding", Text(f"{candidate} is not UTF-8.", f"{candidate} 不是 UTF-8。")) from None
    packaged = packaged_flows().get(flow)
    if packaged is None:
        raise usage(
            "unknown-flow",
            Text(f"There is no flow `{flow}`.", f"没有流程 `{flow}`。"),
            Text("Name a flow of the configuration, or a .yaml file.", "请给出配置中的流程名，或 .yaml 文件。"),
        )
    return packaged[1], packaged[0]
