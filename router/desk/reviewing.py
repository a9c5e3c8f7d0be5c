"""Deciding in the place of the vendor and the carrier, to rehearse with: qualifications, applications, route tickets,
transfers."""

from __future__ import annotations

from ivr_flows.findings import Text
from router.life.office import DecisionKind

from .decisions import decide
from .desk import Desk, Unclear, number_of
from .happening import Outcome
from .qualifying import Known


async def review_company(desk: Desk, named: str | None, *, approve: bool) -> Known:
    """Approve a qualification, or reject it with a reason. Raises `LifeError`."""
    if not approve:
        _see_reason(desk, Text("A rejection has a reason.", "驳回必须说明原因。"), "--reason 执照照片不清晰")
    known = await desk.company(named)
    made = await decide(desk, known.code, "approve" if approve else "reject")
    assert isinstance(made, Known)
    return made


async def review_number(desk: Desk, number: str, *, approve: bool) -> Outcome:
    """Approve an application, or return its materials with a reason. Purchased, the number enters the configuration.
    Raises `LifeError`."""
    if not approve:
        said = Text("Materials are returned with a reason.", "退回必须说明原因。")
        _see_reason(desk, said, "--reason 公章不清晰")
    return await _decided(desk, number, approve, "approve", "return")


async def finish_route(desk: Desk, number: str) -> Outcome:
    """Finish the route ticket: it is written into the files. Raises `LifeError`."""
    return await _decided(desk, number, True, "route_done", "route_done")


async def decide_transfer(desk: Desk, number: str, *, done: bool) -> Outcome:
    """Finish a transfer, or refuse it. Raises `LifeError`."""
    return await _decided(desk, number, done, "transfer_done", "transfer_refused")


async def _decided(desk: Desk, number: str, good: bool, yes: DecisionKind, no: DecisionKind) -> Outcome:
    made = await decide(desk, number_of(number), yes if good else no)
    assert isinstance(made, Outcome)
    return made


def _see_reason(desk: Desk, said: Text, example: str) -> None:
    if not desk.reason:
        raise Unclear("no-reason", said, Text(example, example))
