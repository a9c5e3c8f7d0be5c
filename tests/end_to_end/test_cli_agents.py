"""Agents sign in, pause and sign out over AMI, against the embedded switch."""

from __future__ import annotations

import asyncio
import socket
import sqlite3
import threading
from collections.abc import Iterator

import pytest

from router.clock import Clock
from router.model import QueueSpec
from simulator.switch import VirtualSwitch

SECRET = "s3cret"
QUEUES = {
    "support": QueueSpec("support", agents=("1001", "1002")),
    "sales": QueueSpec("sales", agents=("1003",)),
}


@pytest.fixture
def switch() -> Iterator[VirtualSwitch]:
    """An embedded switch in a thread of its own, as it would run elsewhere."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    async def start() -> VirtualSwitch:
        found = VirtualSwitch(
            Clock(1_790_000_000.0), [], "agi://127.0.0.1:1/x", {"line400": SECRET}, lambda name: (name, 1.0), QUEUES
        )
        await found.start()
        return found

    found = asyncio.run_coroutine_threadsafe(start(), loop).result(10)
    yield found
    asyncio.run_coroutine_threadsafe(found.stop(), loop).result(10)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)
    loop.close()


@pytest.fixture
def agents(cli, switch):
    """``line400 agents`` with the switch of the test."""
    settings = f"company: 示例科技\nstore: sqlite:///var/line400.db\nasterisk: {{ ami_port: {switch.ami_port} }}\n"
    cli.write("line400.yaml", settings)
    cli.write("queues.yaml", 'queues: { support: { agents: ["1001", "1002", "1009"] }, sales: { agents: ["1003"] } }\n')

    def run(*words: str, lang: str = "en", secret: str = SECRET):
        return cli("agents", *words, lang=lang, LINE400_AMI_SECRET=secret)

    run.store = cli.store  # type: ignore[attr-defined]
    return run


def states(agents, *words):
    return {(item["queue"], item["agent"]): item for item in agents(*words, "--json").json}


def test_agents_are_listed_with_their_state(agents):
    found = states(agents)
    assert set(found) == {("support", "1001"), ("support", "1002"), ("sales", "1003")}
    assert found["support", "1001"] == {
        "queue": "support",
        "agent": "1001",
        "interface": "PJSIP/1001",
        "state": "idle",
        "paused": False,
        "paused_reason": None,
        "calls": 0,
        "fixed": True,
        "last_call": None,
    }
    assert set(states(agents, "list", "--queue", "sales")) == {("sales", "1003")}
    assert "空闲" in agents(lang="zh").out


def test_an_agent_signs_in_and_out(agents):
    assert agents("sign-in", "1009", "--json").json == {"agent": "1009", "action": "sign-in", "queues": ["support"]}
    assert states(agents)["support", "1009"]["fixed"] is False
    again = agents("sign-in", "1009")
    assert (again.status, "nothing to change" in again.out) == (0, True)
    assert agents("sign-in", "1009", "--queue", "sales").status == 0
    assert agents("sign-out", "1009", "--json").json["queues"] == ["sales", "support"]
    assert ("support", "1009") not in states(agents)
    assert agents("sign-out", "1009", "--json").json["queues"] == []


def test_an_agent_pauses_with_a_reason_in_every_queue(agents):
    agents("sign-in", "1009", "--queue", "sales")
    agents("sign-in", "1009")
    paused = agents("pause", "1009", "--reason", "午休", "--author", "li", "--json")
    assert (paused.status, paused.json["queues"]) == (0, ["sales", "support"])
    found = states(agents)
    for queue in ("support", "sales"):
        assert (found[queue, "1009"]["paused"], found[queue, "1009"]["paused_reason"]) == (True, "午休")
    assert "午休" in agents().out
    assert agents("unpause", "1009", "--queue", "sales").status == 0
    found = states(agents)
    assert (found["sales", "1009"]["paused"], found["support", "1009"]["paused"]) == (False, True)


def test_what_was_done_is_audited(agents):
    agents("pause", "1001", "--author", "li", "--reason", "午休")
    with sqlite3.connect(agents.store) as store:
        rows = store.execute("SELECT actor, action, subject, reason FROM audit").fetchall()
    store.close()
    assert rows == [("li", "agent_pause", "1001", "午休")]


def test_an_agent_of_the_switch_s_own_list_cannot_be_signed_out(agents):
    said = agents("sign-out", "1001")
    assert said.status == 1
    assert "pause" in said.err


@pytest.mark.parametrize(
    "words",
    [
        *(("fly",), ("sign-in",), ("pause", "a b"), ("pause", "1001\r\nAction: Originate"), ("sign-in", "1077")),
        *(("sign-in", "x" * 100), ("pause", "PJSIP/1001/2")),
    ],
)
def test_wrong_usage_is_status_2(agents, words):
    said = agents(*words)
    assert said.status == 2
    assert said.err


@pytest.mark.parametrize("words", [("sign-in", "1009", "--queue", "nothing"), ("pause", "1099")])
def test_what_the_switch_refuses_is_status_1(agents, words):
    said = agents(*words, lang="zh")
    assert said.status == 1
    assert "交换机拒绝" in said.err


def test_a_wrong_password_and_a_switch_that_is_away_are_status_4(agents, cli):
    refused = agents(secret="wrong")
    assert (refused.status, "secret" in refused.err) == (4, True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        cli.write("line400.yaml", f"company: x\nasterisk: {{ ami_port: {free.getsockname()[1]} }}\n")
        away = agents("--json")
    assert (away.status, away.json["error"]["code"]) == (4, "no-switch")
    assert agents("list", secret="").status == 2


def test_the_password_of_a_telephone_is_printed_and_audited(agents) -> None:
    printed = agents("password", "1001")
    assert printed.status == 0
    document = agents("password", "1001", "--json").json
    assert document == {"agent": "1001", "user": "1001", "password": printed.out.strip()}
    assert len(document["password"]) >= 12
    with sqlite3.connect(agents.store) as store:
        assert store.execute("SELECT count(*) FROM audit WHERE action = 'agent_password'").fetchone() == (2,)
    assert agents("password", "7777").status == 2
