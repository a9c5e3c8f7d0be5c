"""Entries of the inbox as JSON, as a table for people, as rows of a spreadsheet."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo
from typing import Any

from ivr_flows.findings import Text
from router.store import InboxEntry

from .invocation import Invocation, printable
from .moments import iso_time, show_time

COLUMNS = (
    "id",
    "kind",
    "state",
    "assignee",
    "number",
    "caller",
    "created",
    "box",
    "seconds",
    "callback",
    "queue",
    "score",
    "scale",
    "call_id",
    "node",
    "file",
    "test",
    "expires",
)
KIND_WORDS = {
    "voicemail": Text("voicemail", "留言"),
    "recording": Text("recording", "录音"),
    "callback": Text("callback", "回呼"),
    "survey": Text("survey", "评分"),
}
_STATE_WORDS = {"new": Text("new", "新"), "assigned": Text("assigned", "已分派"), "done": Text("done", "已处理")}


def as_json(entry: InboxEntry, zone: tzinfo) -> dict[str, Any]:
    """The entry as ``inbox --json`` prints it."""
    values: dict[str, Any] = {name: getattr(entry, name) for name in COLUMNS}
    values["created"] = iso_time(entry.created, zone)
    values["expires"] = None if entry.expires is None else iso_time(entry.expires, zone)
    return values


def rows(entries: Sequence[InboxEntry], zone: tzinfo) -> list[list[Any]]:
    """The entries as rows of a spreadsheet, in the order of `COLUMNS`."""
    return [list(as_json(entry, zone).values()) for entry in entries]


def what(entry: InboxEntry) -> str:
    """What was left, in short: ``general 7 s``, ``4 (1-5)``, ``13900139000``."""
    parts = [
        entry.box or "",
        "" if entry.seconds is None else f"{entry.seconds:.0f} s",
        entry.callback or "",
        entry.queue or "",
        "" if entry.score is None else f"{entry.score} ({entry.scale})",
    ]
    return " ".join(part for part in parts if part)


def show(invocation: Invocation, entries: Sequence[InboxEntry], zone: tzinfo) -> None:
    """The entries as a table."""
    from rich.table import Table

    say = invocation.say
    table = Table(box=None, padding=(0, 1), header_style="bold")
    for name in (
        Text("id", "编号"),
        Text("left", "时间"),
        Text("kind", "种类"),
        Text("number", "号码"),
        Text("caller", "主叫"),
        Text("what", "内容"),
        Text("state", "状态"),
        Text("who", "处理人"),
        Text("test", "测试"),
    ):
        table.add_column(say(name), overflow="fold")
    for entry in entries:
        table.add_row(
            str(entry.id),
            show_time(entry.created, zone),
            say(KIND_WORDS[entry.kind]),
            printable(entry.number or "-"),
            printable(entry.caller or "-"),
            printable(what(entry)),
            say(_STATE_WORDS[entry.state]),
            printable(entry.assignee or "-"),
            say(Text("yes", "是")) if entry.test else "",
        )
    invocation.console().print(table)
