"""Revisions of the configuration: kept for good, one of them current, every activation remembered."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping
from enum import Enum
from hashlib import sha256
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ivr_flows.findings import Text
from router.happenings import REVISION_APPLIED, Happening

from .base import StoreBase
from .database import clean
from .errors import Conflict, StoreError
from .rows import Activation, ActivationKind, Revision, RevisionContent
from .tables import activations, changes, current_revision, revisions
from .telling import tell


class Expected(Enum):
    """Stands for *whatever is current* where a revision is expected."""

    ANY = "any"


ANY: Final = Expected.ANY
_FACTS: Final = (revisions.c.number, revisions.c.at, revisions.c.author, revisions.c.reason, revisions.c.digest)
_LONG_AGO: Final = (1980, 1, 1, 0, 0, 0)


def pack(files: Mapping[str, bytes]) -> bytes:
    """``files`` as a ZIP; the same files make the same bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            archive.writestr(zipfile.ZipInfo(name, _LONG_AGO), files[name], zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def unpack(content: bytes) -> dict[str, bytes]:
    """The files of `pack`."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def digest_of(files: Mapping[str, bytes]) -> str:
    """SHA-256 over names and contents in the order of names: equal for equal configurations."""
    total = sha256()
    for name in sorted(files):
        encoded = name.encode()
        total.update(len(encoded).to_bytes(8, "big") + encoded)
        total.update(len(files[name]).to_bytes(8, "big") + files[name])
    return total.hexdigest()


def _unknown(revision: str) -> StoreError:
    return StoreError(
        Text(f"There is no revision {revision}.", f"没有版本 {revision}。"),
        Text("`line400 history` lists the revisions.", "`line400 history` 会列出所有版本。"),
        "unknown_revision",
    )


def _number(revision: str) -> int:
    match = re.fullmatch(r"r?([0-9]{1,9})", revision.strip(), re.ASCII)
    if match is None:
        raise _unknown(revision)
    return int(match[1])


def _fact(row: Row[*tuple[Any, ...]], current: int | None) -> Revision:
    return Revision(f"r{row.number}", row.at, row.author, row.reason, row.digest, row.number == current)


class RevisionsPart(StoreBase):
    """What `router.store.Store` does with revisions."""

    async def add_revision(self, files: Mapping[str, bytes], author: str, reason: str | None, at: float) -> Revision:
        """Keep ``files`` (path relative to the configuration folder → content) as the next revision, not yet
        current. Raises `StoreError`."""
        content, digest = pack(files), digest_of(files)
        async with self._database.write() as connection:
            await connection.execute(select(changes.c.counter).with_for_update())
            number = await self._add(connection, content, digest, author, reason, at)
            await self._audit(connection, author, "add_revision", f"r{number}", at, reason, None, {"digest": digest})
        return Revision(f"r{number}", at, author, reason, digest, current=False)

    async def activate(
        self,
        revision: str,
        author: str,
        reason: str | None,
        at: float,
        kind: ActivationKind = "apply",
        *,
        expected_current: str | Expected | None = ANY,
    ) -> Revision:
        """Make ``revision`` the current one: pointer, activation and audit row in one transaction.

        ``expected_current`` is what the decision was based on (None: there was none); if it is no longer current,
        `Conflict` is raised and nothing changes. Two at once follow one another. Raises `StoreError`
        ``unknown_revision``.
        """
        number = _number(revision)
        async with self._change() as connection:
            await self._activate(connection, number, author, reason, at, kind, expected_current)
            row = (await connection.execute(select(*_FACTS).where(revisions.c.number == number))).one()
        return _fact(row, number)

    async def apply_revision(
        self,
        files: Mapping[str, bytes],
        author: str,
        reason: str | None,
        at: float,
        *,
        expected_current: str | Expected | None = ANY,
        overrides: Mapping[str, str] | None = None,
    ) -> Revision:
        """`add_revision` and `activate` in one transaction: a refused apply leaves nothing behind. ``overrides`` are
        gates that were passed over (name → reason); each is audited by itself."""
        content, digest = pack(files), digest_of(files)
        async with self._change() as connection:
            number = await self._add(connection, content, digest, author, reason, at)
            await self._activate(connection, number, author, reason, at, "apply", expected_current)
            await self._audit_overrides(connection, f"r{number}", author, at, overrides or {})
        return Revision(f"r{number}", at, author, reason, digest, current=True)

    async def current(self) -> Revision | None:
        """The revision that routers run, or None before the first apply."""
        async with self._database.read() as connection:
            number = await self._current(connection)
            row = (await connection.execute(select(*_FACTS).where(revisions.c.number == number))).one_or_none()
        return None if row is None else _fact(row, number)

    async def get_revision(self, revision: str) -> RevisionContent:
        """A revision with its files; ``r3``, ``3`` or ``current``. Raises `StoreError` ``unknown_revision``."""
        async with self._database.read() as connection:
            current = await self._current(connection)
            number = current if revision == "current" else _number(revision)
            statement = select(*_FACTS, revisions.c.content).where(revisions.c.number == number)
            row = (await connection.execute(statement)).one_or_none()
        if row is None:
            raise _unknown(revision)
        return RevisionContent(_fact(row, current), unpack(row.content))

    async def history(self, limit: int | None = None) -> list[Revision]:
        """The revisions, newest first."""
        async with self._database.read() as connection:
            current = await self._current(connection)
            rows = await connection.execute(select(*_FACTS).order_by(revisions.c.number.desc()).limit(limit))
            return [_fact(row, current) for row in rows]

    async def activations(self, limit: int | None = None) -> list[Activation]:
        """What became current when, by whom and why, newest first."""
        async with self._database.read() as connection:
            rows = await connection.execute(select(activations).order_by(activations.c.id.desc()).limit(limit))
            return [Activation(f"r{row.number}", row.at, row.author, row.reason, row.kind) for row in rows]

    async def _audit_overrides(
        self, connection: AsyncConnection, revision: str, author: str, at: float, overrides: Mapping[str, str]
    ) -> None:
        for gate, why in overrides.items():
            await self._audit(connection, author, "override", revision, at, why, None, {"gate": gate})

    @staticmethod
    async def _current(connection: AsyncConnection) -> int | None:
        found = await connection.execute(select(current_revision.c.number))
        number: int | None = found.scalar_one()
        return number

    @staticmethod
    async def _add(
        connection: AsyncConnection, content: bytes, digest: str, author: str, reason: str | None, at: float
    ) -> int:
        """The next number is safe to take: the caller holds the write lock, or the lock on ``changes``."""
        last: ColumnElement[int] = func.coalesce(func.max(revisions.c.number), 0)
        number = int((await connection.execute(select(last))).scalar_one()) + 1
        await connection.execute(
            insert(revisions).values(
                number=number,
                content=content,
                digest=digest,
                author=clean(author),
                reason=None if reason is None else clean(reason),
                at=at,
            )
        )
        return number

    async def _activate(
        self,
        connection: AsyncConnection,
        number: int,
        author: str,
        reason: str | None,
        at: float,
        kind: ActivationKind,
        expected: str | Expected | None,
    ) -> None:
        before = await self._current(connection)
        if not isinstance(expected, Expected) and (None if expected is None else _number(expected)) != before:
            now = "none" if before is None else f"r{before}"
            raise Conflict(
                Text(
                    f"The current revision is {now}, not {expected or 'none'}: somebody changed it meanwhile.",
                    f"当前版本是 {'无' if before is None else now}，而不是 {expected or '无'}：期间有人做了更改。",
                ),
                Text("Run `line400 plan` again and look at what changed.", "请重新运行 `line400 plan`，查看变化。"),
            )
        known = await connection.execute(select(revisions.c.digest).where(revisions.c.number == number))
        digest = known.scalar_one_or_none()
        if digest is None:
            raise _unknown(f"r{number}")
        await connection.execute(update(current_revision).values(number=number, since=at))
        made = await connection.execute(
            insert(activations)
            .values(
                number=number,
                at=at,
                author=clean(author),
                reason=None if reason is None else clean(reason),
                kind=kind,
            )
            .returning(activations.c.id)
        )
        facts = {
            "revision": f"r{number}",
            "before": None if before is None else f"r{before}",
            "kind": kind,
            "author": author,
            "reason": reason,
        }
        told = Happening(f"activation/{made.scalar_one()}", REVISION_APPLIED, f"r{number}", at, facts)
        await tell(connection, self.backend, [told])
        await self._audit(
            connection,
            author,
            kind,
            f"r{number}",
            at,
            reason,
            {"revision": None if before is None else f"r{before}"},
            {"revision": f"r{number}", "digest": digest},
        )
