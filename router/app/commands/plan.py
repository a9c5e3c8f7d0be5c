"""``line400 plan``: what applying the files would change, and whether anything forbids it."""

from __future__ import annotations

import typer

from ivr_flows.findings import Text

from ..invocation import Invocation
from ..problems import DONE
from .resolve import RevisionOption


def plan(ctx: typer.Context, revision: RevisionOption = None) -> int:
    """What applying the files (or going to another revision) would change. Status 0 either way."""
    from ..revisions.pipeline import judge_folder, judge_revision
    from ..revisions.view import show_judgement

    invocation: Invocation = ctx.obj
    judged = judge_folder(invocation) if revision is None else judge_revision(invocation, revision)
    if invocation.json:
        invocation.document(judged.as_json(invocation.language))
        return DONE
    show_judgement(invocation, judged)
    if not judged.none and revision is None:
        invocation.note(Text("`line400 apply` puts it in force.", "用 `line400 apply` 使其生效。"))
    return DONE
