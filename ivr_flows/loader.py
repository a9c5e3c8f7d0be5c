"""From a YAML file to a flow definition: the shape of nodes, their options and branches, with places."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from importlib.resources import files
from typing import Annotated, Any

from pydantic import AfterValidator, Field, StringConstraints

from .definition import FlowDefinition, NodeDefinition, Reference
from .deprecated import rename_deprecated
from .expressions import ExpressionError, names_used
from .findings import Finding, Place, Text, has_errors
from .nodes import NODE_TYPES, NodeType
from .schema import Refusal, Strict, nearest, read_model, unknown_name
from .ssml import SPOKEN_OPTIONS, SsmlError, is_ssml, read_ssml
from .yaml_source import Document, Mapping, Scalar, Sequence, Value, place_within, read_text

BESIDE = ("next", "on", "else")
"""Keys that stand beside the type key of a node and are no options."""

_DIGITS = frozenset("0123456789*#")
_BARE_HASH = re.compile(r"\s+#\s*:\s*[\w-]+\s*$")


def _readable(text: str) -> str:
    try:
        used = set(names_used(text))
    except ExpressionError as error:
        raise Refusal(error.message, error.cure, "template-syntax") from None
    if any(name == "texts" for name, _ in used):
        raise Refusal(
            Text("A text of `texts` cannot use `texts`.", "`texts` 中的文本不能再引用 `texts`。"),
            Text("Write the words out.", "请直接写出内容。"),
            "text-in-text",
        )
    if is_ssml(text):
        raise Refusal(
            Text("A text of `texts` holds words, no SSML.", "`texts` 中只写文字，不写 SSML。"),
            Text("Write the marks in `ssml:` and the words here.", "标记请写在 `ssml:`，文字写在这里。"),
            "ssml-in-texts",
        )
    return text


LanguageCode = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}(-[A-Z]{2})?$")]
TextName = Annotated[str, StringConstraints(pattern=r"^[^\W\d_]\w*$")]
TextOfFlow = Annotated[str, AfterValidator(_readable)]


class FlowFile(Strict):
    """The top level of a flow file. ``start`` defaults to the first node; ``on_hangup`` names the node that runs after
    a caller hung up; ``texts``: name → language code → text."""

    flow: str
    title: str = ""
    language: LanguageCode = "zh-CN"
    start: str | None = None
    on_hangup: str | None = None
    texts: dict[TextName, Annotated[dict[LanguageCode, TextOfFlow], Field(min_length=1)]] = Field(default_factory=dict)
    nodes: dict[str, Any] = Field(min_length=1)
    description: str | None = None


def load_flow(text: str, file: str) -> tuple[FlowDefinition | None, list[Finding]]:
    """Read one flow. Returns the definition, or None where nothing can be made of the file, and every finding
    about its form; what the flow does wrong is `lint`'s business."""
    document = read_text(text, file)
    return load_flow_document(document)


def load_flow_document(document: Document) -> tuple[FlowDefinition | None, list[Finding]]:
    """As `load_flow`, for a document that was read already."""
    findings = list(document.findings)
    if document.root is None:
        return None, findings
    findings.extend(rename_deprecated(document))
    header, wrong = read_model(FlowFile, document)
    findings.extend(wrong)
    findings.extend(_bare_hashes(document))
    nodes_value = document.root.get("nodes") if isinstance(document.root, Mapping) else None
    nodes: dict[str, NodeDefinition] = {}
    if isinstance(nodes_value, Mapping):
        for name, value in nodes_value.entries.items():
            node = _NodeReader(document, name, nodes_value.keys[name].place, value, findings).read()
            if node is not None:
                nodes[name] = node
    if header is None or has_errors(findings):
        return None, findings
    first = next(iter(nodes))
    start = Reference(header.start or first, document.place("start" if header.start else "nodes"))
    return (
        FlowDefinition(
            header.flow,
            header.title or header.flow,
            header.language,
            start,
            nodes,
            document.file,
            document.place("flow"),
            Reference(header.on_hangup, document.place("on_hangup")) if header.on_hangup else None,
            text=document.text,
            texts=header.texts,
        ),
        findings,
    )


def _bare_hashes(document: Document) -> Iterator[Finding]:
    """Keys `#` without quotes: YAML takes the line for a comment, and the branch is silently not there."""
    for line, text in enumerate(document.text.splitlines(), 1):
        if _BARE_HASH.match(text):
            yield Finding(
                "warning",
                "hash-not-quoted",
                Place(document.file, line, text.index("#") + 1),
                Text(
                    "YAML reads a bare `#` as a comment; this branch is not there.",
                    "YAML 把不加引号的 `#` 读成注释，此分支不存在。",
                ),
                Text('Write the key with quotes: "#".', '给该键加引号："#"。'),
            )


def packaged_flows() -> dict[str, tuple[str, str]]:
    """The flows that come with the package: name → (file name, text)."""
    folder = files("ivr_flows") / "library"
    return {
        entry.name.removesuffix(".flow.yaml"): (f"ivr_flows/library/{entry.name}", entry.read_text("utf-8"))
        for entry in folder.iterdir()
        if entry.name.endswith(".flow.yaml")
    }


class _NodeReader:
    """Reads one node: finds its type key, gathers its options from inside and beside, reads its branches."""

    def __init__(self, document: Document, name: str, place: Place, value: Value, findings: list[Finding]) -> None:
        self.document = document
        self.name = name
        self.place = place
        self.value = value
        self.findings = findings

    def error(self, code: str, place: Place, message: Text, cure: Text) -> None:
        self.findings.append(Finding("error", code, place, message, cure))

    def read(self) -> NodeDefinition | None:
        value = self.value
        if not isinstance(value, Mapping):
            self.error(
                "bad-node",
                value.place,
                Text(f"The node `{self.name}` is not a mapping.", f"节点 `{self.name}` 不是映射。"),
                Text("Write `type: value` below it, indented.", "请在其下缩进写 `类型: 值`。"),
            )
            return None
        kind = self.kind(value)
        if kind is None:
            return None
        merged = self.options(kind, value)
        if merged is None:
            return None
        source = Document(self.document.file, merged)
        options, wrong = read_model(kind.options, source)
        self.findings.extend(wrong)
        if options is not None:
            self.findings.extend(self.marks(kind, options, merged))
        references = self.branches(kind, value)
        if options is None or references is None:
            return None
        following, on, otherwise = references
        return NodeDefinition(self.name, kind, options, self.place, source, following, on, otherwise)

    def kind(self, value: Mapping) -> NodeType | None:
        found = [key for key in value.entries if key in NODE_TYPES]
        if len(found) == 1:
            return NODE_TYPES[found[0]]
        if len(found) > 1:
            # `language` or `record` may be an option of another type: the first key is the type.
            first = next(iter(value.entries))
            if first in NODE_TYPES:
                return NODE_TYPES[first]
            self.error(
                "two-types",
                value.place_of(found[1]),
                Text(
                    f"The node `{self.name}` has two types: {' and '.join(found)}.",
                    f"节点 `{self.name}` 有两种类型：{'、'.join(found)}。",
                ),
                Text("Make two nodes of it.", "请拆成两个节点。"),
            )
            return None
        others = [key for key in value.entries if key not in BESIDE]
        shown = others[0] if others else ""
        close = nearest(shown, NODE_TYPES) if shown else None
        self.error(
            "unknown-node-type",
            value.place_of(shown) if shown else self.place,
            Text(
                f"The node `{self.name}` has no type that is known" + (f": `{shown}`." if shown else "."),
                f"节点 `{self.name}` 没有已知的类型" + (f"：`{shown}`。" if shown else "。"),
            ),
            Text(f"Did you mean `{close}`?", f"是否想写 `{close}`？")
            if close
            else Text(f"One of: {', '.join(NODE_TYPES)}.", f"可选：{'、'.join(NODE_TYPES)}。"),
        )
        return None

    def options(self, kind: NodeType, value: Mapping) -> Mapping | None:
        main = value.entries[kind.name]
        merged = Mapping({}, {}, value.keys[kind.name].place)
        if isinstance(main, Mapping) and not kind.main_is_mapping:
            merged.entries.update(main.entries)
            merged.keys.update(main.keys)
        elif not (isinstance(main, Scalar) and main.is_null):
            if kind.main is None:
                self.error(
                    "no-value-wanted",
                    main.place,
                    Text(f"`{kind.name}` takes no value.", f"`{kind.name}` 不带值。"),
                    Text(f"Write `{kind.name}:` alone.", f"只写 `{kind.name}:`。"),
                )
                return None
            merged.entries[kind.main] = main
            merged.keys[kind.main] = Scalar(kind.main, main.place)
        for key, option in value.entries.items():
            if key == kind.name or key in BESIDE:
                continue
            if key in merged.entries:
                self.error(
                    "option-twice",
                    value.place_of(key),
                    Text(
                        f"The option `{key}` is given inside `{kind.name}` and beside it.",
                        f"选项 `{key}` 在 `{kind.name}` 内外各写了一次。",
                    ),
                    Text("Keep one of the two.", "只保留一处。"),
                )
                continue
            merged.entries[key] = option
            merged.keys[key] = value.keys[key]
        return merged

    def marks(self, kind: NodeType, options: Any, merged: Mapping) -> Iterator[Finding]:
        """What is wrong with SSML among the texts of the node, where it stands."""
        if kind.name == "message":
            return
        for path, text in kind.texts(options):
            if path[0] not in SPOKEN_OPTIONS or not (path[0] == "ssml" or is_ssml(text)):
                continue
            try:
                read = read_ssml(text)
            except SsmlError as error:
                yield Finding(
                    "error", error.code, self.mark_place(merged, path, error.offset), error.message, error.cure
                )
                continue
            if not read.words:
                yield Finding(
                    "error",
                    "nothing-to-play",
                    self.mark_place(merged, path, 0),
                    Text("This SSML says nothing.", "这段 SSML 没有要说的内容。"),
                    Text("Give it words; a pause alone is a `wait` node.", "请写入文字；只需停顿请用 `wait` 节点。"),
                )

    def mark_place(self, merged: Mapping, path: tuple[str | int, ...], offset: int) -> Place:
        value: Value | None = merged
        for step in path:
            if isinstance(value, Mapping):
                value = value.entries.get(str(step))
            elif isinstance(value, Sequence) and isinstance(step, int) and step < len(value.items):
                value = value.items[step]
        return place_within(self.document.text, value, offset) if isinstance(value, Scalar) else self.place

    def branches(
        self, kind: NodeType, value: Mapping
    ) -> tuple[Reference | None, dict[str, Reference], Reference | None] | None:
        ways = kind.branches.ways
        following = self.reference(value, "next") if ways in ("next", "inside") else None
        otherwise = self.reference(value, "else") if kind.name == "branch" else None
        on: dict[str, Reference] = {}
        for key, allowed in (("next", ways == "next"), ("on", ways == "on"), ("else", kind.name == "branch")):
            if key in value.entries and not allowed:
                self.error(
                    "wrong-way-on",
                    value.place_of(key),
                    Text(f"`{kind.name}` has no `{key}:`.", f"`{kind.name}` 没有 `{key}:`。"),
                    _ways_cure(kind),
                )
                return None
        written = value.get("on") if ways == "on" else None
        if written is not None:
            if not isinstance(written, Mapping):
                self.error(
                    "bad-value",
                    written.place,
                    Text("`on` wants a mapping of branch and node.", "`on` 应为“分支: 节点”的映射。"),
                    Text("Write for example on: { timeout: bye }.", "例如 on: { timeout: bye }。"),
                )
                return None
            on = dict(self.branch_targets(kind, written))
        return following, on, otherwise

    def branch_targets(self, kind: NodeType, written: Mapping) -> Iterator[tuple[str, Reference]]:
        for name in written.entries:
            is_key = kind.branches.keys and bool(name) and _DIGITS.issuperset(name)
            if not is_key and not kind.branches.any_name and name not in kind.branches.known:
                place = written.place_of(name)
                finding = unknown_name(
                    place, Text(f"branch of {kind.name}", f"{kind.name} 分支"), name, kind.branches.known
                )
                cure = finding.cure
                folded = unicodedata.normalize("NFKC", name)
                if kind.branches.keys and folded and _DIGITS.issuperset(folded):
                    cure = Text(f'Write the half-width key "{folded}".', f'请写半角按键 "{folded}"。')
                self.findings.append(Finding("error", "unknown-branch", place, finding.message, cure))
                continue
            reference = self.reference(written, name)
            if reference is not None:
                yield name, reference

    def reference(self, mapping: Mapping, key: str) -> Reference | None:
        value = mapping.get(key)
        if value is None:
            return None
        if isinstance(value, Sequence | Mapping) or value.is_null:
            self.error(
                "bad-value",
                value.place,
                Text(f"`{key}` wants the name of one node.", f"`{key}` 应为一个节点名。"),
                Text("Write the name of a node of this flow.", "请写本流程中的一个节点名。"),
            )
            return None
        return Reference(value.text, value.place)


def _ways_cure(kind: NodeType) -> Text:
    if kind.branches.ways == "on":
        known = ", ".join(kind.branches.known)
        return Text(f"Write its branches under `on:` ({known}).", f"请在 `on:` 下写分支（{known}）。")
    if kind.branches.ways == "next":
        return Text("It has one way on: `next:`.", "它只有一个出口：`next:`。")
    if kind.branches.ways == "inside":
        return Text(f"Its ways on stand inside `{kind.name}`.", f"它的出口写在 `{kind.name}` 里。")
    return Text("It ends the call; leave the key out.", "它结束通话，请删去该键。")
