"""What routing asks about a call to one number: conditions on the moment and on the caller, and shares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from ivr_flows.findings import Text

from ..book import RouteBook
from ..model import CallerMatch, Rule
from ..overlay import Overlay
from .chances import Edges, edges_of
from .conditions import SHOWN, Condition, Facts, Interned, who
from .timelines import Hours, Timeline, Times


@dataclass(slots=True)
class Asked:
    """Conditions of one number in some books. ``times`` and ``callers`` are without duplicates, in the order in which
    they are first asked."""

    times: dict[Timeline, None] = field(default_factory=dict)
    callers: dict[Condition, None] = field(default_factory=dict)
    edges: Edges = field(default_factory=dict)
    base_number: str | None = None


def asked(books: Sequence[RouteBook], number: str, overlay: Overlay, times: Times, interned: Interned) -> Asked:
    """What ``books`` ask about a call to ``number``."""
    found = Asked()
    rules: list[Rule] = []
    bases: dict[str | None, None] = {}
    for book in books:
        route = book.route(number)
        if route is None:
            continue
        window = book.service_window_of(number)
        for moment in window:
            _add(found, times.since(moment), times)
        rules.extend(route.rules)
        bases[None if route.line is None else book.lines[route.line].base_number] = None
        for rule in route.rules:
            _of_rule(found, book, rule, times, interned)
    found.edges = edges_of(iter(rules))
    if len(bases) == 1:
        found.base_number = next(iter(bases))
    for base in bases if len(bases) > 1 else ():
        # A caller who shows the base number is hidden in the book of that line only.
        if base is not None:
            words = Text(f"caller {base}", f"{base} 的来电")
            found.callers[Condition((interned.patterns((base,)),), words=words)] = None
    _of_overlay(found, number, overlay, times, interned)
    if any(not by_call for _, by_call in found.edges):
        found.callers[SHOWN] = None
    return found


def _add(found: Asked, timeline: Timeline, times: Times) -> None:
    if timeline.edges:
        found.times[timeline] = None


def _of_rule(found: Asked, book: RouteBook, rule: Rule, times: Times, interned: Interned) -> None:
    when = rule.when
    if when is None:
        return
    if when.hours is not None or when.dates or when.weekday:
        calendar = times.calendar(book.calendars[when.hours]) if when.hours is not None else None
        states = tuple(sorted(when.hours_is)) if when.hours is not None else ()
        weekdays = tuple(sorted(set(when.weekday)))
        _add(found, times.hours(Hours(calendar, states, when.dates, weekdays, book.zone)), times)
    if when.caller is not None:
        found.callers[condition_of(when.caller, book, interned)] = None


class Listing(Protocol):
    """What has caller lists by name: a book, for one."""

    @property
    def lists(self) -> Mapping[str, tuple[str, ...]]:
        """Canonical patterns by the list's name."""
        ...


def condition_of(match: CallerMatch, book: Listing, interned: Interned) -> Condition:
    """``match`` with the lists of ``book``."""
    patterns = []
    if match.lists:
        patterns.append(interned.patterns(*(book.lists[name] for name in match.lists)))
    if match.number:
        patterns.append(interned.patterns(match.number))
    if match.prefix:
        patterns.append(interned.patterns(tuple(f"{prefix.rstrip('*')}*" for prefix in match.prefix)))
    facts = Facts(frozenset(match.kind), frozenset(match.province), frozenset(match.city), frozenset(match.carrier))
    unmet = (interned.patterns(*(book.lists[name] for name in match.not_lists)),) if match.not_lists else ()
    otherwise = who(CallerMatch(lists=match.not_lists)) if match == CallerMatch(not_lists=match.not_lists) else None
    return Condition(tuple(patterns), facts, words=who(match), unmet=unmet, otherwise=otherwise)


def _of_overlay(found: Asked, number: str, overlay: Overlay, times: Times, interned: Interned) -> None:
    for announcement in overlay.announcements_of(number):
        _add(found, times.since(announcement.until), times)
    by_end: dict[float | None, list[str]] = {}
    for block in overlay.blocks:
        if block.until is not None and block.until <= times.first:
            continue
        by_end.setdefault(None if block.until is None or block.until >= times.last else block.until, []).append(
            block.caller
        )
    for until, patterns in by_end.items():
        if until is not None:
            _add(found, times.since(until), times)
        words = Text("blocked callers", "已拦截的来电")
        found.callers[Condition((interned.patterns(tuple(patterns)),), words=words)] = None
