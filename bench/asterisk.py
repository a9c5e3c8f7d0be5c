"""The real switch under load: calls a second through the live router against the dialplan alone, the delay that the
router adds before the answer, calls held for minutes without a lost digit.

*Sustained* is the highest rate tried at which, for some seconds, every call went as its caller expects (right
digits, cause 16) and 95 % were answered within `ANSWERED_WITHIN`: a switch that only falls behind slowly does not pass.
Both ways are tried in turn at each rate, on the same Asterisk, so that what else the machine does meets both. A rate
that fails is tried once more. SIPp, Asterisk and the router share the machine.
"""

from __future__ import annotations

import json
import os
import random
import sqlite3
from collections import Counter
from contextlib import closing
from dataclasses import dataclass

from simulator.sip.sipp import Counted, hung_up, invite, pause, press, scenario

from .asterisk_load import BARE, BARE_CALL, HELD, MENU, MENU_CALL, Load, Spent, load_on_asterisk

TRIAL_SECONDS = 10.0
"""Longer than a call of the menu lasts: behind its first calls the switch carries the whole load."""
BARE_SECONDS = 5.0
ANSWERED_WITHIN = 0.5
STEP = 1.4
FINER = 2
DELAY_RATE = 50.0
DELAY_ROUNDS = 4
MOST_DIGITS = 24
"""Digits of one held call, with which it stays below the longest input."""
DIGIT_SECONDS = 1.1
"""What SIPp needs for a digit: the next one, if earlier, takes its place."""


@dataclass(frozen=True, slots=True)
class Passed:
    """A rate that was sustained, and what a call cost at it."""

    per_second: float
    spent: Spent
    answered: float


def _passes(counted: Counted) -> bool:
    return counted.failed == 0 and counted.succeeded > 0 and counted.answered_within(0.95) <= ANSWERED_WITHIN


def _try(load: Load, number: str, document: str, rate: float, seconds: float) -> Passed | None:
    for _ in range(2):
        counted, spent = load.call(number, document, rate, seconds)
        if _passes(counted):
            return Passed(rate, spent, counted.answered_within(0.95))
    return None


def _sustained(load: Load, numbers: tuple[str, str], document: str, start: float, seconds: float) -> list[Passed]:
    """The highest rate of each of ``numbers``, searched in turn: up by `STEP` until it fails, then `FINER` halvings."""
    best: list[Passed | None] = [None, None]
    failed: list[float | None] = [None, None]
    rate = start
    while None in failed:
        for place, number in enumerate(numbers):
            if failed[place] is None:
                passed = _try(load, number, document, rate, seconds)
                if passed is None:
                    failed[place] = rate
                else:
                    best[place] = passed
        rate *= STEP
    for _ in range(FINER):
        for place, number in enumerate(numbers):
            found, above = best[place], failed[place]
            assert above is not None
            middle = ((found.per_second if found else above / 2) + above) / 2
            passed = _try(load, number, document, middle, seconds)
            if passed is None:
                failed[place] = middle
            else:
                best[place] = passed
    if None in best:
        raise RuntimeError(f"not even {start / 2:.0f} calls/s pass; is the machine busy?")
    return [found for found in best if found is not None]


def _ratio(base: str, document: str, start: float, seconds: float) -> dict[str, object]:
    with load_on_asterisk() as load:
        load.call(base, document, 10.0, 1.0)
        router, native = _sustained(load, (base, f"9{base}"), document, start, seconds)
    processor = native.spent.asterisk / (router.spent.asterisk + router.spent.router)
    return {
        "value": round(router.per_second / native.per_second, 3),
        "unit": "of native",
        "reference": round(native.per_second, 1),
        "ratio": round(router.per_second / native.per_second, 3),
        "note": (
            f"{router.per_second:.0f} against {native.per_second:.0f} calls/s; processor ms a call: Asterisk "
            f"{router.spent.asterisk * 1e3:.1f}, router {router.spent.router * 1e3:.1f}; natively "
            f"{native.spent.asterisk * 1e3:.1f}, which is {processor:.2f} of it; "
            f"{os.cpu_count()} cores"
        ),
    }


def asterisk_cps_ratio_to_native() -> dict[str, object]:
    """A two-level menu with prompts and digits."""
    return _ratio(MENU, MENU_CALL, 40.0, TRIAL_SECONDS)


def asterisk_bare_ratio_to_native() -> dict[str, object]:
    """Answer and hang up."""
    return _ratio(BARE, BARE_CALL, 80.0, BARE_SECONDS)


def asterisk_added_setup_p95_ms() -> dict[str, object]:
    """INVITE to 200 at 50 calls a second, 95th percentile, over that of the dialplan alone; best of rounds in turn."""
    with load_on_asterisk() as load:
        load.call(BARE, BARE_CALL, 10.0, 1.0)
        rounds = [
            [load.call(number, BARE_CALL, DELAY_RATE, BARE_SECONDS)[0] for number in (BARE, f"9{BARE}")]
            for _ in range(DELAY_ROUNDS)
        ]
    routed, native = (min(round_[place].answered_within(0.95) for round_ in rounds) * 1e3 for place in (0, 1))
    medians = [min(round_[place].answered_within(0.5) for round_ in rounds) * 1e3 for place in (0, 1)]
    return {
        "value": round(routed - native, 2),
        "unit": "ms",
        "reference": 10.0,
        "ratio": None,
        "note": (
            f"p95 {routed:.1f} against {native:.1f} ms, median {medians[0]:.1f} against {medians[1]:.1f}, "
            f"at {DELAY_RATE:.0f} calls/s"
        ),
    }


def hold(load: Load, calls: int, seconds: float) -> tuple[int, int]:
    """``calls`` at once for ``seconds``, each of which presses digits of its own: how many digits were sent, and of how
    many calls the record does not hold exactly what was sent. Raises `RuntimeError` for a call that did not stay up."""
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
    lost = sum((Counter(sent) - Counter(_pressed(load))).values())
    return calls * count, lost


def _pressed(load: Load) -> list[str]:
    """What the callers of the held calls pressed, of the store; waits for it to be written."""
    load.stop_router()
    with closing(sqlite3.connect(load.folder / "var" / "line400.db")) as store:
        rows = store.execute("SELECT inputs FROM calls WHERE flow = 'held'").fetchall()
    return ["".join(json.loads(row[0])).rstrip("#") for row in rows]


def asterisk_hold() -> dict[str, object]:
    """300 calls at once for ten minutes: every digit sent is the digit got."""
    with load_on_asterisk() as load:
        digits, lost = hold(load, 300, 600.0)
    return {
        "value": lost,
        "unit": "calls that lost a digit",
        "reference": 0,
        "ratio": None,
        "note": f"300 calls at once for 600 s, {digits} digits",
    }
