"""A small company whose calls all end somewhere, and ways to spoil it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from ivr_flows.findings import Finding
from router.book import RouteBook
from router.configuration import load_files
from router.model import Configuration
from simulator.proving import Prover

ZONE = ZoneInfo("Asia/Shanghai")
FIRST = datetime(2026, 1, 1, tzinfo=ZONE).timestamp()
LAST = datetime(2027, 1, 1, tzinfo=ZONE).timestamp()
FILES = {
    "line400.yaml": "company: 示例科技\n",
    "numbers.yaml": "numbers: [{ number: 400-800-1234 }, { number: 400-600-5678 }]\n",
    "lines.yaml": """
lines:
  bj: { base_number: 010-88880001, trunk: bj, overflow: { full: sh, down: sh }, fallback: { announce: 系统繁忙。 } }
  sh: { base_number: 021-66660002, trunk: sh }
""",
    "routes.yaml": """
routes:
  400-800-1234:
    line: bj
    flow: sales
    rules:
      - { name: 黑名单, when: { caller: { list: blocked } }, reject: blocked }
      - { name: 上海, when: { caller: { province: 上海 } }, line: sh }
      - { name: 下班, when: { hours: office, is: [closed, holiday] }, flow: night }
  400-600-5678: { line: sh, flow: night }
lists: { blocked: ["13900000000", "1391*"] }
""",
    "calendars.yaml": """
calendars: { office: { holidays: CN, open: { workday: ["09:00-18:00"], saturday: ["10:00-16:00"] } } }
""",
    "queues.yaml": """
queues:
  sales: { agents: ["1001"] }
  spare: { agents: ["1002"] }
  empty: {}
""",
    "flows/sales.flow.yaml": """
flow: sales
start: hello
nodes:
  hello: { menu: 销售请按1，留言请按2。, on: { "1": team, "2": message, no_input: team } }
  team: { queue: sales, timeout: 30s, on: { answered: bye, timeout: spare } }
  spare: { queue: spare, timeout: 30s, on: { answered: bye, timeout: message } }
  message: { voicemail: general, next: bye }
  bye: { hangup: normal }
""",
    "flows/night.flow.yaml": """
flow: night
start: closed
nodes:
  closed: { play: 现在是非工作时间。, next: bye }
  bye: { hangup: normal }
""",
}


def company(**changed: str) -> tuple[Configuration, RouteBook]:
    """The company with files changed: names as they are, with ``_`` for what no Python name has."""
    files: dict[str, str] = dict(FILES)
    for name, text in changed.items():
        known = next((there for there in (*FILES, "invariants.yaml") if _key(there) == name), None)
        files[known or f"flows/{name}.flow.yaml"] = text
    return loaded(files)


def _key(file: str) -> str:
    return file.removeprefix("flows/").split(".")[0]


def loaded(files: Mapping[str, str]) -> tuple[Configuration, RouteBook]:
    """The configuration of ``files`` and its book."""
    found = load_files({name: text.encode() for name, text in files.items()}, Path("config"), lint=False)
    assert found.configuration is not None, [finding.as_text() for finding in found.findings]
    return found.configuration, RouteBook.compile(found.configuration)


def prover(**changed: str) -> Prover:
    """A prover of the year 2026."""
    configuration, book = company(**changed)
    return Prover(configuration, book, FIRST, LAST)


def only(findings: list[Finding]) -> Finding:
    """The one finding there is."""
    assert len(findings) == 1, [finding.as_text() for finding in findings]
    return findings[0]
