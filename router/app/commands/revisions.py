"""``line400 history`` and ``rollback``: which revision was in force when, and the way back."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated

import typer

from ivr_flows.findings import Text

from ..help_text import both
from ..invocation import Invocation
from ..problems import DONE
from .apply import end
from .emergency import Author, Reason

if TYPE_CHECKING:
    from router.store import Activation


def history(
    ctx: typer.Context,
    limit: Annotated[
        int | None, typer.Option("--limit", metavar="N", min=1, help=both("the newest N", "最新的 N 条"))
    ] = None,
) -> int:
    """What became current when, by whom and why; newest first. A rollback is an entry of its own."""
    from rich.table import Table
    from rich.text import Text as Styled

    from ..invocation import printable
    from ..loading import load_settings
    from ..moments import iso_time, show_time
    from ..stores import read

    invocation: Invocation = ctx.obj
    settings, zone = load_settings(invocation)
    rows: list[Activation] = read(settings.store, lambda store: store.activations(limit)) or []
    if invocation.json:
        invocation.document(
            [
                {
                    "revision": row.revision,
                    "at": iso_time(row.at, zone),
                    "author": row.author,
                    "reason": row.reason,
                    "kind": row.kind,
                    "current": index == 0,
                }
                for index, row in enumerate(rows)
            ]
        )
        return DONE
    if not rows:
        invocation.line(invocation.say(Text("Nothing was applied yet.", "尚未应用过配置。")))
        return DONE
    words = {"apply": Text("applied", "应用"), "rollback": Text("rolled back to", "回退到")}
    table = Table.grid(padding=(0, 2))
    for index, row in enumerate(rows):
        table.add_row(
            Styled(row.revision, style="bold green" if index == 0 else ""),
            show_time(row.at, zone),
            invocation.say(words[row.kind]),
            printable(row.author),
            printable(row.reason or ""),
            invocation.say(Text("in force", "生效中")) if index == 0 else "",
        )
    invocation.console().print(table)
    return DONE


def rollback(
    ctx: typer.Context,
    revision: Annotated[
        str, typer.Argument(metavar="REVISION", help=both("as `history` names it", "history 中的版本号"))
    ],
    reason: Reason = None,
    author: Author = None,
) -> int:
    """Make an earlier revision the current one again. One that this version cannot load any more is refused."""
    from ..loading import load_content, load_settings
    from ..problems import usage
    from ..stores import author_of, change, read

    invocation: Invocation = ctx.obj
    settings, _ = load_settings(invocation)
    content = read(settings.store, lambda store: store.get_revision(revision))
    if content is None:
        raise usage(
            "no-revision",
            Text("Nothing was applied yet, there is nothing to return to.", "尚未应用过配置，无法回退。"),
            Text("`line400 apply` makes the first revision.", "用 `line400 apply` 生成第一个版本。"),
        )
    load_content(invocation, content.files)
    name = content.revision.revision
    document = {"revision": name, "rolled_back": not content.revision.current}
    if content.revision.current:
        return end(invocation, document, DONE, Text(f"{name} is in force already.", f"{name} 已在生效中。"))
    change(
        settings.store,
        lambda store: store.activate(name, author_of(author), reason, time.time(), "rollback"),
    )
    invocation.note(
        Text(
            "The files in the configuration folder are unchanged; `line400 plan` shows how they differ.",
            "配置目录中的文件没有改动；用 `line400 plan` 查看差异。",
        )
    )
    return end(invocation, document, DONE, Text(f"Revision {name} is in force again.", f"版本 {name} 已重新生效。"))
