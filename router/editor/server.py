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
from pygls.workspace import ServerTextPosition, TextDocument

from ivr_flows import editing
from ivr_flows.editing import Span
from ivr_flows.findings import Finding, Language, Text
from ivr_flows.schema import Refusal
from ivr_flows.yaml_source import Document, read_text

from .actions import all_fixed, quick_fixes
from .checking import Checker
from .names import Named
from .positions import asked, is_flow, overlap, path_of, range_of, whole
from .workspace import Workspace

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
    "variable": types.CompletionItemKind.Variable,
    "field": types.CompletionItemKind.Field,
    "filter": types.CompletionItemKind.Function,
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
        self.workspace = Workspace()
        self.uris: dict[Path, str] = {}
        self.renames_files = False

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
            (types.TEXT_DOCUMENT_COMPLETION, self.completion, types.CompletionOptions([" ", ":", "{", ",", "|", "."])),
            (
                types.TEXT_DOCUMENT_CODE_ACTION,
                self.code_actions,
                types.CodeActionOptions([types.CodeActionKind.QuickFix, types.CodeActionKind.SourceFixAll]),
            ),
        ):
            # pygls marks what it registers, which a bound method does not allow.
            self.server.feature(name, options)(partial(handler))

    def initialize(self, params: types.InitializeParams) -> None:
        """Take the editor's language for what people read, and whether it renames files."""
        edits = params.capabilities.workspace.workspace_edit if params.capabilities.workspace else None
        kinds = (edits.resource_operations if edits else None) or ()
        self.renames_files = types.ResourceOperationKind.Rename in kinds
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
        path = path_of(uri)
        if path is not None:
            self.checker.refresh(path, self.open_files())

    def open_files(self) -> dict[Path, str]:
        found = {}
        for uri, document in self.server.workspace.text_documents.items():
            path = path_of(uri)
            if path is not None:
                self.uris[path] = uri
                found[path] = document.source
        return found

    def publish(self, uri: str) -> None:
        path = path_of(uri)
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
            range=range_of(document, Span(line, start, max(end, start + 1))),
            severity=_SEVERITIES[finding.severity],
            code=finding.code,
            source="line400",
            message=f"{finding.message.to(self.language)}\n{cure}{finding.cure.to(self.language)}",
        )

    # Names. ---------------------------------------------------------------------------------------------------

    def definition(self, params: types.DefinitionParams) -> types.Location | None:
        """From a name to what defines it: a node, flow, calendar, queue …"""
        found = self.named(params)
        places = self.workspace.all_of(*found) if found else []
        return next((self.location(path, one.span) for path, one in places if one.defines), None)

    def references(self, params: types.ReferenceParams) -> list[types.Location]:
        """Every place that names what is under the cursor, in all files of the configuration."""
        found = self.named(params)
        places = self.workspace.all_of(*found) if found else []
        declared = params.context.include_declaration
        return [self.location(path, one.span) for path, one in places if declared or not one.defines]

    def prepare_rename(self, params: types.PrepareRenameParams) -> types.PrepareRenamePlaceholder | None:
        """Whether there is a name under the cursor."""
        found = self.named(params)
        if found is None:
            return None
        document = self.server.workspace.get_text_document(params.text_document.uri)
        return types.PrepareRenamePlaceholder(range_of(document, found[0].span), found[0].name)

    def rename(self, params: types.RenameParams) -> types.WorkspaceEdit | None:
        """Call something by another name wherever it stands, in all files of the configuration."""
        found = self.named(params)
        if found is None:
            return None
        named, path, open_files = found
        try:
            renaming = self.workspace.rename(named, params.new_name, path, open_files)
        except Refusal as refusal:
            raise self.refused(refusal) from refusal
        if renaming.moved is not None and not self.renames_files:
            raise self.refused(
                Refusal(
                    Text(
                        "The file of a flow bears its name, and this editor does not rename files for a server.",
                        "流程文件以流程命名，而此编辑器不支持由服务器重命名文件。",
                    ),
                    Text("Rename the file first; what names the flow is then reported.", "请先重命名文件。"),
                )
            )
        edits = {self.uri(file): self.text_edits(file, spans) for file, spans in renaming.edits.items()}
        if renaming.moved is None:
            return types.WorkspaceEdit(changes=edits)
        changes: list[types.TextDocumentEdit | types.CreateFile | types.RenameFile | types.DeleteFile] = [
            types.TextDocumentEdit(types.OptionalVersionedTextDocumentIdentifier(uri), [*written])
            for uri, written in edits.items()
        ]
        old, new = renaming.moved
        changes.append(types.RenameFile(self.uri(old), new.as_uri()))
        return types.WorkspaceEdit(document_changes=changes)

    def named(self, params: Any) -> tuple[Named, Path, dict[Path, str]] | None:
        """The name under the cursor of a request, its file, and the open files."""
        document, position = self.position(params)
        path, open_files = self.file(document.uri), self.open_files()
        named = self.workspace.name_at(path, document.source, position.line, position.character, open_files)
        return None if named is None else (named, path, {**open_files, path: document.source})

    def location(self, path: Path, span: Span) -> types.Location:
        return types.Location(self.uri(path), range_of(self.document(path), span))

    def text_edits(self, path: Path, edits: list[tuple[Span, str]]) -> list[types.TextEdit]:
        document = self.document(path)
        return [types.TextEdit(range_of(document, span), written) for span, written in edits]

    def document(self, path: Path) -> TextDocument:
        """The file as it is in the editor, else as it is on the disk."""
        return self.server.workspace.get_text_document(self.uri(path))

    def refused(self, refusal: Refusal) -> JsonRpcInvalidParams:
        return JsonRpcInvalidParams(f"{refusal.message.to(self.language)} {refusal.cure.to(self.language)}")

    # Quick fixes. ---------------------------------------------------------------------------------------------

    def code_actions(self, params: types.CodeActionParams) -> list[types.CodeAction]:
        """What can be done about the findings in the range: a cure by rule, the name that was meant, an allowance; and
        all cures of the file at once."""
        uri = params.text_document.uri
        path = path_of(uri)
        if path is None:
            return []
        document = self.server.workspace.get_text_document(uri)
        wanted = params.context.only
        findings = self.checker.findings(path, document.source, self.open_files())
        lines = document.source.split("\n")
        found: list[types.CodeAction] = []
        for finding in findings if asked(wanted, types.CodeActionKind.QuickFix) else ():
            diagnostic = self.diagnostic(document, lines, finding)
            if not overlap(diagnostic.range, params.range):
                continue
            for fix in quick_fixes(finding, document.source, is_flow=is_flow(uri)):
                edits = [types.TextEdit(range_of(document, span), written) for span, written in fix.edits]
                found.append(
                    types.CodeAction(
                        fix.title.to(self.language),
                        types.CodeActionKind.QuickFix,
                        diagnostics=[diagnostic],
                        is_preferred=fix.sure or None,
                        edit=types.WorkspaceEdit(changes={uri: edits}),
                    )
                )
        if is_flow(uri) and asked(wanted, types.CodeActionKind.SourceFixAll):
            text = all_fixed(findings, document.source)
            if text != document.source:
                everything = types.TextEdit(whole(document), text)
                found.append(
                    types.CodeAction(
                        Text("Cure everything that needs no judgement", "修正全部可机械修正的问题").to(self.language),
                        types.CodeActionKind.SourceFixAll,
                        edit=types.WorkspaceEdit(changes={uri: [everything]}),
                    )
                )
        return found

    # Nodes and keys. ------------------------------------------------------------------------------------------

    def hover(self, params: types.HoverParams) -> types.Hover | None:
        """A node with what is heard there, or what a key means."""
        document, tree, line, column = self.at(params)
        shown = editing.hover(tree, line, column, self.language) if tree else None
        if shown is None:
            return None
        content = types.MarkupContent(types.MarkupKind.Markdown, shown.text)
        return types.Hover(content, range_of(document, shown.span))

    def completion(self, params: types.CompletionParams) -> list[types.CompletionItem]:
        """What may be written at the cursor."""
        document, tree, line, column = self.at(params)
        path = path_of(document.uri)
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
                text_edit=types.TextEdit(range_of(document, found.span), found.insert),
            )
            for index, found in enumerate(candidates)
        ]

    def symbols(self, params: types.DocumentSymbolParams) -> list[types.DocumentSymbol]:
        """The nodes, for the editor's outline."""
        document = self.server.workspace.get_text_document(params.text_document.uri)
        if not is_flow(document.uri):
            return []
        return [
            types.DocumentSymbol(found.name, types.SymbolKind.Function, place := range_of(document, found.span), place)
            for found in editing.occurrences(read_text(document.source, document.uri))
            if found.defines
        ]

    def at(self, params: Any) -> tuple[TextDocument, Document | None, int, int]:
        """The document of a request, its tree where it is a flow, and the position in characters."""
        document, position = self.position(params)
        tree = read_text(document.source, document.uri) if is_flow(document.uri) else None
        return document, tree, position.line, position.character

    def position(self, params: Any) -> tuple[TextDocument, ServerTextPosition]:
        document = self.server.workspace.get_text_document(params.text_document.uri)
        lines = document.source.split("\n")
        return document, document.position_codec.position_from_client_units(lines, params.position)

    def file(self, uri: str) -> Path:
        """The file of ``uri``, and a name that serves as one for a text that was never saved."""
        path = path_of(uri) or Path("/") / urlparse(uri).path
        self.uris[path] = uri
        return path

    def uri(self, path: Path) -> str:
        """The URI of ``path`` as the editor writes it."""
        return self.uris.get(path) or path.as_uri()


__all__ = ["QUIET_SECONDS", "language_server"]
