"""``line400 backup`` and ``restore``: the whole store in one file, and back."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated, Any

import typer

from ivr_flows.findings import Text

from ..help_text import both
from ..invocation import Invocation
from ..moments import iso_time
from ..problems import DONE, usage
from .emergency import Author, Reason

FileArgument = Annotated[Path, typer.Argument(metavar="FILE", help=both("the backup", "备份文件"))]


def backup(
    ctx: typer.Context,
    file: FileArgument,
    force: Annotated[
        bool, typer.Option("--force", help=both("replace FILE where it exists", "文件已存在时覆盖"))
    ] = False,
) -> int:
    """Save call records, revisions, audit and what is in force. A running router is not disturbed."""
    from ..loading import load_settings
    from ..stores import read

    invocation: Invocation = ctx.obj
    settings, _ = load_settings(invocation)
    if file.exists() and not force:
        raise usage(
            "file-exists",
            Text(f"{file} exists already.", f"{file} 已存在。"),
            Text("Choose another name, or --force to replace it.", "请换个文件名，或用 --force 覆盖。"),
        )
    done = read(settings.store, lambda store: store.backup(file, time.time()))
    if done is None:
        raise usage(
            "store-missing",
            Text("There is no store yet: nothing to save.", "还没有数据可备份。"),
            Text("It is made by the first call, apply or serve.", "第一次呼叫、应用配置或启动服务时会创建。"),
        )
    document = {"file": str(file), "bytes": file.stat().st_size, "rows": dict(done.rows)}
    return _end(invocation, document, Text(f"Saved to {file}.", f"已备份到 {file}。"))


def restore(
    ctx: typer.Context,
    file: FileArgument,
    force: Annotated[
        bool, typer.Option("--force", help=both("replace what the store holds", "替换库中已有的全部数据"))
    ] = False,
    author: Author = None,
    reason: Reason = None,
) -> int:
    """Verify the file, then bring everything back in one transaction, or nothing."""
    from ..loading import load_settings
    from ..stores import author_of, change

    invocation: Invocation = ctx.obj
    if not file.is_file():
        raise usage(
            "no-such-path",
            Text(f"There is no file {file}.", f"找不到文件 {file}。"),
            Text("Name a file that `line400 backup` wrote.", "请给出 `line400 backup` 写出的文件。"),
        )
    settings, zone = load_settings(invocation)
    done = change(
        settings.store, lambda store: store.restore(file, time.time(), author_of(author), reason, force=force)
    )
    document = {"file": str(file), "taken": iso_time(done.at, zone), "rows": dict(done.rows)}
    return _end(invocation, document, Text(f"Restored from {file}.", f"已从 {file} 恢复。"))


def _end(invocation: Invocation, document: dict[str, Any], said: Text) -> int:
    if invocation.json:
        invocation.document(document)
    else:
        invocation.line(invocation.say(said))
    return DONE
