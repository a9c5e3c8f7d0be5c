"""What somebody should know on a given day: a year without holiday data, numbers that expire."""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

from ivr_flows.findings import Text
from router.calendars import compile_calendar
from router.lifecycle import expiry

from .consistency import Capped, grouped
from .parts import Parts

HOLIDAY_HORIZON = timedelta(days=45)
EXPIRY_HORIZON = timedelta(days=60)
TODAY_CODES = frozenset({"no-holiday-data", "expires-soon", "expired"})
"""Codes of findings that depend on the day of the check; info here, a warning where something is about to run."""


def check_day(parts: Parts, at: date) -> None:
    """Report as info what only depends on the day ``at``: years without holiday data, numbers that expire."""
    zone = ZoneInfo(parts.settings.timezone)
    for calendar in parts.calendars.values():
        compiled = compile_calendar(calendar, zone)
        for year in compiled.uncovered_years(at.year, (at + HOLIDAY_HORIZON).year):
            parts.report(
                "no-holiday-data",
                calendar.place,
                Text(
                    f"For {year} there are no statutory holidays in the data; `{calendar.name}` follows the weekday "
                    "rule and its overrides.",
                    f"数据中没有 {year} 年的法定节假日；`{calendar.name}` 按星期规则和 overrides 执行。",
                ),
                Text(
                    f"Write the State Council's notice for {year} into calendars/{year}.yaml (holidays, workdays).",
                    f"请把 {year} 年放假通知写入 calendars/{year}.yaml（holidays 放假，workdays 调休上班）。",
                ),
                "info",
            )
    expiring = Capped(parts, Text("expiring numbers", "将到期的号码"))
    for facts in parts.numbers:
        ends = None if facts.auto_renew else expiry(facts)
        if ends is None or ends > at + EXPIRY_HORIZON:
            continue
        past = ends < at
        word = Text("expired", "已于") if past else Text("expires", "将于")
        expiring.add(
            "info",
            "expired" if past else "expires-soon",
            facts.place,
            Text(
                f"{grouped(facts.number)} {word.en} on {ends} and does not renew itself.",
                f"{grouped(facts.number)} {word.zh} {ends} 到期，且未设自动续费。",
            ),
            Text("Renew it, or write `auto_renew: true`.", "请续费，或写 `auto_renew: true`。"),
        )
    expiring.close()
