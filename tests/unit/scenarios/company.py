"""A small company of its own for the tests of scenarios: one number, one flow with a menu, a queue and a transfer."""

from __future__ import annotations

from pathlib import Path

FILES = {
    "line400.yaml": "company: 测试公司\ntimezone: Asia/Shanghai\n",
    "numbers.yaml": """\
numbers:
  - { number: 400-800-1234, company: 测试公司, carrier: telecom, purchased: 2026-01-01, auto_renew: true }
""",
    "lines.yaml": """\
lines:
  bj: { base_number: 010-88880001, carrier: unicom, province: 北京, city: 北京, trunk: t, channels: 5,
        fallback: { announce: 系统繁忙 } }
""",
    "trunks.yaml": "trunks:\n  t: { peer: 127.0.0.1, original_called: [diversion] }\n",
    "queues.yaml": "queues:\n  support: { agents: ['1001'] }\n",
    "routes.yaml": """\
routes:
  400-800-1234:
    line: bj
    flow: main
    rules:
      - { name: 黑名单, when: { caller: { number: ["13900000000"] } }, reject: blocked }
""",
    "flows/main.flow.yaml": """\
flow: main
start: greeting
nodes:
  greeting:
    play: 您好，欢迎致电{{ company }}。
    next: menu
  menu:
    menu: { prompt: 人工请按1，外线请按2，结束请按0。, timeout: 5s, retries: 1 }
    on: { "1": agent, "2": outside, "0": bye, no_input: bye, no_match: bye }
  agent:
    queue: support
    timeout: 30s
    on: { answered: bye, timeout: bye }
  outside:
    transfer: { to: 010-88880009, timeout: 20s }
    on: { answered: bye, busy: menu, no_answer: bye, failed: bye }
  bye:
    hangup: normal
""",
}


def write_company(folder: Path) -> Path:
    """Write the company's configuration to ``folder`` and return it."""
    for name, text in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


SCENARIO = """\
scenario: {name}
call: {{ to: 400-800-1234, from: "13800138000", at: 2026-10-12T10:00:00+08:00 }}
steps:
{steps}
"""


def scenario(name: str, *steps: str, more: str = "") -> str:
    """The text of a scenario against this company."""
    return SCENARIO.format(name=name, steps="\n".join(f"  - {step}" for step in steps)) + more
