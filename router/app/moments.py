"""``TIME`` on the command line: ISO 8601; without an offset, the configured time zone (CONTRACT)."""

from __future__ import annotations

from datetime import datetime, tzinfo

from ivr_flows.findings import Text
from ivr_flows.schema import Refusal, parse_duration

from .problems import Problem, usage

FIRST_YEAR = 1990
LAST_YEAR = 2200


def parse_time(text: str, zone: tzinfo) -> float:
    """Epoch seconds of ``2026-10-12T10:00:00+08:00``, ``2026-10-12T10:00``, ``2026-10-12 10:00`` or ``2026-10-12``
    (its midnight). Raises `Problem` with status 2 for anything else, and outside the years 1990 to 2200."""
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        moment = None
    if moment is not None and not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise usage(
            "bad-time",
            Text(f"`{text}` is too far away.", f"`{text}` 太遥远。"),
            Text(
                f"Write a time of the years {FIRST_YEAR} to {LAST_YEAR}.",
                f"请写 {FIRST_YEAR} 年至 {LAST_YEAR} 年之间的时间。",
            ),
        )
    if moment is None:
        raise usage(
            "bad-time",
            Text(f"`{text}` is no time.", f"`{text}` 不是时间。"),
            Text(
                "Write ISO 8601, for example 2026-10-12T10:00 or 2026-10-12T10:00:00+08:00.",
                "请按 ISO 8601 书写，例如 2026-10-12T10:00 或 2026-10-12T10:00:00+08:00。",
            ),
        )
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone)
    return moment.timestamp()


def parse_until(text: str, zone: tzinfo, now: float) -> float:
    """The end of something that begins ``now``: a `parse_time` or ``+2h``, ``+30m``, ``+90s`` from now. Raises
    `Problem` with status 2 where it is not after ``now``."""
    if text.startswith("+"):
        try:
            seconds = parse_duration(text[1:])
        except Refusal as error:
            raise usage(error.code, error.message, error.cure) from error
        if seconds > 366 * 86400 * 100:
            raise usage(
                "bad-time",
                Text(f"`{text}` is longer than 100 years.", f"`{text}` 超过 100 年。"),
                Text("Write a shorter time, for example +2h.", "请写较短的时间，例如 +2h。"),
            )
        until = now + seconds
    else:
        try:
            until = parse_time(text, zone)
        except Problem as problem:
            raise usage(
                problem.code,
                problem.message,
                Text(f"{problem.cure.en} From now: +2h, +30m.", f"{problem.cure.zh}从现在起算：+2h、+30m。"),
            ) from problem
    if until <= now:
        raise usage(
            "time-is-past",
            Text(f"`{text}` is not after now.", f"`{text}` 不在现在之后。"),
            Text("Name a moment in the future, or +2h.", "请写将来的时刻，或 +2h。"),
        )
    return until


def show_time(at: float, zone: tzinfo) -> str:
    """The moment as people read it: ``2026-10-12 10:00:00``."""
    return datetime.fromtimestamp(at, zone).strftime("%Y-%m-%d %H:%M:%S")


def iso_time(at: float, zone: tzinfo) -> str:
    """The moment as JSON carries it: ISO 8601 with offset, whole seconds."""
    return datetime.fromtimestamp(at, zone).isoformat(timespec="seconds")
