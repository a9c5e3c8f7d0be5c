"""Where the rows of a table land: ``numbers.csv`` and ``routes.csv`` of a configuration folder, all or nothing.

A number is added, or the columns that the table has replace what its row said; an empty cell empties. Nothing is
deleted. What stands in ``numbers.yaml`` or ``routes.yaml`` is compared and never changed: a difference is a fault of
the row.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from ivr_flows.findings import Finding, Text
from router.configuration import load_files
from router.configuration.consistency import grouped
from router.configuration.files_on_disk import write_together
from router.configuration.folder import NUMBERS, NUMBERS_CSV, ROUTES, ROUTES_CSV
from router.model import NumberFacts

from .columns import BINDING, FACTS, NUMBER, spell
from .reading import BadRow, Entry, Table
from .target import Target, TargetError

_Change = Literal["added", "changed", "unchanged"]


@dataclass(slots=True)
class Counts:
    """How many rows were added, changed, or said what was there."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0

    def count(self, change: _Change) -> None:
        """One more."""
        setattr(self, change, getattr(self, change) + 1)

    def as_json(self) -> dict[str, int]:
        """The three counts by name."""
        return {"added": self.added, "changed": self.changed, "unchanged": self.unchanged}


@dataclass(slots=True)
class Landing:
    """What the import does to a folder; ``files`` are the changed files, not yet written, by name."""

    target: Target
    numbers: Counts = field(default_factory=Counts)
    routes: Counts = field(default_factory=Counts)
    files: dict[str, bytes] = field(default_factory=dict)

    def write(self) -> None:
        """Replace the files together. Raises `WriteError` where one cannot be written or was changed by somebody else
        meanwhile: then none is changed."""
        # numbers first: numbers without a route are a valid configuration, routes without a number are not
        folder = self.target.folder
        folder.mkdir(parents=True, exist_ok=True)
        write_together(
            [
                (folder / name, self.target.before.get(name), self.files[name])
                for name in (NUMBERS_CSV, ROUTES_CSV)
                if name in self.files
            ]
        )


def land(table: Table, target: Target) -> Landing:
    """Put the good rows of ``table`` where they belong. Rows that contradict the YAML files, or are routes of numbers
    that nobody has, move to ``table.bad``; the caller decides whether the others land without them."""
    landing = Landing(target)
    facts, binding = table.facts(), table.binding()
    numbers = _Rows(target.numbers, facts, FACTS)
    routes = _Rows(target.routes, binding, BINDING)
    fact_at = [table.columns.index(key) for key in facts]
    binding_at = [table.columns.index(key) for key in binding]
    good: list[Entry] = []
    for entry in table.entries:
        own = tuple(entry.values[index] for index in fact_at)
        route = tuple(entry.values[index] for index in binding_at)
        faults = [*_contradicts_number(table, target, entry, own), *_contradicts_route(table, target, entry, route)]
        if not facts and target.configured and entry.number not in numbers.rows:
            faults.extend(_unknown_number(table, target, entry))
        if faults:
            table.bad.append(BadRow(entry.row, table.written(entry), tuple(faults)))
            continue
        good.append(entry)
        listed = entry.number in target.yaml_numbers
        landing.numbers.count("unchanged" if listed else numbers.put(entry.number, own))
        if binding:
            in_yaml = entry.number in target.yaml_routes
            landing.routes.count("unchanged" if in_yaml else routes.put(entry.number, route, drop_empty=True))
    table.entries = good
    table.bad.sort(key=lambda bad: bad.row)
    for name, rows, counts in ((NUMBERS_CSV, numbers, landing.numbers), (ROUTES_CSV, routes, landing.routes)):
        if counts.added or counts.changed:
            landing.files[name] = rows.text().encode()
    return landing


def check(landing: Landing) -> None:
    """Refuse files with which the configuration would not load. A file that is missing altogether does not stand in
    the way: a folder may be filled table by table. Raises `TargetError`."""
    target = landing.target
    if not target.configured or not landing.files:
        return
    loaded = load_files({**target.files, **landing.files}, target.folder)
    faults = [finding for finding in loaded.findings if finding.severity == "error" and finding.code != "missing-file"]
    if faults:
        raise TargetError(faults)


class _Rows:
    """The rows of one of our own tables by number, in the file's order, and what is put into them."""

    def __init__(self, table: Table, given: tuple[str, ...], order: tuple[str, ...]) -> None:
        named = [*table.columns, *given]
        self.columns = tuple(key for key in order if key in named)
        self.rows: dict[str, tuple[str, ...]] = {}
        self._interned: dict[tuple[str, ...], tuple[str, ...]] = {}
        places = [table.columns.index(key) if key in table.columns else -1 for key in self.columns]
        for entry in table.entries:
            self.rows[entry.number] = self._one(tuple(entry.values[at] if at >= 0 else "" for at in places))
        self._given = [self.columns.index(key) for key in given]

    def put(self, number: str, values: tuple[str, ...], *, drop_empty: bool = False) -> _Change:
        """Set the given columns of ``number``. With ``drop_empty`` a row of which nothing is left goes."""
        old = self.rows.get(number)
        row = list(old) if old is not None else [""] * len(self.columns)
        for at, value in zip(self._given, values, strict=True):
            row[at] = value
        new = self._one(tuple(row))
        if drop_empty and not any(new):
            return "unchanged" if self.rows.pop(number, None) is None else "changed"
        self.rows[number] = new
        return "added" if old is None else "unchanged" if old == new else "changed"

    def text(self) -> str:
        """The file: a row of names, a row per number."""
        stream = io.StringIO()
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow((NUMBER, *self.columns))
        writer.writerows((grouped(number), *row) for number, row in self.rows.items())
        return stream.getvalue()

    def _one(self, row: tuple[str, ...]) -> tuple[str, ...]:
        return self._interned.setdefault(row, row)


def _contradicts_number(table: Table, target: Target, entry: Entry, own: tuple[str, ...]) -> Iterable[Finding]:
    there = target.yaml_numbers.get(entry.number)
    if there is None:
        return
    for key, value in zip(table.facts(), own, strict=True):
        if key == "usage" or value == _fact(there, key):
            continue
        if key == "company" and not value and there.company == target.company:
            continue
        if not value and key in _DEFAULTS and _fact(there, key) == _DEFAULTS[key]:
            continue
        shown, standing, written = grouped(entry.number), _fact(there, key), value or "(empty)"
        yield Finding(
            "error",
            "differs-from-yaml",
            table.place(entry.row, key),
            Text(
                f"{shown} stands in {NUMBERS} with `{key}: {standing}`, here `{written}`.",
                f"{shown} 已写在 {NUMBERS} 中，其 `{key}: {standing}` 与此处的 `{written}` 不同。",
            ),
            Text(
                f"Correct it there ({there.place}), or delete it there and let the table have it.",
                f"请在该处（{there.place}）更正，或从那里删除、只留在表格中。",
            ),
        )


_DEFAULTS = {"tier": spell(NumberFacts("").tier), "auto_renew": spell(NumberFacts("").auto_renew)}


def _fact(facts: NumberFacts, key: str) -> str:
    return spell(getattr(facts, key))


def _contradicts_route(table: Table, target: Target, entry: Entry, route: tuple[str, ...]) -> Iterable[Finding]:
    there = target.yaml_routes.get(entry.number)
    if there is None:
        return
    for key, value in zip(table.binding(), route, strict=True):
        standing = spell(getattr(there, key))
        if value == standing:
            continue
        shown = grouped(entry.number)
        written = value or "(empty)"
        yield Finding(
            "error",
            "differs-from-yaml",
            table.place(entry.row, key),
            Text(
                f"The route of {shown} stands in {ROUTES} with `{key}: {standing}`, here `{written}`.",
                f"{shown} 的路由已写在 {ROUTES} 中，其 `{key}: {standing}` 与此处的 `{written}` 不同。",
            ),
            Text(
                f"Change it there: line400 bind {shown} --flow FLOW --line LINE",
                f"请在该处更改：line400 bind {shown} --flow 流程 --line 线路",
            ),
        )


def _unknown_number(table: Table, target: Target, entry: Entry) -> Iterable[Finding]:
    if entry.number in target.yaml_numbers:
        return
    yield Finding(
        "error",
        "unknown-number",
        table.place(entry.row, NUMBER),
        Text(
            f"There is no number {grouped(entry.number)} in this configuration: it may be another one's.",
            f"本配置中没有号码 {grouped(entry.number)}，可能属于另一套配置。",
        ),
        Text(
            "Import it as a number first: a table with a column such as `company` or `purchased`.",
            "请先导入号码本身：表格中加上 `使用公司` 或 `购买日` 等列。",
        ),
    )
