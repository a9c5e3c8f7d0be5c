"""``line400 live``: calls in progress, queues and agents of the running service."""

from __future__ import annotations

import json
import os
import time
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ivr_flows.findings import Text

from ..help_text import both
from ..invocation import Invocation, printable
from ..problems import DONE, Problem, unreachable, usage

if TYPE_CHECKING:
    from rich.console import RenderableType

    from router.model import Settings

EVERY = 1.0
MOST_BYTES = 4_000_000
_STATES = {
    "idle": Text("idle", "空闲"),
    "talking": Text("talking", "通话中"),
    "ringing": Text("ringing", "振铃"),
    "on_hold": Text("on hold", "保持"),
    "unavailable": Text("unavailable", "离线"),
    "unknown": Text("unknown", "未知"),
}


def live(
    ctx: typer.Context,
    once: Annotated[bool, typer.Option("--once", help=both("print once and end", "只显示一次"))] = False,
    reveal: Annotated[
        bool,
        typer.Option(
            "--reveal",
            help=both(
                "callers in full; wants the key in LINE400_LIVE_KEY", "显示完整主叫，需要 LINE400_LIVE_KEY 中的密钥"
            ),
        ),
    ] = False,
) -> int:
    """Of the `line400 serve` that `api` in line400.yaml names; refreshed each second on a terminal, until Ctrl-C."""
    from router.api.live import KEY_VARIABLE

    from ..loading import load_settings

    invocation: Invocation = ctx.obj
    settings, _ = load_settings(invocation)
    key = invocation.environment.get(KEY_VARIABLE, "") if reveal else ""
    if reveal and not key:
        raise usage(
            "key-missing",
            Text(f"The environment variable {KEY_VARIABLE} is not set.", f"没有设置环境变量 {KEY_VARIABLE}。"),
            Text("It is the same as that of `line400 serve`.", "其值与 `line400 serve` 所用的相同。"),
        )
    document = _ask(settings, key)
    if invocation.json:
        invocation.document(document)
        return DONE
    if once or not invocation.interactive:
        invocation.console().print(_table(invocation, document))
        return DONE
    return _follow(invocation, settings, key, document)


def _follow(invocation: Invocation, settings: Settings, key: str, document: dict[str, Any]) -> int:
    from rich.live import Live

    with Live(_table(invocation, document), console=invocation.console(), screen=True, auto_refresh=False) as shown:
        try:
            while True:
                time.sleep(EVERY)
                try:
                    document = _ask(settings, key)
                except Problem as problem:
                    shown.update(invocation.say(problem.message), refresh=True)
                else:
                    shown.update(_table(invocation, document), refresh=True)
        except KeyboardInterrupt:
            return DONE


def _ask(settings: Settings, key: str) -> dict[str, Any]:
    """The document of the running service. Raises `Problem`."""
    host = "127.0.0.1" if settings.api.host in ("", "0.0.0.0") else settings.api.host  # noqa: S104 - compared
    address = f"http://{f'[{host}]' if ':' in host else host}:{settings.api.port}/api/v1/live"
    request = urllib.request.Request(address, headers={"Authorization": f"Bearer {key}"} if key else {})
    # Never by a proxy of the environment: the service is this machine's or this network's.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=5.0) as answer:
            found = json.loads(answer.read(MOST_BYTES))
    except urllib.error.HTTPError as error:
        if error.code == 403:
            raise usage(
                "wrong-key",
                Text("The service does not know this key.", "服务不认可该密钥。"),
                Text("Set LINE400_LIVE_KEY to that of `line400 serve`.", "请将 LINE400_LIVE_KEY 设为 serve 所用的值。"),
            ) from None
        raise _away(address, f"HTTP {error.code}") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "reason", None)
        why = os.strerror(reason.errno) if isinstance(reason, OSError) and reason.errno else type(error).__name__
        raise _away(address, why) from None
    if not isinstance(found, dict):
        raise _away(address, "no document")
    return found


def _away(address: str, why: str) -> Problem:
    return unreachable(
        "no-service",
        Text(f"No service answers at {address}: {why}.", f"{address} 没有服务应答：{why}。"),
        Text(
            "Start `line400 serve`, or correct `api` in line400.yaml.",
            "请启动 `line400 serve`，或更正 line400.yaml 的 `api`。",
        ),
    )


def _table(invocation: Invocation, document: dict[str, Any]) -> RenderableType:
    from rich.console import Group
    from rich.table import Table

    say = invocation.say

    def table(title: Text, *columns: Text) -> Table:
        made = Table(box=None, padding=(0, 1), header_style="bold", title=say(title), title_justify="left")
        for column in columns:
            made.add_column(say(column), overflow="fold")
        return made

    calls = table(
        Text(f"Calls in progress: {document['in_progress']}", f"进行中的通话：{document['in_progress']}"),
        Text("for", "时长"),
        Text("caller", "主叫"),
        Text("number", "号码"),
        Text("line", "线路"),
        Text("flow", "流程"),
        Text("node", "节点"),
        Text("digits", "按键"),
        Text("queue", "队列"),
        Text("agent", "座席"),
    )
    for call in document["calls"]:
        caller = call["caller"] or say(Text("withheld", "隐藏"))
        cells = [_span(call["seconds"]), caller, *(call[name] for name in ("called", "line", "flow", "node"))]
        cells += [" ".join(call["digits"]), call["queue"], call["agent"]]
        calls.add_row(*(printable(str(cell or "-")) for cell in cells))
    if document["queues"] is None:
        return Group(calls, "", say(Text("The switch cannot be asked for its queues.", "无法向交换机查询队列。")))
    queues = table(
        Text("Queues", "队列"),
        Text("queue", "队列"),
        Text("waiting", "等待"),
        Text("longest", "最长等待"),
        Text("answered", "已接"),
        Text("abandoned", "放弃"),
        Text("agents", "座席"),
    )
    for queue in document["queues"]:
        longest = max((caller["seconds"] for caller in queue["waiting"]), default=0)
        agents = ", ".join(f"{printable(agent['agent'])} {_state(invocation, agent)}" for agent in queue["agents"])
        queues.add_row(
            printable(queue["name"]),
            str(len(queue["waiting"])),
            _span(longest),
            str(queue["answered"]),
            str(queue["abandoned"]),
            agents or "-",
        )
    return Group(calls, "", queues)


def _state(invocation: Invocation, agent: dict[str, Any]) -> str:
    state = invocation.say(_STATES.get(agent["state"], _STATES["unknown"]))
    return f"{state}, {invocation.say(Text('paused', '暂停'))}" if agent["paused"] else state


def _span(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}:{rest:02}"
