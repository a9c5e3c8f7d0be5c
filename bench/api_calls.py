"""Call records over HTTP from a store with ten million of them: the first page and the last.

The store is made by SQL, a call every 3 s over the last year; pages are asked with filters as people use them. Takes
some minutes and 4 GB.
"""

from __future__ import annotations

import asyncio
import sqlite3
import tempfile
import time
from pathlib import Path
from statistics import quantiles
from typing import Any

from .api import CONFIG

CALLS = 10_000_000
EVERY_SECONDS = 3.0
BEGAN = 1_760_000_000.0
ASKED = 200
FILL = """
WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ?)
INSERT INTO calls (call_id, caller, caller_kind, called, called_by, dialled, started, line, flow, revision, test, path,
                   heard, inputs, outcome, hangup_by, hangup_cause, entered, answered, ended, seen)
SELECT printf('c%09d', i), printf('138%08d', (i * 7919) % 100000000), 'mobile', printf('400800%04d', i % 500),
       'dialled', '4008001234', ? + i * ?, 'bj-unicom', 'welcome', 'r1', 0, '["greeting","admit"]', '[]', '[]',
       CASE i % 10 WHEN 0 THEN 'abandoned' ELSE 'completed' END, 'caller', 16, ? + i * ?, ? + i * ?, ? + i * ? + 60,
       ? + i * ?
FROM n
"""


def api_calls_page_ratio() -> dict[str, object]:
    """The 95th percentile of the last page of 50 of ten million records, in milliseconds; the reference is that of the
    first page."""
    with tempfile.TemporaryDirectory() as folder:
        return asyncio.run(_measure(Path(folder), CALLS))


async def _measure(folder: Path, count: int) -> dict[str, object]:
    from tests.api import asking

    async with asking(folder, config=CONFIG) as api:
        await asyncio.to_thread(_fill, folder / "store.db", count)
        key = (await api.store.instance()).key
        found: dict[str, float] = {}
        for name, query in (("all", ""), ("number", "&called=4008000007"), ("outcome", "&outcome=abandoned")):
            for place, cursor in (("first", ""), ("last", _last(key, query, count))):
                found[f"{name} {place}"] = await _p95(api, f"/calls?limit=50{query}{cursor}")
    first, last = found["all first"], found["all last"]
    others = ", ".join(f"{name} {value:.1f} ms" for name, value in found.items())
    return {
        "value": round(last, 2),
        "unit": "ms p95",
        "reference": round(first, 2),
        "ratio": round(last / first, 3),
        "note": f"{count:,} records, pages of 50 over HTTP; {others}",
    }


def _fill(path: Path, count: int) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA synchronous=OFF")
        # indexes made once over all rows take a fraction of those kept up for each
        indexes = connection.execute(
            "SELECT name, sql FROM sqlite_master WHERE type='index' AND tbl_name='calls' AND sql<>''"
        )
        made = indexes.fetchall()
        for name, _ in made:
            connection.execute(f'DROP INDEX "{name}"')
        connection.execute(FILL, (count, *((BEGAN, EVERY_SECONDS) * 5)))
        for _, statement in made:
            connection.execute(statement)
        connection.execute("ANALYZE")


def _last(key: bytes, query: str, count: int) -> str:
    """The cursor of the page that holds the oldest calls of ``query``."""
    from router.api.paging import Cursors
    from router.app.rest.calls import CallsQuery

    given: dict[str, Any] = dict(part.split("=") for part in query.split("&") if part)
    step = {"called": 500, "outcome": 10}.get(next(iter(given), ""), 1)
    behind = 50 * step
    after = (BEGAN + behind * EVERY_SECONDS, f"c{behind:09d}")
    return f"&cursor={Cursors(key).write('list_calls', CallsQuery(**given), after)}"


async def _p95(api: Any, path: str) -> float:
    times = []
    for _ in range(ASKED):
        began = time.perf_counter()
        page = await api.get(path)
        times.append((time.perf_counter() - began) * 1000)
        assert page["items"], path
    return quantiles(times, n=20)[18]


if __name__ == "__main__":
    print(api_calls_page_ratio())
