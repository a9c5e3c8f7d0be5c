"""How the switch calls queues, and the queue of one agent alone.

`app_queue` chooses by its strategy and can be told of no agent by name. So the generated configuration holds, beside
each queue, one for each of its agents, which takes in nobody unless that agent is free: who spoke with a caller last
is rung first there; a caller goes there for one ring and, not answered, on to the queue itself. Busy, wrapping up,
paused or signed off, the agent costs no time.

A queue has its own name on the switch, but for those that Asterisk keeps for itself. Sections of its files hold up to
79 bytes: `router.switch_names` bounds the names of queues and agents, and what is longer together has a digest.
"""

from __future__ import annotations

from hashlib import sha256

MARK = "@"
"""Stands in no name of a queue or an agent."""
LONGEST = 79
"""Bytes of a section's name that Asterisk reads."""
_KEPT = frozenset({"general"})
"""Sections of ``queues.conf`` that are no queue."""


def queue_on_switch(queue: str) -> str:
    """The name of ``queue`` on the switch."""
    return f"{queue}{MARK}" if queue.lower() in _KEPT else queue


def preferred_queue(queue: str, agent: str) -> str:
    """The name of the queue of ``agent`` alone beside ``queue``."""
    name = f"{queue}{MARK}{agent}"
    return name if len(name.encode()) <= LONGEST else f"{queue}{MARK}{MARK}{sha256(agent.encode()).hexdigest()[:12]}"


def queue_of(name: str) -> tuple[str, str]:
    """The queue that the switch's queue ``name`` belongs to, and the agent whom it is for (a digest with `MARK` before
    it where the name would not fit); empty: it is that queue."""
    queue, _, agent = name.partition(MARK)
    return queue, agent
