"""Queues that admit nobody more: on a real switch a queue is full where it holds as many callers as it may.

So each queue may hold one, and a caller who is nobody's waits in it, whom no agent is rung for: the agents are paused.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Sequence

from router.asterisk.host import RunningAsterisk
from router.asterisk.preferred import queue_on_switch
from router.model import QueueSpec

from .manager import Manager

WAITING = "line400-occupied"
SECONDS = 7200
SETTLES = 5.0
"""Real seconds within which the waiting caller must have joined."""


def dialplan() -> str:
    """What the callers who fill queues do: nothing."""
    return f"\n[{WAITING}]\nexten => s,1,Answer()\n same => n,Wait({SECONDS})\n same => n,Hangup()\n"


def _one_each(text: str) -> str:
    return re.sub(r"^maxlen = .*$", "maxlen = 1", text, flags=re.MULTILINE)


class Occupied:
    """Fills the queues of one switch and frees them again."""

    def __init__(self, switch: RunningAsterisk, manager: Manager) -> None:
        self._switch = switch
        self._manager = manager
        self._held: list[str] = []
        self._text = ""
        self._at_work = asyncio.Lock()

    async def fill(self, queues: Iterable[QueueSpec]) -> None:
        """Let ``queues`` be full, whose agents are paused. Nothing where they are."""
        async with self._at_work:
            if not self._held:
                await self._fill(list(queues))

    async def _fill(self, queues: Sequence[QueueSpec]) -> None:
        self._text = self._switch.on_disk()["queues.conf"]
        await self._load(_one_each(self._text))
        for queue in queues:
            name = f"full-{queue.name}"
            self._held.append(name)
            await self._manager.send(
                "Originate",
                Channel=f"Local/s@{WAITING}/n",
                ChannelId=name,
                OtherChannelId=f"{name}-ear",
                Application="Queue",
                Data=queue_on_switch(queue.name),
                Async="true",
            )
        for queue in queues:
            await self._until(queue_on_switch(queue.name), 1)

    async def free(self, queues: Iterable[QueueSpec]) -> None:
        """Let ``queues`` admit callers again."""
        async with self._at_work:
            if self._held:
                await self._free(list(queues))

    async def _free(self, queues: Sequence[QueueSpec]) -> None:
        for name in self._held:
            await self._manager.send("Hangup", Channel=name)
        self._held.clear()
        await self._load(self._text)
        for queue in queues:
            await self._until(queue_on_switch(queue.name), 0)

    async def _load(self, text: str) -> None:
        self._switch.write({"queues.conf": text})
        await asyncio.to_thread(self._switch.cli, "queue reload parameters")

    async def _until(self, queue: str, waiting: int) -> None:
        async with asyncio.timeout(SETTLES):
            while True:
                answer = await self._manager.send("Getvar", Variable=f"QUEUE_WAITING_COUNT({queue})")
                if answer.Value == str(waiting):
                    return
                await asyncio.sleep(0.05)
