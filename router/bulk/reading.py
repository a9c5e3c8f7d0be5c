"""A table of numbers and routes, row by row: every good row as canonical values, every bad one with all its faults.

A column's text is validated once per distinct text, the rest of a row once per distinct rest, as in
`router.configuration.number_table`: the rows of a large table differ in the number alone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from pydantic import ValidationError

from ivr_flows.findings import Finding, Place, Text
from ivr_flows.schema import Refusal, nearest, unknown_name
from router.configuration.number_values import read_number
from router.configuration.references import FLOW, INSTANCE, LINE

from .columns import (
    BINDING,
    CHINESE,
    FACTS,
    KEYS,
    NUMBER,
    OPTIONS,
    PROBLEM,
    as_configured,
    column_of,
    readers,
    spell,
)
from .csv_source import HEADER_ROWS, control_character
from .options import read_options
from .source import Cell, Progress, Row, Source, TableError

_MAX_CACHED = 200_000
_MAX_RESTS = 20_000
_NAMED = {"instance": INSTANCE, "line": LINE, "flow": FLOW}


@dataclass(frozen=True, slots=True)
class Known:
    """What the configuration defines: names by column (``line``, ``flow``, ``instance``; None: any name is good)."""

    names: Mapping[str, Collection[str] | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Entry:
    """A good row: its number (ten digits), the texts of `Table.columns`, where it stands."""

    number: str
    values: tuple[str, ...]
    row: int


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row with faults, and its cells as they were written."""

    row: int
    cells: tuple[str, ...]
    findings: tuple[Finding, ...]


@dataclass(slots=True)
class Table:
    """A table read. ``columns`` are the keys of the values of each entry; ``header`` the row that names the columns,
    as written; ``rows`` counts all rows that hold anything."""

    name: str
    columns: tuple[str, ...]
    header: tuple[str, ...]
    entries: list[Entry] = field(default_factory=list)
    bad: list[BadRow] = field(default_factory=list)
    rows: int = 0
    positions: Mapping[str, int] = field(default_factory=dict)

    def place(self, row: int, column: str) -> Place:
        """Where the cell of ``column`` stands: the row as line, the column counted from 1."""
        return Place(self.name, row, self.positions.get(column, 0) + 1)

    def written(self, entry: Entry) -> tuple[str, ...]:
        """The values of ``entry`` as a row under `header`."""
        cells = [""] * len(self.header)
        cells[self.positions[NUMBER]] = entry.number
        for key, value in zip(self.columns, entry.values, strict=True):
            cells[self.positions[key]] = value
        return tuple(cells)

    def facts(self) -> tuple[str, ...]:
        """The columns that belong to a number itself."""
        return tuple(key for key in self.columns if key in FACTS)

    def binding(self) -> tuple[str, ...]:
        """The columns that belong to its route."""
        return tuple(key for key in self.columns if key in BINDING)


def read_table(source: Source, known: Known, ignore: Collection[str], progress: Progress) -> Table:
    """Every row of ``source``. ``ignore`` are columns, as written, that mean nothing here. A number that stands twice
    is good where it stands first. Raises `TableError`."""
    rows = source.rows(progress)
    reader = _Reader(_header(source.name, rows, ignore), known)
    for row in rows:
        if not row.is_empty:
            reader.read(row)
    return reader.table


def _header(name: str, rows: Iterator[Row], ignore: Collection[str]) -> Table:
    above: list[Row] = []
    for row in rows:
        texts = tuple(cell if isinstance(cell, str) else "" for cell in row.cells)
        if any(column_of(text) == NUMBER for text in texts):
            return _columns(name, row.number, texts, ignore)
        above.append(row)
        if len(above) == HEADER_ROWS:
            break
    place = Place(name, next((row.number for row in above if not row.is_empty), 1), 1)
    raise TableError(
        "missing-key",
        Text("No row names a column `number`.", "没有哪一行含列名 `number`（400号码）。"),
        Text(
            f"Begin the table with the columns' names: {', '.join(KEYS)}",
            f"首行请写列名：{'、'.join(CHINESE[key] for key in KEYS)}，或 {', '.join(KEYS)}",
        ),
        place,
    )


def _columns(name: str, row: int, texts: tuple[str, ...], ignore: Collection[str]) -> Table:
    positions: dict[str, int] = {}
    ignored = {text.strip() for text in ignore}
    for index, text in enumerate(texts):
        written = text.strip()
        if not written or written in ignored:
            continue
        key = column_of(written)
        place = Place(name, row, index + 1)
        if key is None:
            close = nearest(written, (*KEYS, *CHINESE.values()))
            listed = "、".join(CHINESE[key] for key in KEYS)
            hint = f"Did you mean `{close}`? " if close else ""
            hint_zh = f"是否想写 `{close}`？" if close else ""
            raise TableError(
                "unknown-key",
                Text(f"The column `{written[:40]}` is not known.", f"没有列 `{written[:40]}`。"),
                Text(
                    f"{hint}Leave it out: --ignore '{written[:40]}'; known columns: {', '.join(KEYS)}.",
                    f"{hint_zh}不需要此列请用 --ignore '{written[:40]}'；可用的列：{listed}。",
                ),
                place,
            )
        if key == PROBLEM:
            continue
        if key in positions:
            raise TableError(
                "duplicate-key",
                Text(
                    f"The column `{key}` stands twice: `{texts[positions[key]].strip()}` and `{written}`.",
                    f"列 `{key}` 出现两次：`{texts[positions[key]].strip()}` 与 `{written}`。",
                ),
                Text(
                    f"Keep one, or leave one out: --ignore '{written}'.",
                    f"只保留一列，或用 --ignore '{written}' 忽略。",
                ),
                place,
            )
        positions[key] = index
    columns = tuple(key for key in KEYS if key in positions and key != NUMBER)
    return Table(name, columns, texts, positions=positions)


class _Reader:
    """Adds rows to a table."""

    def __init__(self, table: Table, known: Known) -> None:
        self.table = table
        self.known = known
        self.readers = readers()
        self.number_at = table.positions[NUMBER]
        self.other_places = [table.positions[key] for key in table.columns]
        self.rests: dict[tuple[Cell, ...], tuple[str, ...] | _Faults] = {}
        self.seen: list[dict[str, str]] = [{} for _ in table.columns]
        dates = [table.columns.index(key) for key in ("purchased", "expires") if key in table.columns]
        self.dated = dates if len(dates) == 2 else []
        self.first: dict[str, int] = {}
        self.width = len(table.header)

    def read(self, row: Row) -> None:
        table, cells = self.table, row.cells
        table.rows += 1
        faults: list[Finding] = []
        if len(cells) > self.width:
            if any(cell if isinstance(cell, Refusal) else cell.strip() for cell in cells[self.width :]):
                faults.append(self._too_wide(row))
        elif len(cells) < self.width:
            cells = (*cells, *("",) * (self.width - len(cells)))
        number = self._number(cells[self.number_at], row.number, faults)
        rest = tuple([cells[index] for index in self.other_places])
        found = self.rests.get(rest)
        if found is None:
            found = self._rest(rest)
            if len(self.rests) < _MAX_RESTS and all(isinstance(cell, str) for cell in rest):
                self.rests[rest] = found
        if isinstance(found, _Faults):
            faults.extend(found.at(table, row.number))
        if faults or number is None or isinstance(found, _Faults):
            texts = tuple(cell if isinstance(cell, str) else "" for cell in row.cells)
            table.bad.append(BadRow(row.number, texts, tuple(faults)))
        else:
            self.first[number] = row.number
            table.entries.append(Entry(number, found, row.number))

    def _number(self, cell: Cell, row: int, faults: list[Finding]) -> str | None:
        try:
            number = read_number(_text_of(cell)) if isinstance(cell, Refusal) else _plain_number(cell)
        except Refusal as error:
            faults.append(Finding("error", error.code, self.table.place(row, NUMBER), error.message, error.cure))
            return None
        first = self.first.get(number)
        if first is not None:
            faults.append(
                Finding(
                    "error",
                    "duplicate-number",
                    self.table.place(row, NUMBER),
                    Text(
                        f"The number {number} stands here a second time; first in row {first}.",
                        f"号码 {number} 重复；首次在第 {first} 行。",
                    ),
                    Text("Keep one of the two, whatever the spelling.", "无论写法，只保留其中一个。"),
                )
            )
            return None
        return number

    def _rest(self, cells: Sequence[Cell]) -> tuple[str, ...] | _Faults:
        faults = _Faults()
        values: list[str] = []
        for key, seen, cell in zip(self.table.columns, self.seen, cells, strict=True):
            value = seen.get(cell) if isinstance(cell, str) else None
            if value is None:
                try:
                    value = spell(self._value(key, cell))
                except Refusal as error:
                    faults.add(key, error)
                    continue
                if isinstance(cell, str) and len(seen) < _MAX_CACHED:
                    seen[cell] = value
            values.append(value)
        if self.dated and not faults.refusals:
            begins, ends = (values[at] for at in self.dated)
            if begins and ends and ends < begins:  # both as 2026-10-01
                faults.add("expires", _ends_before_it_begins(begins, ends))
        return faults if faults.refusals else tuple(values)

    def _value(self, key: str, cell: Cell) -> object:
        text = as_configured(key, unquoted(_text_of(cell)))
        if not text.strip():
            return None
        character = control_character(text)
        if character is not None:
            raise Refusal(
                Text(
                    f"A control character stands in the cell (U+{ord(character):04X}).",
                    f"单元格中有控制字符（U+{ord(character):04X}）。",
                ),
                Text("Delete it; cells must be plain text.", "请删除；单元格必须是纯文本。"),
                "control-character",
            )
        if key == OPTIONS:
            return read_options(text)
        try:
            value: object = self.readers[key].value(text)
        except ValidationError:
            code, message, cure = self.readers[key].refusal(text)
            raise Refusal(message, cure, code) from None
        known = self.known.names.get(key)
        if known is not None and value not in known:
            finding = unknown_name(Place(self.table.name), _NAMED[key], str(value), known)
            raise Refusal(finding.message, finding.cure, finding.code)
        return value

    def _too_wide(self, row: Row) -> Finding:
        width = max(index for index, cell in enumerate(row.cells, 1) if isinstance(cell, Refusal) or cell.strip())
        return Finding(
            "error",
            "csv-width",
            Place(self.table.name, row.number, self.width + 1),
            Text(
                f"The row has {width} cells, the row of names {self.width}.",
                f"此行有 {width} 个单元格，列名行有 {self.width} 个。",
            ),
            Text(
                "Name every column, or empty the cells; a text with the delimiter stands in quotes.",
                "请为每列写列名，或清空多出的单元格；含分隔符的文本要加引号。",
            ),
        )


def _ends_before_it_begins(begins: str, ends: str) -> Refusal:
    return Refusal(
        Text(
            f"The number expires ({ends}) before it was purchased ({begins}).",
            f"号码到期日（{ends}）早于购买日（{begins}）。",
        ),
        Text("Correct one of the two dates.", "请更正其中一个日期。"),
        "expires-before-purchase",
    )


class _Faults:
    """What is wrong with the cells of a row, wherever the row stands."""

    def __init__(self) -> None:
        self.refusals: list[tuple[str, Refusal]] = []

    def add(self, key: str, refusal: Refusal) -> None:
        self.refusals.append((key, refusal))

    def at(self, table: Table, row: int) -> Iterator[Finding]:
        """The faults as findings of the row ``row``."""
        for key, error in self.refusals:
            named = Text(f"`{key}`: {error.message.en}", f"`{key}`：{error.message.zh}")
            yield Finding("error", error.code, table.place(row, key), named, error.cure)


def unquoted(text: str) -> str:
    """``text`` without the one apostrophe by which spreadsheets mark a text, and which an export puts before what a
    spreadsheet would take for a formula."""
    return text[1:] if text.startswith("'") else text


def _text_of(cell: Cell) -> str:
    if isinstance(cell, Refusal):
        raise cell
    return cell


def _plain_number(written: str) -> str:
    text = unquoted(written.strip())
    digits = text.replace("-", "") if len(text) == 12 else text
    if len(digits) == 10 and digits.startswith("400") and digits.isascii() and digits.isdigit():
        return digits  # the two usual spellings need no parser
    whole, point, fraction = text.partition(".")
    if point and whole.isascii() and whole.isdigit() and fraction and not fraction.strip("0"):
        text = whole  # a spreadsheet stored the number as a number
    return read_number(text)
