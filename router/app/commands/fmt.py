"""``line400 fmt``: one layout for flows, routes and scenarios; comments and meaning stay."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ivr_flows.findings import Text

from ..help_text import both
from ..invocation import Invocation
from ..problems import DONE, NOT_RIGHT, usage

if TYPE_CHECKING:
    from ivr_flows.formatting import NotFormattable, Order

ROUTES = "routes.yaml"
SCENARIO = ".scenario.yaml"
FLOW = ".flow.yaml"


@dataclass(frozen=True, slots=True)
class Laid:
    """One file: its text before and after, or why it was left as it is."""

    file: Path
    before: bytes
    after: bytes
    refused: NotFormattable | None = None

    @property
    def changed(self) -> bool:
        """Whether the layout is not what it should be."""
        return self.before != self.after


def fmt(
    ctx: typer.Context,
    paths: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="PATH",
            help=both("folders or files (default: the configuration)", "目录或文件（默认：当前配置）"),
        ),
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help=both("change nothing; status 1 where something would", "只检查，不修改"))
    ] = False,
) -> int:
    """Status 1 where a file cannot be laid out, and with ``--check`` where one would change."""
    from router.configuration.diff import unified
    from router.configuration.files_on_disk import write_atomic

    from ..presentation import show_diff

    invocation: Invocation = ctx.obj
    files = [laid for path in paths or [invocation.config] for laid in _files(path)]
    for laid in files:
        if laid.changed and not check:
            write_atomic(laid.file, laid.after)
    say = invocation.say
    if invocation.json:
        invocation.document(
            {
                "files": [
                    {
                        "file": str(laid.file),
                        "changed": laid.changed,
                        "refused": say(laid.refused.message) if laid.refused else None,
                        "line": laid.refused.line if laid.refused else None,
                        "cure": say(laid.refused.cure) if laid.refused else None,
                    }
                    for laid in files
                ]
            }
        )
    for laid in files:
        if laid.refused is not None:
            where = f"{laid.file}:{laid.refused.line}"
            message, cure = laid.refused.message, laid.refused.cure
            invocation.note(Text(f"{where}: {message.en} {cure.en}", f"{where}：{message.zh}{cure.zh}"))
        elif laid.changed and check and not invocation.json:
            show_diff(invocation, unified(str(laid.file), laid.before, laid.after))
        elif laid.changed:
            invocation.note(Text(f"laid out {laid.file}", f"已排版 {laid.file}"))
    changed = sum(laid.changed for laid in files)
    if not invocation.json:
        invocation.line(
            say(
                Text(f"{len(files)} files, {changed} would change", f"共 {len(files)} 个文件，{changed} 个需要排版")
                if check
                else Text(f"{len(files)} files, {changed} changed", f"共 {len(files)} 个文件，已修改 {changed} 个")
            )
        )
    wrong = any(laid.refused is not None for laid in files) or (check and changed)
    return NOT_RIGHT if wrong else DONE


def _files(path: Path) -> Iterator[Laid]:
    if path.is_dir():
        for file in sorted(path.rglob("*.yaml")):
            relative = file.relative_to(path)
            hidden = any(part.startswith(".") for part in relative.parts)
            if not hidden and file.is_file() and (order := _order(file)) is not None:
                yield _laid(file, order)
        return
    if not path.is_file():
        raise usage(
            "no-such-path",
            Text(f"There is no file or folder {path}.", f"找不到文件或目录 {path}。"),
            Text(
                "Name flows, routes.yaml, scenarios, or a folder with them.", "请给出流程、routes.yaml、场景或其目录。"
            ),
        )
    found = _order(path)
    if found is None:
        raise usage(
            "not-laid-out",
            Text(f"{path} is no flow, no routes.yaml and no scenario.", f"{path} 不是流程、routes.yaml 或场景。"),
            Text(
                "Only *.flow.yaml, routes.yaml and *.scenario.yaml are laid out.",
                "只排版 *.flow.yaml、routes.yaml 和 *.scenario.yaml。",
            ),
        )
    yield _laid(path, found)


def _order(file: Path) -> Order | None:
    """How the keys of ``file`` are ordered; None for a file that is left as it is."""
    from ivr_flows.formatting import by_model, flow_order, scenario_order
    from router.configuration.folder import FLOWS
    from router.configuration.schemas import FILES

    if file.name.endswith(SCENARIO):
        return scenario_order
    if file.name.endswith(FLOW) or file.parent.name == FLOWS:
        return flow_order
    return by_model(FILES["routes"]) if file.name == ROUTES else None


def _laid(file: Path, order: Order) -> Laid:
    from ivr_flows.formatting import NotFormattable, format_text
    from ivr_flows.yaml_source import read_bytes

    try:
        data = file.read_bytes()
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        finding = read_bytes(data, str(file)).findings[0]
        return Laid(file, data, data, NotFormattable(finding.message, finding.cure, finding.place.line))
    except OSError as error:
        reason = error.strerror or type(error).__name__
        refused = NotFormattable(
            Text(f"The file cannot be read: {reason}.", f"文件无法读取：{reason}。"),
            Text("Check its permissions.", "请检查权限。"),
        )
        return Laid(file, b"", b"", refused)
    try:
        formatted = format_text(text, str(file), order)
        if text.count("\r\n") == text.count("\n") > 0:
            formatted = formatted.replace("\n", "\r\n")  # a file of Windows stays one
        return Laid(file, data, formatted.encode("utf-8"))
    except NotFormattable as error:
        return Laid(file, data, data, error)
