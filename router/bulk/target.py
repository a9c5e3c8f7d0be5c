"""A configuration folder as a table meets it: names that exist, numbers and routes that stand in its files already."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ivr_flows.findings import Finding, has_errors
from ivr_flows.schema import read_model
from ivr_flows.yaml_source import Document, read_bytes
from router.configuration import parts as part
from router.configuration import read_folder, route_parts
from router.configuration.flow_files import read_flow_files
from router.configuration.folder import (
    LINES,
    NUMBERS,
    NUMBERS_CSV,
    QUEUES,
    ROUTES,
    ROUTES_CSV,
    SETTINGS,
    is_flow_file,
)
from router.configuration.parts import Parts
from router.configuration.schemas import SettingsFile
from router.model import NumberFacts, Route, Settings

from .csv_source import CsvSource
from .options import options_in
from .reading import Known, Table, read_table


class TargetError(Exception):
    """The folder's own files stand in the way; ``findings`` say how."""

    def __init__(self, findings: list[Finding]) -> None:
        super().__init__(findings[0].message.en)
        self.findings = findings
        self.message = findings[0].message
        self.cure = findings[0].cure


@dataclass(slots=True)
class Target:
    """What stands in ``folder``. ``configured``: it is a configuration (has ``line400.yaml``), not just a place for
    files. ``before``: the bytes of each table as they were read; None where there is none."""

    folder: Path
    configured: bool
    company: str = ""
    known: Known = field(default_factory=Known)
    numbers: Table = field(default_factory=lambda: Table(NUMBERS_CSV, (), ()))
    routes: Table = field(default_factory=lambda: Table(ROUTES_CSV, (), ()))
    yaml_numbers: Mapping[str, NumberFacts] = field(default_factory=dict)
    yaml_routes: Mapping[str, Route] = field(default_factory=dict)
    yaml_options: Mapping[str, str] = field(default_factory=dict)
    before: dict[str, bytes | None] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)


def read_target(folder: Path) -> Target:
    """What stands in ``folder``, which need not exist. Raises `TargetError` where its numbers, routes or settings
    have faults: what is there is never replaced without having been understood."""
    target = Target(folder, (folder / SETTINGS).exists())
    files, findings = read_folder(folder) if folder.is_dir() else ({}, [])
    if not target.configured:
        files = {name: data for name, data in files.items() if name in (NUMBERS_CSV, ROUTES_CSV, ROUTES)}
    target.files = files
    documents: dict[str, Document] = {
        name: read_bytes(files[name], str(folder / name))
        for name in (SETTINGS, NUMBERS, LINES, QUEUES, ROUTES)
        if name in files
    }
    for document in documents.values():
        findings.extend(document.findings)
    parts = Parts(documents=documents, findings=findings, files={name: str(folder / name) for name in part.FILE_NAMES})
    settings = read_model(SettingsFile, documents[SETTINGS])[0] if SETTINGS in documents else None
    parts.settings = Settings(company=settings.company if settings else "")
    part.read_numbers(parts, NUMBERS)
    route_parts.read_routes(parts, ROUTES)
    if has_errors(parts.findings):
        raise TargetError([finding for finding in parts.findings if finding.severity == "error"])
    target.company = parts.settings.company
    target.yaml_numbers = {facts.number: facts for facts in parts.numbers}
    target.yaml_routes = {route.number: route for route in parts.routes}
    target.yaml_options = options_in(documents.get(ROUTES))
    target.before[ROUTES] = files.get(ROUTES)
    for name in (NUMBERS_CSV, ROUTES_CSV):
        target.before[name] = files.get(name)
        if name in files:
            table = _own_table(folder / name)
            if name == NUMBERS_CSV:
                target.numbers = table
            else:
                target.routes = table
    if target.configured:
        shown = {name: str(folder / name) for name in files}
        flows = read_flow_files({name: data for name, data in files.items() if is_flow_file(name)}, shown)
        instances = part.names_of(parts, QUEUES, "instances") if QUEUES in files else None
        lines = part.names_of(parts, LINES, "lines") if LINES in files else None
        target.known = Known({"line": lines, "flow": set(flows.names), "instance": instances})
    return target


def _own_table(file: Path) -> Table:
    table = read_table(CsvSource(file, "utf-8"), Known(), (), lambda done, total: None)
    if table.bad:
        raise TargetError([finding for row in table.bad for finding in row.findings])
    return table
