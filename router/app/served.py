"""What a running router is made of, for those who answer requests about it: the REST resources and the
vendor-compatible endpoint."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from router.asterisk.service import LiveRouter
from router.book import RouteBook
from router.model import Configuration, NumberFacts, Settings
from router.overlay import Overlay
from router.store import Store

from .folder_edits import FolderEdits

if TYPE_CHECKING:
    from .invocation import Invocation

_number_of = attrgetter("number")


class Directory:
    """The numbers of one configuration in their order, found without an index of their own."""

    def __init__(self, configuration: Configuration) -> None:
        self.facts: Sequence[NumberFacts] = sorted(configuration.numbers, key=_number_of)

    def position(self, number: str) -> int:
        """How many numbers stand before ``number``."""
        return bisect_left(self.facts, number, key=_number_of)

    def find(self, number: str) -> NumberFacts | None:
        """The facts of ``number``; None for one that is not configured."""
        at = self.position(number)
        return self.facts[at] if at < len(self.facts) and self.facts[at].number == number else None


class Revisions:
    """The configurations of the revisions that ran last; whoever loads one tells it."""

    def __init__(self) -> None:
        self._known: dict[str, Configuration] = {}
        self.directory = lru_cache(maxsize=2)(self._directory)

    def learn(self, name: str, configuration: Configuration) -> None:
        """``configuration`` is what the revision ``name`` holds. The three newest are kept, for requests that
        began with one before."""
        self._known[name] = configuration
        while len(self._known) > 3:
            del self._known[next(iter(self._known))]

    def __getitem__(self, name: str) -> Configuration:
        return self._known[name]

    def _directory(self, name: str) -> Directory:
        return Directory(self._known[name])


@dataclass(frozen=True, slots=True)
class Served:
    """``invocation`` is that of ``serve``: its folder is the configuration that is edited."""

    invocation: Invocation
    router: LiveRouter
    store: Store
    revisions: Revisions
    edits: FolderEdits = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "edits", FolderEdits(self.invocation))

    @property
    def book(self) -> RouteBook:
        """The snapshot that new calls get."""
        return self.router.book

    @property
    def overlay(self) -> Overlay:
        """What is laid over it now: announcements, blocks, life states."""
        return self.router.overlay

    @property
    def configuration(self) -> Configuration:
        """The configuration that the snapshot was compiled from."""
        return self.revisions[self.router.book.revision]

    @property
    def directory(self) -> Directory:
        """Its numbers."""
        return self.revisions.directory(self.router.book.revision)

    @property
    def settings(self) -> Settings:
        """The settings that the router runs with: of this machine."""
        return self.router.settings

    @property
    def zone(self) -> ZoneInfo:
        """The configured time zone."""
        return self.router.book.zone

    @property
    def folder(self) -> Path:
        """The configuration folder."""
        return self.invocation.config

    def now(self) -> float:
        """Epoch seconds."""
        return self.router.clock.now()
