"""A YAML text as a tree whose values are pieces of the text, with the comments and blank lines that belong to them."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TypeAlias

import yaml

from ..findings import Text

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_COMMENT = re.compile(r"(?:^|(?<=[\s]))#[^\n]*")
_DASH = re.compile(r"(?:^|\s)-\s*(?:#.*)?$")
_ODD_BREAKS = re.compile("[\x85\u2028\u2029\r]")
_UNSUPPORTED: dict[type[yaml.Token], Text] = {
    yaml.AnchorToken: Text("an anchor (`&`)", "锚点（`&`）"),
    yaml.AliasToken: Text("an alias (`*`)", "别名（`*`）"),
    yaml.TagToken: Text("a tag (`!`)", "标签（`!`）"),
    yaml.DirectiveToken: Text("a directive (`%`)", "指令（`%`）"),
    yaml.DocumentEndToken: Text("the end of a document (`...`)", "文档结束标记（`...`）"),
}


class NotFormattable(Exception):
    """A text that is left as it is, and why; ``line`` where it shows, from 1."""

    def __init__(self, message: Text, cure: Text, line: int = 1) -> None:
        super().__init__(message.en)
        self.message = message
        self.cure = cure
        self.line = line


@dataclass(slots=True)
class Leaf:
    """A scalar as it is written; ``lines`` of its source, the first without what stands before it. ``depth`` is the
    indentation of the content of a ``|`` or ``>`` text, ``block``."""

    text: str
    lines: list[str]
    block: bool = False
    depth: int = 0


@dataclass(slots=True)
class Flow:
    """A collection in braces or brackets. ``entries`` are (key, value), the key None in a list. ``verbatim`` are its
    source lines where a comment or a text over several lines stands inside."""

    mapping: bool
    entries: list[tuple[Leaf | None, Node]]
    broken: bool = False
    verbatim: list[str] | None = None


@dataclass(slots=True)
class Entry:
    """A line of a block: ``before`` are comments and blank lines (empty) above it, ``beside`` the comment on its line,
    with the gap before it. ``key`` is None for an item of a list."""

    key: Leaf | None
    value: Node
    before: list[str] = field(default_factory=list)
    beside: str = ""


@dataclass(slots=True)
class Block:
    """A mapping or list written line by line; ``after`` are comments below its last entry that belong to it."""

    mapping: bool
    entries: list[Entry]
    after: list[str] = field(default_factory=list)


Node: TypeAlias = Leaf | Flow | Block


@dataclass(slots=True)
class Document:
    """A whole text. ``head`` are the lines up to a ``---``, ``tail`` comments at the end."""

    root: Node
    head: list[str]
    tail: list[str]


@dataclass(slots=True)
class _Comment:
    line: int
    column: int
    text: str
    gap: str
    alone: bool


def comments_of(text: str) -> list[str]:
    """The comments of ``text``, in order, without trailing blanks."""
    return [comment.text for comment in _comments(text, list(yaml.scan(text, Loader=_LOADER)))]


def parse(text: str) -> Document:
    """The tree of ``text``, which can be read. Raises `NotFormattable` for what is not laid out."""
    odd = _ODD_BREAKS.search(text)
    if odd:
        raise _unsupported(Text("an unusual line break", "特殊的换行符"), text.count("\n", 0, odd.start()) + 1)
    tokens = list(yaml.scan(text, Loader=_LOADER))
    starts = [token for token in tokens if isinstance(token, yaml.DocumentStartToken)]
    refuse_odd(tokens)
    root = yaml.compose(text, Loader=_LOADER)
    assert root is not None
    reader = _Reader(text, _comments(text, tokens), starts[0].end_mark.line + 1 if starts else 0)
    return reader.document(root)


def refuse_odd(tokens: Iterable[yaml.Token]) -> None:
    """Raise `NotFormattable` for what is not laid out: anchors, aliases, tags, several documents."""
    begun = False
    for token in tokens:
        what = _UNSUPPORTED.get(type(token))
        if isinstance(token, yaml.DocumentStartToken) and begun:
            what = Text("several documents", "多个文档")
        begun = begun or not isinstance(token, yaml.StreamStartToken)
        if what is not None:
            raise _unsupported(what, token.start_mark.line + 1)


def tokens_of(text: str) -> Iterator[yaml.Token]:
    """The tokens of ``text``, up to where it cannot be read."""
    with suppress(yaml.YAMLError):
        yield from yaml.scan(text, Loader=_LOADER)


def _unsupported(what: Text, line: int) -> NotFormattable:
    return NotFormattable(
        Text(f"The file has {what.en}, which is not laid out.", f"文件含有{what.zh}，不作排版。"),
        Text("Write the values out, or leave the file as it is.", "请直接写出内容，或保持原样。"),
        line,
    )


def _comments(text: str, tokens: list[yaml.Token]) -> list[_Comment]:
    starts = _line_starts(text)
    found: list[_Comment] = []
    position = 0
    for token in tokens:
        gap = text[position : token.start_mark.index]
        if "#" in gap:
            for match in _COMMENT.finditer(gap):
                index = position + match.start()
                number = bisect_right(starts, index) - 1
                column = index - starts[number]
                before = text[starts[number] : index]
                kept = before.rstrip()
                found.append(_Comment(number, column, match[0].rstrip(), before[len(kept) :] or " ", not kept))
        position = max(position, token.end_mark.index)
    return found


def _line_starts(text: str) -> list[int]:
    """Where each line of ``text`` begins."""
    return [0, *(match.end() for match in re.finditer("\n", text))]


class _Reader:
    """Turns composed nodes into a tree; comments are handed out in the order of their lines."""

    def __init__(self, text: str, comments: list[_Comment], first_line: int) -> None:
        self.text = text
        self.lines = text.split("\n")
        self.starts = _line_starts(text)
        self.alone = [comment for comment in comments if comment.alone]
        self.beside = {comment.line: comment for comment in comments if not comment.alone}
        self.first_line = first_line
        self.last = first_line - 1
        """The last line whose content or comment was handed out."""

    def document(self, root: yaml.Node) -> Document:
        head = [line.rstrip() for line in self.lines[: self.first_line]]
        self.alone = [comment for comment in self.alone if comment.line >= self.first_line]
        for line in range(self.first_line):
            self.beside.pop(line, None)
        tree = self.node(root, len(self.lines) + 1)
        tail = self.take(len(self.lines) + 1, 0)
        if self.beside:
            raise _unsupported(Text("a comment in an unusual place", "位置特殊的注释"), min(self.beside) + 1)
        return Document(tree, head, tail)

    def node(self, node: yaml.Node, limit: int) -> Node:
        """``node``, of which everything stands before line ``limit``."""
        if isinstance(node, yaml.CollectionNode):
            return self.flow(node) if node.flow_style else self.block(node, limit)
        assert isinstance(node, yaml.ScalarNode)
        return self.leaf(node)

    def leaf(self, node: yaml.ScalarNode, parent: int = 0) -> Leaf:
        source = self.text[node.start_mark.index : node.end_mark.index]
        block = node.style in ("|", ">")
        if block:
            source = source.rstrip("\n") if "+" not in source.split("\n", 1)[0] else source.removesuffix("\n")
        lines = [line.rstrip() if not block else line for line in source.split("\n")]
        self.last = max(self.last, node.start_mark.line + len(lines) - 1)
        return Leaf(node.value, lines, block, _depth(lines, parent) if block else 0)

    def flow(self, node: yaml.CollectionNode) -> Flow:
        first, last = node.start_mark.line, node.end_mark.line
        alone = bool(self.alone) and first < self.alone[0].line <= last
        beside = any(line in self.beside for line in range(first, last))
        mapping = isinstance(node, yaml.MappingNode)
        entries: list[tuple[Leaf | None, Node]] = []
        for item in node.value:
            if mapping:
                key = self.key(item[0])
                entries.append((key, self.node(item[1], last + 1)))
            else:
                entries.append((None, self.node(item, last + 1)))
        flow = Flow(mapping, entries, last > first)
        long_text = any(
            (isinstance(part, Leaf) and len(part.lines) > 1) or (isinstance(part, Flow) and part.verbatim is not None)
            for pair in entries
            for part in pair
        )
        if alone or beside or long_text:
            source = self.text[node.start_mark.index : node.end_mark.index]
            flow.verbatim = [line.strip() for line in source.split("\n")]
            # A collection inside may have taken some of them already.
            while self.alone and self.alone[0].line <= last:
                self.alone.pop(0)
            for line in range(first, last):
                self.beside.pop(line, None)
        self.last = max(self.last, last)
        return flow

    def key(self, node: yaml.Node) -> Leaf:
        if not isinstance(node, yaml.ScalarNode) or node.start_mark.line != node.end_mark.line:
            raise _unsupported(Text("a key that is no word", "不是单词的键"), node.start_mark.line + 1)
        line = node.start_mark.line
        if self.text[self.starts[line] : node.start_mark.index].rstrip().endswith("?"):
            raise _unsupported(Text("a key written with `?`", "用 `?` 书写的键"), node.start_mark.line + 1)
        return self.leaf(node)

    def block(self, node: yaml.CollectionNode, limit: int) -> Block:
        mapping = isinstance(node, yaml.MappingNode)
        column = node.start_mark.column
        entries: list[Entry] = []
        items: list[tuple[yaml.Node | None, yaml.Node]] = node.value if mapping else [(None, v) for v in node.value]
        starts = [self.start_of(key if key is not None else value, mapping) for key, value in items]
        for index, (key, value) in enumerate(items):
            line = starts[index]
            following = starts[index + 1] if index + 1 < len(items) else limit
            before = self.take(line, 0)
            if line > self.last + 1 and (entries or before or self.last >= self.first_line):
                before.append("")
            self.last = max(self.last, line)
            leaf = self.key(key) if key is not None else None
            head = line
            # The comment beside a block belongs to the line of its key; that beside a value to its last line.
            beside = self.comment(head) if isinstance(value, yaml.CollectionNode) and not value.flow_style else ""
            if isinstance(value, yaml.ScalarNode):
                child: Node = self.leaf(value, column)
            else:
                child = self.node(value, following)
            if isinstance(value, yaml.ScalarNode) and value.style in ("|", ">"):
                self.beside.pop(head, None)
            elif not beside:
                beside = self.comment(self.last)
            entries.append(Entry(leaf, child, before, beside))
        after = self.take(limit, column)
        return Block(mapping, entries, after)

    def start_of(self, node: yaml.Node, mapping: bool) -> int:
        """The line on which an entry begins: that of its key, or of the dash before an item."""
        line: int = node.start_mark.line
        if mapping:
            return line
        # From the value back to its dash: only blanks, line breaks and comments stand between.
        while line >= 0:
            part = self.text[self.starts[line] : min(node.start_mark.index, self.starts[line] + len(self.lines[line]))]
            dash = _DASH.search(part)
            if dash is not None:
                return line
            if line < node.start_mark.line and part.strip() and not part.lstrip().startswith("#"):
                break
            line -= 1
        return int(node.start_mark.line)

    def comment(self, line: int) -> str:
        """The comment beside the content of ``line``, with its gap; it is handed out once."""
        found = self.beside.pop(line, None)
        return "" if found is None else f"{found.gap}{found.text}"

    def take(self, limit: int, column: int) -> list[str]:
        """Comments alone on lines before ``limit`` that stand at ``column`` or further right, up to the first that does
        not, with blank lines between them."""
        found: list[str] = []
        while self.alone and self.alone[0].line < limit and self.alone[0].column >= column:
            comment = self.alone.pop(0)
            if comment.line > self.last + 1 and self.last >= self.first_line:
                found.append("")
            found.append(comment.text)
            self.last = comment.line
        return found


def _depth(lines: list[str], parent: int) -> int:
    """The indentation of the content of a text whose ``lines`` begin with its ``|`` or ``>``; ``parent`` is the column
    of the block that holds it."""
    written = re.match(r"[|>][+-]?([1-9])", lines[0])
    if written:
        return parent + int(written[1])
    first = next((line for line in lines[1:] if line.strip()), "")
    return len(first) - len(first.lstrip(" "))
