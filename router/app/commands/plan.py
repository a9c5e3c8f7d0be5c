"""``line400 plan``: what applying the files would change, and whether anything forbids it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ivr_flows.findings import Text

from ..help_text import both
from ..invocation import Invocation
from ..problems import DONE, usage
from .resolve import RevisionOption


def plan(
    ctx: typer.Context,
    revision: RevisionOption = None,
    save: Annotated[
        Path | None,
        typer.Option(
            "--save", metavar="FILE", help=both("keep the plan for `apply FILE`", "保存计划，供 apply 文件 使用")
        ),
    ] = None,
    html: Annotated[
        Path | None, typer.Option("--html", metavar="FILE", help=both("write it as a page too", "同时写成网页"))
    ] = None,
) -> int:
    """What applying the files (or going to another revision) would change. Status 0 either way."""
    from router.configuration.files_on_disk import write_atomic

    from ..revisions.page import as_page
    from ..revisions.pipeline import judge_folder, judge_revision
    from ..revisions.saved import save as save_plan
    from ..revisions.view import show_judgement

    invocation: Invocation = ctx.obj
    if save is not None and revision is not None:
        raise usage(
            "usage",
            Text("A plan of an applied revision is not saved.", "已应用版本的计划不能保存。"),
            Text("`line400 rollback` returns to a revision.", "用 `line400 rollback` 回到某个版本。"),
        )
    judged = judge_folder(invocation) if revision is None else judge_revision(invocation, revision)
    if save is not None:
        save_plan(save, judged, invocation.language)
    if html is not None:
        write_atomic(html, as_page(judged, invocation.language).encode())
    if invocation.json:
        invocation.document(judged.as_json(invocation.language))
        return DONE
    show_judgement(invocation, judged)
    if save is not None:
        invocation.note(Text(f"`line400 apply {save}` applies it.", f"用 `line400 apply {save}` 应用该计划。"))
    elif not judged.none and revision is None:
        invocation.note(Text("`line400 apply` puts it in force.", "用 `line400 apply` 使其生效。"))
    return DONE
