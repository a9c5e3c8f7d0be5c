"""Rules that look like alternatives and are none: ``share: 80`` and behind it ``share: 20`` leave 16 percent of the
calls to neither. A share is one of the calls that *reach* its rule; alternatives are one rule with ``split``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from ivr_flows.findings import Text
from ivr_flows.shares import share_bucket
from router.explain import percent
from router.model import Route, Rule

from ...consistency import grouped
from ..matching import Situation
from ..rule import Problem, RouteRule
from ..subject import Subject

_TRIES = 20_000


def check(subject: Subject) -> Iterator[Problem]:
    """Every run of rules with the same condition whose shares sum to 100 or more, each below 100."""
    for route in subject.ruled:
        for first, last in _runs(route.rules):
            yield _problem(subject, route, route.rules[first:last], first)


def _runs(rules: tuple[Rule, ...]) -> Iterator[tuple[int, int]]:
    start = 0
    while start < len(rules):
        end = start + 1
        key = _key(rules[start])
        while key is not None and end < len(rules) and _key(rules[end]) == key:
            end += 1
        shares = [rule.when.share for rule in rules[start:end] if rule.when is not None and rule.when.share is not None]
        if len(shares) > 1 and all(0 < share < 100 for share in shares) and sum(shares) >= 100 - 1e-9:
            yield start, end
        start = end


def _key(rule: Rule) -> object:
    """The condition without the share; None where there is no share or no flow."""
    if rule.when is None or rule.when.share is None or rule.flow is None:
        return None
    return replace(rule.when, share=None)


def _problem(subject: Subject, route: Route, rules: tuple[Rule, ...], first: int) -> Problem:
    left = 1.0
    for rule in rules:
        assert rule.when is not None
        assert rule.when.share is not None
        left *= 1 - rule.when.share / 100
    names = "、".join(f"`{rule.name}`" for rule in rules)
    listed = names.replace("、", ", ")
    total = sum(rule.when.share or 0 for rule in rules if rule.when is not None)
    shown = f"{left:.1%}".replace(".0%", "%")
    together = ", ".join(f"{rule.flow}: {percent(rule.when.share or 0)}" for rule in rules if rule.when is not None)
    return Problem(
        rules[0].place,
        Text(
            f"The shares of {listed} of {grouped(route.number)} sum to {percent(total)}, but each is one "
            f"of the calls that reach it: {shown} of the calls match none of them.",
            f"{grouped(route.number)} 的规则 {names} 比例之和为 {percent(total)}，但每条比例只针对到达它的来电："
            f"{shown} 的来电一条也不命中。",
        ),
        Text(
            f"Write one rule with `split: {{ {together} }}`; its shares sum to 100.",
            f"请合并为一条规则，写 `split: {{ {together} }}`，其中各项之和为 100。",
        ),
        example=_example(subject, route, rules, first),
    )


def _example(subject: Subject, route: Route, rules: tuple[Rule, ...], first: int) -> str | None:
    """A call that reaches all of ``rules`` and matches none; None where chance goes by call, or nobody was found."""
    if any(rule.when is None or rule.when.share_by == "call" for rule in rules):
        return None
    situations: list[Situation] = subject.matching.outcomes(route.rules).reached[first]
    for situation in situations:
        for caller in islice(situation.who.more(), _TRIES):
            buckets = ((share_bucket(route.number, rule.name, caller), rule.when) for rule in rules)
            if all(when is not None and bucket >= 100 * (when.share or 0) for bucket, when in buckets):
                return subject.resolve_command(route.number, caller, situation.moment)
    return None


RULE = RouteRule(
    "shares-not-alternatives",
    "warning",
    Text("shares that look like alternatives", "看似分流、实非分流的比例"),
    Text("shares that look like alternatives", "看似分流的比例"),
    check,
    behaviour=True,
)
