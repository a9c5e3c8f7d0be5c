"""The cells of a partition: when, who, by what chance, and where such calls go; with a real call for each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from functools import cached_property
from itertools import islice

from ..call_ids import call_id_of
from ..callers import caller_facts
from ..resolution import Resolution
from .chances import Chance, bucket_of
from .classes import CallerClass, meeting
from .conditions import Condition
from .timelines import Interval, Signatures, minutes_of

_MOST_TRIES = 60_000
_SETTLED = 3600.0


@dataclass(frozen=True, slots=True)
class Sample:
    """A real call: ``caller`` as the switch shows it (None: hidden), the moment, and the call id with the seed that
    ``--seed`` takes to make it (None where any call id does)."""

    caller: str | None
    at: float
    call_id: str
    seed: int | None = None


@dataclass(frozen=True)
class Cell:
    """Calls to ``number`` that no rule tells apart. ``when`` are intervals in order; ``resolutions`` has one for each
    book, without its trace."""

    number: str
    when: tuple[Interval, ...]
    who: CallerClass
    chance: Chance
    resolutions: tuple[Resolution, ...] = field(compare=False)

    @property
    def minutes(self) -> int:
        """How long the cell lasts."""
        return minutes_of(self.when)

    @cached_property
    def moment(self) -> float:
        """A moment of the cell: whole minutes, well inside its longest interval where it is long enough."""
        start, end = max(self.when, key=lambda interval: (interval[1] - interval[0] >= 2 * _SETTLED, -interval[0]))
        if end - start < 2 * _SETTLED:
            start, end = max(self.when, key=lambda interval: (interval[1] - interval[0], -interval[0]))
        inside = start + min(_SETTLED, (end - start) / 2)
        whole = inside // 60 * 60
        return whole if start <= whole < end else start

    @cached_property
    def sample(self) -> Sample | None:
        """A call that falls in the cell; None where none was found among very many (a tiny share of few callers)."""
        return next(self.samples(), None)

    def samples(self) -> Iterator[Sample]:
        """Calls that fall in the cell, at its `moment`: different callers where chance goes by caller."""
        ranges = self.chance.ranges
        seed = next(self._seeds(), None)
        if seed is None and any(range_.by_call for range_ in ranges):
            return
        call_id = "sample" if seed is None else call_id_of(seed)
        if self.who.facts.number is None:
            yield Sample(self.who.caller, self.moment, call_id, seed)
            return
        for caller in islice(self.who.more(), _MOST_TRIES):
            if all(
                range_.low <= bucket_of(self.number, (range_.rule, False), caller, "") < range_.high
                for range_ in ranges
                if not range_.by_call
            ):
                yield Sample(caller, self.moment, call_id, seed)

    def _seeds(self) -> Iterator[int]:
        wanted = [range_ for range_ in self.chance.ranges if range_.by_call]
        if not wanted:
            return
        for seed in range(1, _MOST_TRIES):
            call_id = call_id_of(seed)
            if all(
                range_.low <= bucket_of(self.number, (range_.rule, True), None, call_id) < range_.high
                for range_ in wanted
            ):
                yield seed


@dataclass(frozen=True)
class Partition:
    """All calls to one number between two moments, cut into cells: every call falls in exactly one."""

    number: str
    first: float
    last: float
    zone: tzinfo
    cells: tuple[Cell, ...]
    classes: tuple[CallerClass, ...]
    conditions: tuple[Condition, ...]
    signatures: Signatures
    base_number: str | None
    by_place: Mapping[tuple[int, int], tuple[Cell, ...]] = field(repr=False)

    def locate(self, caller: str | None, at: float, call_id: str = "") -> Cell:
        """The cell of a call, its moment within the partition's range.

        Raises:
            LookupError: no cell holds it. This never happens to a caller whom a switch can show.
        """
        facts = caller_facts(caller, self.base_number)
        place = (self.signatures.at(at), meeting(self.conditions, facts))
        for cell in self.by_place.get(place, ()):
            if all(
                range_.low <= bucket_of(self.number, (range_.rule, range_.by_call), facts.number, call_id) < range_.high
                for range_ in cell.chance.ranges
            ):
                return cell
        raise LookupError(f"no cell holds caller {caller} at {at}")


__all__ = ["Cell", "Partition", "Sample"]
