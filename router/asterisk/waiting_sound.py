"""What a caller in a queue hears: music, with the queue's announcements in it at their moments.

`app_queue` itself announces only between two rings of agents, and by the queue, not by the call; a caller who is taken
out of the queue for an announcement has an agent rung anew. Music on hold goes on while agents ring, and a class of it
can be chosen for each call. So the generated configuration holds a class of music for each queue node whose
announcements are known ahead, whose file is music and announcements in one.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from ivr_flows.commands import Prompt, Queue
from ivr_flows.expressions import is_template
from ivr_flows.nodes.queue import WAITING, QueueOptions
from ivr_flows.ssml import constant_prompt

from ..clock import Clock
from .foreseen import Owner, foreseen, owners
from .prompts import prompt_file

if TYPE_CHECKING:
    from ivr_flows import Flow

    from ..book import RouteBook

LONGEST = 900
"""Seconds of the longest file; a longer wait hears it again."""
FOLDER = "line400"
"""Holds the files, in the folder of the music."""
MOMENT = 1e-5
CLASSES = "line400-"
"""How the names of their classes of music begin."""
VISITS = 2
"""Classes of each sound: a caller who comes to a queue again begins it anew, where the same class would go on."""


@dataclass(frozen=True, slots=True)
class WaitingSound:
    """``announcements`` in turn, one ``every`` seconds, over ``seconds`` of the music ``music`` (None: the default)."""

    every: float
    seconds: int
    announcements: tuple[Prompt, ...]
    music: str | None = None

    @property
    def name(self) -> str:
        """Follows from what is heard."""
        parts = [f"{self.every:g}", str(self.seconds), self.music or "", *map(prompt_file, self.announcements)]
        return sha256("\n".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:20]

    @property
    def variable(self) -> str:
        """The variable that a switch sets to 1 where it has this sound."""
        return f"LINE400_WAITING_{self.name}"

    def music_class(self, visit: int) -> str:
        """The class of music on hold for the ``visit``-th queue of a call, from 0."""
        return f"{CLASSES}{self.name}-{visit % VISITS}"

    def begins(self) -> Iterator[tuple[float, Prompt]]:
        """The announcements in the file, each with the second at which it begins."""
        place = 1
        while place * self.every < self.seconds - MOMENT:
            yield place * self.every, self.announcements[(place - 1) % len(self.announcements)]
            place += 1


def waiting_sound(command: Queue) -> WaitingSound | None:
    """The sound of a wait in a queue; None where nothing is announced in it."""
    return _sound(command.announce_every, command.timeout, command.announcements, command.music)


def _sound(every: float, timeout: float, said: tuple[Prompt, ...], music: str | None) -> WaitingSound | None:
    if not said or every <= 0 or every >= timeout:
        return None
    seconds = math.ceil(timeout)
    if seconds > LONGEST:
        # Whole rounds, so that the file fits to itself; never less than one of them.
        turn = every * len(said)
        seconds = math.ceil(turn * max(1, LONGEST // turn))
    return WaitingSound(every, seconds, said, music or None)


def waiting_sounds(book: RouteBook) -> dict[str, WaitingSound]:
    """The sounds that callers of ``book`` can hear in queues and whose words are known before any call, by name."""
    of = owners(book)
    found: dict[str, WaitingSound] = {}
    for flow in (*(book.flow(name) for name in sorted(book.environment.flows)), *book.entered_flows()):
        for node in flow.definition.nodes.values():
            options = node.options
            if not isinstance(options, QueueOptions) or is_template(options.music or ""):
                continue
            for said in _said(options, flow, of):
                sound = _sound(options.announce_every, math.ceil(options.timeout), said, options.music)
                if sound is not None:
                    found[sound.name] = sound
    return found


def _said(options: QueueOptions, flow: Flow, of: list[Owner]) -> Iterator[tuple[Prompt, ...]]:
    """What a queue node announces: one tuple for every owner and language where its words depend on them."""
    language = flow.language
    written = options.hold or [options.announcement or WAITING["en" if language.startswith("en") else "zh"]]
    constant = {
        place: constant_prompt(item, language, False) if isinstance(item, str) else Prompt("", item.file, language)
        for place, item in enumerate(written)
        if not isinstance(item, str) or not is_template(item)
    }
    made = {place: item for place, item in enumerate(written) if place not in constant and isinstance(item, str)}
    if not made:
        yield tuple(constant.values())
        return
    for owner in of:
        spoken = {
            place: {prompt.language: prompt for prompt in foreseen(text, flow, [owner])} for place, text in made.items()
        }
        for variant in sorted(set.intersection(*(set(prompts) for prompts in spoken.values()))):
            yield tuple(
                constant[place] if place in constant else spoken[place][variant] for place in range(len(written))
            )


class Announcing:
    """Tells ``begun`` of each announcement of a sound as it begins: the number of it, from 0, and the moment."""

    def __init__(self, clock: Clock, every: float, until: float, begun: Callable[[int, float], None]) -> None:
        self._clock = clock
        self._every = every
        self._until = until
        self._begun = begun
        self._began = 0.0
        self._count = 0
        self._timer: asyncio.TimerHandle | None = None

    def start(self, ago: float = 0.0) -> None:
        """The sound begins, or began so many seconds ago."""
        self._began = self._clock.now() - ago
        self._plan()

    def stop(self) -> None:
        """The caller hears it no more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _plan(self) -> None:
        after = (self._count + 1) * self._every
        if after < self._until - MOMENT:
            wait = self._clock.real(max(0.0, self._began + after - self._clock.now()))
            self._timer = asyncio.get_running_loop().call_later(wait, self._begin)

    def _begin(self) -> None:
        count, self._count = self._count, self._count + 1
        self._begun(count, self._began + self._count * self._every)
        self._plan()
