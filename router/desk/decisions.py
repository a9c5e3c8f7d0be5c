"""What the back office decided is taken in, whoever decided it: support in its place, or a vendor of its own."""

from __future__ import annotations

from typing import Final

from ivr_flows.findings import Text
from router.life.office import Decision, DecisionKind
from router.life.table import EventName

from .desk import Desk, simulated
from .files import enter_purchased, enter_route
from .happening import Outcome, happen, outcome
from .qualifying import Known, known_as

OF_NUMBERS: Final[dict[DecisionKind, EventName]] = {
    "approve": "approve",
    "forward": "forward",
    "return": "return",
    "route_done": "route_done",
    "transfer_done": "transfer_done",
    "transfer_refused": "transfer_refused",
}
"""The event in a number's life that each decision is. ``reject`` is one of qualifications alone."""
_DIGITS: Final = 10


async def take_in(desk: Desk) -> list[Outcome | Known]:
    """Take in everything that the office decided since it was asked last, in order. Raises `LifeError` for the first
    that cannot be."""
    return [
        await (take_number(desk, one) if len(one.subject) == _DIGITS else take_qualification(desk, one))
        for one in desk.office.decisions()
    ]  # fmt: skip


async def take_qualification(desk: Desk, decision: Decision) -> Known:
    """Take in a decision about a company. Raises `LifeError`."""
    await desk.settle()
    known = await desk.open_store.decide_qualification(
        decision.subject, decision.kind == "approve", desk.at, desk.author, desk.now, decision.reason
    )
    return await known_as(desk, known)


async def take_number(desk: Desk, decision: Decision) -> Outcome:
    """Take in a decision about a number, and write into the files what follows of it. Raises `LifeError`."""
    number, event = decision.subject, OF_NUMBERS[decision.kind]
    before: tuple[EventName, ...] = ("forward",) if event in ("approve", "return") else ()
    life = (await happen(desk, number, event, before=before, reason=decision.reason)).life
    if event == "route_done":
        return await outcome(desk, life, written=await enter_route(desk, life))
    if event not in ("approve", "transfer_done"):
        return await outcome(desk, life)
    if event == "approve" and life.state == "opened":
        desk.note(
            Text(
                f"{number} is purchased and not yet live: callers hear the busy tone until its route ticket is done.",
                f"{number} 已购买，尚不能接通：路由配置工单完成前，来电听到忙音。",
            )
        )
    return await outcome(desk, life, written=await enter_purchased(desk, life))


async def decide(desk: Desk, subject: str, kind: DecisionKind) -> Outcome | Known:
    """Decide in the office's place and take it in. Raises `LifeError`, and `NotAllowed` where a real vendor decides."""
    simulated(desk).decide(subject, kind, desk.reason)
    return (await take_in(desk))[-1]
