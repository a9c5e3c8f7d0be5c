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
from .facts import runs as runs_flow
from .probe import Probe
from .registry import CODES, RULES
from .rule import Problem, Rule
from .settings import USUAL, LintSettings
from .subject import Subject

FATAL = tuple(sorted(code for code, rule in CODES.items() if rule.fatal))
"""Codes of findings with which a flow does not run."""


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
    among: Family | None = None,
    calls: Calls | None = None,
) -> list[Finding]:
    """Every finding of every rule, in the order of places.

    ``among``: how all flows run each other (`family`); without it the environment is asked for them. With ``calls`` a
    finding about behaviour has a counter-example, found by driving sessions of the engine.
    """
    among = among or _family_of(definition, environment)
    name = definition.name
    subject = Subject(definition, environment, settings, among.variables.get(name, ()), name in among.called)
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


@dataclass(frozen=True, slots=True)
class Family:
    """How flows run and enter each other. ``variables``: flow → the variables of flows that lead to it or that it leads
    to, since a call has one set of them; ``called``: the flows that others run as subflows."""

    variables: Mapping[str, Collection[str]] = field(default_factory=dict)
    called: Collection[str] = ()


def family(flows: Mapping[str, FlowDefinition]) -> Family:
    """The family of all ``flows``."""
    runs = {
        name: {called for node in flow.nodes.values() if (called := runs_flow(node)) is not None}
        for name, flow in flows.items()
    }
    found: dict[str, set[str]] = {}
    for name in flows:
        seen: set[str] = set()
        waiting = list(runs[name])
        while waiting:
            called = waiting.pop()
            if called in seen or called not in flows:
                continue
            seen.add(called)
            waiting.extend(runs[called])
            found.setdefault(name, set()).update(_defined(flows[called]))
            found.setdefault(called, set()).update(_defined(flows[name]))
    subflows = {
        called
        for flow in flows.values()
        for node in flow.nodes.values()
        if node.type.branches.ways == "on" and (called := runs_flow(node)) is not None
    }
    return Family(found, subflows)


def _family_of(definition: FlowDefinition, environment: Environment) -> Family:
    known = {name: flow for name in environment.flows or () if (flow := environment.flow_definition(name)) is not None}
    return family({**known, definition.name: definition})


def _defined(flow: FlowDefinition) -> set[str]:
    return {name for node in flow.nodes.values() for name in node.type.defines(node.options)}


def _severity(rule: Rule, problem: Problem) -> Severity:
    return problem.severity or rule.severity


__all__ = ["CODES", "FATAL", "RULES", "Calls", "Family", "LintSettings", "family", "lint"]
