"""Tasks beside the calls: one that ends by a mistake is said, without what its text holds."""

from __future__ import annotations

import asyncio

import pytest

from router.asterisk.ami_link import AmiAccess, AmiLink
from router.asterisk.background import in_background


async def breaks() -> None:
    raise LookupError("13800138000")


async def waits() -> None:
    await asyncio.Event().wait()


async def test_a_task_that_ends_by_a_mistake_is_said_with_its_place(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(LookupError):
        await in_background(breaks(), "store-watch")
    (record,) = caplog.records
    assert record.levelname == "CRITICAL"
    assert record.getMessage().startswith("store-watch runs no more: LookupError at breaks:")
    assert "13800138000" not in caplog.text


async def test_a_task_that_is_stopped_is_no_mistake(caplog: pytest.LogCaptureFixture) -> None:
    task = in_background(waits(), "store-watch")
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert caplog.records == []


async def test_an_ami_link_that_can_never_come_back_says_so(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(AmiLink, "_connect", lambda link: breaks())
    link = AmiLink(AmiAccess("127.0.0.1", 1, "line400", "s3cret"))
    link.start()
    assert not await link.wait_connected(0.01)
    await link.stop()
    assert [record.getMessage().partition(":")[0] for record in caplog.records] == ["ami-link runs no more"]
