"""The picture of a whole number: its rules from top to bottom, then the flows that they lead to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ivr_flows.diagram import Arrow, Box, Overlay, Picture, add_flow
from ivr_flows.diagram.words import Measure
from ivr_flows.findings import Finding, Language, Text
from router.book import RouteBook
from router.model import Rule
from router.number400 import Number400
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
    if rule.line:
        lines.append(f"→ {rule.line}")
    return Box(box, rule.name, say(Text("rule", "规则")), "logic", tuple(lines))


def _outcome(picture: Picture, box: str, rule: Rule, default: str | None, used: list[str], say: _Say) -> None:
    if rule.reject is not None:
        _end(picture, box, rule.reject, say(Text("rejected", "拒接")), say(Text("matches", "符合")))
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
