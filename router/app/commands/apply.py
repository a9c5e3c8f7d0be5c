"""``line400 apply``: the files become the current revision, or nothing changes."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ivr_flows.findings import Text

from ..help_text import both
from ..invocation import Invocation
from ..problems import DONE, NOT_RIGHT
from .emergency import Author, Reason

if TYPE_CHECKING:
    from ..revisions.pipeline import Judgement

Override = Annotated[
    list[str] | None,
    typer.Option(
        "--override",
        metavar="GATE",
        help=both(
            "pass over lint or preflight; needs --reason, is audited",
            "跳过 lint 或 preflight；须加 --reason，会写入审计",
        ),
    ),
]


def apply(
    ctx: typer.Context,
    plan: Annotated[
        Path | None,
        typer.Argument(metavar="[PLAN]", help=both("a plan that `plan --save` kept", "plan --save 保存的计划文件")),
    ] = None,
    at: Annotated[
        str | None,
        typer.Option("--at", metavar="TIME", help=both("come into force then: a time, or +2h", "到时生效：时间或 +2h")),
    ] = None,
    list_them: Annotated[bool, typer.Option("--list", help=both("show what is scheduled", "查看已排定的应用"))] = False,
    cancel: Annotated[
        int | None, typer.Option("--cancel", metavar="N", help=both("take a schedule back", "取消一次定时应用"))
    ] = None,
    override: Override = None,
    reason: Reason = None,
    author: Author = None,
    no_preflight: Annotated[
        bool, typer.Option("--no-preflight", help=both("do not run the scenarios first", "不先运行测试场景"))
    ] = False,
) -> int:
    """Check, run the scenarios of the configuration, then switch in one transaction. Status 1 where it is refused."""
    from ..revisions.gates import Overrides
    from ..revisions.pipeline import commit, judge_folder
    from ..revisions.saved import read_plan, refuse_if_moved
    from ..revisions.view import show_judgement
    from ..speaking import speak_ahead
    from ..stores import author_of
    from .schedules import cancel_schedule, list_schedules, schedule

    invocation: Invocation = ctx.obj
    if list_them:
        return list_schedules(invocation)
    if cancel is not None:
        return cancel_schedule(invocation, cancel, author_of(author), reason)
    overrides = Overrides.parse(override or [], reason, no_preflight=no_preflight)
    saved = None if plan is None else read_plan(plan)
    judged = judge_folder(invocation, overrides=overrides, behaviour=saved is None)
    if saved is not None:
        refuse_if_moved(saved, judged)
    document = _document(invocation, judged)
    if judged.none:
        return end(invocation, document, DONE, Text("No changes: nothing to apply.", "没有变化，无需应用。"))
    if not invocation.json and saved is None:
        show_judgement(invocation, judged)
    if judged.refusing:
        return end(invocation, document, NOT_RIGHT, refused(judged))
    speak_ahead(invocation, judged.configuration)
    if at is not None:
        return schedule(invocation, judged, document, at, author_of(author), reason)
    made = commit(judged, author_of(author), reason, time.time())
    document.update({"applied": True, "revision": made.revision, "overrides": judged.passed_over})
    said = Text(f"Revision {made.revision} is in force.", f"版本 {made.revision} 已生效。")
    return end(invocation, document, DONE, said)


def refused(judged: Judgement) -> Text:
    """Why it is refused, and how it is passed over."""
    from ..revisions.pipeline import refusal

    problem = refusal(judged)
    return Text(f"{problem.message.en} {problem.cure.en}", f"{problem.message.zh}{problem.cure.zh}")


def _document(invocation: Invocation, judged: Judgement) -> dict[str, Any]:
    reports = [gate.report for gate in judged.gates if gate.report is not None]
    return {
        **judged.as_json(invocation.language),
        "applied": False,
        "revision": judged.base,
        "preflight": reports[0].as_json(invocation.language) if reports else None,
        "overrides": {},
    }


def end(invocation: Invocation, document: dict[str, Any], status: int, said: Text) -> int:
    """Print the document or the sentence; the status."""
    if invocation.json:
        invocation.document(document)
    else:
        invocation.line(invocation.say(said))
    return status
