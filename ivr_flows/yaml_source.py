"""Reading YAML that people wrote: bytes in, a tree of texts with places out, and findings instead of exceptions.

Every scalar stays the text that its author typed: whether ``on``, ``09:30``, ``0123`` or ``1`` is a word, a
time, a number or a key is decided by the schema that reads it (`ivr_flows.schema`), never by YAML 1.1.
PyYAML's ``compose`` gives the tree, since it keeps line and column.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

import yaml

from .conflict_markers import conflicts
from .findings import Finding, Place, Text
from .yaml_problems import explain

MAX_BYTES = 8 * 1024 * 1024
MAX_NODES = 400_000
MAX_DEPTH = 60
_ALIAS_LIMIT = 100

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})


@dataclass(slots=True)
class Scalar:
    """A text. ``quoted`` is true where the author used quotes or a block; an unquoted empty, ``~`` or ``null``
    is `is_null`."""

    text: str
    place: Place
    quoted: bool = False

    @property
    def is_null(self) -> bool:
        """Whether it is YAML's null: empty, ``~`` or ``null`` without quotes."""
        return not self.quoted and self.text in _NULLS


@dataclass(slots=True)
class Sequence:
    """A list of values."""

    items: list[Value]
    place: Place


@dataclass(slots=True)
class Mapping:
    """Keys and values in the order written; keys are unique (a duplicate is a finding, the first one stays)."""

    entries: dict[str, Value]
    keys: dict[str, Scalar]
    place: Place

    def get(self, key: str) -> Value | None:
        """The value of ``key``; None where it is not there."""
        return self.entries.get(key)

    def place_of(self, key: str) -> Place:
        """Where ``key`` stands; the mapping's own place where it is not there."""
        scalar = self.keys.get(key)
        return scalar.place if scalar else self.place


Value: TypeAlias = Scalar | Sequence | Mapping


@dataclass(slots=True)
class Document:
    """One file read. ``root`` is None when nothing usable could be read; the findings then say why."""

    file: str
    root: Value | None
    text: str = ""
    findings: list[Finding] = field(default_factory=list)

    def place(self, *path: str | int) -> Place:
        """The place of the value at ``path`` (mapping keys, list indexes), as deep as it exists; for a mapping
        entry that is where its key stands."""
        place = self.root.place if self.root else Place(self.file)
        value: Value | None = self.root
        for step in path:
            if isinstance(value, Mapping) and str(step) in value.entries:
                place = value.keys[str(step)].place
                value = value.entries[str(step)]
            elif isinstance(value, Sequence) and isinstance(step, int) and 0 <= step < len(value.items):
                value = value.items[step]
                place = value.place
            else:
                break
        return place


_ESCAPE_LENGTHS = {"x": 4, "u": 6, "U": 10}


def place_within(source: str, scalar: Scalar, offset: int) -> Place:
    """Where the character ``offset`` of ``scalar`` stands in ``source``, the text of its file: behind quotes, escapes,
    indentation and folded lines."""
    lines = source.splitlines(keepends=True)
    position = sum(len(line) for line in lines[: scalar.place.line - 1]) + scalar.place.column - 1
    style = source[position : position + 1]
    if style and style in "|>":
        position = source.find("\n", position) + 1
    elif style and style in "\"'":
        position += 1
    for index, letter in enumerate(scalar.text[: offset + 1]):
        while position < len(source) and source[position] != letter:
            if style == '"' and source[position] == "\\" and source[position + 1 : position + 2].strip():
                break
            position += 1
        if index < offset:
            escaped = style == '"' and source[position : position + 1] == "\\"
            position += _ESCAPE_LENGTHS.get(source[position + 1 : position + 2], 2) if escaped else 1
    before = source[: min(position, len(source))]
    return Place(scalar.place.file, before.count("\n") + 1, position - (before.rfind("\n") + 1) + 1)


def read_file(path: Path, name: str | None = None) -> Document:
    """Read the YAML file ``path``; ``name`` is how findings call it. Never raises for what the file holds."""
    name = name or str(path)
    if path.is_dir():
        return _failed(
            name,
            "not-a-file",
            Text(
                f"{name} is a directory; a YAML file is expected here.",
                f"{name} 是目录，这里应为 YAML 文件。",
            ),
            Text("Move the directory away and put the file in its place.", "移走该目录，放入文件。"),
        )
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            return _failed(
                name,
                "file-too-large",
                Text(
                    f"The file has {size:,} bytes; at most {MAX_BYTES:,} are read.",
                    f"文件有 {size:,} 字节，上限为 {MAX_BYTES:,} 字节。",
                ),
                Text(
                    "Split it; many numbers belong in numbers.csv.",
                    "请拆分文件；大量号码请放入 numbers.csv。",
                ),
            )
        data = path.read_bytes()
    except OSError as error:
        return _failed(
            name,
            "unreadable-file",
            Text(f"The file cannot be read: {error.strerror}.", f"文件无法读取：{error.strerror}。"),
            Text("Check that it exists and its permissions.", "检查文件是否存在及其权限。"),
        )
    return read_bytes(data, name)


def read_bytes(data: bytes, name: str) -> Document:
    """Read YAML from ``data``. Never raises; see `Document`."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return _wrong_encoding(data, name, error)
    return read_text(text, name)


def read_text(text: str, name: str) -> Document:
    """Read YAML from ``text``; see `Document`."""
    if not text.strip():
        return _failed(
            name,
            "empty-file",
            Text("The file is empty.", "文件是空的。"),
            Text("Write its content, or delete the file.", "写入内容，或删除该文件。"),
        )
    contradicting = conflicts(text, name)
    if contradicting:
        return Document(name, None, "", contradicting)
    try:
        if _nested_too_deep(text):
            return _too_deep(name)
        node = yaml.compose(text, Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        return _syntax_error(name, text, error)
    except yaml.YAMLError as error:
        return _failed(
            name,
            "yaml-syntax",
            Text(f"This is not YAML: {_one_line(str(error))}.", f"不是合法的 YAML：{_one_line(str(error))}。"),
            Text("Remove control characters; save as UTF-8 text.", "删除控制字符，以 UTF-8 文本保存。"),
        )
    except RecursionError:
        return _too_deep(name)
    if node is None:
        return _failed(
            name,
            "empty-file",
            Text("The file holds only comments.", "文件只有注释。"),
            Text("Write its content, or delete the file.", "写入内容，或删除该文件。"),
        )
    document = Document(name, None, text)
    builder = _Builder(document)
    try:
        document.root = builder.build(node, 0)
    except _TooMuchError as error:
        document.findings.append(error.finding)
        document.root = None
    document.findings.extend(_glued_comments(document))
    return document


class _TooMuchError(Exception):
    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.code)
        self.finding = finding


class _Builder:
    """Turns composed nodes into values; counts what aliases multiply, so that a small file cannot grow large."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.count = 0
        self.aliased: dict[int, int] = {}

    def place(self, node: yaml.Node) -> Place:
        mark = node.start_mark
        return Place(self.document.file, mark.line + 1, mark.column + 1)

    def build(self, node: yaml.Node, depth: int) -> Value:
        self.count += 1
        place = self.place(node)
        if depth > MAX_DEPTH:
            raise _TooMuchError(_too_deep(self.document.file, place).findings[0])
        if not isinstance(node, yaml.ScalarNode):
            self.aliased[id(node)] = self.aliased.get(id(node), 0) + 1
        if self.count > MAX_NODES or self.aliased.get(id(node), 0) > _ALIAS_LIMIT:
            raise _TooMuchError(
                Finding(
                    "error",
                    "too-many-values",
                    place,
                    Text(
                        f"With its aliases expanded the file has more than {MAX_NODES:,} values.",
                        f"别名展开后，文件超过 {MAX_NODES:,} 个值。",
                    ),
                    Text(
                        "Write the values out instead of aliases (*name).",
                        "请直接写出内容，不用别名（*name）。",
                    ),
                )
            )
        if isinstance(node, yaml.ScalarNode):
            return Scalar(node.value, place, bool(node.style))
        if isinstance(node, yaml.SequenceNode):
            return Sequence([self.build(item, depth + 1) for item in node.value], place)
        assert isinstance(node, yaml.MappingNode)
        return self.mapping(node, depth, place)

    def mapping(self, node: yaml.MappingNode, depth: int, place: Place) -> Mapping:
        entries: dict[str, Value] = {}
        keys: dict[str, Scalar] = {}
        for key_node, value_node in node.value:
            key_place = self.place(key_node)
            if not isinstance(key_node, yaml.ScalarNode):
                self.document.findings.append(_bad_key(key_place, node))
                continue
            key = key_node.value
            if key in entries:
                first = keys[key].place
                self.document.findings.append(
                    Finding(
                        "error",
                        "duplicate-key",
                        key_place,
                        Text(
                            f"The key `{key}` stands here a second time; first on line {first.line}.",
                            f"键 `{key}` 重复出现；首次在第 {first.line} 行。",
                        ),
                        Text("Keep one of the two.", "只保留其中一个。"),
                    )
                )
                continue
            keys[key] = Scalar(key, key_place, bool(key_node.style))
            entries[key] = self.build(value_node, depth + 1)
        return Mapping(entries, keys, place)


def _bad_key(place: Place, parent: yaml.MappingNode) -> Finding:
    braces = parent.flow_style
    return Finding(
        "error",
        "template-not-quoted" if braces else "bad-key",
        place,
        Text(
            "YAML reads `{{ … }}` without quotes as a mapping." if braces else "A key must be one plain word.",
            "不加引号的 `{{ … }}` 会被 YAML 读成映射。" if braces else "键必须是一个单独的词。",
        ),
        Text('Put quotes around it: "{{ … }}".' if braces else "Write the key as one word.", "加上引号。"),
    )


_GLUED = re.compile(r"(?:^|[:\-]\s|[,\[{]\s*)[^\"'#\s][^\"'#]*?[\u2e80-\uffef]\s+#[^\s#]")


def _glued_comments(document: Document) -> Iterator[Finding]:
    """``按 #键结束`` reads as ``按``: a ``#`` after a space, glued to the next word, behind Chinese text."""
    if "#" not in document.text or document.root is None:
        return
    block = _block_lines(document)
    for number, line in enumerate(document.text.splitlines(), 1):
        if number in block or "#" not in line or line.lstrip().startswith("#"):
            continue
        match = _GLUED.search(line)
        if match:
            column = match.end() - 1
            yield Finding(
                "error",
                "text-cut-by-comment",
                Place(document.file, number, column),
                Text(
                    f"YAML takes `{line[column - 1 :].strip()[:30]}` for a comment: the text ends before the `#`.",
                    f"YAML 会把 `{line[column - 1 :].strip()[:30]}` 当作注释，文本在 `#` 之前就结束了。",
                ),
                Text(
                    "Put quotes around the whole text; a comment wants a space behind its `#`.",
                    "给整段文本加上引号；真正的注释请在 # 后留空格。",
                ),
            )


def _block_lines(document: Document) -> set[int]:
    """Lines inside quoted or block scalars, where ``#`` is text."""
    inside: set[int] = set()
    for token in yaml.scan(document.text, Loader=_LOADER):
        if isinstance(token, yaml.ScalarToken) and not token.plain:
            inside.update(range(token.start_mark.line + 1, token.end_mark.line + 2))
    return inside


def _failed(name: str, code: str, message: Text, cure: Text, place: Place | None = None) -> Document:
    return Document(name, None, "", [Finding("error", code, place or Place(name), message, cure)])


def _nested_too_deep(text: str) -> bool:
    """Whether collections nest deeper than `MAX_DEPTH`. Asked of the event stream, which needs no recursion: the C
    composer recurses on the C stack and would bring the process down."""
    depth = 0
    for event in yaml.parse(text, Loader=_LOADER):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH + 1:
                return True
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
    return False


def _too_deep(name: str, place: Place | None = None) -> Document:
    return _failed(
        name,
        "too-deep",
        Text(f"Values are nested more than {MAX_DEPTH} deep.", f"嵌套超过 {MAX_DEPTH} 层。"),
        Text("Write it flatter; an alias must not contain itself.", "减少嵌套；别名不能包含自身。"),
        place,
    )


def _wrong_encoding(data: bytes, name: str, error: UnicodeDecodeError) -> Document:
    line = data.count(b"\n", 0, error.start) + 1
    column = error.start - (data.rfind(b"\n", 0, error.start) + 1) + 1
    guess = ""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        guess = "UTF-16"
    else:
        try:
            data.decode("gb18030")
            guess = "GBK"
        except UnicodeDecodeError:
            pass
    hint_en = f" It looks like {guess}." if guess else ""
    hint_zh = f"看起来是 {guess}。" if guess else ""
    return _failed(
        name,
        "wrong-encoding",
        Text(f"The file is not UTF-8.{hint_en}", f"文件不是 UTF-8 编码。{hint_zh}"),
        Text(
            f"Save it as UTF-8, for example: iconv -f {guess or 'GBK'} -t UTF-8 {name}",
            f"另存为 UTF-8 编码（记事本：另存为，编码选 UTF-8），或：iconv -f {guess or 'GBK'} -t UTF-8 {name}",
        ),
        Place(name, line, column),
    )


def _one_line(text: str) -> str:
    return " ".join(text.split())[:200]


def _syntax_error(name: str, text: str, error: yaml.MarkedYAMLError) -> Document:
    found = explain(text, error)
    return _failed(name, found.code, found.message, found.cure, Place(name, found.line, found.column))
