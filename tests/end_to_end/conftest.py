"""A small company in a temporary folder, and the command line called in this process."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from router.app.main import run
from tests.browser import MISSING, collected

collect_ignore_glob: list[str] = []
if not collected():
    print(f"NOTICE: no page is tested in a browser. {MISSING}", file=sys.__stderr__)
    collect_ignore_glob.append("test_*_in_a_browser.py")

COMPANY = {
    "line400.yaml": """\
company: 示例科技
timezone: Asia/Shanghai
store: sqlite:///var/line400.db
api: { host: 127.0.0.1, port: 8400 }
""",
    "numbers.yaml": """\
numbers:
  - { number: 400-800-1234, purchased: 2026-01-01 }
  - { number: 400-600-5678, purchased: 2026-01-01 }
  - { number: 400-000-1357, purchased: 2026-01-01 }
  - { number: 400-678-2000, purchased: 2026-01-01 }
""",
    "lines.yaml": """\
lines:
  bj: { base_number: 010-88880001, province: 北京, trunk: bj }
  sh: { base_number: 021-66660002, province: 上海, trunk: sh }
  cd: { base_number: 028-86660005, province: 四川, trunk: cd }
""",
    "routes.yaml": """\
routes:
  400-800-1234:  # 总机
    line: bj
    flow: welcome
    rules:
      - name: 黑名单
        when: { caller: { list: blocked } }
        reject: blocked
      - name: 上海来电
        when: { caller: { province: 上海 } }
        line: sh
        flow: service
  400-600-5678:
    line: sh
    flow: service
  400-000-1357:
    line: cd
lists:
  blocked: ["13900000000"]
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
    queue: default
    on: { answered: bye, timeout: bye }
  bye:
    hangup: normal
""",
    "scenarios/service.scenario.yaml": """\
scenario: 按0转人工
call: { to: 400-600-5678, from: "13800138000", at: 2026-10-12T10:00:00+08:00 }
steps:
  - hears: 咨询请按1
  - presses: 0
expect: { outcome: queued, path: [menu, agent] }
""",
}


@dataclass(frozen=True, slots=True)
class Said:
    """What one command said and how it ended."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


class CommandLine:
    """``line400`` in this process, with the configuration in ``folder``; a test calls it like a function."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self.capsys = capsys

    def __call__(self, *argv: str, lang: str = "en", **environment: str) -> Said:
        self.capsys.readouterr()
        status = run(["--config", str(self.folder), "--lang", lang, *argv], environment)
        out, err = self.capsys.readouterr()
        assert "Traceback" not in out + err
        return Said(status, out, err)

    @property
    def store(self) -> Path:
        return self.folder.parent / "var" / "line400.db"

    def write(self, name: str, text: str | bytes) -> Path:
        file = self.folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        return file


@pytest.fixture
def cli(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    """The command line of the small company; the working directory is the folder above its configuration."""
    monkeypatch.chdir(tmp_path)
    command_line = CommandLine(tmp_path / "config", capsys)
    for name, text in COMPANY.items():
        command_line.write(name, text)
    return command_line
