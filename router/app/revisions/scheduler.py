"""Scheduled revisions, carried out by the routers that run: at the moment by the store's clock, judged again, once."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from ivr_flows.findings import Text
from router.asterisk.background import described
from router.flow_environment import BookError
from router.store import Conflict, Scheduled, Store, StoreError

from ..invocation import Invocation
from ..problems import Problem
from .gates import Overrides
from .pipeline import Judgement, refusal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from router.store import RevisionContent

POLL_SECONDS = 1.0
LEASE_SECONDS = 120.0
"""How long a router may take to judge before another one may."""

log = logging.getLogger("line400.serve")


async def follow_schedules(invocation: Invocation, store: Store, router_id: str) -> None:
    """Carry out what is due, for ever. A store that is away is looked for again."""
    while True:
        wait = POLL_SECONDS
        try:
            wait = await carry_out_next(invocation, store, router_id)
        except StoreError as error:
            log.warning("schedules cannot be read: %s", error.code)
        await asyncio.sleep(min(max(wait, 0.02), POLL_SECONDS))


async def carry_out_next(invocation: Invocation, store: Store, router_id: str) -> float:
    """Carry out the next scheduled revision if it is due; the seconds until there may be something to do."""
    found = await store.next_due()
    if found is None:
        return POLL_SECONDS
    item, left = found
    if left > 0:
        return left
    if not await store.claim_schedule(item.id, router_id, LEASE_SECONDS):
        return POLL_SECONDS
    refused = await _refused(invocation, store, item)
    now = await store.moment()
    try:
        if refused is None:
            made = await store.apply_schedule(item.id, router_id, now)
            log.info("scheduled revision %s is in force", made.revision)
            return 0.0
    except Conflict as conflict:
        refused = conflict.message
    await store.refuse_schedule(item.id, router_id, refused, now)
    log.error("scheduled revision %s is refused: %s", item.revision, refused.en)
    return 0.0


async def _refused(invocation: Invocation, store: Store, item: Scheduled) -> Text | None:
    """Why the revision may not come into force; None where it may."""
    content = await store.get_revision(item.revision)
    scenarios = await store.scenarios_of(item.id)
    current = await store.current()
    before = None if current is None else await store.get_revision(current.revision)
    try:
        judged = await asyncio.to_thread(_judge, invocation, content.files, scenarios, before, item.overrides)
    except (Problem, BookError) as error:
        return error.message
    except StoreError:
        raise
    except Exception as error:  # whatever it is: the schedule must not be tried for ever, and others must go on
        log.exception("scheduled revision %s cannot be judged", item.revision)
        why = described(error)
        return Text(f"It cannot be judged: {why}.", f"无法检查：{why}。")
    return refusal(judged).message if judged.refusing else None


def _judge(
    invocation: Invocation,
    files: Mapping[str, bytes],
    scenarios: Mapping[str, bytes],
    current: RevisionContent | None,
    overrides: Mapping[str, str],
) -> Judgement:
    from router.configuration import TableCache

    from .candidate import from_content
    from .gates import LINT
    from .pipeline import judge

    tables = TableCache()
    candidate = from_content(invocation, files, scenarios, tables, pass_lint=LINT in overrides)
    return judge(invocation, candidate, current, tables, overrides=Overrides(overrides), behaviour=False)
