"""Agents on a real switch: telephones that register, are hunted, do not answer, pause, wrap up, are preferred.

Each queue has its own line, number and agents, so that one switch serves all tests. Callers and telephones are SIPp's.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from router.asterisk.agents import Agents
from router.asterisk.host import Programs
from router.asterisk.service import LiveRouter
from router.book import RouteBook
from router.clock import Clock
from router.configuration import load_files
from router.model import Endpoint
from router.record import CallRecord
from router.store import Store
from simulator.sip.sipp import SippRun, hang_up, hung_up, invite, pause, rung, scenario
from simulator.sip.site import Site

QUEUES = {
    # name: (agents, seconds of wrapping up)
    "idle": (("1001", "1002"), 0),
    "absent": (("1101", "1102"), 0),
    "wrapping": (("1201",), 4),
    "paused": (("1301", "1302"), 0),
    "leaving": (("1401",), 0),
    "known": (("1501", "1502"), 0),
    "unpaused": (("1601", "1602"), 0),
}
RINGS = 3
"""Seconds that a telephone rings before the next one does."""
PATIENCE = 30.0


def _files() -> dict[str, bytes]:
    lines, numbers, routes, queues = ["lines:"], ["numbers:"], ["routes:"], ["queues:"]
    files: dict[str, bytes] = {}
    for place, (name, (agents, wrap_up)) in enumerate(QUEUES.items()):
        number = f"400-800-100{place}"
        lines.append(
            f'  {name}: {{ base_number: "0108888000{place}", trunk: carrier, channels: 9, default_number: {number}, '
            "fallback: { announce: 系统繁忙。 } }"
        )
        numbers.append(f"  - {{ number: {number}, purchased: 2025-01-01 }}")
        routes.append(f"  {number}: {{ line: {name}, flow: {name} }}")
        named = ", ".join(f'"{agent}"' for agent in agents)
        how = "round_robin, auto_pause: false" if name == "unpaused" else "longest_idle"
        queues.append(f"  {name}: {{ strategy: {how}, wrap_up: {wrap_up}s, agents: [{named}] }}")
        files[f"flows/{name}.flow.yaml"] = (
            f"flow: {name}\nnodes:\n  pick_up: {{ answer: , next: wait }}\n"
            f"  wait: {{ queue: {{ name: {name}, timeout: 25s, last_agent_first: {str(name == 'known').lower()} }}, "
            "on: { answered: bye, timeout: bye } }\n  bye: { hangup: normal }\n"
        ).encode()
    files["line400.yaml"] = b"company: x\n"
    files["trunks.yaml"] = b"trunks: { carrier: { peer: 127.0.0.1, original_called: [] } }\n"
    for file, rows in (("lines", lines), ("numbers", numbers), ("routes", routes), ("queues", queues)):
        files[f"{file}.yaml"] = ("\n".join(rows) + "\n").encode()
    return files


class Centre:
    """The switch, its router and what the router told of calls."""

    def __init__(self, site: Site, router: LiveRouter, records: list[CallRecord]) -> None:
        self.site = site
        self.router = router
        self.records = records
        self.telephones = ExitStack()

    def agent(self, name: str, answer_after: float | None = 0.1, talk: float | None = 0.4) -> SippRun:
        """A telephone that answers, talks and hangs up; ``answer_after`` None: that only rings."""
        return self.telephones.enter_context(self.site.telephone(name, scenario(rung(answer_after, talk))))

    def caller(self, queue: str, *steps: str, caller: str = "13800138000") -> SippRun:
        """Somebody calls the number of ``queue``, and does ``steps`` behind the answer."""
        base = f"0108888000{list(QUEUES).index(queue)}"
        document = scenario(invite(), *(steps or (hung_up(),)))
        return self.telephones.enter_context(self.site.sipp(document, service=base, caller=caller))

    async def ended(self, queue: str, count: int = 1) -> list[CallRecord]:
        """The records of calls to ``queue``, once there are ``count``."""
        async with asyncio.timeout(PATIENCE):
            while True:
                found = [record for record in self.records if record.line == queue]
                if len(found) >= count:
                    return found
                await asyncio.sleep(0.05)

    async def call(self, queue: str, caller: str = "13800138000") -> CallRecord:
        """One whole call; who the caller was connected with is in the record."""
        before = sum(record.line == queue for record in self.records)
        self.caller(queue, caller=caller)
        return (await self.ended(queue, before + 1))[-1]

    async def seen(self, name: str, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The queue as soon as it is as ``wanted``."""
        async with asyncio.timeout(PATIENCE):
            while True:
                found = await self.queue(name)
                if wanted(found):
                    return found
                await asyncio.sleep(0.1)

    async def queue(self, name: str) -> dict[str, Any]:
        """The queue as the live view shows it."""
        (found,) = [queue for queue in (await self.router.live())["queues"] or () if queue["name"] == name]
        return found


@pytest.fixture(scope="module")
def site(programs: Programs, sounds: Path) -> Iterator[Site]:
    loaded = load_files(_files(), Path("config"))
    configuration = loaded.configuration
    assert configuration is not None, loaded.findings
    with Site(RouteBook.compile(configuration, "r1"), programs, sounds=sounds, rings=RINGS) as found:
        yield found


@pytest.fixture
async def centre(site: Site, tmp_path: Path) -> AsyncIterator[Centre]:
    settings = replace(
        site.book.settings,
        fastagi=Endpoint("127.0.0.1", site.fastagi_port),
        asterisk=Endpoint("127.0.0.1", site.ami_port, site.secrets.ami_user),
    )
    records: list[CallRecord] = []
    async with await Store.open(f"sqlite:///{tmp_path}/line400.db") as store:
        router = LiveRouter(
            site.book,
            store,
            Clock(),
            settings,
            ami_secret=site.secrets.ami,
            on_record=records.append,
            drain_seconds=1.0,
        )
        await router.start()
        assert router.link.connected
        found = Centre(site, router, records)
        try:
            yield found
        finally:
            found.telephones.close()
            await router.stop()


async def test_the_agent_who_is_idle_longest_is_rung(centre: Centre) -> None:
    centre.agent("1001")
    centre.agent("1002")
    first = (await centre.call("idle")).agent
    await asyncio.sleep(1.1)  # app_queue keeps the end of a call in whole seconds
    second = (await centre.call("idle")).agent
    await asyncio.sleep(1.1)
    third = (await centre.call("idle")).agent
    assert {first, second} == {"1001", "1002"}
    assert third == first


async def test_an_agent_who_does_not_answer_is_passed_by(centre: Centre) -> None:
    centre.agent("1102", 0.2)
    assert (await centre.call("absent")).agent == "1102"
    # Who has spoken is idle shortest now: the other one is rung first, and does not answer.
    centre.agent("1101", None)
    await asyncio.sleep(1.1)
    record = await centre.call("absent")
    assert (record.outcome, record.agent) == ("answered", "1102")
    # Until somebody ends the pause, it is not rung again.
    silent = [agent for agent in (await centre.queue("absent"))["agents"] if agent["paused"]]
    assert [(agent["agent"], agent["paused_reason"]) for agent in silent] == [("1101", "Auto-Pause")]


async def test_an_agent_who_does_not_answer_stays_unpaused_where_the_queue_says_so(centre: Centre) -> None:
    centre.agent("1602", 0.2)
    centre.agent("1601", None)
    assert [(await centre.call("unpaused")).agent for _ in range(2)] == ["1602", "1602"]
    assert [agent["paused"] for agent in (await centre.queue("unpaused"))["agents"]] == [False, False]


async def test_an_agent_who_wraps_up_is_left_alone(centre: Centre) -> None:
    centre.agent("1201")
    await centre.call("wrapping")
    before = centre.router.clock.now()
    await centre.call("wrapping")
    # Rung no earlier than four whole seconds behind the end of the first call, which is kept in whole seconds.
    assert centre.router.clock.now() - before > 2.9


async def test_a_paused_agent_gets_no_calls_until_the_pause_ends(centre: Centre) -> None:
    centre.agent("1301")
    centre.agent("1302")
    agents = Agents(centre.router.link)
    await agents.pause("1301", "paused", True, "lunch")
    for _ in range(2):
        assert (await centre.call("paused")).agent == "1302"
    (state,) = [agent for agent in await agents.list("paused") if agent.agent == "1301"]
    assert (state.paused, state.paused_reason, state.calls) == (True, "lunch", 0)
    await agents.pause("1301", "paused", False)
    assert (await centre.call("paused")).agent == "1301"


async def test_a_caller_who_hangs_up_waiting_has_abandoned(centre: Centre) -> None:
    centre.agent("1401", None)
    centre.caller("leaving", pause(1.5), hang_up())
    queue = await centre.seen("leaving", lambda queue: queue["agents"][0]["state"] == "ringing")
    waiting = queue["waiting"]
    assert (waiting[0]["position"], waiting[0]["caller"]) == (1, "138****8000")
    (record,) = await centre.ended("leaving")
    assert (record.outcome, record.queue, record.agent, record.hangup_by) == ("abandoned", "leaving", None, "caller")
    assert (await centre.queue("leaving"))["abandoned"] == 1


async def test_the_agent_who_spoke_last_with_the_caller_is_rung_first(centre: Centre) -> None:
    telephones = {name: centre.agent(name) for name in ("1501", "1502")}
    first = (await centre.call("known")).agent
    assert first is not None
    await asyncio.sleep(1.1)
    # The other one is idle longest by now.
    assert (await centre.call("known")).agent == first
    # Who is not there costs the caller no waiting: the queue is next.
    telephones[first].close()
    await Agents(centre.router.link).pause(first, "known", True)
    record = await centre.call("known")
    assert (record.outcome, record.queue) == ("answered", "known")
    assert record.agent not in (None, first)
