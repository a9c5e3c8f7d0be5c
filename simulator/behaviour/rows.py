"""What differs, grouped and in words: who, when, before, after; and how often."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from fractions import Fraction

from ivr_flows.findings import Language, Text
from router.number400 import Number400
from router.partition import Cell, Interval, Partition, describe_callers, describe_times, joined, minutes_of
from router.partition.classes import CallerClass

from .calls import Shown, Stimulus
from .words import quoted, told_apart


@dataclass(frozen=True, slots=True)
class Difference:
    """Calls of one cell that differ, shown by one of them."""

    cell: Cell
    shown: Shown


@dataclass(frozen=True, slots=True)
class Row:
    """Calls that differ in one way. ``numbers`` behave alike, the first one is shown; ``keys`` what the caller presses
    (empty: nothing needed); ``paths`` how many ways through the flow differ like this; ``minutes`` how long within the
    range; ``cells`` the calls themselves, of the first number."""

    numbers: tuple[str, ...]
    who: Text
    when: Text
    keys: Text
    before: Text
    after: Text
    stimulus: Stimulus
    paths: int
    minutes: int
    cells: tuple[Cell, ...] = field(default=(), compare=False, repr=False)

    def sentence(self) -> Text:
        """The row as one sentence, in callers' words."""
        return Text(
            f"{self.when.en}, {self.who.en}{self.keys.en}: before, {self.before.en}; after, {self.after.en}",
            f"{self.when.zh} {self.who.zh}{self.keys.zh}：原来{self.before.zh}，现在{self.after.zh}",
        )

    def as_json(self, language: Language, zone: tzinfo) -> dict[str, object]:
        """As ``plan --json`` prints it among ``behaviour``."""
        return {
            "number": self.numbers[0],
            "numbers": len(self.numbers),
            "also": list(self.numbers[1:21]),
            "who": self.who.to(language),
            "when": self.when.to(language),
            "keys": self.keys.to(language).strip(" ，,"),
            "before": self.before.to(language),
            "after": self.after.to(language),
            "call": self.stimulus.command(zone),
            "paths": self.paths,
            "minutes": self.minutes,
        }


@dataclass(frozen=True, slots=True)
class Behaviour:
    """All differences within ``[first, last)``. ``numbers`` could be touched, ``shapes`` of them had to be looked at,
    ``cells`` were compared. ``complete``: no bound cut anything off. ``unreached`` are those of the numbers to
    which no call is connected, before or after."""

    rows: tuple[Row, ...]
    first: float
    last: float
    zone: tzinfo
    numbers: int = 0
    shapes: int = 0
    cells: int = 0
    complete: bool = True
    unreached: tuple[str, ...] = ()

    @property
    def differing(self) -> int:
        """How many numbers have calls that differ."""
        return len({number for row in self.rows for number in row.numbers})

    def as_json(self, language: Language) -> list[dict[str, object]]:
        """The rows as ``plan --json`` prints them."""
        return [row.as_json(language, self.zone) for row in self.rows]

    def summary(self, language: Language) -> dict[str, object]:
        """The counts as ``plan --json`` prints them, with the sentence."""
        return {
            "none": not self.rows,
            "rows": len(self.rows),
            "numbers": self.differing,
            "numbers_looked_at": self.numbers,
            "cells": self.cells,
            "complete": self.complete,
            "said": self.sentence().to(language),
        }

    def sentence(self) -> Text:
        """What it comes to, in one sentence."""
        rest = Text("", "") if self.complete else Text(" Not every path was looked at.", "（路径过多，未能全部比较。）")
        if not self.rows:
            why = Text("", "")
            if self.unreached:
                which = counted(self.unreached)
                why = Text(f" (no call gets through to {which.en})", f"（{which.zh} 不接通任何来电）")
            return Text(
                f"No change in behaviour: no call goes another way{why.en}.{rest.en}",
                f"行为没有变化：没有来电会走不同的路{why.zh}。{rest.zh}",
            )
        count = self.differing
        plural, verb = ("", "has") if count == 1 else ("s", "have")
        return Text(
            f"{count} number{plural} {verb} calls that go another way.{rest.en}",
            f"{count} 个号码有来电会走不同的路。{rest.zh}",
        )


@dataclass(slots=True)
class _Group:
    """Cells of one number with one difference: the probability of it by callers and interval."""

    said: tuple[Text, Text]
    shown: Shown
    paths: set[Hashable] = field(default_factory=set)
    cells: dict[int, Cell] = field(default_factory=dict)
    by_cell: dict[int, Shown] = field(default_factory=dict)

    def add(self, item: Difference) -> None:
        """Count one more call; of each cell, and of all, the simplest one is kept."""
        stimulus = item.shown.stimulus
        self.paths.add((stimulus.press, stimulus.agents, stimulus.target, repr(stimulus.data)))
        self.cells[id(item.cell)] = item.cell
        known = self.by_cell.get(id(item.cell))
        if known is None or _cost(item.shown) < _cost(known):
            self.by_cell[id(item.cell)] = item.shown
        if _cost(item.shown) < _cost(self.shown):
            self.shown = item.shown


def rows_of(
    numbers: tuple[str, ...],
    partition: Partition,
    differences: Sequence[Difference],
) -> list[Row]:
    """The rows of one shape of ``numbers``."""
    groups: dict[Hashable, _Group] = {}
    for item in differences:
        said = words_of(item.shown)
        group = groups.setdefault(said, _Group(said, item.shown))
        group.add(item)
    return [row for group in groups.values() for row in _rows(numbers, partition, group)]


def _cost(shown: Shown) -> tuple[int, int, int]:
    stimulus = shown.stimulus
    keys = sum(1 for item in stimulus.press.split(",") if item not in ("", "h"))
    return (
        keys,
        len(stimulus.press),
        (stimulus.agents is not None) + (stimulus.target is not None) + 8 * bool(stimulus.data),
    )


def _rows(numbers: tuple[str, ...], partition: Partition, group: _Group) -> list[Row]:
    """One row for every set of callers that share the same times and chance."""
    chances: dict[tuple[int, tuple[Interval, ...]], Fraction] = {}
    classes: dict[int, CallerClass] = {}
    for cell in group.cells.values():
        classes[cell.who.meets] = cell.who
        key = (cell.who.meets, cell.when)
        chances[key] = chances.get(key, Fraction(0)) + cell.chance.probability
    by_caller: dict[int, dict[Fraction, list[tuple[Interval, ...]]]] = {}
    for (meets, when), chance in chances.items():
        by_caller.setdefault(meets, {}).setdefault(chance, []).append(when)
    alike: dict[tuple[tuple[Interval, ...], Fraction], list[CallerClass]] = {}
    for meets, there in by_caller.items():
        for chance, whens in there.items():
            alike.setdefault((joined(whens), chance), []).append(classes[meets])
    before, after = group.said
    rows: list[Row] = []
    for (when, chance), who in alike.items():
        here = {one.meets for one in who}
        cells = [cell for cell in group.cells.values() if cell.who.meets in here and _within(cell.when, when)]
        shown = min((group.by_cell[id(cell)] for cell in cells), key=_cost, default=group.shown)
        rows.append(
            Row(
                numbers,
                _with_chance(describe_callers(who, partition.classes), chance),
                describe_times(when, partition.first, partition.last, partition.zone),
                _keys(shown),
                before,
                after,
                shown.stimulus,
                len(group.paths),
                minutes_of(when),
                tuple(cells),
            )
        )
    return rows


def _within(inner: Sequence[Interval], outer: Sequence[Interval]) -> bool:
    return all(any(start <= first and last <= end for start, end in outer) for first, last in inner)


def _with_chance(who: Text, chance: Fraction) -> Text:
    if chance >= 1:
        return who
    percent = f"{float(chance * 100):.4g}%"
    return Text(f"{percent} of {who.en}", f"{who.zh}中的 {percent}")


def words_of(shown: Shown) -> tuple[Text, Text]:
    """What the call comes to before and after: the text that is another where that is all, else how it goes."""
    before, after = shown.before, shown.after
    ends = [(record.outcome, record.hangup_by, record.flow, record.line) for record in (before, after)]
    heard = list(before.heard), list(after.heard)
    if ends[0] == ends[1]:
        texts = _other_texts(*heard)
        if texts is not None:
            old, new = (quoted(text) for text in texts)
            return Text(f"hears {old.en}", f"听到{old.zh}"), Text(f"hears {new.en}", f"听到{new.zh}")
    said = told_apart(before, after)
    if said[0] != said[1]:
        return said
    if heard[0] == heard[1]:
        ways = [" → ".join(record.path) or "-" for record in (before, after)]
        return Text(f"goes {ways[0]}", f"经过 {ways[0]}"), Text(f"goes {ways[1]}", f"经过 {ways[1]}")
    old, new = (_hears(_beyond(mine, other)) for mine, other in (heard, heard[::-1]))
    return old, new


def _other_texts(before: Sequence[str], after: Sequence[str]) -> tuple[str, str] | None:
    """The one text that became another, each time it was heard."""
    if len(before) != len(after):
        return None
    pairs = {(old, new) for old, new in zip(before, after, strict=True) if old != new}
    only = next(iter(pairs)) if len(pairs) == 1 else None
    return None if only is None or any(text.startswith("tone:") for text in only) else only


def _hears(texts: Sequence[str]) -> Text:
    if not texts:
        return Text("hears nothing more", "不再听到别的")
    said = quoted("／".join(texts))
    return Text(f"hears {said.en}", f"听到{said.zh}")


def _beyond(mine: Sequence[str], other: Sequence[str]) -> list[str]:
    """What stands in ``mine`` from the place on where it is another."""
    same = 0
    while same < min(len(mine), len(other)) and mine[same] == other[same]:
        same += 1
    return list(mine[same:])


_AGENTS = {
    "answer": Text("an agent answers", "座席接听"),
    "never": Text("no agent answers", "座席都不接"),
    "full": Text("the queue is full", "队列已满"),
    "no_agents": Text("no agent is signed in", "没有座席签入"),
    "busy": Text("the target is busy", "转接对方忙"),
    "no_answer": Text("the target does not answer", "转接对方不接"),
    "failed": Text("the transfer fails", "转接失败"),
}


def _keys(shown: Shown) -> Text:
    stimulus = shown.stimulus
    items = [item for item in stimulus.press.split(",") if item and not item.startswith("@") and item != "h"]
    parts: list[Text] = []
    if items:
        parts.append(Text(f"pressing {', '.join(items)}", f"按 {'、'.join(items)}"))
    for option in (stimulus.agents, stimulus.target):
        word = _AGENTS.get((option or "").split(":")[0])
        if word is not None:
            parts.append(word)
    if not parts:
        return Text("", "")
    return Text(f", {', '.join(part.en for part in parts)}", f"，{'，'.join(part.zh for part in parts)}")


def counted(numbers: Sequence[str]) -> Text:
    """The numbers of a row: one by itself, or the first and how many more."""
    first = Number400.parse(numbers[0]).grouped
    more = len(numbers) - 1
    if not more:
        return Text(first, first)
    return Text(f"{first} and {more} more", f"{first} 等 {more + 1} 个号码")


__all__ = ["Behaviour", "Difference", "Row", "counted", "rows_of", "words_of"]
