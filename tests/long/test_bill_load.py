"""The bill of a month with very many calls: in bounded memory, and in a time in which nothing is read twice."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import pytest
from sqlalchemy import insert

from router.accounting.drafting import draft
from router.store import Store
from router.store.calls import row_of
from router.store.left_rows import LEFT
from router.store.tables import calls
from tests.contract.store.test_store_billing import COMPANY, OCTOBER, books_of, buy, call, moment

CALLS = 200_000
BATCH = 10_000
MOST_BYTES = 4 * 2**20


@pytest.mark.long
@pytest.mark.timeout(600)
async def test_two_hundred_thousand_calls_are_billed_without_being_in_memory(tmp_path: Path) -> None:
    start = moment("2026-10-01T00:00")
    known = {name: value for name, value in row_of(call("c", "2026-10-01T00:00")).items() if name != LEFT}
    async with await Store.open(f"sqlite:///{tmp_path / 'store.db'}") as store:
        for first in range(0, CALLS, BATCH):
            rows = []
            for index in range(first, first + BATCH):
                at = start + index * 12.0
                moments = {"started": at, "entered": at, "ended": at + 61.0}
                rows.append({**known, "call_id": f"c{index}", **moments})
            async with store._database.write() as connection:
                await connection.execute(insert(calls), rows)
        await buy(store, 100_000, "2026-09-20T00:00", "17000")  # runs dry within the month
        await buy(store, 10_000, "2026-10-15T00:00")
        books = await books_of(store, "2026-11-02T00:00")
        tracemalloc.start()
        bill = (await draft(store, books, COMPANY, OCTOBER)).bill
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert bill.minutes == 2 * CALLS
    assert sum(bill.pack_use.values()) == 110_000
    assert peak < MOST_BYTES
