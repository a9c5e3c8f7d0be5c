"""Applicants in processes of their own, at the same time, after the same numbers: each number has one winner."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

from tests.contract.store.test_store_lives import CODES, qualified
from tests.stores import NOON, Opener

ROOT = Path(__file__).resolve().parents[3]
NUMBERS = [f"40004534{index:02d}" for index in range(12)]


async def test_racing_processes_leave_every_number_with_one_owner(open_store: Opener, url: str) -> None:
    store = await open_store()
    owners = [await qualified(store, code) for code in CODES]
    applicants = [
        await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.contract.store.applicant", url, str(owner), *NUMBERS),
            cwd=ROOT,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        for owner in owners
    ]
    for one in applicants:
        assert one.stdout is not None
        assert await one.stdout.readline() == b"ready\n"
    results = await asyncio.gather(*(one.communicate(b"go\n") for one in applicants))
    assert [one.returncode for one in applicants] == [0] * len(applicants)
    got = [json.loads(out) for out, _ in results]
    for number in NUMBERS:
        life = await store.life(number, NOON + 11)
        assert life is not None
        answers = [one[number] for one in got]
        assert answers.count(True) == 1
        assert answers.count("life-reserved") == len(owners) - 1
        assert life.owner == owners[answers.index(True)]
        (entry,) = await store.audit_entries(action="life_apply", subject=number)
        assert entry.actor == f"owner-{life.owner}"
