"""A call from Python, step by step: the same verbs with the same meaning."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from router.book import RouteBook
from simulator.scenarios.dialogue import Caller, StepNotFulfilled

from .company import write_company

AT = "2026-10-12T10:00:00+08:00"


async def test_a_dialogue_ends_in_a_record(book: RouteBook) -> None:
    caller = Caller(book)
    call = await caller.dial("400-800-1234", from_="13800138000", at=AT)
    assert await call.hears("欢迎") == "您好，欢迎致电测试公司。"
    await call.press("1")
    await call.queued_in("support")
    record = call.record
    assert (record.called, record.outcome, record.pressed, record.queue) == ("4008001234", "queued", "1", "support")


async def test_hanging_up(book: RouteBook) -> None:
    call = await Caller(book).dial("400-800-1234", at=datetime.fromisoformat(AT), agents="never")
    await call.press("1")
    await call.queued_in("support", within="20s")
    await call.waits(7)
    await call.hang_up()
    assert (call.record.outcome, call.record.abandoned_in, call.record.hangup_by) == ("abandoned", "queue", "caller")


async def test_silence_and_a_transfer(book: RouteBook) -> None:
    call = await Caller(book).dial("400-800-1234", at=AT, targets="busy")
    await call.hears("人工请按1")
    await call.silent_for("12s")
    await call.hears("人工请按1")
    await call.press("2")
    await call.transferred_to("010-88880009")
    assert list(call.record.path)[:4] == ["greeting", "menu", "outside", "menu"]


async def test_a_step_that_does_not_happen_says_what_was_heard(book: RouteBook) -> None:
    call = await Caller(book, language="zh").dial("400-800-1234", at=AT)
    with pytest.raises(StepNotFulfilled, match="停电") as caught:
        await call.hears("停电")
    assert "欢迎致电测试公司" in str(caught.value)
    await call.hears("欢迎")  # the call goes on from before the step that failed


async def test_a_wrong_step_is_refused_as_in_a_file(book: RouteBook) -> None:
    call = await Caller(book).dial("400-800-1234", at=AT)
    with pytest.raises(ValueError, match="not a key of a telephone"):
        await call.press("x")


async def test_a_number_that_is_none_is_said_when_dialling(book: RouteBook) -> None:
    with pytest.raises(StepNotFulfilled, match="11 digits"):
        await Caller(book).dial("400-800-12345", at=AT)


async def test_a_caller_may_be_made_from_a_folder(tmp_path: Path) -> None:
    call = await Caller(write_company(tmp_path)).dial("4008001234", at="2026-10-12T10:00:00")
    await call.hears("欢迎致电")
