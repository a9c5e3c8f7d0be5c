"""A switch of a few lines, and a live router for it to call."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from router.asterisk.agi_codec import parse_command
from router.asterisk.service import LiveRouter
from router.book import RouteBook
from router.clock import Clock
from router.configuration import load_files
from router.model import Configuration, Endpoint
from router.record import CallRecord
from router.store import Store

PATIENCE = 30.0
"""Real seconds after which a test has failed; none waits for them to pass."""
AT = 1_792_400_000.0  # 2026-10-19 11:33 in Shanghai
FILES = {
    "line400.yaml": "company: 示例科技\ntimezone: Asia/Shanghai\n",
    "numbers.yaml": "numbers:\n  - { number: 400-800-1234, carrier: telecom, purchased: 2025-01-01 }\n"
    "  - { number: 400-600-5678, carrier: unicom, purchased: 2025-01-01 }\n",
    "lines.yaml": "lines:\n  bj:\n    base_number: 010-88880001\n    trunk: t-bj\n"
    "    default_number: 400-800-1234\n    fallback: { announce: 系统繁忙。 }\n"
    "  shared:\n    base_number: 010-88880002\n    trunk: t-sh\n    fallback: { announce: 请稍后再拨。 }\n",
    "routes.yaml": "routes:\n  400-800-1234:\n    line: bj\n    flow: hello\n    rules:\n"
    "      - { name: 黑名单, when: { caller: { number: '13900000000' } }, reject: busy, announce: 您暂时不能接入。 }\n"
    "      - { when: { caller: { number: '13700000000' } }, line: shared, flow: hello }\n"
    "  400-600-5678:\n    line: shared\n    flow: bye\n",
    "flows/hello.flow.yaml": "flow: hello\ntitle: x\nlanguage: zh-CN\nstart: greet\nnodes:\n"
    "  greet:\n    play: 您好。\n    next: menu\n  menu:\n    menu: { prompt: 请按1。, retries: 0 }\n"
    "    on: { '1': end, no_input: end, no_match: end }\n  end:\n    hangup: normal\n",
    "flows/bye.flow.yaml": "flow: bye\ntitle: x\nlanguage: zh-CN\nstart: end\nnodes:\n  end:\n    play: 再见。\n",
}


def configuration(files: dict[str, str] | None = None) -> Configuration:
    loaded = load_files({name: text.encode() for name, text in (files or FILES).items()}, Path("."))
    assert loaded.configuration is not None, loaded.findings
    found = loaded.configuration
    settings = replace(found.settings, fastagi=Endpoint(port=0), asterisk=replace(found.settings.asterisk, port=9))
    return replace(found, settings=settings)


class Call:
    """A call of the little switch: its variables, the keys its caller presses, what the router asked for."""

    def __init__(self, base: str, caller: str = "13800138000", keys: str = "1", **variables: str) -> None:
        self.variables = {"LINE400_BASE": base, **variables}
        self.caller = caller
        self.keys = list(keys)
        self.commands: list[list[str]] = []
        self.hang_up_at: str | None = None
        self.presentation = "0"
        self.closed = False

    @property
    def done(self) -> bool:
        return self.variables.get("LINE400_DONE") == "1"

    async def run(
        self, port: int, uniqueid: str = "1.1", line: str = "bj", on: Callable[[str], Any] | None = None
    ) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(
            f"agi_network: yes\nagi_uniqueid: {uniqueid}\nagi_channel: PJSIP/t-1\nagi_callerid: {self.caller}\n"
            f"agi_callingpres: {self.presentation}\nagi_arg_1: {line}\n\n".encode()
        )
        try:
            while text := await reader.readline():
                command = parse_command(text.strip())
                self.commands.append(command)
                if on is not None:
                    await on(" ".join(command))
                writer.write(self.reply(command).encode())
        finally:
            self.closed = True
            writer.close()

    def reply(self, command: list[str]) -> str:
        name = " ".join(command)
        if self.hang_up_at and name.startswith(self.hang_up_at):
            return "200 result=-1\nHANGUP\n"
        if name.startswith("GET VARIABLE"):
            value = self.variables.get(command[2])
            return "200 result=0\n" if value is None else f"200 result=1 ({value})\n"
        if name.startswith("SET VARIABLE"):
            self.variables[command[2]] = command[3] if len(command) > 3 else ""
            return "200 result=1\n"
        if name.startswith("WAIT FOR DIGIT"):
            return f"200 result={ord(self.keys.pop(0)) if self.keys else 0}\n"
        if name.startswith("EXEC Hangup"):
            return "200 result=-1\nHANGUP\n"
        return "200 result=0 endpos=8000\n"

    def did(self, beginning: str) -> bool:
        return any(" ".join(command).startswith(beginning) for command in self.commands)


class Rig:
    """A router and where its records go."""

    def __init__(self, **options: Any) -> None:
        self.configuration = configuration()
        self.records: list[CallRecord] = []
        self.options = options
        self.router: LiveRouter | None = None

    async def stop(self) -> None:
        router, self.router = self.router, None
        if router is not None:
            await router.stop()

    async def start(self, store: Store | None = None, **options: Any) -> LiveRouter:
        self.router = LiveRouter(
            RouteBook.compile(self.configuration, "r1"),
            store,
            Clock(start=AT),
            self.configuration.settings,
            **{
                "ami_secret": "x",
                "on_record": self.records.append,
                "ami_wait_seconds": 0.0,
                "drain_seconds": 0.05,
                **self.options,
                **options,
            },
        )
        await self.router.start()
        return self.router


async def until(condition: Callable[[], Any]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not condition():  # noqa: ASYNC110 - any condition at all
            await asyncio.sleep(0.005)
