"""``line400 webhooks``: receivers, deliveries, dead letters and sending them again."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ivr_flows.findings import Text

from ..help_text import both
from ..invocation import Invocation, printable
from ..problems import DONE, usage
from .emergency import Author, Reason

if TYPE_CHECKING:
    from router.store.webhooks import DeliveryState

ACTIONS = ("list", "deliveries", "dead", "replay", "test")


def webhooks(
    ctx: typer.Context,
    action: Annotated[
        str | None,
        typer.Argument(
            metavar="ACTION",
            help=both("list (default), deliveries, dead, replay, test", "list（默认）、deliveries、dead、replay、test"),
        ),
    ] = None,
    ids: Annotated[
        list[str] | None,
        typer.Argument(metavar="ID", help=both("replay: only these dead letters", "replay：只重发这些死信")),
    ] = None,
    receiver: Annotated[
        str | None, typer.Option("--receiver", metavar="NAME", help=both("only of this receiver", "只看该接收方"))
    ] = None,
    limit: Annotated[int, typer.Option("--limit", metavar="N", min=1, help=both("the newest N", "最新的 N 条"))] = 50,
    author: Author = None,
    reason: Reason = None,
) -> int:
    """A running `serve` sends; what is sent is in docs/webhooks.md."""
    from ..loading import load_settings
    from ..stores import author_of

    invocation: Invocation = ctx.obj
    name = (action or "list").lower()
    if name not in ACTIONS:
        raise usage(
            "unknown-action",
            Text(f"There is no action `{name}`.", f"没有操作 `{name}`。"),
            Text(f"One of: {', '.join(ACTIONS)}.", f"可选：{'、'.join(ACTIONS)}。"),
        )
    if ids and name != "replay":
        raise usage(
            "ids-without-replay",
            Text(f"`webhooks {name}` takes no ids.", f"`webhooks {name}` 不接受编号。"),
            Text("Only `replay` does.", "只有 `replay` 接受编号。"),
        )
    settings, zone = load_settings(invocation)
    if receiver is not None and receiver not in (known := [one.name for one in settings.webhooks]):
        raise usage(
            "unknown-receiver",
            Text(f"No webhook is called `{receiver}`.", f"没有名为 `{receiver}` 的 webhook。"),
            Text(f"There are: {', '.join(known) or '-'}.", f"现有：{'、'.join(known) or '无'}。"),
        )
    if name == "list":
        return _list(invocation, settings)
    if name in ("deliveries", "dead"):
        return _deliveries(invocation, settings, zone, receiver, name == "dead", limit)
    if name == "test":
        return _test(invocation, settings, author_of(author))
    return _replay(invocation, settings, ids, receiver, author_of(author), reason)


def _list(invocation: Invocation, settings: Any) -> int:
    from rich.table import Table

    from ..stores import read
    from ..webhooks_view import receivers

    found = read(settings.store, lambda store: receivers(settings, store, invocation.environment))
    if found is None:
        import asyncio

        found = asyncio.run(receivers(settings, None, invocation.environment))
    if invocation.json:
        invocation.document(found)
        return DONE
    if not found:
        invocation.line(
            invocation.say(
                Text(
                    "No receiver is configured: `webhooks` in line400.yaml.",
                    "未配置接收方：line400.yaml 的 `webhooks`。",
                )
            )
        )
        return DONE
    table = Table.grid(padding=(0, 2))
    signed = {True: Text("signed", "已签名"), False: Text("unsigned", "未签名")}
    for one in found:
        numbers = Text(
            f"{one['waiting']} waiting, {one['delivered']} delivered, {one['dead']} dead",
            f"待发 {one['waiting']}，已送达 {one['delivered']}，死信 {one['dead']}",
        )
        address = one["url"] or invocation.say(Text("not configured any more", "已不在配置中"))
        table.add_row(
            printable(one["name"]),
            printable(address),
            " ".join(one["events"]),
            one["form"] or "",
            invocation.say(signed[one["signed"]]) if one["url"] else "",
            invocation.say(numbers),
        )
    invocation.console().print(table)
    return DONE


def _deliveries(invocation: Invocation, settings: Any, zone: Any, receiver: str | None, dead: bool, limit: int) -> int:
    from rich.table import Table

    from ..moments import show_time
    from ..stores import read
    from ..webhooks_view import delivery_json

    state: DeliveryState | None = "dead" if dead else None
    rows = read(settings.store, lambda store: store.deliveries(receiver=receiver, state=state, limit=limit)) or []
    if invocation.json:
        invocation.document([delivery_json(row, zone) for row in rows])
        return DONE
    if not rows:
        nothing = Text("No dead letters.", "没有死信。") if dead else Text("Nothing was sent yet.", "尚无发送记录。")
        invocation.line(invocation.say(nothing))
        return DONE
    states = {
        "waiting": Text("waiting", "待发"),
        "delivered": Text("delivered", "已送达"),
        "dead": Text("dead", "死信"),
    }
    table = Table.grid(padding=(0, 2))
    for row in rows:
        table.add_row(
            str(row.id),
            show_time(row.happening.at, zone),
            printable(row.receiver),
            row.happening.kind,
            printable(row.happening.subject),
            invocation.say(states[row.state]),
            str(row.tries),
            printable(row.said or ""),
        )
    invocation.console().print(table)
    return DONE


def _test(invocation: Invocation, settings: Any, author: str) -> int:
    from ..stores import change
    from ..webhooks_view import test_happening

    if not settings.webhooks:
        raise usage(
            "no-webhooks",
            Text("No receiver is configured.", "未配置接收方。"),
            Text(
                "Write `webhooks` in line400.yaml; see docs/webhooks.md.",
                "请在 line400.yaml 中写 `webhooks`，见 docs/webhooks.md。",
            ),
        )
    told = test_happening(author, time.time())
    change(settings.store, lambda store: store.tell([told]))
    said = Text(
        f"A running `line400 serve` tells {len(settings.webhooks)} receivers of {told.id}; "
        "`line400 webhooks deliveries` shows what became of it.",
        f"运行中的 `line400 serve` 将把 {told.id} 通知 {len(settings.webhooks)} 个接收方；"
        "结果见 `line400 webhooks deliveries`。",
    )
    if invocation.json:
        invocation.document({"event_id": told.id, "receivers": [one.name for one in settings.webhooks]})
    else:
        invocation.line(invocation.say(said))
    return DONE


def _replay(
    invocation: Invocation, settings: Any, ids: list[str] | None, receiver: str | None, author: str, reason: str | None
) -> int:
    from ..stores import change

    wrong = next((one for one in ids or [] if not (one.isascii() and one.isdecimal())), None)
    if wrong is not None:
        raise usage(
            "bad-id",
            Text(f"`{wrong}` is no delivery's number.", f"`{wrong}` 不是投递编号。"),
            Text("`line400 webhooks dead` lists them.", "`line400 webhooks dead` 会列出编号。"),
        )
    chosen = [int(one) for one in ids] if ids else None
    now = time.time()
    count = change(
        settings.store,
        lambda store: store.replay_deliveries(now, author, now, reason, ids=chosen, receiver=receiver),
    )
    if invocation.json:
        invocation.document({"replayed": count})
    else:
        said = Text(f"{count} dead letters are sent once more.", f"将重新发送 {count} 封死信。")
        invocation.line(invocation.say(said))
    return DONE
