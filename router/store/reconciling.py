"""Closing calls by what the switch itself recorded of them.

The place up to which its file was read, and what came of what was read, are one transaction: a router that dies in
between reads the same lines again, and two routers that read one file do not both take a line. Taking a line twice
would change nothing either, since a call is one row.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from router.outbound import CODE
from router.record import CallRecord
from router.switch_calls import ROUTER_LOST, SwitchRefusal

from .base import StoreBase, audit_row
from .calls import ASSUMED, row_of, tell_records
from .database import clean
from .left_rows import LEFT
from .tables import audit, calls, switch_files

_AT_ONCE: Final = 500
REFUSE_OUTBOUND: Final = "refuse_outbound"
"""The action of the audit that tells of a leg which would have shown a 400 number."""


@dataclass(frozen=True, slots=True)
class ReadUpTo:
    """``read`` bytes of the file whose first line has the digest ``head``."""

    head: str
    read: int


@dataclass(frozen=True, slots=True)
class Reconciled:
    """How many calls got a record that had none (``made``), and how many records that were open or closed on an
    assumption say what the switch knows (``mended``). ``refused``: legs that the switch refused and of which nobody had
    told yet."""

    made: int
    mended: int
    refused: int = 0


class ReconcilingPart(StoreBase):
    """What `router.store.Store` does with the call records of a switch."""

    async def switch_file(self, name: str) -> ReadUpTo | None:
        """How far the file of ``name`` was read; None: not at all."""
        async with self._database.read() as connection:
            found = (await connection.execute(select(switch_files).where(switch_files.c.name == name))).one_or_none()
        return None if found is None else ReadUpTo(found.head, found.read)

    async def reconcile(
        self,
        name: str,
        before: ReadUpTo | None,
        after: ReadUpTo,
        records: Sequence[CallRecord],
        refused: Sequence[SwitchRefusal] = (),
        actor: str = "",
    ) -> Reconciled | None:
        """Take over ``records``, made from what lies between ``before`` and ``after`` of the file ``name``. None:
        somebody else has read on, and nothing was done.

        A call without a row gets the record. A row that is open, or was closed on an assumption, gets its end, its
        outcome and the fault ``router_lost``; what the router had journaled of it stays. A row that a router closed
        stays as it is. Of the legs ``refused`` the audit of ``actor`` tells, unless it does already.
        """
        async with self._database.write() as connection:
            if not await self._read_on(connection, name, before, after):
                return None
            made = mended = 0
            for start in range(0, len(records), _AT_ONCE):
                some = {clean(record.call_id): record for record in records[start : start + _AT_ONCE]}
                found = await connection.execute(select(calls).where(calls.c.call_id.in_(some)))
                known = {row.call_id: row for row in found}
                for call_id, record in sorted(some.items()):
                    if call_id not in known:
                        made += await self._make(connection, record)
                    elif known[call_id].outcome is None or known[call_id].fault_code in ASSUMED:
                        mended += await self._mend(connection, known[call_id], record)
            told = [clean(record.call_id) for record in records]
            await tell_records(connection, self.backend, self.telling, told)
            return Reconciled(made, mended, await self._audit_refused(connection, refused, actor))

    async def audit_refused(self, leg: SwitchRefusal, actor: str) -> None:
        """Write down a leg that the switch refused. Whoever tells of it, and however often: once."""
        async with self._database.write() as connection:
            await self._audit_refused(connection, [leg], actor)

    async def _audit_refused(self, connection: AsyncConnection, legs: Iterable[SwitchRefusal], actor: str) -> int:
        """How many were new."""
        insertion = postgresql.insert if self._database.backend == "postgresql" else sqlite.insert
        new = 0
        for leg in legs:
            row = audit_row(actor, REFUSE_OUTBOUND, leg.presented, leg.at, CODE, None, {"source": leg.source})
            row["told_as"] = clean(f"{REFUSE_OUTBOUND} {leg.uniqueid}") if leg.uniqueid else None
            done = await connection.execute(insertion(audit).values(row).on_conflict_do_nothing())
            new += done.rowcount
        return new

    async def _read_on(self, connection: AsyncConnection, name: str, before: ReadUpTo | None, after: ReadUpTo) -> bool:
        if before is None:
            insertion = postgresql.insert if self._database.backend == "postgresql" else sqlite.insert
            new = insertion(switch_files).values(name=name, head=after.head, read=after.read)
            return (await connection.execute(new.on_conflict_do_nothing())).rowcount == 1
        same = switch_files.c.head == before.head, switch_files.c.read == before.read
        moved = update(switch_files).where(switch_files.c.name == name, *same).values(head=after.head, read=after.read)
        return (await connection.execute(moved)).rowcount == 1

    async def _make(self, connection: AsyncConnection, record: CallRecord) -> int:
        insertion = postgresql.insert if self._database.backend == "postgresql" else sqlite.insert
        row = {name: value for name, value in row_of(record).items() if name != LEFT}
        done = await connection.execute(insertion(calls).values(row).on_conflict_do_nothing())
        return done.rowcount

    async def _mend(self, connection: AsyncConnection, row: Any, record: CallRecord) -> int:
        away = row.fault_code not in (None, ROUTER_LOST.code)
        outcome = record.outcome
        if not away and outcome in ("abandoned", "failed"):
            # Journaled by a router: it had begun, and whether it had spoken with somebody is known better there.
            outcome = "answered" if row.answered is not None else "failed"
        fault = record.fault if away else ROUTER_LOST
        assert fault is not None, "a record that the switch tells of has a fault"
        values: dict[str, Any] = {
            "outcome": outcome,
            "hangup_by": record.hangup_by,
            "hangup_cause": record.hangup_cause,
            "fault_code": fault.code,
            "fault_by": fault.by,
            "fault_en": fault.message.en,
            "fault_zh": fault.message.zh,
            "ended": record.ended,
        }
        if outcome == "answered" and row.answered is None:
            values["answered"] = record.answered
        new = [item for item in record.heard if item not in row.heard]
        if new:
            values["heard"] = [*row.heard, *new]
        assumed = or_(calls.c.outcome.is_(None), calls.c.fault_code.in_(ASSUMED))
        done = await connection.execute(update(calls).where(calls.c.call_id == row.call_id, assumed).values(**values))
        return done.rowcount
