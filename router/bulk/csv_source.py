"""CSV as spreadsheets and other systems write it: its encoding and delimiter are found out, a row at a time is read.

Encodings: a byte order mark decides; else UTF-8 where every byte fits, else GB18030 (of which GBK and GB2312 are
parts), which spreadsheets in China write. Delimiters: comma, semicolon, tab, bar, in half and full width.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from ivr_flows.findings import Place, Text

from .columns import column_of
from .source import Progress, Row, TableError

CHUNK = 1 << 20
HEADER_ROWS = 10
"""Rows in which the names of the columns are looked for; above them a title may stand."""
LONGEST_CELL = 32_767
"""Characters, as in a spreadsheet."""
_DELIMITERS = ",;\t|，；"
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_SEPARATOR_LINE = re.compile(r'^"?sep=(.)"?\r?\n?$', re.IGNORECASE)


class CsvSource:
    """The table in a CSV file. ``encoding`` overrules what would be found out."""

    def __init__(self, path: Path, encoding: str | None = None) -> None:
        self.path = path
        self.name = str(path)
        self.notes: list[Text] = []
        self.encoding = encoding

    def rows(self, progress: Progress) -> Iterator[Row]:
        """Every row. Raises `TableError`, and `OSError` where the file cannot be opened."""
        with self.path.open("rb") as stream:
            encoding = self._encoding(stream)
            size = self.path.stat().st_size
            stream.seek(0)
            text = io.TextIOWrapper(stream, encoding=encoding, newline="")
            delimiter, skipped = self._delimiter(text)
            stream.seek(0)
            text.seek(0)
            if skipped:
                text.readline()
            reader = csv.reader(text, delimiter=delimiter, strict=True)
            line = 1 + skipped
            try:
                for cells in reader:
                    yield Row(line, tuple(cells))
                    line = reader.line_num + 1 + skipped
                    if line % 4096 == 0:
                        progress(min(stream.tell(), size), size)
            except csv.Error as error:
                raise TableError(
                    "csv-syntax",
                    Text(
                        f"The row that begins on line {line} cannot be read: {error}.",
                        f"第 {line} 行起的一行无法读取：{error}。",
                    ),
                    Text('Check its quotes ("): each one opened must be closed.', '请检查引号（"）：有开必有闭。'),
                    Place(self.name, line, 1),
                ) from error
            progress(size, size)

    def _encoding(self, stream: BinaryIO) -> str:
        if self.encoding is not None:
            found = text_encoding(self.encoding)
            position = _first_fault(stream, found)
            if position is not None:
                raise self._not_decodable(stream, found, position)
            return found
        start = stream.read(4)
        if not start:
            raise TableError(
                "empty-file",
                Text(f"{self.name} is empty.", f"{self.name} 是空文件。"),
                Text("Name a table whose first row names its columns.", "请给出首行为列名的表格。"),
                Place(self.name),
            )
        found_mark = next((name for mark, name in _MARKS if start.startswith(mark)), None)
        candidates = (found_mark,) if found_mark else (*_without_mark(start), "utf-8", "gb18030")
        for candidate in candidates:
            if _first_fault(stream, candidate) is None:
                if candidate not in ("utf-8", "utf-8-sig"):
                    shown = candidate.upper()
                    self.notes.append(Text(f"{self.name} was read as {shown}.", f"{self.name} 按 {shown} 编码读取。"))
                return candidate
        first = candidates[0] if found_mark else "utf-8"
        raise self._not_decodable(stream, first, _first_fault(stream, first) or 0)

    def _not_decodable(self, stream: BinaryIO, encoding: str, position: int) -> TableError:
        stream.seek(0)
        line = stream.read(position).count(b"\n") + 1
        return TableError(
            "wrong-encoding",
            Text(
                f"{self.name} is not written in {encoding}: line {line} holds other bytes.",
                f"{self.name} 不是 {encoding} 编码：第 {line} 行有不合此编码的字节。",
            ),
            Text(
                "Save it as `CSV UTF-8`, or name its encoding: --encoding gb18030",
                "请另存为“CSV UTF-8”，或用 --encoding 指明编码，如 --encoding gb18030。",
            ),
            Place(self.name, line, 1),
        )

    def _delimiter(self, text: io.TextIOWrapper) -> tuple[str, int]:
        """The delimiter with which the most columns have known names, and whether the first line names it."""
        lines = [text.readline(1 << 16) for _ in range(HEADER_ROWS)]
        named = _SEPARATOR_LINE.match(lines[0].lstrip("\ufeff"))
        if named:
            return named[1], 1
        best, most = ",", 0
        for delimiter in _DELIMITERS:
            try:
                rows = list(csv.reader(lines, delimiter=delimiter))
            except csv.Error:  # a quoted line break goes on below; the strict reader tells of real faults
                continue
            known = max((sum(1 for cell in row if column_of(cell)) for row in rows), default=0)
            if known > most:
                best, most = delimiter, known
        return best, 0


def control_character(text: str) -> str | None:
    """The first control character of ``text`` that no table may hold; None where there is none."""
    found = _CONTROL.search(text)
    return found[0] if found else None


def _without_mark(start: bytes) -> tuple[str, ...]:
    """UTF-16 without a mark: a table begins with half-width or Chinese letters, so that one of two bytes is 0."""
    if len(start) >= 2 and 0 in start[:2]:
        return ("utf-16-be",) if start[0] == 0 else ("utf-16-le",)
    return ()


def text_encoding(name: str) -> str:
    """Python's name of a text encoding; UTF-8 is the one with a mark. Raises `TableError`."""
    try:
        "".encode(name)
        found = codecs.lookup(name).name
    except (LookupError, ValueError, TypeError) as error:
        raise TableError(
            "unknown-encoding",
            Text(f"There is no text encoding `{name[:40]}`.", f"没有文本编码 `{name[:40]}`。"),
            Text("Such as utf-8, gb18030, utf-16 or big5.", "如 utf-8、gb18030、utf-16、big5。"),
        ) from error
    return "utf-8-sig" if found == "utf-8" else found


def _first_fault(stream: BinaryIO, encoding: str) -> int | None:
    """Where the file stops being text of ``encoding``; None where all of it is."""
    stream.seek(0)
    decoder = codecs.getincrementaldecoder(encoding)()
    done = 0
    while True:
        chunk = stream.read(CHUNK)
        try:
            decoder.decode(chunk, final=not chunk)
        except UnicodeError as error:
            return done + (error.start if isinstance(error, UnicodeDecodeError) else 0)
        if not chunk:
            return None
        done += len(chunk)
