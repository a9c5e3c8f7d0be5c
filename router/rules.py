"""Rules of a route, compiled: what must hold of a call, and why it does not.

A rule becomes a tuple of checks. A check returns None when its condition holds, else the `TraceStep` that says
what was wanted and what was found; words are made of it by `router.explain` when somebody reads them. A call's
facts that cost something (geography of the caller, local time) are worked out when a check asks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, tzinfo
from typing import TypeAlias

from ivr_flows.environment import CallerFacts
from ivr_flows.shares import share_bucket

from .calendars import Calendar
from .callers import caller_facts
from .explain import percent
from .model import CallerMatch, Rule, When
from .patterns import PatternSet
from .resolution import Draw, TraceStep
from .route_options import Handling, Pin

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_BUCKETS = 10_000


class CallFacts:
    """The facts of one call that rules are asked with: ``caller`` as the switch shows it, ``base_number`` of the line
    it arrives on (a caller that shows it is hidden). ``draw`` gives the buckets of shares in place of the hash
    (`Inbound`)."""

    __slots__ = ("_local", "at", "call_id", "caller", "draw", "number", "zone")

    def __init__(
        self,
        number: str,
        caller: str | None,
        base_number: str | None,
        at: float,
        call_id: str,
        zone: tzinfo,
        draw: Draw | None = None,
    ) -> None:
        self.number = number
        self.caller: CallerFacts = caller_facts(caller, base_number)
        self.at = at
        self.call_id = call_id
        self.zone = zone
        self.draw = draw
        self._local: datetime | None = None

    @property
    def local(self) -> datetime:
        """The moment of arrival in the configured time zone."""
        if self._local is None:
            self._local = datetime.fromtimestamp(self.at, self.zone)
        return self._local

    def share_key(self, by: str) -> str:
        """What a share hashes: the caller's number, or the call id for a hidden caller or ``by: call``."""
        return self.call_id if by == "call" else self.caller.number or self.call_id

    def bucket(self, rule: str, by: str) -> int:
        """Where the call falls among the 10,000 buckets of ``rule``."""
        if self.draw is not None:
            return self.draw(rule, by == "call" or not self.caller.number)
        return share_bucket(self.number, rule, self.share_key(by))


Check: TypeAlias = Callable[[CallFacts], TraceStep | None]


class CompiledRule:
    """One rule. `checks` all hold for a match; then `outcome` gives the flow and the step of the trace. ``when`` is the
    condition that the checks were made of; ``handling`` what is done beside the flow, None for nothing."""

    __slots__ = (
        "_by",
        "_conditions",
        "_matched",
        "_split",
        "announce",
        "checks",
        "flow",
        "handling",
        "hunt",
        "line",
        "name",
        "reject",
        "when",
    )

    def __init__(self, rule: Rule, checks: tuple[Check, ...], pin: Pin | None = None) -> None:
        self.name = rule.name
        self.when = rule.when
        self.checks = checks
        self.hunt = rule.hunt
        self.handling = handling_of(rule.pin or pin, rule)
        self.line = rule.line
        self.flow = rule.flow
        self.reject = rule.reject
        self.announce = rule.announce
        self._by = rule.split_by
        self._split = split_ranges(rule)
        self._conditions = describe(rule.when)
        code = "matched" if self._conditions else "always"
        self._matched = TraceStep(rule.name, True, code, self._conditions)

    def outcome(self, call: CallFacts, default: str | None) -> tuple[str | None, TraceStep]:
        """The flow that the rule gives a matching call (``default`` where it names none), and its step."""
        if not self._split:
            if self.handling is not None and self.handling.forward is not None:
                return None, self._matched
            return self.flow or default, self._matched
        bucket = call.bucket(self.name, self._by)
        flow = next((name for end, name in self._split if bucket < end), self._split[-1][1])
        return flow, TraceStep(self.name, True, "matched_split", (flow or "-", str(bucket), *self._conditions))


def handling_of(pin: Pin | None, rule: Rule | None = None) -> Handling | None:
    """What is done beside the flow of a call that ``rule`` (None: no rule) takes; None for nothing."""
    forward, priority = (None, None) if rule is None else (rule.forward, rule.priority)
    found = Handling(pin, forward, priority)
    return None if found == Handling() else found


def compile_rule(
    rule: Rule, lists: Mapping[str, PatternSet], calendars: Mapping[str, Calendar], pin: Pin | None = None
) -> CompiledRule:
    """The rule with the lists and calendars that it names; ``pin`` is that of its route.

    Raises:
        KeyError: it names a list or calendar that is not there (the loader reports that with its place).
    """
    when = rule.when
    if when is None:
        return CompiledRule(rule, (), pin)
    checks = _caller_checks(rule.name, when.caller, lists) if when.caller else []
    if when.hours is not None:
        checks.append(_hours(rule.name, calendars[when.hours], when.hours_is))
    if when.dates:
        checks.append(_dates(rule.name, when.dates))
    if when.weekday:
        checks.append(_weekday(rule.name, frozenset(when.weekday)))
    if when.share is not None:
        checks.append(_share(rule.name, when.share, when.share_by))
    return CompiledRule(rule, tuple(checks), pin)


def split_ranges(rule: Rule) -> tuple[tuple[float, str], ...]:
    """The buckets of a split: the end of each flow's range. Beside a ``share`` with the same key the split divides
    the buckets that the share takes; the same hash over all of them would give every caller the first flow."""
    scale = 100.0
    if rule.when is not None and rule.when.share is not None and rule.when.share_by == rule.split_by:
        scale = rule.when.share
    ends: list[tuple[float, str]] = []
    total = 0.0
    for flow, share in rule.split:
        total += share
        ends.append((round(total * scale, 6), flow))
    return tuple(ends)


def _caller_checks(rule: str, match: CallerMatch, lists: Mapping[str, PatternSet]) -> list[Check]:
    checks: list[Check] = []
    if match.lists:
        checks.append(_listed(rule, match.lists, tuple(lists[name] for name in match.lists)))
    if match.not_lists:
        checks.append(_not_listed(rule, match.not_lists, tuple(lists[name] for name in match.not_lists)))
    if match.number:
        checks.append(_numbered(rule, "caller_number_differs", PatternSet(match.number), match.number))
    if match.prefix:
        checks.append(_numbered(rule, "caller_prefix_differs", PatternSet(match.prefix, prefixes=True), match.prefix))
    for key, wanted in (
        ("kind", match.kind),
        ("province", match.province),
        ("city", match.city),
        ("carrier", match.carrier),
    ):
        if wanted:
            checks.append(_fact(rule, key, wanted))
    return checks


def _listed(rule: str, names: tuple[str, ...], sets: tuple[PatternSet, ...]) -> Check:
    shown = ", ".join(names)
    hidden = TraceStep(rule, False, "caller_hidden", ("list", shown))

    def check(call: CallFacts) -> TraceStep | None:
        caller = call.caller.number
        if caller is None:
            return hidden
        for patterns in sets:
            if caller in patterns:
                return None
        return TraceStep(rule, False, "caller_not_in_list", (caller, shown))

    return check


def _not_listed(rule: str, names: tuple[str, ...], sets: tuple[PatternSet, ...]) -> Check:
    """The caller is in none of the lists; a hidden one is in none."""
    shown = ", ".join(names)

    def check(call: CallFacts) -> TraceStep | None:
        caller = call.caller.number
        if caller is not None and any(caller in patterns for patterns in sets):
            return TraceStep(rule, False, "caller_in_list", (caller, shown))
        return None

    return check


def _numbered(rule: str, code: str, patterns: PatternSet, wanted: tuple[str, ...]) -> Check:
    shown = ", ".join(wanted)
    hidden = TraceStep(rule, False, "caller_hidden", (code.split("_")[1], shown))

    def check(call: CallFacts) -> TraceStep | None:
        caller = call.caller.number
        if caller is None:
            return hidden
        return None if caller in patterns else TraceStep(rule, False, code, (caller, shown))

    return check


def _fact(rule: str, key: str, wanted: tuple[str, ...]) -> Check:
    """A condition on the caller's kind, province, city or carrier. Several cities may share one area code
    (``成都、资阳、眉山``): any of them meets the condition."""
    values = frozenset(wanted)
    shown = ", ".join(wanted)
    code = f"caller_{key}_differs"

    def check(call: CallFacts) -> TraceStep | None:
        caller = call.caller
        found: str = getattr(caller, key)
        if found in values or ("、" in found and not values.isdisjoint(found.split("、"))):
            return None
        return TraceStep(rule, False, code, (caller.number or "-", found, shown))

    return check


def _hours(rule: str, calendar: Calendar, wanted: tuple[str, ...]) -> Check:
    values = frozenset(wanted)
    shown = ", ".join(wanted)
    steps = {
        state: TraceStep(rule, False, f"hours_{state}", (calendar.name, shown))
        for state in ("open", "closed", "holiday")
    }
    state_at = calendar.state

    def check(call: CallFacts) -> TraceStep | None:
        state = state_at(call.at)
        return None if state in values else steps[state]

    return check


def _dates(rule: str, ranges: tuple[tuple[date, date], ...]) -> Check:
    shown = ", ".join(_range(first, last) for first, last in ranges)

    def check(call: CallFacts) -> TraceStep | None:
        day = call.local.date()
        for first, last in ranges:
            if first <= day <= last:
                return None
        return TraceStep(rule, False, "date_outside", (day.isoformat(), shown))

    return check


def _weekday(rule: str, wanted: frozenset[int]) -> Check:
    shown = ", ".join(WEEKDAYS[day] for day in sorted(wanted))

    def check(call: CallFacts) -> TraceStep | None:
        day = call.local.weekday()
        return None if day in wanted else TraceStep(rule, False, "weekday_differs", (WEEKDAYS[day], shown))

    return check


def _share(rule: str, share: float, by: str) -> Check:
    below = round(100 * share, 6)  # 100 * 0.07 is 7.000000000000001
    shown = percent(share)

    def check(call: CallFacts) -> TraceStep | None:
        bucket = call.bucket(rule, by)
        return None if bucket < below else TraceStep(rule, False, "share_outside", (str(bucket), shown))

    return check


def describe(when: When | None) -> tuple[str, ...]:
    """The conditions of a rule in the words of the configuration, as ``caller.province 上海``."""
    if when is None:
        return ()
    found: list[str] = []
    if when.caller is not None:
        match = when.caller
        keys = ("list", "not_list", "number", "prefix", "province", "city", "carrier", "kind")
        values = (
            match.lists,
            match.not_lists,
            match.number,
            match.prefix,
            match.province,
            match.city,
            match.carrier,
            match.kind,
        )
        found.extend(f"caller.{key} {', '.join(value)}" for key, value in zip(keys, values, strict=True) if value)
    if when.hours is not None:
        found.append(f"hours {when.hours} is {', '.join(when.hours_is)}")
    if when.dates:
        found.append(f"dates {', '.join(_range(first, last) for first, last in when.dates)}")
    if when.weekday:
        found.append(f"weekday {', '.join(WEEKDAYS[day] for day in sorted(when.weekday))}")
    if when.share is not None:
        found.append(f"share {percent(when.share)} by {when.share_by}")
    return tuple(found)


def _range(first: date, last: date) -> str:
    return first.isoformat() if first == last else f"{first.isoformat()}..{last.isoformat()}"
