"""What a life writes into the configuration: the purchased number, the lines of its ticket, the instance with its flow.

The event goes first, the files after it. Each of them may be repeated: what is there already is not written again, so
that a command that was killed in between is simply given once more.
"""

from __future__ import annotations

from collections.abc import Mapping

from router.configuration.life_edit import ConfigurationEdit
from router.life.model import Life, RoutePlan
from router.life.qualification import Qualification

from ..presentation import show_diff
from .desk import Desk


def written(desk: Desk, edit: ConfigurationEdit) -> list[str]:
    """Write an edit, show it, and name the files."""
    diff = edit.diff
    files = edit.write()
    if files and not desk.invocation.json:
        show_diff(desk.invocation, diff)
    return [str(file) for file in files]


def enter_purchased(desk: Desk, life: Life, companies: Mapping[int, Qualification]) -> list[str]:
    """Enter a purchased number into numbers.yaml. Its renewal is the store's affair and not written there."""
    edit = ConfigurationEdit(desk.invocation.config)
    _enter(edit, life, companies)
    return written(desk, edit)


def enter_route(desk: Desk, life: Life, companies: Mapping[int, Qualification]) -> list[str]:
    """Write the lines of a ticket that is done into routes.yaml, as the carrier translates from here on."""
    assert life.ticket is not None
    plan = life.ticket.plan
    edit = ConfigurationEdit(desk.invocation.config)
    _enter(edit, life, companies)
    edit.set_route(life.number, _entries(plan), plan.regions)
    return written(desk, edit)


def enter_binding(
    desk: Desk, life: Life, companies: Mapping[int, Qualification], queue: str, *, checked_only: bool = False
) -> list[str]:
    """Write the instance, where it is new, and the binding. ``checked_only``: only see that the configuration would be
    right with them. Raises `EditError` where it would not."""
    assert life.flow is not None
    edit = ConfigurationEdit(desk.invocation.config)
    _enter(edit, life, companies)
    if life.instance is not None:
        edit.enter_instance(life.instance, queue)
        edit.set_instance_of(life.number, life.instance)
    edit.set_flow(life.number, life.flow)
    if checked_only:
        edit.check()
        return []
    return written(desk, edit)


def take_binding(desk: Desk, life: Life) -> list[str]:
    """Take ``flow:`` out of the number's route."""
    edit = ConfigurationEdit(desk.invocation.config)
    edit.set_flow(life.number, None)
    return written(desk, edit)


def _enter(edit: ConfigurationEdit, life: Life, companies: Mapping[int, Qualification]) -> None:
    company = companies.get(life.owner) if life.owner is not None else None
    facts = {"company": company.company if company else "", "carrier": life.carrier or "", "tier": life.tier}
    if life.purchased is not None:
        facts["purchased"] = life.purchased.isoformat()
    edit.enter_number(life.number, {name: value for name, value in facts.items() if value})


def _entries(plan: RoutePlan) -> list[tuple[str, str | None]]:
    if len(plan.lines) == 1:
        return [("hunt", None), ("line", plan.lines[0])]
    if plan.shares:
        weights = ", ".join(f"{line}: {share:g}" for line, share in zip(plan.lines, plan.shares, strict=True))
        return [("line", None), ("hunt", f"{{ lines: {{ {weights} }} }}")]
    return [("line", None), ("hunt", f"{{ lines: [{', '.join(plan.lines)}], strategy: sequential }}")]
