"""The language server itself: the Language Server Protocol over `router.editor.checking` and `ivr_flows.editing`."""

from __future__ import annotations

import asyncio
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

from lsprotocol import types
from pygls.exceptions import JsonRpcInvalidParams
from pygls.lsp.server import LanguageServer
from pygls.uris import to_fs_path
from pygls.workspace import ServerTextPosition, ServerTextRange, TextDocument

from ivr_flows import editing
from ivr_flows.editing import Span
from ivr_flows.findings import Finding, Language, Text
from ivr_flows.schema import Refusal
from ivr_flows.yaml_source import Document, read_text

from .checking import FLOW, Checker

QUIET_SECONDS = 0.2
"""How long nobody types before a file is checked."""
_SEVERITIES = {
    "error": types.DiagnosticSeverity.Error,
    "warning": types.DiagnosticSeverity.Warning,
    "info": types.DiagnosticSeverity.Information,
}
_SORTS = {
    "node": types.CompletionItemKind.Reference,
    "type": types.CompletionItemKind.Class,
    "option": types.CompletionItemKind.Property,
    "branch": types.CompletionItemKind.Event,
    "key": types.CompletionItemKind.Keyword,
    "value": types.CompletionItemKind.Value,
}


def language_server(checker: Checker, language: Language, quiet_seconds: float = QUIET_SECONDS) -> LanguageServer:
    """A server that is ready to be started. What people read is in ``language``, unless the editor names its own."""
    # Whole texts: what counts as the end of a line then never differs between the editor and us.
    server = LanguageServer(
        "line400", version("line400"), text_document_sync_kind=types.TextDocumentSyncKind.Full, max_workers=2
    )
    _Service(server, checker, language, quiet_seconds).register()
    return server


class _Service:
    """The handlers. Everything asked of a file is answered from the text in the editor."""

    def __init__(self, server: LanguageServer, checker: Checker, language: Language, quiet_seconds: float) -> None:
        self.server = server
        self.checker = checker
        self.language: Language = language
        self.quiet_seconds = quiet_seconds
        self.turns: dict[str, int] = {}

    def register(self) -> None:
        """Name every handler to the server."""
        for name, handler, options in (
            (types.INITIALIZE, self.initialize, None),
            (types.TEXT_DOCUMENT_DID_OPEN, self.opened, None),
            (types.TEXT_DOCUMENT_DID_CHANGE, self.changed, None),
            (types.TEXT_DOCUMENT_DID_SAVE, self.saved, None),
            (types.TEXT_DOCUMENT_DID_CLOSE, self.closed, None),
            (types.TEXT_DOCUMENT_DEFINITION, self.definition, None),
            (types.TEXT_DOCUMENT_REFERENCES, self.references, None),
            (types.TEXT_DOCUMENT_PREPARE_RENAME, self.prepare_rename, None),
            (types.TEXT_DOCUMENT_RENAME, self.rename, types.RenameOptions(prepare_provider=True)),
            (types.TEXT_DOCUMENT_HOVER, self.hover, None),
            (types.TEXT_DOCUMENT_DOCUMENT_SYMBOL, self.symbols, None),
            (types.TEXT_DOCUMENT_COMPLETION, self.completion, types.CompletionOptions([" ", ":", "{", ","])),
        ):
            # pygls marks what it registers, which a bound method does not allow.
            self.server.feature(name, options)(partial(handler))

    def initialize(self, params: types.InitializeParams) -> None:
        """Take the editor's language for what people read."""
        if params.locale:
            self.language = "zh" if params.locale.lower().startswith("zh") else "en"

    # Findings. ------------------------------------------------------------------------------------------------

    def opened(self, params: types.DidOpenTextDocumentParams) -> None:
        """Check a file that was opened, in its folder as it is now."""
        self.refresh(params.text_document.uri)
        self.publish(params.text_document.uri)

    async def changed(self, params: types.DidChangeTextDocumentParams) -> None:
        """Check a file once nobody types any more."""
        uri = params.text_document.uri
        turn = self.turns[uri] = self.turns.get(uri, 0) + 1
        await asyncio.sleep(self.quiet_seconds)
        if self.turns.get(uri) == turn:
            self.publish(uri)

    def saved(self, params: types.DidSaveTextDocumentParams) -> None:
        """What was saved may be named by every other open file."""
        self.refresh(params.text_document.uri)
        for uri in list(self.server.workspace.text_documents):
            self.publish(uri)

    def closed(self, params: types.DidCloseTextDocumentParams) -> None:
        """Take the findings of a closed file away."""
        self.turns.pop(params.text_document.uri, None)
        self.send(params.text_document.uri, [])

    def refresh(self, uri: str) -> None:
        path = _path(uri)
        if path is not None:
            self.checker.refresh(path, self.open_files())

    def open_files(self) -> dict[Path, str]:
        found = {}
        for uri, document in self.server.workspace.text_documents.items():
            path = _path(uri)
            if path is not None:
                found[path] = document.source
        return found

    def publish(self, uri: str) -> None:
        path = _path(uri)
        if path is None or uri not in self.server.workspace.text_documents:
            return
        document = self.server.workspace.get_text_document(uri)
        findings = self.checker.findings(path, document.source, self.open_files())
        lines = document.source.split("\n")
        self.send(uri, [self.diagnostic(document, lines, finding) for finding in findings])

    def send(self, uri: str, diagnostics: list[types.Diagnostic]) -> None:
        self.server.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, diagnostics))

    def diagnostic(self, document: TextDocument, lines: list[str], finding: Finding) -> types.Diagnostic:
        line = min(finding.place.line, len(lines)) - 1
        start = min(finding.place.column - 1, len(lines[line]))
        end = start
        while end < len(lines[line]) and lines[line][end] not in " ,}]\r":
            end += 1
        cure = Text("cure", "办法").to(self.language) + Text(": ", "：").to(self.language)
        return types.Diagnostic(
            range=_range(document, Span(line, start, max(end, start + 1))),
            severity=_SEVERITIES[finding.severity],
            code=finding.code,
            source="line400",
            message=f"{finding.message.to(self.language)}\n{cure}{finding.cure.to(self.language)}",
        )

    # Nodes and keys. ------------------------------------------------------------------------------------------

    def definition(self, params: types.DefinitionParams) -> types.Location | None:
        """From the name of a node to the node."""
        document, tree, line, column = self.at(params)
        occurrence = tree and editing.occurrence_at(tree, line, column)
        span = editing.definition_of(tree, occurrence.name) if tree and occurrence else None
        return types.Location(document.uri, _range(document, span)) if span else None

    def references(self, params: types.ReferenceParams) -> list[types.Location]:
        """Every way that leads to the node under the cursor."""
        document, tree, line, column = self.at(params)
        chosen = editing.occurrence_at(tree, line, column) if tree else None
        if tree is None or chosen is None:
            return []
        return [
            types.Location(document.uri, _range(document, found.span))
            for found in editing.occurrences(tree)
            if found.name == chosen.name and (params.context.include_declaration or not found.defines)
        ]

    def prepare_rename(self, params: types.PrepareRenameParams) -> types.PrepareRenamePlaceholder | None:
        """Whether there is a node under the cursor to rename."""
        document, tree, line, column = self.at(params)
        chosen = editing.occurrence_at(tree, line, column) if tree else None
        return types.PrepareRenamePlaceholder(_range(document, chosen.span), chosen.name) if chosen else None

    def rename(self, params: types.RenameParams) -> types.WorkspaceEdit | None:
        """Call a node by another name wherever it stands."""
        document, tree, line, column = self.at(params)
        if tree is None:
            return None
        try:
            edits = editing.rename(tree, line, column, params.new_name)
        except Refusal as refusal:
            reason = f"{refusal.message.to(self.language)} {refusal.cure.to(self.language)}"
            raise JsonRpcInvalidParams(reason) from refusal
        changes = [types.TextEdit(_range(document, span), written) for span, written in edits]
        return types.WorkspaceEdit(changes={document.uri: changes}) if changes else None

    def hover(self, params: types.HoverParams) -> types.Hover | None:
        """A node with what is heard there, or what a key means."""
        document, tree, line, column = self.at(params)
        shown = editing.hover(tree, line, column, self.language) if tree else None
        if shown is None:
            return None
        content = types.MarkupContent(types.MarkupKind.Markdown, shown.text)
        return types.Hover(content, _range(document, shown.span))

    def completion(self, params: types.CompletionParams) -> list[types.CompletionItem]:
        """What may be written at the cursor."""
        document, tree, line, column = self.at(params)
        path = _path(document.uri)
        if tree is None or path is None:
            return []
        candidates = editing.complete(document.source, line, column, self.checker.environment(path))
        return [
            types.CompletionItem(
                label=found.label,
                kind=_SORTS[found.sort],
                detail=found.detail.to(self.language) if found.detail else None,
                sort_text=f"{index:04}",
                filter_text=found.insert,
                text_edit=types.TextEdit(_range(document, found.span), found.insert),
            )
            for index, found in enumerate(candidates)
        ]

    def symbols(self, params: types.DocumentSymbolParams) -> list[types.DocumentSymbol]:
        """The nodes, for the editor's outline."""
        document = self.server.workspace.get_text_document(params.text_document.uri)
        if not _is_flow(document.uri):
            return []
        return [
            types.DocumentSymbol(found.name, types.SymbolKind.Function, place := _range(document, found.span), place)
            for found in editing.occurrences(read_text(document.source, document.uri))
            if found.defines
        ]

    def at(self, params: Any) -> tuple[TextDocument, Document | None, int, int]:
        """The document of a request, its tree where it is a flow, and the position in characters."""
        document = self.server.workspace.get_text_document(params.text_document.uri)
        lines = document.source.split("\n")
        position = document.position_codec.position_from_client_units(lines, params.position)
        tree = read_text(document.source, document.uri) if _is_flow(document.uri) else None
        return document, tree, position.line, position.character


def _range(document: TextDocument, span: Span) -> types.Range:
    """``span`` in the units of the editor."""
    start, end = ServerTextPosition(span.line, span.start), ServerTextPosition(span.line, span.end)
    return document.position_codec.range_to_client_units(document.source.split("\n"), ServerTextRange(start, end))


def _path(uri: str) -> Path | None:
    """The file of ``uri``; None for what is no file, such as an unsaved text."""
    found = to_fs_path(uri)
    return Path(found) if found and urlparse(uri).scheme == "file" else None


def _is_flow(uri: str) -> bool:
    return urlparse(uri).path.endswith(FLOW)


__all__ = ["QUIET_SECONDS", "language_server"]
