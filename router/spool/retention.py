"""Deleting what is over: what callers left and what flows keep of them, when the time that the settings give is up."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass

from router.model import Retention
from router.store import InboxEntry, Store, StoreError

from .files import Spool

log = logging.getLogger("line400.service")

WHY = "retention"
"""The reason that the audit shows."""


@dataclass(slots=True)
class Purged:
    """What was deleted: ``entries`` of the inbox, their ``files``, callers of whom something was kept. ``stuck``
    entries stay, since their file could not be deleted."""

    entries: int = 0
    files: int = 0
    callers: int = 0
    stuck: int = 0


async def delete_entry(store: Store, spool: Spool, entry: InboxEntry, actor: str, at: float, reason: str | None) -> int:
    """Delete what lies on disk of ``entry``, then the entry; how many files there were. Raises `OSError`, with the
    entry still there, and `StoreError`."""
    files = await asyncio.to_thread(spool.delete, entry.file) if entry.file else 0
    await store.delete_left(entry.id, actor, at, reason)
    return files


async def purge(store: Store, spool: Spool, retention: Retention, at: float, actor: str) -> Purged:
    """Delete everything whose time is over at ``at``. Raises `StoreError`; what is deleted by then stays deleted."""
    done = Purged()
    for entry in await store.date_left(retention, at):
        try:
            done.files += await delete_entry(store, spool, entry, actor, at, WHY)
            done.entries += 1
        except OSError as error:
            done.stuck += 1
            log.warning("entry %d of the inbox stays: its file cannot be deleted (%s)", entry.id, type(error).__name__)
        except StoreError as error:
            if error.code != "unknown_entry":  # another router was quicker
                raise
    done.callers = await store.forget_callers(at)
    return done
