"""``line400 user``: who may sign in to the console."""

from __future__ import annotations

import getpass
import sys
import time
from typing import Annotated

import typer

from ivr_flows.findings import Text

from ..arguments import as_text
from ..help_text import both
from ..invocation import Invocation
from ..problems import DONE, usage
from .emergency import Author, Reason

ACTIONS = ("add", "list", "role", "passwd", "disable", "enable", "remove")


def user(
    ctx: typer.Context,
    action: Annotated[
        str | None,
        typer.Argument(metavar="ACTION", help=both(f"list (default); {', '.join(ACTIONS)}", "、".join(ACTIONS))),
    ] = None,
    name: Annotated[str | None, typer.Argument(metavar="NAME", help=both("the user's name", "用户名"))] = None,
    role: Annotated[
        str | None,
        typer.Option(
            "--role",
            metavar="ROLE",
            help=both("add, role: viewer qa support engineer reviewer admin", "add、role：角色"),
        ),
    ] = None,
    author: Author = None,
    reason: Reason = None,
) -> int:
    """A password is asked for on a terminal, and read as one line from standard input without one. Another role or
    password ends the sessions of the user."""
    from router.api.passwords import check_password, hash_password

    from ..access import named, role_named, unknown_action, user_json
    from ..access_view import USER_COLUMNS, show_documents
    from ..loading import load_settings
    from ..stores import author_of, change, read

    invocation: Invocation = ctx.obj
    word = (action or "list").lower()
    if word not in ACTIONS:
        raise unknown_action("user", word, ACTIONS)
    settings, zone = load_settings(invocation)
    if word == "list":
        documents = [user_json(row, zone) for row in read(settings.store, lambda store: store.users()) or []]
        if invocation.json:
            invocation.document(documents)
        else:
            show_documents(invocation, USER_COLUMNS, documents, Text("No users.", "没有用户。"))
        return DONE
    if name is None or (role is None and word in ("add", "role")):
        raise usage(
            "no-name",
            Text(
                f"`user {word}` wants a name and, for add and role, --role.",
                f"`user {word}` 需要用户名；add、role 还需 --role。",
            ),
            Text(
                f"For example: line400 user {word} wang --role support",
                f"例如：line400 user {word} wang --role support",
            ),
        )
    called, now, who = named(as_text(name)), time.time(), author_of(author)
    known = None if role is None else role_named(role)
    if word == "remove":
        change(settings.store, lambda store: store.remove_user(called, now, who, reason), create=False)
        if invocation.json:
            invocation.document({"name": called, "removed": True})
        else:
            invocation.line(invocation.say(Text(f"`{called}` is removed.", f"已删除用户 `{called}`。")))
        return DONE
    password = None
    if word in ("add", "passwd"):
        password = hash_password(check_password(_ask(invocation), called))
    if word == "add":
        assert known is not None
        assert password is not None
        kept, given = password, known
        row = change(settings.store, lambda store: store.add_user(called, given, kept, now, who, reason))
    else:
        disabled = {"disable": True, "enable": False}.get(word)
        row = change(
            settings.store,
            lambda store: store.change_user(
                called,
                now,
                who,
                role=known if word == "role" else None,
                password=password,
                disabled=disabled,
                reason=reason,
            ),
            create=False,
        )
    if invocation.json:
        invocation.document(user_json(row, zone))
    else:
        show_documents(invocation, USER_COLUMNS, [user_json(row, zone)], Text("", ""))
    return DONE


def _ask(invocation: Invocation) -> str:
    """A password: twice from a terminal, unseen; else the first line of standard input."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    first = getpass.getpass(invocation.say(Text("Password: ", "密码：")))
    if getpass.getpass(invocation.say(Text("Again: ", "再次输入："))) != first:
        raise usage(
            "passwords-differ", Text("The two are not the same.", "两次输入不一致。"), Text("Try again.", "请重试。")
        )
    return first
