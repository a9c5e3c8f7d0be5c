"""Flows as a route book knows them: what they may name, and their compilation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo

from ivr_flows import Flow, FlowDefinition, compile_flow, load_flow
from ivr_flows.findings import Text

from .model import Configuration
from .number400 import presents_400


class BookError(Exception):
    """A configuration that cannot be compiled although it was loaded; says why and what to do."""

    def __init__(self, message: Text, cure: Text) -> None:
        super().__init__(message.en)
        self.message = message
        self.cure = cure


@dataclass(frozen=True, slots=True)
class FlowEnvironment:
    """The names of one configuration (an `ivr_flows.environment.Environment`). ``calendars`` are functions from a
    moment (epoch seconds) to ``open``, ``closed`` or ``holiday``."""

    calendars: Mapping[str, Callable[[float], str]]
    queues: frozenset[str]
    boxes: Mapping[str, float]
    lines: frozenset[str]
    flows: frozenset[str]
    zone: tzinfo
    definitions: dict[str, FlowDefinition] = field(default_factory=dict)

    def flow_definition(self, name: str) -> FlowDefinition | None:
        """The flow ``name`` as a subflow runs it."""
        return self.definitions.get(name)

    def presents_400(self, text: str) -> bool:
        """Whether ``text`` as a calling number presents a 400 number; never raises."""
        return presents_400(text)

    def local_time(self, at: float) -> datetime:
        """The moment ``at`` in the configured time zone."""
        return datetime.fromtimestamp(at, self.zone)


def compile_flows(configuration: Configuration, environment: FlowEnvironment) -> dict[str, Flow]:
    """Every flow of the configuration, compiled, by name; ``environment`` is given their definitions.

    Raises:
        BookError: a flow does not load.
    """
    if not configuration.flow_sources:
        return {}
    for name, (file, text) in configuration.flow_sources.items():
        definition, findings = load_flow(text, file)
        if definition is None:
            first = next((finding for finding in findings if finding.severity == "error"), None)
            raise BookError(
                first.message if first else Text(f"The flow {name} does not load.", f"流程 {name} 无法加载。"),
                first.cure if first else Text("Run line400 check.", "运行 line400 check。"),
            )
        environment.definitions[name] = definition
    return {name: compile_flow(definition, environment) for name, definition in environment.definitions.items()}
