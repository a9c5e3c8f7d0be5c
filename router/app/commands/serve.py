"""``line400 serve``: the live router with its status page, until it is told to stop."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from typing import Annotated

import typer

from ivr_flows.findings import Text

from ..help_text import both
from ..invocation import Invocation
from ..problems import usage


def serve(
    ctx: typer.Context,
    watch: Annotated[
        bool,
        typer.Option(
            "--watch",
            help=both(
                "show the plan of what is saved; `line400 apply` applies it", "保存后显示变化；由 `line400 apply` 应用"
            ),
        ),
    ] = False,
    workers: Annotated[
        int,
        typer.Option(
            "--workers", metavar="N", min=1, help=both("router processes; only 1 so far", "路由进程数；目前只支持 1")
        ),
    ] = 1,
) -> int:
    """Runs the current revision; when there is none it checks the configuration and applies it as revision 1."""
    from ..serving import serve_until_stopped

    invocation: Invocation = ctx.obj
    if workers != 1:
        raise usage(
            "one-worker",
            Text("Only one worker process is in this version.", "本版本只支持一个工作进程。"),
            Text(
                "Run further routers with folders of their own that name other ports and the same PostgreSQL store.",
                "可另用配置目录启动更多路由：使用不同端口和同一个 PostgreSQL 库。",
            ),
        )
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        return runner.run(serve_until_stopped(invocation, watch=watch))


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """uvloop, which takes a quarter off what a call costs; it does not exist for Windows."""
    if sys.platform == "win32":
        return None
    import uvloop

    return uvloop.new_event_loop
