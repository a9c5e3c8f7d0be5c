"""A caller on a real Asterisk while the router is away, hangs, dies, comes back: the flow or the fallback, in time.

Each test prints what it measured. Bounds are generous: machines that run tests are busy.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
import sqlite3
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from router.asterisk.generated.dialplan import FIRST_SIGN
from router.asterisk.host import Programs
from simulator.script import PressScript

from .failing import BASE_DIALLED, FLOWS, FailingLab, Measured, campaign, disagreements, heard_fallback, over, until

pytestmark = pytest.mark.timeout(240)

SLACK = 10.0
"""Seconds more than the switch needs, for a busy machine."""
ANNOUNCEMENT = 4.0


@pytest.fixture
async def lab(programs: Programs, sounds: Path, tmp_path: Path) -> AsyncIterator[FailingLab]:
    async with FailingLab(programs, sounds, tmp_path) as found:
        yield found


@contextlib.contextmanager
def port_that(answers: bool) -> Iterator[int]:
    """A port that takes connections and says nothing; or whose queue is full, so that it takes none either."""
    with contextlib.ExitStack() as stack:
        listening = stack.enter_context(socket.socket())
        listening.bind(("127.0.0.1", 0))
        listening.listen(50 if answers else 0)
        port: int = listening.getsockname()[1]
        if not answers:
            for _ in range(4):
                waiting = stack.enter_context(socket.socket())
                waiting.setblocking(False)
                with contextlib.suppress(BlockingIOError):
                    waiting.connect(("127.0.0.1", port))
        yield port


async def test_without_a_router_that_answers_the_fallback_takes_the_caller(lab: FailingLab) -> None:
    """Refused, nowhere, and silent behind the handshake; the next router is asked, and behind the last the fallback."""

    async def fallback(what: str, bound: float, call_id: str) -> None:
        began = time.monotonic()
        call = lab.call("menu", call_id)
        await until(lambda: heard_fallback(call))
        Measured(what)("the fallback announcement", time.monotonic() - began, bound + SLACK)
        result, _ = await over(call)
        assert result.fallback_used
        assert result.answered is not None

    with port_that(answers=False) as nowhere, port_that(answers=True) as hanging:
        await fallback("refused", 0.1, "refused")
        lab.hand_to(nowhere)
        await fallback("black hole", 2.0, "nowhere")
        lab.hand_to(hanging)
        waits = asyncio.create_task(fallback("hanging", FIRST_SIGN, "hanging"))
        await until(lambda: lab.calls.get("hanging") is not None and lab.calls["hanging"][0].main_channel)
        # The call above keeps the dialplan that it began with; what comes now finds a second router.
        lab.hand_to(1, hanging, lab.ports[0])
        router = await lab.router()
        began = time.monotonic()
        call = lab.call("menu", "second", PressScript.parse("1"))
        await until(lambda: "按1。" in call.caller.heard)
        Measured("refused, hanging, then a router")("the flow", time.monotonic() - began, FIRST_SIGN + SLACK)
        assert (await over(call))[0].fallback_used is False
        await waits
        # A fallback that is a number: a call to it, which the target answers.
        lab.hand_to(1)
        result, _ = await over(lab.call("menu", "number", base=BASE_DIALLED))
        assert result.fallback_used
    record = await lab.record("second")
    assert (record.outcome, record.path, record.pressed, record.fault) == ("completed", ["ask", "bye"], "1", None)
    for name, outcome in {
        "refused": "fallback",
        "nowhere": "fallback",
        "hanging": "fallback",
        "number": "fallback",
    }.items():
        record = await lab.record(name)
        assert (record.outcome, record.fault and record.fault.code) == (outcome, "router_away"), name
        assert (record.called, record.caller, record.test) == ("4008000000", "13800138000", False)
        assert record.ended is not None
        assert record.ended > record.started
    assert (await lab.record("number")).line == "sh"
    await router.stop()
    assert len(await lab.records()) == 5


async def test_a_router_killed_at_each_node_leaves_nobody_in_silence(lab: FailingLab) -> None:
    router = await lab.router()
    await lab.behave("answer:1:6", "answer:1:6")
    talking = {name: lab.call(name, f"talking-{name}") for name in ("queue", "transfer")}
    await asyncio.sleep(2.5)
    await lab.behave("never")
    calls = {name: lab.call(name, f"killed-{name}") for name in FLOWS if name not in ("transfer", "short")}
    ended = lab.call("short", "ended")
    await over(ended)
    await asyncio.sleep(1.5)
    killed = time.monotonic()
    router.kill()
    bounds = {"queue": 6.0, "record": 5.0}
    for name, call in sorted(calls.items(), key=lambda item: item[0] in bounds):
        await until(lambda call=call: heard_fallback(call))  # type: ignore[misc]
        Measured(f"killed in {name}")(
            "the fallback announcement", time.monotonic() - killed, bounds.get(name, 0.1) + SLACK
        )
    for name, call in calls.items():
        assert (await over(call))[0].fallback_used, name
    for name, call in talking.items():
        result, at = await over(call)
        Measured(f"killed while talking: {name}")("the end of the talk", at - killed, 6.0 + SLACK)
        assert not result.fallback_used
        assert not heard_fallback(call)
    await router.end()

    # Started again, it says of each call what happened.
    again = await lab.router()
    for name in calls:
        record = await lab.record(f"killed-{name}", lambda record: record.outcome == "fallback")
        assert (record.fault and record.fault.code, record.flow, record.revision) == ("router_lost", name, "r1")
        assert record.heard[-1] == "系统繁忙，请稍后再拨。"
        if name in ("menu", "gather", "queue", "record"):
            assert len(record.path) == 1, name
    for name in talking:
        record = await lab.record(f"talking-{name}", lambda record: record.outcome == "answered")
        assert record.fault is not None
        assert record.answered is not None
        assert record.billable_minutes == 1
    assert (await lab.record("ended")).fault is None
    call = lab.call("menu", "after", PressScript.parse("1"))
    assert not (await over(call))[0].fallback_used
    assert (await lab.record("after")).outcome == "completed"
    await again.stop()
    assert len(await lab.records()) == len(calls) + len(talking) + 2


async def test_a_second_router_takes_over_what_the_first_has_not_begun(lab: FailingLab) -> None:
    """A call that had begun goes to the fallback and not through its flow again; the next one finds the other router,
    which also makes the records of what the first one left."""
    lab.hand_to(*lab.ports)
    first = await lab.router()
    await lab.router(lab.second)
    begun = lab.call("menu", "begun")
    await until(lambda: "按1。" in begun.caller.heard)
    await asyncio.sleep(1.0)
    killed = time.monotonic()
    first.kill()
    call = lab.call("menu", "next", PressScript.parse("1"))
    await until(lambda: heard_fallback(begun))
    Measured("killed beside a second router")("the fallback announcement", time.monotonic() - killed, SLACK)
    await until(lambda: "按1。" in call.caller.heard)
    Measured("killed beside a second router")("the flow of the next call", time.monotonic() - killed, SLACK)
    assert (await over(begun))[0].fallback_used
    assert list(begun.caller.heard).count("按1。") == 1
    assert not (await over(call))[0].fallback_used
    assert (await lab.record("next")).outcome == "completed"
    record = await lab.record("begun")
    assert (record.outcome, record.fault and record.fault.code, record.path) == ("fallback", "router_lost", ["ask"])
    assert len(await lab.records()) == 2


@pytest.mark.parametrize("by", ["systemd", "itself", "its watcher"])
async def test_a_router_whose_event_loop_stands_still_is_ended(lab: FailingLab, by: str) -> None:
    """A process that is stopped is killed by who watches it: systemd, or without that a child of its own; one whose
    loop stands still ends by itself."""
    limit = 3.0
    router = await lab.router(watchdog=limit, kills=by == "systemd")
    call = lab.call("menu", "stuck")
    await until(lambda: "按1。" in call.caller.heard)
    await asyncio.sleep(1.0)
    stopped = time.monotonic()
    router.signal(signal.SIGUSR1 if by == "itself" else signal.SIGSTOP)
    await until(lambda: heard_fallback(call))
    Measured(f"event loop stands still, ended by {by}")(
        "the fallback announcement", time.monotonic() - stopped, 2 * limit + SLACK
    )
    await router.gone()
    assert (await over(call))[0].fallback_used
    if by == "systemd":
        assert router.told[0] == "READY=1"
        assert "WATCHDOG=1" in router.told
    elif by == "itself":
        assert "most recent call first" in router.log.read_text()
        return
    else:
        assert "was killed" in router.log.read_text()
    await lab.router()
    record = await lab.record("stuck", lambda record: record.outcome == "fallback")
    assert (record.fault and record.fault.code, record.path) == ("router_lost", ["ask"])


async def test_ami_dropped_the_store_locked_and_the_switch_restarted(lab: FailingLab) -> None:
    router = await lab.router()
    call = lab.call("gather", "ami", PressScript.parse("12345678"))
    await until(lambda: "请输入。" in call.caller.heard)
    for line in lab.switch.main.cli("manager show connected").splitlines():
        if line.split()[:1] == ["line400"]:
            lab.switch.main.cli(f"manager kick session {line.split()[4]}")
    assert not (await over(call))[0].fallback_used
    assert (await lab.record("ami")).pressed == "12345678"
    await until(lambda: router.log.read_text().count("AMI connected") > 1)

    # The store locked: calls are served, their records follow.
    locking = sqlite3.connect(lab.store_file, isolation_level=None)
    locking.execute("BEGIN EXCLUSIVE")
    began = time.monotonic()
    call = lab.call("menu", "locked", PressScript.parse("1"))
    result, at = await over(call)
    Measured("store locked")("the end of the flow", at - began, 5 + SLACK)
    assert not result.fallback_used
    locking.rollback()
    assert (await lab.record("locked")).outcome == "completed"

    # Locked, and the router killed before it could write anything.
    locking.execute("BEGIN EXCLUSIVE")
    call = lab.call("menu", "locked-killed")
    await until(lambda: "按1。" in call.caller.heard)
    router.kill()
    assert (await over(call))[0].fallback_used
    locking.rollback()
    locking.close()
    await router.end()
    router = await lab.router()
    record = await lab.record("locked-killed")
    assert (record.outcome, record.fault and record.fault.code) == ("fallback", "router_away")

    # The switch killed under a call and started again: the call is over, the next one is served.
    call = lab.call("menu", "switch")
    await until(lambda: "按1。" in call.caller.heard)
    await asyncio.to_thread(lab.switch.main.stop, kill=True)
    record = await lab.record("switch")
    assert (record.outcome, record.hangup_by, record.hangup_cause) == ("failed", "switch", 38)
    began = time.monotonic()
    await asyncio.to_thread(lab.switch.main.start)
    await lab.switch.reconnect()
    call = lab.call("menu", "restarted", PressScript.parse("1"))
    await until(lambda: "按1。" in call.caller.heard)
    Measured("switch restarted")("the flow of the next call", time.monotonic() - began, 2 + SLACK)
    await over(call)
    assert (await lab.record("restarted")).outcome == "completed"


@pytest.mark.timeout(400)
async def test_no_record_is_lost_and_none_is_there_twice_over_killed_calls(lab: FailingLab) -> None:
    results, _ = await campaign(lab, rounds=2, calls_a_round=10, seed=400)
    await settled(lab, results)


@pytest.mark.long
@pytest.mark.timeout(1800)
async def test_two_hundred_killed_calls_leave_two_hundred_records(lab: FailingLab) -> None:
    results, names = await campaign(lab, rounds=10, calls_a_round=20, seed=401)
    assert len(names) == 200
    await settled(lab, results)


async def settled(lab: FailingLab, results: dict[str, str]) -> None:
    """A router that is back has made a record of every call, and going on changes none of them."""
    await lab.router()
    await until_agreed(lab, results)
    before = {record.call_id: record for record in await lab.records()}
    assert "fallback" in results.values()
    assert {record.outcome for record in before.values()} > {"fallback"}
    await lab.routers[-1].end()
    await (await lab.router()).stop()
    assert {record.call_id: record for record in await lab.records()} == before


async def until_agreed(lab: FailingLab, results: dict[str, str], within: float = 40.0) -> None:
    deadline = time.monotonic() + within
    while wrong := disagreements(await lab.records(), results):
        assert time.monotonic() < deadline, "\n".join(wrong)
        await asyncio.sleep(0.5)
