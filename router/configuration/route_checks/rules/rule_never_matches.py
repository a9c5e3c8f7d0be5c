"""A rule that no call can match: the rules before it take every call that it is meant for, or its condition contradicts
itself. Exact for the year that begins with the day of the check."""

from __future__ import annotations

from collections.abc import Iterator

from ivr_flows.findings import Text
from router.model import Rule

from ...consistency import always_matches, grouped
from ..matching import FURTHEST
from ..rule import Problem, RouteRule
from ..subject import Subject, dates_of


def check(subject: Subject) -> Iterator[Problem]:
    """Every rule that is never reached by a call that it would match."""
    for route in subject.ruled:
        if len(route.rules) == 1 and route.rules[0].when is None:
            continue
        outcomes = subject.matching.outcomes(route.rules)
        always = next((index for index, rule in enumerate(route.rules) if always_matches(rule)), len(route.rules))
        for index, rule in enumerate(route.rules):
            if outcomes.reached[index] or index > always or not _of_this_time(rule, subject):
                continue  # behind a rule that always matches: told without looking at calls
            if rule.when is not None and rule.when.share == 0:
                continue  # told likewise
            meant = outcomes.meant[index]
            if meant is None and _waits_for_a_list(rule, subject):
                continue
            if meant is None:
                yield Problem(
                    rule.place,
                    Text(
                        f"The rule `{rule.name}` of {grouped(route.number)} never matches: no call meets its condition "
                        f"before {subject.matching.last}.",
                        f"{grouped(route.number)} 的规则 `{rule.name}` 永远不会命中：{subject.matching.last} 之前"
                        "没有来电能满足其条件。",
                    ),
                    Text(
                        "All its keys must hold of one call; write alternatives as a list of one key, or as two rules.",
                        "同一条件的各键须同时成立；多个可选值请写在同一个键的列表里，或写成两条规则。",
                    ),
                )
                continue
            situation, blocker = meant
            earlier = route.rules[blocker]
            same = earlier.when == rule.when
            yield Problem(
                rule.place,
                Text(
                    f"The rule `{rule.name}` of {grouped(route.number)} never matches: "
                    + (
                        f"`{earlier.name}` before it has the same condition."
                        if same
                        else f"rules before it, `{earlier.name}` among them, take every call that it is meant for."
                    ),
                    f"{grouped(route.number)} 的规则 `{rule.name}` 永远不会命中："
                    + (
                        f"前面的 `{earlier.name}` 条件相同。"
                        if same
                        else f"前面的规则（如 `{earlier.name}`）已处理它所针对的全部来电。"
                    ),
                ),
                Text("Move it up, change its condition, or delete it.", "请把它前移、修改条件，或删除。"),
                code="rule-same-condition" if same else None,
                example=subject.show(route.number, situation),
            )


def _waits_for_a_list(rule: Rule, subject: Subject) -> bool:
    """Whether the rule asks for lists that hold nobody yet: they are there to be filled."""
    lists = rule.when.caller.lists if rule.when is not None and rule.when.caller is not None else ()
    return bool(lists) and not any(subject.configuration.lists[name] for name in lists)


def _of_this_time(rule: Rule, subject: Subject) -> bool:
    """Whether the rule has days within what is looked at; past ones are a finding of their own."""
    dates = dates_of(rule)
    return not dates or any(last >= subject.day and first <= subject.day + FURTHEST for first, last in dates)


RULE = RouteRule(
    "rule-never-matches",
    "warning",
    Text("a rule that no call can match", "永远不会命中的规则"),
    Text("rules that never match", "永远不会命中的规则"),
    check,
    others=("rule-same-condition",),
    behaviour=True,
)
