"""A small good configuration as bytes, to be broken one place at a time."""

from __future__ import annotations

import pytest

GOOD = {
    "line400.yaml": "company: 示例科技\n",
    "numbers.yaml": """\
numbers:
  - number: 400-800-1234
    carrier: telecom
    instance: center
  - number: 400-600-5678
""",
    "lines.yaml": """\
lines:
  bj:
    base_number: 010-88880001
    province: 北京
    trunk: t1
    overflow: sh
    default_number: 400-800-1234
  sh:
    base_number: 021-66660002
    trunk: t1
""",
    "trunks.yaml": "trunks:\n  t1: { peer: 127.0.0.1 }\n",
    "queues.yaml": """\
queues:
  support: { agents: ["1001"] }
voicemail:
  general: { max: 60s }
instances:
  center: { queue: support }
""",
    "routes.yaml": """\
routes:
  400-800-1234:
    line: bj
    flow: welcome
    rules:
      - name: 黑名单
        when: { caller: { list: blocked } }
        reject: blocked
      - name: 下班
        when: { hours: office, is: closed }
        flow: later
  400-600-5678:
    line: bj
    flow: later
lists:
  blocked: ["13900000000", "0085*"]
""",
    "calendars.yaml": """\
calendars:
  office:
    open:
      workday: ["09:00-12:00", "13:30-18:00"]
""",
    "flows/later.flow.yaml": """\
flow: later
nodes:
  say:
    play: 请留言。
    next: box
  box:
    voicemail: general
    next: bye
  bye:
    hangup: normal
""",
}


@pytest.fixture
def files() -> dict[str, bytes]:
    """The content of a configuration without any finding."""
    return {name: text.encode() for name, text in GOOD.items()}
