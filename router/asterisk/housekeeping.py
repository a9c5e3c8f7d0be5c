"""What a router does now and then beside the calls: deleting what callers left when its time is over."""

from __future__ import annotations

import asyncio
import logging

from ..clock import Clock
from ..model import Settings
from ..spool import Spool, purge
from ..store import Store, StoreError

log = logging.getLogger("line400.service")

EVERY = 3600.0
"""Real seconds between two times; the first comes `FIRST` behind the start."""
FIRST = 60.0


async def keep_house(store: Store, settings: Settings, clock: Clock, actor: str, first: float = FIRST) -> None:
    """Delete what is over, again and again; a store that is away is tried again the next time."""
    spool = Spool(settings.recordings)
    await asyncio.sleep(first)
    while True:
        try:
            done = await purge(store, spool, settings.retention, clock.now(), actor)
        except StoreError as error:
            log.warning("what is over could not be deleted: %s", error.code)
        else:
            if done.entries or done.callers:
                log.info(
                    "deleted by retention: %d entries, %d files, %d callers", done.entries, done.files, done.callers
                )
        await asyncio.sleep(EVERY)
