"""A two-level menu and a bare answer on one real Asterisk, in three ways, and SIPp as their callers.

The ways are the live router (`line400 serve`, a process of its own with the SQLite store), the dialplan alone, and the
least that a FastAGI server in Python can do (`bench.thin_server`). All play the same sound files on the same Asterisk
with the same call records, and the caller presses the same keys at the same moments: the second menu's digit in the
middle of its prompt. A call that was heard rightly ends with cause 16; a wrong or lost digit ends it with cause 17,
which SIPp counts as failed.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from ivr_flows.commands import Prompt
from router.asterisk.host import find_programs
from router.asterisk.prompts import prompt_file
from router.book import RouteBook
from router.configuration import load
from simulator.sip.sipp import Counted, hung_up, invite, pause, press, scenario
from simulator.sip.site import Site

TREE = Path("var/asterisk/tree")
SOUNDS = Path("var/asterisk/bench-sounds")
MENU, BARE, HELD = "01088880001", "01088880002", "01088880003"
"""Base numbers that the router serves."""
ROUTER, NATIVE, THIN = "router", "native", "thin"
WAYS = {ROUTER: "", NATIVE: "9", THIN: "8"}
"""Ways of the same call, and what stands before the base number for each."""
LAST_CALLS = 8.0
"""Seconds behind the last call's beginning after which calls that are still up have failed."""
FIRST, SECOND = Prompt("业务咨询请按1。"), Prompt("人工服务请按2。")
SECRET_VARIABLE = "LINE400_BENCH_SECRET"
STARTS_WITHIN = 60.0

_FLOWS = {
    "menu": f"""flow: menu
nodes:
  first: {{ menu: {{ prompt: {FIRST.text}, retries: 0 }}, on: {{ 1: second, no_input: wrong }} }}
  second: {{ menu: {{ prompt: {SECOND.text}, retries: 0 }}, on: {{ 2: bye, no_input: wrong }} }}
  wrong: {{ hangup: busy }}
  bye: {{ hangup: normal }}
""",
    "bare": "flow: bare\nnodes:\n  pick_up: { answer: , next: bye }\n  bye: { hangup: normal }\n",
    "held": """flow: held
nodes:
  ask:
    gather: { prompt: 请输入数字。, max_digits: 25, terminator: "#", timeout: 60s, digit_timeout: 60s, retries: 0 }
    on: { ok: bye, no_input: wrong }
  wrong: { hangup: busy }
  bye: { hangup: normal }
""",
}


def _others(thin_port: int) -> list[str]:
    """The dialplan of the other ways."""

    def wants(variable: str, digit: str) -> str:
        return f'GotoIf($["${{{variable}}}" = "{digit}"]?:wrong)'

    menu = [
        "Answer()",
        f"Read(FIRST,{prompt_file(FIRST)},1,,1,5)",
        wants("FIRST", "1"),
        f"Read(SECOND,{prompt_file(SECOND)},1,,1,5)",
        wants("SECOND", "2"),
        "Hangup(16)",
    ]
    steps = [
        f"exten => 9{MENU},1,{menu[0]}",
        *(f" same => n,{step}" for step in menu[1:]),
        " same => n(wrong),Hangup(17)",
    ]
    steps += [f"exten => 9{BARE},1,Answer()", " same => n,Hangup(16)"]
    for base, script in ((MENU, "menu"), (BARE, "bare")):
        steps += [f"exten => 8{base},1,AGI(agi://127.0.0.1:{thin_port}/{script})", " same => n,Hangup(16)"]
    return steps


MENU_CALL = scenario(invite(), pause(0.7), press("1"), pause(1.1), press("2"), hung_up(16))
BARE_CALL = scenario(invite(), hung_up(16))


@dataclass(frozen=True, slots=True)
class Spent:
    """Processor seconds of each process; ``server`` is the router, or the thin server in its place."""

    asterisk: float
    server: float

    @property
    def whole(self) -> float:
        """Of both."""
        return self.asterisk + self.server


class Load:
    """A running site with its router. `call` is one load on it."""

    def __init__(self, site: Site, router: subprocess.Popen[str], thin: subprocess.Popen[str], folder: Path) -> None:
        self.site = site
        self.router = router
        self.thin = thin
        self.folder = folder

    def _spent(self, way: str) -> Spent:
        """Processor time until now."""
        pid = self.site.asterisk.pid
        assert pid is not None
        server = self.thin if way == THIN else self.router
        return Spent(_processor_seconds(pid), 0.0 if way == NATIVE else _processor_seconds(server.pid))

    def stop_router(self) -> None:
        """End the router; every record is written then."""
        _stop(self.router)

    def call(self, way: str, base: str, document: str, per_second: float, seconds: float) -> tuple[Counted, Spent]:
        """Calls to ``base`` by ``way`` at a rate for some seconds, and what each cost in processor seconds."""
        calls = max(1, round(per_second * seconds))
        before = self._spent(way)
        service = f"{WAYS[way]}{base}"
        with self.site.sipp(document, service=service, calls=calls, per_second=per_second, timed=True) as run:
            counted = run.wait(seconds + LAST_CALLS)
        after = self._spent(way)
        return counted, Spent((after.asterisk - before.asterisk) / calls, (after.server - before.server) / calls)


@contextmanager
def load_on_asterisk() -> Iterator[Load]:
    """All ways, ready for calls. Raises `RuntimeError` where there is no Asterisk or no SIPp, or nobody may send
    digits."""
    programs = find_programs(TREE)
    if programs is None or not programs.sipp:
        raise RuntimeError("no Asterisk with SIPp: `python -m tests.real_parts` provides them")
    if os.geteuid() != 0:
        raise RuntimeError("SIPp sends digits over a raw socket: run this benchmark as root")
    with tempfile.TemporaryDirectory(prefix="line400-bench-") as name:
        folder = Path(name)
        # The ports are known once the site exists, and the site needs a book: the first one is only for its names.
        _write(folder / "config", 5038, 4573)
        with ExitStack() as stack:
            thin = _thin_server()
            stack.callback(_stop, thin)
            dialplan = {"trunk-bench": _others(int(thin.stdout.readline() if thin.stdout else 0))}
            site = Site(_book(folder / "config"), programs, sounds=SOUNDS, dialplan=dialplan)
            _write(folder / "config", site.ami_port, site.fastagi_port)
            stack.enter_context(site)
            site.speak((FIRST, SECOND))
            router = subprocess.Popen(
                [sys.executable, "-c", "from router.app.main import main; main()", "--quiet", "serve", "--json"],
                cwd=folder,
                env={**os.environ, "PYTHONPATH": os.getcwd(), SECRET_VARIABLE: site.secrets.ami},
                stdout=subprocess.PIPE,
                text=True,
                start_new_session=True,
            )
            stack.callback(_stop, router)
            _wait_until_up(router)
            yield Load(site, router, thin, folder)


def _thin_server() -> subprocess.Popen[str]:
    prompts = [prompt_file(prompt) for prompt in (FIRST, SECOND)]
    return subprocess.Popen([sys.executable, "-m", "bench.thin_server", *prompts], stdout=subprocess.PIPE, text=True)


def _stop(process: subprocess.Popen[str]) -> None:
    process.terminate()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdout is not None:
        process.stdout.close()


def _wait_until_up(router: subprocess.Popen[str]) -> None:
    assert router.stdout is not None
    text = ""
    while line := router.stdout.readline():
        text += line
        try:
            document = json.loads(text)
        except ValueError:
            continue
        if not document["ami"]:
            raise RuntimeError("the router found no AMI")
        time.sleep(0.3)
        return
    raise RuntimeError(f"the router did not start: {text}")


def _write(config: Path, ami_port: int, fastagi_port: int) -> None:
    (config / "flows").mkdir(parents=True, exist_ok=True)
    for name, text in _FLOWS.items():
        (config / "flows" / f"{name}.flow.yaml").write_text(text, encoding="utf-8")
    (config / "line400.yaml").write_text(
        "company: bench\nstore: sqlite:///var/line400.db\napi: { port: 0 }\n"
        f"fastagi: {{ port: {fastagi_port} }}\n"
        f"asterisk: {{ ami_port: {ami_port}, secret_env: {SECRET_VARIABLE} }}\n",
        encoding="utf-8",
    )
    rows = [("menu", MENU, "400-800-0001"), ("bare", BARE, "400-800-0002"), ("held", HELD, "400-800-0003")]
    lines = [
        f'  {name}: {{ base_number: "{base}", carrier: telecom, trunk: bench, channels: 5000, '
        f"default_number: {number} }}"
        for name, base, number in rows
    ]
    routes = [f"  {number}: {{ line: {name}, flow: {name} }}" for name, _, number in rows]
    numbers = [
        f"  - {{ number: {number}, company: bench, carrier: telecom, purchased: 2025-01-01 }}" for _, _, number in rows
    ]
    for file, key, body in (("lines", "lines", lines), ("routes", "routes", routes), ("numbers", "numbers", numbers)):
        (config / f"{file}.yaml").write_text("\n".join([f"{key}:", *body, ""]), encoding="utf-8")
    (config / "trunks.yaml").write_text(
        "trunks:\n  bench: { peer: 127.0.0.1, original_called: [p-called-party-id, history-info, diversion, to] }\n"
    )


def _book(config: Path) -> RouteBook:
    loaded = load(config)
    if loaded.configuration is None:
        raise RuntimeError("; ".join(finding.message.en for finding in loaded.findings))
    return RouteBook.compile(loaded.configuration)


def _processor_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
