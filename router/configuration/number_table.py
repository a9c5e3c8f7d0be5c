"""``numbers.csv`` and ``routes.csv``: many numbers, read in a few seconds per million rows.

The header names the columns, which are the keys of the YAML file. A column's value is validated once per distinct
text, a whole row once per distinct rest of the row: most rows of a large table differ in the number alone.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Annotated, Any, TypeAlias, TypeVar

from pydantic import TypeAdapter, ValidationError

from ivr_flows.conflict_markers import conflicts
from ivr_flows.findings import Finding, Place, Text
from ivr_flows.schema import Refusal, Strict, nearest, read_model
from ivr_flows.yaml_source import Document, Mapping, Scalar, Value, read_bytes
from router.model import NumberFacts, Route

from .number_values import read_number
from .route_schemas import RouteRow
from .schemas import NumberEntry

MAX_FINDINGS = 50
_MAX_CACHED = 200_000
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")  # YAML refuses them by itself
_Row = TypeVar("_Row")
_Make: TypeAlias = Callable[[dict[str, Any]], tuple[Any, ...]]


def read_number_table(data: bytes, name: str, company: str) -> tuple[list[NumberFacts], list[Finding]]:
    """The rows of ``numbers.csv``; ``company`` is used where a row names none. Duplicates are not judged here."""
    table = _Table(NumberEntry, data, name)
    order = ("company", "carrier", "tier", "instance", "purchased", "expires", "auto_renew", "state")

    def make(values: dict[str, Any]) -> tuple[Any, ...]:
        entry = NumberEntry.model_construct(**values)
        return tuple(company if key == "company" and not entry.company else getattr(entry, key) for key in order)

    def build(number: str, rest: tuple[Any, ...], place: Place) -> NumberFacts:
        return NumberFacts(*(number, *rest, place))

    return table.rows(make, build), table.findings


def read_route_table(data: bytes, name: str) -> tuple[list[Route], list[Finding]]:
    """The rows of ``routes.csv``: number, line, flow."""
    table = _Table(RouteRow, data, name)

    def make(values: dict[str, Any]) -> tuple[Any, ...]:
        return values.get("line"), values.get("flow"), ()

    def build(number: str, rest: tuple[Any, ...], place: Place) -> Route:
        return Route(*(number, *rest, place))

    return table.rows(make, build), table.findings


class _Table:
    """One CSV file, validated by the fields of ``model``; ``findings`` are capped at `MAX_FINDINGS` and a count."""

    def __init__(self, model: type[Strict], data: bytes, name: str) -> None:
        self.model = model
        self.name = name
        self.data = data
        self.findings: list[Finding] = []
        self.suppressed = 0
        self.lines: list[str] | None = None
        self.text = ""

    def report(self, code: str, line: int, column: int, message: Text, cure: Text) -> None:
        if len(self.findings) >= MAX_FINDINGS:
            self.suppressed += 1
            return
        self.findings.append(Finding("error", code, Place(self.name, line, column), message, cure))

    def rows(self, make: _Make, build: Callable[[str, tuple[Any, ...], Place], _Row]) -> list[_Row]:
        """What ``build`` makes of every good row: of its number, of what ``make`` made of its other columns (shared
        between rows that are alike), and of its place."""
        try:
            self.text = self.data.decode("utf-8-sig").replace("\r\n", "\n")
        except UnicodeDecodeError:
            self.findings.extend(read_bytes(self.data, self.name).findings)
            return []
        if not self.text.strip():
            self.findings.extend(read_bytes(b"", self.name).findings)
            return []
        contradicting = conflicts(self.text, self.name)
        if contradicting:
            self.findings.extend(contradicting)
            return []
        control = _CONTROL.search(self.text)
        if control:
            above = self.text.rfind("\n", 0, control.start()) + 1
            self.report(
                "control-character",
                self.text.count("\n", 0, control.start()) + 1,
                control.start() - above + 1,
                Text(
                    f"A control character stands here (U+{ord(control[0]):04X}).",
                    f"此处有控制字符（U+{ord(control[0]):04X}）。",
                ),
                Text("Delete it; the table must be plain text.", "请删除；表格必须是纯文本。"),
            )
            return []
        rows: list[_Row] = []
        reader = csv.reader(io.StringIO(self.text, newline=""), strict=True)
        try:
            columns = self._header(next(reader, []))
            if columns is not None:
                plain = columns[0] == "number" and '"' not in self.text and "\r" not in self.text
                source = self._plain_rows() if plain else self._quoted_rows(reader, columns)
                self._read(source, columns, make, build, rows)
        except csv.Error as error:
            self.report(
                "csv-syntax",
                max(1, reader.line_num),
                1,
                Text(f"The row cannot be read: {error}.", f"此行无法读取：{error}。"),
                Text('Check its quotes ("), and that it is plain text.', '请检查引号（"），以及是否为纯文本。'),
            )
        if self.suppressed:
            first = self.findings[0].place
            self.findings.append(
                Finding(
                    "error",
                    "more-findings",
                    Place(self.name, first.line, first.column),
                    Text(
                        f"{self.suppressed:,} more findings in this file are not shown.",
                        f"本文件还有 {self.suppressed:,} 条问题未列出。",
                    ),
                    Text("Correct those shown and check again.", "请先更正已列出的问题，再次检查。"),
                )
            )
        return rows

    def _plain_rows(self) -> Iterator[tuple[int, str, str]]:
        """Line, number and the rest of each row, where no cell is quoted and the number comes first."""
        for line, written in enumerate(io.StringIO(self.text), 1):
            if line > 1:
                number, _, rest = written.rstrip("\n").partition(",")
                if number or rest:
                    yield line, number, rest

    def _quoted_rows(self, reader: Any, columns: list[str]) -> Iterator[tuple[int, str, tuple[str, ...]]]:
        """Line, number and the other cells of each row, in any notation of CSV."""
        key = columns.index("number")
        previous = reader.line_num
        for row in reader:
            line = previous + 1
            previous = reader.line_num
            number = row[key] if key < len(row) else ""
            yield line, number, (*row[:key], *row[key + 1 :])

    def _read(
        self,
        source: Iterable[tuple[int, str, str | tuple[str, ...]]],
        columns: list[str],
        make: _Make,
        build: Callable[[str, tuple[Any, ...], Place], _Row],
        rows: list[_Row],
    ) -> None:
        key = columns.index("number")
        others = [(index, column) for index, column in enumerate(columns) if index != key]
        readers = {column: Column(self.model, column) for _, column in others}
        rests: dict[str | tuple[str, ...], tuple[Any, ...]] = {}
        name = self.name
        for line, text, written in source:
            # the two usual spellings need no parser
            number: str | None = text.replace("-", "") if len(text) == 12 else text
            assert number is not None
            if not (len(number) == 10 and number.startswith("400") and number.isascii() and number.isdigit()):
                if not text.strip() and not "".join(written).strip(" ,"):
                    continue
                number = self._number(text, line, key)
            rest = rests.get(written)
            if rest is None:
                cells = tuple(written.split(",")) if isinstance(written, str) and others else tuple(written)
                if len(cells) != len(others):
                    self._wrong_width(line, len(cells) + 1, len(columns))
                    continue
                rest = self._rest(cells, others, readers, line, make)
                if rest is None:
                    continue
                if len(rests) < _MAX_CACHED:
                    rests[written] = rest
            if number is not None:
                rows.append(build(number, rest, Place(name, line, 1)))

    def _header(self, header: list[str]) -> list[str] | None:
        known = [field.alias or key for key, field in self.model.model_fields.items()]
        columns = [cell.strip() for cell in header]
        if len(columns) == 1 and (found := next((mark for mark in ";\t，；" if mark in columns[0]), None)):
            self.report(
                "csv-syntax",
                1,
                columns[0].index(found) + 1,
                Text(f"The columns are separated by {found!r}.", f"各列之间用的是 {found!r}。"),
                Text(
                    "Separate them by half-width commas; in a spreadsheet, save as `CSV UTF-8`.",
                    "请改用半角逗号分隔；在表格软件中另存为“CSV UTF-8（逗号分隔）”。",
                ),
            )
            return None
        good = True
        for index, column in enumerate(columns):
            if column in known and columns.index(column) == index:
                continue
            good = False
            if column in known:
                cure = Text("Keep one of the two columns.", "两列只保留一列。")
                message = Text(f"The column `{column}` stands twice.", f"列 `{column}` 出现两次。")
                self.report("duplicate-key", 1, self._column(1, index), message, cure)
                continue
            close = nearest(column, known)
            self.report(
                "unknown-key",
                1,
                self._column(1, index),
                Text(f"The column `{column[:40]}` is not known.", f"没有列 `{column[:40]}`。"),
                Text(f"Did you mean `{close}`?", f"是否想写 `{close}`？")
                if close
                else Text(f"Known columns: {', '.join(known)}.", f"可用的列：{', '.join(known)}。"),
            )
        if "number" not in columns:
            good = False
            self.report(
                "missing-key",
                1,
                1,
                Text("The first row names no column `number`.", "首行没有列 `number`。"),
                Text(
                    f"Begin the file with the columns' names: {','.join(known)}", f"文件首行请写列名：{','.join(known)}"
                ),
            )
        return columns if good else None

    def _wrong_width(self, line: int, width: int, wanted: int) -> None:
        self.report(
            "csv-width",
            line,
            1,
            Text(f"The row has {width} columns, the first row {wanted}.", f"此行有 {width} 列，首行有 {wanted} 列。"),
            Text(
                'Add or remove commas; a text with a comma stands in quotes (").',
                '请增减逗号；含逗号的文本要加引号（"）。',
            ),
        )

    def _number(self, text: str, line: int, index: int) -> str | None:
        try:
            return read_number(text)
        except Refusal as error:
            self.report(error.code, line, self._column(line, index), error.message, error.cure)
            return None

    def _rest(
        self,
        texts: tuple[str, ...],
        others: list[tuple[int, str]],
        readers: dict[str, Column],
        line: int,
        make: _Make,
    ) -> tuple[Any, ...] | None:
        values: dict[str, Any] = {}
        good = True
        for text, (index, column) in zip(texts, others, strict=True):
            if not text.strip():
                continue
            try:
                values[column] = readers[column].value(text)
            except ValidationError:
                good = False
                code, message, cure = readers[column].refusal(text)
                self.report(code, line, self._column(line, index), message, cure)
        begins, ends = values.get("purchased"), values.get("expires")
        if good and begins and ends and ends < begins:
            good = False
            self.report(
                "expires-before-purchase",
                line,
                1,
                Text(
                    f"The number expires ({ends}) before it was purchased ({begins}).",
                    f"号码到期日（{ends}）早于购买日（{begins}）。",
                ),
                Text("Correct one of the two dates.", "请更正其中一个日期。"),
            )
        return make(values) if good else None

    def _column(self, line: int, index: int) -> int:
        """Where cell ``index`` of the row beginning on ``line`` stands, counted from 1."""
        if self.lines is None:
            self.lines = self.text.splitlines()
        written = self.lines[line - 1] if line <= len(self.lines) else ""
        quoted = False
        for position, letter in enumerate(written):
            if index == 0:
                return position + 1
            if letter == '"':
                quoted = not quoted
            elif letter == "," and not quoted:
                index -= 1
        return len(written) + 1


class Column:
    """The column of a table that is the field ``name`` of ``model``: its validator, with the values already seen."""

    def __init__(self, model: type[Strict], name: str) -> None:
        self.model = model
        self.name = name
        field = model.model_fields[name]
        self.adapter: TypeAdapter[Any] = TypeAdapter(_annotated(field))
        self.seen: dict[str, Any] = {}

    def value(self, text: str) -> Any:
        """The value of ``text``. Raises pydantic's `ValidationError`."""
        found = self.seen.get(text, self)
        if found is self:
            found = self.adapter.validate_python(text.strip())
            if len(self.seen) < _MAX_CACHED:
                self.seen[text] = found
        return found

    def refusal(self, text: str) -> tuple[str, Text, Text]:
        """Code, message and cure for a ``text`` that `value` refused: the words of `ivr_flows.schema`, the same as in
        the YAML file."""
        place = Place(self.name)
        entries: dict[str, Value] = {
            "number": Scalar("4008001234", place),
            self.name: Scalar(text.strip(), place, quoted=True),
        }
        keys = {key: Scalar(key, place) for key in entries}
        finding = read_model(self.model, Document(self.name, Mapping(entries, keys, place)))[1][0]
        return finding.code, finding.message, finding.cure


def _annotated(field: Any) -> Any:
    return Annotated[(field.annotation, *field.metadata)] if field.metadata else field.annotation
