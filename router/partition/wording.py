"""When and who in callers' words: 工作日 09:00–18:00；周六 10:00–16:00, 其余时间, 上海来电, 除黑名单外的所有来电."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, tzinfo
from functools import lru_cache

from ivr_flows.findings import Text

from .classes import CallerClass
from .conditions import ANYBODY
from .day_words import describe_days
from .timelines import Interval, Times

AT_ALL_TIMES = Text("at all times", "全部时间")
OTHERWISE = Text("at all other times", "其余时间")

Hours = tuple[tuple[str, str], ...]


def describe_times(intervals: Sequence[Interval], first: float, last: float, zone: tzinfo) -> Text:
    """The ``intervals`` (in order, within the range ``[first, last)``) as days and hours of ``zone``."""
    return _described(tuple(intervals), first, last, zone)


@lru_cache(maxsize=512)
def _described(intervals: tuple[Interval, ...], first: float, last: float, zone: tzinfo) -> Text:
    if not intervals:
        return Text("never", "从不")
    if len(intervals) == 1 and intervals[0][0] <= first and intervals[0][1] >= last:
        return AT_ALL_TIMES
    starts, days = Times(first, last).days(zone)
    by_hours: dict[Hours, list[date]] = {}
    for day, hours in _hours_by_day(intervals, (*starts, last), days, zone):
        by_hours.setdefault(hours, []).append(day)
    parts = [_part(hours, there, days) for hours, there in by_hours.items()]
    return Text("; ".join(part.en for part in parts), "；".join(part.zh for part in parts))


def describe_groups(groups: Sequence[Sequence[Interval]], first: float, last: float, zone: tzinfo) -> list[Text]:
    """Words for each of ``groups``, which together are the whole range and share no moment: the one that takes the
    most words becomes *at all other times*."""
    found = [describe_times(group, first, last, zone) for group in groups]
    if len(found) > 1:
        longest = max(range(len(found)), key=lambda index: len(found[index].zh))
        found[longest] = OTHERWISE
    return found


def describe_callers(classes: Sequence[CallerClass], among: Sequence[CallerClass]) -> Text:
    """The callers of ``classes``, some of all the classes ``among`` of a partition."""
    chosen = {who.meets for who in classes}
    if len(chosen) == len({who.meets for who in among}):
        return ANYBODY
    others = [who for who in among if who.meets not in chosen]
    left_out = _named(others, among)
    if any(not who.parts for who in classes) and len(left_out) <= len(_named(classes, among)):
        words = _list(left_out)
        return Text(f"all callers but {words.en}", f"除{words.zh}外的所有来电")
    return _list(_named(classes, among))


def _named(classes: Sequence[CallerClass], among: Sequence[CallerClass]) -> list[Text]:
    """Words for ``classes``: those that together are all who meet a condition are named by it."""
    left = {who.meets for who in classes}
    groups: dict[tuple[int, Text], set[int]] = {}
    for who in among:
        for part in who.parts:
            groups.setdefault(part, set()).add(who.meets)
    found: list[Text] = []
    whole = {part: group for part, group in groups.items() if group <= left}
    while whole:
        part, group = max(whole.items(), key=lambda item: (len(item[1] & left), -item[0][0]))
        if len(group & left) < 2:
            break
        found.append(part[1])
        left -= group
        del whole[part]
    return [*found, *(who.words for who in classes if who.meets in left)]


def _list(words: Sequence[Text]) -> Text:
    return Text(
        "; ".join(dict.fromkeys(text.en for text in words)), "、".join(dict.fromkeys(text.zh for text in words))
    )


def _hours_by_day(
    intervals: Sequence[Interval], edges: Sequence[float], days: Sequence[date], zone: tzinfo
) -> list[tuple[date, Hours]]:
    """Each day on which there is any of the intervals, with their hours on the wall that day."""
    found: list[tuple[date, Hours]] = []
    index = 0
    for day, begins, ends in zip(days, edges[:-1], edges[1:], strict=True):
        while index < len(intervals) and intervals[index][1] <= begins:
            index += 1
        hours: list[tuple[str, str]] = []
        position = index
        while position < len(intervals) and intervals[position][0] < ends:
            start, end = intervals[position]
            opens = "00:00" if start <= begins else _clock(start, zone)
            closes = "24:00" if end >= ends else _clock(end, zone)
            hours.append((opens, closes))
            position += 1
        if hours:
            found.append((day, tuple(hours)))
    return found


def _clock(at: float, zone: tzinfo) -> str:
    local = datetime.fromtimestamp(at, zone)
    return local.strftime("%H:%M:%S" if local.second else "%H:%M")


def _part(hours: Hours, days: Sequence[date], among: Sequence[date]) -> Text:
    said = describe_days(days, among)
    if hours == (("00:00", "24:00"),):
        return said
    spans = [f"{opens}–{closes}" for opens, closes in hours]
    return Text(f"{said.en} {', '.join(spans)}", f"{said.zh} {'、'.join(spans)}")
