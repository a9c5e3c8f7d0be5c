"""Queues as they are: who waits in which, which agent is idle, rings, talks or pauses.

The switch is asked over AMI (``QueueStatus``), and only when somebody looks: once for all who look, again when one of
`TOLD_BY` has come, and every `OLDEST` seconds for what no event tells.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from .agents import AgentState, agent_state
from .ami_link import AmiLink, AmiUnavailable
from .preferred import queue_of

TOLD_BY: Final = frozenset(
    {
        "QueueCallerJoin",
        "QueueCallerLeave",
        "QueueCallerAbandon",
        "AgentCalled",
        "AgentConnect",
        "QueueMemberStatus",
        "QueueMemberPause",
        "QueueMemberAdded",
        "QueueMemberRemoved",
    }
)
"""AMI events behind which a queue is another than before."""
OLDEST: Final = 5.0
"""Real seconds behind which the switch is asked again although no event came."""
SHORTEST: Final = 0.25
"""Real seconds between two questions."""


@dataclass(frozen=True, slots=True)
class WaitingCaller:
    """``uniqueid`` is that of the caller's channel, ``seconds`` how long it has waited when the switch was asked."""

    uniqueid: str
    position: int
    seconds: float


@dataclass(slots=True)
class QueueState:
    """One queue of the switch: its waiting callers by position and its agents by name; of the calls since the switch
    started those that were answered, and those whose callers hung up waiting."""

    name: str
    waiting: list[WaitingCaller] = field(default_factory=list)
    agents: list[AgentState] = field(default_factory=list)
    answered: int = 0
    abandoned: int = 0


class QueueBoard:
    """The queues of the switch behind ``link``."""

    def __init__(self, link: AmiLink) -> None:
        self.link = link
        self._known: list[QueueState] = []
        self._at = float("-inf")
        self._stale = True
        self._asking = asyncio.Lock()
        link.tell(TOLD_BY, self._told)

    def _told(self, name: str) -> None:
        self._stale = True

    async def read(self) -> list[QueueState] | None:
        """The queues by name, None while the switch cannot be asked."""
        async with self._asking:
            age = time.monotonic() - self._at
            if age >= (SHORTEST if self._stale else OLDEST):
                # Before the question: an event that comes meanwhile may be missing in the answer.
                self._stale = False
                try:
                    answer = await self.link.send("QueueStatus")
                except AmiUnavailable:
                    self._stale = True
                    return None
                self._known = _queues(answer if isinstance(answer, list) else [answer])
                self._at = time.monotonic()
            return self._known


def _queues(messages: Iterable[Any]) -> list[QueueState]:
    found: dict[str, QueueState] = {}
    for message in messages:
        # Whoever waits for one agent alone waits in the queue.
        name, alone = queue_of(_text(message, "Queue"))
        kind = _text(message, "Event")
        if not name or kind not in ("QueueParams", "QueueMember", "QueueEntry"):
            continue
        queue = found.setdefault(name, QueueState(name))
        if kind == "QueueParams":
            queue.answered += _number(message, "Completed")
            queue.abandoned += 0 if alone else _number(message, "Abandoned")
        elif kind == "QueueMember":
            if not alone:
                queue.agents.append(agent_state(message))
        else:
            queue.waiting.append(
                WaitingCaller(_text(message, "Uniqueid"), _number(message, "Position"), _number(message, "Wait"))
            )
    for queue in found.values():
        queue.waiting.sort(key=lambda caller: caller.position)
        queue.agents.sort(key=lambda agent: agent.agent)
    return [found[name] for name in sorted(found)]


def _text(message: Mapping[str, Any], name: str) -> str:
    value = message.get(name, "")
    return value if isinstance(value, str) else str(value[0]) if value else ""


def _number(message: Mapping[str, Any], name: str) -> int:
    value = _text(message, name)
    return int(value) if value.isascii() and value.isdigit() else 0
