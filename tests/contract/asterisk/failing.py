"""A real Asterisk with callers on it, and routers that are processes of ``line400 serve``: to be killed, stopped, away.

What a caller hears and when comes from the switch and the far side; what is recorded from the store.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from types import TracebackType
from typing import Any

from router.asterisk.host import Programs
from router.asterisk.prompts import Catalogue, constant_prompts
from router.book import RouteBook
from router.clock import Clock
from router.configuration import load
from router.record import CallRecord
from router.store import Store
from simulator.parties import AgentScript, TargetScript
from simulator.script import CallerScript, PressScript
from simulator.sip import RealSwitch
from simulator.sip.call import RealCall
from simulator.sip.switch import free_ports
from simulator.switch.calls import SwitchCallResult

ROOT = Path(__file__).parents[3]
SECRET = "failing-safe"
BASE, BASE_DIALLED = "01088880001", "02166660002"
FALLBACK = "系统繁忙，请稍后再拨。"
PATIENCE = 60.0

FLOWS = {
    "menu": "ask: { menu: { prompt: 按1。, timeout: 40s, retries: 0 }, on: { '1': bye, no_input: bye } }",
    "gather": "ask: { gather: { prompt: 请输入。, max_digits: 8, timeout: 40s, digit_timeout: 40s, retries: 0,\n"
    "  into: x }, on: { ok: bye, no_input: bye, no_match: bye } }",
    "queue": "agent: { queue: support, timeout: 6s, on: { answered: bye, timeout: bye, full: bye, abandoned: bye } }",
    "transfer": "human: { transfer: { to: 010-88880009, timeout: 25s },\n"
    "  on: { answered: bye, busy: bye, no_answer: bye, failed: bye } }",
    "record": "memo: { record: , max: 5s, silence: 0s, next: bye }",
    "short": "say: { play: 您好。, next: bye }",
}
FLOWS["play"] = "say:\n  play: " + "这是一段相当长的提示音内容，" * 8 + "\n  next: bye"
NUMBERS = {name: f"400800{place:04d}" for place, name in enumerate(FLOWS)}


def settings(store: str, fastagi: int, ami: int, cdr: Path) -> str:
    return (
        f"company: 示例科技\ntimezone: Asia/Shanghai\nstore: {store}\napi: {{ port: 0 }}\n"
        f"fastagi: {{ port: {fastagi} }}\nasterisk: {{ ami_port: {ami}, cdr: {cdr} }}\n"
    )


def company(folder: Path) -> RouteBook:
    """A company whose numbers run `FLOWS`, each on the line ``bj``; ``sh`` falls back to a number."""
    (folder / "flows").mkdir(parents=True)
    files = {
        "line400.yaml": "company: 示例科技\n",
        "lines.yaml": "lines:\n"
        f"  bj: {{ base_number: {BASE}, trunk: bj, channels: 500, fallback: {{ announce: {FALLBACK} }} }}\n"
        f"  sh: {{ base_number: {BASE_DIALLED}, trunk: sh, channels: 500, fallback: {{ number: 010-88880009 }} }}\n",
        "trunks.yaml": "trunks: { bj: { peer: 127.0.0.1, max_calls: 500 }, sh: { peer: 127.0.0.1, max_calls: 500 } }\n",
        "queues.yaml": "queues: { support: { max_waiting: 500, wrap_up: 0s } }\n",
        "numbers.csv": "number\n" + "".join(f"{number}\n" for number in NUMBERS.values()),
        "routes.csv": "number,line,flow\n" + "".join(f"{number},bj,{name}\n" for name, number in NUMBERS.items()),
    }
    for name, nodes in FLOWS.items():
        body = "".join(f"  {line}\n" for line in nodes.splitlines())
        files[f"flows/{name}.flow.yaml"] = f"flow: {name}\nnodes:\n{body}  bye: {{ hangup: normal }}\n"
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    loaded = load(folder)
    wrong = [finding.as_text() for finding in loaded.findings if finding.severity == "error"]
    assert loaded.configuration is not None, wrong
    assert not wrong, wrong
    return RouteBook.compile(loaded.configuration, "r1")


class ServingRouter:
    """One process of ``line400 serve``. With ``watchdog`` it is told so by what plays systemd here: a socket, and who
    kills what no longer reports. ``stuck``: SIGUSR1 lets its event loop stand still."""

    def __init__(
        self, config: Path, *, watchdog: float | None = None, kills: bool = False, secret: str = SECRET
    ) -> None:
        self.config = config
        self.secret = secret
        self.log = config.parent / f"{config.name}.log"
        self.watchdog = watchdog
        self.kills = kills
        self.told: list[str] = []
        self.process: subprocess.Popen[str] | None = None
        self._keeper: asyncio.Task[None] | None = None

    async def start(self) -> ServingRouter:
        environment = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME")}
        environment |= {"PYTHONPATH": str(ROOT), "LANG": "C.UTF-8", "LINE400_AMI_SECRET": self.secret}
        if self.watchdog is not None:
            environment["WATCHDOG_USEC"] = str(round(self.watchdog * 1e6))
        if self.kills:
            address = self.config.parent / f"{self.config.name}.notify"
            address.unlink(missing_ok=True)
            listening = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            listening.bind(str(address))
            listening.setblocking(False)
            environment["NOTIFY_SOCKET"] = str(address)
            self._keeper = asyncio.create_task(self._keep(listening))
        code = (
            "import signal, time\n"
            "signal.signal(signal.SIGUSR1, lambda *_: time.sleep(600))\n"
            "from router.app.main import main\nmain()"
        )
        with self.log.open("ab") as log:
            self.process = await asyncio.to_thread(
                subprocess.Popen,
                [sys.executable, "-c", code, "--config", str(self.config), "--json", "serve"],
                cwd=self.config.parent,
                env=environment,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        said = await asyncio.wait_for(asyncio.to_thread(self._document), PATIENCE)
        assert said.get("ami") is True, (said, self.log.read_text())
        return self

    def _document(self) -> dict[str, Any]:
        assert self.process is not None
        assert self.process.stdout is not None
        lines: list[str] = []
        for line in self.process.stdout:
            lines.append(line)
            if line == "}\n":
                found: dict[str, Any] = json.loads("".join(lines))
                return found
        raise AssertionError(self.log.read_text())

    async def _keep(self, listening: socket.socket) -> None:
        """What a service manager does: kill a process that has been ready and no longer reports in time."""
        loop = asyncio.get_running_loop()
        with listening:
            while True:
                try:
                    ready = "READY=1" in self.told
                    async with asyncio.timeout(self.watchdog if ready else None):
                        self.told.append((await loop.sock_recv(listening, 4096)).decode())
                except TimeoutError:
                    self.kill()
                    return

    def signal(self, number: int) -> None:
        assert self.process is not None
        self.process.send_signal(number)

    def kill(self) -> None:
        """``kill -9``."""
        if self.process is not None and self.process.poll() is None:
            self.process.kill()

    async def gone(self, within: float = PATIENCE) -> float:
        """Wait until the process has ended; the moment at which that was seen."""
        process = self.process
        assert process is not None
        await until(lambda: process.poll() is not None, within)
        return time.monotonic()

    async def stop(self) -> None:
        """End it in an orderly way."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.terminate()
            await asyncio.to_thread(self.process.wait, PATIENCE)
        self._end()

    def _end(self) -> None:
        if self._keeper is not None:
            self._keeper.cancel()
        if self.process is not None and self.process.stdout is not None:
            self.process.stdout.close()

    async def end(self) -> None:
        """Kill it if it still runs."""
        self.kill()
        if self.process is not None:
            await asyncio.to_thread(self.process.wait, PATIENCE)
        self._end()


class FailingLab(AbstractAsyncContextManager["FailingLab"]):
    """The switch under test, its far side, and the configuration of up to two routers on one store."""

    def __init__(self, programs: Programs, sounds: Path, folder: Path) -> None:
        self.folder = folder
        self.config = folder / "config"
        self.second = folder / "second"
        book = company(self.config)
        company(self.second)
        self.book = book
        self.switch = RealSwitch(book, Clock(), programs, SECRET, Catalogue(constant_prompts(book)), sounds)
        self.ports = free_ports(2)
        cdr = self.switch.main.log / "cdr-custom" / "line400-cdr.csv"
        self.store_file = folder / "line400.db"
        for config, port in zip((self.config, self.second), self.ports, strict=True):
            text = settings(f"sqlite:///{self.store_file}", port, self.switch.ami_port, cdr)
            (config / "line400.yaml").write_text(text, encoding="utf-8")
            peers = "".join(
                f"  {trunk}: {{ peer: '127.0.0.1:{self.switch._far_sip}', max_calls: 500 }}\n" for trunk in ("bj", "sh")
            )
            (config / "trunks.yaml").write_text(f"trunks:\n{peers}", encoding="utf-8")
        self.calls: dict[str, tuple[RealCall, float]] = {}
        self.routers: list[ServingRouter] = []

    async def __aenter__(self) -> FailingLab:
        try:
            await self.switch.start()
            self.hand_to(self.ports[0])
            await self.behave()
        except BaseException:
            await self.switch.stop()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for router in self.routers:
            await router.end()
        await self.switch.stop()

    async def behave(self, agents: str = "never", targets: str = "answer:1:4") -> None:
        """What agents and targets do in the calls placed from here on."""
        await self.switch.behave(AgentScript.parse(agents), TargetScript.parse(targets))

    def hand_to(self, *ports: int) -> None:
        self.switch.hand_to(*(f"127.0.0.1:{port}" for port in ports))

    async def router(self, config: Path | None = None, **options: Any) -> ServingRouter:
        """A router that serves."""
        router = ServingRouter(config or self.config, **options)
        self.routers.append(router)
        return await router.start()

    def call(self, flow: str, call_id: str, script: CallerScript | None = None, base: str = BASE) -> RealCall:
        """Dial the number that runs ``flow``; the caller only listens unless ``script`` says otherwise."""
        header = ("P-Called-Party-ID", f"<sip:{NUMBERS[flow]}@carrier.invalid>")
        placed = self.switch.place_call(base, "13800138000", script or PressScript.parse(""), None, [header], call_id)
        assert isinstance(placed, RealCall)
        self.calls[call_id] = (placed, time.monotonic())
        return placed

    async def record(self, call_id: str, holds: Callable[[CallRecord], bool] = lambda record: True) -> CallRecord:
        """The record of a call once it is closed and ``holds``."""
        found: CallRecord | None = None
        async with asyncio.timeout(PATIENCE):
            while True:
                async with await Store.open(f"sqlite:///{self.store_file}") as store:
                    found = await store.get_call(call_id)
                if found is not None and found.outcome is not None and holds(found):
                    return found
                await asyncio.sleep(0.2)

    async def records(self) -> list[CallRecord]:
        """All records."""
        async with await Store.open(f"sqlite:///{self.store_file}") as store:
            return await store.query_calls()


async def until(condition: Callable[[], Any], seconds: float = PATIENCE) -> None:
    """Wait until ``condition`` holds."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - any condition at all
            await asyncio.sleep(0.01)


async def over(call: RealCall, within: float = PATIENCE) -> tuple[SwitchCallResult, float]:
    """The result of a call and the moment at which it was over."""
    result = await asyncio.wait_for(call.ended(), within)
    return result, time.monotonic()


def heard_fallback(call: RealCall) -> bool:
    """Whether the caller is being told the line's fallback announcement."""
    return FALLBACK in call.caller.heard


class Measured:
    """Prints what was measured, and asserts that it is within a bound."""

    def __init__(self, fault: str) -> None:
        self.fault = fault

    def __call__(self, what: str, seconds: float, bound: float) -> None:
        print(f"{self.fault}: {what} after {seconds:.2f} s (at most {bound:.0f} s)")
        assert seconds <= bound, (self.fault, what, seconds)


# ---- many calls, killed at any moment


async def campaign(lab: FailingLab, rounds: int, calls_a_round: int, seed: int) -> tuple[dict[str, str], list[str]]:
    """Place calls while routers are killed at random moments, away for a while, and started again.

    Returns how each call went on (by call id: ``fallback``, or ``served`` when the switch took nobody to a fallback)
    and the ids of all calls. Every call has ended on the switch by then, and a router has caught up.
    """
    chance = random.Random(seed)
    results: dict[str, str] = {}
    for count in range(rounds):
        router = await lab.router()
        await lab.behave(chance.choice(["never", "answer:1:3"]), chance.choice(["answer:1:3", "busy"]))

        async def one(name: str, after: float, leaves: float | None, flow: str) -> None:
            await asyncio.sleep(after)
            call = lab.call(flow, name)
            if leaves is not None:
                await asyncio.sleep(leaves)
                call.hang_up()
            result, _ = await over(call, 120.0)
            results[name] = "fallback" if result.fallback_used else "served"

        calls = [
            asyncio.create_task(
                one(
                    f"killed-{count}-{place}",
                    chance.uniform(0.0, 3.0),
                    chance.uniform(0.5, 6.0) if chance.random() < 0.25 else None,
                    chance.choice(list(FLOWS)),
                )
            )
            for place in range(calls_a_round)
        ]
        await asyncio.sleep(chance.uniform(0.5, 2.5))
        router.kill()
        await asyncio.gather(*calls)
        await router.end()
    return results, sorted(results)


def disagreements(records: Iterable[CallRecord], results: dict[str, str]) -> list[str]:
    """What is wrong with the records of a campaign: none lost, none twice, each telling what happened."""
    by_id: dict[str, list[CallRecord]] = {}
    for record in records:
        by_id.setdefault(record.call_id, []).append(record)
    wrong = [f"{name}: no record" for name in results if name not in by_id]
    wrong += [f"{name}: {len(found)} records" for name, found in by_id.items() if len(found) != 1]
    wrong += [f"{name}: of no call" for name in by_id if name not in results]
    for name, how in results.items():
        for record in by_id.get(name, ()):
            told = (record.outcome, record.fault.code if record.fault else None, record.called)
            if record.outcome is None or record.ended is None or record.called is None:
                wrong.append(f"{name}: not closed: {told}")
            elif (how == "fallback") != (record.outcome == "fallback"):
                wrong.append(f"{name}: {how}, recorded as {told}")
            elif record.outcome in ("fallback", "failed") and record.fault is None:
                wrong.append(f"{name}: no fault: {told}")
    return wrong
