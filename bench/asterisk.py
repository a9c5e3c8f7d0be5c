"""The real switch under load: calls a second through the live router against the dialplan alone, the delay that the
router adds before the answer, calls held for minutes without a lost digit.

*Sustained* is the highest rate at which, for some seconds, every call went as its caller expects (right digits, cause
16) and 95 % were answered within `ANSWERED_WITHIN`: a switch that only falls behind slowly does not pass. It is looked
for in rounds, from a first guess up or down by `STEP`; each round both ways in turn on the same Asterisk, so that what
else the machine does meets both, and the median of the rounds counts. What a call costs in processor time is measured
apart, at one rate that all ways carry easily; the least server in Python (`bench.thin_server`) is measured beside them
there. SIPp, Asterisk and the router share the machine.
"""

from __future__ import annotations

import json
import os
import random
import sqlite3
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from statistics import median

from simulator.sip.sipp import Counted, hung_up, invite, pause, press, scenario

from .asterisk_load import BARE, BARE_CALL, HELD, MENU, MENU_CALL, NATIVE, ROUTER, THIN, WAYS, Load, load_on_asterisk

ANSWERED_WITHIN = 0.5
STEP = 1.1
ROUNDS = 3
COST_ROUNDS = 2
LOWEST = 5.0
DELAY_RATE = 50.0
DELAY_ROUNDS = 4
DELAY_SECONDS = 5.0
HELD_CALLS = 300
MOST_DIGITS = 24
"""Digits of one held call, with which it stays below the longest input."""
DIGIT_SECONDS = 1.1
"""What SIPp needs for a digit: the next one, if earlier, takes its place."""


@dataclass(frozen=True, slots=True)
class Kind:
    """Calls of one kind. ``easy`` is a rate at which every way has time to spare, ``seconds`` how long a rate is tried:
    longer than a call lasts, so that behind its first calls the switch carries the whole load."""

    base: str
    document: str
    easy: float
    seconds: float


MENUS = Kind(MENU, MENU_CALL, 30.0, 8.0)
BARES = Kind(BARE, BARE_CALL, 60.0, 4.0)


@dataclass(frozen=True, slots=True)
class Cost:
    """Processor seconds of a call of one way, median of rounds."""

    asterisk: float
    server: float

    @property
    def whole(self) -> float:
        """Of Asterisk and of the router."""
        return self.asterisk + self.server


def _costs(load: Load, kind: Kind) -> dict[str, Cost]:
    rounds = [
        {way: load.call(way, kind.base, kind.document, kind.easy, kind.seconds)[1] for way in WAYS}
        for _ in range(COST_ROUNDS)
    ]
    return {
        way: Cost(median(spent[way].asterisk for spent in rounds), median(spent[way].server for spent in rounds))
        for way in WAYS
    }


def _passes(counted: Counted) -> bool:
    return counted.failed == 0 and counted.succeeded > 0 and counted.answered_within(0.95) <= ANSWERED_WITHIN


def _sustains(load: Load, kind: Kind, way: str, rate: float) -> bool:
    return _passes(load.call(way, kind.base, kind.document, rate, kind.seconds)[0])


def _sustained(load: Load, kind: Kind, way: str, guess: float) -> float:
    """The highest rate of the steps around ``guess`` that is sustained. Raises `RuntimeError` where none is."""
    rate, above = guess, float("inf")
    while not _sustains(load, kind, way, rate):
        # A rate that is far too high costs most time: three steps down, then up again.
        above = rate
        rate /= STEP**3
        if rate < LOWEST:
            raise RuntimeError(f"not even {above:.0f} calls/s pass; is the machine busy?")
    while rate * STEP < above / 1.001 and _sustains(load, kind, way, rate * STEP):
        rate *= STEP
    return rate


def _ratio(kind: Kind) -> dict[str, object]:
    with load_on_asterisk() as load:
        for way in WAYS:
            load.call(way, kind.base, kind.document, kind.easy, 2.0)
        costs = _costs(load, kind)
        cores = os.cpu_count() or 1
        # What the processors could carry if SIPp, the kernel and the rest took as much again as half of it.
        guesses = {way: cores / (1.5 * costs[way].whole) for way in (ROUTER, NATIVE)}
        rates: dict[str, list[float]] = {ROUTER: [], NATIVE: []}
        for turn in range(ROUNDS):
            # Each round on steps of its own, so that their width does not decide.
            offset = STEP ** (turn / ROUNDS)
            for way in (ROUTER, NATIVE) if turn % 2 == 0 else (NATIVE, ROUTER):
                rates[way].append(_sustained(load, kind, way, guesses[way] * offset))
                guesses[way] = rates[way][-1] / offset
    router, native = median(rates[ROUTER]), median(rates[NATIVE])
    return {
        "value": round(router / native, 3),
        "unit": "of native",
        "reference": round(native, 1),
        "ratio": round(router / native, 3),
        "note": (
            f"{router:.0f} ({_listed(rates[ROUTER])}) against {native:.0f} ({_listed(rates[NATIVE])}) calls/s; "
            f"processor ms a call at {kind.easy:.0f}/s: {_shown(costs[ROUTER])} router, "
            f"{_shown(costs[THIN])} least server in Python, {costs[NATIVE].asterisk * 1e3:.2f} native: ratios "
            f"{costs[NATIVE].whole / costs[ROUTER].whole:.2f} and {costs[NATIVE].whole / costs[THIN].whole:.2f}; "
            f"{cores} cores"
        ),
    }


def _listed(rates: list[float]) -> str:
    return " ".join(f"{rate:.0f}" for rate in rates)


def _shown(cost: Cost) -> str:
    return f"{cost.asterisk * 1e3:.2f} + {cost.server * 1e3:.2f}"


def asterisk_cps_ratio_to_native() -> dict[str, object]:
    """A two-level menu with prompts and digits."""
    return _ratio(MENUS)


def asterisk_bare_ratio_to_native() -> dict[str, object]:
    """Answer and hang up."""
    return _ratio(BARES)


def asterisk_added_setup_p95_ms() -> dict[str, object]:
    """INVITE to 200 at 50 calls a second, 95th percentile, over that of the dialplan alone; median of rounds in
    turn."""
    with load_on_asterisk() as load:
        load.call(ROUTER, BARE, BARE_CALL, 10.0, 1.0)
        rounds = [
            [load.call(way, BARE, BARE_CALL, DELAY_RATE, DELAY_SECONDS)[0] for way in (ROUTER, NATIVE)]
            for _ in range(DELAY_ROUNDS)
        ]
    routed, native = (median(round_[place].answered_within(0.95) for round_ in rounds) * 1e3 for place in (0, 1))
    medians = [median(round_[place].answered_within(0.5) for round_ in rounds) * 1e3 for place in (0, 1)]
    return {
        "value": round(routed - native, 2),
        "unit": "ms",
        "reference": 10.0,
        "ratio": None,
        "note": (
            f"p95 {routed:.1f} against {native:.1f} ms, median {medians[0]:.1f} against {medians[1]:.1f}, "
            f"at {DELAY_RATE:.0f} calls/s; median of {DELAY_ROUNDS} rounds"
        ),
    }


@dataclass(frozen=True, slots=True)
class Held:
    """Digits of held calls: how many were ``sent`` and ``got``, and of how many calls (``damaged``) the record does not
    hold exactly what was sent."""

    sent: int
    got: int
    damaged: int


def hold(load: Load, calls: int, seconds: float) -> Held:
    """``calls`` at once for ``seconds``, each of which presses digits of its own. Raises `RuntimeError` for a call that
    did not stay up."""
    chance = random.Random(20261123)
    count = min(MOST_DIGITS, int((seconds - 2.0) / DIGIT_SECONDS))
    gap = (seconds - 2.0) / count
    sent = ["".join(chance.choice("0123456789") for _ in range(count)) for _ in range(calls)]
    steps = [step for place in range(count) for step in (press(f"[field{place}]"), pause(gap))]
    # The terminator ends the call.
    document = scenario(invite(), pause(2.0), *steps, press("#"), hung_up(16))
    with load.site.sipp(
        document, service=HELD, calls=calls, per_second=30.0, table=[tuple(digits) for digits in sent]
    ) as run:
        counted = run.wait(seconds + calls / 30 + 60.0)
    if counted.succeeded != calls:
        raise RuntimeError(f"{counted.failed} of {calls} calls did not end as they should: {counted.said}")
    got = _pressed(load)
    return Held(calls * count, sum(map(len, got)), (Counter(sent) - Counter(got)).total())


def _pressed(load: Load) -> list[str]:
    """What the callers of the held calls pressed, of the store; waits for it to be written."""
    load.stop_router()
    with closing(sqlite3.connect(load.folder / "var" / "line400.db")) as store:
        rows = store.execute("SELECT inputs FROM calls WHERE flow = 'held'").fetchall()
    return ["".join(json.loads(row[0])).rstrip("#") for row in rows]


def asterisk_hold() -> dict[str, object]:
    """300 calls at once for ten minutes: every digit sent is the digit got."""
    return _held(600.0)


def asterisk_hold_a_minute() -> dict[str, object]:
    """The same for one minute."""
    return _held(60.0)


def _held(seconds: float) -> dict[str, object]:
    with load_on_asterisk() as load:
        found = hold(load, HELD_CALLS, seconds)
    return {
        "value": found.damaged,
        "unit": "calls whose digits are not those sent",
        "reference": 0,
        "ratio": None,
        "note": f"{HELD_CALLS} calls at once for {seconds:.0f} s, {found.sent:,} digits sent, {found.got:,} got",
    }
