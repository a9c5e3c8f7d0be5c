"""A calendar that a rule asks for is never open: its hours are not written, or its exceptions cover them all."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time

from ivr_flows.findings import Text

from ..rule import Problem, RouteRule
from ..subject import Subject


def check(subject: Subject) -> Iterator[Problem]:
    """Every calendar of a rule that is not open for a minute within the year."""
    asking: dict[str, str] = {}
    for route in subject.ruled:
        for rule in route.rules:
            if rule.when is not None and rule.when.hours is not None:
                asking.setdefault(rule.when.hours, route.number)
    for name, number in asking.items():
        if not subject.matching.never(name, "open"):
            continue
        noon = datetime.combine(subject.day, time(12), subject.zone).timestamp()
        yield Problem(
            subject.configuration.calendars[name].place,
            Text(
                f"The calendar `{name}` is never open until {subject.matching.last}, and rules ask for it.",
                f"日历 `{name}` 在 {subject.matching.last} 之前从不营业，而路由规则在使用它。",
            ),
            Text(
                'Write its hours below `open:`, such as `workday: ["09:00-18:00"]`.',
                '请在 `open:` 下写营业时段，如 `workday: ["09:00-18:00"]`。',
            ),
            example=subject.resolve_command(number, None, noon),
        )


RULE = RouteRule(
    "calendar-never-open",
    "warning",
    Text("a calendar that is never open", "从不营业的日历"),
    Text("calendars that are never open", "从不营业的日历"),
    check,
    behaviour=True,
)
