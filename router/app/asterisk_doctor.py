"""``line400 asterisk doctor``: what a real Asterisk needs here, what is missing, and the command that cures it."""

from __future__ import annotations

import importlib.util
import socket
from dataclasses import dataclass

from ivr_flows.findings import Text

from .asterisk_here import AsteriskHere
from .invocation import Invocation
from .loading import load_settings
from .problems import DONE, NOT_RIGHT

NONE = Text("", "")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at. ``fine`` None: it is not needed, or may come later."""

    what: str
    fine: bool | None
    found: Text
    cure: Text = NONE


def examine(invocation: Invocation, here: AsteriskHere) -> int:
    """Print what was found; status 1 where something needed is missing."""
    found = [*_programs(here), _speech(), *_services(invocation)]
    if invocation.json:
        language = invocation.language
        invocation.document(
            {
                "checks": [
                    {
                        "what": item.what,
                        "ok": item.fine,
                        "found": item.found.to(language),
                        "cure": item.cure.to(language) or None,
                    }
                    for item in found
                ]
            }
        )
    else:
        signs = {True: "✓", False: "✗", None: "·"}
        for item in found:
            invocation.line(f"{signs[item.fine]} {item.what}: {invocation.say(item.found)}")
            if item.cure is not NONE and item.fine is not True:
                invocation.line(f"    → {invocation.say(item.cure)}")
    return NOT_RIGHT if any(item.fine is False for item in found) else DONE


def _programs(here: AsteriskHere) -> list[Finding]:
    from router.asterisk.host import find_programs
    from router.asterisk.host.provisioning import missing_tools

    programs = find_programs(here.tree)
    if programs is None:
        missing = missing_tools()
        if missing:
            return [
                Finding(
                    "asterisk",
                    False,
                    Text(
                        f"none of version 20 or later, and {' and '.join(missing)} to fetch one is missing",
                        f"没有 20 或更高版本，也缺少获取它所需的 {'、'.join(missing)}",
                    ),
                    Text(f"apt install {' '.join(missing)}", f"apt install {' '.join(missing)}"),
                )
            ]
        return [
            Finding(
                "asterisk",
                None,
                Text("none yet; it can be fetched", "尚无；可以获取"),
                Text("line400 asterisk up", "line400 asterisk up"),
            )
        ]
    where = (
        Text("of the distribution", "发行版自带")
        if programs.source == "distribution"
        else Text(f"in {here.tree}", f"位于 {here.tree}")
    )
    pid = here.instance(programs).pid
    return [
        Finding("asterisk", True, Text(f"{programs.version}, {where.en}", f"{programs.version}，{where.zh}")),
        Finding(
            "sipp",
            bool(programs.sipp) or None,
            Text("there", "已有") if programs.sipp else Text("not there; only load tests need it", "没有；仅压测需要"),
            Text("apt install sip-tester", "apt install sip-tester"),
        ),
        Finding(
            "process",
            None if pid is None else True,
            Text("does not run", "未运行") if pid is None else Text(f"runs as {pid}", f"运行中，进程 {pid}"),
            Text("line400 asterisk up", "line400 asterisk up"),
        ),
    ]


def _speech() -> Finding:
    missing = [name for name in ("espeakng_loader", "numpy") if importlib.util.find_spec(name) is None]
    return Finding(
        "speech",
        not missing,
        Text("espeak-ng is there", "espeak-ng 可用")
        if not missing
        else Text(f"{' and '.join(missing)} is missing", f"缺少 {'、'.join(missing)}"),
        Text("pip install 'line400[asterisk]'", "pip install 'line400[asterisk]'"),
    )


def _services(invocation: Invocation) -> list[Finding]:
    settings, _ = load_settings(invocation)
    out: list[Finding] = []
    for what, access, cure in (
        ("ami", settings.asterisk, Text("line400 asterisk up", "line400 asterisk up")),
        ("router", settings.fastagi, Text("line400 serve", "line400 serve")),
    ):
        listens = _listens(access.host, access.port)
        address = f"{access.host}:{access.port}"
        out.append(
            Finding(
                what,
                True if listens else None,
                Text(f"{address} answers", f"{address} 有应答")
                if listens
                else Text(f"nobody listens on {address}", f"{address} 无人监听"),
                cure,
            )
        )
    return out


def _listens(host: str, port: int) -> bool:
    try:
        with socket.create_connection((host, port), timeout=1.0):
            return True
    except OSError:
        return False
