"""``line400 originate``: an outbound request; the policy is judged before anything is loaded or connected."""

from __future__ import annotations

from typing import Annotated

import typer

from ivr_flows.findings import Text

from ..help_text import both
from ..invocation import Invocation
from ..problems import REFUSED, UNREACHABLE


def originate(
    ctx: typer.Context,
    from_: Annotated[
        str, typer.Option("--from", metavar="NUMBER", help=both("the number the call presents", "外呼显示的主叫号码"))
    ],
    to: Annotated[str, typer.Option("--to", metavar="NUMBER", help=both("the number to call", "被叫号码"))],
) -> int:
    """Judge an outbound request by the one outbound policy (`router.outbound`)."""
    from router.outbound import judge_outbound

    from ..audit import record_refusal

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
        invocation.line(f"{invocation.say(Text('refused', '已拒绝'))}: {message}")
        if verdict.reference:
            invocation.line(f"  {verdict.code} · {verdict.reference}")
        return REFUSED
    invocation.line(message)
    invocation.err.write(
        invocation.say(
            Text(
                "The policy allows this call, but no switch is connected to place it: outbound calls need a real "
                "switch, which this version does not drive.\n",
                "政策允许这通外呼，但没有可用的交换机：外呼需要真实交换机，本版本尚不驱动。\n",
            )
        )
    )
    return UNREACHABLE
