"""Values of ``routes.yaml`` and ``calendars.yaml``; see `router.configuration.parts`."""

from __future__ import annotations

from ivr_flows.findings import Place, Text
from ivr_flows.schema import read_model
from ivr_flows.yaml_source import Mapping, Scalar, Sequence, Value
from router.model import CalendarSpec, CallerMatch, Route, Rule, When
from router.route_options import Caps, Forward, Hunt, Pin

from .calendar_schemas import CalendarEntry
from .number_values import read_number, read_pattern
from .parts import Parts, accept, is_null, named, names_of, section
from .route_option_schemas import AllowEntry, ForwardEntry, HuntEntry, PinEntry, TrialEntry
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
            parts.routes.append(_route(parts, number, entry, rules, place, value))


def _route(parts: Parts, number: str, entry: RouteEntry, rules: list[Rule], place: Place, value: Value) -> Route:
    def where(key: str) -> Place:
        return value.place_of(key) if isinstance(value, Mapping) else place

    if entry.allow is not None:
        rules = [_allow(entry.allow, where("allow")), *rules]
    if entry.trial is not None:
        rules = [*rules, *_trial(entry.trial, where("trial"))]
    hunt = _hunt(entry.hunt) if entry.hunt else None
    return Route(
        number,
        line=hunt.lines[0] if hunt else entry.line,
        flow=entry.flow,
        rules=tuple(rules),
        hunt=hunt,
        caps=_caps(entry),
        pin=_pin(parts, entry.pin, where("pin")) if entry.pin else None,
        place=place,
    )


def _allow(entry: AllowEntry, place: Place) -> Rule:
    """The rule that ``allow:`` stands for: before all others, everybody who is not listed is rejected."""
    when = When(caller=CallerMatch(not_lists=entry.lists))
    return Rule("allow", when, reject=entry.reject, announce=entry.announce, place=place)


def _trial(entry: TrialEntry, place: Place) -> list[Rule]:
    """The rules that ``trial:`` stands for: behind all others, the listed callers, then a share of the rest."""
    rules: list[Rule] = []
    if entry.callers:
        when = When(caller=CallerMatch(lists=entry.callers))
        rules.append(Rule("trial.callers", when, flow=entry.flow, place=place))
    if entry.share is not None:
        when = When(share=entry.share, share_by=entry.by or "caller")
        rules.append(Rule("trial.share", when, flow=entry.flow, place=place))
    return rules


def _hunt(entry: HuntEntry) -> Hunt:
    weights = entry.weights_by_line()
    return Hunt(
        lines=tuple(entry.lines),
        strategy=entry.strategy or ("weight" if weights else "sequential"),
        weights=tuple(weights[name] for name in entry.lines) if weights else (),
        ring_time=entry.ring_time,
        max_forwards=entry.max_forwards,
    )


def _caps(entry: RouteEntry) -> Caps | None:
    if entry.max_calls is None and entry.max_calls_per_month is None:
        return None
    over = entry.over_limit
    return Caps(
        entry.max_calls,
        entry.max_calls_per_month,
        over.reject if over else "busy",
        over.announce if over else None,
    )


def _forward(entry: ForwardEntry) -> Forward:
    on = tuple((how, flow) for how, flow in entry.on if flow is not None)
    return Forward(entry.to, entry.line, entry.ring_time, on)


def _pin(parts: Parts, entry: PinEntry, place: Place) -> Pin:
    """The PIN with the codes of the lists and environment variables that it names."""
    codes = [*entry.codes, *_listed_codes(parts, entry, place)]
    written = {key: text for key in ("prompt", "denied") if (text := getattr(entry, key)) is not None}
    return Pin(
        codes=tuple(dict.fromkeys(codes)),
        secret=tuple(dict.fromkeys(_secret_codes(parts, entry, place))),
        hashed=entry.hashed,
        secret_env=entry.secret_env,
        digits=entry.digits,
        retries=entry.retries,
        **written,
    )


def _listed_codes(parts: Parts, entry: PinEntry, place: Place) -> list[str]:
    found = [code for name in entry.lists for code in parts.lists.get(name, ())]
    wrong = [code for code in found if len(code) != entry.digits or not code.isdigit()]
    if wrong:
        parts.report(
            "bad-pin",
            place,
            Text(
                f"A list of PINs holds {len(wrong)} entries that are no code of {entry.digits} digits.",
                f"密码名单中有 {len(wrong)} 项不是 {entry.digits} 位密码。",
            ),
            Text("Keep PINs in a list of their own, all of one length.", "请把密码放在单独的名单中，长度一致。"),
        )
    return [code for code in found if code not in wrong]


def _secret_codes(parts: Parts, entry: PinEntry, place: Place) -> list[str]:
    found: list[str] = []
    for variable in entry.secret_env:
        codes = parts.secrets.get(variable, "").replace(",", " ").split()
        good = [code for code in codes if len(code) == entry.digits and code.isdigit()]
        found.extend(good)
        if len(good) == len(codes) and codes:
            continue
        parts.report(
            "pin-secret-unset",
            place,
            Text(
                f"The environment variable {variable} holds no PIN of {entry.digits} digits, or others beside them: "
                "nobody passes with what it should hold.",
                f"环境变量 {variable} 中没有 {entry.digits} 位密码，或含有其他内容：相应的密码都无法通过。",
            ),
            Text(
                f"Set {variable} to the PINs, with commas between them.", f"请把 {variable} 设为密码，多个以逗号分隔。"
            ),
            "info",
        )
    return found


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
            rules.append(_rule(parts, entry, index, item))
    return rules


def _rule(parts: Parts, entry: RuleEntry, index: int, item: Value) -> Rule:
    hunt = _hunt(entry.hunt) if entry.hunt else None
    pin_place = item.place_of("pin") if isinstance(item, Mapping) else item.place
    return Rule(
        name=entry.name or f"rule-{index + 1}",
        when=_when(entry.when) if entry.when else None,
        line=hunt.lines[0] if hunt else entry.line,
        flow=entry.flow,
        split=tuple((entry.split or {}).items()),
        split_by=entry.by or "caller",
        reject=entry.reject,
        announce=entry.announce,
        hunt=hunt,
        forward=_forward(entry.forward) if entry.forward else None,
        pin=_pin(parts, entry.pin, pin_place) if entry.pin else None,
        priority=entry.priority,
        place=item.place,
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
            holiday_years=parts.holiday_years if entry.holidays else {},
        )
