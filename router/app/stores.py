"""The configured store, as commands use it: opened for one purpose, closed again.

Reading never creates a store: one that is not there yet is empty. Changing creates it.
"""

from __future__ import annotations

import asyncio
import getpass
import os
from collections.abc import Awaitable, Callable
from typing import TypeVar

from ivr_flows.findings import Text
from router.model import Retention
from router.overlay import EMPTY, Announcement, Block, Overlay
from router.record import CallRecord
from router.store import CallFilter, OverlayRows, Store, StoreError
from router.store.urls import parse_url

from .invocation import Invocation

T = TypeVar("T")


def is_there(url: str) -> bool:
    """Whether a store was made at ``url``; a server's always counts as there. Raises `StoreError` for a bad URL."""
    path = parse_url(url).path
    return path is None or path.exists()


def read(url: str, action: Callable[[Store], Awaitable[T]]) -> T | None:
    """What ``action`` reads; None where there is no store. Raises `StoreError`."""
    if not is_there(url):
        return None

    async def work() -> T:
        async with await Store.open(url, create=False, read_only=True) as store:
            return await action(store)

    return asyncio.run(work())


def change(url: str, action: Callable[[Store], Awaitable[T]], *, create: bool = True) -> T:
    """Open the store, made where there is none and ``create``, and let ``action`` change it. Raises `StoreError`."""

    async def work() -> T:
        async with await Store.open(url, create=create) as store:
            return await action(store)

    return asyncio.run(work())


def query(url: str, wanted: CallFilter) -> list[CallRecord]:
    """The call records that ``wanted`` asks for; none without a store."""
    return read(url, lambda store: store.query_calls(wanted)) or []


def in_force(url: str, now: float) -> OverlayRows | None:
    """Announcements, blocks and life states in force ``now``; None without a store."""
    return read(url, lambda store: store.overlay(now))


def overlay_of(rows: OverlayRows | None) -> Overlay:
    """The rows as the value that routing asks. Each entry keeps its end, so that ``--at`` is judged by it."""
    if rows is None:
        return EMPTY
    return Overlay(
        [Announcement(row.number, row.text, row.until, row.end_call, row.author) for row in rows.announcements],
        [Block(row.caller, row.until, row.author) for row in rows.blocks],
        rows.states,
        rows.coming,
        rows.paid,
    )


def keep_test_record(
    invocation: Invocation,
    url: str,
    record: CallRecord,
    retention: Retention = Retention(),  # noqa: B008 - frozen
) -> None:
    """Write the record of a test call; a store that cannot be written costs one warning (CONTRACT, *call*)."""
    try:
        change(url, lambda store: _save(store, record, retention))
    except StoreError as error:
        invocation.warn(
            Text(
                f"The record of this test call is not kept. {error.message.en}",
                f"本次测试呼叫的记录未保存。{error.message.zh}",
            )
        )


async def _save(store: Store, record: CallRecord, retention: Retention) -> None:
    """A call repeated with the same seed has the same id; its record is another one all the same."""
    store.retention = retention
    known = record.call_id
    again = 1
    while await store.get_call(record.call_id) is not None:
        again += 1
        record.call_id = f"{known}-{again}"
    await store.save(record)


def author_of(given: str | None) -> str:
    """Who makes a change: the name given, else the user of the operating system."""
    if given and given.strip():
        return given.strip()
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid-{os.getuid()}"
