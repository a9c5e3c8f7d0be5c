"""What a running router does for the lives of numbers: deadlines take effect, reminders are told, what is over goes.

Routing is right without it, since every look at a life lets its deadlines take effect. With it the store, the audit
and whoever is told of events follow within `EVERY` real seconds. Several routers on one store do not disturb each
other: each move is made once, in its own transaction.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Final

from router.clock import Clock
from router.life.model import LifeError
from router.life.reminding import Reminder, licence_reminders, life_reminders, stage_of
from router.model import Settings
from router.outside.events import Told
from router.store import Store, StoreError

from . import persons
from .decisions import take_in
from .desk import Desk, looking, rules_of

log = logging.getLogger("line400.life")

EVERY: Final = 15.0
"""Real seconds between two looks at what is due."""
CHORES_EVERY: Final = 3600.0
"""Real seconds between two rounds of reminders and retention; the first comes at the start."""
REMINDER: Final = "number.reminder"
SETTLED: Final = "number.deadline"
"""Names of the events that are told."""


class LifeKeeper:
    """Keeps the lives in ``store``. ``settings`` are asked anew each time, since a revision may change them; ``tell``
    is given what happened and what is to be reminded of, each stage of a reminder once per run of the router.
    ``vendor`` makes the desk, at a moment, of a vendor whose own office decides; it is asked each time what it did."""

    def __init__(
        self,
        store: Store,
        settings: Callable[[], Settings],
        clock: Clock,
        actor: str,
        tell: Callable[[Told], None] | None = None,
        vendor: Callable[[float], Desk] | None = None,
    ) -> None:
        self._store = store
        self._settings = settings
        self._clock = clock
        self._actor = actor
        self._tell = tell
        self._vendor = vendor
        self._reminded: dict[tuple[str, str, float], int] = {}

    async def follow(self, every: float = EVERY, chores_every: float = CHORES_EVERY) -> None:
        """Look again and again; a store that is away is tried again the next time."""
        loop = asyncio.get_running_loop()
        chores_at = loop.time()
        while True:
            try:
                await self.settle()
                await self.ask_vendor()
                if loop.time() >= chores_at:
                    chores_at = loop.time() + chores_every
                    await self.remind()
                    await self.purge()
            except StoreError as error:
                log.warning("the lives of numbers could not be looked at: %s", error.code)
            await asyncio.sleep(every)

    async def settle(self) -> int:
        """Let every deadline that is over take effect, each at its own moment; how many moves that were."""
        now = self._clock.now()
        rules = self._store.rules = rules_of(self._settings())
        steps = await self._store.settle_lives(now, now)
        for step in steps:
            life = step.after
            moment = datetime.fromtimestamp(step.at, rules.zone).isoformat(timespec="seconds")
            log.info("%s: %s at %s; it is %s", life.number, step.event, moment, life.state)
            data = {"move": step.event, "state": life.state, "before": step.before.state}
            self._say(SETTLED, life.number, step.at, data)
        return len(steps)

    async def ask_vendor(self) -> int:
        """Take in what the vendor's office decided; how many decisions. One that the rules do not allow is logged."""
        if self._vendor is None:
            return 0
        try:
            return len(await take_in(self._vendor(self._clock.now())))
        except LifeError as error:
            log.warning("a decision of the vendor is not taken in: %s", error.message.en)
            return 0

    async def remind(self) -> list[Reminder]:
        """Tell what is due soon and was not told at this stage; what was told."""
        now = self._clock.now()
        rules = rules_of(self._settings())
        found = [reminder for life in await self._store.lives(now) for reminder in life_reminders(life, now, rules)]
        found += licence_reminders(await self._store.qualifications(), now, rules)
        told: list[Reminder] = []
        known: dict[tuple[str, str, float], int] = {}
        for reminder in found:
            key = (reminder.code, reminder.subject, reminder.due)
            stage = known[key] = stage_of(reminder, now)
            if self._reminded.get(key) != stage:
                told.append(reminder)
                log.warning("%s", reminder.text.en)
                data = {"code": reminder.code, "subject": reminder.subject, "due": reminder.due}
                data |= {"text": {"en": reminder.text.en, "zh": reminder.text.zh}}
                self._say(REMINDER, reminder.subject, now, data)
        self._reminded = known
        return told

    async def purge(self) -> None:
        """Delete papers and persons that were kept for as long as the settings say."""
        now = self._clock.now()
        desk = looking(self._store, self._settings(), Path(), None, self._actor, now)
        gone = await persons.purge(desk)
        if gone.companies or gone.handlers:
            log.info("deleted by retention: %d companies, %d handlers", len(gone.companies), len(gone.handlers))

    def _say(self, event: str, subject: str, at: float, data: Mapping[str, object]) -> None:
        if self._tell is not None:
            self._tell(Told(event, "", subject if subject.startswith("400") else "", None, at, data))
