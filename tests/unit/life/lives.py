"""Lives in every state, as events make them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from router.life.machine import Step, advance
from router.life.model import SHANGHAI, Life, Request, RoutePlan, Rules, Stage
from router.life.table import EventName

RULES = Rules(contact="400 支持组")
NUMBER = "4000453456"
PLAN = RoutePlan(("bj",))
START = datetime(2026, 10, 12, 10, tzinfo=SHANGHAI).timestamp()
HOUR = 3600.0
DAY = 86_400.0


def request(event: EventName, owner: int = 1) -> Request:
    """A request with which ``event`` passes its guards."""
    return Request(
        owner=2 if event == "transfer" else owner,
        offered=("金牌", "unicom"),
        handler="李四",
        plan=PLAN,
        instance="support",
        flow="welcome",
        reason="缘由",
    )


WAYS: dict[Stage, tuple[EventName, ...]] = {
    "stock": (),
    "reserved": ("apply",),
    "submitted": ("apply", "materials"),
    "review": ("apply", "materials", "forward"),
    "opened": ("apply", "materials", "forward", "approve"),
    "routed": ("apply", "materials", "forward", "approve", "order_route", "route_done"),
    "bound": ("apply", "materials", "forward", "approve", "order_route", "route_done", "bind"),
    "suspended": ("apply", "materials", "forward", "approve", "order_route", "route_done", "bind", "suspend"),
    "expired": ("apply", "materials", "forward", "approve", "expire"),
    "released": ("apply", "withdraw"),
    "transferring": ("apply", "materials", "forward", "approve", "transfer"),
}
"""The events that bring a number into each state."""


def lived(*events: EventName, auto_renew: bool = True) -> Life:
    """The life of a number after ``events``, an hour apart."""
    life = Life(NUMBER)
    for index, event in enumerate(events):
        life = advance(life, event, request(event), START + index * HOUR, RULES).after
    return replace(life, auto_renew=auto_renew)


def in_state(state: Stage) -> Life:
    """A life in ``state``; one with an open ticket where there may be one."""
    life = lived(*WAYS[state])
    if state in ("opened", "routed", "bound"):
        life = step(life, "order_route").after
    return life


def step(life: Life, event: EventName, at: float | None = None) -> Step:
    """One event, an hour after the last where no moment is given."""
    return advance(life, event, request(event), life.since + HOUR if at is None else at, RULES)


def moment(text: str) -> float:
    """Epoch seconds of a time in Shanghai."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).timestamp()
