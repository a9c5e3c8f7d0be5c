"""A running router keeps the lives of numbers: deadlines take effect without anybody looking."""

from __future__ import annotations

import asyncio
import time
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from router.store import AuditEntry, Store
from tests import scans
from tests.end_to_end.test_cli_serve import eventually, serving, settings

ZONE = ZoneInfo("Asia/Shanghai")
COMPANY = ("--code", "91110000600037341L", "--company", "示例科技有限公司", "--licence-until", "never")
PERSON = ("--legal-name", "张三", "--legal-id", "11010519491231002X")
SCANS = ("--licence", "scan.png", "--id-front", "scan.png", "--id-back", "scan.png")


def lapses(file: Path) -> list[AuditEntry]:
    async def read() -> list[AuditEntry]:
        async with await Store.open(f"sqlite:///{file}", create=False, read_only=True) as store:
            return await store.audit_entries(action="life_lapse")

    return asyncio.run(read())


def test_a_deadline_that_passed_is_settled_by_serve_and_audited_with_its_own_moment(cli, tmp_path: Path) -> None:
    cli.write("line400.yaml", settings(fastagi=0))
    (tmp_path / "scan.png").write_bytes(scans.png())
    applied = datetime.fromtimestamp(int(time.time()), ZONE) - timedelta(days=7)
    before = (applied - timedelta(days=1)).isoformat()
    assert cli("qualify", "submit", *COMPANY, *PERSON, *SCANS, "--at", before).status == 0
    assert cli("qualify", "review", "--approve", "--at", before).status == 0
    number = cli("numbers", "search", "--json").json["numbers"][0]["number"]
    assert cli("numbers", "apply", number, "--at", applied.isoformat()).status == 0
    with serving(tmp_path) as (process, _):
        eventually(lambda: lapses(cli.store))
        process.terminate()
        _, told = process.communicate(timeout=30)
    (entry,) = lapses(cli.store)
    deadline = applied + timedelta(days=7)
    assert (entry.subject, entry.actor) == (number, "time")
    assert entry.after["at"] == deadline.timestamp()
    assert entry.at > deadline.timestamp()
    assert f"{number}: lapse at {deadline.isoformat(timespec='seconds')}" in told
