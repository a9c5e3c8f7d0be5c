"""Asking for call records, as people ask: by the command line and by the API."""

from __future__ import annotations

from datetime import tzinfo

from ivr_flows.findings import Text
from router.callers import CallerError, canonical_caller
from router.number400 import Number400
from router.record import OUTCOMES
from router.store.rows import CallFilter

from .moments import parse_time
from .problems import usage


def call_filter(
    zone: tzinfo,
    *,
    called: str | None = None,
    caller: str | None = None,
    outcome: str | None = None,
    line: str | None = None,
    flow: str | None = None,
    since: str | None = None,
    until: str | None = None,
    test: bool | None = None,
    limit: int | None = None,
    oldest_first: bool = False,
    after: tuple[float, str] | None = None,
) -> CallFilter:
    """What is asked, numbers in any spelling. Raises `Problem`, `NumberError` and `CallerError` for what is none."""
    if outcome is not None and outcome not in OUTCOMES:
        known = ", ".join(OUTCOMES)
        raise usage(
            "unknown-outcome",
            Text(f"There is no outcome `{outcome}`.", f"没有结果 `{outcome}`。"),
            Text(f"One of: {known}.", f"可选：{known}。"),
        )
    return CallFilter(
        called=None if called is None else Number400.parse(called).digits,
        caller=None if caller is None else _caller(caller),
        outcome=outcome,
        line=line,
        flow=flow,
        since=None if since is None else parse_time(since, zone),
        until=None if until is None else parse_time(until, zone),
        test=test,
        limit=limit,
        oldest_first=oldest_first,
        after=after,
    )


def _caller(text: str) -> str:
    canonical = canonical_caller(text)
    if canonical is None:
        raise CallerError(
            Text(f"`{text}` is no number.", f"`{text}` 不是号码。"),
            Text("Write the caller's digits, for example 13800138000.", "请写主叫号码，例如 13800138000。"),
        )
    return canonical
