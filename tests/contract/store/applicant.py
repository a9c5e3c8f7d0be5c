"""One applicant of a race: ``python -m tests.contract.store.applicant URL OWNER NUMBER…``.

It opens the store, says ``ready``, waits for a line on standard input, then applies for each number in turn and prints
a line of JSON: what it got, number by number (true, or the code of the refusal).
"""

from __future__ import annotations

import asyncio
import json
import sys

from router.life.model import LifeError, Request
from router.store import Store
from tests.stores import NOON


async def race(url: str, owner: int, numbers: list[str]) -> None:
    """Wait for the start, then apply."""
    async with await Store.open(url, create=False) as store:
        print("ready", flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        got: dict[str, bool | str] = {}
        for number in numbers:
            request = Request(owner=owner, offered=("普通", "unicom"))
            try:
                happened = await store.happen(number, "apply", request, NOON + 10, f"owner-{owner}", NOON)
                got[number] = happened.life.owner == owner
            except LifeError as error:
                got[number] = error.code
        print(json.dumps(got), flush=True)


if __name__ == "__main__":
    asyncio.run(race(sys.argv[1], int(sys.argv[2]), sys.argv[3:]))
