"""Numbers' lives in the store. Each event is one transaction: the life, the state that routing reads, the audit."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, cast

from sqlalchemy import Row, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from router.happenings import NUMBER_STATE, Happening
from router.life.machine import Step, advance, coming_states, due, settle
from router.life.materials import REQUIRED
from router.life.model import Life, LifeError, Request, Rules, Stage
from router.life.qualification import may_own
from router.life.table import BY_PAIR, EventName

from .base import clean_json
from .database import clean
from .life_tables import life_files, lives, qualifications
from .qualifications import QualificationsPart, _value
from .tables import number_states
from .telling import tell

TIME = "time"
"""The actor of what time alone does."""


@dataclass(frozen=True, slots=True)
class Happened:
    """The life after an event, and the moves that were made: those of time first. None: nothing was to do."""

    life: Life
    steps: tuple[Step, ...]


def _life(row: Row[*tuple[Any, ...]]) -> Life:
    return Life.of(row.number, cast(Stage, row.state), row.since, row.owner, dict(row.facts))


class LivesPart(QualificationsPart):
    """What `router.store.Store` does with the lives of numbers."""

    rules: Rules = Rules()
    """Zone and periods; whoever knows the settings sets them."""

    async def life(self, number: str, at: float) -> Life | None:
        """The life of ``number`` as it is at ``at``, deadlines that are over having taken effect; nothing is written.
        None where the store runs no life of it."""
        async with self._database.read() as connection:
            row = (await connection.execute(select(lives).where(lives.c.number == clean(number)))).one_or_none()
        return None if row is None else _last(_life(row), settle(_life(row), at, self.rules))

    async def lives(self, at: float) -> list[Life]:
        """Every life, as it is at ``at``, by number."""
        async with self._database.read() as connection:
            rows = (await connection.execute(select(lives).order_by(lives.c.number))).all()
        return [_last(_life(row), settle(_life(row), at, self.rules)) for row in rows]

    async def settle_lives(self, at: float, now: float) -> list[Step]:
        """Let every deadline that is over at ``at`` take effect; what happened."""
        statement = select(lives.c.number).where(lives.c.due <= at).order_by(lives.c.number)
        async with self._database.read() as connection:
            numbers = (await connection.execute(statement)).scalars().all()
        steps: list[Step] = []
        for number in numbers:
            async with self._change() as connection:
                life = await self._locked(connection, number)
                if life is not None:
                    steps += await self._settled(connection, life, at, now)
        return steps

    async def happen(
        self,
        number: str,
        event: EventName,
        request: Request,
        at: float,
        actor: str,
        now: float,
        *,
        seed: Life | None = None,
        before: tuple[EventName, ...] = (),
    ) -> Happened:
        """Let ``event`` happen to ``number`` at the moment ``at``; ``now`` is what the audit is stamped with.

        Deadlines that are over take effect first, and stay when the event is refused. ``seed`` is the life of a number
        that the store runs none of (one that the configuration knows). ``before``: events that go ahead of this one in
        the same transaction where the state asks for them. An application or a submission that was made already is not
        made twice. Raises `LifeError`.
        """
        refused: LifeError | None = None
        steps: list[Step] = []
        async with self._change() as connection:
            life = await self._locked(connection, number)
            if life is None:
                # What time did before the store ran this life is no event of it.
                life = await self._first(connection, number, seed)
                life = _last(life, settle(life, at, self.rules))
            else:
                steps += await self._settled(connection, life, at, now)
                life = _last(life, steps)
            if _repeated(life, event, request):
                return Happened(life, tuple(steps))
            request = await self._filled(connection, life, event, request, at)
            made: list[Step] = []
            try:
                for earlier in before:
                    if _possible(life, earlier):
                        made.append(advance(life, earlier, request, at, self.rules))
                        life = made[-1].after
                made.append(advance(life, event, request, at, self.rules))
            except LifeError as error:
                refused = error
            else:
                for step in made:
                    await self._write(connection, step, actor, now, request.reason)
                steps += made
                life = steps[-1].after
        if refused is not None:
            raise refused
        return Happened(life, tuple(steps))

    async def _first(self, connection: AsyncConnection, number: str, seed: Life | None) -> Life:
        """The life of a number that has no row: what the store's state says, else the seed, else it is in stock."""
        found = await connection.execute(select(number_states).where(number_states.c.number == number))
        known = found.one_or_none()
        if known is None:
            return seed or Life(number)
        return replace(seed or Life(number), state=cast(Stage, known.state), since=known.since)

    async def _settled(self, connection: AsyncConnection, life: Life, at: float, now: float) -> list[Step]:
        steps = settle(life, at, self.rules)
        for step in steps:
            await self._write(connection, step, TIME, now, "")
        return steps

    async def _filled(
        self, connection: AsyncConnection, life: Life, event: EventName, request: Request, at: float
    ) -> Request:
        """``request`` with what only the store knows, read in this transaction."""
        if event in ("apply", "transfer"):
            found = select(qualifications).where(qualifications.c.id == request.owner)
            row = (await connection.execute(found)).one_or_none()
            return replace(request, qualified=may_own(None if row is None else _value(row), at, self.rules.zone))
        if event == "transfer_done":
            found = select(qualifications).where(qualifications.c.id == life.target)
            row = (await connection.execute(found)).one_or_none()
            return replace(request, qualified=may_own(None if row is None else _value(row), at, self.rules.zone))
        if event == "materials":
            kinds = select(life_files.c.kind).where(life_files.c.subject == life.application)
            there = set((await connection.execute(kinds)).scalars())
            return replace(request, missing=tuple(kind for kind in request.required or REQUIRED if kind not in there))
        return request

    async def _write(self, connection: AsyncConnection, step: Step, actor: str, now: float, reason: str) -> None:
        life = step.after
        coming = due(life, self.rules)
        values = {
            "number": life.number,
            "state": life.state,
            "since": life.since,
            "owner": life.owner,
            "facts": clean_json(life.as_json()),
            "due": None if coming is None else coming[0],
            "coming": [list(pair) for pair in coming_states(life, self.rules)],
        }
        upsert = postgresql.insert if self.backend == "postgresql" else sqlite.insert
        written = upsert(lives).values(values)
        fresh = {name: written.excluded[name] for name in values if name != "number"}
        await connection.execute(written.on_conflict_do_update(index_elements=["number"], set_=fresh))
        state = {"number": life.number, "state": life.state, "since": life.since, "by": clean(actor)}
        shown = upsert(number_states).values(state)
        fresh = {name: shown.excluded[name] for name in ("state", "since", "by")}
        await connection.execute(shown.on_conflict_do_update(index_elements=["number"], set_=fresh))
        if step.before.owner is not None and step.before.owner != life.owner:
            await self._left(connection, step.before.owner, step.at)
        if step.before.application and step.before.application != life.application:
            # Documents of an ownership that is over are of no use to anybody, and personal.
            await connection.execute(delete(life_files).where(life_files.c.subject == step.before.application))
        if step.before.state != life.state:
            # `now` tells apart what happened at the same moment of a rehearsal.
            facts = {"number": life.number, "before": step.before.state, "state": life.state, "event": step.event}
            name = f"{life.number}/{step.event}/{step.at!r}/{now!r}"
            await tell(connection, self.backend, [Happening(name, NUMBER_STATE, life.number, step.at, facts)])
        told, after = _difference(step)
        await self._audit(
            connection, actor, f"life_{step.event}", life.number, now, reason or None, told, after | {"at": step.at}
        )

    @staticmethod
    async def _left(connection: AsyncConnection, owner: int, at: float) -> None:
        """Remember when a number left its owner: from then on the papers are kept for as long as the settings say."""
        same = qualifications.c.id == owner
        facts = (await connection.execute(select(qualifications.c.facts).where(same))).scalar_one()
        await connection.execute(update(qualifications).where(same).values(facts={**facts, "left": at}))

    @staticmethod
    async def _locked(connection: AsyncConnection, number: str) -> Life | None:
        found = select(lives).where(lives.c.number == clean(number)).with_for_update()
        row = (await connection.execute(found)).one_or_none()
        return None if row is None else _life(row)


def _last(life: Life, steps: list[Step]) -> Life:
    return steps[-1].after if steps else life


def _possible(life: Life, event: EventName) -> bool:
    return (life.state, event) in BY_PAIR


def _repeated(life: Life, event: EventName, request: Request) -> bool:
    """Whether ``event`` has happened already, so that asking for it again changes nothing."""
    match event:
        case "apply":
            return life.state == "reserved" and life.owner is not None and life.owner == request.owner
        case "materials":
            return life.state in ("submitted", "review")
        case "approve":
            return life.state in ("opened", "routed", "bound")
        case "order_route":
            return life.ticket is not None and life.ticket.done is None and life.ticket.plan == request.plan
        case "route_done":
            return life.state in ("routed", "bound") and life.ticket is not None and life.ticket.done is not None
        case "instance" | "bind":
            same = life.flow == request.flow and request.instance in (None, life.instance)
            return (same and life.state == "bound") or (same and event == "instance" and life.state == "opened")
        case "unbind":
            return life.state == "routed" and life.flow is None
        case "suspend" | "release":
            return life.state == ("suspended" if event == "suspend" else "released")
        case "transfer":
            return life.state == "transferring" and life.target == request.owner
        case "transfer_done":
            return life.moved is not None and life.state in ("opened", "routed", "bound")
        case _:
            return False


def _difference(step: Step) -> tuple[dict[str, Any], dict[str, Any]]:
    """What a move changed, for the audit; nothing personal."""
    before, after = ({"state": life.state, "owner": life.owner, **life.as_json()} for life in (step.before, step.after))
    changed = [name for name in after if after[name] != before[name] and name not in ("handler", "said")]
    names = ["state", *(name for name in changed if name != "state")]
    return {name: before[name] for name in names}, {name: after[name] for name in names}
