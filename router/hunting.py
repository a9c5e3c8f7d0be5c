"""Which line the carrier takes: the order in which it hunts, and how it passes a call on from line to line.

Pure: the same call in the same traffic gives the same line. Chance is a hash of number, rule and call id, the same on
every host, as shares are.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Literal

from .model import Line, Trunk
from .route_options import Hunt, LineState
from .traffic import Traffic

Result = Literal["taken", "full", "busy", "no_answer", "down"]


@dataclass(frozen=True, slots=True)
class Hunted:
    """How a dialled call looks for its line: ``lines`` in the order to try. ``ring_time`` None: each line's own.
    ``key`` is the number and rule whose turns are counted (strategy ``circular``)."""

    lines: tuple[str, ...]
    ring_time: float | None
    max_forwards: int
    key: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Attempt:
    """One line that was tried. ``seconds`` of ringing passed there."""

    line: str
    result: Result
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of a call: the ``line`` that takes it, None where none does; then ``reason`` is that of the last
    line tried. ``stopped``: there were further lines, but the call was passed on as often as it may be."""

    line: str | None
    attempts: tuple[Attempt, ...]
    reason: LineState | None = None
    stopped: bool = False

    @property
    def seconds(self) -> float:
        """Seconds of ringing before the call was taken or refused."""
        return sum(attempt.seconds for attempt in self.attempts)


def single(line: Line) -> Hunted:
    """A call for one line and what it overflows to."""
    return Hunted((line.name,), None, line.max_forwards)


def hunted(
    hunt: Hunt, number: str, rule: str, call_id: str, lines: Mapping[str, Line], traffic: Traffic | None
) -> Hunted:
    """The lines of ``hunt`` in the order in which this call tries them. Without ``traffic`` nothing is in use and no
    turn was taken."""
    key = (number, rule)
    ordered = _ORDERS[hunt.strategy](hunt, key, call_id, lines, traffic)
    return Hunted(ordered, hunt.ring_time, hunt.max_forwards, key if hunt.strategy == "circular" else None)


def deliver(wanted: Hunted, lines: Mapping[str, Line], trunks: Mapping[str, Trunk], traffic: Traffic) -> Delivery:
    """Try the lines of ``wanted``, then those that the lines tried overflow to, until one takes the call.

    Each line is tried once. Every line behind the first is one forwarding; at most ``max_forwards`` are made.
    """
    waiting = list(wanted.lines)
    attempts: list[Attempt] = []
    tried: set[str] = set()
    state: LineState | None = None
    while waiting:
        line = lines[waiting.pop(0)]
        if line.name in tried:
            continue
        if len(attempts) > wanted.max_forwards:
            return Delivery(None, tuple(attempts), state, stopped=True)
        tried.add(line.name)
        state = _state(line, trunks, traffic)
        if state is None:
            return Delivery(line.name, (*attempts, Attempt(line.name, "taken")))
        rang = (wanted.ring_time or line.ring_time) if state == "no_answer" else 0.0
        attempts.append(Attempt(line.name, state, rang))
        waiting.extend(name for name in line.overflow.behind(state) if name not in tried)
    return Delivery(None, tuple(attempts), state)


def _state(line: Line, trunks: Mapping[str, Trunk], traffic: Traffic) -> LineState | None:
    state = traffic.states.get(line.name)
    if state is not None:
        return state
    limit = trunks[line.trunk].max_calls
    free = traffic.lines[line.name] < line.channels and (limit is None or traffic.trunks[line.trunk] < limit)
    return None if free else "full"


def _as_written(
    hunt: Hunt, key: tuple[str, str], call_id: str, lines: Mapping[str, Line], traffic: Traffic | None
) -> tuple[str, ...]:
    return hunt.lines


def _in_turn(
    hunt: Hunt, key: tuple[str, str], call_id: str, lines: Mapping[str, Line], traffic: Traffic | None
) -> tuple[str, ...]:
    first = (traffic.turns[key] if traffic is not None else 0) % len(hunt.lines)
    return hunt.lines[first:] + hunt.lines[:first]


def _least_busy(
    hunt: Hunt, key: tuple[str, str], call_id: str, lines: Mapping[str, Line], traffic: Traffic | None
) -> tuple[str, ...]:
    if traffic is None:
        return hunt.lines
    return tuple(sorted(hunt.lines, key=lambda name: traffic.lines[name] / max(1, lines[name].channels)))


def _by_chance(
    hunt: Hunt, key: tuple[str, str], call_id: str, lines: Mapping[str, Line], traffic: Traffic | None
) -> tuple[str, ...]:
    return tuple(sorted(hunt.lines, key=lambda name: _chance(key, name, call_id)))


def _by_weight(
    hunt: Hunt, key: tuple[str, str], call_id: str, lines: Mapping[str, Line], traffic: Traffic | None
) -> tuple[str, ...]:
    # Efraimidis and Spirakis (2006): ordered by -ln(u)/w each line stands first as often as its weight says.
    weights = dict(zip(hunt.lines, hunt.weights, strict=True))

    def place(name: str) -> float:
        return -math.log(_chance(key, name, call_id)) / weights[name] if weights[name] else math.inf

    return tuple(sorted(hunt.lines, key=place))


def _chance(key: tuple[str, str], line: str, call_id: str) -> float:
    """A number in (0, 1] that depends on number, rule, line and call id only."""
    digest = sha256("\x1f".join([*key, line, call_id]).encode("utf-8", "surrogatepass")).digest()
    return (int.from_bytes(digest[:8], "big") + 1) / 2**64


_ORDERS: dict[
    str,
    Callable[[Hunt, tuple[str, str], str, Mapping[str, Line], Traffic | None], tuple[str, ...]],
] = {
    "sequential": _as_written,
    "circular": _in_turn,
    "random": _by_chance,
    "least_busy": _least_busy,
    "weight": _by_weight,
}
