"""``line400 agents``: who is signed in at the queues of the switch; signing in and out, pausing."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, TypeVar, cast

import typer

from ivr_flows.findings import Text

from ..help_text import both
from ..invocation import Invocation, printable
from ..problems import DONE, Problem, usage
from .emergency import Author, Reason

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from router.asterisk.agents import Agents, AgentState
    from router.model import Settings

    from ..agents_desk import AgentAction

T = TypeVar("T")
ACTIONS = ("list", "sign-in", "sign-out", "pause", "unpause", "password")
_STATE_WORDS = {
    "idle": Text("idle", "空闲"),
    "talking": Text("talking", "通话中"),
    "ringing": Text("ringing", "振铃"),
    "on_hold": Text("on hold", "保持"),
    "unavailable": Text("unavailable", "离线"),
    "unknown": Text("unknown", "未知"),
}


def agents(
    ctx: typer.Context,
    action: Annotated[
        str | None,
        typer.Argument(
            metavar="ACTION",
            help=both(
                "list (default), sign-in, sign-out, pause, unpause, password",
                "list（默认）、sign-in、sign-out、pause、unpause、password（话机密码）",
            ),
        ),
    ] = None,
    agent: Annotated[
        str | None,
        typer.Argument(metavar="AGENT", help=both("a name or extension, or TECH/NAME", "座席名或分机，或 TECH/名称")),
    ] = None,
    queue: Annotated[
        str | None,
        typer.Option("--queue", metavar="QUEUE", help=both("only this queue", "只针对该队列")),
    ] = None,
    author: Author = None,
    reason: Reason = None,
) -> int:
    """Over the switch's manager interface, as `asterisk` in line400.yaml says; changes are audited."""
    from ..agents_desk import act, agent_named, queues_of
    from ..loading import load_folder, load_settings

    invocation: Invocation = ctx.obj
    name = (action or "list").lower()
    if name not in ACTIONS:
        raise usage(
            "unknown-action",
            Text(f"There is no action `{name}`.", f"没有操作 `{name}`。"),
            Text(f"One of: {', '.join(ACTIONS)}.", f"可选：{'、'.join(ACTIONS)}。"),
        )
    settings, zone = load_settings(invocation)
    if name == "list":
        return _show(invocation, _over_ami(invocation, settings, lambda found: found.list(queue)), zone)
    agent = agent_named(agent, name)
    if name == "password":
        return _password(invocation, agent, author)
    doing = cast("AgentAction", name)
    sign_in_at = []
    if name == "sign-in":
        sign_in_at = [queue] if queue else queues_of(agent, None, load_folder(invocation).queues.values())
    changed = _over_ami(invocation, settings, lambda found: act(found, doing, agent, queue, sign_in_at, reason))
    _audit(invocation, settings, author, name, agent, changed, reason)
    if invocation.json:
        invocation.document({"agent": agent, "action": name, "queues": changed})
    elif changed:
        named = ", ".join(changed)
        invocation.line(invocation.say(Text(f"{agent}: {name}, {named}.", f"{agent}：{name}，{named}。")))
    else:
        invocation.line(invocation.say(Text(f"{agent}: nothing to change.", f"{agent}：无需更改。")))
    return DONE


def _password(invocation: Invocation, agent: str, author: str | None) -> int:
    """What the telephone of ``agent`` registers with at the switch of `line400 asterisk up`; audited."""
    from router.asterisk.generated.names import telephone
    from router.book import RouteBook

    from ..asterisk_here import AsteriskHere
    from ..loading import load_folder, load_settings

    known = AsteriskHere.of(invocation).secrets(RouteBook.compile(load_folder(invocation))).agents
    if agent not in known:
        raise usage(
            "unknown-agent",
            Text(f"queues.yaml names {agent} in no queue.", f"queues.yaml 的各队列中都没有座席 {agent}。"),
            Text(
                "Add the agent to a queue, then `line400 asterisk up`.", "请先加入队列，再执行 `line400 asterisk up`。"
            ),
        )
    _audit(invocation, load_settings(invocation)[0], author, "password", agent, [], None)
    document = {"agent": agent, "user": telephone(agent), "password": known[agent]}
    if invocation.json:
        invocation.document(document)
    else:
        invocation.line(document["password"])
    return DONE


def _over_ami(invocation: Invocation, settings: Settings, work: Callable[[Agents], Awaitable[T]]) -> T:
    """What ``work`` gives of the running switch. Raises `Problem` without a password, `SwitchAway`, `AgentRefused`."""
    from router.asterisk.agents import agents_of
    from router.asterisk.ami_link import AmiAccess

    from ..serving import require_secret

    endpoint = settings.asterisk
    variable = endpoint.secret_env or "LINE400_AMI_SECRET"
    require_secret(variable, invocation.environment)
    access = AmiAccess(endpoint.host, endpoint.port, endpoint.username, invocation.environment[variable])

    async def run() -> T:
        async with agents_of(access) as found:
            return await work(found)

    return asyncio.run(run())


def _audit(
    invocation: Invocation,
    settings: Settings,
    author: str | None,
    action: str,
    agent: str,
    queues: list[str],
    reason: str | None,
) -> None:
    """Write down who did it; the switch has done it already, so a store that is away costs a warning."""
    from router.store import StoreError

    from ..agents_desk import audit_action
    from ..stores import author_of, change

    kind, now = audit_action(action), time.time()
    try:
        change(
            settings.store,
            lambda store: store.audit(author_of(author), kind, agent, now, reason, None, {"queues": queues}),
        )
    except (StoreError, Problem) as error:
        invocation.warn(Text(f"It is not audited. {error.message.en}", f"未写入审计。{error.message.zh}"))


def _show(invocation: Invocation, found: list[AgentState], zone: ZoneInfo) -> int:
    from rich.table import Table

    from ..agents_desk import agent_json
    from ..moments import show_time

    say = invocation.say
    if invocation.json:
        invocation.document([agent_json(item, zone) for item in found])
        return DONE
    if not found:
        invocation.line(say(Text("Nobody is signed in.", "没有座席签入。")))
        return DONE
    table = Table(box=None, padding=(0, 1), header_style="bold")
    for name in (
        Text("queue", "队列"),
        Text("agent", "座席"),
        Text("state", "状态"),
        Text("paused", "暂停"),
        Text("calls", "接听数"),
        Text("last call", "上次通话"),
    ):
        table.add_column(say(name), overflow="fold")
    for item in found:
        paused = (item.paused_reason or say(Text("yes", "是"))) if item.paused else ""
        table.add_row(
            printable(item.queue),
            printable(item.agent),
            say(_STATE_WORDS[item.state]),
            printable(paused),
            str(item.calls),
            "-" if item.last_call is None else show_time(item.last_call, zone),
        )
    invocation.console().print(table)
    return DONE
