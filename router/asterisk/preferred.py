"""Who spoke with a caller last is rung first: by a queue of the switch for that agent alone.

`app_queue` chooses by its strategy and can be told of no agent by name. So the generated configuration holds, beside
each queue, one for each of its agents, which takes in nobody unless that agent is free; a caller goes there for one
ring and, not answered, on to the queue itself. Busy, wrapping up, paused or signed off, the agent costs no time.
"""

from __future__ import annotations

MARK = "@"
"""Stands in no name of a queue."""


def preferred_queue(queue: str, agent: str) -> str:
    """The name of the queue of ``agent`` alone beside ``queue``."""
    return f"{queue}{MARK}{agent}"


def queue_of(name: str) -> tuple[str, str]:
    """The queue that the switch's queue ``name`` belongs to, and the agent whom it is for; empty: it is that queue."""
    queue, _, agent = name.partition(MARK)
    return queue, agent
