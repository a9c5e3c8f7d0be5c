"""``line400 demo``: what ``make demo`` runs."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from ..help_text import both
from ..invocation import DEFAULT_CONFIG, Invocation
from ..problems import DONE


def demo(
    ctx: typer.Context,
    once: Annotated[
        bool, typer.Option("--once", help=both("end after the call, on a terminal too", "在终端上也只运行一次"))
    ] = False,
    at: Annotated[
        str | None,
        typer.Option(
            "--at", metavar="TIME", help=both("when the call is placed (default: fixed)", "来电时间（默认固定）")
        ),
    ] = None,
) -> int:
    """On a terminal it then stays up with its status page until Ctrl-C; without one it ends with status 0."""
    from ..demo import demo_configuration, run_demo

    invocation: Invocation = ctx.obj
    stay = invocation.interactive and not once
    named = str(invocation.config) != DEFAULT_CONFIG
    with demo_configuration(invocation, named=named) as folder:
        try:
            return asyncio.run(run_demo(invocation, folder, at, stay=stay))
        except KeyboardInterrupt:
            if stay:
                return DONE
            raise
