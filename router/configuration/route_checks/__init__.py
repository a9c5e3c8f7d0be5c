"""Checks of routes: what is wrong with a configuration in which every name exists and every value is right.

`registry` lists them, one module each, with a page in ``docs/rules/routes``. Findings about behaviour carry the command
that shows them. What its author accepts stands in the file with a reason, as in flows:
``# line400: allow CODE because …`` on the line of the finding, or alone on the line above.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from ivr_flows.definition import FlowDefinition
from ivr_flows.findings import Finding, Text
from ivr_flows.lint.allowances import allow
from ivr_flows.yaml_source import Document
from router.lifecycle import KEEP_DAYS, expiry
from router.model import Configuration

from ..consistency import MAX_OF_A_KIND, grouped
from .registry import CODES, RULES
from .rule import RouteRule
from .subject import Subject

UNCONNECTED = ("number-not-routed", "number-unbound", "bound-without-route", "expired", "expires-soon")
"""Codes of findings about numbers that nobody reaches, or nobody will; a call shows each."""


def check_behaviour(
    configuration: Configuration,
    flows: Mapping[str, FlowDefinition],
    documents: Mapping[str, Document],
    day: date,
    findings: list[Finding],
) -> list[Finding]:
    """``findings`` of a configuration without errors, with those of every check of routes, without those that a comment
    in their file allows. ``documents`` are the YAML files by name, ``day`` the first day that is looked at."""
    subject = Subject(configuration, flows, documents, day)
    known = {finding.place for finding in findings if finding.code in CODES}
    found = [*_with_calls(subject, findings)]
    for rule in RULES:
        found.extend(finding for finding in _findings(rule, subject) if finding.place not in known)
    for document in documents.values():
        here = [finding for finding in found if finding.place.file == document.file]
        others = [finding for finding in found if finding.place.file != document.file]
        fatal = {finding.code for finding in here if finding.severity == "error"}
        found = [*others, *allow(document.text, document.file, (), here, fatal, CODES)]
    return sorted(dict.fromkeys(found), key=lambda finding: finding.place)


def _findings(rule: RouteRule, subject: Subject) -> Iterator[Finding]:
    left_out = 0
    last: Finding | None = None
    count = 0
    for problem in rule.check(subject):
        code = problem.code or rule.code
        usual = problem.severity or rule.severity
        severity = subject.configuration.settings.lint.severity(code, problem.place.file, usual)
        if severity is None:
            continue
        count += 1
        if count > MAX_OF_A_KIND:
            left_out += 1
            continue
        last = Finding(
            severity,
            code,
            problem.place,
            problem.message,
            problem.cure,
            problem.example,
        )
        yield last
    if left_out and last is not None:
        said = Text(
            f"{left_out:,} more {rule.plural.en} are not shown.", f"还有 {left_out:,} 个{rule.plural.zh}未列出。"
        )
        yield replace(last, code="more-findings", message=said, counter_example=None)


def _with_calls(subject: Subject, findings: list[Finding]) -> Iterator[Finding]:
    """``findings``, those about numbers that nobody reaches with a call that shows it."""
    wanted = {finding.place for finding in findings if finding.code in UNCONNECTED}
    numbers = {}
    if wanted:
        numbers = {facts.place: facts.number for facts in subject.configuration.numbers if facts.place in wanted}
        for route in subject.configuration.routes.values():
            if route.place in wanted:
                numbers[route.place] = route.number
    for finding in findings:
        number = numbers.get(finding.place) if finding.code in UNCONNECTED else None
        if number is None or finding.counter_example is not None:
            yield finding
            continue
        day = subject.day
        if finding.code.startswith("expire"):
            ends = expiry(subject.facts[number])
            assert ends is not None, "a number that never ends does not expire"
            day = max(day, ends + timedelta(days=KEEP_DAYS + 1))
        noon = datetime.combine(day, time(12)).isoformat(timespec="minutes")
        yield replace(finding, counter_example=f"line400 call {grouped(number)} --at {noon} --no-store")


__all__ = ["CODES", "RULES", "check_behaviour"]
