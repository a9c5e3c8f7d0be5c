"""Making partitions: exactly where a call to one number goes, whenever, from whomever and by whatever chance.

Time is cut at the edges of every condition, callers into those that meet the same conditions, chance where a share
changes something. One real resolve of the book decides each cell.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..book import RouteBook
from ..overlay import EMPTY, Overlay
from ..resolution import Draw, Inbound, Resolution
from .asked import asked
from .cells import Cell, Partition
from .chances import every_chance
from .classes import CallerSpace
from .conditions import Condition, Interned
from .timelines import Timeline, Times


class Survey:
    """Makes partitions of many numbers for one range of time ``[first, last)`` and keeps what they have in common."""

    def __init__(self, first: float, last: float) -> None:
        self.times = Times(first, last)
        self.callers = CallerSpace()
        self.interned = Interned()

    def partition(
        self,
        books: Sequence[RouteBook],
        number: str,
        overlay: Overlay | None = None,
        *,
        times: Sequence[Timeline] = (),
        callers: Sequence[Condition] = (),
    ) -> Partition:
        """The partition of ``number`` (canonical) over ``books``. ``times`` and ``callers`` are cut apart although no
        rule does."""
        overlay = overlay or EMPTY
        found = asked(books, number, overlay, self.times, self.interned)
        for timeline in times:
            if timeline.edges:
                found.times[timeline] = None
        for condition in callers:
            found.callers[condition] = None
        signatures = self.times.signatures(tuple(found.times))
        conditions = tuple(found.callers)
        classes = self.callers.classes(conditions)
        cells: list[Cell] = []
        by_place: dict[tuple[int, int], tuple[Cell, ...]] = {}
        for signature, intervals in self.times.grouped(signatures).items():
            at = intervals[0][0]
            for who in classes:

                def run(draw: Draw, at: float = at, caller: str | None = who.caller) -> tuple[Resolution, ...]:
                    inbound = Inbound(number, caller, at, draw=draw)
                    return tuple(book.resolve(inbound, overlay) for book in books)

                there = tuple(
                    Cell(number, intervals, who, chance, resolutions)
                    for chance, resolutions in every_chance(run, found.edges, number, who.members)
                )
                cells.extend(there)
                by_place[signature, who.meets] = there
        return Partition(
            number,
            self.times.first,
            self.times.last,
            books[0].zone,
            tuple(cells),
            classes,
            conditions,
            signatures,
            found.base_number,
            by_place,
        )


def partition(
    books: Sequence[RouteBook], number: str, first: float, last: float, overlay: Overlay | None = None
) -> Partition:
    """The exact partition of every call to ``number`` (canonical digits) within ``[first, last)``, over one or several
    books jointly: where any of them may tell two calls apart they are in different cells.

    Raises:
        ValueError: the range is empty.
    """
    return Survey(first, last).partition(books, number, overlay)
