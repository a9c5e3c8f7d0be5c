"""``line400 pin``: the hash of a PIN, for `hashed:` of a route."""

from __future__ import annotations

import re
import secrets
import sys

import typer

from ivr_flows.findings import Text

from ..invocation import Invocation
from ..problems import DONE, usage


def pin(ctx: typer.Context) -> int:
    """The PIN is asked for without being shown, or read from standard input; it is kept nowhere."""
    from router.pins import hash_pin

    invocation: Invocation = ctx.obj
    code = _asked(invocation)
    if not re.fullmatch(r"[0-9]{3,12}", code):
        raise usage(
            "bad-pin",
            Text("A PIN is 3 to 12 digits.", "密码应为 3 到 12 位数字。"),
            Text("Give it on standard input: echo 1234 | line400 pin", "请从标准输入给出：echo 1234 | line400 pin"),
        )
    written = hash_pin(code, secrets.token_bytes(16))
    if invocation.json:
        invocation.document({"hashed": written, "digits": len(code)})
    else:
        invocation.line(written)
    return DONE


def _asked(invocation: Invocation) -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline(64).strip()
    import getpass

    try:
        return getpass.getpass(invocation.say(Text("PIN: ", "密码：")), stream=invocation.err).strip()
    except (EOFError, KeyboardInterrupt):
        return ""
