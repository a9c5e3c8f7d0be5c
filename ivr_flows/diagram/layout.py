"""A layered layout: boxes in rows by how far they are from the start, few crossings, arrows that run straight.

After Sugiyama, Tagawa and Toda (1981): arrows that go back are turned; every box gets a row; arrows that pass rows get
points there, and their labels a row of their own between two rows of boxes, so that no label lies on another; rows
are ordered by medians of the neighbours; within a row the least moves that keep the distances are found exactly (pool
adjacent violators).
"""

from __future__ import annotations

import itertools
from bisect import bisect_left, insort
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

SWEEPS = 12
STRAIGHTEN = 14
GAP = 22.0
BOX_ROWS_GAP = 20.0


@dataclass(slots=True)
class Item:
    """Something that takes room in a row: a box, a label, or (``width`` 0) a point of a passing arrow."""

    key: str
    row: int
    width: float
    height: float
    x: float = 0.0
    y: float = 0.0
    order: int = 0
    above: list[Item] = field(default_factory=list)
    below: list[Item] = field(default_factory=list)

    @property
    def weight(self) -> float:
        """How much it wants to lie straight below its neighbours: points more than boxes."""
        return 4.0 if self.width < 1.0 else 1.0


@dataclass(frozen=True, slots=True)
class Wire:
    """An arrow as it was laid out: the items it passes from the upper to the lower box, ``label`` among them;
    ``turned``: it points upwards. A wire without ``lower`` ends at its label."""

    index: int
    items: tuple[Item, ...]
    label: Item | None
    turned: bool


@dataclass(slots=True)
class Layout:
    """Where everything lies: centres of boxes and points, in pixels."""

    boxes: dict[str, Item]
    wires: list[Wire]
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Link:
    """An arrow to lay out. ``label`` is the room its label takes, None for none; ``ends_at_label``: it is written as a
    name instead of drawn to its target."""

    source: str
    target: str
    label: tuple[float, float] | None = None
    ends_at_label: bool = False


def lay_out(sizes: Mapping[str, tuple[float, float]], links: Sequence[Link], start: str) -> Layout:
    """Place boxes of these ``sizes``; ``start`` on top."""
    drawn = [(link.source, link.target) for link in links if not link.ends_at_label and link.source != link.target]
    turned = _turned(list(sizes), drawn, start)
    rows = _rows(list(sizes), drawn, turned, start)
    items = {name: Item(name, 2 * rows[name], *size) for name, size in sizes.items()}
    all_items = list(items.values())
    wires: list[Wire] = []
    for index, link in enumerate(links):
        if link.ends_at_label or link.source == link.target:
            label = Item(f"\x00{index}", items[link.source].row + 1, *(link.label or (24.0, 16.0)))
            _join(items[link.source], label)
            all_items.append(label)
            wires.append(Wire(index, (items[link.source], label), label, False))
            continue
        is_turned = (link.source, link.target) in turned
        upper, lower = (link.target, link.source) if is_turned else (link.source, link.target)
        passed = [items[upper]]
        # The label stands below the box in which the arrow begins.
        label_row = items[lower].row - 1 if is_turned else items[upper].row + 1
        label_item: Item | None = None
        for row in range(items[upper].row + 1, items[lower].row):
            if row == label_row and link.label is not None:
                point = label_item = Item(f"\x00{index}.{row}", row, *link.label)
            else:
                point = Item(f"\x00{index}.{row}", row, 0.0, 0.0)
            _join(passed[-1], point)
            passed.append(point)
            all_items.append(point)
        _join(passed[-1], items[lower])
        passed.append(items[lower])
        wires.append(Wire(index, tuple(passed), label_item, is_turned))
    table = _table(all_items)
    _order(table)
    _place(table)
    return _measured(items, wires, table)


def _join(upper: Item, lower: Item) -> None:
    upper.below.append(lower)
    lower.above.append(upper)


def _turned(names: list[str], links: list[tuple[str, str]], start: str) -> set[tuple[str, str]]:
    """The arrows that close a cycle on a walk from the start."""
    following: dict[str, list[str]] = {name: [] for name in names}
    for source, target in links:
        following[source].append(target)
    state: dict[str, int] = {}
    turned: set[tuple[str, str]] = set()
    for first in [start, *names]:
        if first in state:
            continue
        state[first] = 1
        stack = [(first, iter(following[first]))]
        while stack:
            name, targets = stack[-1]
            target = next(targets, "")
            if not target:
                state[name] = 2
                stack.pop()
            elif state.get(target) == 1:
                turned.add((name, target))
            elif target not in state:
                state[target] = 1
                stack.append((target, iter(following[target])))
    return turned


def _rows(names: list[str], links: list[tuple[str, str]], turned: set[tuple[str, str]], start: str) -> dict[str, int]:
    """The row of every box: below all boxes before it, and not further from those behind it than needed."""
    downwards = [(target, source) if (source, target) in turned else (source, target) for source, target in links]
    after: dict[str, list[str]] = {name: [] for name in names}
    before: dict[str, int] = dict.fromkeys(names, 0)
    for source, target in downwards:
        after[source].append(target)
        before[target] += 1
    rows = dict.fromkeys(names, 0)
    waiting = [name for name in names if before[name] == 0]
    sorted_names: list[str] = []
    for name in waiting:
        sorted_names.append(name)
        for target in after[name]:
            rows[target] = max(rows[target], rows[name] + 1)
            before[target] -= 1
            if before[target] == 0:
                waiting.append(target)
    incoming = {target for _, target in downwards}
    for name in reversed(sorted_names):
        if after[name] and name not in incoming and name != start:
            rows[name] = max(0, min(rows[target] for target in after[name]) - 1)
    return rows


def _table(items: list[Item]) -> list[list[Item]]:
    table: list[list[Item]] = [[] for _ in range(max(item.row for item in items) + 1)]
    # A walk from above gives a first order in which what belongs together stands together.
    seen: set[int] = set()
    stack = [item for item in sorted(items, key=lambda item: item.row) if not item.above][::-1]
    while stack:
        item = stack.pop()
        if id(item) in seen:
            continue
        seen.add(id(item))
        table[item.row].append(item)
        stack.extend(reversed(item.below))
    for item in items:
        if id(item) not in seen:
            table[item.row].append(item)
    return table


def _order(table: list[list[Item]]) -> None:
    """Sweep down and up, ordering each row by the medians of its neighbours; keep the order with fewest crossings."""
    _number(table)
    best = [list(row) for row in table]
    fewest = _crossings(table)
    for sweep in range(SWEEPS):
        downwards = sweep % 2 == 0
        for row in table if downwards else reversed(table):
            row.sort(key=_median(downwards))
            for order, item in enumerate(row):
                item.order = order
        crossings = _crossings(table)
        if crossings < fewest:
            fewest, best = crossings, [list(row) for row in table]
        if fewest == 0:
            break
    table[:] = best
    _number(table)


def _median(downwards: bool) -> Callable[[Item], float]:
    def key(item: Item) -> float:
        orders = sorted(neighbour.order for neighbour in (item.above if downwards else item.below))
        if not orders:
            return float(item.order)
        middle = len(orders) // 2
        return float(orders[middle]) if len(orders) % 2 else (orders[middle - 1] + orders[middle]) / 2

    return key


def _number(table: list[list[Item]]) -> None:
    for row in table:
        for order, item in enumerate(row):
            item.order = order


def _crossings(table: list[list[Item]]) -> int:
    total = 0
    for row in table:
        ends: list[int] = []
        for item in row:
            targets = sorted(below.order for below in item.below)
            for target in targets:
                total += len(ends) - bisect_left(ends, target + 1)
            for target in targets:
                insort(ends, target)
    return total


def _place(table: list[list[Item]]) -> None:
    """Positions across: every item as near to the middle of its neighbours as the distances allow."""
    for row in table:
        x = 0.0
        for item in row:
            item.x = x + item.width / 2
            x += item.width + GAP
    for sweep in range(STRAIGHTEN):
        downwards = sweep % 2 == 0
        for row in table if downwards else reversed(table):
            both = sweep >= STRAIGHTEN - 2
            wanted = []
            for item in row:
                near = [*item.above, *item.below] if both else (item.above if downwards else item.below)
                pulls = [_pull(item, other) for other in near]
                weighed = sum(pull * other.x for pull, other in zip(pulls, near, strict=True))
                wanted.append(weighed / sum(pulls) if near else item.x)
            _spread(row, wanted)


def _pull(one: Item, other: Item) -> float:
    """How much two neighbours want to lie below each other: most where an arrow passes rows, then in a chain, where
    each leads to or comes from nothing else (after Gansner and others, 1993)."""
    points = (one.width < 1.0) + (other.width < 1.0)
    upper, lower = (one, other) if one.row < other.row else (other, one)
    if len(upper.below) == 1 and len(lower.above) == 1:
        return 8.0
    return (1.0, 2.0, 8.0)[points]


def _spread(row: list[Item], wanted: list[float]) -> None:
    """Move the items of a row to where they want, in their order and without touching: the least sum of squares."""
    offsets = [0.0]
    for left, right in itertools.pairwise(row):
        gap = GAP if left.width >= 1.0 or right.width >= 1.0 else GAP * 0.6
        offsets.append(offsets[-1] + left.width / 2 + gap + right.width / 2)
    blocks: list[tuple[float, float, int]] = []
    for item, want, offset in zip(row, wanted, offsets, strict=True):
        value, weight, count = want - offset, item.weight, 1
        while blocks and blocks[-1][0] > value:
            there, there_weight, there_count = blocks.pop()
            value = (value * weight + there * there_weight) / (weight + there_weight)
            weight, count = weight + there_weight, count + there_count
        blocks.append((value, weight, count))
    positions = [value for value, _, count in blocks for _ in range(count)]
    for item, position, offset in zip(row, positions, offsets, strict=True):
        item.x = position + offset


def _measured(boxes: dict[str, Item], wires: list[Wire], table: list[list[Item]]) -> Layout:
    left = min(item.x - item.width / 2 for row in table for item in row)
    y = 0.0
    for index, row in enumerate(table):
        height = max((item.height for item in row), default=0.0)
        # Wires that go far across need room to bend.
        across = max((abs(item.x - above.x) for item in row for above in item.above), default=0.0)
        y += (BOX_ROWS_GAP + min(28.0, across / 18.0)) if index else 0.0
        for item in row:
            item.x -= left
            item.y = y + height / 2
            if item.width < 1.0:
                item.height = height
        y += height
    width = max(item.x + item.width / 2 for row in table for item in row)
    return Layout(boxes, wires, width, y)
