"""Flow files: which there are, whether they can be read, and the queues and boxes that they name."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo

from ivr_flows.definition import FlowDefinition
from ivr_flows.environment import HoursState
from ivr_flows.findings import Finding, Place, Text
from ivr_flows.lint import Calls, LintSettings, family, lint
from ivr_flows.loader import load_flow, load_flow_document, packaged_flows
from ivr_flows.yaml_source import Mapping as Tree
from ivr_flows.yaml_source import Scalar, Value, read_bytes
from router.number400 import presents_400

from .folder import flow_stem, is_flow_file, size_finding


@dataclass(slots=True)
class FlowFiles:
    """All flows. ``sources``: name → file as shown and text, packaged ones included; ``names`` are those that exist
    (readable or not); ``queues`` and ``boxes``: names used and where first."""

    sources: dict[str, tuple[str, str]] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)
    definitions: dict[str, FlowDefinition] = field(default_factory=dict)
    queues: dict[str, Place] = field(default_factory=dict)
    boxes: dict[str, Place] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class CheckEnvironment:
    """What flows may name while they are checked; `ivr_flows.environment.Environment`."""

    calendars: Mapping[str, Callable[[float], HoursState]] | None
    queues: Collection[str] | None
    boxes: Collection[str] | None
    lines: Collection[str] | None
    flows: Collection[str] | None
    zone: tzinfo
    definitions: Mapping[str, FlowDefinition] = field(default_factory=dict)

    def flow_definition(self, name: str) -> FlowDefinition | None:
        return self.definitions.get(name)

    def presents_400(self, text: str) -> bool:
        return presents_400(text)

    def local_time(self, at: float) -> datetime:
        return datetime.fromtimestamp(at, self.zone)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a flow of a configuration is checked against, for whoever checks one by itself."""

    environment: CheckEnvironment
    settings: LintSettings


def read_flow_files(content: Mapping[str, bytes], shown: Mapping[str, str]) -> FlowFiles:
    """Read every flow of ``content`` and the packaged ones that no file replaces. Linting comes later
    (`lint_flows`), when all names are known."""
    flows = FlowFiles()
    owners: dict[str, str] = {}
    for name in sorted(filter(is_flow_file, content)):
        file, stem = shown[name], flow_stem(name)
        flows.names.add(stem)
        too_large = size_finding(name, file, len(content[name]))
        if too_large:
            flows.findings.append(too_large)
            continue
        document = read_bytes(content[name], file)
        if document.root is None:
            flows.findings.extend(document.findings)
            continue
        definition, findings = load_flow_document(document)
        flows.findings.extend(findings)
        written = document.root.get("flow") if isinstance(document.root, Tree) else None
        if isinstance(written, Scalar) and written.text != stem:
            flows.findings.append(
                Finding(
                    "error",
                    "flow-name-differs",
                    document.place("flow"),
                    Text(
                        f"The flow calls itself `{written.text}`, its file `{stem}`.",
                        f"流程自称 `{written.text}`，文件名却是 `{stem}`。",
                    ),
                    Text(
                        f"Write `flow: {stem}`, or rename the file to {written.text}.flow.yaml.",
                        f"请写 `flow: {stem}`，或把文件改名为 {written.text}.flow.yaml。",
                    ),
                )
            )
        if stem in owners:
            flows.findings.append(
                Finding(
                    "error",
                    "duplicate-flow",
                    Place(file),
                    Text(
                        f"The flow `{stem}` stands in {owners[stem]} already.",
                        f"流程 `{stem}` 已在 {owners[stem]} 中。",
                    ),
                    Text("Keep one of the two files.", "只保留其中一个文件。"),
                )
            )
            continue
        owners[stem] = file
        flows.sources[stem] = (file, document.text)
        _collect_names(flows, document.root)
        if definition is not None:
            flows.definitions[stem] = definition
    for stem, (file, text) in packaged_flows().items():
        if stem in flows.names:
            continue
        flows.names.add(stem)
        flows.sources[stem] = (file, text)
        definition, findings = load_flow(text, file)
        flows.findings.extend(findings)
        if definition is not None:
            flows.definitions[stem] = definition
    return flows


def _collect_names(flows: FlowFiles, root: Value) -> None:
    """Queues and boxes that nodes name, templates left out. Asked of the tree: a flow with a fault elsewhere still
    names them."""
    nodes = root.get("nodes") if isinstance(root, Tree) else None
    for node in nodes.entries.values() if isinstance(nodes, Tree) else ():
        for key, main, found in (("queue", "name", flows.queues), ("voicemail", "box", flows.boxes)):
            value = node.get(key) if isinstance(node, Tree) else None
            if isinstance(value, Tree):
                value = value.get(main)
            if isinstance(value, Scalar) and not value.is_null and "{{" not in value.text and "{%" not in value.text:
                found.setdefault(value.text, value.place)


def lint_flows(
    flows: FlowFiles,
    environment: CheckEnvironment,
    settings: LintSettings = LintSettings(),  # noqa: B008 - frozen value
    calls: Calls | None = None,
) -> list[Finding]:
    """What the linter says of every flow that could be read."""
    findings: list[Finding] = []
    among = family(flows.definitions)
    for name in sorted(flows.definitions):
        findings.extend(lint(flows.definitions[name], environment, settings, among=among, calls=calls))
    return findings
