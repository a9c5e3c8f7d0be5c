"""The engines under a store: how connections are made, how a transaction begins, which errors come out.

SQLite has two pools on one file: one connection that writes, so that this process never competes with itself, and a
few that read, which in WAL mode are never held up by a writer. A writing transaction takes the write lock when it
begins, so that it waits for the lock (``busy_timeout``) instead of failing in its middle. Connections of aiosqlite do
their work in threads: a slow disk never holds up the event loop.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Connection
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from router.timing import Timings

from .errors import closed, translated
from .urls import Target


def dumps(value: object) -> str:
    """``value`` as the JSON that is stored: compact, Chinese as it is."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def clean(text: str) -> str:
    """``text`` without what no database takes: NUL and halves of surrogate pairs become U+FFFD.

    A caller's switch decides what stands in some texts; a hostile one must not cost a call its record.
    """
    if text.isascii():
        return text.replace("\0", "\ufffd") if "\0" in text else text
    return text.replace("\0", "\ufffd").encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _sqlite_engine(target: Target, *, writes: bool, reading: bool, busy_timeout: float) -> AsyncEngine:
    assert target.path is not None
    arguments: dict[str, Any] = {"isolation_level": None, "timeout": busy_timeout}
    url = target.url
    if reading:
        # A file in WAL mode needs its companions to be made beside it; where that is forbidden and nothing waits in
        # the log, the file alone is the whole truth.
        log = target.path.with_name(target.path.name + "-wal")
        beside = log.exists() or os.access(target.path.parent, os.W_OK)
        query = {"mode": "ro", "uri": "true"} if beside else {"mode": "ro", "immutable": "1", "uri": "true"}
        url = url.set(database=target.path.absolute().as_uri(), query=query)
    engine = create_async_engine(
        url,
        connect_args=arguments,
        json_serializer=dumps,
        pool_size=1 if writes else 4,
        max_overflow=0,
        pool_timeout=max(busy_timeout, 1.0) * 6,
        hide_parameters=True,
    )

    @event.listens_for(engine.sync_engine, "connect")
    def _prepare(connection: DBAPIConnection, _record: object) -> None:
        cursor = connection.cursor()
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute("PRAGMA synchronous=NORMAL")
        if writes:
            cursor.execute("PRAGMA secure_delete=ON")  # what is deleted is overwritten, not only left out
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _postgres_engine(target: Target, *, reading: bool, busy_timeout: float) -> AsyncEngine:
    settings = {
        "application_name": "line400",
        "lock_timeout": str(int(busy_timeout * 1000)),
        "default_transaction_read_only": "on" if reading else "off",
    }
    return create_async_engine(
        target.url,
        connect_args={"timeout": 5.0, "server_settings": settings},
        json_serializer=dumps,
        pool_size=5,
        max_overflow=5,
        pool_timeout=max(busy_timeout, 1.0) * 6,
        pool_pre_ping=True,
        hide_parameters=True,
    )


class Database:
    """The connections of one store. ``read`` and ``write`` are transactions; every error in them that a driver or
    the system raises comes out as a `StoreError`."""

    def __init__(self, target: Target, *, reading: bool = False, busy_timeout: float = 5.0) -> None:
        self.target = target
        self.backend = target.backend
        self.reading = reading
        self.busy_timeout = busy_timeout
        self.closed = False
        self.reads, self.writes = Timings(), Timings()
        if target.backend == "sqlite":
            self._reader = _sqlite_engine(target, writes=False, reading=reading, busy_timeout=busy_timeout)
            self._writer = (
                self._reader
                if reading
                else _sqlite_engine(target, writes=True, reading=False, busy_timeout=busy_timeout)
            )
        else:
            self._reader = self._writer = _postgres_engine(target, reading=reading, busy_timeout=busy_timeout)

    @property
    def where(self) -> str:
        """The store as messages name it."""
        return self.target.display

    @asynccontextmanager
    async def errors(self) -> AsyncIterator[None]:
        """Turn what drivers and the system raise into `StoreError`."""
        if self.closed:
            raise closed(self.where)
        try:
            yield
        except Exception as error:
            if (ours := translated(error, self.where)) is not None:
                raise ours from error
            raise

    @asynccontextmanager
    async def read(self, *, snapshot: bool = False) -> AsyncIterator[AsyncConnection]:
        """A transaction that reads. ``snapshot``: all of its statements see one moment (always so on SQLite)."""
        begun = time.perf_counter()
        async with self.errors(), self._reader.connect() as connection:
            if snapshot and self.backend == "postgresql":
                connection = await connection.execution_options(isolation_level="REPEATABLE READ")
            async with connection.begin():
                yield connection
        self.reads.add(time.perf_counter() - begun)

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that writes: committed at the end, undone by any exception."""
        begun = time.perf_counter()
        async with self.errors(), self._writer.begin() as connection:
            yield connection
        self.writes.add(time.perf_counter() - begun)

    @asynccontextmanager
    async def hold(self) -> AsyncIterator[AsyncConnection]:
        """A connection outside of any transaction, for what the driver does itself (listening, SQLite's WAL mode)."""
        async with self.errors(), self._writer.connect() as connection:
            yield connection

    async def close(self) -> None:
        """Close every connection; closing twice is allowed."""
        if self.closed:
            return
        self.closed = True
        await self._reader.dispose()
        if self._writer is not self._reader:
            await self._writer.dispose()
