"""What binding asks of the life of a number, as the commands ask it: judged first, then let happen.

A number of which the store runs no life follows its files alone, as with ``line400 bind``.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from router.desk import Desk
from router.desk.happening import happen, life_of
from router.life.machine import refusal
from router.life.model import Request
from router.life.table import BY_PAIR, EventName

WELCOME: Final = "welcome"


def instance_event(desk: Desk, name: str) -> EventName:
    """The event of taking a number into the instance ``name``: a new one, or one that is there."""
    known = desk.configuration.instances if desk.configuration is not None else {}
    return "bind" if name in known else "instance"


async def runs(desk: Desk, number: str) -> bool:
    """Whether the store knows the life or the state of ``number``."""
    return await desk.life(number) is not None or await desk.number_state(number) is not None


async def may_bind(desk: Desk, number: str, event: EventName) -> None:
    """See that ``event`` may happen to ``number`` now. Raises `LifeError`."""
    life = await life_of(desk, number)
    if (life.state, event) not in BY_PAIR:
        raise refusal(life, event, desk.rules)


async def happen_to(desk: Desk, number: str, event: EventName, request: Request) -> None:
    """Let ``event`` happen where the store runs the life. Raises `LifeError`."""
    if await runs(desk, number):
        await happen(desk, number, event, replace(request))
