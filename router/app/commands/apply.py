"""``line400 apply``: the files become the current revision, or nothing changes."""

from __future__ import annotations

import time
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
    from ..revisions.view import show_judgement
    from ..stores import author_of

    invocation: Invocation = ctx.obj
    overrides = Overrides.parse(override or [], reason, no_preflight=no_preflight)
    judged = judge_folder(invocation, overrides=overrides)
    document = _document(invocation, judged)
    if judged.none:
        return end(invocation, document, DONE, Text("No changes: nothing to apply.", "没有变化，无需应用。"))
    if not invocation.json:
        show_judgement(invocation, judged)
    if judged.refusing:
        return end(invocation, document, NOT_RIGHT, refused(judged))
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
