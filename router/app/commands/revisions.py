"""``line400 history`` and ``rollback``: which revision was in force when, and the way back."""

from __future__ import annotations

import time
from datetime import tzinfo
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
    diff: Annotated[
        str | None,
        typer.Option(
            "--diff", metavar="REVISION", help=both("what it changed when it came into force", "该版本生效时改变了什么")
        ),
    ] = None,
    show: Annotated[
        str | None, typer.Option("--show", metavar="REVISION", help=both("the files that it holds", "该版本的文件"))
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
    if diff is not None:
        return _diff(invocation, settings.store, diff)
    if show is not None:
        return _show(invocation, settings.store, show, zone)
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


def _diff(invocation: Invocation, store_url: str, revision: str) -> int:
    """What ``revision`` changed against the one that was in force before it first was."""
    from router.configuration.diff import text_changes

    from ..presentation import show_diff
    from ..stores import read
    from ..world import applied

    content = applied(store_url, revision)
    name = content.revision.revision
    order = [row.revision for row in read(store_url, lambda store: store.activations()) or []][::-1]
    position = order.index(name) if name in order else len(order)
    before = order[position - 1] if position else None
    changes = text_changes(applied(store_url, before).files if before else {}, content.files)
    document = {"revision": name, "against": before, "changes": [change.as_json() for change in changes]}
    if invocation.json:
        invocation.document(document)
        return DONE
    for change in changes:
        show_diff(invocation, change.diff)
    against = before or invocation.say(Text("nothing", "空"))
    count = len(changes)
    plural = "" if count == 1 else "s"
    said = Text(
        f"{name}: {count} file{plural} changed against {against}.", f"{name}：与 {against} 相比有 {count} 个文件变化。"
    )
    invocation.line(invocation.say(said))
    return DONE


def _show(invocation: Invocation, store_url: str, revision: str, zone: tzinfo) -> int:
    """The files of ``revision``, and who made it."""
    from ..moments import iso_time, show_time
    from ..world import applied

    content = applied(store_url, revision)
    facts = content.revision
    if invocation.json:
        invocation.document(
            {
                "revision": facts.revision,
                "at": iso_time(facts.at, zone),
                "author": facts.author,
                "reason": facts.reason,
                "current": facts.current,
                "files": {name: data.decode("utf-8-sig", "replace") for name, data in sorted(content.files.items())},
            }
        )
        return DONE
    invocation.line(f"{facts.revision}  {show_time(facts.at, zone)}  {facts.author}  {facts.reason or ''}".rstrip())
    for name, data in sorted(content.files.items()):
        invocation.line()
        invocation.line(f"── {name}")
        for line in data.decode("utf-8-sig", "replace").splitlines():
            invocation.line(line)
    return DONE
