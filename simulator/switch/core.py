"""What every part of a switch shares: the clock, chance, the events, the channels, who answers."""

from __future__ import annotations

import logging
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from router.clock import Clock
from router.model import Trunk
from simulator.parties import AgentScript, TargetScript

from .event_bus import EventBus
from .sounds import Sounds
from .spec import AgentBehaviour, RefusedLeg, SwitchLine, TargetBehaviour

if TYPE_CHECKING:
    from .channel import Channel
    from .queues import QueueRuntime

CONTEXT = "from-carrier"
"""Where the calls of the trunks arrive in the dialplan."""

log = logging.getLogger("simulator.switch")


@dataclass(eq=False)
class Core:
    """The shared state of one switch. ``started`` is when it was booted; ``database`` is AstDB (family, key).

    ``spool`` is the folder of its recordings, None: they are kept nowhere. ``spawn`` runs work of its own beside
    the calls; ``run_extension`` sends a channel into the dialplan at its context and extension. ``processed``
    counts the calls that went through a dialplan.
    """

    clock: Clock
    rng: random.Random
    sounds: Sounds
    agents: AgentBehaviour
    targets: TargetBehaviour
    lines: Mapping[str, SwitchLine]
    trunks: Mapping[str, Trunk]
    boxes: Mapping[str, float]
    on_refused: Callable[[RefusedLeg], None]
    spawn: Callable[[Coroutine[Any, Any, None]], object]
    run_extension: Callable[[Channel], Awaitable[None]]
    bus: EventBus = field(default_factory=EventBus)
    channels: dict[str, Channel] = field(default_factory=dict)
    queues: dict[str, QueueRuntime] = field(default_factory=dict)
    database: dict[tuple[str, str], str] = field(default_factory=dict)
    spool: Path | None = None
    variables: dict[str, str] = field(default_factory=dict)
    line_calls: Counter[str] = field(default_factory=Counter)
    trunk_calls: Counter[str] = field(default_factory=Counter)
    processed: int = 0
    started: float = 0.0
    _ids: int = 0

    def next_id(self) -> int:
        """A number that no channel, bridge or command of this switch had before."""
        self._ids += 1
        return self._ids

    def agent_script(self, queue: str) -> AgentScript:
        """What the agents of ``queue`` do for the next caller."""
        return self.agents(queue) if callable(self.agents) else self.agents

    def target_script(self, number: str) -> TargetScript:
        """What a dialled ``number`` does."""
        return self.targets(number) if callable(self.targets) else self.targets

    def extension(self, context: str, exten: str) -> SwitchLine | None:
        """The line whose dialplan an extension begins, None where there is no such extension."""
        return self.lines.get(exten) if context == CONTEXT else None

    def trunk_full(self, trunk: str) -> bool:
        """Whether ``trunk`` carries as many calls as it may."""
        spec = self.trunks.get(trunk)
        return spec is not None and spec.max_calls is not None and self.trunk_calls[trunk] >= spec.max_calls
