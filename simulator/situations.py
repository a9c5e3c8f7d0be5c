"""Situations worth trying for a number: callers, moments and call ids of every kind that its routes and flows tell
apart.

They are concrete and real: a province is a caller with one of its area codes, a holiday a day that the calendar calls
one, a share a caller whose hash falls into it. No clock: moments lie from the given one on.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from itertools import accumulate

from ivr_flows import Flow
from ivr_flows.explore.values import Values
from ivr_flows.shares import share_bucket
from router.book import RouteBook
from router.callers import canonical_caller
from router.model import Configuration, Route, Rule
from router.regions import AREA_CODES

from .call import call_id_of

USUAL_CALLER = "13800138000"
_KINDS = (None, "95588", "14400000001", "0012025550123", "0085221234567", "13012345678", "18912345678")
"""Hidden, a service number, an IoT card, foreign ones, and mobiles of the other two carriers."""
HORIZON_DAYS = 400
_SETTLED = 600.0
"""Seconds for which a moment's hours must last, so that a call does not cross their edge."""
_VARIANTS = 300
_MOST_PER_KIND = 16

Shares = list[tuple[tuple[str, str], str, list[float]]]
"""Salt, ``caller`` or ``call``, and the upper edges of the buckets, of each share."""


@dataclass(slots=True)
class Told:
    """What routes and flows tell apart: which facts are asked for at all."""

    callers: bool = False
    numbers: list[str] = field(default_factory=list)
    prefixes: list[str] = field(default_factory=list)
    cities: set[str] = field(default_factory=set)
    calendars: set[str] = field(default_factory=set)
    dates: list[datetime] = field(default_factory=list)
    weekdays: bool = False
    hours: bool = False
    shares: Shares = field(default_factory=list)


def told_apart(book: RouteBook, configuration: Configuration, route: Route | None, flows: Iterable[str]) -> Told:
    """What ``route`` and ``flows`` look at."""
    told = Told()
    if route is not None:
        for rule in route.rules:
            _rule(told, book, configuration, route.number, rule)
    for name in flows:
        _flow(told, book.flow(name))
    return told


def told_by(flow: Flow) -> Told:
    """What ``flow`` looks at."""
    told = Told()
    _flow(told, flow)
    return told


def _rule(told: Told, book: RouteBook, configuration: Configuration, number: str, rule: Rule) -> None:
    when = rule.when
    if rule.split:
        told.shares.append(((number, rule.name), rule.split_by, list(accumulate(share for _, share in rule.split))))
    if when is None:
        return
    if when.caller is not None:
        told.callers = True
        told.cities.update(when.caller.city)
        for name in (*when.caller.lists, *when.caller.not_lists):
            told.prefixes.extend(configuration.lists.get(name, ()))
        told.prefixes.extend((*when.caller.number, *(prefix + "*" for prefix in when.caller.prefix)))
    if when.hours is not None:
        told.calendars.add(when.hours)
    for first, last in when.dates:
        for day in (first, last, last + timedelta(days=1)):
            told.dates.append(datetime.combine(day, time(10), book.zone))
    told.weekdays |= bool(when.weekday)
    if when.share is not None:
        told.shares.append(((number, rule.name), when.share_by, [when.share, 100.0]))


def _flow(told: Told, flow: Flow) -> None:
    values = Values(flow.nodes)
    told.callers |= "caller" in values.deciding
    told.hours |= "now" in values.deciding
    told.numbers.extend(values.constants(("caller", "number")))
    told.cities.update(str(city) for city in values.of(("caller", "city")))
    for path_id, node in flow.nodes.items():
        calendar = getattr(node.options, "calendar", None)
        if isinstance(calendar, str):
            told.calendars.add(calendar)
        targets = getattr(node.options, "targets", None)
        if isinstance(targets, dict):
            # A share is salted with the flow that it stands in: a subflow's own name, or that of a flow gone on in.
            above = path_id.rpartition("/")[0]
            owner = flow.nodes.get(above)
            entered = above.removesuffix("/") if above.endswith("/") else flow.name
            salt = (owner.options.flow if owner is not None else entered, node.id)
            told.shares.append((salt, node.options.by, list(accumulate(targets.values()))))


# Callers. -------------------------------------------------------------------------------------------------------


def callers(told: Told) -> list[str | None]:
    """Callers of every kind that matters; the usual one first."""
    found: list[str | None] = [USUAL_CALLER]
    if told.callers:
        found.extend(_KINDS)
        found.extend(_landlines(told.cities))
        for text in (*told.numbers, *told.prefixes):
            found.extend(_fitting(text))
    kept = list(dict.fromkeys(found))
    return kept if not told.shares else list(dict.fromkeys(_spread(kept, told.shares)))


def _landlines(cities: set[str]) -> Iterator[str]:
    provinces: set[str] = set()
    for code, (province, there) in AREA_CODES.items():
        if province not in provinces or not cities.isdisjoint(there):
            provinces.add(province)
            yield code + "66660001"[: 11 - len(code)] if len(code) == 4 else code + "66660001"


def _fitting(pattern: str) -> Iterator[str]:
    """Callers that a pattern (exact, or a beginning with ``*``) matches."""
    if not pattern.endswith("*"):
        yield pattern
        return
    head = pattern[:-1]
    for tail in ("2212345678", "12345678901", "166660001"):
        length = 13 if head.startswith("00") else 11
        text = (head + tail)[: max(length, len(head))]
        if canonical_caller(text) == text:
            yield text
            return
    yield head


def _spread(callers: list[str | None], shares: Shares) -> Iterator[str | None]:
    """The callers, and beside each such that fall on the other sides of the shares."""
    wanted = 1
    for _, by, edges in shares:
        wanted *= len(edges) if by == "caller" else 1
    for caller in callers:
        yield caller
        if caller is None or wanted == 1 or len(caller) < 11:
            continue
        seen = {sides(caller, shares)}
        for number in range(_VARIANTS * len(shares)):
            if len(seen) >= min(wanted, _MOST_PER_KIND):
                break
            twin = f"{caller[:-4]}{(number * 7919) % 10_000:04d}"
            there = sides(twin, shares)
            if there not in seen:
                seen.add(there)
                yield twin


def sides(caller: str, shares: Shares, by: str = "caller") -> tuple[int, ...]:
    """On which side of each share that goes ``by`` callers (or by calls) the caller (or the call id) falls."""
    return tuple(
        sum(1 for edge in edges if share_bucket(*salt, caller) >= round(edge * 100, 6))
        for salt, key, edges in shares
        if key == by
    )


def seeds(told: Told, *, hidden: bool) -> list[int]:
    """Seeds of call ids that fall on different sides of the shares by call, and of a ``hidden`` caller's."""
    by_call = [(salt, "call", edges) for salt, by, edges in told.shares if by == "call" or hidden]
    if not by_call:
        return []
    seen: dict[Hashable, int] = {}
    for seed in range(1, _VARIANTS * 2):
        seen.setdefault(sides(call_id_of(seed), by_call, "call"), seed)
        if len(seen) >= _MOST_PER_KIND:
            break
    return list(seen.values())


# Moments. -------------------------------------------------------------------------------------------------------


def moments(told: Told, book: RouteBook, at: float) -> list[float]:
    """The moment ``at`` and, from it on, one of every other kind that matters."""
    kind = _kind_of(told, book)
    found: dict[Hashable, float] = {kind(at): at}
    unsettled: dict[Hashable, float] = {}
    if not (told.calendars or told.dates or told.weekdays or told.hours):
        return [at]
    for moment in _candidates(told, book, at):
        key = kind(moment)
        if key in found:
            continue
        if kind(moment + _SETTLED) == key:
            found[key] = moment
        else:
            unsettled.setdefault(key, moment)
    return [*found.values(), *(moment for key, moment in unsettled.items() if key not in found)]


def _candidates(told: Told, book: RouteBook, at: float) -> Iterator[float]:
    begin = datetime.fromtimestamp(at, book.zone).replace(minute=0, second=0, microsecond=0)
    for hour in range(8 * 24):
        yield (begin + timedelta(hours=hour + 1)).timestamp()
    for day in told.dates:
        yield day.timestamp()
    for name in sorted(told.calendars):
        calendar = book.calendars[name]
        edge: float | None = at
        while edge is not None and edge < at + HORIZON_DAYS * 86_400:
            edge = calendar.next_edge(edge)
            if edge is not None:
                yield edge + 60.0
                yield edge + 3600.0


def _kind_of(told: Told, book: RouteBook) -> Callable[[float], Hashable]:
    calendars = [book.calendars[name] for name in sorted(told.calendars) if name in book.calendars]
    edges = sorted(moment.date() for moment in told.dates)

    def kind(at: float) -> Hashable:
        parts: list[Hashable] = [calendar.state(at) for calendar in calendars]
        if told.dates or told.weekdays or told.hours:
            local = datetime.fromtimestamp(at, book.zone)
            parts.append(sum(1 for day in edges if day <= local.date()))
            if told.weekdays or told.hours:
                parts.append(local.weekday())
            if told.hours:
                parts.append(local.hour)
        return tuple(parts)

    return kind
