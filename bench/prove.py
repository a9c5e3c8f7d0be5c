"""Proving a year: 1,000 numbers with five rules each, against resolving every minute for every kind of caller."""

from __future__ import annotations

import random
import time
from datetime import date, datetime, timedelta

from router.book import RouteBook
from router.model import CalendarSpec, CallerMatch, Configuration, Line, NumberFacts, QueueSpec, Route, Rule, When
from router.resolution import Inbound
from simulator.proving import NumberProof, Prover

NUMBERS = 1_000
MOST_SECONDS = 60.0
YEAR = 2026
SEED = 400
SAMPLE_SECONDS = 3.0
"""How long the naive way is run; what it would take for all is worked out from that."""
_PROVINCES = ("上海", "广东", "北京", "四川", "浙江", "江苏", "湖北", "陕西")

_FLOWS = {
    "service": """
flow: service
start: hours
nodes:
  hours: { hours: office, on: { open: menu, closed: night, holiday: night } }
  menu:
    menu: 咨询请按1，投诉请按2，人工请按0。
    on: { "1": sales, "2": message, "0": agent, no_input: agent }
  sales: { queue: sales, timeout: 60s, on: { answered: bye, timeout: message } }
  agent: { queue: default, timeout: 60s, on: { answered: bye, timeout: message } }
  night: { play: 现在是非工作时间。, next: message }
  message: { voicemail: general, next: bye }
  bye: { hangup: normal }
""",
    "after-hours": """
flow: after-hours
start: say
nodes:
  say: { play: 现在是非工作时间，请留言。, next: message }
  message: { voicemail: general, next: bye }
  bye: { hangup: normal }
""",
    "sales": """
flow: sales
start: greeting
nodes:
  greeting: { play: 您好，销售热线。, next: team }
  team: { queue: sales, timeout: 60s, on: { answered: bye, timeout: duty } }
  duty: { transfer: 010-88880009, on: { answered: bye, busy: message, no_answer: message, failed: message } }
  message: { voicemail: general, next: bye }
  bye: { hangup: normal }
""",
}


def prove_year_speedup() -> dict[str, object]:
    """How many times faster one year of `NUMBERS` numbers is proved than every minute is resolved for every class of
    callers. The reference is what the goal of a minute would need; cells per second are in the note."""
    configuration = _configuration()
    book = RouteBook.compile(configuration)
    began = datetime(YEAR, 1, 1, tzinfo=book.zone).timestamp()
    ended = datetime(YEAR + 1, 1, 1, tzinfo=book.zone).timestamp()
    start = time.perf_counter()
    prover = Prover(configuration, book, began, ended)
    proofs = list(prover.prove_all())
    seconds = time.perf_counter() - start
    assert all(proof.proved for proof in proofs), "every call of the benchmark's numbers ends somewhere"
    cells = sum(len(proof.partition.cells) for proof in proofs)
    naive, calls = _naive(book, proofs, began, ended)
    return {
        "value": round(naive / seconds),
        "unit": "times",
        "reference": 1_000,
        "ratio": round(naive / seconds / 1_000, 2),
        "note": f"{NUMBERS:,} numbers, five rules each, proved in {seconds:.1f} s (goal {MOST_SECONDS:.0f} s), "
        f"{cells / seconds:,.0f} cells/s, flows' ends included; naive: {calls:,} resolves, one for each minute and "
        f"class of callers, {naive / 3600:.1f} h by {SAMPLE_SECONDS:.0f} s of them",
    }


def _naive(book: RouteBook, proofs: list[NumberProof], began: float, ended: float) -> tuple[float, int]:
    """Seconds that resolving each minute for one caller of each class would take, by a sample of random ones of exactly
    these resolves, and how many there are. No flow is followed: the naive way gets that for nothing."""
    chance = random.Random(SEED)
    minutes = round(ended - began) // 60
    counts = [len(proof.partition.classes) for proof in proofs]
    calls = sum(counts) * minutes
    chosen = chance.choices(proofs, weights=counts, k=200_000)
    inbounds = [
        Inbound(proof.number, chance.choice(proof.partition.classes).caller, began + 60.0 * chance.randrange(minutes))
        for proof in chosen
    ]
    resolve = book.resolve
    done = 0
    start = time.perf_counter()
    while time.perf_counter() - start < SAMPLE_SECONDS:
        for inbound in inbounds[:20_000]:
            resolve(inbound)
        done += 20_000
    return (time.perf_counter() - start) / done * calls, calls


def _configuration() -> Configuration:
    chance = random.Random(SEED)
    office = tuple(
        CalendarSpec(
            name,
            holidays="CN",
            workday=((opens * 60, 12 * 60), (13 * 60 + 30, closes * 60)),
            weekdays={5: ((10 * 60, 16 * 60),)},
        )
        for name, opens, closes in (("office", 9, 18), ("early", 8, 17), ("late", 10, 21), ("shop", 11, 22))
    )
    lines = {
        f"line{index}": Line(f"line{index}", f"010888800{index:02d}", f"trunk{index}", "telecom") for index in range(20)
    }
    numbers = [f"400{index:07d}" for index in chance.sample(range(6_000_000, 9_000_000), NUMBERS)]
    routes = {number: _route(chance, number, list(lines)) for number in numbers}
    return Configuration(
        numbers=tuple(NumberFacts(number) for number in numbers),
        lines=lines,
        routes=routes,
        lists={f"list{index}": _patterns(chance) for index in range(10)},
        calendars={spec.name: spec for spec in office},
        queues={name: QueueSpec(name, agents=("1001", "1002")) for name in ("default", "sales")},
        flow_sources={name: (f"{name}.flow.yaml", text) for name, text in _FLOWS.items()},
    )


def _patterns(chance: random.Random) -> tuple[str, ...]:
    exact = [f"1{chance.choice('3589')}{chance.randrange(10**9):09d}" for _ in range(20)]
    return (*exact, f"1{chance.randrange(30, 99)}{chance.randrange(100):02d}*")


def _route(chance: random.Random, number: str, lines: list[str]) -> Route:
    calendar = chance.choice(("office", "early", "late", "shop"))
    day = date(YEAR, 1, 1) + timedelta(days=chance.randrange(350))
    rules = (
        Rule("blocked", When(CallerMatch(lists=(f"list{chance.randrange(10)}",))), reject="blocked"),
        Rule("campaign", When(dates=((day, day + timedelta(days=chance.randrange(10))),)), flow="sales"),
        Rule(
            "region",
            When(CallerMatch(province=tuple(chance.sample(_PROVINCES, 2)))),
            line=chance.choice(lines),
            flow="sales",
        ),
        Rule("closed", When(hours=calendar, hours_is=("closed", "holiday")), flow="after-hours"),
        Rule("trial", When(share=float(chance.randrange(5, 50))), flow="sales"),
    )
    return Route(number, chance.choice(lines), "service", rules)
