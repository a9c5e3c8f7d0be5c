"""``line400 token``: who may use the HTTP API by token."""

from __future__ import annotations

import time
from datetime import tzinfo
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ivr_flows.findings import Text

from ..arguments import as_text
from ..help_text import both
from ..invocation import Invocation
from ..problems import DONE, usage
from .emergency import Author, Reason

if TYPE_CHECKING:
    from router.store import Store

ACTIONS = ("create", "list", "revoke", "rotate")


def token(
    ctx: typer.Context,
    action: Annotated[
        str | None,
        typer.Argument(
            metavar="ACTION",
            help=both("list (default), create, revoke, rotate", "list（默认）、create、revoke、rotate"),
        ),
    ] = None,
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help=both("the token's name, or its id", "令牌名称或编号"))
    ] = None,
    role: Annotated[
        str | None,
        typer.Option(
            "--role", metavar="ROLE", help=both("create: viewer qa support engineer reviewer admin", "create：角色")
        ),
    ] = None,
    scope: Annotated[
        list[str] | None,
        typer.Option(
            "--scope",
            metavar="ACTION",
            help=both("create: only this action (may be repeated)", "create：只允许该操作（可重复）"),
        ),
    ] = None,
    days: Annotated[
        float | None,
        typer.Option("--days", metavar="N", min=0.001, max=3650, help=both("valid for N days", "有效天数")),
    ] = None,
    grace: Annotated[
        str | None,
        typer.Option(
            "--grace",
            metavar="TIME",
            help=both("rotate: the old one stays good for TIME (1h)", "rotate：旧令牌继续有效的时间（1h）"),
        ),
    ] = None,
    author: Author = None,
    reason: Reason = None,
) -> int:
    """The text of a token is shown once, when it is made; the store keeps a digest of it."""
    from ..access import create_token, named, rotate_token, token_json, unknown_action
    from ..loading import load_settings
    from ..stores import author_of, change

    invocation: Invocation = ctx.obj
    word = (action or "list").lower()
    if word not in ACTIONS:
        raise unknown_action("token", word, ACTIONS)
    settings, zone = load_settings(invocation)
    now = time.time()
    if word == "list":
        return _list(invocation, settings.store, now, zone)
    if name is None:
        raise usage(
            "no-name",
            Text(f"`token {word}` wants the name of a token.", f"`token {word}` 需要令牌名称。"),
            Text(f"For example: line400 token {word} ci", f"例如：line400 token {word} ci"),
        )
    called = named(as_text(name))
    who = author_of(author)
    if word == "create":
        if role is None:
            raise usage(
                "no-role",
                Text("A token needs a role.", "令牌需要角色。"),
                Text(
                    f"For example: line400 token create {called} --role viewer",
                    f"例如：line400 token create {called} --role viewer",
                ),
            )

        async def make(store: Store) -> tuple[Any, str]:
            return await create_token(store, called, role, now, who, scope=scope or (), days=days, reason=reason)

        row, text = change(settings.store, make)
    elif word == "rotate":
        seconds = _seconds(grace)

        async def rotate(store: Store) -> tuple[Any, str]:
            return await rotate_token(store, called, now, who, grace=seconds, days=days, reason=reason)

        row, text = change(settings.store, rotate, create=False)
    else:
        row = change(settings.store, lambda store: store.revoke_token(called, now, who, reason), create=False)
        text = ""
    document = token_json(row, now, zone)
    if invocation.json:
        invocation.document({**document, "token": text} if text else document)
    elif text:
        invocation.line(text)
        invocation.note(
            Text(
                f"The token `{row.name}` ({row.role}). It is not shown again.",
                f"令牌 `{row.name}`（{row.role}）。此后不再显示。",
            )
        )
    else:
        invocation.line(invocation.say(Text(f"The token `{row.name}` is revoked.", f"令牌 `{row.name}` 已吊销。")))
    return DONE


def _list(invocation: Invocation, store_url: str, now: float, zone: tzinfo) -> int:
    from ..access import token_json
    from ..access_view import TOKEN_COLUMNS, show_documents
    from ..stores import read

    documents = [token_json(row, now, zone) for row in read(store_url, lambda store: store.tokens()) or []]
    if invocation.json:
        invocation.document(documents)
    else:
        show_documents(invocation, TOKEN_COLUMNS, documents, Text("No tokens.", "没有令牌。"))
    return DONE


def _seconds(grace: str | None) -> float:
    from ivr_flows.schema import Refusal, parse_duration

    if grace is None:
        return 0.0
    try:
        seconds = parse_duration(grace)
    except Refusal as error:
        raise usage(error.code, error.message, error.cure) from error
    if not 0 <= seconds <= 7 * 86400:
        raise usage(
            "bad-duration",
            Text(f"--grace {grace} is longer than 7 days.", f"--grace {grace} 超过 7 天。"),
            Text("Write a shorter time, for example 1h.", "请写较短的时间，例如 1h。"),
        )
    return seconds
