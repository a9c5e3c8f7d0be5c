"""After an apply: back to the revision before it, by itself, when too many real calls fail by our fault."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from router.model import ApplyWatch
from router.store import Conflict, Store, StoreError

WatchOf = Callable[[str], ApplyWatch | None]
"""How the revision of a name is looked after; None: not at all, or it does not run here."""
ACTOR = "line400"
POLL_SECONDS = 2.0
log = logging.getLogger("line400.serve")


async def guard_revisions(store: Store, watch_of: WatchOf) -> None:
    """Look after the current revision, for ever. ``watch_of`` says how, by the revision's own settings."""
    while True:
        try:
            await guard_once(store, watch_of)
        except StoreError as error:
            log.warning("the current revision cannot be looked after: %s", error.code)
        await asyncio.sleep(POLL_SECONDS)


async def guard_once(store: Store, watch_of: WatchOf) -> str | None:
    """Judge the calls of the current revision; the revision returned to, None where all is well.

    Only a revision that came by an apply and took another one's place is looked after, for as long as its settings
    say. One router of many takes it back."""
    newest = await store.activations(2)
    if len(newest) < 2 or newest[0].kind != "apply" or newest[0].revision == newest[1].revision:
        return None
    now, before = newest
    watch = watch_of(now.revision)
    if watch is None or await store.moment() >= now.at + watch.seconds:
        return None
    seen = await store.live_outcomes(now.revision, now.at)
    if seen.calls < watch.min_calls or seen.failed * 100.0 <= watch.failure_rate * seen.calls:
        return None
    reason = (
        f"{seen.failed} of {seen.calls} calls failed (more than {watch.failure_rate:g}%)"
        f" / {seen.calls} 通来电中有 {seen.failed} 通失败（超过 {watch.failure_rate:g}%）"
    )
    try:
        await store.activate(
            before.revision, ACTOR, reason, await store.moment(), "rollback", expected_current=now.revision
        )
    except Conflict:
        return None
    log.error("revision %s is taken back: %s", now.revision, reason)
    return before.revision
