"""Reading ``--line-state``, ``--occupied`` and ``--month-calls``: the traffic beside a test call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from ivr_flows.findings import Text
from router.route_options import LINE_STATES, LineState
from router.traffic import Traffic

from .problems import usage

if TYPE_CHECKING:
    from router.book import RouteBook


def traffic_of(
    book: RouteBook,
    at: float,
    line_states: Sequence[str] | None,
    occupied: Sequence[str] | None,
    month_calls: Sequence[str] | None,
) -> Traffic:
    """The traffic that the options describe. Raises `Problem` for a line, state or count that is none, `NumberError`
    for a number that is none."""
    from simulator.beside import UnknownLine, check_lines, traffic_beside

    states = {name: _state(state) for name, state in _pairs("--line-state", line_states, "LINE=down").items()}
    counts = _counts("--occupied", occupied), _counts("--month-calls", month_calls)
    traffic = traffic_beside(states, *counts, at, book.zone)
    try:
        check_lines(traffic, book.lines)
    except UnknownLine as unknown:
        raise usage("unknown-line", unknown.message, unknown.cure) from None
    return traffic


def _pairs(option: str, texts: Sequence[str] | None, example: str) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for text in texts or ():
        name, _, value = (part.strip() for part in text.rpartition("="))
        if not name or not value:
            raise usage(
                "bad-traffic",
                Text(f"{option} `{text}` is not understood.", f"无法识别 {option} `{text}`。"),
                Text(f"Write for example {option} {example}.", f"例如 {option} {example}。"),
            )
        found[name] = value
    return found


def _state(text: str) -> LineState:
    if text in LINE_STATES:
        return text
    raise usage(
        "bad-line-state",
        Text(f"--line-state: `{text}` is no state of a line.", f"--line-state：`{text}` 不是线路状态。"),
        Text(f"One of: {', '.join(LINE_STATES)}.", f"可选：{'、'.join(LINE_STATES)}。"),
    )


def _counts(option: str, texts: Sequence[str] | None) -> Mapping[str, int]:
    pairs = _pairs(option, texts, "400-800-1234=5")
    for text in pairs.values():
        if not (text.isascii() and text.isdigit() and len(text) < 10):
            raise usage(
                "bad-traffic",
                Text(f"{option}: `{text}` is no count of calls.", f"{option}：`{text}` 不是通话数。"),
                Text("Write a whole number.", "请写整数。"),
            )
    return {name: int(text) for name, text in pairs.items()}
