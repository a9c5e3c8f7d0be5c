"""What is in force beside the revision: emergency announcements, blocked callers, life states from the store.

An `Overlay` is an immutable value; whoever watches the store makes a new one when something changes. Everything in
it ends by itself: each entry has its ``until``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from .model import LifeState
from .patterns import PatternSet


@dataclass(frozen=True, slots=True)
class Announcement:
    """An emergency announcement for one 400 number, or for ``all``. ``until`` is epoch seconds, exclusive.
    ``end_call`` hangs up behind it."""

    number: str
    text: str
    until: float
    end_call: bool = False
    author: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """A blocked caller: canonical digits, or a beginning with ``*``. ``until`` None: until unblocked."""

    caller: str
    until: float | None = None
    author: str = ""


class Overlay:
    """Announcements, blocks and life states, looked up in time independent of how many there are."""

    __slots__ = ("_announcements", "_blocks", "_coming", "_paid", "_patterns", "_states", "quiet")

    def __init__(
        self,
        announcements: Iterable[Announcement] = (),
        blocks: Iterable[Block] = (),
        states: Mapping[str, LifeState] | None = None,
        coming: Mapping[str, tuple[tuple[float, LifeState], ...]] | None = None,
        paid: Iterable[str] = (),
    ) -> None:
        by_number: dict[str, list[Announcement]] = {}
        for announcement in announcements:
            by_number.setdefault(announcement.number, []).append(announcement)
        self._announcements = {number: tuple(found) for number, found in by_number.items()}
        by_pattern: dict[str, list[Block]] = {}
        for block in blocks:
            by_pattern.setdefault(block.caller, []).append(block)
        self._blocks = {pattern: tuple(found) for pattern, found in by_pattern.items()}
        self._patterns = PatternSet(self._blocks)
        self._states: Mapping[str, LifeState] = MappingProxyType(dict(states or {}))
        self._coming: Mapping[str, tuple[tuple[float, LifeState], ...]] = MappingProxyType(dict(coming or {}))
        self._paid = frozenset(paid)
        self.quiet = not (self._announcements or self._blocks or self._states or self._coming or self._paid)

    def announcement(self, number: str | None, at: float) -> Announcement | None:
        """The announcement in force for ``number`` at ``at``: its own before that for ``all``; of several the one
        given last. None for the number asks only for ``all``."""
        for key in ("all",) if number is None else (number, "all"):
            for announcement in reversed(self._announcements.get(key, ())):
                if at < announcement.until:
                    return announcement
        return None

    def block(self, caller: str | None, at: float) -> Block | None:
        """The block in force for the canonical ``caller`` at ``at``; a hidden caller is never blocked."""
        if caller is None or not self._blocks:
            return None
        for pattern in self._patterns.matching(caller):
            for block in self._blocks[pattern]:
                if block.until is None or at < block.until:
                    return block
        return None

    def announcements_of(self, number: str) -> tuple[Announcement, ...]:
        """Every announcement that may be in force for ``number`` at some moment, its own first."""
        return (*self._announcements.get(number, ()), *self._announcements.get("all", ()))

    @property
    def blocks(self) -> tuple[Block, ...]:
        """Every block, over or not."""
        return tuple(block for blocks in self._blocks.values() for block in blocks)

    def knows_end_of(self, number: str) -> bool:
        """Whether the store tells until when ``number`` is paid; what its file says of that is out of date then."""
        return number in self._paid

    def state(self, number: str, at: float | None = None) -> LifeState | None:
        """The life state that the store holds for ``number``, None where it holds none; with ``at`` the one that time
        has brought by then, also when nobody has looked since."""
        if at is not None:
            for moment, state in reversed(self._coming.get(number, ())):
                if at >= moment:
                    return state
        return self._states.get(number)


EMPTY = Overlay()
