"""``line400 lsp``: the language server, over standard input and output."""

from __future__ import annotations

import logging
import os
from importlib.util import find_spec

import typer

from ivr_flows.findings import Finding, Text

from ..invocation import Invocation
from ..problems import DONE, UNREACHABLE, Problem


def lsp(ctx: typer.Context) -> int:
    """Serve one editor until it closes the connection. Standard output belongs to the protocol."""
    if find_spec("pygls") is None:
        raise Problem(
            UNREACHABLE,
            "lsp-not-installed",
            Text("The language server needs the library pygls.", "语言服务器需要 pygls 库。"),
            Text('Install it: pip install "line400[lsp]"', '请安装：pip install "line400[lsp]"'),
        )
    from router.editor.checking import Checker
    from router.editor.server import language_server

    invocation: Invocation = ctx.obj
    logging.getLogger("pygls").setLevel(logging.ERROR)
    # The server closes its streams when the editor leaves; the process still flushes its own.
    with os.fdopen(os.dup(0), "rb") as reading, os.fdopen(os.dup(1), "wb") as writing:
        language_server(Checker(_scenario), invocation.language).start_io(reading, writing)
    return DONE


def _scenario(text: str, file: str) -> list[Finding]:
    from simulator.scenarios.loading import load_text

    return load_text(text, file).findings
