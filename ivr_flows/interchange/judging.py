"""Whether an imported flow runs: the rules of the linter that say that it does not, with every outside name known."""

from __future__ import annotations

from datetime import UTC, datetime

from ..definition import FlowDefinition
from ..findings import Finding
from ..lint.registry import RULES
from ..lint.subject import Subject


class AnyOutside:
    """An environment in which every queue, calendar, box, line and flow is there."""

    calendars = queues = boxes = lines = flows = None

    def flow_definition(self, name: str) -> FlowDefinition | None:
        return None

    def presents_400(self, text: str) -> bool:
        return False

    def local_time(self, at: float) -> datetime:
        return datetime.fromtimestamp(at, UTC)


def does_not_run(definition: FlowDefinition) -> list[Finding]:
    """The findings with which ``definition`` does not run."""
    subject = Subject(definition, AnyOutside())
    return [
        Finding("error", problem.code or rule.code, problem.place, problem.message, problem.cure)
        for rule in RULES
        if rule.severity == "error"
        for problem in rule.check(subject)
        if (problem.severity or rule.severity) == "error"
    ]
