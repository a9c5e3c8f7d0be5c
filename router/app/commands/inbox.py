"""``line400 inbox``: what callers left behind, listed, heard, exported, assigned, done with, deleted."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ivr_flows.findings import Text

from ..arguments import as_text
from ..help_text import both
from ..invocation import Invocation
from ..problems import DONE, NOT_RIGHT, Problem, usage
from .emergency import Author, Reason

if TYPE_CHECKING:
    from router.model import Settings
    from router.store import InboxEntry

PLAYERS = (("ffplay", "-nodisp", "-autoexit", "-loglevel", "error"), ("paplay",), ("aplay", "-q"), ("play", "-q"))
"""Programs that play a sound file on a terminal, the first that is there."""


@dataclass(frozen=True, slots=True)
class _Desk:
    """Who does what, where."""

    invocation: Invocation
    settings: Settings
    zone: tzinfo
    author: str
    reason: str | None
    now: float


def inbox(
    ctx: typer.Context,
    action: Annotated[
        str | None,
        typer.Argument(
            metavar="ACTION",
            help=both(
                "list (default), play, export, assign, done, delete, retention",
                "list（默认）、play、export、assign、done、delete、retention",
            ),
        ),
    ] = None,
    what: Annotated[
        str | None,
        typer.Argument(
            metavar="ID|FILE", help=both("the entry; for export of the list, the file", "条目编号；导出列表时为文件")
        ),
    ] = None,
    file: Annotated[
        str | None, typer.Argument(metavar="FILE", help=both("where the audio is copied to", "录音复制到的文件"))
    ] = None,
    kind: Annotated[
        str | None,
        typer.Option("--kind", metavar="KIND", help=both("only this kind of thing", "只看该种类")),
    ] = None,
    number: Annotated[
        str | None,
        typer.Option("--number", metavar="NUMBER", help=both("left at this 400 number", "在该 400 号码留下")),
    ] = None,
    state: Annotated[
        str | None,
        typer.Option("--state", metavar="STATE", help=both("new, assigned or done", "new、assigned 或 done")),
    ] = None,
    assignee: Annotated[
        str | None, typer.Option("--assignee", metavar="NAME", help=both("assigned to NAME", "分派给该人"))
    ] = None,
    since: Annotated[
        str | None, typer.Option("--since", metavar="TIME", help=both("left at TIME or later", "不早于该时间"))
    ] = None,
    real: Annotated[bool, typer.Option("--real", help=both("only of real calls", "只看真实来电"))] = False,
    test: Annotated[bool, typer.Option("--test", help=both("only of test calls", "只看测试来电"))] = False,
    limit: Annotated[
        int | None, typer.Option("--limit", metavar="N", min=1, help=both("the newest N", "最新的 N 条"))
    ] = None,
    to: Annotated[
        str | None, typer.Option("--to", metavar="NAME", parser=as_text, help=both("assign to NAME", "分派给该人"))
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help=both("retention: only count", "retention：只计数，不删除"))
    ] = False,
    author: Author = None,
    reason: Reason = None,
) -> int:
    """Every access and every change is audited."""
    from ..loading import load_settings
    from ..stores import author_of

    invocation: Invocation = ctx.obj
    if real and test:
        raise usage("real-and-test", Text("--real and --test exclude each other.", "--real 与 --test 不能同时使用。"))
    settings, zone = load_settings(invocation)
    desk = _Desk(invocation, settings, zone, author_of(author), reason, time.time())
    name = (action or "list").lower()
    filters = (kind, number, state, assignee, since, True if test else False if real else None, limit)
    if name == "list":
        return _list(desk, *filters)
    if name == "export" and what is not None and file is None and not what.isdecimal():
        return _export_list(desk, Path(what), *filters)
    if name == "retention":
        return _retention(desk, dry_run)
    acts: dict[str, Callable[[_Desk, int], int]] = {
        "play": _play,
        "export": lambda desk, entry: _export(desk, entry, file),
        "assign": lambda desk, entry: _assign(desk, entry, to),
        "done": _done,
        "delete": _delete,
    }
    if name not in acts:
        raise usage(
            "unknown-action",
            Text(f"There is no action `{name}`.", f"没有操作 `{name}`。"),
            Text(
                "One of: list, play, export, assign, done, delete, retention.",
                "可选：list、play、export、assign、done、delete、retention。",
            ),
        )
    return acts[name](desk, _id(name, what))


def _id(action: str, given: str | None) -> int:
    if given is not None and given.isascii() and given.isdecimal():
        return int(given)
    raise usage(
        "bad-id",
        Text(
            f"`inbox {action}` wants the number of an entry." if given is None else f"`{given}` is no entry's number.",
            f"`inbox {action}` 需要条目编号。" if given is None else f"`{given}` 不是条目编号。",
        ),
        Text("`line400 inbox` lists the entries.", "`line400 inbox` 列出所有条目。"),
    )


def _found(
    desk: _Desk,
    action: str,
    kind: str | None,
    number: str | None,
    state: str | None,
    assignee: str | None,
    since: str | None,
    test: bool | None,
    limit: int | None,
) -> list[InboxEntry]:
    from router.left import LEFT_KINDS, LEFT_STATES
    from router.number400 import Number400
    from router.store import InboxFilter

    from ..moments import parse_time
    from ..stores import change, is_there

    for given, known, en, zh in ((kind, LEFT_KINDS, "kind", "种类"), (state, LEFT_STATES, "state", "状态")):
        if given is not None and given not in known:
            raise usage(
                f"unknown-{en}",
                Text(f"There is no {en} `{given}`.", f"没有{zh} `{given}`。"),
                Text(f"One of: {', '.join(known)}.", f"可选：{'、'.join(known)}。"),
            )
    wanted = InboxFilter(
        kind=kind,
        number=None if number is None else Number400.parse(number).digits,
        state=state,
        assignee=assignee,
        since=None if since is None else parse_time(since, desk.zone),
        test=test,
        limit=limit,
    )
    if not is_there(desk.settings.store):
        return []
    return change(desk.settings.store, lambda store: store.inbox(wanted, desk.author, desk.now, action))


def _list(desk: _Desk, *filters: object) -> int:
    from ..inbox_view import as_json, show

    entries = _found(desk, "inbox_list", *filters)  # type: ignore[arg-type]
    if desk.invocation.json:
        desk.invocation.document([as_json(entry, desk.zone) for entry in entries])
    elif entries:
        show(desk.invocation, entries, desk.zone)
    else:
        desk.invocation.line(desk.invocation.say(Text("Nothing was left.", "没有内容。")))
    return DONE


def _export_list(desk: _Desk, file: Path, *filters: object) -> int:
    from ..inbox_view import COLUMNS, rows
    from ..spreadsheet import write_table

    if file.suffix.lower() not in (".csv", ".xlsx"):
        raise usage(
            "unknown-format",
            Text(f"`{file.name}` is neither a .csv nor an .xlsx file.", f"`{file.name}` 不是 .csv 或 .xlsx 文件。"),
            Text("line400 inbox export list.xlsx", "line400 inbox export list.xlsx"),
        )
    entries = _found(desk, "inbox_export", *filters)  # type: ignore[arg-type]
    write_table(file, COLUMNS, rows(entries, desk.zone), "inbox")
    said = Text(f"{len(entries)} entries are written to {file}.", f"已将 {len(entries)} 条写入 {file}。")
    return _answer(desk, {"file": str(file), "entries": len(entries)}, said)


def _play(desk: _Desk, entry_id: int) -> int:
    from router.spool import Spool

    from ..stores import change

    entry = change(desk.settings.store, lambda store: store.open_left(entry_id, desk.author, desk.now, "inbox_play"))
    path = Spool(desk.settings.recordings).find(entry.file) if entry.file else None
    if path is None:
        raise _no_file(desk, entry)
    invocation = desk.invocation
    if invocation.json:
        invocation.document({"id": entry.id, "kind": entry.kind, "file": str(path)})
        return DONE
    invocation.line(str(path))
    player = next((words for words in PLAYERS if shutil.which(words[0])), None)
    if invocation.interactive and player is not None:
        invocation.out.flush()
        played = subprocess.run([*player, str(path)], check=False)  # noqa: S603 - a fixed program, a path of ours
        if played.returncode:
            invocation.warn(Text(f"{player[0]} could not play it.", f"{player[0]} 无法播放。"))
    return DONE


def _export(desk: _Desk, entry_id: int, file: str | None) -> int:
    from router.spool import Spool

    from ..stores import change

    if file is None:
        raise usage(
            "missing-value",
            Text("Say where the audio is to be copied to.", "请给出录音复制到的文件。"),
            Text(f"line400 inbox export {entry_id} message.wav", f"line400 inbox export {entry_id} message.wav"),
        )
    entry = change(desk.settings.store, lambda store: store.open_left(entry_id, desk.author, desk.now, "inbox_export"))
    target = Path(file)
    source = Spool(desk.settings.recordings).copy(entry.file, target) if entry.file else None
    if source is None:
        raise _no_file(desk, entry)
    said = Text(f"{source} is copied to {target}.", f"已将 {source} 复制到 {target}。")
    return _answer(desk, {"id": entry.id, "source": str(source), "file": str(target)}, said)


def _assign(desk: _Desk, entry_id: int, to: str | None) -> int:
    from ..stores import change

    name = " ".join((to or "").split())
    if not name:
        raise usage(
            "missing-value",
            Text("Say to whom: --to NAME.", "请给出处理人：--to 姓名。"),
            Text(f"line400 inbox assign {entry_id} --to li", f"line400 inbox assign {entry_id} --to li"),
        )
    entry = change(
        desk.settings.store, lambda store: store.assign_left(entry_id, name, desk.author, desk.now, desk.reason)
    )
    return _entry(desk, entry, Text(f"Entry {entry_id} is assigned to {name}.", f"条目 {entry_id} 已分派给 {name}。"))


def _done(desk: _Desk, entry_id: int) -> int:
    from ..stores import change

    entry = change(desk.settings.store, lambda store: store.finish_left(entry_id, desk.author, desk.now, desk.reason))
    return _entry(desk, entry, Text(f"Entry {entry_id} is done with.", f"条目 {entry_id} 已处理。"))


def _delete(desk: _Desk, entry_id: int) -> int:
    from router.spool import Spool, delete_entry
    from router.store import Store

    from ..stores import change

    async def work(store: Store) -> int:
        entry = await store.open_left(entry_id, desk.author, desk.now, "inbox_open")
        return await delete_entry(store, Spool(desk.settings.recordings), entry, desk.author, desk.now, desk.reason)

    files = change(desk.settings.store, work)
    said = Text(
        f"Entry {entry_id} is deleted, and {files} files of it.", f"条目 {entry_id} 已删除，并删除其 {files} 个文件。"
    )
    return _answer(desk, {"id": entry_id, "deleted": True, "files": files}, said)


def _retention(desk: _Desk, dry_run: bool) -> int:
    from router.spool import Purged, Spool, purge

    from ..stores import change, is_there, read

    retention = desk.settings.retention
    if dry_run or not is_there(desk.settings.store):
        due = read(desk.settings.store, lambda store: store.due_left(retention, desk.now)) or []
        done = Purged(entries=len(due))
    else:
        spool = Spool(desk.settings.recordings)
        done = change(desk.settings.store, lambda store: purge(store, spool, retention, desk.now, desk.author))
    said = (
        Text(f"{done.entries} entries are over; nothing is deleted.", f"有 {done.entries} 条到期；未删除任何内容。")
        if dry_run
        else Text(
            f"Deleted: {done.entries} entries with {done.files} files, what was kept of {done.callers} callers.",
            f"已删除：{done.entries} 条及 {done.files} 个文件，{done.callers} 位主叫的保留信息。",
        )
    )
    if done.stuck:
        desk.invocation.warn(
            Text(
                f"{done.stuck} entries stay: their files could not be deleted.",
                f"{done.stuck} 条未删除：其文件无法删除。",
            )
        )
    document = {
        "dry_run": dry_run,
        "entries": done.entries,
        "files": done.files,
        "callers": done.callers,
        "stuck": done.stuck,
        "days": {
            "voicemail": retention.voicemail,
            "recording": retention.recordings,
            "callback": retention.callbacks,
            "survey": retention.surveys,
            "callers": retention.callers,
        },
    }
    status = _answer(desk, document, said)
    return NOT_RIGHT if done.stuck else status


def _no_file(desk: _Desk, entry: InboxEntry) -> Problem:
    if not entry.file:
        return Problem(
            NOT_RIGHT,
            "no-audio",
            Text(f"Entry {entry.id} ({entry.kind}) has no audio.", f"条目 {entry.id} 没有录音。"),
        )
    folders = ", ".join(desk.settings.recordings)
    cure = (
        Text(
            f"It is looked for in {folders} (`recordings` in line400.yaml).",
            f"查找目录（line400.yaml 的 `recordings`）：{folders}。",
        )
        if folders
        else Text(
            "Set `recordings` in line400.yaml to the folder that the switch records into.",
            "请在 line400.yaml 的 `recordings` 中设置交换机的录音目录。",
        )
    )
    return Problem(
        NOT_RIGHT,
        "file-missing",
        Text(
            f"The file {entry.file} of entry {entry.id} is not there.", f"条目 {entry.id} 的文件 {entry.file} 不存在。"
        ),
        cure,
    )


def _entry(desk: _Desk, entry: InboxEntry, said: Text) -> int:
    from ..inbox_view import as_json

    return _answer(desk, as_json(entry, desk.zone), said)


def _answer(desk: _Desk, document: dict[str, object], said: Text) -> int:
    if desk.invocation.json:
        desk.invocation.document(document)
    else:
        desk.invocation.line(desk.invocation.say(said))
    return DONE
