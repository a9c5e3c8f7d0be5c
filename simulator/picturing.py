"""The picture of a whole number: its rules from top to bottom, then the flows that they lead to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ivr_flows.diagram import Arrow, Box, Overlay, Picture, add_flow
from ivr_flows.diagram.words import Measure
from ivr_flows.findings import Finding, Language, Text
from router.book import RouteBook
from router.model import Rule
from router.number400 import Number400
from router.route_options import Caps, Hunt, Pin
from router.rules import describe

_WIDTH = 230.0


def picture_of_number(
    book: RouteBook,
    number: str,
    findings: Iterable[Finding] = (),
    steps: Mapping[str, set[tuple[str, str]]] | None = None,
    language: Language = "zh",
) -> Picture:
    """The picture of ``number`` (configured). ``steps``: flow → the steps that calls to the number take in it."""
    grouped = Number400.parse(number).grouped
    route = book.route(number)
    company = book.company_of(number)
    picture = Picture(f"{grouped}  {company}", "number")
    say = _Say(language)
    line = book.lines[route.line] if route and route.line else None
    landing = () if line is None else (f"{line.name} · {line.base_number}",)
    if route is not None:
        landing = (*landing, *_handled(route.hunt, route.pin, None, say), *_capped(route.caps, say))
    picture.boxes["number"] = Box("number", grouped, say(Text("400 number", "400号码")), "route", landing)
    before, label = "number", ""
    used: list[str] = []
    for index, rule in enumerate(route.rules if route else (), 1):
        box = f"rule {index}"
        picture.boxes[box] = _rule_box(box, rule, say)
        picture.arrows.append(Arrow(before, box, label))
        _outcome(picture, box, rule, route.flow if route else None, used, say)
        before, label = box, say(Text("else", "否则"))
    if route is not None and route.flow is not None:
        _enter(picture, before, route.flow, label or say(Text("default", "默认")), used)
    else:
        _end(picture, before, "unbound", say(Text("not connected", "未接通")), label)
    for name in used:
        taken = None if steps is None else steps.get(name, set())
        overlay = Overlay(tuple(findings), taken)
        definition = book.flow(name).definition
        picture.boxes[f"flow {name}"] = Box(
            f"flow {name}", definition.title or name, say(Text("flow", "流程")), "route", (name,)
        )
        add_flow(picture, definition, overlay, language, f"{name}/")
        picture.arrows.append(Arrow(f"flow {name}", f"{name}/{definition.start.name}"))
    return picture.settle()


class _Say:
    def __init__(self, language: Language) -> None:
        self.language = language

    def __call__(self, text: Text) -> str:
        return text.to(self.language)


def _rule_box(box: str, rule: Rule, say: _Say) -> Box:
    measure = Measure(12.0)
    lines = [measure.shortened(condition, _WIDTH) for condition in describe(rule.when)]
    if rule.line and rule.hunt is None:
        lines.append(f"→ {rule.line}")
    lines.extend(_handled(rule.hunt, rule.pin, rule.priority, say))
    return Box(box, rule.name, say(Text("rule", "规则")), "logic", tuple(lines))


def _handled(hunt: Hunt | None, pin: Pin | None, priority: int | None, say: _Say) -> list[str]:
    """What is done beside the flow, a line each."""
    lines: list[str] = []
    if hunt is not None:
        weights = [f" {weight:g}" for weight in hunt.weights] or [""] * len(hunt.lines)
        named = ", ".join(line + weight for line, weight in zip(hunt.lines, weights, strict=True))
        lines.append(f"{say(Text('hunt', '轮选'))} {hunt.strategy}: {named}")
    if pin is not None:
        lines.append(say(Text("PIN first", "先验密码")))
    if priority is not None:
        lines.append(say(Text(f"queue priority {priority}", f"排队优先级 {priority}")))
    return [Measure(12.0).shortened(line, _WIDTH) for line in lines]


def _capped(caps: Caps | None, say: _Say) -> list[str]:
    lines: list[str] = []
    if caps is not None and caps.max_calls is not None:
        lines.append(say(Text(f"{caps.max_calls} calls at once", f"最多 {caps.max_calls} 路并发")))
    if caps is not None and caps.max_calls_per_month is not None:
        most = caps.max_calls_per_month
        lines.append(say(Text(f"{most} calls a month", f"每月最多 {most} 通")))
    return lines


def _outcome(picture: Picture, box: str, rule: Rule, default: str | None, used: list[str], say: _Say) -> None:
    if rule.reject is not None:
        _end(picture, box, rule.reject, say(Text("rejected", "拒接")), say(Text("matches", "符合")))
        return
    if rule.forward is not None:
        target = rule.forward.to or rule.forward.line or ""
        box_name = f"forward {box}"
        picture.boxes[box_name] = Box(box_name, target, say(Text("forwarding", "转接")), "voice")
        picture.arrows.append(Arrow(box, box_name, say(Text("matches", "符合"))))
        for how, name in rule.forward.on:
            _enter(picture, box_name, name, how, used)
        return
    for name, share in rule.split or (((rule.flow or default or ""), 0.0),):
        if name:
            _enter(picture, box, name, f"{share:g}%" if rule.split else say(Text("matches", "符合")), used)


def _enter(picture: Picture, box: str, flow: str, label: str, used: list[str]) -> None:
    if flow not in used:
        used.append(flow)
    picture.arrows.append(Arrow(box, f"flow {flow}", label))


def _end(picture: Picture, box: str, title: str, word: str, label: str) -> None:
    name = f"end {title}"
    picture.boxes.setdefault(name, Box(name, title, word, "end"))
    picture.arrows.append(Arrow(box, name, label))
