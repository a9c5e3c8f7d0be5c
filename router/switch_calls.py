"""Calls as the switch itself recorded them, for those that no router recorded or that a router lost.

The generated configuration lets Asterisk write a line for each leg of each call (`router.asterisk.generated.fixed`);
lines of one call share its unique id. A call that arrived on a line carries what its dialplan handed the router; a line
without that is a leg to an agent or a target, and none of ours.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal
from urllib.parse import unquote

from ivr_flows.findings import Fault, Text

from .outbound import CODE

FELL_BACK, TALKED, FULL = "fallback", "talked", "full"
"""What the dialplan notes of a call that it ends by itself: taken to the line's fallback; ended behind a talk that a
lost router had connected; refused because all channels of the line were in use."""

OUTBOUND_400 = CODE
"""What it notes of a leg that its guard refused; behind a space, what that leg would have shown."""

How = Literal["fallback", "talked", "left", "unknown"]

ROUTER_LOST: Final = Fault(
    "router_lost",
    "line400",
    Text(
        "The router was lost while this call was up; what happened after that is not known.",
        "通话期间路由器中断，此后的情况未知。",
    ),
)
ROUTER_AWAY: Final = Fault(
    "router_away",
    "line400",
    Text(
        "No router took this call; what is known of it is what the switch recorded.",
        "没有路由服务接听本次呼叫；此记录来自交换机自身的话单。",
    ),
)
LOST_CAUSE: Final = 41
"""Q.850: temporary failure."""

_FIELDS: Final = 14


@dataclass(frozen=True, slots=True)
class Leg:
    """One line of the file. Moments are epoch seconds, None where there is none."""

    uniqueid: str
    handed: str
    note: str
    started: float
    answered: float | None
    ended: float
    disposition: str
    channel: str
    other: str


@dataclass(frozen=True, slots=True)
class SwitchRefusal:
    """A leg that the switch itself refused, because it would have shown a 400 number. ``source`` is the channel that
    asked, ``presented`` what it would have shown, ``at`` epoch seconds."""

    uniqueid: str
    source: str
    presented: str
    at: float


@dataclass(frozen=True, slots=True)
class SwitchCall:
    """One call that arrived on a line. ``how`` it ended as far as the switch tells: at the line's ``fallback``; behind
    a talk with an agent or a target (``talked``); the caller ``left`` before it was answered; else ``unknown``.

    ``handed`` is what the dialplan handed over, as the arguments of an AGI request; ``source`` the calling number,
    None when it is withheld.
    """

    uniqueid: str
    handed: dict[str, str]
    source: str | None
    started: float
    answered: float | None
    ended: float
    how: How


def read_leg(line: str) -> Leg | None:
    """A line of the file; None for one that is none: broken, or of another form."""
    try:
        (row,) = csv.reader([line], strict=True)
        if len(row) != _FIELDS:
            return None
        uniqueid, _, handed, _, _, note, started, answered, ended, disposition, _, channel, other, _ = row
        moments = float(started), _moment(answered), float(ended)
        return Leg(uniqueid, handed, note, *moments, disposition, channel, other)
    except (ValueError, csv.Error):
        return None


def _moment(text: str) -> float | None:
    value = float(text or 0)
    return value if value > 0 else None


def calls_of(legs: Iterable[Leg]) -> list[SwitchCall]:
    """The calls that ``legs`` belong to, in the order of their first lines. A call that a full line refused was handed
    to nobody, and is none: the carrier brings it again on the line to which this one overflows."""
    by_call: dict[str, list[Leg]] = {}
    for leg in legs:
        if leg.handed:
            by_call.setdefault(leg.uniqueid, []).append(leg)
    return [_call(of) for of in by_call.values()]


def refused_of(legs: Iterable[Leg]) -> list[SwitchRefusal]:
    """Those of ``legs`` that the switch refused by itself."""
    return [
        SwitchRefusal(leg.uniqueid, leg.channel, leg.note.partition(" ")[2], leg.ended)
        for leg in legs
        if leg.note.partition(" ")[0] == OUTBOUND_400
    ]


def _call(legs: Sequence[Leg]) -> SwitchCall:
    first = legs[0]
    answered = [leg.answered for leg in legs if leg.answered is not None]
    handed = _handed(first.handed)
    told = dict(value.partition("=")[::2] for value in handed.values())
    source = unquote(told.get("from", ""), errors="replace")
    shown = told.get("shown", "")
    withheld = shown.startswith(("prohib", "unavailable")) or source.lower() in ("", "unknown", "anonymous")
    return SwitchCall(
        first.uniqueid,
        handed,
        None if withheld else source,
        min(leg.started for leg in legs),
        min(answered) if answered else None,
        max(leg.ended for leg in legs),
        _how(legs, bool(answered)),
    )


def _how(legs: Sequence[Leg], answered: bool) -> How:
    if any(leg.note == FELL_BACK for leg in legs):
        return "fallback"
    if any(leg.note == TALKED or (leg.other and leg.disposition == "ANSWERED") for leg in legs):
        return "talked"
    return "unknown" if answered else "left"


def _handed(text: str) -> dict[str, str]:
    """What was handed over, as an AGI request would bring it."""
    line, *pairs = text.split("&")
    return {"agi_arg_1": unquote(line, errors="replace")} | {
        f"agi_arg_{place}": pair for place, pair in enumerate(pairs, 2)
    }
