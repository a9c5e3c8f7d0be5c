"""The linter: what a flow does wrong, each rule a function of the flow and the environment.

A rule is one function in a module of this folder; `RULES` is the registry, in the order in which they report.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ..definition import FlowDefinition
from ..environment import Environment
from ..findings import Finding
from .graph import missing_branches, unknown_nodes, unreachable_nodes
from .outside import outside_names, transfers_to_400
from .templates import templates

Rule = Callable[[FlowDefinition, Environment], Iterable[Finding]]

RULES: tuple[Rule, ...] = (
    unknown_nodes,
    missing_branches,
    unreachable_nodes,
    outside_names,
    transfers_to_400,
    templates,
)


def lint(definition: FlowDefinition, environment: Environment) -> list[Finding]:
    """Every finding of every rule, in the order of places."""
    found = [finding for rule in RULES for finding in rule(definition, environment)]
    return sorted(found, key=lambda finding: finding.place)


__all__ = ["RULES", "lint"]
