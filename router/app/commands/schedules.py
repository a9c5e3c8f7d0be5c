"""``line400 apply --at``, ``--list`` and ``--cancel``: revisions that come into force at a moment."""

from __future__ import annotations

import time
from datetime import tzinfo
from typing import TYPE_CHECKING, Any

from ivr_flows.findings import Language, Text

from ..invocation import Invocation
from ..problems import DONE

if TYPE_CHECKING:
    from router.store import Scheduled

    from ..revisions.pipeline import Judgement

STATES = {
    "waiting": Text("waiting", "等待中"),
    "applied": Text("applied", "已生效"),
    "refused": Text("refused", "已拒绝"),
    "cancelled": Text("cancelled", "已取消"),
}


def schedule(
    invocation: Invocation, judged: Judgement, document: dict[str, Any], at: str, author: str, reason: str | None
) -> int:
    """Keep the candidate until its moment. Raises `Problem` for a moment that is past."""
    from zoneinfo import ZoneInfo

    from ..moments import parse_until, show_time
    from ..stores import change
    from .apply import end

    settings = judged.configuration.settings
    zone = ZoneInfo(settings.timezone)
    now = time.time()
    due = parse_until(at, zone, now)
    made = change(
        settings.store,
        lambda store: store.schedule(
            judged.candidate.files,
            judged.candidate.scenarios,
            due,
            author,
            reason,
            now,
            base=judged.base,
            overrides=judged.overrides.reasons,
        ),
        create=judged.current is None,
    )
    document["scheduled"] = as_json(made, zone, invocation.language)
    when = show_time(due, zone)
    said = Text(
        f"Scheduled as {made.id}: a running `line400 serve` puts {made.revision} in force at {when}.",
        f"已排定（编号 {made.id}）：{made.revision} 将于 {when} 由运行中的 `line400 serve` 使其生效。",
    )
    return end(invocation, document, DONE, said)


def list_schedules(invocation: Invocation) -> int:
    """What is scheduled and how it ended, by its moment."""
    from rich.table import Table

    from ..invocation import printable
    from ..loading import load_settings
    from ..moments import show_time
    from ..stores import read

    settings, zone = load_settings(invocation)
    rows = read(settings.store, lambda store: store.schedules()) or []
    if invocation.json:
        invocation.document([as_json(row, zone, invocation.language) for row in rows])
        return DONE
    if not rows:
        invocation.line(invocation.say(Text("Nothing is scheduled.", "没有已排定的应用。")))
        return DONE
    table = Table.grid(padding=(0, 2))
    for row in rows:
        said = "" if row.said is None else invocation.say(row.said)
        table.add_row(
            str(row.id),
            row.revision,
            show_time(row.due, zone),
            invocation.say(STATES[row.state]),
            printable(row.author),
            printable(row.reason or ""),
            printable(said),
        )
    invocation.console().print(table)
    return DONE


def cancel_schedule(invocation: Invocation, number: int, author: str, reason: str | None) -> int:
    """Take a schedule back. Raises `StoreError` for one that is none, or does not wait any more."""
    from ..loading import load_settings
    from ..stores import change
    from .apply import end

    settings, zone = load_settings(invocation)
    row = change(settings.store, lambda store: store.cancel_schedule(number, author, reason, time.time()), create=False)
    said = Text(f"Schedule {number} is cancelled.", f"已取消定时应用 {number}。")
    return end(invocation, as_json(row, zone, invocation.language), DONE, said)


def as_json(row: Scheduled, zone: tzinfo, language: Language) -> dict[str, Any]:
    """A schedule as ``apply --list --json`` prints it."""
    from ..moments import iso_time

    return {
        "id": row.id,
        "revision": row.revision,
        "base": row.base,
        "due": iso_time(row.due, zone),
        "author": row.author,
        "reason": row.reason,
        "state": row.state,
        "said": None if row.said is None else row.said.to(language),
        "ended": None if row.ended is None else iso_time(row.ended, zone),
        "ended_by": row.ended_by,
    }
