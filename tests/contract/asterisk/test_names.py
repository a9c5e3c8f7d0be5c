"""Names that Asterisk keeps for itself, long Chinese ones, and those of a trunk, a line and an agent alike: a real
Asterisk has each queue, each agent and each trunk, and calls them what the configuration calls them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from router.asterisk.agents import agents_of, interface_of
from router.asterisk.ami_link import AmiAccess
from router.asterisk.generated.names import trunk_endpoint
from router.asterisk.host import Programs
from router.asterisk.preferred import preferred_queue
from router.asterisk.queue_board import QueueBoard

from .company import company
from .lab import CARRIER, CARRIER_PORT, Ami, CarrierSide, Lab

BASE = "01088880001"
LONG = "重庆客户服务中心热线值班队列之一二三四五"
AGENTS = ["out-bj", "bj", "上海中继", "global", "udp", "值班座席" * 5, "1001"]
QUEUES = ["general", "default", LONG, "member"]


@pytest.fixture(scope="module")
def lab(programs: Programs, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    listed = ", ".join(f'"{agent}"' for agent in AGENTS)
    queues = "".join(f"  {queue}: {{ agents: [{listed}] }}\n" for queue in QUEUES)
    book = company(tmp_path_factory.mktemp("company"), queues__yaml=f"queues:\n{queues}")
    made = Lab(programs, book)
    yield made
    made.close()


@pytest.fixture
def ami(lab: Lab) -> Iterator[Ami]:
    link = lab.ami()
    yield link
    link.close()


def access(lab: Lab) -> AmiAccess:
    return AmiAccess("127.0.0.1", lab.ami_port, "line400", Lab.SECRET)


def test_the_files_are_loaded_without_a_warning(lab: Lab) -> None:
    assert lab.log() == []


async def test_every_queue_has_its_agents_under_their_names(lab: Lab) -> None:
    async with agents_of(access(lab)) as agents:
        found = {(item.queue, item.agent, item.interface) for item in await agents.list()}
        assert found == {(queue, agent, interface_of(agent)) for queue in QUEUES for agent in AGENTS}
        board = await QueueBoard(agents._link).read()
        assert board is not None
        assert [queue.name for queue in board] == sorted(QUEUES)
        assert all(len(queue.agents) == len(AGENTS) for queue in board)


@pytest.mark.parametrize("queue", QUEUES)
async def test_agents_are_paused_signed_in_and_out_in_every_queue(lab: Lab, queue: str) -> None:
    async with agents_of(access(lab)) as agents:
        for agent in (AGENTS[0], AGENTS[5]):
            await agents.pause(agent, queue, True, "lunch")
            (paused,) = [item for item in await agents.list(queue) if item.agent == agent]
            assert (paused.paused, paused.queue) == (True, queue)
            await agents.pause(agent, queue, False)
        assert await agents.sign_in("2002", queue)
        assert "2002" in {item.agent for item in await agents.list(queue)}
        assert await agents.sign_out("2002", queue)


async def test_the_queue_of_one_agent_is_there_whatever_the_names(lab: Lab, ami: Ami) -> None:
    exists = {queue: await asyncio.to_thread(_exists, ami, preferred_queue(queue, AGENTS[5])) for queue in QUEUES}
    assert exists == dict.fromkeys(QUEUES, "1")


def _exists(ami: Ami, queue: str) -> str:
    return ami.send("Getvar", Variable=f"QUEUE_EXISTS({queue})")["Value"]


@pytest.mark.parametrize("trunk", ["bj", "上海中继"])
def test_a_trunk_is_one_beside_an_agent_of_its_name(lab: Lab, trunk: str) -> None:
    shown = lab.asterisk.cli(f"pjsip show endpoint {trunk_endpoint(trunk)}")
    assert "Unable to find object" not in shown
    agent = lab.asterisk.cli(f"pjsip show endpoint {(interface_of(trunk) or '').removeprefix('PJSIP/')}")
    assert " line400-agents" in agent
    assert " line400-agents" not in shown


def test_a_call_from_the_trunk_is_the_trunks(lab: Lab) -> None:
    """No router runs: it goes on to the number to which its line falls back."""
    side = CarrierSide(CARRIER, CARRIER_PORT)
    keys = {"from": "<sip:13800138000@carrier>", "to": f"<sip:{BASE}@127.0.0.1>", "headers": "", "expect": "603"}
    done = lab.sipp("carrier", BASE, CARRIER, keys=keys)
    side.stop()
    assert done.returncode == 0, done.stderr
    assert [invite.startswith("INVITE sip:01088880009@") for invite in side.invites()] == [True]
