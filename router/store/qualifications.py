"""Qualifications and handlers in the store. What is personal comes sealed and goes sealed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

from sqlalchemy import Row, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ivr_flows.findings import Text
from router.life.model import LifeError
from router.life.qualification import Qualification, QualificationState

from .base import StoreBase, clean_json
from .database import clean
from .life_tables import handlers, life_files, lives, qualifications


@dataclass(frozen=True, slots=True)
class LifeFile:
    """A scan or document. ``sealed`` is its encrypted content, ``digest`` that of the clear one."""

    kind: str
    name: str
    media: str
    pages: int
    size: int
    digest: str
    sealed: bytes
    added: float = 0.0
    by: str = ""

    def facts(self) -> dict[str, Any]:
        """What audit and JSON show of it."""
        return {"kind": self.kind, "media": self.media, "pages": self.pages, "size": self.size, "digest": self.digest}


@dataclass(frozen=True, slots=True)
class Handler:
    """Who handles a company's applications. ``sealed`` holds ID number, mobile and mail."""

    name: str
    used: float
    sealed: bytes


def subject_of(qualification: int) -> str:
    """What the files of a qualification are kept under."""
    return f"qualification:{qualification}"


def _value(row: Row[*tuple[Any, ...]]) -> Qualification:
    return Qualification.of(
        row.id, row.code, row.company, cast(QualificationState, row.state), row.since, dict(row.facts)
    )


class QualificationsPart(StoreBase):
    """What `router.store.Store` does with qualifications, handlers and the documents that belong to them."""

    async def qualifications(self) -> list[Qualification]:
        """Every qualification, by id."""
        async with self._database.read() as connection:
            rows = await connection.execute(select(qualifications).order_by(qualifications.c.id))
            return [_value(row) for row in rows]

    async def qualification(self, id: int) -> tuple[Qualification, bytes] | None:
        """A qualification and what is sealed of it; None where there is none."""
        async with self._database.read() as connection:
            row = (await connection.execute(select(qualifications).where(qualifications.c.id == id))).one_or_none()
        return None if row is None else (_value(row), bytes(row.sealed))

    async def submit_qualification(
        self,
        wanted: Qualification,
        sealed: bytes,
        files: Sequence[LifeFile],
        actor: str,
        now: float,
        reason: str | None,
    ) -> tuple[Qualification, bool]:
        """Submit ``wanted`` (its id is not looked at), with its scans, for review from ``wanted.since`` on; whether
        anything changed. The same submission again changes nothing while it is reviewed or approved.

        Raises `LifeError` ``clock-back``.
        """
        async with self._change() as connection:
            found = await self._by_code(connection, wanted.code)
            if found is not None and found.mark == wanted.mark and found.state in ("review", "approved"):
                return found, False
            values = {
                "code": wanted.code,
                "company": clean(wanted.company),
                "state": wanted.state,
                "since": wanted.since,
                "facts": clean_json(replace(wanted, left=None if found is None else found.left).as_json()),
                "sealed": sealed,
            }
            if found is None:
                made = await connection.execute(insert(qualifications).values(values).returning(qualifications.c.id))
                id = made.scalar_one()
            else:
                id = found.id
                _not_before(found, wanted.since)
                await connection.execute(update(qualifications).where(qualifications.c.id == id).values(values))
            # Scans of the last submission that this one does not replace are of nobody any more.
            kinds = [file.kind for file in files]
            stale = (life_files.c.subject == subject_of(id), life_files.c.kind.not_in(kinds))
            await connection.execute(delete(life_files).where(*stale))
            await self._keep_files(connection, subject_of(id), files, actor, wanted.since)
            before = None if found is None else {"state": found.state}
            after = {"state": wanted.state, "at": wanted.since, "files": [file.facts() for file in files]}
            await self._audit(connection, actor, "qualification_submit", wanted.code, now, reason, before, after)
        return replace(wanted, id=id), True

    async def decide_qualification(
        self, code: str, approved: bool, at: float, actor: str, now: float, reason: str
    ) -> Qualification:
        """Approve or reject what is under review. Deciding the same again changes nothing. Raises `LifeError`."""
        state: QualificationState = "approved" if approved else "rejected"
        async with self._change() as connection:
            found = await self._by_code(connection, code)
            if found is None:
                raise _unknown(code)
            if found.state == state:
                return found
            if found.state != "review":
                raise LifeError(
                    "not-under-review",
                    Text(
                        f"The qualification of {found.company} is {found.state}, not under review.",
                        f"{found.company} 的资质不在审核中。",
                    ),
                    Text(
                        "It is submitted again first: line400 qualify submit.", "请先重新提交：line400 qualify submit。"
                    ),
                )
            _not_before(found, at)
            decided = replace(found, state=state, since=at, said="" if approved else reason)
            await connection.execute(
                update(qualifications)
                .where(qualifications.c.id == found.id)
                .values(state=state, since=at, facts=clean_json(decided.as_json()))
            )
            action = "qualification_approve" if approved else "qualification_reject"
            after = {"state": state, "at": at}
            await self._audit(connection, actor, action, code, now, reason or None, {"state": found.state}, after)
        return decided

    async def delete_qualification(self, code: str, actor: str, now: float, reason: str | None) -> int:
        """Delete a qualification with its scans and handlers, on request of the persons in it; how many files went.
        Raises `LifeError` while the company has a number."""
        async with self._change() as connection:
            found = await self._by_code(connection, code)
            if found is None:
                raise _unknown(code)
            held = select(lives.c.number).where(lives.c.owner == found.id).limit(1)
            number = (await connection.execute(held)).scalar_one_or_none()
            if number is not None:
                raise LifeError(
                    "has-numbers",
                    Text(
                        f"{found.company} has {number}; its data are needed for it.",
                        f"{found.company} 名下有 {number}，其资料仍需保留。",
                    ),
                    Text("Release or transfer the number first.", "请先释放或过户该号码。"),
                )
            gone = await connection.execute(delete(life_files).where(life_files.c.subject == subject_of(found.id)))
            await connection.execute(delete(handlers).where(handlers.c.qualification == found.id))
            await connection.execute(delete(qualifications).where(qualifications.c.id == found.id))
            before = {"state": found.state, "files": gone.rowcount}
            await self._audit(connection, actor, "qualification_delete", code, now, reason, before, None)
        await self._forget()
        return int(gone.rowcount)

    async def idle_qualifications(self, before: float) -> list[Qualification]:
        """Qualifications of companies that had no number and no change since ``before``."""
        held = select(lives.c.owner).where(lives.c.owner.is_not(None))
        statement = select(qualifications).where(qualifications.c.since < before, qualifications.c.id.not_in(held))
        async with self._database.read() as connection:
            found = [_value(row) for row in await connection.execute(statement.order_by(qualifications.c.id))]
        return [one for one in found if one.left is None or one.left < before]

    async def idle_handlers(self, before: float) -> list[tuple[int, str]]:
        """Handlers whose data nothing needed since ``before``: the id of their company's qualification, their name."""
        statement = select(handlers.c.qualification, handlers.c.name).where(handlers.c.used < before)
        async with self._database.read() as connection:
            found = [(row.qualification, row.name) for row in await connection.execute(statement)]
            needed = {
                (row.owner, row.facts.get("handler"))
                for row in await connection.execute(
                    select(lives.c.owner, lives.c.facts).where(lives.c.owner.is_not(None))
                )
            }
        return [one for one in found if one not in needed]

    async def delete_handler(self, qualification: int, name: str, actor: str, now: float, reason: str | None) -> None:
        """Delete a person's data on request. The audit names the company alone. Raises `LifeError` while a number of
        the company stands on this person's papers."""
        async with self._change() as connection:
            same = (handlers.c.qualification == qualification, handlers.c.name == clean(name))
            if (await connection.execute(select(handlers.c.id).where(*same))).scalar_one_or_none() is None:
                raise LifeError(
                    "no-handler",
                    Text("The company has no such handler.", "该公司没有这位经办人。"),
                    Text("`line400 qualify show` lists them.", "用 `line400 qualify show` 查看。"),
                )
            held = select(lives.c.number, lives.c.facts).where(lives.c.owner == qualification).order_by(lives.c.number)
            for row in await connection.execute(held):
                if row.facts.get("handler") == clean(name):
                    raise LifeError(
                        "handler-needed",
                        Text(
                            f"{row.number} is registered on this person's papers; the data are needed for it.",
                            f"{row.number} 以该经办人的材料登记，其信息仍需保留。",
                        ),
                        Text("Release or transfer the number first.", "请先释放或过户该号码。"),
                    )
            await connection.execute(delete(handlers).where(*same))
            await self._audit(connection, actor, "handler_delete", subject_of(qualification), now, reason)
        await self._forget()

    async def _forget(self) -> None:
        """Let what was deleted leave the log of SQLite too, as far as no reader holds it."""
        if self.backend == "sqlite":
            async with self._database.hold() as connection:
                raw: Any = (await connection.get_raw_connection()).driver_connection
                await raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    async def handlers(self, qualification: int) -> list[Handler]:
        """The handlers of a company, the last one used first."""
        statement = select(handlers).where(handlers.c.qualification == qualification)
        async with self._database.read() as connection:
            rows = await connection.execute(statement.order_by(handlers.c.used.desc(), handlers.c.id.desc()))
            return [Handler(row.name, row.used, bytes(row.sealed)) for row in rows]

    async def keep_handler(
        self, qualification: int, name: str, sealed: bytes, at: float, actor: str, now: float
    ) -> None:
        """Keep a handler, new or in place of the one of that name."""
        async with self._change() as connection:
            same = (handlers.c.qualification == qualification, handlers.c.name == clean(name))
            found = (await connection.execute(select(handlers.c.id).where(*same))).scalar_one_or_none()
            values = {"qualification": qualification, "name": clean(name), "used": at, "sealed": sealed}
            if found is None:
                await connection.execute(insert(handlers).values(values))
            else:
                await connection.execute(update(handlers).where(handlers.c.id == found).values(values))
            await self._audit(connection, actor, "handler_keep", subject_of(qualification), now)

    async def keep_file(self, subject: str, file: LifeFile, at: float, actor: str, now: float) -> None:
        """Keep a document, new or in place of the one of its kind."""
        async with self._change() as connection:
            before = await self._keep_files(connection, subject, [file], actor, at)
            await self._audit(connection, actor, "life_file", subject, now, None, before or None, file.facts())

    async def files(self, subject: str) -> list[LifeFile]:
        """The documents of a qualification or an application, by kind."""
        async with self._database.read() as connection:
            return await self._files(connection, subject)

    @staticmethod
    async def _files(connection: AsyncConnection, subject: str) -> list[LifeFile]:
        statement = select(life_files).where(life_files.c.subject == subject).order_by(life_files.c.kind)
        return [
            LifeFile(
                row.kind,
                row.name,
                row.media,
                row.pages,
                row.size,
                row.digest,
                bytes(row.sealed),
                row.added,
                row.by,
            )
            for row in await connection.execute(statement)
        ]

    @staticmethod
    async def _keep_files(
        connection: AsyncConnection, subject: str, files: Sequence[LifeFile], actor: str, at: float
    ) -> list[str]:
        """Write documents; the digests of those that were replaced."""
        replaced: list[str] = []
        for file in files:
            same = (life_files.c.subject == subject, life_files.c.kind == file.kind)
            old = (await connection.execute(select(life_files.c.digest).where(*same))).scalar_one_or_none()
            if old is not None:
                replaced.append(old)
                await connection.execute(delete(life_files).where(*same))
            await connection.execute(
                insert(life_files).values(
                    subject=subject,
                    kind=file.kind,
                    name=clean(file.name),
                    media=file.media,
                    pages=file.pages,
                    size=file.size,
                    digest=file.digest,
                    added=at,
                    by=clean(actor),
                    sealed=file.sealed,
                )
            )
        return replaced

    @staticmethod
    async def _by_code(connection: AsyncConnection, code: str) -> Qualification | None:
        found = select(qualifications).where(qualifications.c.code == clean(code)).with_for_update()
        row = (await connection.execute(found)).one_or_none()
        return None if row is None else _value(row)


def _not_before(found: Qualification, at: float) -> None:
    if at < found.since:
        raise LifeError(
            "clock-back",
            Text(
                f"The qualification of {found.company} changed later than the moment given; nothing is changed.",
                f"{found.company} 的资质在所给时刻之后已有变更，未作任何更改。",
            ),
            Text("Check the clock, or give a later --at.", "请核对时钟，或用 --at 指定更晚的时刻。"),
        )


def _unknown(code: str) -> LifeError:
    return LifeError(
        "no-qualification",
        Text(f"There is no qualification of {code}.", f"没有 {code} 的资质。"),
        Text("`line400 qualify show` lists them.", "用 `line400 qualify show` 查看。"),
    )
