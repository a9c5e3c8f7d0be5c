"""Counting live calls for the caps of numbers: those that are up, and those of the month that the store knows.

A call counts from the moment it is connected to a flow or a forwarding; test calls never count (CONTRACT). Month counts
are read when the router starts and when a revision brings numbers with such a cap; until they are there, and when
the store cannot be read, only calls since the start count.
"""

from __future__ import annotations

import logging
from datetime import datetime, tzinfo

from ..book import RouteBook
from ..record import UNBILLED, CallRecord
from ..store import CallFilter, Store, StoreError
from ..traffic import Traffic, month_of

log = logging.getLogger("line400.service")


class CallCounter:
    """Keeps ``traffic`` for the router of one store."""

    def __init__(self, traffic: Traffic, zone: tzinfo) -> None:
        self.traffic = traffic
        self.zone = zone
        self._up: dict[str, str] = {}
        self._known: set[tuple[str, str]] = set()
        self._began: float | None = None

    def connected(self, record: CallRecord) -> None:
        """The call of ``record`` has begun; one that is a test, or that is not connected, does not count."""
        number = record.called
        if record.test or number is None or record.entered is None or record.call_id in self._up:
            return
        self._up[record.call_id] = number
        self.traffic.connect(number, record.started, self.zone)

    def ended(self, record: CallRecord) -> None:
        """The call of ``record`` is over."""
        number = self._up.pop(record.call_id, None)
        if number is not None:
            self.traffic.leave(number)

    async def learn(self, book: RouteBook, store: Store, at: float) -> None:
        """Add to the capped numbers of ``book`` the calls that they had in the month of ``at`` before this router
        began; its own are counted already."""
        if self._began is None:
            self._began = at
        month = month_of(at, book.zone)
        local = datetime.fromtimestamp(at, book.zone)
        first = local.replace(day=1, hour=0, minute=0, second=0, microsecond=0).timestamp()
        for number in book.capped_by_month():
            if (number, month) in self._known:
                continue
            wanted = CallFilter(called=number, since=first, until=self._began, test=False)
            try:
                outcomes = await store.count_by_outcome(wanted)
            except StoreError as error:
                log.warning("calls of the month could not be counted: %s", error.code)
                return
            self._known.add((number, month))
            before = sum(count for outcome, count in outcomes.items() if outcome not in UNBILLED)
            self.traffic.months[number, month] += before
