"""A process that is killed by SIGKILL at every single write of a life's commands, one after the other.

``python -m tests.end_to_end.killed_life FOLDER`` does each action of `ACTIONS` again and again on the same store and
files, each time in a process of its own that dies at its first, second, third … write (a statement that changes the
store, a commit, a file put in its place), until one goes through. It prints a line of JSON for each action: at how many
writes it was killed, and what was found wrong in between. Processes are forked, so that nothing is imported again.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

from sqlalchemy import event
from sqlalchemy.engine import Engine

from router.configuration import load
from router.desk import buying, owning, persons, qualifying, reviewing
from router.desk.buying import Materials
from router.desk.owning import RouteOrder
from router.desk.qualifying import Submitting
from router.desk.standing import standing
from router.store import Store
from tests.unit.desk.desks import CODE, FILES, HANDLER, ID, OTHER_CODE, SCANS, Office, open_office

CHANGES = ("INSERT", "UPDATE", "DELETE")
Action = Callable[[Office, str], Awaitable[object]]


async def _submit(office: Office, _: str) -> object:
    wanted = Submitting(CODE, "示例科技有限公司", None, "张三", ID, SCANS)
    return await qualifying.submit(office.desk("2026-10-12T10:00"), wanted)


async def _delete(office: Office, _: str) -> object:
    desk = office.desk("2026-12-02")
    known = [one for one in await desk.qualifications() if one.code == OTHER_CODE]
    return [await persons.delete_company(desk, one) for one in known]


ACTIONS: dict[str, Action] = {
    "submit": _submit,
    "decide": lambda office, _: reviewing.review_company(office.desk("2026-10-15T10:00"), CODE, approve=True),
    "apply": lambda office, number: buying.apply(office.desk("2026-10-16T10:00"), number, CODE),
    "materials": lambda office, number: buying.materials(
        office.desk("2026-10-17T10:00"), number, Materials(HANDLER, FILES, submit=True)
    ),
    "approve": lambda office, number: reviewing.review_number(office.desk("2026-10-20T10:00"), number, approve=True),
    "order": lambda office, number: owning.order_route(office.desk("2026-10-20T11:00"), number, RouteOrder(["bj"])),
    "route": lambda office, number: reviewing.finish_route(office.desk("2026-10-21T10:00"), number),
    "bind": lambda office, number: owning.take_into_instance(office.desk("2026-10-21T11:00"), number, "hotline"),
    "transfer": lambda office, number: owning.transfer(office.desk("2026-11-01"), number, OTHER_CODE),
    "transferred": lambda office, number: reviewing.decide_transfer(office.desk("2026-11-03"), number, done=True),
    "release": lambda office, number: owning.release(office.desk("2026-12-01"), number),
    "delete": _delete,
}
STATES = {
    "apply": "reserved",
    "materials": "submitted",
    "approve": "opened",
    "order": "opened",
    "route": "routed",
    "bind": "bound",
    "transfer": "transferring",
    "transferred": "bound",
    "release": "released",
}


def main(folder: Path) -> None:
    """Prepare the second company, choose a number, then kill and repeat each action."""
    number = asyncio.run(_prepare(folder))
    for name, action in ACTIONS.items():
        wrong: list[str] = []
        killed = 0
        while _dies_at(killed + 1, folder, number, action):
            killed += 1
            wrong += asyncio.run(_faults(folder, number))
            if killed > 200:
                wrong.append("it never went through")
                break
        life, drift = asyncio.run(_state(folder, number))
        if life != "released":
            wrong += drift
        if name in STATES and life != STATES[name]:
            wrong.append(f"it is {life} in the end")
        print(json.dumps({"action": name, "killed": killed, "wrong": wrong}), flush=True)


async def _prepare(folder: Path) -> str:
    office = await open_office(folder)
    async with office.store:
        await office.qualified(OTHER_CODE, "第二公司")
        return (await buying.search(office.desk("2026-10-16T10:00"), buying.Wanted(tier="普通")))[0].number


async def _office(folder: Path) -> Office:
    home = folder / "company"
    configuration = load(home).configuration
    assert configuration is not None
    return Office(await Store.open(f"sqlite:///{folder / 'store.db'}"), home, configuration.settings)


def _dies_at(count: int, folder: Path, number: str, action: Action) -> bool:
    """Do ``action`` in a process that kills itself at its ``count``-th write; whether it died."""
    child = os.fork()
    if child == 0:
        asyncio.run(_until(count, folder, number, action))
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return True
    assert os.WEXITSTATUS(status) == 0
    return False


async def _until(count: int, folder: Path, number: str, action: Action) -> None:
    left = count

    def write() -> None:
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    office = await _office(folder)
    async with office.store:
        event.listen(Engine, "before_cursor_execute", lambda *call: write() if call[2].startswith(CHANGES) else None)
        event.listen(Engine, "commit", lambda _: write())
        replace = os.replace

        def put(*arguments: object, **named: object) -> None:
            write()
            replace(*arguments, **named)  # type: ignore[arg-type]

        os.replace = put  # type: ignore[assignment]
        await action(office, number)


async def _state(folder: Path, number: str) -> tuple[str | None, list[str]]:
    """The state in the end, and where the files are not in step with it."""
    office = await _office(folder)
    async with office.store:
        life = await office.store.life(number, 0.0)
        known = await standing(office.desk("2026-11-04"))
        drift = [finding.message.en for finding in known.findings if finding.code == "life-drift"]
        return None if life is None else life.state, drift


async def _faults(folder: Path, number: str) -> list[str]:
    """What is not whole: the life against its audit and against what routing reads; files that cannot be loaded."""
    office = await _office(folder)
    async with office.store:
        store = office.store
        wrong: list[str] = []
        entries = [entry for entry in reversed(await store.audit_entries(subject=number)) if entry.before is not None]
        state = "stock"
        for entry in entries:
            if entry.before["state"] != state:
                wrong.append(f"{entry.action} follows {state} and says {entry.before['state']}")
            state = entry.after["state"]
        life = await store.life(number, 0.0)
        if (life.state if life is not None else "stock") != state:
            wrong.append(f"the audit ends with {state}")
        seen = await store.number_state(number)
        if (seen.state if seen is not None else "stock") != state:
            wrong.append("routing reads another state")
        for known in await store.qualifications():
            kinds = {file.kind for file in await store.files(f"qualification:{known.id}")}
            if kinds != set(SCANS):
                wrong.append(f"{known.company} has the scans {kinds}")
        if load(office.folder).configuration is None:
            wrong.append("the files cannot be loaded")
    return wrong


if __name__ == "__main__":
    main(Path(sys.argv[1]))
