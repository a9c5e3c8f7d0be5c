"""A number in service whose rules leave some callers, or some minutes, without a flow: the route has no ``flow:`` for
the calls that no rule takes."""

from __future__ import annotations

from collections.abc import Iterator

from ivr_flows.findings import Text
from router.model import Route, Rule
from router.partition.timelines import joined
from router.partition.wording import describe_callers, describe_times

from ...consistency import grouped
from ..matching import Situation
from ..rule import Problem, RouteRule
from ..subject import Subject


def check(subject: Subject) -> Iterator[Problem]:
    """Every number that is bound without a flow of its own and has calls that reach none."""
    for route in subject.ruled:
        if route.flow is not None or route.line is None or not subject.bound(route.number):
            continue
        outcomes = subject.matching.outcomes(route.rules)
        lost = list(outcomes.unmatched)
        for rule, reached in zip(route.rules, outcomes.reached, strict=True):
            if not _leads(rule):
                lost.extend(reached)
        lost = [situation for situation in lost if situation.ahead]
        if lost:
            yield _problem(subject, route, lost)


def _leads(rule: Rule) -> bool:
    """Whether a call that matches has somewhere to go, be it a rejection."""
    return bool(rule.flow or rule.split or rule.reject or rule.forward)


def _problem(subject: Subject, route: Route, lost: list[Situation]) -> Problem:
    first, last = subject.matching.range
    when = describe_times(joined([situation.ahead for situation in lost]), first, last, subject.zone)
    classes = list(dict.fromkeys(situation.who for situation in lost))
    outcomes = subject.matching.outcomes(route.rules)
    everything = [*outcomes.unmatched, *(there for reached in outcomes.reached for there in reached)]
    who = describe_callers(classes, list(dict.fromkeys(situation.who for situation in everything)))
    worst = max(lost, key=lambda situation: sum(end - start for start, end in situation.ahead))
    return Problem(
        route.place,
        Text(
            f"{grouped(route.number)} has no `flow:` for calls that no rule takes: {who.en}, {when.en}, are lost.",
            f"{grouped(route.number)} 没有为未命中规则的来电写 `flow:`：{when.zh}，{who.zh}无法接通。",
        ),
        Text("Add `flow:` to the route: where everybody else goes.", "请为路由加上 `flow:`，即其余来电的去向。"),
        example=subject.show(route.number, worst),
    )


RULE = RouteRule(
    "no-way",
    "warning",
    Text("calls to a number that reach no flow", "部分来电没有去向"),
    Text("numbers with calls that reach no flow", "部分来电没有去向的号码"),
    check,
    behaviour=True,
)
