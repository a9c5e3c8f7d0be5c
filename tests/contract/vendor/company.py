"""A small company served as a process: what the vendor's SDKs are pointed at."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from router.store import Store

from .stage import SECRET, new_client, old_client

T = TypeVar("T")
ROOT = Path(__file__).resolve().parents[3]
MAIN = "from router.app.main import main; main()"
PATIENCE = 60.0
SETTINGS = """\
company: 示例科技
timezone: Asia/Shanghai
store: sqlite:///var/line400.db
api:
  port: 0
  access_keys:
    - { id: testkey, secret_env: LINE400_CCC_SECRET, role: engineer }
    - { id: careful, secret_env: LINE400_CCC_SECRET, role: engineer, preflight: true }
    - { id: reader, secret_env: LINE400_CCC_SECRET, role: viewer }
fastagi: { port: 0 }
asterisk: { ami_port: %d }
"""
COMPANY = {
    "numbers.yaml": """\
# 号码
numbers:
  - { number: 400-800-1234, instance: support-center, carrier: telecom, purchased: 2026-01-01 }   # 总机
  - { number: 400-600-5678, instance: support-center, purchased: 2026-01-01 }
  - number: 400-111-2222       # 备用
    purchased: 2026-01-01
  - number: 400-111-3333
    purchased: 2026-01-01
  - number: 400-111-4444
    purchased: 2026-01-01
  - number: 400-678-2000       # 线路尚未配置
    purchased: 2026-01-01
""",
    "lines.yaml": """\
lines:
  bj: { base_number: 010-88880001, carrier: unicom, province: 北京, city: 北京, trunk: bj }
  sh: { base_number: 021-66660002, carrier: telecom, province: 上海, city: 上海, trunk: sh }
""",
    "queues.yaml": """\
queues:
  support: { agents: ["1001", "1002"] }   # 客服
instances:
  support-center: { queue: support, title: 客服中心 }
  sales-center: {}
""",
    "routes.yaml": """\
routes:
  400-800-1234: { line: bj, flow: service }   # 总机
  400-600-5678: { line: sh, flow: welcome }
  400-111-2222: { line: bj }
  400-111-3333: { line: bj }
  400-111-4444: { line: sh }
""",
    "flows/service.flow.yaml": """\
flow: service
title: 服务热线
start: menu
nodes:
  menu:
    menu: { prompt: "咨询请按1，人工请按0。", retries: 1 }
    on: { "1": ask, "0": agent, no_input: bye, no_match: bye }
  ask:
    gather: { prompt: "请输入单号，以井号键结束。", max_digits: 8, retries: 0 }
    on: { ok: agent, no_input: bye, no_match: bye }
  agent:
    queue: support
    on: { answered: bye, timeout: bye }
  bye:
    hangup: normal
""",
}
COMPANY["flows/desk.flow.yaml"] = COMPANY["flows/service.flow.yaml"].replace("flow: service", "flow: desk")
SCENARIO = """\
scenario: 客服热线先问候
call: { to: 400-600-5678, from: "13800138000", at: 2026-10-12T10:00:00+08:00 }
steps:
  - hears: 欢迎
expect: { flow: welcome }
"""


@dataclass(frozen=True)
class Served:
    """A running company: its folder, its address, and both clients of the key ``testkey``."""

    folder: Path
    address: str
    new: Any
    old: Any

    def client(self, key: str) -> Any:
        """The newer client of another key."""
        return new_client(self.address, key)

    def text(self, name: str) -> str:
        """A file of the configuration."""
        return (self.folder / "config" / name).read_text("utf-8")

    def write(self, name: str, text: str) -> None:
        """Write a file of the configuration."""
        file = self.folder / "config" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")

    def store(self, action: Callable[[Store], Awaitable[T]]) -> T:
        """Let ``action`` use the store."""

        async def work() -> T:
            async with await Store.open(f"sqlite:///{self.folder}/var/line400.db") as store:
                return await action(store)

        return asyncio.run(work())

    def line400(self, *argv: str) -> Any:
        """What a command prints with ``--json``."""
        done = subprocess.run(
            [sys.executable, "-c", MAIN, *argv, "--json"],
            cwd=self.folder,
            env=environment(),
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )
        assert done.stdout, done.stderr
        return json.loads(done.stdout)

    @property
    def revision(self) -> str:
        """What is in force."""
        found = self.store(lambda store: store.current())
        assert found is not None
        return found.revision


def environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "COVERAGE_PROCESS_START")}
    secrets = {"LINE400_AMI_SECRET": "for-tests", "LINE400_CCC_SECRET": SECRET}
    return {**kept, **secrets, "PYTHONPATH": str(ROOT), "LANG": "C.UTF-8"}


@contextmanager
def serving(folder: Path) -> Iterator[Served]:
    """`COMPANY` in ``folder``, served."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        nobody = probe.getsockname()[1]
    for name, text in {"line400.yaml": SETTINGS % nobody, **COMPANY}.items():
        file = folder / "config" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    with (folder / "serve.log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-c", MAIN, "serve", "--json"],
            cwd=folder,
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
    try:
        assert process.stdout is not None
        said = ""
        for line in process.stdout:
            said += line
            if line == "}\n":
                break
        assert said, (folder / "serve.log").read_text()
        address = json.loads(said)["url"].split("/")[2]
        yield Served(folder, address, new_client(address), old_client(address))
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        process.communicate(timeout=PATIENCE)
