"""Sets of days in words: 工作日, 周六, 国庆节 2026-10-01–2026-10-07. Exactly the set, in two languages."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, timedelta
from functools import lru_cache
from typing import Literal

from ivr_flows.findings import Text

from ..calendars import statutory_day

Sort = Literal["holiday", "make_up"] | int
"""What a day is: a statutory holiday, a make-up working day, or any other day by its weekday (0 = Monday)."""

_WEEKDAYS = (
    Text("Mondays", "周一"),
    Text("Tuesdays", "周二"),
    Text("Wednesdays", "周三"),
    Text("Thursdays", "周四"),
    Text("Fridays", "周五"),
    Text("Saturdays", "周六"),
    Text("Sundays", "周日"),
)
_HOLIDAYS = {
    "New Year's Day": "元旦",
    "Spring Festival": "春节",
    "Tomb-sweeping Day": "清明节",
    "Labour Day": "劳动节",
    "Dragon Boat Festival": "端午节",
    "National Day": "国庆节",
    "Mid-autumn Festival": "中秋节",
    "Anti-Fascist 70th Day": "抗战胜利纪念日",
}
_WORKING: frozenset[Sort] = frozenset({0, 1, 2, 3, 4, "make_up"})
_EVERY: frozenset[Sort] = frozenset({0, 1, 2, 3, 4, 5, 6, "make_up", "holiday"})
_MOST_RUNS = 8
_DAY = timedelta(days=1)


@lru_cache(maxsize=8192)
def sort_of(day: date) -> Sort:
    """What ``day`` is."""
    holiday, make_up, _ = statutory_day(day)
    return "holiday" if holiday else "make_up" if make_up else day.weekday()


def describe_days(days: Sequence[date], among: Sequence[date]) -> Text:
    """The ``days`` (in order) of the range ``among`` (in order, every day of it)."""
    chosen = set(days)
    if len(chosen) == len(among):
        return Text("every day", "每天")
    plain = _by_weekday(chosen, days[0], days[-1], among)
    said = _by_sort(chosen, days[0], days[-1], among)
    best = min((text for text in (said, plain) if text is not None), key=lambda text: len(text.zh), default=None)
    runs = _runs(days)
    at_edge = days[0] == among[0] or days[-1] == among[-1]
    if best is None or (len(runs) <= 2 < len(days) and not (len(runs) == 1 and at_edge)):
        return _dates(runs)
    return best


def _by_sort(chosen: set[date], first: date, last: date, among: Sequence[date]) -> Text | None:
    """In terms of working days, weekends and holidays; single days beside them, or left out, are named."""
    span = [day for day in among if first <= day <= last]
    inside: dict[Sort, list[date]] = {}
    for day in span:
        inside.setdefault(sort_of(day), []).append(day)
    sorts: set[Sort] = set()
    beside: list[date] = []
    without: list[date] = []
    for sort, there in inside.items():
        taken = [day for day in there if day in chosen]
        if len(taken) * 2 > len(there) and len(taken) > 1:
            sorts.add(sort)
            without.extend(day for day in there if day not in chosen)
        else:
            beside.extend(taken)
    if not sorts:
        return None
    runs_beside, runs_without = _runs(sorted(beside)), _runs(sorted(without))
    if len(runs_beside) + len(runs_without) > _MOST_RUNS:
        return None
    present = _EVERY if len(span) > 300 else frozenset(inside)
    text = _bounded(_sorts_in_words(sorts, present), sorts, first, last, among)
    return _adjusted(text, runs_beside, runs_without)


def _by_weekday(chosen: set[date], first: date, last: date, among: Sequence[date]) -> Text | None:
    """As days of the week whatever holiday they are; None where they are not exactly that."""
    weekdays = {day.weekday() for day in chosen}
    if any((day.weekday() in weekdays) != (day in chosen) for day in among if first <= day <= last):
        return None
    if len(chosen) < 7 and len(weekdays) == len(chosen):
        return None
    text = _weekdays_in_words(weekdays)
    return _span(text, first, last, among, lambda day: day.weekday() in weekdays)


def _sorts_in_words(sorts: Collection[Sort], present: Collection[Sort]) -> Text:
    left = set(sorts)
    if left >= set(present):
        return Text("every day", "每天")
    parts: list[Text] = []
    if left >= (_WORKING & set(present)) and left & {0, 1, 2, 3, 4}:
        parts.append(Text("working days", "工作日"))
        left -= _WORKING
    if {5, 6} <= left:
        parts.append(Text("weekends", "周末"))
        left -= {5, 6}
    weekdays = {sort for sort in left if isinstance(sort, int)}
    if weekdays:
        parts.append(_weekdays_in_words(weekdays))
    if "make_up" in left:
        parts.append(Text("make-up working days", "调休上班日"))
    if "holiday" in left:
        parts.append(Text("statutory holidays", "法定节假日"))
    return _listed(parts)


def _weekdays_in_words(weekdays: Collection[int]) -> Text:
    ordered = sorted(weekdays)
    if len(ordered) == 7:
        return Text("every day", "每天")
    if len(ordered) > 2 and ordered[-1] - ordered[0] == len(ordered) - 1:
        first, last = _WEEKDAYS[ordered[0]], _WEEKDAYS[ordered[-1]]
        return Text(f"{first.en} to {last.en}", f"{first.zh}至{last.zh}")
    return _listed([_WEEKDAYS[day] for day in ordered])


def _bounded(text: Text, sorts: Collection[Sort], first: date, last: date, among: Sequence[date]) -> Text:
    return _span(text, first, last, among, lambda day: sort_of(day) in sorts)


def _span(text: Text, first: date, last: date, among: Sequence[date], wanted: object) -> Text:
    """``text`` with the dates from which and until which it holds, where the range goes further."""
    assert callable(wanted)
    begins = not any(wanted(day) for day in among if day < first)
    ends = not any(wanted(day) for day in among if day > last)
    if begins and ends:
        return text
    if ends:
        return Text(f"{text.en} from {first} on", f"{first} 起{text.zh}")
    if begins:
        return Text(f"{text.en} until {last}", f"{last} 及以前{text.zh}")
    return Text(f"{text.en} from {first} to {last}", f"{first} 至 {last} {text.zh}")


def _adjusted(text: Text, beside: list[tuple[date, date]], without: list[tuple[date, date]]) -> Text:
    if without:
        names = _dates(without)
        text = Text(f"{text.en} (not {names.en})", f"{text.zh}（{names.zh} 除外）")
    if beside:
        names = _dates(beside)
        text = Text(f"{text.en} and {names.en}", f"{text.zh}及 {names.zh}")
    return text


def _runs(days: Sequence[date]) -> list[tuple[date, date]]:
    found: list[tuple[date, date]] = []
    for day in days:
        if found and day - found[-1][1] == _DAY and _holiday(day) == _holiday(found[-1][1]):
            found[-1] = (found[-1][0], day)
        else:
            found.append((day, day))
    joined: list[tuple[date, date]] = []
    if len(found) > _MOST_RUNS:
        return found
    for first, last in found:
        # A holiday is named by itself only where it is all that is said.
        if joined and first - joined[-1][1] == _DAY and not (_holiday(first) and len(found) <= 2):
            joined[-1] = (joined[-1][0], last)
        else:
            joined.append((first, last))
    return joined


@lru_cache(maxsize=8192)
def _holiday(day: date) -> str | None:
    holiday, _, name = statutory_day(day)
    return name if holiday else None


def _dates(runs: Sequence[tuple[date, date]]) -> Text:
    shown = [_run(first, last) for first, last in runs[:_MOST_RUNS]]
    text = _listed(shown)
    if len(runs) > _MOST_RUNS:
        days = sum((last - first).days + 1 for first, last in runs)
        return Text(f"{text.en} and others, {days} days in all", f"{text.zh} 等共 {days} 天")
    return text


def _run(first: date, last: date) -> Text:
    dates = f"{first}" if first == last else f"{first}–{last}"
    name = _holiday(first)
    if name is not None and _holiday(last) == name:
        return Text(f"{name} {dates}", f"{_HOLIDAYS.get(name, name)} {dates}")
    return Text(dates, dates)


def _listed(parts: Sequence[Text]) -> Text:
    return Text(" and ".join(part.en for part in parts), "、".join(part.zh for part in parts))
