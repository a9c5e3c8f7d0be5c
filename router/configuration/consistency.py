"""What is wrong although every name exists: doubled numbers, shared base numbers, overflow that goes in circles,
rules that can never match, and what somebody should know (numbers without a route, a year without holidays)."""

from __future__ import annotations

from typing import Literal

from ivr_flows.findings import Finding, Place, Text
from ivr_flows.schema import nearest
from router.model import NumberFacts, Route, Rule

from .parts import Parts

MAX_OF_A_KIND = 50
PREFIX_CARRIERS: dict[str, Literal["unicom", "mobile", "telecom"]] = {
    "4000": "unicom",
    "4001": "mobile",
    "4006": "unicom",
    "4007": "mobile",
    "4008": "telecom",
    "4009": "telecom",
}
"""Which carrier opened numbers with these four digits (YDN 065 numbering; sellers' tables agree). 4002 to 4005 are
left out: sources contradict each other."""


def grouped(number: str) -> str:
    """A 400 number as people write it."""
    return f"{number[:3]}-{number[3:6]}-{number[6:]}"


class Capped:
    """Findings of one kind, at most `MAX_OF_A_KIND` and a count of the others."""

    def __init__(self, parts: Parts, what: Text) -> None:
        self.parts = parts
        self.what = what
        self.count = 0
        self.last: Finding | None = None

    def add(
        self, severity: Literal["error", "warning", "info"], code: str, place: Place, message: Text, cure: Text
    ) -> None:
        """Report one, or only count it."""
        self.count += 1
        if self.count <= MAX_OF_A_KIND:
            self.last = Finding(severity, code, place, message, cure)
            self.parts.findings.append(self.last)

    def close(self) -> None:
        """Say how many were only counted."""
        more = self.count - MAX_OF_A_KIND
        if more > 0 and self.last:
            self.parts.report(
                "more-findings",
                self.last.place,
                Text(f"{more:,} more {self.what.en} are not shown.", f"还有 {more:,} 个{self.what.zh}未列出。"),
                self.last.cure,
                self.last.severity,
            )


def check_numbers(parts: Parts) -> None:
    """Report numbers that stand twice (in whatever spelling or file) and keep the first of each; tell numbers whose
    first digits are another carrier's."""
    if len({facts.number for facts in parts.numbers}) < len(parts.numbers):
        parts.numbers = _without_doubles(parts)
    capped = Capped(parts, Text("numbers of another carrier", "运营商不符的号码"))
    for facts in parts.numbers:
        carrier = facts.carrier
        usual = PREFIX_CARRIERS.get(facts.number[:4], carrier)
        if carrier is not None and usual != carrier:
            capped.add(
                "info",
                "carrier-differs-from-prefix",
                facts.place,
                Text(
                    f"Numbers that begin {facts.number[:4]} are usually of {usual}, not of {carrier}.",
                    f"{facts.number[:4]} 开头的号码通常属于 {usual}，而不是 {carrier}。",
                ),
                Text("Check `carrier:`; nothing to do if it is right.", "请核对 `carrier:`；无误则不必处理。"),
            )
    capped.close()


def _without_doubles(parts: Parts) -> list[NumberFacts]:
    first: dict[str, NumberFacts] = {}
    capped = Capped(parts, Text("doubled numbers", "重复号码"))
    for facts in parts.numbers:
        earlier = first.setdefault(facts.number, facts)
        if earlier is not facts:
            capped.add(
                "error",
                "duplicate-number",
                facts.place,
                Text(
                    f"The number {grouped(facts.number)} stands here a second time; first at {earlier.place}.",
                    f"号码 {grouped(facts.number)} 重复；首次在 {earlier.place}。",
                ),
                Text("Keep one of the two, whatever the spelling.", "无论写法，只保留其中一个。"),
            )
    capped.close()
    return list(first.values())


def check_routes(parts: Parts) -> dict[str, Route]:
    """Routes by number; report doubled keys, routes of numbers that nobody has, and numbers without a route."""
    routes: dict[str, Route] = {}
    numbers = {facts.number for facts in parts.numbers}
    doubled = Capped(parts, Text("doubled routes", "重复路由"))
    stray = Capped(parts, Text("routes of unknown numbers", "未知号码的路由"))
    for route in parts.routes:
        if route.number in routes:
            doubled.add(
                "error",
                "duplicate-route",
                route.place,
                Text(
                    f"A second route of {grouped(route.number)}; first at {routes[route.number].place}.",
                    f"号码 {grouped(route.number)} 的第二条路由；首次在 {routes[route.number].place}。",
                ),
                Text("Join them under one spelling of the number.", "请合并到同一种号码写法之下。"),
            )
            continue
        routes[route.number] = route
        if route.number not in numbers and parts.numbers_known:
            close = nearest(route.number, numbers) if len(numbers) <= 2_000 else None
            stray.add(
                "error",
                "unknown-number",
                route.place,
                Text(
                    f"There is no number {grouped(route.number)}: it has a route and no entry in numbers.yaml.",
                    f"没有号码 {grouped(route.number)}：有路由，但 numbers.yaml 中没有它。",
                ),
                Text(f"Did you mean {grouped(close)}?", f"是否想写 {grouped(close)}？")
                if close
                else Text("Add it to numbers.yaml, or delete the route.", "请加入 numbers.yaml，或删除该路由。"),
            )
        _check_rules(parts, route)
    doubled.close()
    stray.close()
    if parts.routes_known:
        _check_unrouted(parts, routes)
    return routes


def _check_unrouted(parts: Parts, routes: dict[str, Route]) -> None:
    idle = Capped(parts, Text("numbers not in service", "未投入使用的号码"))
    for facts in parts.numbers:
        route = routes.get(facts.number)
        if route is not None and route.line is not None and route.flow is not None:
            continue
        shown = grouped(facts.number)
        if facts.state == "bound":
            missing = "route" if route is None else "line" if route.line is None else "flow"
            idle.add(
                "warning",
                "bound-without-route",
                facts.place,
                Text(
                    f"{shown} is said to be bound, but has no {missing} in routes.yaml: calls to it fail.",
                    f"{shown} 的状态写为 bound，但 routes.yaml 中缺少 {missing}，来电会失败。",
                ),
                Text(
                    f"Run: line400 bind {shown} --flow FLOW --line LINE",
                    f"请运行：line400 bind {shown} --flow 流程 --line 线路",
                ),
            )
        elif facts.state is not None:
            continue
        elif route is None or route.line is None:
            idle.add(
                "info",
                "number-not-routed",
                facts.place if route is None else route.place,
                Text(f"{shown} has no line: calls to it hear a busy tone.", f"{shown} 尚未配置线路，来电听到忙音。"),
                Text(
                    f"When the carrier has routed it: line400 bind {shown} --flow FLOW --line LINE",
                    f"运营商完成路由配置后：line400 bind {shown} --flow 流程 --line 线路",
                ),
            )
        elif route.flow is None:
            idle.add(
                "info",
                "number-unbound",
                route.place,
                Text(
                    f"{shown} has a line and no flow: calls to it do not connect.",
                    f"{shown} 有线路但未绑定流程，来电无法接通。",
                ),
                Text(f"Bind it: line400 bind {shown} --flow FLOW", f"请绑定：line400 bind {shown} --flow 流程"),
            )
    idle.close()


def always_matches(rule: Rule) -> bool:
    """Whether every call that reaches the rule ends there."""
    when = rule.when
    if when is None:
        return True
    if when.caller or when.dates:
        return False
    return (
        (when.share is None or when.share == 100)
        and (when.hours is None or {"open", "closed", "holiday"} <= set(when.hours_is))
        and (not when.weekday or len(set(when.weekday)) == 7)
    )


def _check_rules(parts: Parts, route: Route) -> None:
    seen: dict[str, Place] = {}
    final: Rule | None = None
    for rule in route.rules:
        if rule.name in seen:
            parts.report(
                "duplicate-rule",
                rule.place,
                Text(
                    f"Two rules of {grouped(route.number)} are named `{rule.name}`; the first on line "
                    f"{seen[rule.name].line}.",
                    f"{grouped(route.number)} 有两条规则都叫 `{rule.name}`；第一条在第 {seen[rule.name].line} 行。",
                ),
                Text("Give each its own name.", "请为每条规则取不同的名称。"),
            )
        seen.setdefault(rule.name, rule.place)
        if final is not None:
            parts.report(
                "rule-never-matches",
                rule.place,
                Text(
                    f"The rule `{rule.name}` is never reached: `{final.name}` before it matches every call.",
                    f"规则 `{rule.name}` 永远不会执行：它前面的 `{final.name}` 命中所有来电。",
                ),
                Text("Move it up, or give the earlier rule a condition.", "请把它移到前面，或给前一条规则加条件。"),
                "warning",
            )
        elif always_matches(rule):
            final = rule
        if rule.when and rule.when.share == 0:
            parts.report(
                "rule-never-matches",
                rule.place,
                Text(
                    f"The rule `{rule.name}` never matches: its share is 0.",
                    f"规则 `{rule.name}` 比例为 0，永远不会命中。",
                ),
                Text("Raise the share, or delete the rule.", "请调高比例，或删除该规则。"),
                "warning",
            )
