"""The linter: what a flow does wrong. `ivr_flows.lint.registry` lists the rules, one module each.

`lint` judges one flow. What a finding is worth is a matter of `LintSettings`; what its author accepts stands in the
flow with a reason (`ivr_flows.lint.allowances`); `ivr_flows.lint.fixing` cures what can be cured by rule.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from ..definition import FlowDefinition
from ..environment import Environment
from ..findings import Finding, Severity
from .allowances import apply_allowances
from .probe import Probe
from .registry import CODES, RULES
from .rule import Problem, Rule
from .settings import USUAL, LintSettings
from .subject import Subject

FATAL = tuple(sorted(code for code, rule in CODES.items() if rule.fatal))


@dataclass(frozen=True, slots=True)
class Calls:
    """That findings about behaviour shall carry the call that shows them: ``numbers`` is flow → a 400 number to dial,
    ``at`` the moment from which calls are looked for (epoch seconds)."""

    at: float
    numbers: Mapping[str, str] = field(default_factory=dict)


def lint(
    definition: FlowDefinition,
    environment: Environment,
    settings: LintSettings = USUAL,
    *,
    arguments: Mapping[str, Collection[str]] | None = None,
    calls: Calls | None = None,
) -> list[Finding]:
    """Every finding of every rule, in the order of places.

    ``arguments``: flow → the variables with which subflow nodes call it (`called_with`). With ``calls`` a finding about
    behaviour has a counter-example, found by driving sessions of the engine.
    """
    subject = Subject(definition, environment, settings, arguments or {})
    problems = [(rule, problem) for rule in RULES for problem in rule.check(subject)]
    runs = not any(_severity(rule, problem) == "error" for rule, problem in problems)
    probe = Probe(definition, environment, calls.at if calls else None) if runs else None
    findings = []
    for rule, problem in problems:
        code = problem.code or rule.code
        severity = settings.severity(code, definition.file, _severity(rule, problem))
        if severity is None:
            continue
        shown = None
        if probe is not None and problem.show is not None and (problem.only_if_shown or calls is not None):
            state = problem.show(probe)
            if state is None and problem.only_if_shown:
                continue
            if state is not None and calls is not None:
                shown = probe.command(state, calls.numbers.get(definition.name))
        elif problem.only_if_shown:
            continue
        findings.append(Finding(severity, code, problem.place, problem.message, problem.cure, shown))
    findings = list(dict.fromkeys(findings))
    findings = apply_allowances(definition, findings, FATAL)
    return sorted(findings, key=lambda finding: finding.place)


def called_with(flows: Mapping[str, FlowDefinition]) -> dict[str, set[str]]:
    """Flow → the variables that subflow nodes of ``flows`` give it."""
    found: dict[str, set[str]] = {}
    for flow in flows.values():
        for node in flow.nodes.values():
            name = getattr(node.options, "flow", None)
            given = getattr(node.options, "arguments", None) or getattr(node.options, "with_", None) or {}
            if isinstance(name, str):
                found.setdefault(name, set()).update(given)
    return found


def _severity(rule: Rule, problem: Problem) -> Severity:
    return problem.severity or rule.severity


__all__ = ["CODES", "FATAL", "RULES", "Calls", "LintSettings", "called_with", "lint"]
