"""An environment for flows by themselves: one calendar whose state a test chooses, a few known names."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from ivr_flows import Context, Finding, Flow, FlowDefinition, compile_flow, lint, load_flow
from ivr_flows.environment import Instance
from ivr_flows.findings import has_errors
from router.callers import caller_facts

AT = datetime(2026, 10, 12, 10, 0, tzinfo=ZoneInfo("Asia/Shanghai")).timestamp()


class KnownNames:
    """Calendars `office` (as told), queues `support` and `default`, box `general`, line `sh-telecom`."""

    def __init__(self, hours: str = "open", subflows: tuple[str, ...] = ()) -> None:
        self.calendars = {"office": lambda at: hours}
        self.queues = ("support", "default")
        self.boxes = ("general",)
        self.lines = ("sh-telecom",)
        found = [load_flow(text, "subflow.flow.yaml")[0] for text in subflows]
        self.definitions = {definition.name: definition for definition in found if definition is not None}
        self.flows = ("welcome", *self.definitions)

    def flow_definition(self, name: str) -> FlowDefinition | None:
        return self.definitions.get(name)

    def presents_400(self, text: str) -> bool:
        return text.replace("-", "").startswith("400")

    def local_time(self, at: float) -> datetime:
        return datetime.fromtimestamp(at, ZoneInfo("Asia/Shanghai"))


def nodes(text: str, start: str = "") -> str:
    """A whole flow file around the nodes of ``text`` (unindented)."""
    body = "\n".join("  " + line for line in text.strip("\n").splitlines())
    return f"flow: example\n{start}nodes:\n{body}\n"


def found(text: str) -> list[Finding]:
    """Every finding of loading and linting ``text``."""
    definition, findings = load_flow(text, "example.flow.yaml")
    return findings + (lint(definition, KnownNames()) if definition else [])


def definition_of(text: str) -> FlowDefinition:
    definition, findings = load_flow(text, "example.flow.yaml")
    assert definition is not None, [finding.as_text() for finding in findings]
    wrong = lint(definition, KnownNames())
    assert not has_errors(wrong), [finding.as_text() for finding in wrong]
    return definition


def compiled(text: str, hours: str = "open") -> Flow:
    return compile_flow(definition_of(text), KnownNames(hours))


def context(caller: str | None = "13800138000", **changes: object) -> Context:
    facts: dict[str, object] = {
        "call_id": "c1",
        "at": AT,
        "called": "4008001234",
        "caller": caller_facts(caller),
        "line": "bj-unicom",
        "company": "示例科技",
        "instance": Instance("support-center", "support"),
    }
    return Context(**{**facts, **changes})  # type: ignore[arg-type]
