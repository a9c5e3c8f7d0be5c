"""What a life writes into the configuration: the purchased number, the lines of its ticket, the instance with its flow.

The event goes first, the files after it. Each of them may be repeated: what is there already is not written again, so
that a command that was killed in between is simply given once more.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from router.configuration.life_edit import ConfigurationEdit
from router.life.model import Life, RoutePlan

from .desk import Desk

Change = Callable[[ConfigurationEdit], None]
Written = tuple[list[str], str]
"""The files that were changed, and how, as one unified difference."""


async def enter_purchased(desk: Desk, life: Life) -> Written:
    """Enter a purchased or transferred number into the numbers. Its renewal is the store's affair and not written."""
    return await _written(desk, life, lambda edit: None)


async def enter_route(desk: Desk, life: Life) -> Written:
    """Write the lines of a ticket that is done into routes.yaml, as the carrier translates from here on."""
    assert life.ticket is not None
    plan = life.ticket.plan
    return await _written(desk, life, lambda edit: edit.set_route(life.number, _entries(plan), plan.regions))


async def enter_binding(desk: Desk, life: Life, queue: str, *, checked_only: bool = False) -> Written:
    """Write the instance, where it is new, and the binding. ``checked_only``: only see that the configuration would be
    right with them. Raises `EditError` where it would not."""
    flow = life.flow
    assert flow is not None

    def change(edit: ConfigurationEdit) -> None:
        if life.instance is not None:
            edit.enter_instance(life.instance, queue)
            edit.set_instance_of(life.number, life.instance)
        edit.set_flow(life.number, flow)

    return await _written(desk, life, change, checked_only=checked_only)


async def take_binding(desk: Desk, life: Life) -> Written:
    """Take ``flow:`` out of the number's route."""

    def work() -> Written:
        edit = ConfigurationEdit(desk.folder)
        edit.set_flow(life.number, None)
        return _write(edit)

    return await asyncio.to_thread(work)


async def _written(desk: Desk, life: Life, change: Change, *, checked_only: bool = False) -> Written:
    companies = await desk.companies()
    company = companies.get(life.owner) if life.owner is not None else None
    facts = {"company": company.company if company else "", "carrier": life.carrier or "", "tier": life.tier}
    if life.purchased is not None:
        facts["purchased"] = life.purchased.isoformat()

    def work() -> Written:
        edit = ConfigurationEdit(desk.folder)
        edit.enter_number(life.number, {name: value for name, value in facts.items() if value})
        change(edit)
        if checked_only:
            edit.check()
            return [], ""
        return _write(edit)

    return await asyncio.to_thread(work)


def _write(edit: ConfigurationEdit) -> Written:
    diff = edit.diff
    return [str(file) for file in edit.write()], diff


def _entries(plan: RoutePlan) -> list[tuple[str, str | None]]:
    if len(plan.lines) == 1:
        return [("hunt", None), ("line", plan.lines[0])]
    if plan.shares:
        weights = ", ".join(f"{line}: {share:g}" for line, share in zip(plan.lines, plan.shares, strict=True))
        return [("line", None), ("hunt", f"{{ lines: {{ {weights} }} }}")]
    return [("line", None), ("hunt", f"{{ lines: [{', '.join(plan.lines)}], strategy: sequential }}")]
