"""``line400 diagram``: a flow or a whole number as a picture, with what the linter and the explorer found on it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ivr_flows.findings import Text

from ..help_text import both
from ..invocation import Invocation
from ..problems import DONE, usage
from .explore import SubjectArgument, _moment, explored_of, findings_of
from .resolve import AtOption, RevisionOption

if TYPE_CHECKING:
    from ivr_flows.diagram import Picture
    from router.book import RouteBook
    from simulator.exploring import Explored


def diagram(
    ctx: typer.Context,
    subject: SubjectArgument,
    svg: Annotated[
        Path | None, typer.Option("--svg", metavar="F", help=both("write the picture to F", "把 SVG 图写入文件"))
    ] = None,
    mermaid: Annotated[
        bool, typer.Option("--mermaid", help=both("print Mermaid text instead of SVG", "输出 Mermaid 文本"))
    ] = False,
    plain: Annotated[
        bool,
        typer.Option("--plain", help=both("without findings and coverage", "不标注检查结果与覆盖情况")),
    ] = False,
    at: AtOption = None,
    revision: RevisionOption = None,
) -> int:
    """SVG on standard output, unless ``--svg`` or ``--mermaid`` says otherwise."""
    from ivr_flows.diagram import as_mermaid, as_svg
    from router.book import RouteBook
    from simulator.exploring import Limits

    from ..world import load

    invocation: Invocation = ctx.obj
    configuration, label = load(invocation, revision)
    book = RouteBook.compile(configuration, label)
    explored = explored_of(configuration, book, subject, _moment(at, book), Limits(every=False))
    picture = _picture(invocation, book, subject, explored, plain=plain, is_flow=subject in configuration.flow_sources)
    text = as_mermaid(picture) if mermaid else as_svg(picture, invocation.language)
    if svg is not None:
        _write(svg, as_svg(picture, invocation.language))
    if invocation.json:
        form = "mermaid" if mermaid else "svg"
        document = {"subject": subject, "boxes": len(picture.boxes), "arrows": len(picture.arrows)}
        invocation.document({**document, form: text, "file": None if svg is None else str(svg)})
    elif svg is None or mermaid:
        for line in text.splitlines():
            invocation.line(line)
    else:
        invocation.note(Text(f"The picture is in {svg}.", f"图已写入 {svg}。"))
    return DONE


def _picture(
    invocation: Invocation, book: RouteBook, subject: str, explored: Explored, *, plain: bool, is_flow: bool
) -> Picture:
    from ivr_flows.diagram import Overlay, picture_of
    from router.number400 import Number400
    from simulator.picturing import picture_of_number

    findings = () if plain else tuple(findings_of(book, explored))
    steps: dict[str, set[tuple[str, str]]] = {}
    for part in explored.parts:
        steps.setdefault(part.flow, set()).update(part.seen())
    if is_flow:
        overlay = Overlay(findings, None if plain or subject not in steps else steps[subject])
        return picture_of(book.flow(subject).definition, overlay, invocation.language)
    number = Number400.parse(subject).digits
    return picture_of_number(book, number, findings, None if plain else steps, invocation.language)


def _write(file: Path, text: str) -> None:
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        reason = error.strerror or "?"
        raise usage(
            "not-writable",
            Text(f"{file} cannot be written: {reason}.", f"无法写入 {file}：{reason}。"),
            Text("Name another file.", "请换一个文件。"),
        ) from error
