"""A rule for days that are all over."""

from __future__ import annotations

from collections.abc import Iterator

from ivr_flows.findings import Text

from ...consistency import grouped
from ..rule import Problem, RouteRule
from ..subject import Subject, dates_of


def check(subject: Subject) -> Iterator[Problem]:
    """Every rule whose dates lie before the day of the check."""
    for route in subject.ruled:
        for rule in route.rules:
            dates = dates_of(rule)
            if dates and all(last < subject.day for _, last in dates):
                end = max(last for _, last in dates)
                yield Problem(
                    rule.place,
                    Text(
                        f"The rule `{rule.name}` of {grouped(route.number)} ended on {end}.",
                        f"{grouped(route.number)} 的规则 `{rule.name}` 已于 {end} 结束。",
                    ),
                    Text("Delete it, or write the next dates.", "请删除，或改写为下一次的日期。"),
                )


RULE = RouteRule(
    "dates-past",
    "info",
    Text("a rule for days that are over", "日期已过的规则"),
    Text("rules for days that are over", "日期已过的规则"),
    check,
)
