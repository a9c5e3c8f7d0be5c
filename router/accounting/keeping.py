"""What a running router does for bills: numbers are suspended for arrears, and come back when the bill is paid.

Several routers on one store do not disturb each other: each number is moved once.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Final

from router.clock import Clock
from router.desk.desk import rules_of
from router.life.model import LifeError
from router.model import Configuration
from router.store import Store, StoreError

from .arrears import ACTOR, Settled, cuts_off, for_arrears, settle_arrears
from .books import read_books

log = logging.getLogger("line400.billing")

EVERY: Final = 600.0
"""Real seconds between two looks."""


class ArrearsKeeper:
    """Looks after arrears in ``store``, by the configuration that is in force when it looks."""

    def __init__(self, store: Store, configuration: Callable[[], Configuration], clock: Clock) -> None:
        self._store = store
        self._configuration = configuration
        self._clock = clock

    async def follow(self, every: float = EVERY) -> None:
        """Look again and again; a store that is away is tried again the next time."""
        while True:
            try:
                await self.settle()
            except StoreError as error:
                log.warning("arrears could not be looked at: %s", error.code)
            except LifeError as error:
                log.warning("a number is not moved for arrears: %s", error.message.en)
            await asyncio.sleep(every)

    async def settle(self) -> list[Settled]:
        """Suspend and resume what bills ask for now; what happened."""
        now = self._clock.now()
        configuration = self._configuration()
        self._store.rules = rules_of(configuration.settings)
        rules = configuration.settings.billing
        unpaid = await self._store.issued_bills(unpaid=True)
        due = any(cuts_off(bill, rules, now) for bill in unpaid)
        if not due and not any(for_arrears(life) for life in await self._store.lives(now)):
            return []
        done = await settle_arrears(self._store, await read_books(self._store, configuration, now), now, ACTOR)
        for one in done:
            log.info("%s: %s for %s", one.number, one.event, one.bill)
        return done
