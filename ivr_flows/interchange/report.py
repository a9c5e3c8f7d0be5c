"""From a foreign file to flow files of ours, with what was lost: the one way in for every format."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from ..findings import Finding, Language, Text, has_errors
from ..flow_schema import options_of
from ..loader import load_flow
from ..nodes import NODE_TYPES
from .circles import as_opaque, no_circles
from .complete import complete, drop_unused_end
from .graph import END, Graph, Lost, Node
from .judging import does_not_run
from .naming import slug, unique
from .reading import decode
from .retries import fold_retries
from .returns import wire_returns
from .speech_markup import settle_markup, spoken_words
from .write_yaml import Written, write

Reader = Callable[[str, str, str], list[Graph]]
MAX_REPAIRS = 12
_KEY = re.compile(r"\s*\"?(\w+)\"?\s*:")


def _reader(name: str) -> Reader:
    from .archy import read_archy
    from .asterisk import read_asterisk
    from .ccc import read_ccc
    from .connect import read_connect
    from .studio import read_studio_file

    readers: dict[str, Reader] = {
        "connect": read_connect,
        "studio": read_studio_file,
        "archy": read_archy,
        "ccc": read_ccc,
        "asterisk": read_asterisk,
    }
    return readers[name]


FORMATS = ("ccc", "connect", "studio", "archy", "asterisk")
"""The formats that hold flows."""


@dataclass(frozen=True, slots=True)
class ImportedFlow:
    """One flow file: its name (without suffix) and text. ``placeholder`` marks a flow that the source calls and does
    not hold; ``findings`` are what our loader says about the text."""

    name: str
    text: str
    findings: tuple[Finding, ...] = ()
    placeholder: bool = False


@dataclass(slots=True)
class Imported:
    """The result of an import. ``nodes`` counts the nodes of the source, ``opaque`` those without counterpart.
    ``queues``, ``calendars`` and ``boxes`` are what the flows name outside of themselves."""

    flows: list[ImportedFlow] = field(default_factory=list)
    nodes: int = 0
    opaque: int = 0
    lost: list[Lost] = field(default_factory=list)
    queues: list[str] = field(default_factory=list)
    calendars: list[str] = field(default_factory=list)
    boxes: list[str] = field(default_factory=list)

    def as_json(self, language: Language) -> dict[str, object]:
        """As ``import --json`` prints it."""
        return {
            "flows": len([flow for flow in self.flows if not flow.placeholder]),
            "nodes": self.nodes,
            "opaque": self.opaque,
            "lost": [entry.as_json(language) for entry in self.lost],
            "names": [flow.name for flow in self.flows],
            "needs": {"queues": self.queues, "calendars": self.calendars, "boxes": self.boxes},
            "findings": [finding.as_json(language) for flow in self.flows for finding in flow.findings],
        }


def import_flows(source: str, data: bytes, file: str, language: Language = "en") -> Imported:
    """The flows of ``data`` in the format ``source`` (one of `FORMATS`); ``file`` is how findings call it.

    Raises `UnreadableFile` where nothing can be made of the file.
    """
    text = decode(data, file)
    graphs = _reader(source)(text, file, slug(_stem(file), "imported"))
    taken: set[str] = set()
    for graph in graphs:
        graph.name = unique(graph.name, taken)
        taken.add(graph.name)
    no_circles(graphs)
    wire_returns(graphs)
    found = Imported()
    for graph in graphs:
        complete(graph)
        if not graph.exact:
            settle_markup(graph)
            fold_retries(graph)
            drop_unused_end(graph)
        found.flows.append(_written(graph, language))
        found.nodes += graph.sources
        found.opaque += graph.opaque
        found.lost.extend(graph.lost)
        _outside_names(graph, found)
    found.flows.extend(_placeholders(graphs, taken, language))
    return found


def _stem(file: str) -> str:
    return file.replace("\\", "/").rsplit("/", 1)[-1].split(".", 1)[0]


def _written(graph: Graph, language: Language) -> ImportedFlow:
    """The flow file; nodes that our own loader refuses are made opaque, so that what is written can be read."""
    for _ in range(MAX_REPAIRS):
        written = write(graph, language)
        definition, findings = load_flow(written.text, f"{graph.name}.flow.yaml")
        wrong = findings if definition is None else [] if graph.exact else does_not_run(definition)
        if not has_errors(wrong) or not _repair(graph, written, wrong):
            break
        complete(graph)
    return ImportedFlow(graph.name, written.text, tuple(findings))


def _repair(graph: Graph, written: Written, findings: list[Finding]) -> bool:
    changed = False
    for finding in findings:
        key = written.key_at(finding.place.line) if finding.severity == "error" else None
        node = graph.nodes.get(key) if key is not None else None
        if node is None or node.type == "opaque" or node.type not in NODE_TYPES or key == END:
            continue
        if node.type == "play" and "ssml" in node.options:
            _speak_plainly(graph, node)
            changed = True
            continue
        option = _option_at(node, written, finding)
        if option is not None:
            del node.options[option]
            graph.lose(node.origin or node.key, option, finding.message)
            changed = True
            continue
        graph.lose(
            node.origin or node.key,
            "",
            Text(
                f"cannot be written as `{node.type}`: {finding.message.en}",
                f"无法写成 `{node.type}`：{finding.message.zh}",
            ),
        )
        graph.nodes[node.key] = as_opaque(node)
        changed = True
    return changed


def _option_at(node: Node, written: Written, finding: Finding) -> str | None:
    """The option that ``finding`` is about, where the node can do without it."""
    lines = written.text.splitlines()
    line = lines[finding.place.line - 1] if finding.place.line <= len(lines) else ""
    match = _KEY.match(line, max(0, finding.place.column - 1))
    name = match[1] if match else ""
    field = options_of(NODE_TYPES[node.type]).get(name)
    return name if name in node.options and field is not None and not field.is_required() else None


def _speak_plainly(graph: Graph, node: Node) -> None:
    """SSML that the loader refuses is said without its marks."""
    node.options[""] = spoken_words(node.options.pop("ssml")) or "…"
    graph.lose(node.origin or node.key, "SSML", Text("keeps its words only", "只保留文字"))


def _outside_names(graph: Graph, found: Imported) -> None:
    for node in graph.nodes.values():
        main = node.options.get("")
        for kind, names, value in (
            ("queue", found.queues, node.options.get("name", main)),
            ("staffing", found.queues, main),
            ("hours", found.calendars, main),
            ("voicemail", found.boxes, main),
        ):
            if node.type == kind and isinstance(value, str) and "{{" not in value and value not in names:
                names.append(value)


def _placeholders(graphs: list[Graph], taken: set[str], language: Language) -> list[ImportedFlow]:
    """Flows that are called and not in the file: each a flow that returns ``failed`` until the real one is there."""
    wanted: dict[str, Graph] = {}
    for graph in graphs:
        for node in graph.nodes.values():
            flow = node.options.get("flow")
            called = node.type in ("subflow", "goto_flow")
            if called and isinstance(flow, str) and flow not in taken and flow not in wanted:
                placeholder = Graph(flow, flow, graph.language, "missing")
                placeholder.remarks.append(
                    "Placeholder: a flow of this name is called, but was not in the imported file."
                )
                placeholder.add(Node("missing", "return", {"": "failed"}, name="missing"))
                wanted[flow] = placeholder
    return [ImportedFlow(name, write(graph, language).text, (), True) for name, graph in wanted.items()]
