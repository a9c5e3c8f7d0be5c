"""The route book with a million numbers: resolves per second, memory per number, load time from CSV.

The numbers are written as `numbers.csv` and `routes.csv`, loaded by the configuration loader and compiled, so that
what is measured is what `serve` runs. Companies, dates, tiers, lines and flows vary as in a reseller's table.
"""

from __future__ import annotations

import csv
import gc
import io
import random
import time
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from router.book import RouteBook
from router.configuration import load_files
from router.model import CalendarSpec, CallerMatch, Configuration, Rule, When
from router.resolution import Inbound, Resolution

NUMBERS = 1_000_000
CALLS = 200_000
AT = 1_790_000_000.0  # 2026-09-21, after every purchase
SEED = 400

_LINES = 40
_COMPANIES = 20_000
_TIERS = ("普通", "优选", "精选", "金牌")


def resolve_per_second() -> dict[str, object]:
    """Resolves per second on one core, with `NUMBERS` loaded; the reference is a dictionary look-up and the same
    result object."""
    book = _book(NUMBERS)
    calls = _calls(book, CALLS)
    plain = {number: _Plain(number, "line0", "01088880000", "welcome") for number in book.numbers()}

    def by_hand() -> None:
        for call in calls:
            found = plain[call.dialled]
            Resolution(found.number, found.line, found.base_number, found.flow, "default", "dialled")

    value = CALLS / _best(lambda: _resolve_all(book, calls))
    reference = CALLS / _best(by_hand)
    small = _book(1_000)
    to_few = _calls(small, CALLS)
    few = CALLS / _best(lambda: _resolve_all(small, to_few))
    ruled = _ruled_book()
    to_ruled = _calls(ruled, CALLS)
    with_rules = CALLS / _best(lambda: _resolve_all(ruled, to_ruled))
    _book.cache_clear()  # a million numbers would slow the collector for the benchmarks that follow
    return {
        "value": round(value),
        "unit": "resolves/s",
        "reference": round(reference),
        "ratio": round(value / reference, 3),
        "note": f"{NUMBERS:,} numbers; reference: dict and the same object; {few:,.0f}/s with 1,000 numbers; "
        f"{with_rules:,.0f}/s through four rules (list, province, hours, share)",
    }


def book_bytes_per_number() -> dict[str, object]:
    """Bytes that a compiled book keeps per number, beyond the texts of the numbers; the reference is a dictionary
    with one small object per number."""
    configuration = _configuration(NUMBERS)
    value = _traced(lambda: RouteBook.compile(configuration)) / NUMBERS
    numbers = [facts.number for facts in configuration.numbers]
    reference = _traced(lambda: {n: _Plain(n, "line0", "01088880000", "welcome") for n in numbers}) / NUMBERS
    return {
        "value": round(value, 1),
        "unit": "bytes/number",
        "reference": round(reference, 1),
        "ratio": round(value / reference, 3),
        "note": f"{NUMBERS:,} numbers of {_COMPANIES:,} companies, without their texts; reference: dict of one object "
        "with line and flow per number",
    }


def book_load_seconds() -> dict[str, object]:
    """Seconds from CSV bytes to a book that resolves; the reference is the standard CSV reader and a dictionary."""
    content = _content(NUMBERS)
    configuration, reading = _load(NUMBERS)
    compiling = _best(lambda: RouteBook.compile(configuration), times=1)
    value = reading + compiling
    reference = _best(lambda: _read_by_hand(content), times=1)
    _load.cache_clear()
    _content.cache_clear()
    return {
        "value": round(value, 2),
        "unit": "s",
        "reference": round(reference, 2),
        "ratio": round(value / reference, 2),
        "note": f"{NUMBERS:,} numbers: reading and checking {reading:.1f} s, compiling {compiling:.1f} s; "
        "reference: csv.reader into two dicts",
    }


@dataclass(frozen=True, slots=True)
class _Plain:
    number: str
    line: str
    base_number: str
    flow: str


def _best(run: Callable[[], object], times: int = 3) -> float:
    """The seconds of the fastest of several runs, the collector off."""
    found = []
    gc.collect()
    gc.disable()
    try:
        for _ in range(times):
            began = time.perf_counter()
            run()
            found.append(time.perf_counter() - began)
    finally:
        gc.enable()
    return min(found)


def _traced(make: Callable[[], object]) -> int:
    gc.collect()
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        kept = make()
        gc.collect()
        return tracemalloc.get_traced_memory()[0] - before if kept else 0
    finally:
        tracemalloc.stop()


def _resolve_all(book: RouteBook, calls: list[Inbound]) -> None:
    resolve = book.resolve
    for call in calls:
        resolve(call)


def _calls(book: RouteBook, count: int) -> list[Inbound]:
    """Calls to numbers in random order, so that no cache of the processor holds them; each with a text of its own, as
    a switch sends it."""
    chance = random.Random(SEED)
    numbers = list(book.numbers())
    return [Inbound("".join([*chance.choice(numbers)]), f"138{n:08d}", AT, call_id=str(n)) for n in range(count)]


@cache
def _book(count: int) -> RouteBook:
    return RouteBook.compile(_configuration(count))


def _configuration(count: int) -> Configuration:
    return _load(count)[0]


@cache
def _load(count: int) -> tuple[Configuration, float]:
    """The configuration, and the seconds that loading took."""
    content = _content(count)
    began = time.perf_counter()
    loaded = load_files(content, Path("config"))
    assert loaded.configuration is not None, loaded.findings[:3]
    return loaded.configuration, time.perf_counter() - began


def _ruled_book() -> RouteBook:
    plain = _configuration(1_000)
    rules = (
        Rule("blocked", When(caller=CallerMatch(lists=("blocked",))), reject="blocked"),
        Rule("region", When(caller=CallerMatch(province=("西藏",))), flow="welcome"),
        Rule("closed", When(hours="office", hours_is=("closed",)), flow="welcome"),
        Rule("trial", When(share=20.0), flow="welcome"),
    )
    return RouteBook.compile(
        replace(
            plain,
            routes={number: replace(route, rules=rules) for number, route in plain.routes.items()},
            lists={"blocked": ("13900000000", "0085*")},
            calendars={"office": CalendarSpec("office", holidays="CN", workday=((0, 1440),))},
        )
    )


@cache
def _content(count: int) -> dict[str, bytes]:
    """A configuration folder with ``count`` numbers."""
    chance = random.Random(SEED)
    lines = ["lines:"]
    for n in range(_LINES):
        lines.append(f"  line{n}: {{ base_number: 010-8888{n:04d}, trunk: trunk{n}, carrier: unicom }}")
    numbers = ["number,company,carrier,tier,purchased,auto_renew"]
    routes = ["number,line,flow"]
    for n in range(count):
        number = f"400{n * 7 % 10_000_000:07d}"
        company = f"company {chance.randrange(_COMPANIES)}"
        day = f"2026-{chance.randrange(1, 9):02d}-{chance.randrange(1, 29):02d}"
        numbers.append(f"{number},{company},unicom,{chance.choice(_TIERS)},{day},true")
        routes.append(f"{number},line{chance.randrange(_LINES)},welcome")
    settings = "company: bench\ntimezone: Asia/Shanghai\n"
    return {
        "line400.yaml": settings.encode(),
        "lines.yaml": "\n".join(lines).encode(),
        "numbers.csv": "\n".join(numbers).encode(),
        "routes.csv": "\n".join(routes).encode(),
    }


def _read_by_hand(content: dict[str, bytes]) -> tuple[object, object]:
    tables = []
    for name in ("numbers.csv", "routes.csv"):
        rows = csv.reader(io.StringIO(content[name].decode()))
        next(rows)
        tables.append({row[0]: row[1:] for row in rows})
    return tables[0], tables[1]


if __name__ == "__main__":
    for measure in (resolve_per_second, book_bytes_per_number, book_load_seconds):
        print(measure.__name__, measure())
