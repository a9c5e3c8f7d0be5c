"""Deliveries to receivers of webhooks: made from what happened, tried until they succeed or are given up.

A delivery that is taken is not due again for `LEASE_S`: a router that dies with it leaves it to be tried again. So a
receiver is told at least once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, cast

from sqlalchemy import Row, delete, func, insert, select, update

from router.happenings import Happening

from .base import StoreBase
from .database import clean
from .telling import tell
from .webhook_tables import deliveries, happenings

DeliveryState = Literal["waiting", "delivered", "dead"]
LEASE_S: Final = 60.0
SPREAD_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True)
class Delivery:
    """One happening for one receiver. ``due``, ``ended``: epoch seconds; ``said``: why the last try failed."""

    id: int
    receiver: str
    happening: Happening
    state: DeliveryState
    tries: int
    due: float
    said: str | None
    ended: float | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a try ended: ``due`` is when the next one is, None for a delivery that is over."""

    id: int
    state: DeliveryState
    said: str | None
    due: float | None


_BOTH: Final = select(deliveries, *(column.label(f"h_{column.name}") for column in happenings.columns)).join(
    happenings, happenings.c.id == deliveries.c.happening
)


def _delivery(row: Row[*tuple[Any, ...]]) -> Delivery:
    happening = Happening(row.h_name, row.h_kind, row.h_subject, row.h_at, row.h_data)
    state = cast(DeliveryState, row.state)
    return Delivery(row.id, row.receiver, happening, state, row.tries, row.due, row.said, row.ended)


class WebhooksPart(StoreBase):
    """What `router.store.Store` does for webhooks."""

    async def tell(self, told: Sequence[Happening]) -> None:
        """Write down what happened; what is known already is not written again."""
        async with self._database.write() as connection:
            await tell(connection, self.backend, told)

    async def spread(self, receivers: Mapping[str, frozenset[str]], at: float) -> int:
        """Make a delivery for every receiver (name → kinds it wants) of what was written down and not spread yet; how
        many happenings were spread."""
        fresh = (
            select(happenings.c.id, happenings.c.kind)
            .where(happenings.c.spread.is_(False))
            .order_by(happenings.c.id)
            .limit(SPREAD_AT_ONCE)
            .with_for_update(skip_locked=True)
        )
        if not await self._any(select(happenings.c.id).where(happenings.c.spread.is_(False))):
            return 0
        async with self._database.write() as connection:
            found = (await connection.execute(fresh)).all()
            rows = [
                {"happening": row.id, "receiver": name, "state": "waiting", "tries": 0, "due": at}
                for row in found
                for name, kinds in receivers.items()
                if row.kind in kinds
            ]
            if rows:
                await connection.execute(insert(deliveries), rows)
            if found:
                ids = [row.id for row in found]
                await connection.execute(update(happenings).where(happenings.c.id.in_(ids)).values(spread=True))
        return len(found)

    async def take_deliveries(self, receiver: str, at: float, limit: int) -> list[Delivery]:
        """What is to be sent to ``receiver`` now, oldest first; nobody else gets it for `LEASE_S`."""
        mine = deliveries.c.receiver == receiver, deliveries.c.state == "waiting", deliveries.c.due <= at
        if not await self._any(select(deliveries.c.id).where(*mine)):
            return []
        wanted = (
            select(deliveries.c.id)
            .where(*mine)
            .order_by(deliveries.c.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        async with self._database.write() as connection:
            ids = (await connection.execute(wanted)).scalars().all()
            if not ids:
                return []
            later = update(deliveries).where(deliveries.c.id.in_(ids)).values(due=at + LEASE_S)
            await connection.execute(later)
            found = await connection.execute(_BOTH.where(deliveries.c.id.in_(ids)).order_by(deliveries.c.id))
            return [_delivery(row) for row in found]

    async def end_tries(self, outcomes: Iterable[Outcome], at: float) -> None:
        """Write down how tries ended."""
        async with self._database.write() as connection:
            for one in sorted(outcomes, key=lambda outcome: outcome.id):
                values: dict[str, Any] = {
                    "state": one.state,
                    "tries": deliveries.c.tries + 1,
                    "said": None if one.said is None else clean(one.said),
                    "ended": at if one.due is None else None,
                }
                if one.due is not None:
                    values["due"] = one.due
                same = deliveries.c.id == one.id, deliveries.c.state == "waiting"
                await connection.execute(update(deliveries).where(*same).values(values))

    async def count_deliveries(self) -> dict[tuple[str, str], int]:
        """How many deliveries of each receiver are in each state."""
        statement = select(deliveries.c.receiver, deliveries.c.state, func.count()).group_by(
            deliveries.c.receiver, deliveries.c.state
        )
        async with self._database.read() as connection:
            return {(row[0], row[1]): int(row[2]) for row in await connection.execute(statement)}

    async def deliveries(
        self,
        *,
        receiver: str | None = None,
        state: DeliveryState | None = None,
        before: int | None = None,
        limit: int = 100,
    ) -> list[Delivery]:
        """Deliveries, newest first; ``before``: those with a smaller id."""
        statement = _BOTH.order_by(deliveries.c.id.desc()).limit(limit)
        if receiver is not None:
            statement = statement.where(deliveries.c.receiver == receiver)
        if state is not None:
            statement = statement.where(deliveries.c.state == state)
        if before is not None:
            statement = statement.where(deliveries.c.id < before)
        async with self._database.read() as connection:
            return [_delivery(row) for row in await connection.execute(statement)]

    async def replay_deliveries(
        self,
        at: float,
        actor: str,
        now: float,
        reason: str | None = None,
        *,
        ids: Sequence[int] | None = None,
        receiver: str | None = None,
    ) -> int:
        """Send dead letters once more, all of them, those ``ids`` or those of one ``receiver``; how many."""
        terms = [deliveries.c.state == "dead"]
        if ids is not None:
            terms.append(deliveries.c.id.in_(ids))
        if receiver is not None:
            terms.append(deliveries.c.receiver == receiver)
        async with self._database.write() as connection:
            again = update(deliveries).where(*terms).values(state="waiting", tries=0, due=at, ended=None)
            count = (await connection.execute(again)).rowcount
            if count:
                subject = receiver or "webhooks"
                await self._audit(connection, actor, "replay_webhooks", subject, now, reason, None, {"count": count})
        return count

    async def forget_happenings(self, before: float) -> int:
        """Delete what happened before ``before``, with its deliveries, whatever became of them."""
        old = select(happenings.c.id).where(happenings.c.at < before)
        async with self._database.write() as connection:
            await connection.execute(delete(deliveries).where(deliveries.c.happening.in_(old)))
            return (await connection.execute(delete(happenings).where(happenings.c.at < before))).rowcount

    async def _any(self, statement: Any) -> bool:
        """Whether there is a row: a look that takes no lock, since there is nothing to do most of the time."""
        async with self._database.read() as connection:
            return (await connection.execute(statement.limit(1))).first() is not None
