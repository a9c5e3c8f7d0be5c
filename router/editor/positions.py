"""Between our positions and those of the protocol: lines and characters from 0 here, the editor's units there."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlparse

from lsprotocol import types
from pygls.uris import to_fs_path
from pygls.workspace import ServerTextPosition, ServerTextRange, TextDocument

from ivr_flows.editing import Span

from .names import FLOW


def range_of(document: TextDocument, span: Span) -> types.Range:
    """``span`` in the units of the editor."""
    start, end = ServerTextPosition(span.line, span.start), ServerTextPosition(span.line, span.end)
    return document.position_codec.range_to_client_units(document.source.split("\n"), ServerTextRange(start, end))


def whole(document: TextDocument) -> types.Range:
    """All of a document."""
    last = document.source.split("\n")
    span = Span(len(last) - 1, 0, len(last[-1]))
    return types.Range(types.Position(0, 0), range_of(document, span).end)


def overlap(one: types.Range, other: types.Range) -> bool:
    """Whether two ranges share a line: whoever stands anywhere in the line of a finding wants its cure."""
    return one.start.line <= other.end.line and other.start.line <= one.end.line


def asked(only: Sequence[str] | None, kind: str) -> bool:
    """Whether actions of ``kind`` are wanted: a kind includes those below it."""
    return only is None or any(kind == wanted or kind.startswith(f"{wanted}.") for wanted in only)


def path_of(uri: str) -> Path | None:
    """The file of ``uri``; None for what is no file, such as an unsaved text."""
    found = to_fs_path(uri)
    return Path(found) if found and urlparse(uri).scheme == "file" else None


def is_flow(uri: str) -> bool:
    """Whether ``uri`` is that of a flow file."""
    return urlparse(uri).path.endswith(FLOW)
