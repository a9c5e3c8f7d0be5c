"""Values of ``routes.yaml`` and ``calendars.yaml``; see `router.configuration.parts`."""

from __future__ import annotations

from ivr_flows.findings import Place, Text
from ivr_flows.schema import read_model
from ivr_flows.yaml_source import Mapping, Scalar, Sequence, Value
from router.model import CalendarSpec, CallerMatch, Route, Rule, When

from .calendar_schemas import CalendarEntry
from .number_values import read_number, read_pattern
from .parts import Parts, accept, is_null, named, names_of, section
from .route_schemas import RouteEntry, RuleEntry, WhenEntry
from .values import WEEKDAYS, days_of, read_name


def read_lists(parts: Parts, file: str) -> None:
    """``lists`` of ``routes.yaml``: one number or pattern each, judged one by one."""
    lists = section(parts, file, "lists", Mapping)
    for name, value in lists.entries.items() if lists else ():
        assert lists is not None
        accept(parts, lists.place_of(name), read_name, name)
        items = value.items if isinstance(value, Sequence) else [] if is_null(value) else [value]
        patterns: dict[str, None] = {}
        for item in items:
            written = item.text if isinstance(item, Scalar) else None
            pattern = accept(parts, item.place, read_pattern, written)
            if pattern is not None:
                patterns[pattern] = None
        parts.lists[name] = tuple(patterns)


def read_routes(parts: Parts, file: str) -> None:
    """``routes`` of ``routes.yaml``."""
    before = len(parts.findings)
    _read_routes(parts, file)
    if len(parts.findings) > before or names_of(parts, file, "routes") is None:
        parts.routes_known = False


def _read_routes(parts: Parts, file: str) -> None:
    routes = section(parts, file, "routes", Mapping)
    for key, value in routes.entries.items() if routes else ():
        assert routes is not None
        place = routes.place_of(key)
        number = accept(parts, place, read_number, key)
        # an empty route is that of a number which the carrier has not routed yet
        head = Mapping({}, {}, place) if is_null(value) else value
        rules: list[Rule] = []
        if isinstance(value, Mapping) and "rules" in value.entries:
            rest = {name: item for name, item in value.entries.items() if name != "rules"}
            head = Mapping(rest, {name: value.keys[name] for name in rest}, value.place)
            rules = _rules(parts, file, key, value.entries["rules"])
        entry, findings = read_model(RouteEntry, parts.documents[file], head, ("routes", key))
        parts.findings.extend(findings)
        if entry is not None and number is not None:
            parts.routes.append(Route(number, entry.line, entry.flow, tuple(rules), place))


def _rules(parts: Parts, file: str, key: str, value: Value) -> list[Rule]:
    if is_null(value):
        return []
    items = value.items if isinstance(value, Sequence) else [value]
    rules: list[Rule] = []
    for index, item in enumerate(items):
        path = ("routes", key, "rules", index) if isinstance(value, Sequence) else ("routes", key, "rules")
        entry, findings = read_model(RuleEntry, parts.documents[file], item, path)
        parts.findings.extend(findings)
        if entry is not None:
            rules.append(_rule(entry, index, item.place))
    return rules


def _rule(entry: RuleEntry, index: int, place: Place) -> Rule:
    return Rule(
        name=entry.name or f"rule-{index + 1}",
        when=_when(entry.when) if entry.when else None,
        line=entry.line,
        flow=entry.flow,
        split=tuple((entry.split or {}).items()),
        split_by=entry.by or "caller",
        reject=entry.reject,
        announce=entry.announce,
        place=place,
    )


def _when(entry: WhenEntry) -> When:
    return When(
        caller=CallerMatch(**dict(entry.caller)) if entry.caller else None,
        hours=entry.hours,
        hours_is=entry.hours_is or ("open",),
        dates=entry.dates,
        weekday=entry.weekday,
        share=entry.share,
        share_by=entry.share_by or "caller",
    )


def read_calendars(parts: Parts, file: str) -> None:
    """``calendars.yaml``."""
    for name, entry, place in named(parts, file, "calendars", CalendarEntry):
        hours = entry.open
        overrides: dict[object, object] = {}
        for dates, value in entry.overrides.items():
            written = None if value == "holiday" else hours.workday if value == "workday" else value
            for day in days_of(dates):
                if day in overrides:
                    parts.report(
                        "duplicate-date",
                        place,
                        Text(
                            f"`overrides` of `{name}` names {day} twice.",
                            f"`{name}` 的 `overrides` 中 {day} 出现两次。",
                        ),
                        Text("Keep one of the two.", "只保留其中一个。"),
                    )
                overrides[day] = written
        parts.calendars[name] = CalendarSpec(
            name=name,
            holidays=entry.holidays,
            workday=hours.workday,
            weekdays={
                index: getattr(hours, word) for index, word in enumerate(WEEKDAYS) if getattr(hours, word) is not None
            },
            holiday_hours=hours.holiday,
            overrides=overrides,  # type: ignore[arg-type]  # dates and day hours by construction
            place=place,
        )
