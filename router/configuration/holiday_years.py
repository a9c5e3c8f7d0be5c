"""Year files: ``calendars/2027.yaml`` holds the statutory holidays and make-up days of a year, as the State Council's
notice lists them. A file stands in place of the data that is packaged for that year, if there is any."""

from __future__ import annotations

from collections.abc import Mapping as Mapping_
from datetime import date

from ivr_flows.findings import Place, Text
from ivr_flows.schema import read_model
from ivr_flows.yaml_source import Mapping, read_bytes
from router.model import HolidayYear

from .calendar_schemas import HolidayYearFile
from .folder import year_of
from .parts import Parts
from .values import days_of


def read_holiday_years(parts: Parts, content: Mapping_[str, bytes], shown: Mapping_[str, str]) -> None:
    """Every year file of ``content``, into ``parts.holiday_years``."""
    for name in sorted(content):
        year = year_of(name)
        if year is None:
            continue
        document = read_bytes(content[name], shown[name])
        parts.findings.extend(document.findings)
        if document.root is None:
            continue
        entry, findings = read_model(HolidayYearFile, document)
        parts.findings.extend(findings)
        if entry is not None:
            root = document.root
            place = root.place if not isinstance(root, Mapping) else root.place_of("holidays")
            parts.holiday_years[year] = _year(parts, year, entry, place)


def _year(parts: Parts, year: int, entry: HolidayYearFile, place: Place) -> HolidayYear:
    holidays: dict[date, str] = {}
    workdays: dict[date, None] = {}
    for name, ranges in entry.holidays.items():
        for day in (day for dates in ranges for day in days_of(dates)):
            if day in holidays:
                _twice(parts, place, day)
            holidays[day] = name
    for day in (day for dates in entry.workdays for day in days_of(dates)):
        if day in holidays or day in workdays:
            _twice(parts, place, day)
        workdays[day] = None
        if day.weekday() < 5:
            parts.report(
                "make-up-on-weekday",
                place,
                Text(
                    f"{day} is a {_WEEKDAYS[day.weekday()][0]} and no day of a weekend: it is a working day anyhow.",
                    f"{day} 是{_WEEKDAYS[day.weekday()][1]}，不是周末，本来就上班。",
                ),
                Text("Check the day in the notice.", "请对照放假通知核对日期。"),
                "warning",
            )
    for day in (*holidays, *workdays):
        if not date(year - 1, 12, 1) <= day <= date(year + 1, 1, 31):
            parts.report(
                "date-outside-year",
                place,
                Text(f"{day} is no day of the notice for {year}.", f"{day} 不属于 {year} 年的放假通知。"),
                Text(
                    f"Write days of {year}, or of the holidays at its two ends; other years have files of their own.",
                    f"请写 {year} 年（或首尾假期）的日期；其他年份另建文件。",
                ),
            )
    return HolidayYear(holidays, tuple(workdays))


_WEEKDAYS = (
    ("Monday", "星期一"),
    ("Tuesday", "星期二"),
    ("Wednesday", "星期三"),
    ("Thursday", "星期四"),
    ("Friday", "星期五"),
)


def _twice(parts: Parts, place: Place, day: date) -> None:
    parts.report(
        "duplicate-date",
        place,
        Text(f"{day} stands twice.", f"{day} 出现两次。"),
        Text("Keep one of the two.", "只保留其中一个。"),
    )
