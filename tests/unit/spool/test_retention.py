"""What is over is deleted with its file, by a router without being asked; what cannot be deleted stays to be tried again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from router.asterisk.housekeeping import keep_house
from router.clock import Clock
from router.left import DAY, Left
from router.model import Retention, Settings
from router.spool import Purged, Spool, purge
from router.store import InboxFilter, Store
from tests.stores import NOON, over

KEPT = Retention(voicemail=10, surveys=5)
LEFT = (Left("voicemail", "leave", box="general", file="msg0000"), Left("survey", "rate", score=4, scale="1-5"))


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    (tmp_path / "msg0000.wav").write_bytes(b"sound")
    (tmp_path / "msg0000.txt").write_text("about it")
    async with await Store.open(f"sqlite:///{tmp_path / 'store.db'}") as found:
        await found.save(over(left=LEFT))
        await found.keep_callers({"1": {"a": 1}}, NOON, NOON + DAY)
        yield found


async def kinds(store: Store) -> list[str]:
    return sorted(entry.kind for entry in await store.inbox(InboxFilter(), "li", NOON))


async def test_each_kind_lasts_as_long_as_it_may(store: Store, tmp_path: Path) -> None:
    spool = Spool([tmp_path])
    assert await purge(store, spool, KEPT, NOON + 5 * DAY - 1, "line400") == Purged(callers=1)
    assert await purge(store, spool, KEPT, NOON + 5 * DAY, "line400") == Purged(entries=1)
    assert await kinds(store) == ["voicemail"]
    assert await purge(store, spool, KEPT, NOON + 10 * DAY, "line400") == Purged(entries=1, files=2)
    assert await kinds(store) == []
    assert spool.find("msg0000") is None
    reasons = {entry.reason for entry in await store.audit_entries(action="inbox_delete")}
    assert reasons == {"retention"}


async def test_an_entry_whose_file_cannot_be_deleted_stays(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(spool: Spool, name: str) -> int:
        raise PermissionError(13, "no", name)

    with monkeypatch.context() as patch:
        patch.setattr(Spool, "delete", refuse)
        done = await purge(store, Spool([tmp_path]), KEPT, NOON + 20 * DAY, "line400")
    assert (done.entries, done.stuck) == (1, 1)
    assert await kinds(store) == ["voicemail"]
    assert (await purge(store, Spool([tmp_path]), KEPT, NOON + 20 * DAY, "line400")).files == 2


async def test_a_router_does_it_by_itself(store: Store, tmp_path: Path) -> None:
    settings = Settings(recordings=(str(tmp_path),), retention=KEPT)
    work = asyncio.create_task(keep_house(store, settings, Clock(NOON + 20 * DAY), "line400", first=0.0))
    async with asyncio.timeout(20):
        while await kinds(store):
            await asyncio.sleep(0.01)
    work.cancel()
    await asyncio.gather(work, return_exceptions=True)
    assert Spool([tmp_path]).find("msg0000") is None
