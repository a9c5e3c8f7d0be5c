"""Changing single values in YAML text: every character outside the value stays as its author typed it.

The places come from the composed nodes (start and end of each key and value), so comments, order, quotes, blank lines
and alignment need not be reproduced by anybody. The caller verifies the result by reading it again.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import accumulate

import yaml

INDENT = 2


class NotEditable(Exception):
    """The text is written in a way that these edits do not cover."""


class YamlText:
    """A YAML text with the offsets of its nodes. Edits are collected, then applied together by `result`."""

    def __init__(self, text: str) -> None:
        self.text = text if not text or text.endswith("\n") else text + "\n"
        self._starts = [0, *accumulate(len(line) for line in self.text.splitlines(keepends=True))]
        self._edits: list[tuple[int, int, str]] = []
        try:
            self.root = yaml.compose(self.text, Loader=yaml.SafeLoader)
        except (yaml.YAMLError, RecursionError) as error:
            raise NotEditable(str(error)) from error

    def result(self) -> str:
        """The text with all edits."""
        text = self.text
        in_order = sorted(self._edits, key=lambda edit: edit[0])  # stable: insertions at one place keep their order
        for start, end, new in reversed(in_order):
            text = text[:start] + new + text[end:]
        return text

    def find(self, mapping: yaml.Node | None, same: Callable[[str], bool]) -> tuple[yaml.Node, yaml.Node] | None:
        """Key and value of the first key for which ``same`` holds."""
        if isinstance(mapping, yaml.MappingNode):
            for key, value in mapping.value:
                if isinstance(key, yaml.ScalarNode) and same(key.value):
                    return key, value
        return None

    def put(self, owner: yaml.Node, mapping: yaml.Node, key: str, value: str, after: str | None = None) -> None:
        """Set ``key`` of ``mapping`` (the value of the key node ``owner``) to the one word ``value``; a new key stands
        behind the key ``after`` where there is one, else first."""
        found = self.find(mapping, key.__eq__)
        if found:
            old = found[1]
            if not isinstance(old, yaml.ScalarNode):
                raise NotEditable(key)
            if old.value != value or _is_null(old):
                start, end = self._offset(old.start_mark), self._offset(old.end_mark)
                self._edits.append((start, end, f" {value}" if start == end else value))
        elif _is_null(mapping):
            self.fill(owner, [(key, value)])
        elif isinstance(mapping, yaml.MappingNode) and mapping.value:
            anchor = self.find(mapping, after.__eq__) if after else None
            if mapping.flow_style:
                position = self._offset(anchor[1].end_mark) if anchor else self._offset(mapping.value[0][0].start_mark)
                new = f", {key}: {value}" if anchor else f"{key}: {value}, "
                self._edits.append((position, position, new))
            else:
                first = mapping.value[0][0]
                line = anchor[1].end_mark.line + 1 if anchor else first.start_mark.line
                self._insert_line(line, f"{' ' * first.start_mark.column}{key}: {value}\n")
        else:
            raise NotEditable(key)

    def fill(self, owner: yaml.Node, entries: list[tuple[str, str]]) -> None:
        """Give the key ``owner``, which has an empty value, a block mapping of one-word values."""
        indent = " " * (owner.start_mark.column + INDENT)
        self._insert_line(owner.end_mark.line + 1, "".join(f"{indent}{key}: {value}\n" for key, value in entries))

    def append(self, owner: yaml.Node, mapping: yaml.Node, key: str, entries: list[tuple[str, str]]) -> None:
        """Add ``key`` with a block mapping of values of one line behind the last entry of ``mapping``, the value of the
        key node ``owner``."""
        self.append_all(owner, mapping, [(key, entries)])

    def append_all(self, owner: yaml.Node, mapping: yaml.Node, items: list[tuple[str, list[tuple[str, str]]]]) -> None:
        """`append` each of ``items`` (a key and its entries), in order."""
        if _is_null(mapping):
            column, line = owner.start_mark.column + INDENT, owner.end_mark.line + 1
        elif isinstance(mapping, yaml.MappingNode) and mapping.value and not mapping.flow_style:
            column, line = mapping.value[0][0].start_mark.column, self._last_line(mapping) + 1
        elif isinstance(mapping, yaml.MappingNode):
            written = [
                f"{key}: {{ {', '.join(f'{name}: {value}' for name, value in entries)} }}" for key, entries in items
            ]
            position = self._offset(mapping.end_mark) - 1
            text = f" {', '.join(written)} "
            if mapping.value:
                position = self._offset(mapping.value[-1][1].end_mark)
                text = "".join(f", {item}" for item in written)
            self._edits.append((position, position, text))
            return
        else:
            raise NotEditable(items[0][0])
        indent = " " * column
        spaced = chr(10) if isinstance(mapping, yaml.MappingNode) and self._spaced(mapping) else ""
        blocks = []
        for key, entries in items:
            body = "".join(f"{indent}{' ' * INDENT}{name}: {value}\n" for name, value in entries)
            blocks.append(f"{spaced}{indent}{key}:\n{body}")
        self._insert_line(line, "".join(blocks))

    def put_value(self, owner: yaml.Node, mapping: yaml.Node, key: str, value: str, after: str | None = None) -> None:
        """`put` for any value of one line; in place of an old one that is a word or stands in brackets or braces."""
        found = self.find(mapping, key.__eq__)
        if found is None or isinstance(found[1], yaml.ScalarNode):
            self.put(owner, mapping, key, value, after)
            return
        if not getattr(found[1], "flow_style", False):
            raise NotEditable(key)
        self._edits.append((self._offset(found[1].start_mark), self._offset(found[1].end_mark), value))

    def drop(self, mapping: yaml.Node, key: str) -> None:
        """Take ``key`` out of a mapping, with its lines in a block; nothing where it is not there."""
        found = self.find(mapping, key.__eq__)
        if found is None:
            return
        if getattr(mapping, "flow_style", False):
            self._drop_between(mapping, found)
            return
        last = found[0].end_mark.line if _is_null(found[1]) else self._last_line(found[1])
        self._drop_lines(found[0].start_mark.line, last)

    def drop_item(self, item: yaml.Node) -> None:
        """Take an item out of a block sequence, with its lines."""
        line = item.start_mark.line
        if not self.text.splitlines()[line].lstrip().startswith("-"):
            raise NotEditable("-")
        self._drop_lines(line, self._last_line(item))

    def add_item(self, owner: yaml.Node, sequence: yaml.Node, write: Callable[[int], str]) -> None:
        """Add an item behind the last one of a block sequence, the value of the key node ``owner``; ``write`` makes its
        lines for the column of its dash. An empty one, ``[]`` or nothing, becomes a block."""
        column = owner.start_mark.column + INDENT
        if _is_null(sequence):
            self._insert_line(owner.end_mark.line + 1, write(column))
        elif isinstance(sequence, yaml.SequenceNode) and not sequence.value:
            self.open_up(owner, sequence, write(column))
        elif isinstance(sequence, yaml.SequenceNode) and not sequence.flow_style:
            self._insert_line(self._last_line(sequence) + 1, write(sequence.start_mark.column))
        else:
            raise NotEditable("-")

    def open_up(self, owner: yaml.Node, empty: yaml.Node, lines: str) -> None:
        """Put a block of ``lines`` in place of ``[]`` or ``{}``, the value of the key node ``owner``."""
        colon = self.text.index(":", self._offset(owner.end_mark))
        self._edits.append((colon + 1, self._offset(empty.end_mark), f"\n{lines}".removesuffix("\n")))

    def append_section(self, key: str, inner: str, entries: list[tuple[str, str]]) -> None:
        """Add a top-level ``key`` with the mapping ``inner`` at the end of the text."""
        if self.root is not None and (not isinstance(self.root, yaml.MappingNode) or self.root.flow_style):
            raise NotEditable(key)
        body = "".join(f"{' ' * INDENT * 2}{name}: {value}\n" for name, value in entries)
        end = len(self.text)
        self._edits.append((end, end, f"{key}:\n{' ' * INDENT}{inner}:\n{body}"))

    def _last_line(self, node: yaml.Node) -> int:
        """The last line (from 0) that holds something of ``node``; a block's own end mark lies behind its comments."""
        if isinstance(node, yaml.ScalarNode) or getattr(node, "flow_style", False) or not node.value:
            end = node.end_mark
            return end.line - 1 if end.column == 0 and end.line > node.start_mark.line else end.line
        last = node.value[-1]
        if isinstance(last, tuple):
            key, value = last
            return key.end_mark.line if _is_null(value) else self._last_line(value)
        return self._last_line(last)

    def _spaced(self, mapping: yaml.MappingNode) -> bool:
        """Whether entries of ``mapping`` are set apart by blank lines."""
        lines = self.text.splitlines()
        return any(not lines[key.start_mark.line - 1].strip() for key, _ in mapping.value[1:])

    def _drop_between(self, mapping: yaml.Node, entry: tuple[yaml.Node, yaml.Node]) -> None:
        """Take an entry and one comma out of a mapping in braces."""
        place = mapping.value.index(entry)
        start, end = self._offset(entry[0].start_mark), self._offset(entry[1].end_mark)
        if place > 0:
            start = self._offset(mapping.value[place - 1][1].end_mark)
        elif len(mapping.value) > 1:
            end = self._offset(mapping.value[1][0].start_mark)
        self._edits.append((start, end, ""))

    def _drop_lines(self, first: int, last: int) -> None:
        self._edits.append((self._starts[first], self._starts[last + 1], ""))

    def _insert_line(self, line: int, text: str) -> None:
        position = self._starts[min(line, len(self._starts) - 1)]
        self._edits.append((position, position, text))

    def _offset(self, mark: yaml.Mark) -> int:
        return self._starts[mark.line] + mark.column


def _is_null(node: yaml.Node) -> bool:
    return isinstance(node, yaml.ScalarNode) and node.style is None and node.value == ""
