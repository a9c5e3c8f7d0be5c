"""Between the vendor's flow JSON and our flow files, by the importer and the exporter that the commands have."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from ivr_flows import FlowDefinition, load_flow
from ivr_flows.interchange import Imported, ImportedFlow, import_flows
from ivr_flows.interchange.ccc_export import export_ccc
from ivr_flows.interchange.naming import slug, unique
from router.configuration.company_edit import CompanyEdit, quoted
from router.configuration.folder import flow_stem, is_flow_file
from router.configuration.text_edit import NotEditable, YamlText
from router.model import Configuration
from router.vendor import errors

from ..needed_names import additions

_NOT_A_NAME = re.compile(r"[^A-Za-z0-9_.\-\u3400-\u9fff]+")
FORMAT = "ccc"


@dataclass(frozen=True, slots=True)
class Read:
    """A definition that was read: the flow, the flows it calls that were not there, and what was lost."""

    flow: ImportedFlow
    imported: Imported

    @property
    def lost(self) -> Sequence[Mapping[str, object]]:
        """What did not survive, as ``line400 import --json`` tells it."""
        return [entry.as_json("en") for entry in self.imported.lost]


def read_definition(definition: str, flow: str, title: str, kind: str) -> Read:
    """The one flow of a definition, under the name ``flow``. Raises `UnreadableFile`, `VendorError`."""
    wrapped = json.dumps({"Name": title, "Type": kind, "Definition": definition}, ensure_ascii=False)
    imported = import_flows(FORMAT, wrapped.encode(), f"{flow}.json")
    real = [each for each in imported.flows if not each.placeholder]
    if len(real) != 1:
        raise errors.wrong_format("Definition", f"it holds {len(real)} flows; one is expected.")
    return Read(ImportedFlow(flow, named(real[0].text, flow, title), real[0].findings), imported)


def read_package(package: str, taken: Container[str]) -> Imported:
    """The flows of a package. ``taken`` are ids and names. Raises `UnreadableFile`, and `VendorError` for a flow
    that is there already."""
    imported = import_flows(FORMAT, package.encode(), "package.json")
    for flow in imported.flows:
        if flow.placeholder:
            continue
        for name in (flow.name, title(flow.name, flow.text)):
            if name in taken:
                raise errors.there_already("ContactFlow", name)
    return imported


def named(text: str, flow: str, title: str) -> str:
    """A flow file that calls itself ``flow``, with a title of its own."""
    for key, value in (("flow", flow), ("title", quoted(title))):
        document = YamlText(text)
        if document.root is None:
            raise NotEditable(key)
        document.put_value(document.root, document.root, key, value, after="flow")
        text = document.result()
    return text


def new_name(title: str, taken: Container[str]) -> str:
    """The name of a new flow, out of its title."""
    return unique(_NOT_A_NAME.sub("_", slug(title, "flow")).strip("_.-")[:50] or "flow", taken)


def enter_flow(change: CompanyEdit, configuration: Configuration, flow: str, text: str, imported: Imported) -> None:
    """Put a flow file into an edit, with the queues, boxes, calendars and flows that it needs."""
    change.put_file(file_of(configuration, flow) or f"flows/{flow}.flow.yaml", text.encode())
    for each in imported.flows:
        if each.placeholder and each.name not in configuration.flow_sources:
            change.put_file(f"flows/{each.name}.flow.yaml", each.text.encode())
    made, _ = additions(change.folder, imported.queues, imported.boxes, imported.calendars)
    for addition in made:
        change.put_file(addition.path.relative_to(change.folder).as_posix(), addition.text.encode())


def file_of(configuration: Configuration, flow: str) -> str | None:
    """The file of a flow, relative to the folder; None for a packaged one."""
    return next((name for name in configuration.files if is_flow_file(name) and flow_stem(name) == flow), None)


@lru_cache(maxsize=256)
def definition_of(flow: str, text: str) -> FlowDefinition | None:
    """A flow file, read."""
    return load_flow(text, f"{flow}.flow.yaml")[0]


def title(flow: str, text: str) -> str:
    """The title of a flow; its name where it has none."""
    read = definition_of(flow, text)
    return flow if read is None else read.title or flow


@lru_cache(maxsize=64)
def exported(flow: str, text: str) -> str:
    """A flow file in the vendor's JSON; ``""`` for one with errors, which no revision holds."""
    document = export_ccc(text, f"{flow}.flow.yaml").document
    return "" if document is None else json.dumps(document, ensure_ascii=False)


def kind_of(flow: str, text: str) -> str:
    """The vendor's type of a flow."""
    made = exported(flow, text)
    return str(json.loads(made)["type"]) if made else "MAIN_FLOW"


def digest_of(text: str) -> str:
    """What tells whether a flow file is still the one that publishing wrote."""
    return hashlib.sha256(text.encode()).hexdigest()


def called_by(flow: str, sources: Mapping[str, tuple[str, str]]) -> list[str]:
    """``flow`` and the flows that it calls, and those that they call."""
    found = [flow]
    for name in found:
        read = definition_of(name, sources[name][1])
        for node in read.nodes.values() if read is not None else ():
            called = getattr(node.options, "flow", None)
            if isinstance(called, str) and called in sources and called not in found:
                found.append(called)
    return found


def package(flows: list[dict[str, Any]]) -> str:
    """Flows as one text that the importer reads."""
    return json.dumps({"flows": flows}, ensure_ascii=False)
