"""What an import wrote, as plain values."""

from __future__ import annotations

from typing import Any

from ivr_flows.interchange import Imported, import_flows
from ivr_flows.schema import plain
from ivr_flows.yaml_source import read_text


def imported(source: str, data: bytes | str, file: str = "export") -> Imported:
    return import_flows(source, data.encode() if isinstance(data, str) else data, file)


def header(found: Imported, flow: int = 0) -> dict[str, Any]:
    document = read_text(found.flows[flow].text, "flow.yaml")
    assert not document.findings, [finding.as_text() for finding in document.findings]
    value: dict[str, Any] = plain(document.root)
    return value


def nodes(found: Imported, flow: int = 0) -> dict[str, Any]:
    """The nodes of a flow by name."""
    value: dict[str, Any] = header(found, flow)["nodes"]
    return value


def of_type(found: Imported, kind: str, flow: int = 0) -> list[dict[str, Any]]:
    """The nodes of one type."""
    return [node for node in nodes(found, flow).values() if kind in node]


def lost(found: Imported) -> set[tuple[str, str]]:
    return {(entry.node.split(" ")[0], entry.parameter) for entry in found.lost}
