"""``line400 originate``: an outbound request; the policy is judged before anything is loaded or connected, and an
allowed call is placed over AMI."""

from __future__ import annotations

from typing import Annotated

import typer

from ivr_flows.findings import Text

from ..help_text import both
from ..invocation import Invocation
from ..problems import DONE, REFUSED, UNREACHABLE, Problem


def originate(
    ctx: typer.Context,
    from_: Annotated[
        str, typer.Option("--from", metavar="NUMBER", help=both("the number the call presents", "外呼显示的主叫号码"))
    ],
    to: Annotated[str, typer.Option("--to", metavar="NUMBER", help=both("the number to call", "被叫号码"))],
) -> int:
    """Judge an outbound request by the one outbound policy (`router.outbound`), and place it where it is allowed."""
    from router.configuration import ConfigurationMissing
    from router.outbound import judge_outbound

    from ..audit import record_refusal
    from ..outbound_call import place_outbound

    invocation: Invocation = ctx.obj
    verdict = judge_outbound(from_)
    message = invocation.say(verdict.message)
    document = {
        "allowed": verdict.allowed,
        "code": verdict.code,
        "reference": verdict.reference,
        "message": message,
    }
    if invocation.json:
        invocation.document(document)
    if not verdict.allowed:
        record_refusal(invocation, from_, to, verdict.code or "")
        invocation.line(f"{invocation.say(Text('refused: ', '已拒绝：'))}{message}")
        if verdict.reference:
            invocation.line(f"  {verdict.code} · {verdict.reference}")
        return REFUSED
    invocation.line(message)
    try:
        invocation.note(place_outbound(invocation, from_, to))
    except (ConfigurationMissing, Problem) as problem:
        # The judgement stands and is on standard output already; what is missing is said beside it.
        invocation.warn(problem.message)
        if invocation.say(problem.cure):
            invocation.note(problem.cure)
        return UNREACHABLE
    return DONE
