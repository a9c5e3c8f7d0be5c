"""Billable minutes out of the call records: summed by the database, or one call after the other, never all at once.

A started minute is a minute, counted from flow entry (`router.record.CallRecord.billable_minutes`, which says the same
of one record). A call is in the window in which its flow began. Test calls and calls that are still up are left out.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import BigInteger, ColumnElement, and_, case, cast, func, or_, select

from router.record import UNBILLED

from .base import StoreBase
from .billing_rows import BilledCall, LifeEvent
from .life_tables import lives
from .tables import audit, calls

Windows = Mapping[str, Sequence[tuple[float, float]]]
"""400 number → the windows (first moment inclusive, last exclusive) in which its calls are wanted."""

_CHUNK: Final = 500
_MINUTE_MS: Final = 60_000


class UsagePart(StoreBase):
    """What `router.store.Store` tells of use."""

    async def used_minutes(self, windows: Windows) -> dict[str, tuple[int, int]]:
        """Number → how many billable calls it had in its windows, and their started minutes."""
        found: dict[str, tuple[int, int]] = {}
        async with self._database.read() as connection:
            for condition in _conditions(windows):
                statement = (
                    select(calls.c.called, func.count(), func.sum(_minutes()))
                    .where(condition, _billable())
                    .group_by(calls.c.called)
                )
                for number, count, minutes in await connection.execute(statement):
                    known = found.get(number, (0, 0))
                    found[number] = (known[0] + int(count), known[1] + int(minutes))
        return found

    async def used_calls(self, windows: Windows) -> AsyncIterator[BilledCall]:
        """The billable calls in the windows, in the order in which their flows began. Read as they are taken."""
        conditions = list(_conditions(windows, chunk=None))
        if not conditions:
            return
        statement = (
            select(calls.c.called, calls.c.entered, _minutes())
            .where(or_(*conditions), _billable())
            .order_by(calls.c.entered, calls.c.call_id)
        )
        statement = statement.execution_options(yield_per=1_000)
        async with self._database.read() as connection, connection.stream(statement) as rows:
            async for number, entered, minutes in rows:
                yield BilledCall(number, entered, int(minutes))

    async def calls_up(self, windows: Windows) -> int:
        """How many calls whose flow began in the windows are not over: what they will cost is not known yet."""
        count = 0
        async with self._database.read() as connection:
            for condition in _conditions(windows):
                statement = select(func.count()).where(condition, calls.c.outcome.is_(None), calls.c.test.is_(False))
                count += int((await connection.execute(statement)).scalar_one())
        return count

    async def life_events(self) -> AsyncIterator[LifeEvent]:
        """The moves of every number's life, by number and in their order."""
        statement = (
            select(audit.c.subject, audit.c.before, audit.c.after)
            .join(lives, lives.c.number == audit.c.subject)
            .where(audit.c.action.startswith("life_", autoescape=True))
            .order_by(audit.c.subject, audit.c.id)
        )
        async with self._database.read() as connection:
            async for number, before, after in await connection.stream(statement):
                if after and "at" in after and before and "state" in before:
                    yield LifeEvent(number, after["at"], before["state"], after)


def _minutes() -> ColumnElement[int]:
    """The started minutes of a call that is over; to the millisecond, at least one."""
    lasted = cast(func.round((calls.c.ended - calls.c.entered) * 1000), BigInteger)
    return case((lasted <= 0, 1), else_=(lasted + (_MINUTE_MS - 1)) // _MINUTE_MS)


def _billable() -> ColumnElement[bool]:
    return and_(
        calls.c.test.is_(False),
        calls.c.outcome.is_not(None),
        calls.c.outcome.not_in(sorted(UNBILLED)),
        calls.c.ended.is_not(None),
    )


def _conditions(windows: Windows, chunk: int | None = _CHUNK) -> Iterator[ColumnElement[bool]]:
    """Conditions that the calls of each window meet: numbers with one window are asked for together."""
    numbers_of: dict[tuple[float, float], list[str]] = {}
    for number, own in windows.items():
        for window in own:
            numbers_of.setdefault(window, []).append(number)
    for (start, end), numbers in numbers_of.items():
        size = chunk or len(numbers)
        for first in range(0, len(numbers), size):
            yield and_(
                calls.c.called.in_(numbers[first : first + size]), calls.c.entered >= start, calls.c.entered < end
            )


def clipped(windows: Windows, start: float, end: float) -> dict[str, list[tuple[float, float]]]:
    """``windows`` as far as they lie between ``start`` and ``end``."""
    found: dict[str, list[tuple[float, float]]] = {}
    for number, own in windows.items():
        inside: list[Any] = [(max(first, start), min(last, end)) for first, last in own]
        kept = [window for window in inside if window[0] < window[1]]
        if kept:
            found[number] = kept
    return found
