"""Facts of callers: kind, province, city and carrier of a number, against the libraries that the table is made of."""

from __future__ import annotations

import gc
import random
import time
from collections.abc import Callable

from router.callers import caller_facts
from router.regions import AREA_CODES, warm_up
from tools.segment_sources import together

LOOKUPS = 300_000
BY_LIBRARIES = 20_000
SEED = 400


def caller_facts_per_second() -> dict[str, object]:
    """Look-ups per second on one core, nine mobiles to one landline, no number twice; the reference asks `phone` and
    `phonenumbers` for the same mobiles."""
    numbers = _numbers(LOOKUPS)
    warm_up()
    together("1380013")
    value = LOOKUPS / _seconds(lambda: _facts(numbers))
    segments = [number[:7] for number in numbers if number[0] == "1"][:BY_LIBRARIES]
    reference = BY_LIBRARIES / _seconds(lambda: [together(segment) for segment in segments])
    return {
        "value": round(value),
        "unit": "look-ups/s",
        "reference": round(reference),
        "ratio": round(value / reference, 1),
        "note": "number as shown → kind, province, city, carrier; reference: phone and phonenumbers, segments alone",
    }


def _facts(numbers: list[str]) -> None:
    for number in numbers:
        caller = caller_facts(number)
        caller.kind, caller.place  # noqa: B018 - what routing asks


def _numbers(count: int) -> list[str]:
    chance = random.Random(SEED)
    codes = list(AREA_CODES)
    found: list[str] = []
    for index in range(count):
        if index % 10:
            found.append(f"1{chance.randrange(3_000_000_000, 10_000_000_000)}")
        else:
            code = chance.choice(codes)
            found.append(f"{code}{chance.randrange(20_000_000, 90_000_000)}")
    return found


def _seconds(run: Callable[[], object]) -> float:
    """The fastest of three runs, the collector off."""
    best = float("inf")
    gc.collect()
    gc.disable()
    try:
        for _ in range(3):
            began = time.perf_counter()
            run()
            best = min(best, time.perf_counter() - began)
    finally:
        gc.enable()
    return best
