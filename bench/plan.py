"""What `line400 plan` costs: one changed rule among 100,000 numbers, from files and store to the calls that differ."""

from __future__ import annotations

import shutil
import tempfile
import time
from pathlib import Path

NUMBERS = 100_000
MOST_SECONDS = 2.0

_LINES = """\
lines:
  bj: { base_number: 010-88880001, province: 北京, trunk: bj }
  sh: { base_number: 021-66660002, province: 上海, trunk: sh }
"""
_CALENDARS = """\
calendars:
  office: { holidays: CN, open: { workday: ["09:00-18:00"], saturday: ["10:00-16:00"] } }
"""
_ROUTES = """\
routes:
  400-800-0000:
    line: bj
    flow: welcome
    rules:
      - name: 上海来电
        when: { caller: { province: 上海 } }
        line: sh
      - name: 下班
        when: { hours: office, is: [closed, holiday] }
        reject: busy
"""


def _company(folder: Path) -> None:
    config = folder / "config"
    config.mkdir()
    (config / "line400.yaml").write_text("company: 示例科技\nstore: sqlite:///var/line400.db\n")
    (config / "lines.yaml").write_text(_LINES)
    (config / "calendars.yaml").write_text(_CALENDARS)
    (config / "routes.yaml").write_text(_ROUTES)
    (config / "numbers.yaml").write_text("numbers:\n  - { number: 400-800-0000, purchased: 2026-01-01 }\n")
    numbers = [f"400{8_000_001 + index}" for index in range(NUMBERS - 1)]
    (config / "numbers.csv").write_text(
        "number,company,purchased\n" + "".join(f"{number},公司{number[-3:]},2026-01-01\n" for number in numbers)
    )
    (config / "routes.csv").write_text(
        "number,line,flow\n" + "".join(f"{number},{'bj' if int(number) % 2 else 'sh'},welcome\n" for number in numbers)
    )


def plan_one_rule_seconds() -> dict[str, object]:
    """The whole judgement: files read and checked, the current revision read from the store, the text compared, the
    gates asked, a year of calls compared exactly. Programs and the geography of callers are loaded before."""
    from router.app.invocation import Invocation
    from router.app.revisions.pipeline import commit, judge_folder

    folder = Path(tempfile.mkdtemp(prefix="line400-bench-"))
    try:
        _company(folder)
        invocation = Invocation(config=folder / "config", quiet=True)
        commit(judge_folder(invocation), "bench", None, time.time())
        routes = folder / "config" / "routes.yaml"
        routes.write_text(routes.read_text().replace("reject: busy", "reject: blocked"))
        best = float("inf")
        for _ in range(3):
            began = time.perf_counter()
            judged = judge_folder(invocation)
            best = min(best, time.perf_counter() - began)
        behaviour = judged.behaviour
        assert behaviour is not None
        assert [row.numbers for row in behaviour.rows] == [("4008000000",)], behaviour.rows
    finally:
        shutil.rmtree(folder)
    return {
        "value": round(best, 3),
        "unit": "s",
        "reference": MOST_SECONDS,
        "ratio": round(MOST_SECONDS / best, 2),
        "note": f"{NUMBERS:,} numbers, {behaviour.cells} cells of a year compared; geography loaded before",
    }
