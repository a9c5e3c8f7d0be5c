"""Call records: journaled when a call starts, closed once when it ends, found again.

A row is open while its ``outcome`` is null. Closing is one statement that only ever touches an open row (or one that
was given up for lost), so that whatever is sent twice, late or by two processes leaves one closed row.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from operator import ge, gt, le, lt
from typing import Any, Final

from sqlalchemy import (
    JSON,
    ColumnElement,
    Row,
    Select,
    and_,
    bindparam,
    case,
    false,
    func,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from ivr_flows.findings import Fault, Text
from router.happenings import CDR_READY, Telling, of_record
from router.left import Left
from router.record import CallRecord
from router.switch_calls import LOST_CAUSE, ROUTER_AWAY, ROUTER_LOST
from router.tried import Tried

from .base import StoreBase
from .database import clean, dumps
from .left_rows import LEFT, add_left, left_in, left_rows
from .rows import CallFilter
from .tables import calls, routers
from .telling import tell

_ROW_KEYS: Final = tuple(column.name for column in calls.columns)
_JSON: Final = frozenset(column.name for column in calls.columns if isinstance(column.type, JSON))
_KEPT: Final = frozenset({"call_id", "router_id"})
ASSUMED: Final = (ROUTER_LOST.code, ROUTER_AWAY.code)
"""Faults of records that were closed without the router that had the call: its own record replaces them."""


def row_of(record: CallRecord, router_id: str | None = None) -> dict[str, Any]:
    """The row of ``record`` as it is now; later changes to the record do not reach it."""
    fault = record.fault
    moments = (record.started, record.entered, record.answered, record.ended)
    return {
        "call_id": clean(record.call_id),
        "caller": _text(record.caller),
        "caller_kind": clean(record.caller_kind),
        "called": _text(record.called),
        "called_by": _text(record.called_by),
        "dialled": clean(record.dialled),
        "started": record.started,
        "base_number": _text(record.base_number),
        "line": _text(record.line),
        "trunk": _text(record.trunk),
        "flow": _text(record.flow),
        "revision": _text(record.revision),
        "rule": _text(record.rule),
        "test": record.test,
        "path": [clean(item) for item in record.path],
        "heard": [clean(item) for item in record.heard],
        "inputs": [clean(item) for item in record.inputs],
        "outcome": _text(record.outcome),
        "abandoned_in": _text(record.abandoned_in),
        "queue": _text(record.queue),
        "hangup_by": _text(record.hangup_by),
        "hangup_cause": record.hangup_cause,
        "fault_code": clean(fault.code) if fault else None,
        "fault_by": fault.by if fault else None,
        "fault_en": clean(fault.message.en) if fault else None,
        "fault_zh": clean(fault.message.zh) if fault else None,
        "entered": record.entered,
        "answered": record.answered,
        "ended": record.ended,
        "router_id": _text(router_id),
        "seen": max(moment for moment in moments if moment is not None),
        "agent": _text(record.agent),
        "tried": [[clean(tried.line), tried.result, tried.seconds] for tried in record.tried],
        "priority": record.priority,
        LEFT: left_rows(record),
    }


def _text(value: str | None) -> str | None:
    return None if value is None else clean(value)


def record_of(row: Row[*tuple[Any, ...]], left: tuple[Left, ...] = ()) -> CallRecord:
    """The record of a row of ``calls``, with what the caller left in the call."""
    return CallRecord(
        call_id=row.call_id,
        caller=row.caller,
        caller_kind=row.caller_kind,
        called=row.called,
        called_by=row.called_by,
        dialled=row.dialled,
        started=row.started,
        base_number=row.base_number,
        line=row.line,
        trunk=row.trunk,
        flow=row.flow,
        revision=row.revision,
        rule=row.rule,
        test=row.test,
        path=row.path,
        heard=row.heard,
        inputs=row.inputs,
        outcome=row.outcome,
        abandoned_in=row.abandoned_in,
        queue=row.queue,
        hangup_by=row.hangup_by,
        hangup_cause=row.hangup_cause,
        fault=Fault(row.fault_code, row.fault_by, Text(row.fault_en, row.fault_zh)) if row.fault_code else None,
        entered=row.entered,
        answered=row.answered,
        ended=row.ended,
        agent=row.agent,
        tried=tuple(Tried(line, result, seconds) for line, result, seconds in row.tried),
        priority=row.priority,
        left=left,
    )


def _conditions(wanted: CallFilter) -> ColumnElement[bool]:
    terms: list[ColumnElement[bool]] = []
    for name in ("called", "caller", "outcome", "line", "flow"):
        if (value := getattr(wanted, name)) is not None:
            terms.append(calls.c[name] == clean(value))
    if wanted.since is not None:
        terms.append(calls.c.started >= wanted.since)
    if wanted.until is not None:
        terms.append(calls.c.started < wanted.until)
    if wanted.test is not None:
        terms.append(calls.c.test.is_(wanted.test))
    if wanted.up is not None:
        terms.append(calls.c.outcome.is_(None) if wanted.up else calls.c.outcome.is_not(None))
    terms += _any_of(wanted)
    if wanted.after is not None:
        started, call_id = wanted.after
        same = and_(calls.c.started == started, _behind(calls.c.call_id, call_id, wanted))
        terms += [_behind(calls.c.started, started, wanted, or_equal=True), or_(calls.c.started != started, same)]
    return and_(True, *terms)


def _any_of(wanted: CallFilter) -> list[ColumnElement[bool]]:
    terms: list[ColumnElement[bool]] = []
    if wanted.numbers is not None:
        # Written into the statement: a company may have more numbers than a statement may have parameters.
        listed: Any = bindparam(
            None, [clean(number) for number in wanted.numbers], expanding=True, literal_execute=True
        )
        terms.append(calls.c.called.in_(listed))
    if wanted.queues is not None:
        terms.append(calls.c.queue.in_([clean(name) for name in wanted.queues]))
    if wanted.call_ids is not None:
        terms.append(calls.c.call_id.in_([clean(name) for name in wanted.call_ids]))
    if wanted.agent is not None:
        terms.append(calls.c.agent == clean(wanted.agent))
    if wanted.endings is not None:
        ways = [
            calls.c.outcome == outcome
            if where is None
            else and_(calls.c.outcome == outcome, calls.c.abandoned_in == where)
            for outcome, where in wanted.endings
        ]
        terms.append(or_(false(), *ways))
    return terms


def _behind(
    column: ColumnElement[Any], value: Any, wanted: CallFilter, *, or_equal: bool = False
) -> ColumnElement[bool]:
    compare = (ge if or_equal else gt) if wanted.oldest_first else (le if or_equal else lt)
    found: ColumnElement[bool] = compare(column, value)
    return found


@cache
def _upsert_of(backend: str, closing: bool) -> postgresql.Insert | sqlite.Insert:
    """The statement that writes call records, newer ones over older ones; making it costs more than running it."""
    insert = postgresql.insert(calls) if backend == "postgresql" else sqlite.insert(calls)
    fresh: dict[str, ColumnElement[Any]] = {name: insert.excluded[name] for name in _ROW_KEYS if name not in _KEPT}
    fresh["router_id"] = func.coalesce(insert.excluded.router_id, calls.c.router_id)
    unfinished = calls.c.outcome.is_(None)
    if closing:
        allowed = or_(unfinished, *(calls.c.fault_code == code for code in ASSUMED))
    else:
        allowed = and_(unfinished, insert.excluded.seen >= calls.c.seen)
    return insert.on_conflict_do_update(index_elements=["call_id"], set_=fresh, where=allowed)


@dataclass(frozen=True, slots=True)
class _Prepared:
    """An SQLite statement as the driver takes it; ``parameters`` are names of columns or, behind them, constants."""

    text: str
    parameters: tuple[str, ...]
    constants: Mapping[str, Any]

    def values(self, row: Mapping[str, Any]) -> tuple[Any, ...]:
        """What the driver is given for ``row``."""
        constants = self.constants
        return tuple(
            constants[name] if name in constants else dumps(row[name]) if name in _JSON else row[name]
            for name in self.parameters
        )


@cache
def _prepared(closing: bool) -> _Prepared:
    """The statement without the layers above the driver, which cost more for each call than SQLite itself."""
    statement = _upsert_of("sqlite", closing)
    compiled = statement.compile(dialect=sqlite.dialect(paramstyle="qmark"), column_keys=list(_ROW_KEYS))
    names = tuple(compiled.positiontup or ())
    constants = {name: compiled.params[name] for name in names if name not in _ROW_KEYS}
    return _Prepared(str(compiled), names, constants)


class CallsPart(StoreBase):
    """What `router.store.Store` does with call records."""

    async def journal(self, record: CallRecord, router_id: str) -> None:
        """Write down that a call is up, as far as ``record`` tells. Doing it again while the call is up brings the
        row to what is known now; a closed call is never reopened. Raises `StoreError`."""
        await self.write_calls([row_of(record, router_id)], [])

    async def close_call(self, record: CallRecord, router_id: str | None = None) -> None:
        """Close a call with its final record, journaled before or not. Closing again changes nothing, except that
        the real record replaces what `close_orphans` had to assume. Raises `StoreError`."""
        await self.write_calls([], [row_of(_ended(record), router_id)])

    async def save(self, record: CallRecord) -> None:
        """Write the finished record of a test run. Raises `StoreError`."""
        await self.close_call(record)

    async def write_calls(self, opened: Sequence[Mapping[str, Any]], finished: Sequence[Mapping[str, Any]]) -> None:
        """Journal the rows ``opened`` and close the rows ``finished`` (made by `row_of`), with what callers left in
        them, all in one transaction."""
        async with self._database.write() as connection:
            await self._upsert(connection, opened, closing=False)
            await self._upsert(connection, finished, closing=True)
            left = [item for row in (*opened, *finished) for item in row.get(LEFT, ())]
            if left:
                await add_left(connection, self._database.backend, left, self.retention)
            await tell_records(connection, self.backend, self.telling, [row["call_id"] for row in finished])

    async def _upsert(self, connection: AsyncConnection, rows: Sequence[Mapping[str, Any]], *, closing: bool) -> None:
        if not rows:
            return
        # In one order everywhere, so that two routers writing the same calls cannot wait for each other in a circle.
        ordered = sorted(rows, key=lambda row: row["call_id"])
        if self._database.backend == "sqlite":
            prepared = _prepared(closing)
            await connection.exec_driver_sql(prepared.text, [prepared.values(row) for row in ordered])
            return
        bare = [{name: value for name, value in row.items() if name != LEFT} for row in ordered]
        await connection.execute(_upsert_of(self._database.backend, closing), bare)

    async def orphans(self, router_id: str | None = None) -> list[CallRecord]:
        """The calls that are still open, of one router or of all, oldest first."""
        statement = select(calls).where(calls.c.outcome.is_(None)).order_by(calls.c.started, calls.c.call_id)
        if router_id is not None:
            statement = statement.where(calls.c.router_id == router_id)
        return await self._records(statement)

    async def close_orphans(self, router_id: str | None, at: float, exclude: Collection[str] = frozenset()) -> int:
        """Close the calls that a dead router (None: any router) left open, except ``exclude``; how many there were.

        They become ``failed`` with the fault ``router_lost`` by line400, cause 41, and end when they were last known
        to be up: at the record's latest moment or the router's last heartbeat, never after ``at``. Each is closed
        once, however many processes try at the same time.
        """
        latest, earliest = (
            (func.greatest, func.least) if self._database.backend == "postgresql" else (func.max, func.min)
        )
        # A router that started again before this was called is alive, but was not when it lost the call.
        alive = case((routers.c.started <= calls.c.started, routers.c.heartbeat), else_=routers.c.previous)
        heartbeat = select(alive).where(routers.c.router_id == calls.c.router_id).scalar_subquery()
        known = latest(calls.c.seen, func.coalesce(heartbeat, calls.c.seen))
        terms = [calls.c.outcome.is_(None), calls.c.started <= at]
        if router_id is not None:
            terms.append(calls.c.router_id == router_id)
        async with self._database.write() as connection:
            found = (await connection.execute(select(calls.c.call_id).where(*terms))).scalars()
            left = [call_id for call_id in found if call_id not in exclude]
            count = 0
            for chunk in _chunks(left, 500):
                result = await connection.execute(
                    update(calls)
                    .where(calls.c.call_id.in_(chunk), *terms)
                    .values(
                        outcome="failed",
                        hangup_by="line400",
                        hangup_cause=LOST_CAUSE,
                        fault_code=ROUTER_LOST.code,
                        fault_by=ROUTER_LOST.by,
                        fault_en=ROUTER_LOST.message.en,
                        fault_zh=ROUTER_LOST.message.zh,
                        ended=earliest(known, literal(at)),
                    )
                )
                count += result.rowcount
            await tell_records(connection, self.backend, self.telling, left)
        return count

    async def query_calls(self, wanted: CallFilter | None = None) -> list[CallRecord]:
        """The calls that ``wanted`` asks for, in its order."""
        wanted = wanted or CallFilter()
        order = (calls.c.started, calls.c.call_id)
        ordered = order if wanted.oldest_first else [column.desc() for column in order]
        statement = select(calls).where(_conditions(wanted)).order_by(*ordered)
        if wanted.limit is not None or wanted.offset:
            # SQLite takes an offset only together with a limit.
            statement = statement.limit(wanted.limit if wanted.limit is not None else 2**62).offset(wanted.offset)
        return await self._records(statement)

    async def count_calls(self, wanted: CallFilter | None = None) -> int:
        """How many calls ``wanted`` asks for; its limit and offset do not count."""
        statement = select(func.count()).select_from(calls).where(_conditions(wanted or CallFilter()))
        async with self._database.read() as connection:
            return int((await connection.execute(statement)).scalar_one())

    async def count_by_outcome(self, wanted: CallFilter | None = None) -> dict[str, int]:
        """How many calls of each outcome; calls that are up count as ``up``."""
        name = case((calls.c.outcome.is_(None), "up"), else_=calls.c.outcome)
        statement = select(name, func.count()).where(_conditions(wanted or CallFilter())).group_by(name).order_by(name)
        async with self._database.read() as connection:
            return {row[0]: int(row[1]) for row in await connection.execute(statement)}

    async def get_call(self, call_id: str) -> CallRecord | None:
        """One call, or None."""
        found = await self._records(select(calls).where(calls.c.call_id == clean(call_id)))
        return found[0] if found else None

    async def _records(self, statement: Select[*tuple[Any, ...]]) -> list[CallRecord]:
        async with self._database.read() as connection:
            rows = (await connection.execute(statement)).all()
            left = await left_in(connection, statement.with_only_columns(calls.c.call_id)) if rows else {}
            return [record_of(row, left.get(row.call_id, ())) for row in rows]


async def tell_records(connection: AsyncConnection, backend: str, telling: Telling, call_ids: Sequence[str]) -> None:
    """Write down for the receivers of webhooks, where there are any, that the records of these calls are there."""
    if CDR_READY not in telling.kinds:
        return
    for chunk in _chunks(call_ids, 500):
        statement = select(calls).where(
            calls.c.call_id.in_(chunk), calls.c.outcome.is_not(None), calls.c.test.is_(False)
        )
        rows = (await connection.execute(statement)).all()
        left = await left_in(connection, statement.with_only_columns(calls.c.call_id)) if rows else {}
        told = [
            of_record(record_of(row, left.get(row.call_id, ())), telling.zone, assumed=row.fault_code in ASSUMED)
            for row in rows
        ]
        await tell(connection, backend, told)


def _ended(record: CallRecord) -> CallRecord:
    if record.outcome is None or record.ended is None:
        raise ValueError(f"call {record.call_id} is still up: it has no outcome or no end")
    return record


def _chunks(items: Sequence[str], size: int) -> Iterable[Sequence[str]]:
    return (items[start : start + size] for start in range(0, len(items), size))
